"""What authorities send and are shown about suspensions. Shapes only: what the values mean is the room's to say."""

import base64
import binascii
from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import AfterValidator, Field, ValidationInfo

from lme_operator.core.canonical import sha256, to_base64url
from lme_operator.core.decision import Finding
from lme_operator.core.refusal import Refusal
from lme_operator.domain.suspensions import (
    Blocking,
    Consultation,
    Detail,
    Lifted,
    LiftingOrder,
    Materialisation,
    OrderDocument,
    Page,
    Received,
    Suspension,
    Terms,
)
from lme_operator.entrypoints.api.professional.shown import Identifier, Receipt, ShownInstant
from lme_operator.entrypoints.http.refusals import INVALID_DATA
from lme_operator.entrypoints.http.types import Boolean, Day, Instant, Line, Model, Paragraph, RunText, Shown, refuse

_LONGEST_DOCUMENT = 240_000
"""Characters of base64: 180 kB of document, which fit in the largest body with the rest of the order."""
_BEGINNINGS: Mapping[str, tuple[bytes, ...]] = {
    "application/pdf": (b"%PDF-",),
    "application/xml": (b"<?xml", b"\xef\xbb\xbf<?xml"),
    "image/jpeg": (b"\xff\xd8\xff",),
    "image/png": (b"\x89PNG\r\n\x1a\n",),
}
"""How the bytes of each type begin. No more is looked at: the document is kept as signed, and never opened here."""


def _document_bytes(text: str, info: ValidationInfo) -> str:
    try:
        content = base64.b64decode(text, validate=True)
    except (ValueError, binascii.Error):
        raise refuse("base64_invalido", "El contenido no es base64.", "Codifíquelo en base64 con relleno.") from None
    kind = info.data.get("tipo")
    if kind is not None and not content.startswith(_BEGINNINGS[kind]):
        raise refuse(
            "contenido_de_otro_tipo",
            "El contenido no es del tipo que dice «tipo».",
            "Envíe el archivo original, o corrija el tipo.",
        )
    return text


Resolution = Annotated[Line, Field(min_length=1, max_length=60)]
Grounds = Annotated[Paragraph, Field(min_length=1, max_length=4000)]

_BACKWARDS = Finding(
    code="periodo_invertido",
    cause="El último día es anterior al primero.",
    norm="N-6a",
    remedy="Revise «desde» y «hasta»: ambos días quedan dentro de la suspensión.",
    pointer="/hasta",
)


class DocumentModel(Model, title="DocumentoDeResolucion"):
    """The resolution's own document."""

    nombre: Annotated[Line, Field(min_length=1, max_length=100)]
    tipo: Literal["application/pdf", "application/xml", "image/jpeg", "image/png"]
    contenido: Annotated[
        str,
        Field(
            min_length=4,
            max_length=_LONGEST_DOCUMENT,
            description="En base64 con relleno: como máximo 180 kB, que comiencen como los de su tipo.",
            json_schema_extra={"contentEncoding": "base64"},
        ),
        AfterValidator(_document_bytes),
    ]

    def value(self) -> OrderDocument:
        """As the room knows it."""
        content = base64.b64decode(self.contenido)
        return OrderDocument(name=self.nombre, media_type=self.tipo, digest=sha256(content), size=len(content))


class TermsModel(Model, title="TerminosDeSuspension"):
    """What the resolution says. `hasta` is the last forbidden day; null, said and not left out, is definitive."""

    numero_resolucion: Resolution
    fecha_resolucion: Day
    desde: Day
    hasta: Day | None
    fundamento: Grounds
    provisional: Boolean = False
    documento: DocumentModel | None = None

    def terms(self) -> Terms:
        """As the room knows them; raise `Refusal` when the period is backwards."""
        if self.hasta is not None and self.hasta < self.desde:
            raise Refusal(INVALID_DATA, findings=(_BACKWARDS,))
        return Terms(
            resolution_number=self.numero_resolucion,
            resolution_date=self.fecha_resolucion,
            first_day=self.desde,
            last_day=self.hasta,
            grounds=self.fundamento,
            provisional=self.provisional,
            document=None if self.documento is None else self.documento.value(),
        )


