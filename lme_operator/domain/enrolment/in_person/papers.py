"""The tasks that rest on papers and registers: declared data, document, RNPI, proof of address, terms."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from lme_operator.core.canonical import Json, format_instant, sha256, to_base64url
from lme_operator.core.database import Deadline
from lme_operator.core.origin import Origin
from lme_operator.core.refusal import Refusal
from lme_operator.domain.credentials import Session
from lme_operator.domain.enrolment.in_person.base import InPersonBase, Upload
from lme_operator.domain.enrolment.in_person.declared import Declared
from lme_operator.domain.enrolment.in_person.events import PIECE_GATHERED
from lme_operator.domain.enrolment.in_person.pieces import Piece, Task
from lme_operator.domain.enrolment.refusals import DATA_FIRST, HAS_CARD
from lme_operator.domain.identity import CardKind, DocumentKind
from lme_operator.domain.rnpi import Consultation, Purpose


@dataclass(frozen=True, slots=True)
class CardOrder:
    """A cédula to ask the Registro Civil about."""

    kind: CardKind
    number: str
    expires_on: date


@dataclass(frozen=True, slots=True)
class ProvisionalOrder:
    """The ministry's authorisation of who has a provisional RUT, and its paper."""

    number: str
    given_on: date
    paper: bytes


@dataclass(frozen=True, slots=True)
class AddressOrder:
    """A proof of address: of which kind (`luz`, `agua`, `telefono`, …), whose, of when; `supports` the declared one."""

    kind: str
    issuer: str
    issued_on: date
    supports: bool
    paper: bytes


