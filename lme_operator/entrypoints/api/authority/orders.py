"""What authorities do directly (N-6c, N-6d): order, replace and lift suspensions, see that they took effect, ask."""

from http import HTTPStatus
from typing import Any

from lme_operator.domain.mandates import AcceptedMessage
from lme_operator.domain.suspensions import Authority, Orderer, ReplacementOrder, SuspensionOrder, Suspensions
from lme_operator.domain.suspensions.refusals import (
    ANOTHER_AUTHORITY,
    FUTURE_INSTANT,
    LIFTING_TAKEN,
    LIFTING_WITHOUT_EFFECT,
    RENEWAL_WITH_GAP,
    REPLACEMENT_TAKEN,
    RESOLUTION_DATE_IMPOSSIBLE,
    RESOLUTION_TAKEN,
    SUSPENSION_OVER,
    SUSPENSION_UNKNOWN,
)
from lme_operator.entrypoints.api.authority.models import (
    ConsultationModel,
    ConsultationShown,
    DetailShown,
    LiftedShown,
    LiftingModel,
    MaterialisationShown,
    PageModel,
    PageShown,
    ReceivedShown,
    ReplacementModel,
    SuspensionModel,
)
from lme_operator.entrypoints.http.routes import Answer, Call, Guard, Idempotency, Route

_SUBJECT = "Autoridades"
_BASE = "/api/v1/autoridad"


def authority_routes(
    suspensions: Suspensions, *, ordering: Guard[AcceptedMessage], consulting: Guard[AcceptedMessage]
) -> tuple[Route[Any, Any], ...]:
    """Return the routes of authorities; `ordering` admits who may order, `consulting` who may ask."""
    doors = _Doors(suspensions)
    return (
        Route(
            method="POST",
            path=f"{_BASE}/suspensiones",
            name="suspender",
            summary="Ordena la suspensión de un profesional, esté o no registrado aquí.",
            subject=_SUBJECT,
            guard=ordering,
            handle=doors.receive,
            input=SuspensionModel,
            answer=ReceivedShown,
            status=HTTPStatus.CREATED,
            idempotency=Idempotency.REQUIRED,
            priority=True,
            problems=(RESOLUTION_TAKEN, RESOLUTION_DATE_IMPOSSIBLE),
        ),
        Route(
            method="POST",
            path=f"{_BASE}/suspensiones/{{id}}/levantamiento",
            name="levantar_suspension",
            summary="Levanta una suspensión propia, de inmediato o desde un día.",
            subject=_SUBJECT,
            guard=ordering,
            handle=doors.lift,
            input=LiftingModel,
            answer=LiftedShown,
            status=HTTPStatus.CREATED,
            idempotency=Idempotency.REQUIRED,
            priority=True,
            problems=(
                ANOTHER_AUTHORITY,
                SUSPENSION_UNKNOWN,
                SUSPENSION_OVER,
                LIFTING_TAKEN,
                LIFTING_WITHOUT_EFFECT,
            ),
        ),
        Route(
            method="POST",
            path=f"{_BASE}/suspensiones/{{id}}/reemplazo",
            name="reemplazar_suspension",
            summary="Corrige o renueva el período de una suspensión propia.",
            subject=_SUBJECT,
            guard=ordering,
            handle=doors.replace,
            input=ReplacementModel,
            answer=ReceivedShown,
            status=HTTPStatus.CREATED,
            idempotency=Idempotency.REQUIRED,
            priority=True,
            problems=(
                ANOTHER_AUTHORITY,
                SUSPENSION_UNKNOWN,
                SUSPENSION_OVER,
                REPLACEMENT_TAKEN,
                RENEWAL_WITH_GAP,
                RESOLUTION_DATE_IMPOSSIBLE,
            ),
        ),
        Route(
            method="GET",
            path=f"{_BASE}/suspensiones",
            name="listar_suspensiones",
            summary="Las suspensiones propias, de la más antigua a la más nueva.",
            subject=_SUBJECT,
            guard=ordering,
            handle=doors.page,
            input=PageModel,
            answer=PageShown,
        ),
        Route(
            method="GET",
            path=f"{_BASE}/suspensiones/{{id}}",
            name="ver_suspension",
            summary="Una suspensión propia.",
            subject=_SUBJECT,
            guard=ordering,
            handle=doors.detail,
            answer=DetailShown,
            problems=(ANOTHER_AUTHORITY, SUSPENSION_UNKNOWN),
        ),
        Route(
            method="GET",
            path=f"{_BASE}/suspensiones/{{id}}/materializacion",
            name="materializacion_de_suspension",
            summary="La prueba de que una suspensión propia se hizo efectiva en tiempo y forma.",
            subject=_SUBJECT,
            guard=ordering,
            handle=doors.materialisation,
            answer=MaterialisationShown,
            problems=(ANOTHER_AUTHORITY, SUSPENSION_UNKNOWN),
        ),
        Route(
            method="POST",
            path=f"{_BASE}/consultas/profesional",
            name="consultar_profesional",
            summary="Si una persona está suspendida, o lo estaba en un instante pasado, por qué y desde cuándo.",
            subject=_SUBJECT,
            guard=consulting,
            handle=doors.consult,
            input=ConsultationModel,
            answer=ConsultationShown,
            problems=(FUTURE_INSTANT,),
        ),
    )