class SuspensionModel(TermsModel, title="OrdenDeSuspension"):
    """An order to suspend."""

    run: RunText


class ReplacementModel(TermsModel, title="OrdenDeReemplazo"):
    """`correccion`: only the new period counts from now on. `renovacion`: it is added to the old one, without a gap."""

    clase: Literal["correccion", "renovacion"]


class LiftingModel(Model, title="OrdenDeLevantamiento"):
    """An order to lift; `desde` is the first day free, at once without it."""

    numero_resolucion: Resolution
    motivo: Grounds
    desde: Day | None = None

    def value(self) -> LiftingOrder:
        """As the room knows it."""
        return LiftingOrder(resolution_number=self.numero_resolucion, reason=self.motivo, first_free_day=self.desde)


class PageModel(Model, title="PaginaPedida"):
    """Which page."""

    cursor: Identifier | None = None
    limite: Annotated[int, Field(ge=1, le=100)] = 50


class ConsultationModel(Model, title="ConsultaDeProfesional"):
    """Whom, and when."""

    run: RunText
    instante: Instant | None = None


class ReceivedShown(Shown, title="SuspensionRecibida"):
    """An order taken in. `efectiva_desde` null: its last day had gone by, so it is kept and it never blocked."""

    id: UUID
    recibida_en: ShownInstant
    efectiva_desde: ShownInstant | None
    profesional_registrado: bool
    sesiones_cerradas: int
    recibo: Receipt

    @classmethod
    def of(cls, received: Received) -> "ReceivedShown":
        """As it is shown."""
        return cls(
            id=received.id,
            recibida_en=received.received_at,
            efectiva_desde=received.effective_from,
            profesional_registrado=received.registered_professional,
            sesiones_cerradas=received.sessions_closed,
            recibo=Receipt.model_validate(received.receipt),
        )


class LiftedShown(Shown, title="LevantamientoRecibido"):
    """A lifting taken in."""

    id: UUID
    suspension: UUID
    recibida_en: ShownInstant
    efectiva_desde: ShownInstant
    recibo: Receipt

    @classmethod
    def of(cls, lifted: Lifted) -> "LiftedShown":
        """As it is shown."""
        return cls(
            id=lifted.id,
            suspension=lifted.suspension_id,
            recibida_en=lifted.received_at,
            efectiva_desde=lifted.effective_from,
            recibo=Receipt.model_validate(lifted.receipt),
        )


class SummaryShown(Shown, title="Suspension"):
    """A suspension of one's own."""

    id: UUID
    run: str
    numero_resolucion: str
    fecha_resolucion: str
    desde: str
    hasta: str | None
    provisional: bool
    estado: str
    recibida_en: ShownInstant
    efectiva_desde: ShownInstant | None
    levantada_desde: ShownInstant | None
    reemplaza: UUID | None
    reemplazada_por: UUID | None


class PageShown(Shown, title="PaginaDeSuspensiones"):
    """One's own suspensions, oldest first; `siguiente` is the cursor of the next page."""

    suspensiones: tuple[SummaryShown, ...]
    siguiente: UUID | None

    @classmethod
    def of(cls, page: Page) -> "PageShown":
        """As it is shown."""
        return cls(
            suspensiones=tuple(SummaryShown(**_summary(one, page.at)) for one in page.suspensions), siguiente=page.next
        )


class DetailShown(SummaryShown, title="SuspensionEnDetalle"):
    """A suspension of one's own with its grounds."""

    fundamento: str
    documento: dict[str, Any] | None
    recibo: Receipt

    @classmethod
    def of(cls, detail: Detail) -> "DetailShown":
        """As it is shown."""
        return cls(
            **_summary(detail.suspension, detail.at),
            fundamento=detail.grounds,
            documento=detail.document,
            recibo=Receipt.model_validate(detail.receipt),
        )


class NoticesShown(Shown, title="AvisosDeSuspension"):
    """Notices to the professional and the institution."""

    estado: str
    enviados: int


