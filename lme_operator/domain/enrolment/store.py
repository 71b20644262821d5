"""Queries of the room over enrolments of any kind and how cases ended (private to the room)."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from lme_operator.core.run import Run
from lme_operator.core.sealing import Sealer
from lme_operator.domain.enrolment.records import case_ends, dossiers, enrolments
from lme_operator.domain.professionals import PracticeContext


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownEnrolment:
    """An enrolment, in force or not: `until` is its end, None while it has none; `dossier` whether it has one."""

    id: UUID
    run: Run
    context: PracticeContext
    kind: str
    responsible: str
    protocol: str
    entry_id: UUID
    at: datetime
    until: datetime | None
    dossier: bool


@dataclass(frozen=True, slots=True)
class CaseEnd:
    """How a case ended: `habilitado` or `desistido`, by whom, and why if somebody gave it up."""

    kind: str
    by: str
    reason: str | None
    at: datetime


_ENROLMENTS = sa.select(
    enrolments, sa.exists().where(dossiers.c.enrolment_id == enrolments.c.id).label("dossier")
).order_by(enrolments.c.id.desc())


def find_enrolment(connection: Connection, enrolment_id: UUID) -> KnownEnrolment | None:
    """Return an enrolment by id."""
    return next(iter(_read(connection, _ENROLMENTS.where(enrolments.c.id == enrolment_id))), None)


def enrolments_of(connection: Connection, run: Run) -> tuple[KnownEnrolment, ...]:
    """Return every enrolment of a person, the newest first."""
    return _read(connection, _ENROLMENTS.where(enrolments.c.run == str(run)))


def latest_enrolments(connection: Connection, *, after: UUID | None, at_most: int) -> tuple[KnownEnrolment, ...]:
    """Return the newest enrolments, `at_most` of them, those older than `after`."""
    query = _ENROLMENTS.limit(at_most)
    return _read(connection, query if after is None else query.where(enrolments.c.id < after))


def find_end(connection: Connection, sealer: Sealer, case_id: UUID) -> CaseEnd | None:
    """Return how a case ended; None while it is open."""
    row = connection.execute(sa.select(case_ends).where(case_ends.c.case_id == case_id)).one_or_none()
    if row is None:
        return None
    sealed, where = row.reason, f"enrolment.case_end.reason:{case_id}"
    return CaseEnd(
        kind=row.kind,
        by=row.ended_by,
        reason=None if sealed is None else sealer.open(sealed, where=where).decode(),
        at=row.at,
    )


def _read(connection: Connection, query: "sa.Select[tuple[object, ...]]") -> tuple[KnownEnrolment, ...]:
    return tuple(
        KnownEnrolment(
            id=row.id,
            run=Run.parse(row.run),
            context=PracticeContext.parse(row.context),
            kind=row.kind,
            responsible=row.responsible,
            protocol=row.protocol,
            entry_id=row.entry_id,
            at=row.at,
            until=row.until,
            dossier=row.dossier,
        )
        for row in connection.execute(query).all()
    )
