"""Queries of the room (private)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from lme_operator.core.canonical import Json, decode, encode
from lme_operator.core.database import Work
from lme_operator.core.questions import Question
from lme_operator.core.run import Run
from lme_operator.core.sealing import Sealer
from lme_operator.domain.suspensions.orders import CORRECTION, Authority, LiftingOrder, SuspensionOrder
from lme_operator.domain.suspensions.records import declared_orders, liftings, searches, suspensions
from lme_operator.domain.suspensions.rules import Suspension

_successors = suspensions.alias("successor")
_SELECT = sa.select(
    *(column for column in suspensions.c if column.name not in ("details", "content_hash")),
    sa.select(sa.func.min(liftings.c.effective_from))
    .where(liftings.c.suspension_id == suspensions.c.id)
    .scalar_subquery()
    .label("lifted_from"),
    _successors.c.id.label("replaced_by"),
    sa.case((_successors.c.replacement == CORRECTION, sa.func.greatest(_successors.c.at, suspensions.c.at))).label(
        "corrected_at"
    ),
).select_from(suspensions.outerjoin(_successors, _successors.c.replaces == suspensions.c.id))
_OF_PERSON = Question(_SELECT.where(suspensions.c.run == sa.bindparam("run", type_=sa.Text)).order_by(suspensions.c.id))


@dataclass(frozen=True, slots=True)
class Lifting:
    """A recorded lifting."""

    id: UUID
    suspension_id: UUID
    received_at: datetime
    recorded_at: datetime
    effective_from: datetime
    resolution_number: str
    content_hash: bytes
    declared_id: UUID | None
    entry_id: UUID


@dataclass(frozen=True, slots=True)
class Materialised:
    """What the system did with an order, measured under the lock; `effective_from` None when it can block no more."""

    effective_from: datetime | None
    registered: bool
    sessions_closed: int


def of_person(connection: Connection, run: Run) -> tuple[Suspension, ...]:
    """Every suspension ever ordered about a person, in one query."""
    rows = _OF_PERSON.all(connection, {"run": str(run)})
    return tuple(_suspension(row) for row in rows)


def find(connection: Connection, suspension_id: UUID) -> Suspension | None:
    """Return a suspension by id."""
    row = connection.execute(_SELECT.where(suspensions.c.id == suspension_id)).one_or_none()
    return None if row is None else _suspension(row)


def of_authority(
    connection: Connection, authority: Authority, *, after: UUID | None, at_most: int
) -> tuple[Suspension, ...]:
    """Return a page of an authority's own suspensions, oldest first, those after the id `after`."""
    query = _SELECT.where(
        suspensions.c.organisation == authority.organisation, suspensions.c.compin == authority.compin
    )
    if after is not None:
        query = query.where(suspensions.c.id > after)
    return tuple(_suspension(row) for row in connection.execute(query.order_by(suspensions.c.id).limit(at_most)))


def with_resolution(connection: Connection, authority: Authority, order: SuspensionOrder) -> Mapping[bytes, UUID]:
    """Return what this authority ordered about this person by this resolution: content hash → id."""
    rows = connection.execute(
        sa.select(suspensions.c.content_hash, suspensions.c.id).where(
            suspensions.c.organisation == authority.organisation,
            suspensions.c.compin == authority.compin,
            suspensions.c.resolution_number == order.terms.resolution_number,
            suspensions.c.resolution_date == order.terms.resolution_date,
            suspensions.c.run == str(order.run),
        )
    )
    return {row.content_hash: row.id for row in rows}


def content_hash_of(connection: Connection, suspension_id: UUID) -> bytes:
    """Return the keyed hash of an order's content."""
    found: bytes = connection.execute(
        sa.select(suspensions.c.content_hash).where(suspensions.c.id == suspension_id)
    ).scalar_one()
    return found


def record(
    work: Work,
    sealer: Sealer,
    order: SuspensionOrder,
    *,
    suspension_id: UUID,
    authority: Authority,
    details: Json,
    content_hash: bytes,
    replaces: UUID | None,
    replacement: str | None,
    received_at: datetime,
    materialised: Materialised,
    message_id: UUID | None,
    declared_id: UUID | None,
    entry_id: UUID,
) -> None:
    """Insert a suspension; its grounds, document and origin sealed."""
    terms = order.terms
    work.execute(
        suspensions.insert().values(
            id=suspension_id,
            run=str(order.run),
            organisation=authority.organisation,
            compin=authority.compin,
            authority_name=authority.name,
            resolution_number=terms.resolution_number,
            resolution_date=terms.resolution_date,
            first_day=terms.first_day,
            last_day=terms.last_day,
            ends_at=terms.period.end,
            provisional=terms.provisional,
            details=sealer.seal(encode(details), where=_place("suspension", suspension_id)),
            content_hash=content_hash,
            replaces=replaces,
            replacement=replacement,
            received_at=received_at,
            effective_from=materialised.effective_from,
            registered=materialised.registered,
            sessions_closed=materialised.sessions_closed,
            message_id=message_id,
            declared_id=declared_id,
            entry_id=entry_id,
            at=work.at,
        )
    )


def keep_declared(
    work: Work, sealer: Sealer, declared_id: UUID, *, mandate_id: UUID, digest: bytes, content: bytes, at: datetime
) -> None:
    """Insert an order as a person confirmed it, sealed."""
    work.execute(
        declared_orders.insert().values(
            id=declared_id,
            mandate_id=mandate_id,
            digest=digest,
            content=sealer.seal(content, where=_declared_place(declared_id)),
            received_at=at,
        )
    )


