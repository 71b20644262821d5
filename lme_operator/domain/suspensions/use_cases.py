"""Receive, replace and lift suspensions."""

from datetime import datetime
from uuid import UUID

from lme_operator.core.canonical import Json, encode
from lme_operator.core.database import Deadline, Work
from lme_operator.core.idempotency import remember_outcome
from lme_operator.core.periods import first_instant, local_day
from lme_operator.core.refusal import Refusal
from lme_operator.core.run import Run
from lme_operator.domain.credentials import TotpUse
from lme_operator.domain.suspensions import rules, store
from lme_operator.domain.suspensions.answers import Lifted, Received
from lme_operator.domain.suspensions.base import about, known, own
from lme_operator.domain.suspensions.channels import Orderer, PersonOrdering
from lme_operator.domain.suspensions.events import SUSPENSION_LIFTED, SUSPENSION_RECEIVED, SUSPENSION_REPLACED
from lme_operator.domain.suspensions.orders import RENEWAL, LiftingOrder, ReplacementOrder, SuspensionOrder, Terms
from lme_operator.domain.suspensions.reading import Reading
from lme_operator.domain.suspensions.refusals import (
    LIFTING_TAKEN,
    LIFTING_WITHOUT_EFFECT,
    RENEWAL_WITH_GAP,
    REPLACEMENT_TAKEN,
    RESOLUTION_DATE_IMPOSSIBLE,
    RESOLUTION_TAKEN,
    SUSPENSION_OVER,
)
from lme_operator.domain.suspensions.rules import Suspension
from lme_operator.domain.suspensions.writing import write_lifting, write_suspension

_SUSPENSION, _LIFTING = "suspension", "levantamiento"


