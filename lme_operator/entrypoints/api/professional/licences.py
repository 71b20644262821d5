"""Licences: prepare, discard, issue, read one's own."""

from dataclasses import dataclass, replace
from http import HTTPStatus
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import Field

from lme_operator.core.canonical import Json, to_base64url
from lme_operator.core.database import Database
from lme_operator.core.refusal import PERSON_BUSY
from lme_operator.domain.credentials import Credentials, Session
from lme_operator.domain.issuance import (
    Authorisation,
    Issuance,
    Issued,
    Prepared,
    Reduced,
    TotpAuthorisation,
    WebauthnAuthorisation,
)
from lme_operator.domain.issuance.refusals import (
    LICENCE_UNKNOWN,
    MAY_NOT_ISSUE,
    MAY_NOT_READ,
    ORDER_REFUSED,
    PREPARATION_CANCELLED,
    PREPARATION_DEAD,
    PREPARATION_UNKNOWN,
    PREPARATION_USED,
    TOO_MANY_PREPARATIONS,
)
from lme_operator.domain.licences.form import Copy
from lme_operator.entrypoints.api.professional.document_view import document_fields
from lme_operator.entrypoints.api.professional.order import OrderModel
from lme_operator.entrypoints.api.professional.sessions import OF_THE_CODE, OF_THE_KEY
from lme_operator.entrypoints.api.professional.shown import (
    Credential,
    Identifier,
    Receipt,
    ShownInstant,
    StateCodeText,
    StateDetail,
    StateWords,
)
from lme_operator.entrypoints.http.document_challenge import document_challenge
from lme_operator.entrypoints.http.people import PROFESSIONAL
from lme_operator.entrypoints.http.routes import Answer, Call, Idempotency, Route
from lme_operator.entrypoints.http.types import Model, Shown, TotpCode

_SUBJECT = "Licencias"
_LICENCES = "/api/v1/licencias"


class TotpModel(Model, title="AutorizacionTotp"):
    """A fresh code."""

    tipo: Literal["totp"]
    codigo: TotpCode

    def value(self) -> Authorisation:
        """As the rooms know it."""
        return TotpAuthorisation(self.codigo)


class WebauthnModel(Model, title="AutorizacionWebauthn"):
    """The assertion of a signing key over the document's digest."""

    tipo: Literal["webauthn"]
    credencial: Credential

    def value(self) -> Authorisation:
        """As the rooms know it."""
        return WebauthnAuthorisation(self.credencial)


class IssueModel(Model, title="Emision"):
    """What is issued, and how its professional authorises it."""

    preparacion: Identifier
    autorizacion: Annotated[TotpModel | WebauthnModel, Field(discriminator="tipo")]


class DocumentShown(Shown, title="DocumentoPreparado"):
    """The whole document that the professional will authorise, to read and as it is."""

    folio: str
    secciones: dict[str, Any]
    xml: str


class PreparedShown(Shown, title="Preparacion"):
    """A preparation: `digest` is the SHA-256 of `documento.xml`, base64url, and what WebAuthn signs."""

    preparacion: UUID
    folio: str
    fecha_emision: ShownInstant
    vence_en: ShownInstant
    documento: DocumentShown
    digest: str
    desafio_webauthn: dict[str, Any]
    avisos: tuple[str, ...] = ()


class ReducedShown(Shown, title="ActoYaHecho"):
    """What was done before, for who may not read its result now."""

    id: UUID
    folio: str


class CopyModel(Model, title="Copia"):
    """Which copy of the form: the employer's and the comprobante say nothing of the diagnosis."""

    copia: Literal["trabajador", "empleador", "profesional", "comprobante"] = "trabajador"


class LinksShown(Shown, title="EnlacesDeLicencia"):
    """Where to read the licence; `formulario` is the worker's copy, and each other with `?copia=`."""

    licencia: str
    documento: str
    formulario: str
    evidencia: str


