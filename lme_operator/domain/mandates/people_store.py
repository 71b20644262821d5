"""Queries about people's mandates (private, but for those that the door publishes). Personal data are sealed."""

from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.engine import Connection

from lme_operator.core.database import Work
from lme_operator.core.decision import Finding
from lme_operator.core.run import Run
from lme_operator.core.sealing import Sealer
from lme_operator.domain.credentials import blocks, state
from lme_operator.domain.mandates.authorities import authority_of
from lme_operator.domain.mandates.people import (
    CAUSE_OF,
    EndCause,
    Mandate,
    MandateEnd,
    MandateRecord,
    Role,
)
from lme_operator.domain.mandates.records import mandate_ends, mandates

_LATEST = mandates.c.sequence.desc()
_ENDED = sa.exists().where(mandate_ends.c.mandate_id == mandates.c.id)


def mandate_in_force(connection: Connection, sealer: Sealer, run: Run, role: Role, at: datetime) -> Mandate | None:
    """Return the person's mandate of `role` in force at `at`, the latest given; None without one (N-1b, N-1l).

    `at` is compared with the period alone. What was ended is over, whatever the clocks of two machines say. To decide
    an act, ask under the person's lock.
    """
    row = connection.execute(
        sa.select(mandates).where(_in_force(run, at), mandates.c.role == role.value).order_by(_LATEST).limit(1)
    ).one_or_none()
    return None if row is None else _mandate(sealer, row)


def mandate_causes(connection: Connection, run: Run, role: Role, at: datetime) -> tuple[Finding, ...]:
    """Return what stands against acting in `role` at `at`: no mandate in force, or the person's own block.

    Codes `funcionario_no_acreditado` (N-1b) or `fundador_no_designado` (N-1l), and `bloqueo_propio` (N-2.7a). To
    decide an act, ask under the person's lock. (mandatos@v1#vigencia)
    """
    found = () if role in roles_in_force(connection, run, at) else (CAUSE_OF[role],)
    return (*found, state.OWN_BLOCK) if blocks.is_blocked(connection, run) else found


def roles_in_force(connection: Connection, run: Run, at: datetime) -> frozenset[Role]:
    """Return the roles that the person's mandates give at `at`."""
    rows = connection.execute(sa.select(mandates.c.role).where(_in_force(run, at)))
    return frozenset(Role(role) for role in rows.scalars())


def roles_given(connection: Connection, run: Run, at: datetime) -> frozenset[Role]:
    """Return the roles of the person's mandates that are not over at `at`, also of those that have not begun."""
    rows = connection.execute(sa.select(mandates.c.role).where(mandates.c.run == str(run), _not_over(at)))
    return frozenset(Role(role) for role in rows.scalars())


def people_in(connection: Connection, sealer: Sealer, at: datetime, *roles: Role) -> tuple[Mandate, ...]:
    """Return the mandates of these roles in force at `at`, whoever's."""
    rows = connection.execute(
        sa.select(mandates)
        .where(mandates.c.role.in_([role.value for role in roles]), _given(at))
        .order_by(mandates.c.sequence)
    )
    return tuple(_mandate(sealer, row) for row in rows)


def latest_mandate(connection: Connection, sealer: Sealer, run: Run) -> Mandate | None:
    """Return the last mandate that the person was given, in force or not: his name and contacts as last told."""
    row = connection.execute(
        sa.select(mandates).where(mandates.c.run == str(run)).order_by(_LATEST).limit(1)
    ).one_or_none()
    return None if row is None else _mandate(sealer, row)


def founders_named(connection: Connection) -> frozenset[Run]:
    """Return the RUN of every founder with a mandate."""
    rows = connection.execute(sa.select(mandates.c.run).where(mandates.c.role == Role.FOUNDER.value))
    return frozenset(Run.parse(run) for run in rows.scalars())


def every_mandate(connection: Connection, sealer: Sealer, *roles: Role) -> tuple[MandateRecord, ...]:
    """Return every mandate of these roles ever given and its ending, the latest first."""
    rows = connection.execute(
        sa.select(mandates, *(column.label(f"end_{column.name}") for column in mandate_ends.c))
        .outerjoin(mandate_ends, mandate_ends.c.mandate_id == mandates.c.id)
        .where(mandates.c.role.in_([role.value for role in roles]))
        .order_by(_LATEST)
    )
    return tuple(MandateRecord(_mandate(sealer, row), _end(sealer, row)) for row in rows)


def is_contact_of_office(connection: Connection, sealer: Sealer, address: str, *, but: Run) -> bool:
    """Whether a mail address or telephone was ever that of one of the operator's people, other than `but` (N-2.1d)."""
    records = every_mandate(connection, sealer, *Role)
    contacts = (
        contact
        for record in records
        if record.mandate.run != but
        for contact in (record.mandate.email, record.mandate.telephone)
    )
    return address.casefold() in {contact.casefold() for contact in contacts if contact}


