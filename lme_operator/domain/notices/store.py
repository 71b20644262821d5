"""Queries of the room (private)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.engine import Connection

from lme_operator.core.canonical import decode, encode
from lme_operator.core.database import Work
from lme_operator.core.run import Run
from lme_operator.core.sealing import Sealer
from lme_operator.domain.notices.messages import Channel, Delivery, Message, Result
from lme_operator.domain.notices.records import attempts, messages, outcomes
from lme_operator.domain.notices.rules import Attempt


@dataclass(frozen=True, slots=True)
class StoredMessage:
    """A message as it was promised, and the attempts made so far, in order."""

    id: UUID
    run: Run | None
    message: Message
    on_account_of: UUID | None
    at: datetime
    expires_at: datetime
    attempts: tuple[Attempt, ...]


def insert_message(
    work: Work,
    sealer: Sealer,
    *,
    message_id: UUID,
    run: Run | None,
    message: Message,
    on_account_of: UUID | None,
    expires_at: datetime,
) -> None:
    """Write a message, its content sealed."""
    work.execute(
        messages.insert().values(
            id=message_id,
            run=None if run is None else str(run),
            channel=message.channel.value,
            kind=message.kind,
            content=sealer.seal(encode(message.content), where=_content_place(message_id)),
            on_account_of=on_account_of,
            at=work.at,
            expires_at=expires_at,
        )
    )


def find(connection: Connection, sealer: Sealer, message_id: UUID) -> StoredMessage | None:
    """Return one message; None if there is no such."""
    found = _read(connection, sealer, messages.c.id == message_id)
    return found[0] if found else None


def of_person(connection: Connection, sealer: Sealer, run: Run) -> tuple[StoredMessage, ...]:
    """Return every message to a person, the newest first."""
    return _read(connection, sealer, messages.c.run == str(run))


def insert_attempt(work: Work, *, attempt_id: UUID, message_id: UUID, number: int, until: datetime) -> None:
    """Write an attempt that is about to be made."""
    work.execute(attempts.insert().values(id=attempt_id, message_id=message_id, number=number, at=work.at, until=until))


def insert_outcome(work: Work, sealer: Sealer, *, attempt_id: UUID, delivery: Delivery) -> bool:
    """Write what an attempt came to; False if it is on record already.

    A postponement learnt after the attempt was given up for unknown changes nothing: nobody tries it again.
    """
    known = delivery.result is not Result.UNKNOWN
    if delivery.result is Result.POSTPONED and _given_up(work, attempt_id):
        return False
    place = f"notices.outcome.answer:{attempt_id}:{known}"
    written = work.execute(
        insert(outcomes)
        .values(
            attempt_id=attempt_id,
            known=known,
            result=delivery.result.value,
            reason=delivery.reason,
            answer=sealer.seal(delivery.answer.encode(), where=place),
            at=work.at,
        )
        .on_conflict_do_nothing()
        .returning(outcomes.c.attempt_id)
    ).one_or_none()
    return written is not None


def attempt_id_of(connection: Connection, message_id: UUID, number: int) -> UUID:
    """Return the id of an attempt."""
    attempt_id: UUID = connection.execute(
        sa.select(attempts.c.id).where(attempts.c.message_id == message_id, attempts.c.number == number)
    ).scalar_one()
    return attempt_id


def _given_up(work: Work, attempt_id: UUID) -> bool:
    given_up: bool = work.execute(
        sa.select(sa.exists().where(outcomes.c.attempt_id == attempt_id, ~outcomes.c.known))
    ).scalar_one()
    return given_up


def _read(connection: Connection, sealer: Sealer, which: "sa.ColumnElement[bool]") -> tuple[StoredMessage, ...]:
    rows = connection.execute(
        sa.select(messages).where(which).order_by(messages.c.at.desc(), messages.c.id.desc())
    ).all()
    made = _attempts(connection, [row.id for row in rows])
    return tuple(
        StoredMessage(
            row.id,
            None if row.run is None else Run.parse(row.run),
            _open(sealer, row.id, Channel(row.channel), row.kind, row.content),
            row.on_account_of,
            row.at,
            row.expires_at,
            tuple(made.get(row.id, ())),
        )
        for row in rows
    )


def _attempts(connection: Connection, message_ids: Sequence[UUID]) -> dict[UUID, list[Attempt]]:
    """The attempts of these messages, each with the best that is known of it."""
    rows = connection.execute(
        sa.select(attempts, outcomes.c.result, outcomes.c.reason)
        .outerjoin(outcomes, outcomes.c.attempt_id == attempts.c.id)
        .where(attempts.c.message_id.in_(message_ids))
        .order_by(attempts.c.message_id, attempts.c.number, outcomes.c.known)
    )
    best: dict[tuple[UUID, int], Attempt] = {}
    for row in rows:
        result = None if row.result is None else Result(row.result)
        best[row.message_id, row.number] = Attempt(row.number, row.at, row.until, result, row.reason)
    made: dict[UUID, list[Attempt]] = {}
    for (message_id, _), attempt in best.items():
        made.setdefault(message_id, []).append(attempt)
    return made


def _open(sealer: Sealer, message_id: UUID, channel: Channel, kind: str, content: bytes) -> Message:
    opened = decode(sealer.open(content, where=_content_place(message_id)))
    return Message(channel, opened["direccion"], kind, opened["asunto"], opened["texto"])


def _content_place(message_id: UUID) -> str:
    return f"notices.message.content:{message_id}"
