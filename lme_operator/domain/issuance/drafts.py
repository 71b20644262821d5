"""Queries of drafts (private to the room): what was typed, valid or not, sealed in its row.

A draft too old counts as gone from that very instant; a job erases its row later.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from lme_operator.core.canonical import decode, encode
from lme_operator.core.database import Work
from lme_operator.core.run import Run
from lme_operator.core.sealing import Sealer
from lme_operator.domain.issuance.records import cancellations, drafts, preparations

Values = Mapping[str, tuple[str, ...]]

_ERASED_AT_ONCE = 1000


@dataclass(frozen=True, slots=True)
class Draft:
    """What was typed: the values of each field by name. `preparation_id`: what it could be issued by at this moment."""

    id: UUID
    values: Values = field(repr=False)
    preparation_id: UUID | None
    started_at: datetime
    saved_at: datetime


@dataclass(frozen=True, slots=True)
class Holder:
    """Whose drafts: a person in a context; those not saved since `since` are gone."""

    run: Run
    context: str
    since: datetime

    @property
    def owns(self) -> "sa.ColumnElement[bool]":
        """The condition on a row."""
        return sa.and_(drafts.c.run == str(self.run), drafts.c.context == self.context, drafts.c.saved_at > self.since)


@dataclass(frozen=True, slots=True)
class Held:
    """A draft whose row is locked, when it was written, and the preparation that was made of it last."""

    preparation_id: UUID | None
    started_at: datetime
    saved_at: datetime


def content_of(values: Values) -> bytes:
    """Write the values; a character that no text has (a lone surrogate) becomes `?`."""
    whole = {_text(name): [_text(value) for value in given] for name, given in values.items()}
    return encode(whole)


def insert(work: Work, sealer: Sealer, holder: Holder, content: bytes) -> UUID:
    """Start a draft; return its id."""
    draft_id = work.new_id()
    work.execute(
        drafts.insert().values(
            id=draft_id,
            run=str(holder.run),
            context=holder.context,
            content=sealer.seal(content, where=_place(draft_id)),
            started_at=work.at,
            saved_at=work.at,
        )
    )
    return draft_id


def save(work: Work, sealer: Sealer, holder: Holder, draft_id: UUID, content: bytes) -> bool:
    """Write over what was typed; False if the holder has no such draft."""
    saved = work.execute(
        drafts.update()
        .where(drafts.c.id == draft_id, holder.owns)
        .values(
            content=sealer.seal(content, where=_place(draft_id)), saved_at=sa.func.greatest(drafts.c.saved_at, work.at)
        )
    )
    return saved.rowcount == 1


def held_values(work: Work, sealer: Sealer, holder: Holder, draft_id: UUID) -> Values | None:
    """Lock the holder's draft until the commit and return what was typed; None if he has no such draft."""
    content = work.execute(
        sa.select(drafts.c.content).where(drafts.c.id == draft_id, holder.owns).with_for_update()
    ).scalar_one_or_none()
    return None if content is None else _values(sealer, draft_id, content)


def hold(work: Work, holder: Holder, draft_id: UUID) -> Held | None:
    """Lock the holder's draft until the commit; None if he has no such draft."""
    row = work.execute(
        sa.select(drafts.c.preparation_id, drafts.c.started_at, drafts.c.saved_at)
        .where(drafts.c.id == draft_id, holder.owns)
        .with_for_update()
    ).one_or_none()
    return None if row is None else Held(row.preparation_id, row.started_at, row.saved_at)


def bind(work: Work, draft_id: UUID, preparation_id: UUID) -> None:
    """Say which preparation was made of the draft."""
    work.execute(drafts.update().where(drafts.c.id == draft_id).values(preparation_id=preparation_id))


def erase(work: Work, draft_id: UUID) -> None:
    """Erase a draft that is held."""
    work.execute(drafts.delete().where(drafts.c.id == draft_id))


def erase_old(work: Work, since: datetime) -> int:
    """Erase some of those not saved since, and not while this looks; return how many."""
    some = sa.select(drafts.c.id).where(drafts.c.saved_at <= since).limit(_ERASED_AT_ONCE)
    return work.execute(drafts.delete().where(drafts.c.id.in_(some), drafts.c.saved_at <= since)).rowcount


def ids(connection: Connection, holder: Holder) -> tuple[UUID, ...]:
    """Return which drafts the holder has, the first saved first."""
    found = sa.select(drafts.c.id).where(holder.owns).order_by(drafts.c.saved_at, drafts.c.id)
    return tuple(connection.execute(found).scalars())


def prepared_from(connection: Connection, holder: Holder, preparation_id: UUID) -> UUID | None:
    """Return the holder's draft of which this preparation was made last."""
    found = sa.select(drafts.c.id).where(drafts.c.preparation_id == preparation_id, holder.owns)
    return connection.execute(found).scalar_one_or_none()


def find(connection: Connection, sealer: Sealer, holder: Holder, *, epoch: int, at: datetime) -> tuple[Draft, ...]:
    """Return all of the holder's drafts, the last saved first."""
    return _read(connection, sealer, holder.owns, epoch=epoch, at=at)


def find_one(
    connection: Connection, sealer: Sealer, holder: Holder, draft_id: UUID, *, epoch: int, at: datetime
) -> Draft | None:
    """Return one of the holder's drafts."""
    found = _read(connection, sealer, sa.and_(drafts.c.id == draft_id, holder.owns), epoch=epoch, at=at)
    return found[0] if found else None


def _read(
    connection: Connection, sealer: Sealer, which: "sa.ColumnElement[bool]", *, epoch: int, at: datetime
) -> tuple[Draft, ...]:
    """A preparation that cannot be issued any more is not named."""
    usable = sa.and_(
        preparations.c.id == drafts.c.preparation_id,
        preparations.c.expires_at > at,
        preparations.c.epoch == epoch,
        ~sa.exists().where(cancellations.c.preparation_id == preparations.c.id),
    )
    rows = connection.execute(
        sa.select(drafts, preparations.c.id.label("usable"))
        .select_from(drafts.outerjoin(preparations, usable))
        .where(which)
        .order_by(drafts.c.saved_at.desc(), drafts.c.id.desc())
    )
    return tuple(
        Draft(
            id=row.id,
            values=_values(sealer, row.id, row.content),
            preparation_id=row.usable,
            started_at=row.started_at,
            saved_at=row.saved_at,
        )
        for row in rows
    )


def _values(sealer: Sealer, draft_id: UUID, content: bytes) -> Values:
    return {name: tuple(given) for name, given in decode(sealer.open(content, where=_place(draft_id))).items()}


def _text(value: str) -> str:
    return value.encode("utf-8", "replace").decode()


def _place(draft_id: UUID) -> str:
    return f"issuance.draft.content:{draft_id}"