def find_mandate(connection: Connection, sealer: Sealer, mandate_id: UUID) -> Mandate:
    """Return a mandate by id."""
    return _mandate(sealer, connection.execute(sa.select(mandates).where(mandates.c.id == mandate_id)).one())


def record_mandate(work: Work, sealer: Sealer, mandate: Mandate, *, proposal_id: UUID | None) -> bool:
    """Insert a mandate; False where its proposal, or its founding, has made one already."""
    inserted = work.execute(
        insert(mandates)
        .values(
            id=mandate.id,
            run=str(mandate.run),
            role=mandate.role.value,
            name=seal_text(sealer, "mandate.name", mandate.id, mandate.name),
            email=seal_text(sealer, "mandate.email", mandate.id, mandate.email),
            telephone=None
            if mandate.telephone is None
            else seal_text(sealer, "mandate.telephone", mandate.id, mandate.telephone),
            since=mandate.since,
            until=mandate.until,
            proposal_id=proposal_id,
            proposed_by=mandate.proposed_by,
            approved_by=mandate.approved_by,
            entry_id=mandate.entry_id,
            at=mandate.at,
            authority=None if mandate.authority is None else mandate.authority.code,
        )
        .on_conflict_do_nothing()
        .returning(mandates.c.id)
    ).one_or_none()
    return inserted is not None


def record_ends(
    work: Work, sealer: Sealer, run: Run, *, cause: EndCause, detail: str | None, ended_by: str, entry_id: UUID
) -> tuple[UUID, ...]:
    """End every accreditation of a person that is not ended, begun or not; return their ids, under his lock."""
    open_ones = work.execute(
        sa.select(mandates.c.id)
        .where(mandates.c.run == str(run), mandates.c.role != Role.FOUNDER.value, ~_ENDED)
        .order_by(mandates.c.id)
    ).scalars()
    ended = tuple(open_ones)
    for mandate_id in ended:
        sealed = None if detail is None else seal_text(sealer, "mandate_end.detail", mandate_id, detail)
        work.execute(
            mandate_ends.insert().values(
                mandate_id=mandate_id,
                cause=cause.value,
                detail=sealed,
                ended_by=ended_by,
                entry_id=entry_id,
                at=work.at,
            )
        )
    return ended


def find_ended_at(connection: Connection, entry_id: UUID) -> datetime:
    """Return when the ending of a log entry took place."""
    at: datetime = connection.execute(
        sa.select(mandate_ends.c.at).where(mandate_ends.c.entry_id == entry_id).limit(1)
    ).scalar_one()
    return at


def _in_force(run: Run, at: datetime) -> sa.ColumnElement[bool]:
    return sa.and_(mandates.c.run == str(run), _given(at))


def _given(at: datetime) -> sa.ColumnElement[bool]:
    return sa.and_(mandates.c.since <= at, _not_over(at))


def _not_over(at: datetime) -> sa.ColumnElement[bool]:
    return sa.and_(sa.or_(mandates.c.until.is_(None), mandates.c.until > at), ~_ENDED)


def _mandate(sealer: Sealer, row: "sa.Row[Any]") -> Mandate:
    return Mandate(
        id=row.id,
        run=Run.parse(row.run),
        role=Role(row.role),
        name=open_text(sealer, "mandate.name", row.id, row.name),
        email=open_text(sealer, "mandate.email", row.id, row.email),
        telephone=None if row.telephone is None else open_text(sealer, "mandate.telephone", row.id, row.telephone),
        since=row.since,
        until=row.until,
        proposed_by=row.proposed_by,
        approved_by=row.approved_by,
        entry_id=row.entry_id,
        at=row.at,
        authority=authority_of(row.authority),
    )


def _end(sealer: Sealer, row: "sa.Row[Any]") -> MandateEnd | None:
    if row.end_mandate_id is None:
        return None
    detail = row.end_detail
    return MandateEnd(
        cause=EndCause(row.end_cause),
        detail=None if detail is None else open_text(sealer, "mandate_end.detail", row.id, detail),
        ended_by=row.end_ended_by,
        entry_id=row.end_entry_id,
        at=row.end_at,
    )


def seal_text(sealer: Sealer, column: str, row_id: UUID, text: str) -> bytes:
    """Seal a text for its column and row."""
    return sealer.seal(text.encode(), where=f"mandates.{column}:{row_id}")


def open_text(sealer: Sealer, column: str, row_id: UUID, sealed: bytes) -> str:
    """Open what `seal_text` made."""
    return sealer.open(sealed, where=f"mandates.{column}:{row_id}").decode()