class LicenceShown(Shown, title="Licencia"):
    """A licence as its professional sees it."""

    id: UUID
    folio: str
    estado: StateCodeText
    estado_glosa: StateWords
    estado_detalle: StateDetail
    emitida_en: ShownInstant
    codigo_verificacion: str
    recibo: Receipt
    enlaces: LinksShown

    @classmethod
    def of(cls, issued: Issued) -> "LicenceShown":
        """Render a licence."""
        here = f"{_LICENCES}/{issued.id}"
        return cls(
            id=issued.id,
            folio=issued.folio,
            estado=issued.state.code,
            estado_glosa=issued.state.words,
            estado_detalle=issued.state.detail,
            emitida_en=issued.issued_at,
            codigo_verificacion=issued.verification_code,
            recibo=Receipt.model_validate(issued.receipt),
            enlaces=LinksShown(
                licencia=here,
                documento=f"{here}/documento.xml",
                formulario=f"{here}/documento.pdf",
                evidencia=f"{here}/evidencia.zip",
            ),
        )


def licence_routes(issuance: Issuance, credentials: Credentials, database: Database) -> tuple[Route[Any, Any], ...]:
    """Return the routes of licences."""
    doors = _Doors(issuance, credentials, database)
    return (
        Route(
            method="POST",
            path=f"{_LICENCES}/preparaciones",
            name="preparar_licencia",
            summary="Revisa la orden y hace el documento completo, con folio, que el profesional autorizará.",
            subject=_SUBJECT,
            guard=PROFESSIONAL,
            handle=doors.prepare,
            input=OrderModel,
            answer=PreparedShown,
            reduced=ReducedShown,
            status=HTTPStatus.CREATED,
            idempotency=Idempotency.REQUIRED,
            asks_outside=True,
            problems=(MAY_NOT_ISSUE, ORDER_REFUSED, TOO_MANY_PREPARATIONS, PREPARATION_UNKNOWN),
        ),
        Route(
            method="DELETE",
            path=f"{_LICENCES}/preparaciones/{{id}}",
            name="descartar_preparacion",
            summary="Descarta una preparación que no se emitirá y deja su lugar libre; el folio queda sin uso.",
            subject=_SUBJECT,
            guard=PROFESSIONAL,
            handle=doors.cancel,
            status=HTTPStatus.NO_CONTENT,
            problems=(PREPARATION_UNKNOWN, PREPARATION_USED, PERSON_BUSY),
        ),
        Route(
            method="POST",
            path=_LICENCES,
            name="emitir_licencia",
            summary="Emite lo preparado: lo firma, lo sella y lo deja en el registro.",
            subject=_SUBJECT,
            guard=PROFESSIONAL,
            handle=doors.issue,
            input=IssueModel,
            answer=LicenceShown,
            reduced=ReducedShown,
            status=HTTPStatus.CREATED,
            idempotency=Idempotency.REQUIRED,
            asks_outside=True,
            problems=(
                MAY_NOT_ISSUE,
                PREPARATION_UNKNOWN,
                PREPARATION_CANCELLED,
                PREPARATION_DEAD,
                PREPARATION_USED,
                LICENCE_UNKNOWN,
                *OF_THE_CODE,
                *OF_THE_KEY,
            ),
        ),
        Route(
            method="GET",
            path=f"{_LICENCES}/{{id}}",
            name="ver_licencia",
            summary="Una licencia propia, con su recibo.",
            subject=_SUBJECT,
            guard=PROFESSIONAL,
            handle=doors.find,
            answer=LicenceShown,
            problems=(LICENCE_UNKNOWN, MAY_NOT_READ),
        ),
        Route(
            method="GET",
            path=f"{_LICENCES}/{{id}}/documento.xml",
            name="ver_documento",
            summary="El documento oficial firmado y sellado de una licencia propia.",
            subject=_SUBJECT,
            guard=PROFESSIONAL,
            handle=doors.document,
            answer="application/xml",
            problems=(LICENCE_UNKNOWN, MAY_NOT_READ),
        ),
        Route(
            method="GET",
            path=f"{_LICENCES}/{{id}}/documento.pdf",
            name="ver_formulario",
            summary="El formulario oficial de una licencia propia, en una de sus cuatro copias.",
            subject=_SUBJECT,
            guard=PROFESSIONAL,
            handle=doors.form,
            input=CopyModel,
            answer="application/pdf",
            problems=(LICENCE_UNKNOWN, MAY_NOT_READ),
        ),
        Route(
            method="GET",
            path=f"{_LICENCES}/{{id}}/evidencia.zip",
            name="ver_evidencia",
            summary="El archivo de evidencia de una licencia propia, que se comprueba sin conexión.",
            subject=_SUBJECT,
            guard=PROFESSIONAL,
            handle=doors.evidence,
            answer="application/zip",
            problems=(LICENCE_UNKNOWN, MAY_NOT_READ),
        ),
    )


