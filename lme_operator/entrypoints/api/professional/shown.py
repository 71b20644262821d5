"""What several answers show: instants, receipts, permissions, contexts."""

from datetime import datetime
from typing import Annotated, Any, Literal, Self
from uuid import UUID

from pydantic import BeforeValidator, Field, PlainSerializer, WithJsonSchema

from lme_operator.core.canonical import format_instant
from lme_operator.core.decision import Decision
from lme_operator.domain.licences.state import StateCode
from lme_operator.domain.professionals import PracticeContext
from lme_operator.entrypoints.api.openapi import Reason
from lme_operator.entrypoints.http.types import Model, RunText, Shown, refuse

ShownInstant = Annotated[
    datetime,
    PlainSerializer(format_instant, return_type=str),
    WithJsonSchema({"type": "string", "format": "date-time"}),
]
"""An instant in UTC with microseconds, as in everything that is signed."""


def _identifier(value: object) -> UUID:
    try:
        identifier = UUID(value) if isinstance(value, str) else None
    except ValueError:
        identifier = None
    if identifier is None or str(identifier) != value:
        raise refuse("identificador_invalido", "El identificador no es un UUID.", "Cópielo como lo recibió.")
    return identifier


Identifier = Annotated[UUID, BeforeValidator(_identifier), WithJsonSchema({"type": "string", "format": "uuid"})]
"""An id of ours, exactly as it was given out."""

Credential = Annotated[dict[str, Any], Field(description="La respuesta del navegador: PublicKeyCredential.toJSON().")]
"""What an authenticator answered."""


StateCodeText = Annotated[
    str, Field(description=f"El estado de hoy: {', '.join(StateCode)}. Puede haber otros más adelante.")
]
StateWords = Annotated[str, Field(description="El estado en palabras, para mostrarlo a personas.")]
StateDetail = Annotated[
    str | None, Field(description="Lo que conviene saber de ese estado, y a quién preguntar; null si no hay más.")
]
"""The state of a licence as it is at this moment: the same three members wherever one is told."""


class Receipt(Shown, title="Recibo"):
    """Proof that an act is in the operator's log; verifies with the trust file alone (formats v1)."""

    entrada: dict[str, Any]
    divulgaciones: tuple[tuple[Any, ...], ...]
    indice: int
    tamano: int
    raiz: str
    prueba: tuple[str, ...]
    punto_de_control: str


class Permission(Shown, title="Permiso"):
    """Whether something is allowed, and every reason if not."""

    permitido: bool
    motivos: tuple[Reason, ...]

    @classmethod
    def of(cls, decision: Decision) -> Self:
        """Render a decision."""
        reasons = (
            Reason(codigo=finding.code, causa=finding.cause, norma=finding.norm, remedio=finding.remedy)
            for finding in decision.findings
        )
        return cls(permitido=decision.allowed, motivos=tuple(reasons))


class IndividualContext(Model, title="ContextoIndividual"):
    """Individual practice."""

    tipo: Literal["individual"]

    def value(self) -> PracticeContext:
        """As the rooms know it."""
        return PracticeContext()


class InstitutionContext(Model, title="ContextoInstitucional"):
    """Practice for one institution."""

    tipo: Literal["institucion"]
    rut: RunText

    def value(self) -> PracticeContext:
        """As the rooms know it."""
        return PracticeContext(self.rut)


ContextModel = Annotated[IndividualContext | InstitutionContext, Field(discriminator="tipo")]


class ShownContext(Shown, title="Contexto"):
    """The context of a session; `rut` only for an institution; `operador` for the operator's own people."""

    tipo: Literal["individual", "institucion", "operador"]
    rut: str | None = None

    @classmethod
    def of(cls, context: PracticeContext) -> Self:
        """Render a context."""
        if context.operator:
            return cls(tipo="operador")
        if context.institution is None:
            return cls(tipo="individual")
        return cls(tipo="institucion", rut=str(context.institution))
