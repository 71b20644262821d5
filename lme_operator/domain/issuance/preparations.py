"""Preparations: the whole document, sealed, waiting to be authorised once (private to the room).

A preparation carries the epoch of its birth and dies with it, with its minutes, at local midnight, or when discarded.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.engine import Connection

from lme_operator.core.database import Work
from lme_operator.core.periods import first_instant, local_day
from lme_operator.core.questions import Question
from lme_operator.core.refusal import Refusal
from lme_operator.core.run import Run
from lme_operator.core.sealing import Sealer
from lme_operator.domain.credentials import Session
from lme_operator.domain.issuance.records import cancellations, drafts, preparations, redemptions
from lme_operator.domain.issuance.refusals import PREPARATION_CANCELLED, PREPARATION_DEAD, PREPARATION_UNKNOWN
from lme_operator.domain.licences import document_sealer, document_sealers


@dataclass(frozen=True, slots=True)
class Preparation:
    """What was prepared: `document` the prepared XML, `digest` its SHA-256, `origin` canonical JSON of where from."""

    id: UUID
    run: Run
    context: str
    epoch: int
    folio: Run
    digest: bytes
    document: bytes
    origin: bytes
    at: datetime
    expires_at: datetime
    cancelled: bool = False


def expiry(at: datetime, *, minutes: int) -> datetime:
    """Return when a preparation made at `at` dies: after `minutes`, and never after local midnight."""
    return min(at + timedelta(minutes=minutes), first_instant(local_day(at) + timedelta(days=1)))


_ALIVE = Question(
    sa.select(sa.func.count())
    .select_from(preparations.outerjoin(redemptions).outerjoin(cancellations))
    .where(
        preparations.c.run == sa.bindparam("run", type_=sa.Text),
        preparations.c.expires_at > sa.bindparam("at", type_=sa.DateTime(timezone=True)),
        preparations.c.epoch == sa.bindparam("epoch", type_=sa.Integer),
        redemptions.c.preparation_id.is_(None),
        cancellations.c.preparation_id.is_(None),
    )
)
_BY_ID = Question(
    sa.select(preparations, cancellations.c.at.label("cancelled_at"))
    .select_from(preparations.outerjoin(cancellations))
    .where(preparations.c.id == sa.bindparam("id"))
)
_SPENT = sa.bindparam("spent", type_=sa.Uuid)
_REDEEM = (
    insert(redemptions)
    .values(preparation_id=_SPENT, licence_id=sa.bindparam("licence"), at=sa.bindparam("now"))
    .on_conflict_do_nothing()
    .returning(redemptions.c.preparation_id)
    .add_cte(drafts.delete().where(drafts.c.preparation_id == _SPENT).cte("draft"))
)
"""Built once: they are asked at every act."""


def alive(connection: Connection, *, run: Run, epoch: int, at: datetime) -> int:
    """Count the preparations of a person that could still be issued."""
    return int(_ALIVE.all(connection, {"run": str(run), "epoch": epoch, "at": at})[0][0])


def record(work: Work, own: Sealer, preparation: Preparation) -> None:
    """Insert a preparation; document and origin sealed under the document's own key."""
    work.execute(
        preparations.insert(),
        {
            "id": preparation.id,
            "run": str(preparation.run),
            "context": preparation.context,
            "epoch": preparation.epoch,
            "folio": preparation.folio.number,
            "digest": preparation.digest,
            "document": own.seal(preparation.document, where=_place("document", preparation.id)),
            "origin": own.seal(preparation.origin, where=_place("origin", preparation.id)),
            "at": preparation.at,
            "expires_at": preparation.expires_at,
        },
    )


def find(connection: Connection, own: Sealer, preparation_id: UUID) -> Preparation | None:
    """Return a preparation with its document opened."""
    row = _BY_ID.first(connection, {"id": preparation_id})
    if row is None:
        return None
    return Preparation(
        id=row.id,
        run=Run.parse(row.run),
        context=row.context,
        epoch=row.epoch,
        folio=Run(row.folio),
        digest=row.digest,
        document=own.open(row.document, where=_place("document", row.id)),
        origin=own.open(row.origin, where=_place("origin", row.id)),
        at=row.at,
        expires_at=row.expires_at,
        cancelled=row.cancelled_at is not None,
    )


