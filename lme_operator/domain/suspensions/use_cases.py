"""Receive, replace and lift suspensions; show their authority that they took effect."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.engine import Connection

from lme_operator.core.canonical import Json, encode
from lme_operator.core.database import Database, Deadline, Work
from lme_operator.core.idempotency import remember_outcome
from lme_operator.core.periods import first_instant
from lme_operator.core.refusal import Refusal
from lme_operator.core.run import Run
from lme_operator.core.sealing import Sealer
from lme_operator.domain.audit import EventKind, Log, LogEvidence
from lme_operator.domain.identity import lock_people
from lme_operator.domain.mandates import lock_machine_key, read_message, require_machine_key
from lme_operator.domain.suspensions import rules, store
from lme_operator.domain.suspensions.answers import (
    Blocking,
    Consultation,
    Detail,
    Lifted,
    Materialisation,
    Page,
    Received,
)
from lme_operator.domain.suspensions.events import (
    SUSPENSION_CONSULTED,
    SUSPENSION_LIFTED,
    SUSPENSION_RECEIVED,
    SUSPENSION_REPLACED,
)
from lme_operator.domain.suspensions.orders import (
    ANOTHER_AUTHORITY,
    FUTURE_INSTANT,
    LIFTING_TAKEN,
    LIFTING_WITHOUT_EFFECT,
    RENEWAL,
    RENEWAL_WITH_GAP,
    REPLACEMENT_TAKEN,
    RESOLUTION_TAKEN,
    SUSPENSION_OVER,
    SUSPENSION_UNKNOWN,
    Authority,
    LiftingOrder,
    Orderer,
    ReplacementOrder,
    SuspensionOrder,
)
from lme_operator.domain.suspensions.rules import Suspension
from lme_operator.domain.suspensions.writing import write_lifting, write_suspension

_SUSPENSION, _LIFTING = "suspension", "levantamiento"
_SHOWN_TO_OTHERS = frozenset({"actor", "autoridad", "desde", "hasta", "provisional", "recibida_en", "efectiva_desde"})


@dataclass(frozen=True, slots=True)
class Suspensions:
    """The room's use cases. Orders go first: they wait for the person's lock, in a pool of connections of their own."""

    database: Database
    log: Log
    sealer: Sealer

    def receive(self, order: SuspensionOrder, *, by: Orderer, deadline: Deadline) -> Received:
        """Suspend a person, known here or not; once this returns nothing of the person's passes (N-6a, N-6b).

        One order by (authority incl. regional COMPIN, resolution number and date, RUN): the same content again gives
        the same answer; other content raises `Refusal(resolucion_ya_recibida)`. As every order, it also raises
        `Refusal(firma_clave_no_vigente)` when its key was ended since the message came in.
        """
        with self.database.unit_of_work(
            deadline=deadline,
            idempotency=by.request,
            locks=[lock_machine_key(by.message.key.keyid), lock_people(order.run, create=True)],
            evidence=self._evidence(SUSPENSION_RECEIVED, by.authority, {"run": str(order.run)}),
            priority=True,
        ) as work:
            if work.replayed is not None:
                suspension_id, replayed = work.replayed.result_id, True
            else:
                require_machine_key(work, by.message.key)
                suspension_id, replayed = self._receive(work, order, by)
        return self._received(suspension_id, replayed=replayed, deadline=deadline)

    def replace(self, suspension_id: UUID, order: ReplacementOrder, *, by: Orderer, deadline: Deadline) -> Received:
        """Supersede a suspension by a corrected period, or renew it without a gap; only its own authority (N-6d).

        Raises `Refusal`: `suspension_inexistente`, `suspension_de_otra_autoridad`, `suspension_ya_reemplazada`,
        `suspension_terminada`, `renovacion_con_intervalo`.
        """
        run = self._run_of(suspension_id, deadline)
        with self.database.unit_of_work(
            deadline=deadline,
            idempotency=by.request,
            locks=[lock_machine_key(by.message.key.keyid), lock_people(run)],
            evidence=self._evidence(SUSPENSION_REPLACED, by.authority, _about(run, suspension_id)),
            priority=True,
        ) as work:
            if work.replayed is not None:
                successor_id, replayed = work.replayed.result_id, True
            else:
                require_machine_key(work, by.message.key)
                replaced = _own(work.connection, suspension_id, by.authority)
                successor_id, replayed = self._replace(work, replaced, order, by)
        return self._received(successor_id, replayed=replayed, deadline=deadline)

    def lift(self, suspension_id: UUID, order: LiftingOrder, *, by: Orderer, deadline: Deadline) -> Lifted:
        """Lift a suspension, at once or from a day on; only its own authority (N-6d). Every other cause stays.

        Raises `Refusal`: `suspension_inexistente`, `suspension_de_otra_autoridad`, `suspension_terminada`,
        `levantamiento_ya_recibido`, `levantamiento_sin_efecto`.
        """
        run = self._run_of(suspension_id, deadline)
        with self.database.unit_of_work(
            deadline=deadline,
            idempotency=by.request,
            locks=[lock_machine_key(by.message.key.keyid), lock_people(run)],
            evidence=self._evidence(SUSPENSION_LIFTED, by.authority, _about(run, suspension_id)),
            priority=True,
        ) as work:
            if work.replayed is not None:
                lifting_id, replayed = work.replayed.result_id, True
            else:
                require_machine_key(work, by.message.key)
                lifted = _own(work.connection, suspension_id, by.authority)
                lifting_id, replayed = self._lift(work, lifted, order, by)
        return self._lifted(lifting_id, replayed=replayed, deadline=deadline)

    def page(self, *, authority: Authority, after: UUID | None, at_most: int, deadline: Deadline) -> Page:
        """Return the authority's own suspensions, oldest first: `at_most` of them, after `after` (threats M37, M39)."""
        with self.database.reading(deadline=deadline) as connection:
            found = store.of_authority(connection, authority, after=after, at_most=at_most + 1)
        page = found[:at_most]
        return Page(self.database.clock(), page, page[-1].id if len(found) > at_most else None)

    def detail(self, suspension_id: UUID, *, authority: Authority, deadline: Deadline) -> Detail:
        """Return one suspension with its grounds; raise `Refusal` if it is not the authority's own (threat M37)."""
        with self._reading_own(suspension_id, authority, deadline) as (connection, suspension):
            details = store.open_details(connection, self.sealer, suspension_id)
            receipt = self.log.receipt(connection, suspension.entry_id)
        return Detail(self.database.clock(), suspension, details["fundamento"], details["documento"], receipt)

    def materialisation(self, suspension_id: UUID, *, authority: Authority, deadline: Deadline) -> Materialisation:
        """Return the proof that an order took effect in time and form (N-6c); raise `Refusal` as `detail` does."""
        with self._reading_own(suspension_id, authority, deadline) as (connection, suspension):
            message = read_message(connection, self.sealer, suspension.message_id)
            receipt = self.log.receipt(connection, suspension.entry_id)
        return Materialisation(self.database.clock(), suspension, message.content, receipt)

    def consult(self, run: Run, *, instant: datetime | None, authority: Authority, deadline: Deadline) -> Consultation:
        """Say whether a person is blocked, or was at a past instant as then recorded, and by what (N-6c).

        Another authority's suspension is shown without its resolution. Raises `Refusal(instante_futuro)`.
        """
        now = self.database.clock()
        at, rule = (now, rules.blocking) if instant is None else (instant, rules.in_force)
        if at > now:
            raise Refusal(FUTURE_INSTANT)
        with self.database.reading(deadline=deadline) as connection:
            blocking = tuple(
                self._blocking(connection, suspension, authority)
                for suspension in rule(store.of_person(connection, run), at)
            )
        return Consultation(run, at, blocking)

    def _receive(self, work: Work, order: SuspensionOrder, by: Orderer) -> tuple[UUID, bool]:
        content = self._hash({"run": str(order.run), **order.terms.render()})
        earlier = store.with_resolution(work.connection, by.authority, order)
        if earlier and content not in earlier:
            raise Refusal(RESOLUTION_TAKEN)
        suspension_id = earlier.get(content) or work.new_id()
        remember_outcome(work.connection, by.request, kind=_SUSPENSION, result_id=suspension_id, at=work.at)
        if not earlier:
            write_suspension(
                work, self.log, self.sealer, order, suspension_id=suspension_id, content_hash=content, by=by
            )
        return suspension_id, bool(earlier)

    def _replace(self, work: Work, replaced: Suspension, order: ReplacementOrder, by: Orderer) -> tuple[UUID, bool]:
        content = self._hash({"reemplaza": str(replaced.id), "clase": order.kind, **order.terms.render()})
        earlier = replaced.replaced_by
        if earlier is None:
            _check_replacement(replaced, order, work.at)
        elif store.content_hash_of(work.connection, earlier) != content:
            raise Refusal(REPLACEMENT_TAKEN)
        successor_id = earlier or work.new_id()
        remember_outcome(work.connection, by.request, kind=_SUSPENSION, result_id=successor_id, at=work.at)
        if earlier is None:
            write_suspension(
                work,
                self.log,
                self.sealer,
                SuspensionOrder(replaced.run, order.terms),
                suspension_id=successor_id,
                content_hash=content,
                by=by,
                replaces=replaced.id,
                replacement=order.kind,
            )
        return successor_id, earlier is not None

    def _lift(self, work: Work, lifted: Suspension, order: LiftingOrder, by: Orderer) -> tuple[UUID, bool]:
        content = self._hash(order.render())
        earlier = store.lifting_by_resolution(work.connection, lifted.id, order.resolution_number)
        if earlier is not None and earlier.content_hash != content:
            raise Refusal(LIFTING_TAKEN)
        lifting_id = work.new_id() if earlier is None else earlier.id
        effective_from = _effect_of_lifting(lifted, order, work.at) if earlier is None else work.at
        remember_outcome(work.connection, by.request, kind=_LIFTING, result_id=lifting_id, at=work.at)
        if earlier is None:
            write_lifting(
                work,
                self.log,
                self.sealer,
                lifted,
                order,
                lifting_id=lifting_id,
                content_hash=content,
                effective_from=effective_from,
                by=by,
            )
        return lifting_id, earlier is not None

    def _received(self, suspension_id: UUID, *, replayed: bool, deadline: Deadline) -> Received:
        with self.database.after_commit(deadline=deadline, priority=True) as connection:
            suspension = _known(connection, suspension_id)
            return Received(
                id=suspension.id,
                received_at=suspension.received_at,
                effective_from=suspension.effective_from,
                registered_professional=suspension.registered,
                sessions_closed=suspension.sessions_closed,
                receipt=self.log.receipt(connection, suspension.entry_id),
                replayed=replayed,
            )

    def _lifted(self, lifting_id: UUID, *, replayed: bool, deadline: Deadline) -> Lifted:
        with self.database.after_commit(deadline=deadline, priority=True) as connection:
            lifting = store.find_lifting(connection, lifting_id)
            return Lifted(
                id=lifting.id,
                suspension_id=lifting.suspension_id,
                received_at=lifting.received_at,
                effective_from=lifting.effective_from,
                receipt=self.log.receipt(connection, lifting.entry_id),
                replayed=replayed,
            )

    @contextmanager
    def _reading_own(
        self, suspension_id: UUID, authority: Authority, deadline: Deadline
    ) -> Iterator[tuple[Connection, Suspension]]:
        """Read a suspension of the authority's own; the attempt on another's is refused and logged (threat M37)."""
        with self.database.reading(deadline=deadline) as connection:
            suspension = _known(connection, suspension_id)
            if suspension.authority.is_same(authority):
                yield connection, suspension
                return
        about = _about(suspension.run, suspension_id)
        with self.database.unit_of_work(
            deadline=deadline, evidence=self._evidence(SUSPENSION_CONSULTED, authority, about)
        ):
            raise Refusal(ANOTHER_AUTHORITY)

    def _run_of(self, suspension_id: UUID, deadline: Deadline) -> Run:
        with self.database.reading(deadline=deadline, priority=True) as connection:
            return _known(connection, suspension_id).run

    def _blocking(self, connection: Connection, suspension: Suspension, authority: Authority) -> Blocking:
        own = suspension.authority.is_same(authority)
        disclose = None if own else _SHOWN_TO_OTHERS
        return Blocking(suspension, own, self.log.receipt(connection, suspension.entry_id, disclose=disclose))

    def _hash(self, content: Json) -> bytes:
        return self.sealer.lookup(encode(content).decode(), purpose="suspensions.content")

    def _evidence(self, kind: EventKind, authority: Authority, data: dict[str, Json]) -> LogEvidence:
        return LogEvidence(self.log, kind, authority.actor, data)


