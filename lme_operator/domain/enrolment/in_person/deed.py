"""One enabling, gathered: what was ready before the locks, and what the dossier says of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from lme_operator.core.canonical import Json, encode, format_instant
from lme_operator.core.origin import Origin
from lme_operator.core.run import Run
from lme_operator.domain.credentials import HashedPassword, TotpUse
from lme_operator.domain.enrolment.in_person import dossier
from lme_operator.domain.enrolment.in_person.case import Case, Holding
from lme_operator.domain.enrolment.in_person.constancia import Constancia, render_constancia
from lme_operator.domain.enrolment.in_person.declared import Declared
from lme_operator.domain.enrolment.in_person.pieces import OWN_KEY, OWN_TOTP, Piece, Task
from lme_operator.domain.enrolment.in_person.registered import registered_factors
from lme_operator.domain.enrolment.in_person.rules import Limits
from lme_operator.domain.enrolment.in_person.store import in_force
from lme_operator.domain.mandates import Mandate

_TITLES = {
    Task.DATA: "Datos declarados",
    Task.DOCUMENT: "Documento de identidad",
    Task.RNPI: "Inscripción en el RNPI y datos civiles",
    Task.ADDRESS: "Comprobante de domicilio",
    Task.MAIL: "Correo validado",
    Task.TELEPHONE: "Teléfono validado",
    Task.SHARED_CONTACT: "Contacto compartido, decidido",
    Task.IDENTITY: "Identidad verificada",
    Task.FACTOR: "Factor de firma registrado",
    Task.TERMS: "Condiciones aceptadas",
}


@dataclass(frozen=True, slots=True)
class Ready:
    """What is gathered before the locks; valid under them only if pieces and mandate are the same.

    `every` piece of the case, oldest first; `outer` are the members that do not depend on the instant of enabling.
    """

    mandate: Mandate
    every: tuple[Piece, ...]
    holdings: tuple[Holding, ...]
    outer: Mapping[str, bytes]
    password: str = field(repr=False)
    hashed: HashedPassword = field(repr=False)

    @property
    def pieces(self) -> tuple[Piece, ...]:
        """The piece in force of each task, in the order of the tasks."""
        return in_order(self.every)

    @property
    def superseded(self) -> tuple[Piece, ...]:
        """The pieces that later ones took the place of."""
        kept = {piece.id for piece in self.pieces}
        return tuple(piece for piece in self.every if piece.id not in kept)


@dataclass(frozen=True, slots=True, kw_only=True)
class Deed:
    """The act of an officer (an actor) who enables, at `at`, with his own factor."""

    enrolment_id: UUID
    officer: str
    case: Case
    ready: Ready
    factor: TotpUse
    origin: Origin
    at: datetime

    @property
    def declared(self) -> Declared:
        """What the professional declared."""
        return Declared.of(next(piece.content for piece in self.ready.pieces if piece.task is Task.DATA))

    @property
    def keeps_access(self) -> bool:
        """Whether the professional had means of access before."""
        return self.registered["tipo"] in (OWN_TOTP, OWN_KEY)

    @property
    def registered(self) -> Mapping[str, Json]:
        """The professional's factor, as its piece says."""
        return next(piece.content for piece in self.ready.pieces if piece.task is Task.FACTOR)

    def members(self, *, operator: str, rut: Run, limits: Limits, test: bool) -> dict[str, bytes]:
        """Return every member of the dossier but manifest and receipt."""
        ready, at = self.ready, format_instant(self.at)
        place = {
            "v": 1,
            "ip": self.origin.ip,
            "dispositivo": self.origin.device,
            "id_solicitud": self.origin.request_id,
            "instante": at,
        }
        return {
            **ready.outer,
            dossier.CASE: dossier.render_case(self.case, ready.holdings, ready.pieces, ready.superseded, limits),
            dossier.ENABLING: dossier.render_enabling(
                enrolment_id=self.enrolment_id,
                case=self.case,
                officer=self.officer,
                mandate_id=ready.mandate.id,
                step=self.factor.step,
                at=at,
            ),
            dossier.PLACE: encode(place),
            dossier.CONSTANCIA: render_constancia(self._constancia(operator, rut, test=test)),
        }

    def _constancia(self, operator: str, rut: Run, *, test: bool) -> Constancia:
        declared = self.declared
        return Constancia(
            number=number_of(self.enrolment_id),
            operator=operator,
            rut=rut.display,
            name=declared.professional().full_name,
            run=self.case.run.display,
            kind=declared.kind,
            context="Prestador individual",
            officer=self.ready.mandate.name,
            protocol=", ".join(pinned.partition(":")[0] for pinned in self.case.protocols),
            at=self.at,
            steps=[(_TITLES[piece.task], piece.at) for piece in self.ready.pieces],
            factors=registered_factors(self.ready.every),
            own_access=self.keeps_access,
            test=test,
        )


def in_order(every: tuple[Piece, ...]) -> tuple[Piece, ...]:
    """Return the piece in force of each task, in the order of the tasks."""
    latest = in_force(every)
    return tuple(latest[task] for task in Task if task in latest)


def number_of(enrolment_id: UUID) -> str:
    """The number of a constancia, from the random end of the enrolment's id: `4F3A-9B21-77CD`."""
    digits = enrolment_id.hex[-12:].upper()
    return "-".join(digits[start : start + 4] for start in (0, 4, 8))