def open_declared(connection: Connection, sealer: Sealer, declared_id: UUID) -> bytes:
    """Return what `keep_declared` sealed."""
    sealed = connection.execute(
        sa.select(declared_orders.c.content).where(declared_orders.c.id == declared_id)
    ).scalar_one()
    return sealer.open(sealed, where=_declared_place(declared_id))


def open_details(connection: Connection, sealer: Sealer, suspension_id: UUID) -> Json:
    """Return what `record` sealed."""
    sealed = connection.execute(sa.select(suspensions.c.details).where(suspensions.c.id == suspension_id)).scalar_one()
    return decode(sealer.open(sealed, where=_place("suspension", suspension_id)))


def record_lifting(
    work: Work,
    sealer: Sealer,
    order: LiftingOrder,
    *,
    lifting_id: UUID,
    suspension_id: UUID,
    details: Json,
    content_hash: bytes,
    received_at: datetime,
    effective_from: datetime,
    message_id: UUID | None,
    declared_id: UUID | None,
    entry_id: UUID,
) -> None:
    """Insert a lifting; its reason and origin sealed."""
    work.execute(
        liftings.insert().values(
            id=lifting_id,
            suspension_id=suspension_id,
            resolution_number=order.resolution_number,
            first_free_day=order.first_free_day,
            details=sealer.seal(encode(details), where=_place("lifting", lifting_id)),
            content_hash=content_hash,
            received_at=received_at,
            effective_from=effective_from,
            message_id=message_id,
            declared_id=declared_id,
            entry_id=entry_id,
            at=work.at,
        )
    )


def find_lifting(connection: Connection, lifting_id: UUID) -> Lifting:
    """Return a lifting that was recorded, by id."""
    found = _one_lifting(connection, liftings.c.id == lifting_id)
    if found is None:
        raise LookupError(f"no lifting {lifting_id}")
    return found


def lifting_by_resolution(connection: Connection, suspension_id: UUID, resolution_number: str) -> Lifting | None:
    """Return the lifting of a suspension by a resolution."""
    return _one_lifting(
        connection,
        sa.and_(liftings.c.suspension_id == suspension_id, liftings.c.resolution_number == resolution_number),
    )


def earliest_lifting(connection: Connection, suspension_id: UUID) -> Lifting | None:
    """Return the lifting of a suspension that ends it first."""
    earliest = (
        sa.select(liftings.c.id)
        .where(liftings.c.suspension_id == suspension_id)
        .order_by(liftings.c.effective_from, liftings.c.id)
        .limit(1)
    )
    return _one_lifting(connection, liftings.c.id == earliest.scalar_subquery())


def open_reason(connection: Connection, sealer: Sealer, lifting_id: UUID) -> str:
    """Return why a suspension was lifted."""
    sealed = connection.execute(sa.select(liftings.c.details).where(liftings.c.id == lifting_id)).scalar_one()
    reason: str = decode(sealer.open(sealed, where=_place("lifting", lifting_id)))["motivo"]
    return reason


def count_search(work: Work, asker: Run) -> None:
    """Count that a person looked somebody up."""
    work.execute(searches.insert().values(id=work.new_id(), asker=str(asker), at=work.at))


def searches_since(work: Work, asker: Run, since: datetime) -> tuple[int, datetime | None]:
    """Return how often a person looked people up after `since`, and when first; under his lock."""
    row = work.execute(
        sa.select(sa.func.count().label("made"), sa.func.min(searches.c.at).label("first")).where(
            searches.c.asker == str(asker), searches.c.at > since
        )
    ).one()
    return row.made, row.first


def _one_lifting(connection: Connection, condition: sa.ColumnElement[bool]) -> Lifting | None:
    row = connection.execute(sa.select(liftings).where(condition)).one_or_none()
    if row is None:
        return None
    return Lifting(
        id=row.id,
        suspension_id=row.suspension_id,
        received_at=row.received_at,
        recorded_at=row.at,
        effective_from=row.effective_from,
        resolution_number=row.resolution_number,
        content_hash=row.content_hash,
        declared_id=row.declared_id,
        entry_id=row.entry_id,
    )


def _suspension(row: sa.Row[*tuple[Any, ...]]) -> Suspension:
    return Suspension(
        id=row.id,
        run=Run.parse(row.run),
        authority=Authority(row.organisation, row.compin, row.authority_name),
        resolution_number=row.resolution_number,
        resolution_date=row.resolution_date,
        first_day=row.first_day,
        last_day=row.last_day,
        provisional=row.provisional,
        replaces=row.replaces,
        replacement=row.replacement,
        replaced_by=row.replaced_by,
        received_at=row.received_at,
        recorded_at=row.at,
        effective_from=row.effective_from,
        ends_at=row.ends_at,
        lifted_from=row.lifted_from,
        corrected_at=row.corrected_at,
        registered=row.registered,
        sessions_closed=row.sessions_closed,
        message_id=row.message_id,
        declared_id=row.declared_id,
        entry_id=row.entry_id,
    )


def _declared_place(declared_id: UUID) -> str:
    return f"suspensions.declared_order.content:{declared_id}"


def _place(table: str, row_id: UUID) -> str:
    return f"suspensions.{table}.details:{row_id}"
