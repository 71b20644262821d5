"""A whole operator on the test's database, with people ready to act. What journeys, verdicts and races start from."""

from dataclasses import dataclass, field
from pathlib import Path
from uuid import UUID, uuid4

from cryptography.hazmat.primitives.serialization import Encoding

from lme_operator.core.database import Database, Deadline
from lme_operator.core.idempotency import IdempotentRequest
from lme_operator.core.run import Run
from lme_operator.core.sealing import Sealer
from lme_operator.domain.audit import KeyRole, Log, TrustedKey, TrustFile
from lme_operator.domain.credentials import Session
from lme_operator.domain.issuance import Authorisation, Issuance, Issued, Prepared, Printing, Reduced, TotpAuthorisation
from lme_operator.domain.licences import LicenceOrder
from lme_operator.domain.licences.document import OperatorIdentity
from lme_operator.domain.professionals import PracticeContext
from lme_operator.domain.signing import Signer
from lme_operator.domain.standing import Standing
from lme_operator.gateways.key_store import FileKeyStore, create_keys
from tests.factories.authenticator import SoftwareAuthenticator
from tests.factories.orders import licence_order
from tests.factories.people import INDIVIDUAL, ORIGIN, PARTY, SECRET, People, norms

LOG_ORIGIN = "operador.example/PRUEBAS/registro"
DOCTOR = 15000001


@dataclass
class Stage:
    """The rooms wired as in production, with fast password hashing and keys of the test in `folder`."""

    database: Database
    folder: Path
    keys: FileKeyStore = field(init=False)
    log: Log = field(init=False)
    people: People = field(init=False)
    issuance: Issuance = field(init=False)

    def __post_init__(self) -> None:
        at, folder = self.database.clock(), self.folder / "llaves"
        create_keys(folder, at=at, operator="Operador de pruebas", production=False)
        self.keys = FileKeyStore(folder, at=at, production=False)
        sealer = Sealer(self.keys.data_key)
        self.log = Log(sealer=sealer, signer=self.keys.log, origin=LOG_ORIGIN)
        self.people = People(self.database, self.log, sealer)
        self.issuance = Issuance(
            database=self.database,
            log=self.log,
            sealer=sealer,
            signer=Signer(self.keys),
            norms=norms(),
            credentials=self.people.credentials,
            standing=Standing(norms()),
            rnpi=self.people.rnpi.room,
            operator=OperatorIdentity(Run(76000002), 99),
            printing=Printing(operator="Operador de pruebas", origin=PARTY.origins[0], testing=True),
        )

    @property
    def trust(self) -> TrustFile:
        """The trust file of this operator."""
        seal, authority = self.keys.seal_certificate, self.keys.authority_certificate
        keys = (
            TrustedKey(self.keys.log.key_id, KeyRole.LOG, self.keys.log.public),
            TrustedKey(self.keys.seal_id, KeyRole.SEAL, seal.public_bytes(Encoding.PEM)),
            TrustedKey(self.keys.authority_id, KeyRole.CA, authority.public_bytes(Encoding.PEM)),
        )
        return TrustFile(LOG_ORIGIN, PARTY.rp_id, PARTY.origins, keys)

    def next_code(self) -> str:
        """Let the next TOTP step come; return its code (every synthetic person has the same secret)."""
        self.database.clock.advance(seconds=30)  # type: ignore[attr-defined]
        return self.people.code()

    def enter(self, number: int = DOCTOR, *, context: PracticeContext = INDIVIDUAL) -> Session:
        """Enter; the person is enrolled already."""
        return self.people.enter(Run(number), code=self.next_code(), context=context).session

    def doctor(self, number: int = DOCTOR) -> Session:
        """Enrol a professional and enter."""
        return self.enter(self.people.enrol(number, secret=SECRET).number)

    def register(self, session: Session, device: SoftwareAuthenticator) -> Session:
        """Register a signing key of the device; return the session, carried over."""
        access = self.people.access
        options = access.register_key_options(
            session=session, purpose="firma", code=self.next_code(), origin=ORIGIN, deadline=Deadline(10)
        )
        access.register_key(
            session=session,
            attempt=options.attempt,
            credential=device.create(options.options),
            origin=ORIGIN,
            deadline=Deadline(10),
        )
        return self.enter(session.run.number, context=session.context)

    def prepare(self, session: Session, order: LicenceOrder | None = None, *, key: str | None = None) -> Prepared:
        """Prepare a licence."""
        told = self.ask_to_prepare(session, order, key=key)
        assert isinstance(told, Prepared)
        return told

    def ask_to_prepare(
        self, session: Session, order: LicenceOrder | None = None, *, key: str | None = None
    ) -> Prepared | Reduced:
        """Ask for a preparation, whatever is told."""
        return self.issuance.prepare(
            session=session,
            order=order or licence_order(),
            request=request(session, "preparaciones", key),
            origin=ORIGIN,
            deadline=Deadline(10),
        )

    def issue(
        self,
        session: Session,
        preparation: UUID,
        authorisation: Authorisation | None = None,
        *,
        key: str | None = None,
    ) -> Issued:
        """Issue a prepared licence; with the next TOTP code unless an authorisation is given."""
        told = self.ask_to_issue(session, preparation, authorisation, key=key)
        assert isinstance(told, Issued)
        return told

    def ask_to_issue(
        self,
        session: Session,
        preparation: UUID,
        authorisation: Authorisation | None = None,
        *,
        key: str | None = None,
    ) -> Issued | Reduced:
        """Ask for a licence, whatever is told."""
        return self.issuance.issue(
            session=session,
            preparation_id=preparation,
            authorisation=authorisation or TotpAuthorisation(self.next_code()),
            request=request(session, "licencias", key),
            origin=ORIGIN,
            deadline=Deadline(10),
        )

    def evidence(self, session: Session, licence: UUID) -> bytes:
        """The evidence file of a licence."""
        return self.issuance.evidence_file(session=session, licence_id=licence, deadline=Deadline(10))


def request(session: Session, route: str, key: str | None = None, body: bytes = b"{}") -> IdempotentRequest:
    """An idempotent request of this session; a fresh key unless given."""
    who = f"persona:{session.run}:{session.context.code}"
    return IdempotentRequest.of(who=who, route=route, key=key or str(uuid4()), body=body)