class MaterialisationShown(Shown, title="Materializacion"):
    """The proof that an order took effect. `orden_firmada` is the signed message as it came, base64url of its JSON;
    its SHA-256 is `mensaje` in the receipt. By `canal` `consola` nothing was signed and it is null: `orden_declarada`
    is what a person confirmed, declared by the operator, and its SHA-256 is `orden`. `efectiva_desde` null: received
    when it was over, it never blocked. `intentos_rechazados` null: not counted yet."""

    id: UUID
    ordenada_el: str
    recibida_en: ShownInstant
    efectiva_desde: ShownInstant | None
    bloquea_hasta: ShownInstant | None
    estado: str
    profesional_registrado: bool
    sesiones_cerradas: int
    avisos: NoticesShown
    intentos_rechazados: int | None
    canal: Literal["firma", "consola"]
    orden_firmada: str | None
    orden_declarada: str | None
    recibo: Receipt

    @classmethod
    def of(cls, materialisation: Materialisation) -> "MaterialisationShown":
        """As it is shown. No notice is sent yet, and it says so."""
        suspension, order = materialisation.suspension, to_base64url(materialisation.message)
        window = suspension.window
        return cls(
            id=suspension.id,
            ordenada_el=suspension.resolution_date.isoformat(),
            recibida_en=suspension.received_at,
            efectiva_desde=suspension.effective_from,
            bloquea_hasta=(suspension.effective_from or suspension.ends_at) if window is None else window.end,
            estado=suspension.state(materialisation.at),
            profesional_registrado=suspension.registered,
            sesiones_cerradas=suspension.sessions_closed,
            avisos=NoticesShown(estado="pendiente", enviados=0),
            intentos_rechazados=None,
            canal="firma" if suspension.signed else "consola",
            orden_firmada=order if suspension.signed else None,
            orden_declarada=None if suspension.signed else order,
            recibo=Receipt.model_validate(materialisation.receipt),
        )


class CauseShown(Shown, title="CausaDeBloqueo"):
    """A suspension in force; another authority's comes without id or resolution."""

    autoridad: str
    propia: bool
    id: UUID | None
    numero_resolucion: str | None
    fecha_resolucion: str | None
    desde: str
    hasta: str | None
    provisional: bool
    efectiva_desde: ShownInstant | None
    recibo: Receipt

    @classmethod
    def of(cls, blocking: Blocking) -> "CauseShown":
        """As it is shown to whoever asks."""
        suspension, own = blocking.suspension, blocking.own
        return cls(
            autoridad=suspension.authority.name,
            propia=own,
            id=suspension.id if own else None,
            numero_resolucion=suspension.resolution_number if own else None,
            fecha_resolucion=suspension.resolution_date.isoformat() if own else None,
            desde=suspension.first_day.isoformat(),
            hasta=_last_day(suspension),
            provisional=suspension.provisional,
            efectiva_desde=suspension.effective_from,
            recibo=Receipt.model_validate(blocking.receipt),
        )


class ConsultationShown(Shown, title="SituacionDeProfesional"):
    """Whether a person is or was suspended at `instante`."""

    run: str
    instante: ShownInstant
    bloqueado: bool
    causas: tuple[CauseShown, ...]

    @classmethod
    def of(cls, consultation: Consultation) -> "ConsultationShown":
        """As it is shown."""
        return cls(
            run=str(consultation.run),
            instante=consultation.at,
            bloqueado=consultation.blocked,
            causas=tuple(CauseShown.of(one) for one in consultation.blocking),
        )


def _summary(suspension: Suspension, at: datetime) -> dict[str, Any]:
    return {
        "id": suspension.id,
        "run": str(suspension.run),
        "numero_resolucion": suspension.resolution_number,
        "fecha_resolucion": suspension.resolution_date.isoformat(),
        "desde": suspension.first_day.isoformat(),
        "hasta": _last_day(suspension),
        "provisional": suspension.provisional,
        "estado": suspension.state(at),
        "recibida_en": suspension.received_at,
        "efectiva_desde": suspension.effective_from,
        "levantada_desde": suspension.lifted_from,
        "reemplaza": suspension.replaces,
        "reemplazada_por": suspension.replaced_by,
    }


def _last_day(suspension: Suspension) -> str | None:
    return None if suspension.last_day is None else suspension.last_day.isoformat()