def holder(connection: Connection, preparation_id: UUID) -> tuple[Run, str] | None:
    """Return whose preparation it is and in which context, without opening it."""
    row = connection.execute(
        sa.select(preparations.c.run, preparations.c.context).where(preparations.c.id == preparation_id)
    ).one_or_none()
    return None if row is None else (Run.parse(row.run), row.context)


def folio_of(connection: Connection, session: Session, preparation_id: UUID) -> Run:
    """Return the folio of the session's own preparation, opening nothing; raise `Refusal(preparacion_inexistente)`."""
    number = connection.execute(
        sa.select(preparations.c.folio).where(
            preparations.c.id == preparation_id,
            preparations.c.run == str(session.run),
            preparations.c.context == session.context.code,
        )
    ).scalar_one_or_none()
    if number is None:
        raise Refusal(PREPARATION_UNKNOWN)
    return Run(number)


def usable(
    connection: Connection, sealer: Sealer, session: Session, preparation_id: UUID, *, at: datetime
) -> tuple[Sealer, Preparation]:
    """Return the session's preparation that may still be issued at `at`, with the sealer of its document.

    Whether it was spent is told by `redeem`, or `is_redeemed`. Raises `Refusal`: `preparacion_inexistente`,
    `preparacion_descartada`, `preparacion_vencida`.
    """
    own = document_sealer(connection, sealer, preparation_id)
    found = None if own is None else find(connection, own, preparation_id)
    if own is None or found is None or (found.run, found.context) != (session.run, session.context.code):
        raise Refusal(PREPARATION_UNKNOWN)
    if found.cancelled:
        raise Refusal(PREPARATION_CANCELLED)
    if found.epoch != session.epoch or not found.at <= at < found.expires_at:
        raise Refusal(PREPARATION_DEAD)
    return own, found


def documents(connection: Connection, sealer: Sealer, ids: Collection[UUID]) -> dict[UUID, bytes]:
    """Return the prepared documents of these preparations; those erased are left out."""
    opened = document_sealers(connection, sealer, ids)
    rows = connection.execute(
        sa.select(preparations.c.id, preparations.c.document).where(preparations.c.id.in_(opened))
    )
    return {row.id: opened[row.id].open(row.document, where=_place("document", row.id)) for row in rows}


def prepared_at(connection: Connection, preparation_id: UUID) -> datetime:
    """When it was prepared."""
    found: datetime = connection.execute(
        sa.select(preparations.c.at).where(preparations.c.id == preparation_id)
    ).scalar_one()
    return found


def is_redeemed(connection: Connection, preparation_id: UUID) -> bool:
    """Whether a licence was issued from it; it does not change under the person's lock."""
    found = sa.select(redemptions.c.at).where(redemptions.c.preparation_id == preparation_id)
    return connection.execute(found).one_or_none() is not None


def cancel(work: Work, preparation_id: UUID) -> bool:
    """Discard the preparation, for ever; False if it was discarded before."""
    cancelled = work.execute(
        insert(cancellations)
        .values(preparation_id=preparation_id, at=work.at)
        .on_conflict_do_nothing()
        .returning(cancellations.c.preparation_id)
    )
    return cancelled.one_or_none() is not None


def redeem(work: Work, preparation_id: UUID, licence_id: UUID) -> bool:
    """Spend the preparation, once for ever, and erase the draft that it was made of; False if it was spent before."""
    spent = work.execute(_REDEEM, {"spent": preparation_id, "licence": licence_id, "now": work.at})
    return spent.one_or_none() is not None


def _place(column: str, preparation_id: UUID) -> str:
    return f"issuance.preparation.{column}:{preparation_id}"
