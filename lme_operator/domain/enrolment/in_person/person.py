"""The tasks that need the professional there: contacts by code, identity."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from lme_operator.core.canonical import Json
from lme_operator.core.database import Deadline
from lme_operator.core.origin import Origin
from lme_operator.core.refusal import Refusal
from lme_operator.domain import mandates
from lme_operator.domain.credentials import (
    CountsWrongContactCodes,
    Session,
)
from lme_operator.domain.enrolment.in_person import store
from lme_operator.domain.enrolment.in_person.base import InPersonBase, Upload
from lme_operator.domain.enrolment.in_person.events import PIECE_GATHERED
from lme_operator.domain.enrolment.in_person.pieces import Piece, Task
from lme_operator.domain.enrolment.refusals import (
    DATA_FIRST,
    IDENTITY_REFUSED,
    OFFICE_CONTACT,
    PICTURE_EXPECTED,
    PROVIDER_FIRST,
    SAME_PICTURE,
)
from lme_operator.domain.identity import DocumentKind, InspectedDocument
from lme_operator.domain.notices import Channel

_TASK_OF = {Channel.MAIL: Task.MAIL, Channel.SMS: Task.TELEPHONE}
_PICTURES = ("/foto_documento", "/foto_persona")
"""Where a finding about each picture points."""


@dataclass(frozen=True, slots=True)
class OwnVerification:
    """What the officer saw: `result` is `coincide`, `no_coincide` or `no_se_puede_determinar`; and his words."""

    result: str
    declaration: str


class Person(InPersonBase):
    """Use cases with the professional in front. Each raises `Refusal` as `_acting` says, and what it adds."""

    __slots__ = ()

    def send_code(
        self, *, session: Session, case_id: UUID, channel: Channel, origin: Origin, deadline: Deadline
    ) -> None:
        """Send a code to the declared contact.

        Raises `Refusal`: `faltan_datos_declarados`, `demasiados_envios`, `contacto_del_operador`: whoever enrols does
        not receive what is the professional's.

        N-2.1d, enrolamiento-presencial@v2#correo, enrolamiento-presencial@v2#telefono
        """
        with self._acting(session, case_id, PIECE_GATHERED, origin=origin, deadline=deadline) as (work, case):
            address = self._declared_contact(self._latest(work.connection, case_id), channel)
            if mandates.is_contact_of_office(work.connection, self.sealer, address, but=case.run):
                raise Refusal(OFFICE_CONTACT)
            self.contact_codes.send(work, run=case.run, purpose=_purpose(case_id), channel=channel, address=address)

    def answer_code(
        self, *, session: Session, case_id: UUID, channel: Channel, code: str, origin: Origin, deadline: Deadline
    ) -> Piece:
        """Keep that the professional answered the code (N-2.1d); raises `Refusal` of the code."""
        with self._acting(
            session, case_id, PIECE_GATHERED, origin=origin, deadline=deadline, counted=CountsWrongContactCodes
        ) as (
            work,
            case,
        ):
            address = self._declared_contact(self._latest(work.connection, case_id), channel)
            proof = self.contact_codes.answer(
                work, run=case.run, purpose=_purpose(case_id), channel=channel, address=address, code=code
            )
            shared = store.is_shared(work.connection, self.sealer, case.run, channel=channel.value, address=address)
            store.record_contact(work, self.sealer, case.run, channel=channel.value, address=address)
            content = {"direccion": address, "codigo": str(proof.code_id), "compartido": shared}
            return self._record(work, case, session, _TASK_OF[channel], content)

    def decide_shared_contact(
        self, *, session: Session, case_id: UUID, words: str, origin: Origin, deadline: Deadline
    ) -> Piece:
        """Keep a person's decision that a shared contact is this professional's too.

        N-2.1d, enrolamiento-presencial@v2#contacto-compartido
        """
        with self._acting(session, case_id, PIECE_GATHERED, origin=origin, deadline=deadline) as (work, case):
            pieces = self._latest(work.connection, case_id)
            content: dict[str, Json] = {"motivo": words}
            for task in (Task.MAIL, Task.TELEPHONE):
                if task in pieces and pieces[task].content.get("compartido"):
                    content[task.value] = pieces[task].content["direccion"]
            return self._record(work, case, session, Task.SHARED_CONTACT, content)

    def match_face(
        self,
        *,
        session: Session,
        case_id: UUID,
        document_picture: bytes,
        live_picture: bytes,
        origin: Origin,
        deadline: Deadline,
    ) -> Piece:
        """Ask the biometric provider whether both pictures are of the same person, and keep what it says (N-2.2a)."""
        case, _ = self._look(session, case_id, deadline)
        if document_picture == live_picture:
            raise Refusal(SAME_PICTURE)
        document, live = uploads = self._pictures((document_picture, live_picture), deadline)
        check = self.identity_checks.match_face(
            run=case.run, document_picture=_shown(document), live_picture=_shown(live), deadline=deadline
        )
        with self._acting(session, case_id, PIECE_GATHERED, origin=origin, deadline=deadline) as (work, case):
            content = {
                "medio": "biometria",
                "resultado": check.result.value,
                "motivo": check.reason,
                "proveedor": check.provider,
                "version": check.version,
                "puntaje": check.score,
                "umbral": check.threshold,
                "presentacion": check.presentation,
                "referencia": check.reference,
                "consulta": check.exchange.render(),
                "archivos": [self._keep(work, upload, session) for upload in uploads],
            }
            return self._record(work, case, session, Task.IDENTITY, content)

    def verify_identity(
        self, *, session: Session, case_id: UUID, seen: OwnVerification, origin: Origin, deadline: Deadline
    ) -> Piece:
        """Keep the officer's own verification of the pictures that the provider could not judge (N-2.2b).

        He answers for it. Raises `Refusal`: `verificacion_biometrica_primero`, and `identidad_ya_rechazada` when a
        provider said, in any case of this person, that it is another.
        """
        with self._acting(session, case_id, PIECE_GATHERED, origin=origin, deadline=deadline) as (work, case):
            if _rejected(self._of_person(work.connection, case.run)):
                raise Refusal(IDENTITY_REFUSED)
            asked = _by_provider(store.pieces_of(work.connection, self.sealer, case_id))
            if not asked or asked[-1].content["resultado"] not in ("sin_datos", "sin_respuesta"):
                raise Refusal(PROVIDER_FIRST)
            content = {
                "medio": "funcionario",
                "resultado": seen.result,
                "declaracion": seen.declaration,
                "biometria": {"pieza": str(asked[-1].id), "resultado": asked[-1].content["resultado"]},
                "archivos": asked[-1].content["archivos"],
            }
            return self._record(work, case, session, Task.IDENTITY, content)

    def _pictures(self, pictures: tuple[bytes, ...], deadline: Deadline) -> tuple[Upload, ...]:
        """Look into each, outside any transaction; what is refused points at the one that it is said of."""
        return tuple(
            Upload(picture, self._picture(picture, place, deadline), DocumentKind.PHOTOGRAPH)
            for picture, place in zip(pictures, _PICTURES, strict=False)
        )

    def _picture(self, picture: bytes, place: str, deadline: Deadline) -> InspectedDocument:
        """Look into a picture; raise `Refusal(se_espera_fotografia)` for what is none, or `documento_no_admitido`."""
        try:
            inspected = self.documents.inspect(picture, deadline=deadline)
        except Refusal as refused:
            raise Refusal(
                refused.kind, findings=tuple(replace(one, pointer=place) for one in refused.findings)
            ) from refused
        if inspected.preview is None:
            raise Refusal(PICTURE_EXPECTED, findings=(PICTURE_EXPECTED.finding(place),))
        return inspected

    @staticmethod
    def _declared_contact(pieces: Mapping[Task, Piece], channel: Channel) -> str:
        """The contact that the professional declared; raise `Refusal(faltan_datos_declarados)`."""
        if Task.DATA not in pieces:
            raise Refusal(DATA_FIRST)
        address: str = pieces[Task.DATA].content[_TASK_OF[channel].value]
        return address


def _shown(upload: Upload) -> bytes:
    """The picture made anew from its pixels: what travels to others and is shown."""
    return upload.inspected.preview or b""


def _by_provider(pieces: Sequence[Piece]) -> tuple[Piece, ...]:
    """The provider's answers among the pieces, in their order."""
    return tuple(piece for piece in pieces if piece.task is Task.IDENTITY and piece.content["medio"] == "biometria")


def _rejected(pieces: Sequence[Piece]) -> bool:
    """Whether the provider's last yes or no was a no; that it could not tell afterwards takes nothing back."""
    told = [piece.content["resultado"] for piece in _by_provider(pieces)]
    return [result for result in told if result in ("coincide", "no_coincide")][-1:] == ["no_coincide"]


def _purpose(case_id: UUID) -> str:
    """What a code of this case is for: no code of another serves."""
    return f"enrolamiento:{case_id}"
