"""Promises: effects that follow an act, written in its transaction, done once, whatever dies meanwhile.

The row is the truth and the messenger only says that it is time to look: a messenger that forgets everything, or says
it twice, changes nothing. A row goes: promised → handed over (`sent_at`) → started (`tries`) → done, or due again
later, or parked after too many starts without an end. Parked rows are shown and stay until a person releases them.

Rows are held only by `FOR UPDATE`, for milliseconds and never before another lock is waited for.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from lme_operator.core.database import Work

MOST_STARTS = 10
"""Starts of one promise without an end, after which it is parked. A worker that dies counts as one."""

_LONGEST_PAUSE = timedelta(minutes=5)
_LONGEST_FAULT = 200

outbox = sa.Table(
    "outbox",
    sa.MetaData(schema="core"),
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("effect", sa.Text, nullable=False),
    sa.Column("subject", sa.Uuid, nullable=False),
    sa.Column("on_account_of", sa.Uuid),
    sa.Column("at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("sent_at", sa.DateTime(timezone=True)),
    sa.Column("tries", sa.SmallInteger, nullable=False),
    sa.Column("done_at", sa.DateTime(timezone=True)),
    sa.Column("parked_at", sa.DateTime(timezone=True)),
    sa.Column("fault", sa.Text),
)
"""`sent_at` is null while nobody was told; `tries` counts the starts since the last that ended well."""

_OPEN = sa.and_(outbox.c.done_at.is_(None), outbox.c.parked_at.is_(None))

_effects: set[str] = set()


@dataclass(frozen=True, slots=True)
class Promise:
    """An effect that was promised at `at`, on account of an event; `subject` is the id of what it is about."""

    id: UUID
    effect: str
    subject: UUID
    on_account_of: UUID | None
    at: datetime
    tries: int


@dataclass(frozen=True, slots=True)
class Again:
    """Said by an effect that could not be done yet: look again at `at`."""

    at: datetime


@dataclass(frozen=True, slots=True)
class Parked:
    """A promise that was started too often without an end, and waits for a person; `fault` is the last failure."""

    promise: Promise
    parked_at: datetime
    fault: str


@dataclass(frozen=True, slots=True)
class Backlog:
    """How many promises are open and due, how many parked, and since when the oldest due one waits."""

    due: int
    parked: int
    oldest: datetime | None


def effect(code: str) -> str:
    """Define an effect and return its code; who performs it stands in `entrypoints/jobs/subscriptions.py`."""
    if code in _effects:
        raise ValueError(f"effect {code!r} is already defined")
    _effects.add(code)
    return code


def effects() -> frozenset[str]:
    """Every effect defined so far."""
    return frozenset(_effects)


def promise(
    work: Work, *, effect: str, subject: UUID, on_account_of: UUID | None = None, due_at: datetime | None = None
) -> UUID:
    """Promise `effect` about `subject` in this transaction, now or not before `due_at`; return the promise's id.

    If the transaction does not commit there is no promise. Raises `LookupError` for an effect that nobody defined.
    """
    if effect not in _effects:
        raise LookupError(f"no effect {effect!r}")
    promise_id = work.new_id()
    work.execute(
        outbox.insert().values(
            id=promise_id,
            effect=effect,
            subject=subject,
            on_account_of=on_account_of,
            at=work.at,
            due_at=due_at or work.at,
            tries=0,
        )
    )
    return promise_id


def hand_over(work: Work, *, again_after: timedelta, at_most: int) -> tuple[tuple[UUID, str], ...]:
    """Mark the promises to tell the messenger of, and return id and effect of each, the oldest due first.

    Commit before telling. One told and not settled within `again_after` is told again. No more than `at_most` are in
    the messenger's hands at a time, so its queue never grows old. Safe to run side by side.
    """
    stale = work.at - again_after
    due = sa.and_(_OPEN, outbox.c.due_at <= work.at)
    held = sa.select(sa.func.count()).where(due, outbox.c.sent_at > stale).scalar_subquery()
    chosen = (
        sa.select(outbox.c.id)
        .where(due, sa.or_(outbox.c.sent_at.is_(None), outbox.c.sent_at <= stale))
        .order_by(outbox.c.due_at, outbox.c.id)
        .limit(sa.func.greatest(0, at_most - held))
        .with_for_update(skip_locked=True)
    )
    rows = work.execute(
        sa.update(outbox)
        .where(outbox.c.id.in_(chosen))
        .values(sent_at=work.at)
        .returning(outbox.c.id, outbox.c.effect, outbox.c.due_at)
    ).all()
    return tuple((row.id, row.effect) for row in sorted(rows, key=lambda row: (row.due_at, row.id)))


def start(work: Work, promise_id: UUID) -> Promise | None:
    """Count a start of a promise that was handed over; commit before doing anything of it.

    Returns None when there is nothing to do: done, due later, in another's hands at this moment, or parked, here and
    now if it was started too often.
    """
    row = work.execute(
        sa.select(outbox)
        .where(outbox.c.id == promise_id, _OPEN, outbox.c.sent_at.is_not(None))
        .with_for_update(skip_locked=True)
    ).one_or_none()
    if row is None:
        return None
    if row.tries >= MOST_STARTS:
        _change(work, promise_id, parked_at=work.at, fault=row.fault or "proceso_terminado")
        return None
    _change(work, promise_id, tries=row.tries + 1)
    return _promise(row, tries=row.tries + 1)


def hold(work: Work, promise_id: UUID, *, wait: bool = False) -> bool:
    """Hold an open promise to the end of this transaction, which does its effect; False if there is nothing to do.

    Another's hold is not waited for, unless `wait`: an outcome that is known must be written down.
    """
    held = work.execute(
        sa.select(outbox.c.id).where(outbox.c.id == promise_id, _OPEN).with_for_update(skip_locked=not wait)
    ).one_or_none()
    return held is not None


def settle(work: Work, promise_id: UUID, said: Again | None) -> None:
    """Write that a held promise is done, or that it is due again later, in the transaction of its effect."""
    if said is None:
        _change(work, promise_id, done_at=work.at, fault=None)
    else:
        _change(work, promise_id, due_at=said.at, sent_at=None, tries=0, fault=None)


def stumble(work: Work, promise: Promise, *, fault: str, counts: bool = True) -> None:
    """Write why a start failed, and put the promise off by a growing pause; nothing if another has it in hand.

    `counts` False for what is not the promise's own fault (the database was away): that start is not counted.
    """
    if not hold(work, promise.id):
        return
    tries = promise.tries if counts else promise.tries - 1
    pause = min(timedelta(seconds=2.0**promise.tries), _LONGEST_PAUSE)
    _change(work, promise.id, due_at=work.at + pause, sent_at=None, tries=tries, fault=fault[:_LONGEST_FAULT])


def parked(connection: Connection) -> tuple[Parked, ...]:
    """Return every parked promise, the oldest first."""
    rows = connection.execute(sa.select(outbox).where(outbox.c.parked_at.is_not(None)).order_by(outbox.c.parked_at))
    return tuple(Parked(_promise(row, tries=row.tries), row.parked_at, row.fault) for row in rows)


def release(work: Work, promise_id: UUID) -> bool:
    """Take up a parked promise again, from the first start on; False if it is not parked."""
    held = work.execute(
        sa.select(outbox.c.id).where(outbox.c.id == promise_id, outbox.c.parked_at.is_not(None)).with_for_update()
    ).one_or_none()
    if held is None:
        return False
    _change(work, promise_id, parked_at=None, due_at=work.at, sent_at=None, tries=0)
    return True


def backlog(connection: Connection, *, at: datetime) -> Backlog:
    """Return how the outbox stands at `at`."""
    due = sa.and_(_OPEN, outbox.c.due_at <= at)
    row = connection.execute(
        sa.select(
            sa.func.count().filter(due).label("due"),
            sa.func.count().filter(outbox.c.parked_at.is_not(None)).label("parked"),
            sa.func.min(outbox.c.due_at).filter(due).label("oldest"),
        ).where(outbox.c.done_at.is_(None))
    ).one()
    return Backlog(row.due, row.parked, row.oldest)


def _change(work: Work, promise_id: UUID, **values: object) -> None:
    work.execute(sa.update(outbox).where(outbox.c.id == promise_id).values(**values))


def _promise(row: sa.Row[Any], *, tries: int) -> Promise:
    return Promise(row.id, row.effect, row.subject, row.on_account_of, row.at, tries)
