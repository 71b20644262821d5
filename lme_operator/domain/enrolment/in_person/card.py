"""One person's card: all that an officer may see of a professional, gathered from the rooms below (N-2.4a, N-2.6b).

Contacts come masked, messages without their text: whole they are shown by an act of their own, which leaves its trace.
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.engine import Connection

from lme_operator.core.decision import Finding
from lme_operator.core.run import Run
from lme_operator.core.sealing import Sealer
from lme_operator.domain import credentials, rnpi, suspensions
from lme_operator.domain.credentials import SigningKey
from lme_operator.domain.credentials.keys import PURPOSES, signing_keys
from lme_operator.domain.credentials.state import has_totp
from lme_operator.domain.enrolment import store as enrolled
from lme_operator.domain.enrolment.in_person import store
from lme_operator.domain.enrolment.in_person.case import Case, Holding
from lme_operator.domain.enrolment.in_person.pieces import Piece
from lme_operator.domain.enrolment.store import CaseEnd, KnownEnrolment
from lme_operator.domain.norms import Norms
from lme_operator.domain.notices import Channel, Notices, NoticeState, State, masked
from lme_operator.domain.professionals import PostalAddress, Professional, find_professional
from lme_operator.domain.rnpi import Consultation
from lme_operator.domain.suspensions import Suspension


@dataclass(frozen=True, slots=True)
class CardAccess:
    """The person's means of access: what stands against them, and until when the password serves."""

    totp: bool
    keys: tuple[SigningKey, ...]
    password_due_at: datetime | None
    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True)
class CaseHistory:
    """A case from its opening to its end: who had it, every piece gathered, superseded ones too."""

    case: Case
    holdings: tuple[Holding, ...]
    pieces: tuple[Piece, ...]
    end: CaseEnd | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CardMessage:
    """A message as far as a stranger to it may know: of which kind, where to, how far it came."""

    id: UUID
    kind: str
    channel: Channel
    address: str
    state: State
    at: datetime
    last_at: datetime | None
    attempts: int


@dataclass(frozen=True, slots=True)
class CardContact:
    """Where the person is reached: masked, or whole (`address` only then)."""

    email: str
    telephone: str
    address: PostalAddress | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonCard:
    """What is known of a person at `at`, each list with the newest first; `professional` None before any data."""

    run: Run
    at: datetime
    professional: Professional | None
    contact: CardContact | None
    enrolments: tuple[KnownEnrolment, ...]
    cases: tuple[CaseHistory, ...]
    access: CardAccess
    suspensions: tuple[Suspension, ...]
    consultations: tuple[Consultation, ...]
    messages: tuple[CardMessage, ...]


def gather_card(
    connection: Connection,
    run: Run,
    *,
    sealer: Sealer,
    norms: Norms,
    notices: Notices,
    at: datetime,
    whole_contact: bool,
) -> PersonCard:
    """Gather what every room knows of `run`."""
    professional = find_professional(connection, sealer, run)
    return PersonCard(
        run=run,
        at=at,
        professional=professional,
        contact=None if professional is None else _contact(professional, whole=whole_contact),
        enrolments=enrolled.enrolments_of(connection, run),
        cases=tuple(_history(connection, sealer, case) for case in store.cases_of(connection, run)),
        access=CardAccess(
            totp=has_totp(connection, run),
            keys=tuple(key for purpose in PURPOSES for key in signing_keys(connection, run, purpose)),
            password_due_at=credentials.password_due_at(connection, run, norms),
            findings=credentials.causes(connection, run, at, norms),
        ),
        suspensions=tuple(reversed(suspensions.of_person(connection, run))),
        consultations=rnpi.of_person(connection, sealer, run),
        messages=tuple(told(state) for state in notices.of_person(connection, run)),
    )


def told(state: NoticeState) -> CardMessage:
    """Say how a message stands, without what it says."""
    message = state.message
    return CardMessage(
        id=state.id,
        kind=message.kind,
        channel=message.channel,
        address=masked(message.channel, message.address),
        state=state.state,
        at=state.at,
        last_at=state.last_at,
        attempts=state.attempts,
    )


def _contact(professional: Professional, *, whole: bool) -> CardContact:
    data = professional.data
    if whole:
        return CardContact(data.email, data.telephone, data.address)
    return CardContact(masked(Channel.MAIL, data.email), masked(Channel.SMS, data.telephone), None)


def _history(connection: Connection, sealer: Sealer, case: Case) -> CaseHistory:
    return CaseHistory(
        case=case,
        holdings=store.holdings_of(connection, case.id),
        pieces=store.pieces_of(connection, sealer, case.id),
        end=enrolled.find_end(connection, sealer, case.id),
    )
