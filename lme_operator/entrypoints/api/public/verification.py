"""Open to all: whether a licence on paper is authentic. Never its diagnosis, nor whose it is beyond initials."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from lme_operator.domain.issuance import TOO_MANY_VERIFICATIONS, Issuance, Verified
from lme_operator.domain.professionals import PROFESSIONS
from lme_operator.entrypoints.api.professional.shown import ShownInstant, StateCodeText, StateDetail, StateWords
from lme_operator.entrypoints.http.routes import OPEN, Answer, Call, Route
from lme_operator.entrypoints.http.types import Model, RunText, Shown
from lme_operator.entrypoints.http.verification_code import VerificationCode


class VerificationModel(Model, title="Verificacion"):
    """What is printed on the licence."""

    folio: RunText
    codigo: VerificationCode


class VerifiedShown(Shown, title="LicenciaVerificada"):
    """What anybody may know of an authentic licence, to compare it with the paper."""

    folio: str
    estado: StateCodeText
    estado_glosa: StateWords
    estado_detalle: StateDetail
    firma: str
    fecha_emision: ShownInstant
    profesional: str
    profesion: str
    reposo_desde: date
    reposo_hasta: date
    dias: int
    trabajador_iniciales: str
    trabajador_run: str

    @classmethod
    def of(cls, verified: Verified) -> "VerifiedShown":
        """Render it."""
        return cls(
            folio=verified.folio,
            estado=verified.state.code,
            estado_glosa=verified.state.words,
            estado_detalle=verified.state.detail,
            firma=verified.authorship.words,
            fecha_emision=verified.issued_at,
            profesional=verified.issuer_name,
            profesion=PROFESSIONS[verified.profession],
            reposo_desde=verified.rest_starts_on,
            reposo_hasta=verified.rest_ends_on,
            dias=verified.days,
            trabajador_iniciales=verified.worker_initials,
            trabajador_run=verified.worker_run,
        )


class VerificationShown(Shown, title="ResultadoDeVerificacion"):
    """`licencia` only when it is authentic; a wrong code and an unknown folio are answered alike."""

    autentica: bool
    licencia: VerifiedShown | None


def verification_routes(issuance: Issuance) -> tuple[Route[Any, Any], ...]:
    """Return the route that anybody may ask."""
    return (
        Route(
            method="POST",
            path="/api/v1/verificaciones",
            name="verificar_licencia",
            summary="Dice si una licencia es auténtica, por su folio y su código; nunca su diagnóstico.",
            subject="Verificación",
            guard=OPEN,
            handle=_Doors(issuance).verify,
            input=VerificationModel,
            answer=VerificationShown,
            problems=(TOO_MANY_VERIFICATIONS,),
        ),
    )


@dataclass(frozen=True, slots=True)
class _Doors:
    issuance: Issuance

    def verify(self, call: Call[None, VerificationModel]) -> Answer:
        verified = self.issuance.verify(
            code=call.input.codigo, folio=call.input.folio, origin=call.origin, deadline=call.deadline
        )
        shown = None if verified is None else VerifiedShown.of(verified)
        return Answer(VerificationShown(autentica=shown is not None, licencia=shown))
