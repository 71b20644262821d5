"""People with a mandate: founders, officers accredited to enrol, people of authorities; what is demanded of a proposal
(N-1b, N-1l, N-6d)."""

import re
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from lme_operator.core.decision import Finding
from lme_operator.core.periods import Period, local_day
from lme_operator.core.refusal import Refusal
from lme_operator.core.run import Run
from lme_operator.domain.credentials import TotpSecret
from lme_operator.domain.mandates.authorities import NamedAuthority, authority_of
from lme_operator.domain.mandates.refusals import PROPOSAL_INVALID

_MAIL = re.compile(r"[^\s@<>()\[\]\\,;:\"\x00-\x1f\x7f]{1,64}@[^\s@<>()\[\]\\,;:\"\x00-\x1f\x7f]{1,255}")
_TELEPHONE = re.compile(r"\+[1-9][0-9]{7,14}", re.ASCII)
_LONGEST_NAME, _LONGEST_WORDS = 120, 1000


class Role(StrEnum):
    """What a mandate is for. A founder is not an officer by himself; who acts for an authority does nothing else."""

    FOUNDER = "fundador"
    OFFICER = "enrolador"
    AUTHORITY = "autoridad"


class EndCause(StrEnum):
    """Why an accreditation ends; `otro` is explained in words."""

    CHANGE_OF_FUNCTIONS = "cambio_de_funciones"
    RESIGNATION = "renuncia"
    DISMISSAL = "despido"
    DEATH = "fallecimiento"
    OTHER = "otro"


NOT_ACCREDITED = Finding(
    code="funcionario_no_acreditado",
    cause="No está acreditado por el operador para enrolar, o su acreditación terminó.",
    norm="N-1b",
    remedy="Pida a los fundadores del operador que lo acrediten.",
)
NOT_A_FOUNDER = Finding(
    code="fundador_no_designado",
    cause="No es fundador del operador.",
    norm="N-1l",
    remedy="Pida a un fundador que lo haga.",
)
NOT_AN_AUTHORITY = Finding(
    code="autoridad_no_acreditada",
    cause="No está nombrado para actuar por una autoridad, o su nombramiento terminó.",
    norm="N-6d",
    remedy="Pida a los fundadores del operador que lo nombren.",
)
CAUSE_OF = {Role.OFFICER: NOT_ACCREDITED, Role.FOUNDER: NOT_A_FOUNDER, Role.AUTHORITY: NOT_AN_AUTHORITY}


@dataclass(frozen=True, slots=True)
class Mandate:
    """A mandate as it was given: [since, until) but for its ending; by whom, as actors; its log entry.

    `authority` is whom a person of an authority acts for, None for everybody else.
    """

    id: UUID
    run: Run
    role: Role
    name: str
    email: str
    telephone: str | None
    since: datetime
    until: datetime | None
    proposed_by: str
    approved_by: str
    entry_id: UUID
    at: datetime
    authority: NamedAuthority | None = None


@dataclass(frozen=True, slots=True)
class MandateEnd:
    """How a mandate ended: from `at` on, whatever its period said."""

    cause: EndCause
    detail: str | None
    ended_by: str
    entry_id: UUID
    at: datetime


@dataclass(frozen=True, slots=True)
class MandateRecord:
    """A mandate and its ending, None while there is none."""

    mandate: Mandate
    end: MandateEnd | None


@dataclass(frozen=True, slots=True)
class OfficerOrder:
    """Who is to be accredited: days both inclusive, `until` None without end; `telephone` in E.164.

    `identity` says what the founder saw (`cédula vigente, a la vista`). The designation, once kept, is `document_id` of
    the document store and the SHA-256 of its bytes. `authority` is the code of whom he will act for,
    None for an officer who enrols.
    """

    run: Run
    name: str
    email: str
    telephone: str
    identity: str
    since: date
    until: date | None = None
    document_id: UUID | None = None
    document_digest: bytes | None = None
    authority: str | None = None

    @property
    def role(self) -> Role:
        """What he is accredited for."""
        return Role.OFFICER if self.authority is None else Role.AUTHORITY

    @property
    def period(self) -> Period:
        """The days as instants."""
        return Period.of_days(first=self.since, last=self.until)

    def require_fit(self, *, at: datetime, designated: bool) -> None:
        """Raise `Refusal(propuesta_no_admitida)` with every reason, each pointing at its field.

        `designated` says whether the authority's paper was brought.
        """
        faults = {
            "/nombre": not self.name.strip() or len(self.name) > _LONGEST_NAME,
            "/correo": not is_mail_address(self.email),
            "/telefono": not is_telephone(self.telephone),
            "/identidad": not self.identity.strip() or len(self.identity) > _LONGEST_WORDS,
            "/desde": self.since < local_day(at),
            "/hasta": self.until is not None and self.until < max(self.since, local_day(at)),
            "/autoridad": self.authority is not None and authority_of(self.authority) is None,
            "/designacion": self.authority is not None and not designated,
        }
        findings = tuple(_fault(pointer) for pointer, wrong in faults.items() if wrong)
        if findings:
            raise Refusal(PROPOSAL_INVALID, findings=findings)


@dataclass(frozen=True, slots=True)
class OfficerDrafted:
    """A proposal begun: what the officer's application needs, once; None when he keeps his own."""

    proposal_id: UUID
    totp: TotpSecret | None


@dataclass(frozen=True, slots=True)
class Proposal:
    """A proposal that stands until `expires_at`, unless another follows it."""

    id: UUID
    order: OfficerOrder
    proposed_by: str
    has_access: bool
    at: datetime
    expires_at: datetime
    entry_id: UUID


@dataclass(frozen=True, slots=True)
class OfficerProposed:
    """A proposal that another founder may approve; its log entry."""

    proposal_id: UUID
    entry_id: UUID
    replayed: bool = False


@dataclass(frozen=True, slots=True)
class OfficerAccredited:
    """A mandate in force, and its log entry."""

    mandate: Mandate
    replayed: bool = False

    @property
    def entry_id(self) -> UUID:
        """The log entry of the accreditation."""
        return self.mandate.entry_id


@dataclass(frozen=True, slots=True)
class OfficerEnded:
    """The ending of every mandate of an officer; its log entry."""

    run: Run = field(repr=False)
    entry_id: UUID
    at: datetime
    replayed: bool = False


def is_mail_address(text: str) -> bool:
    """Whether messages can be sent to this mail address."""
    return _MAIL.fullmatch(text) is not None


def is_telephone(text: str) -> bool:
    """Whether messages can be sent to this telephone (E.164)."""
    return _TELEPHONE.fullmatch(text) is not None


def _fault(pointer: str) -> Finding:
    return Finding(
        code="dato_no_admitido",
        cause=_CAUSES[pointer],
        norm=PROPOSAL_INVALID.citation,
        remedy=PROPOSAL_INVALID.remedy,
        pointer=pointer,
    )


_CAUSES = {
    "/nombre": "Falta el nombre, o es demasiado largo.",
    "/correo": "El correo no tiene la forma de una dirección.",
    "/telefono": "El teléfono no tiene la forma +56912345678.",
    "/identidad": "Falta decir con qué documento comprobó la identidad, o es demasiado largo.",
    "/desde": "Nadie se acredita desde un día que ya pasó.",
    "/hasta": "El último día es anterior al primero, o ya pasó.",
    "/autoridad": "Esa autoridad no existe.",
    "/designacion": "Falta el documento con que la autoridad lo designa.",
}