class Suspensions(Reading):
    """The room's use cases. Orders go first: they wait for the person's lock, in a pool of connections of their own."""

    __slots__ = ()

    def receive(self, order: SuspensionOrder, *, by: Orderer | PersonOrdering, deadline: Deadline) -> Received:
        """Suspend a person, known here or not; once this returns nothing of the person's passes (N-6a, N-6b).

        One order by (authority incl. regional COMPIN, resolution number and date, RUN): the same content again gives
        the same answer; other content raises `Refusal(resolucion_ya_recibida)`. Raises also
        `fecha_de_resolucion_imposible`, and as every order `firma_clave_no_vigente` when its key was ended since the
        message came in, or those of the person's session, mandate and code, or `orden_sobre_si_mismo`.
        (orden-en-consola@v1#ordenar)
        """
        with self.database.unit_of_work(
            deadline=deadline,
            idempotency=by.request,
            locks=by.locks(order.run, create=True),
            evidence=by.evidence(
                self._evidence(SUSPENSION_RECEIVED, by.authority, {"run": str(order.run), **by.who}),
                SUSPENSION_RECEIVED,
            ),
            priority=True,
        ) as work:
            if work.replayed is not None:
                suspension_id, replayed = work.replayed.result_id, True
            else:
                by.require_may_suspend(order.run)
                use = by.admit(work, self.sealer, self.credentials, SUSPENSION_RECEIVED)
                suspension_id, replayed = self._receive(work, order, by, use)
        return self._received(suspension_id, replayed=replayed, deadline=deadline)

    def replace(self, suspension_id: UUID, order: ReplacementOrder, *, by: Orderer, deadline: Deadline) -> Received:
        """Supersede a suspension by a corrected period, or renew it without a gap; only its own authority (N-6d).

        Raises `Refusal`: `suspension_inexistente`, `suspension_de_otra_autoridad`, `suspension_ya_reemplazada`,
        `suspension_terminada`, `renovacion_con_intervalo`, `fecha_de_resolucion_imposible`.
        """
        run = self._run_of(suspension_id, deadline)
        with self.database.unit_of_work(
            deadline=deadline,
            idempotency=by.request,
            locks=by.locks(run),
            evidence=self._evidence(SUSPENSION_REPLACED, by.authority, about(run, suspension_id)),
            priority=True,
        ) as work:
            if work.replayed is not None:
                successor_id, replayed = work.replayed.result_id, True
            else:
                by.admit(work, self.sealer, self.credentials, SUSPENSION_REPLACED)
                replaced = own(work.connection, suspension_id, by.authority)
                successor_id, replayed = self._replace(work, replaced, order, by)
        return self._received(successor_id, replayed=replayed, deadline=deadline)

    def lift(
        self, suspension_id: UUID, order: LiftingOrder, *, by: Orderer | PersonOrdering, deadline: Deadline
    ) -> Lifted:
        """Lift a suspension, at once or from a day on; only its own authority (N-6d). Every other cause stays.

        Raises `Refusal`: `suspension_inexistente`, `suspension_de_otra_autoridad`, `suspension_terminada`,
        `levantamiento_ya_recibido`, `levantamiento_sin_efecto`; and of a person, `orden_firmada_por_la_autoridad`,
        `orden_sobre_si_mismo`. (orden-en-consola@v1#ordenar)
        """
        run = self._run_of(suspension_id, deadline)
        with self.database.unit_of_work(
            deadline=deadline,
            idempotency=by.request,
            locks=by.locks(run),
            evidence=by.evidence(
                self._evidence(SUSPENSION_LIFTED, by.authority, {**about(run, suspension_id), **by.who}),
                SUSPENSION_LIFTED,
            ),
            priority=True,
        ) as work:
            if work.replayed is not None:
                lifting_id, replayed = work.replayed.result_id, True
            else:
                use = by.admit(work, self.sealer, self.credentials, SUSPENSION_LIFTED)
                lifted = own(work.connection, suspension_id, by.authority)
                by.require_may_lift(lifted)
                lifting_id, replayed = self._lift(work, lifted, order, by, use)
        return self._lifted(lifting_id, replayed=replayed, deadline=deadline)

    def _receive(
        self, work: Work, order: SuspensionOrder, by: Orderer | PersonOrdering, use: TotpUse | None
    ) -> tuple[UUID, bool]:
        told: Json = {"run": str(order.run), **order.terms.render()}
        content = self._hash(told)
        earlier = store.with_resolution(work.connection, by.authority, order)
        if earlier and content not in earlier:
            raise Refusal(RESOLUTION_TAKEN)
        if not earlier:
            self._demand_possible_date(work, order.terms)
        suspension_id = earlier.get(content) or work.new_id()
        remember_outcome(work.connection, by.request, kind=_SUSPENSION, result_id=suspension_id, at=work.at)
        if not earlier:
            write_suspension(
                work,
                self.log,
                self.sealer,
                order,
                suspension_id=suspension_id,
                content_hash=content,
                by=by,
                kept=by.keep(work, self.sealer, told, use),
            )
        return suspension_id, bool(earlier)

    def _replace(self, work: Work, replaced: Suspension, order: ReplacementOrder, by: Orderer) -> tuple[UUID, bool]:
        content = self._hash({"reemplaza": str(replaced.id), "clase": order.kind, **order.terms.render()})
        earlier = replaced.replaced_by
        if earlier is None:
            _check_replacement(replaced, order, work.at)
            self._demand_possible_date(work, order.terms)
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
                kept=by.keep(work, self.sealer, None, None),
                replaces=replaced.id,
                replacement=order.kind,
            )
        return successor_id, earlier is not None

    def _lift(
        self, work: Work, lifted: Suspension, order: LiftingOrder, by: Orderer | PersonOrdering, use: TotpUse | None
    ) -> tuple[UUID, bool]:
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
                kept=by.keep(work, self.sealer, {"suspension": str(lifted.id), **order.render()}, use),
            )
        return lifting_id, earlier is not None

    def _demand_possible_date(self, work: Work, terms: Terms) -> None:
        oldest = self.norms.parameter("suspension.resolucion_anio_minimo", at=work.at)
        findings = rules.resolution_date_findings(
            terms.resolution_date, today=local_day(work.at), oldest_year=oldest.number if oldest.active else None
        )
        if findings:
            raise Refusal(RESOLUTION_DATE_IMPOSSIBLE, findings=findings)

    def _received(self, suspension_id: UUID, *, replayed: bool, deadline: Deadline) -> Received:
        with self.database.after_commit(deadline=deadline, priority=True) as connection:
            suspension = known(connection, suspension_id)
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

    def _run_of(self, suspension_id: UUID, deadline: Deadline) -> Run:
        with self.database.reading(deadline=deadline, priority=True) as connection:
            return known(connection, suspension_id).run

    def _hash(self, content: Json) -> bytes:
        return self.sealer.lookup(encode(content).decode(), purpose="suspensions.content")


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