def _about(run: Run, suspension_id: UUID) -> dict[str, Json]:
    return {"run": str(run), "suspension": str(suspension_id)}


def _known(connection: Connection, suspension_id: UUID) -> Suspension:
    suspension = store.find(connection, suspension_id)
    if suspension is None:
        raise Refusal(SUSPENSION_UNKNOWN)
    return suspension


def _own(connection: Connection, suspension_id: UUID, authority: Authority) -> Suspension:
    suspension = _known(connection, suspension_id)
    if not suspension.authority.is_same(authority):
        raise Refusal(ANOTHER_AUTHORITY)
    return suspension


def _check_replacement(replaced: Suspension, order: ReplacementOrder, at: datetime) -> None:
    """Raise `Refusal` when there is nothing left to replace, or when a renewal would leave days free between."""
    window = replaced.window
    if window is None or replaced.over(at):
        raise Refusal(SUSPENSION_OVER)
    if order.kind == RENEWAL and window.end is not None and window.end < order.terms.period.start:
        raise Refusal(RENEWAL_WITH_GAP)


def _effect_of_lifting(lifted: Suspension, order: LiftingOrder, at: datetime) -> datetime:
    """Return the instant from which the lifting holds, never before `at`; raise `Refusal` when it changes nothing.

    Nor before the suspension's own record: a host whose clock is behind does not make it never to have blocked.
    """
    window = lifted.window
    if window is None or lifted.over(at):
        raise Refusal(SUSPENSION_OVER)
    received = max(at, lifted.recorded_at)
    effective_from = received if order.first_free_day is None else max(received, first_instant(order.first_free_day))
    if window.end is not None and window.end <= effective_from:
        raise Refusal(LIFTING_WITHOUT_EFFECT)
    return effective_from