class Papers(InPersonBase):
    """Use cases of papers and registers. Each raises `Refusal` as `_acting` says, and what it adds."""

    __slots__ = ()

    def record_data(
        self, *, session: Session, case_id: UUID, declared: Declared, origin: Origin, deadline: Deadline
    ) -> Piece:
        """Keep what the professional declares (enrolamiento-presencial@v2#datos)."""
        return self._gather(session, case_id, Task.DATA, declared.content(), origin=origin, deadline=deadline)

    def check_card(
        self, *, session: Session, case_id: UUID, card: CardOrder, origin: Origin, deadline: Deadline
    ) -> Piece:
        """Ask the Registro Civil about the cédula and keep its answer, whatever it is (N-2.1a)."""
        case, _ = self._look(session, case_id, deadline)
        check = self.identity_checks.document_status(
            run=case.run, number=card.number, kind=card.kind, deadline=deadline
        )
        content = {
            "clase": card.kind.value.lower(),
            "numero": card.number,
            "vence_en": card.expires_on.isoformat(),
            "estado": check.status.value,
            "motivo": check.reason,
            "consulta": check.exchange.render(),
        }
        return self._gather(session, case_id, Task.DOCUMENT, content, origin=origin, deadline=deadline)

    def record_authorisation(
        self, *, session: Session, case_id: UUID, order: ProvisionalOrder, origin: Origin, deadline: Deadline
    ) -> Piece:
        """Keep the ministry's prior authorisation of who has a provisional RUT (N-2.1a).

        Raises `Refusal`: `documento_no_admitido`; `tiene_cedula` when the Registro Civil knows a card of this person,
        or said in any case of his that the number is another's.
        """
        upload = self._inspected(session, case_id, order.paper, DocumentKind.MINSAL_AUTHORISATION, deadline)
        with self._acting(session, case_id, PIECE_GATHERED, origin=origin, deadline=deadline) as (work, case):
            if any(_knows_card(piece) for piece in self._of_person(work.connection, case.run)):
                raise Refusal(HAS_CARD)
            authorisation = {
                "numero": order.number,
                "fecha": order.given_on.isoformat(),
                "archivo": self._keep(work, upload, session),
            }
            content = {"clase": "rut_provisorio", "autorizacion": authorisation}
            return self._record(work, case, session, Task.DOCUMENT, content)

    def check_register(self, *, session: Session, case_id: UUID, origin: Origin, deadline: Deadline) -> Piece:
        """Ask the RNPI now, and keep what it says: the exception for outages never holds here (N-2.1b)."""
        case, _ = self._look(session, case_id, deadline)
        answer = self.rnpi.consult(run=case.run, purpose=Purpose.ENROLMENT, deadline=deadline)
        return self._gather(session, case_id, Task.RNPI, _register_content(answer), origin=origin, deadline=deadline)

    def review_remarks(
        self, *, session: Session, case_id: UUID, words: str, origin: Origin, deadline: Deadline
    ) -> Piece:
        """Keep why the remarks of the inscription do not hinder; raise `Refusal(faltan_datos_declarados)`."""
        with self._acting(session, case_id, PIECE_GATHERED, origin=origin, deadline=deadline) as (work, case):
            answered = self._latest(work.connection, case_id).get(Task.RNPI)
            if answered is None:
                raise Refusal(DATA_FIRST)
            content = {**answered.content, "observaciones_revisadas": words}
            return self._record(work, case, session, Task.RNPI, content)

    def record_address(
        self, *, session: Session, case_id: UUID, order: AddressOrder, origin: Origin, deadline: Deadline
    ) -> Piece:
        """Keep the proof of address (N-2.1c). Raises `Refusal`: `documento_no_admitido`, `faltan_datos_declarados`."""
        upload = self._inspected(session, case_id, order.paper, DocumentKind.ADDRESS, deadline)
        with self._acting(session, case_id, PIECE_GATHERED, origin=origin, deadline=deadline) as (work, case):
            declared = self._latest(work.connection, case_id).get(Task.DATA)
            if declared is None:
                raise Refusal(DATA_FIRST)
            content = {
                "clase": order.kind,
                "emisor": order.issuer,
                "fecha": order.issued_on.isoformat(),
                "coincide": order.supports,
                "direccion": declared.content["direccion"],
                "archivo": self._keep(work, upload, session),
            }
            return self._record(work, case, session, Task.ADDRESS, content)

    def accept_terms(self, *, session: Session, case_id: UUID, origin: Origin, deadline: Deadline) -> Piece:
        """Keep that the professional accepts the terms shown (enrolamiento-presencial@v2#condiciones)."""
        content = {"digesto": to_base64url(sha256(self.terms)), "texto": self.terms.decode()}
        return self._gather(session, case_id, Task.TERMS, content, origin=origin, deadline=deadline)

    def _gather(
        self,
        session: Session,
        case_id: UUID,
        task: Task,
        content: Mapping[str, Json],
        *,
        origin: Origin,
        deadline: Deadline,
    ) -> Piece:
        with self._acting(session, case_id, PIECE_GATHERED, origin=origin, deadline=deadline) as (work, case):
            return self._record(work, case, session, task, content)

    def _inspected(
        self, session: Session, case_id: UUID, paper: bytes, kind: DocumentKind, deadline: Deadline
    ) -> Upload:
        """Look into an upload, outside any transaction, for who may add it."""
        self._look(session, case_id, deadline)
        return Upload(paper, self.documents.inspect(paper, deadline=deadline), kind)


def _knows_card(piece: Piece) -> bool:
    """Whether the Registro Civil answered about a card, and not that there was never one."""
    content = piece.content
    if piece.task is not Task.DOCUMENT or content["clase"] == "rut_provisorio":
        return False
    return content["estado"] != "sin_respuesta" and content.get("motivo") != "no_emitida"


def _register_content(answer: Consultation) -> dict[str, Json]:
    registration = answer.registration
    return {
        "consulta": str(answer.id),
        "resultado": answer.result.value,
        "causa": None if answer.cause is None else answer.cause.value,
        "motivo": answer.reason,
        "instante": format_instant(answer.at),
        "entrada": str(answer.entry_id),
        "registro": None if registration is None else registration.render(),
        "observaciones": "" if registration is None else registration.observations,
    }
