"""What every use case of the room needs, and what an attempt says of itself."""

from dataclasses import dataclass
from datetime import datetime

from cryptography import x509
from sqlalchemy.engine import Connection

from lme_operator.core.canonical import Json
from lme_operator.core.database import Database, Deadline, Work
from lme_operator.core.origin import Origin
from lme_operator.core.refusal import Refusal
from lme_operator.core.run import Run
from lme_operator.core.sealing import Sealer
from lme_operator.domain.access.events import ENTRY_REFUSED
from lme_operator.domain.audit import EventKind, Log
from lme_operator.domain.credentials import ContactCodes, Credentials
from lme_operator.domain.mandates import Role, latest_mandate, mandate_in_force
from lme_operator.domain.notices import Notices
from lme_operator.domain.professionals import find_professional
from lme_operator.domain.rnpi import Rnpi
from lme_operator.domain.standing import Standing


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessBase:
    """Database, log, credentials, codes to contacts, who sends messages, the register asked at each entry, and who says
    what a session may do.

    `accredited`: the authorities under which a firma electrónica avanzada may endorse a key; none, and none may.
    """

    database: Database
    log: Log
    credentials: Credentials
    contact_codes: ContactCodes
    notices: Notices
    rnpi: Rnpi
    standing: Standing
    accredited: tuple[x509.Certificate, ...] = ()

    def _record_attempt(self, kind: EventKind, data: Json, *, deadline: Deadline) -> None:
        with self.database.unit_of_work(deadline=deadline) as work:
            self.log.attempt(work.connection, at=work.at, kind=kind, data=data)


@dataclass(frozen=True, slots=True)
class Contact:
    """Where a person is reached: the mail address, and the telephone if there is one."""

    email: str
    telephone: str | None


def contact_of(connection: Connection, sealer: Sealer, run: Run, at: datetime) -> Contact | None:
    """Return the person's contact: as a professional, or else as one of the operator's people with a mandate.

    The same is looked up for everybody: the time that it takes tells nobody who is here (OWASP ASVS 6.3.8).
    """
    professional = find_professional(connection, sealer, run)
    mandates = [mandate_in_force(connection, sealer, run, role, at) for role in Role]
    if professional is not None:
        return Contact(professional.data.email, professional.data.telephone)
    return next((Contact(mandate.email, mandate.telephone) for mandate in mandates if mandate is not None), None)


def names_of(connection: Connection, sealer: Sealer, run: Run) -> tuple[str, ...]:
    """The full names by which the person is known, as a professional and as one of the operator's people."""
    professional, mandate = find_professional(connection, sealer, run), latest_mandate(connection, sealer, run)
    known = (professional and professional.data.full_name, mandate and mandate.name)
    return tuple(name for name in known if name)


def actor_of(run: Run) -> str:
    """Name the person as an actor of the log."""
    return f"persona:{run}"


def origin_of(origin: Origin) -> dict[str, Json]:
    """Say where an act came from, as data of the log."""
    return {
        "ip": origin.ip,
        "dispositivo": origin.device,
        "id_solicitud": origin.request_id,
        "lugar_declarado": origin.place,
    }


@dataclass(frozen=True, slots=True)
class EntryEvidence:
    """A refused entry is an attempt, never a log entry of its own: whoever knows a password could flood the log."""

    log: Log
    run: Run
    origin: Origin

    def refused(self, work: Work, refusal: Refusal) -> None:
        """Keep the refusal among the attempts."""
        self.turned_away(work.connection, work.at, refusal)

    def turned_away(self, connection: Connection, at: datetime, refusal: Refusal) -> None:
        """Keep the refusal among the attempts."""
        data = {"actor": actor_of(self.run), "codigo": refusal.kind.code, **origin_of(self.origin)}
        self.log.attempt(connection, at=at, kind=ENTRY_REFUSED, data=data)