class _Doors:
    """Each method: translate in, one use case, translate out."""

    def __init__(self, suspensions: Suspensions) -> None:
        self._suspensions = suspensions

    def receive(self, call: Call[AcceptedMessage, SuspensionModel]) -> Answer:
        order = SuspensionOrder(run=call.input.run, terms=call.input.terms())
        received = self._suspensions.receive(order, by=_orderer(call), deadline=call.deadline)
        return Answer(ReceivedShown.of(received), replayed=received.replayed)

    def replace(self, call: Call[AcceptedMessage, ReplacementModel]) -> Answer:
        order = ReplacementOrder(kind=call.input.clase, terms=call.input.terms())
        received = self._suspensions.replace(call.path["id"], order, by=_orderer(call), deadline=call.deadline)
        return Answer(ReceivedShown.of(received), replayed=received.replayed)

    def lift(self, call: Call[AcceptedMessage, LiftingModel]) -> Answer:
        lifted = self._suspensions.lift(call.path["id"], call.input.value(), by=_orderer(call), deadline=call.deadline)
        return Answer(LiftedShown.of(lifted), replayed=lifted.replayed)

    def page(self, call: Call[AcceptedMessage, PageModel]) -> Answer:
        page = self._suspensions.page(
            authority=_authority(call), after=call.input.cursor, at_most=call.input.limite, deadline=call.deadline
        )
        return Answer(PageShown.of(page))

    def detail(self, call: Call[AcceptedMessage, None]) -> Answer:
        detail = self._suspensions.detail(call.path["id"], authority=_authority(call), deadline=call.deadline)
        return Answer(DetailShown.of(detail))

    def materialisation(self, call: Call[AcceptedMessage, None]) -> Answer:
        found = self._suspensions.materialisation(call.path["id"], authority=_authority(call), deadline=call.deadline)
        return Answer(MaterialisationShown.of(found))

    def consult(self, call: Call[AcceptedMessage, ConsultationModel]) -> Answer:
        consultation = self._suspensions.consult(
            call.input.run, instant=call.input.instante, authority=_authority(call), deadline=call.deadline
        )
        return Answer(ConsultationShown.of(consultation))


def _authority(call: Call[AcceptedMessage, Any]) -> Authority:
    return Authority.of(call.who.key)


def _orderer(call: Call[AcceptedMessage, Any]) -> Orderer:
    return Orderer(message=call.who, request=call.demanded_key, origin=call.origin)