@dataclass(frozen=True, slots=True)
class _Doors:
    issuance: Issuance
    credentials: Credentials
    database: Database

    def prepare(self, call: Call[Session, OrderModel]) -> Answer:
        prepared = self.issuance.prepare(
            session=call.who,
            order=call.input.value(),
            request=call.demanded_key,
            origin=replace(call.origin, place=call.input.atencion.lugar.comuna),
            deadline=call.deadline,
        )
        if isinstance(prepared, Reduced):
            return _reduced(prepared)
        challenge = document_challenge(
            self.credentials, self.database, session=call.who, prepared=prepared, deadline=call.deadline
        )
        return Answer(_prepared(prepared, challenge), replayed=prepared.replayed)

    def cancel(self, call: Call[Session, None]) -> Answer:
        self.issuance.cancel(
            session=call.who, preparation_id=call.path["id"], origin=call.origin, deadline=call.deadline
        )
        return Answer(None)

    def issue(self, call: Call[Session, IssueModel]) -> Answer:
        issued = self.issuance.issue(
            session=call.who,
            preparation_id=call.input.preparacion,
            authorisation=call.input.autorizacion.value(),
            request=call.demanded_key,
            origin=call.origin,
            deadline=call.deadline,
        )
        if isinstance(issued, Reduced):
            return _reduced(issued)
        return Answer(LicenceShown.of(issued), replayed=issued.replayed)

    def find(self, call: Call[Session, None]) -> Answer:
        issued = self.issuance.find(session=call.who, licence_id=call.path["id"], deadline=call.deadline)
        return Answer(LicenceShown.of(issued))

    def document(self, call: Call[Session, None]) -> Answer:
        document = self.issuance.document(session=call.who, licence_id=call.path["id"], deadline=call.deadline)
        return Answer(document, headers=_attachment("documento.xml"))

    def form(self, call: Call[Session, CopyModel]) -> Answer:
        form = self.issuance.form(
            session=call.who, licence_id=call.path["id"], copy=Copy(call.input.copia), deadline=call.deadline
        )
        return Answer(form.content, headers=_attachment(form.name))

    def evidence(self, call: Call[Session, None]) -> Answer:
        file = self.issuance.evidence_file(session=call.who, licence_id=call.path["id"], deadline=call.deadline)
        return Answer(file, headers=_attachment("evidencia.zip"))


def _prepared(prepared: Prepared, challenge: dict[str, Json]) -> PreparedShown:
    return PreparedShown(
        preparacion=prepared.id,
        folio=prepared.folio,
        fecha_emision=prepared.issued_at,
        vence_en=prepared.expires_at,
        documento=DocumentShown(
            folio=prepared.folio,
            secciones=document_fields(prepared.document),
            xml=prepared.document.decode("utf-8"),
        ),
        digest=to_base64url(prepared.digest),
        desafio_webauthn=challenge,
    )


def _reduced(told: Reduced) -> Answer:
    return Answer(ReducedShown(id=told.id, folio=told.folio), reduced=True)


def _attachment(name: str) -> dict[str, str]:
    return {"Content-Disposition": f'attachment; filename="{name}"'}
