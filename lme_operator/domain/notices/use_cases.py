"""Promise messages, carry them, and say how each stands."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.engine import Connection

from lme_operator.core import outbox
from lme_operator.core.canonical import Json, format_instant, sha256, to_base64url
from lme_operator.core.database import Database, Work
from lme_operator.core.outbox import Again, Promise
from lme_operator.core.run import Run
from lme_operator.core.sealing import Sealer
from lme_operator.domain.audit import Log
from lme_operator.domain.notices import store
from lme_operator.domain.notices.events import NOTICE_OUTCOME
from lme_operator.domain.notices.messages import (
    Channel,
    Delivery,
    Message,
    NoticeState,
    Outgoing,
    Result,
    Sending,
    State,
)
from lme_operator.domain.notices.ports import Messenger
from lme_operator.domain.notices.rules import LIVES, pause_after, state_of
from lme_operator.domain.notices.store import StoredMessage

SEND_NOTICE = outbox.effect("avisos.enviar")

_MARGIN = timedelta(seconds=5)
"""To write an outcome down, after the longest that a messenger takes."""

_GIVEN_UP = Delivery(Result.UNKNOWN, "sin_respuesta_del_proceso")
_EXPIRED = "vencido"


@dataclass(frozen=True, slots=True, kw_only=True)
class Notices:
    """The room's use cases. Processes that only promise have no `messenger`; `mark` goes before all they promise."""

    database: Database
    log: Log
    sealer: Sealer
    messenger: Messenger | None
    mark: str = ""

    def promise(
        self,
        work: Work,
        *,
        run: Run | None,
        message: Message,
        on_account_of: UUID | None = None,
        expires_at: datetime | None = None,
    ) -> UUID:
        """Promise a message in the caller's transaction and return its id; nobody waits for it to be sent.

        `run` is the person it is for, if known here. After `expires_at` (four days unless given) it is tried no more.
        """
        message_id = work.new_id()
        store.insert_message(
            work,
            self.sealer,
            message_id=message_id,
            run=run,
            message=self._marked(message),
            on_account_of=on_account_of,
            expires_at=expires_at or work.at + LIVES,
        )
        outbox.promise(work, effect=SEND_NOTICE, subject=message_id, on_account_of=on_account_of)
        return message_id

    def state(self, connection: Connection, message_id: UUID) -> NoticeState:
        """Return how a message stands; raise `LookupError` for an unknown one (N-2.6e)."""
        return self._state(self._known(connection, message_id))

    def of_person(self, connection: Connection, run: Run) -> tuple[NoticeState, ...]:
        """Return how every message to a person stands, the newest first (N-2.4b, N-2.6e)."""
        return tuple(self._state(stored) for stored in store.of_person(connection, self.sealer, run))

    def begin(self, work: Work, promise: Promise) -> Sending | Again | None:
        """Put the next attempt of a promised message on record, to be made after the commit.

        None when nothing is left to do. An earlier attempt that nobody finished in its time is given up as unknown,
        and the message is not sent again: it may have arrived.
        """
        stored = self._known(work.connection, promise.subject)
        last = stored.attempts[-1] if stored.attempts else None
        state = state_of(stored.attempts, at=work.at, expires_at=stored.expires_at)
        if state is State.SENDING and last is not None:
            return Again(last.until)
        if state is State.UNKNOWN and last is not None and last.result is None:
            self._record(work, stored, number=last.number, began=last.at, delivery=_GIVEN_UP)
        elif state is State.EXPIRED:
            self._write_expiry(work, stored)
        if state is not State.PENDING:
            return None
        sending = Sending(
            attempt_id=work.new_id(),
            number=len(stored.attempts) + 1,
            outgoing=Outgoing(stored.id, stored.message, stored.at),
            at=work.at,
            until=work.at + self._carrier().longest(stored.message.channel) + _MARGIN,
        )
        store.insert_attempt(
            work,
            attempt_id=sending.attempt_id,
            message_id=stored.id,
            number=sending.number,
            until=sending.until,
        )
        return sending

    def deliver(self, sending: Sending) -> Delivery:
        """Make the attempt, outside any transaction."""
        return self._carrier().deliver(sending.outgoing)

    def finish(self, work: Work, sending: Sending, delivery: Delivery) -> Again | None:
        """Write what the attempt came to, and say when to try again if it was postponed. Safe to repeat.

        What is learnt after the attempt was given up for unknown is still written: known beats unknown.
        """
        stored = self._known(work.connection, sending.outgoing.id)
        self._record(work, stored, number=sending.number, began=sending.at, delivery=delivery)
        if delivery.result is not Result.POSTPONED:
            return None
        return Again(min(work.at + pause_after(sending.number), stored.expires_at))

    def _record(self, work: Work, stored: StoredMessage, *, number: int, began: datetime, delivery: Delivery) -> None:
        """Write an outcome and its evidence, once."""
        attempt_id = store.attempt_id_of(work.connection, stored.id, number)
        if store.insert_outcome(work, self.sealer, attempt_id=attempt_id, delivery=delivery):
            data = {
                "intento": number,
                "comienzo": format_instant(began),
                "resultado": delivery.result.value,
                "motivo": delivery.reason,
                "respuesta": to_base64url(sha256(delivery.answer.encode())),
            }
            self._write(work, stored, data)

    def _write_expiry(self, work: Work, stored: StoredMessage) -> None:
        self._write(
            work, stored, {"intento": len(stored.attempts), "resultado": State.EXPIRED.value, "motivo": _EXPIRED}
        )

    def _write(self, work: Work, stored: StoredMessage, data: dict[str, Json]) -> None:
        """Let the outcome enter the log with the next batch: which content, by which channel, how it went (N-2.4b)."""
        message = stored.message
        cause = stored.on_account_of
        self.log.attempt(
            work.connection,
            at=work.at,
            kind=NOTICE_OUTCOME,
            data={
                "aviso": str(stored.id),
                "por_cuenta_de": None if cause is None else str(cause),
                "clase": message.kind,
                "canal": message.channel.value,
                "direccion": self.log.keyed(message.address, purpose="direccion-de-aviso"),
                "contenido": to_base64url(message.digest),
                **data,
            },
        )

    def _known(self, connection: Connection, message_id: UUID) -> StoredMessage:
        stored = store.find(connection, self.sealer, message_id)
        if stored is None:
            raise LookupError(f"no message {message_id}")
        return stored

    def _state(self, stored: StoredMessage) -> NoticeState:
        last = stored.attempts[-1] if stored.attempts else None
        return NoticeState(
            id=stored.id,
            run=stored.run,
            message=stored.message,
            state=state_of(stored.attempts, at=self.database.clock(), expires_at=stored.expires_at),
            at=stored.at,
            expires_at=stored.expires_at,
            attempts=len(stored.attempts),
            last_at=None if last is None else last.at,
            reason=None if last is None else last.reason,
        )

    def _marked(self, message: Message) -> Message:
        """The message as it goes: on a test system it says so first, in whatever the person sees."""
        if not self.mark:
            return message
        if message.channel is Channel.SMS:
            return replace(message, text=f"{self.mark}. {message.text}")
        return replace(message, subject=f"{self.mark}: {message.subject}", text=f"{self.mark}\n\n{message.text}")

    def _carrier(self) -> Messenger:
        if self.messenger is None:
            raise LookupError("this process carries no messages")
        return self.messenger
