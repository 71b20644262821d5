"""A whole operator on the test's database, with a professional ready to act. What journeys and races start from."""

from dataclasses import dataclass
from pathlib import Path
from uuid import UUID, uuid4

import pyotp

from lme_operator.core.database import Database, Deadline
from lme_operator.core.idempotency import IdempotentRequest
from lme_operator.core.origin import Origin
from lme_operator.core.run import Run
from lme_operator.core.sealing import Sealer
from lme_operator.domain.access import Access, TotpCode
from lme_operator.domain.audit import KeyRole, Log, TrustedKey, TrustFile
from lme_operator.domain.credentials import Credentials, PasswordHashing, RelyingParty, Session
from lme_operator.domain.enrolment import Enrolment
from lme_operator.domain.issuance import Issuance, Issued, Prepared, TotpAuthorisation
from lme_operator.domain.licences import LicenceOrder
from lme_operator.domain.licences.document import OperatorIdentity
from lme_operator.domain.norms import Norms
from lme_operator.domain.professionals import PostalAddress, PracticeContext, ProfessionalData
from lme_operator.domain.signing import Signer
from lme_operator.domain.standing import Standing
from lme_operator.gateways.key_store import FileKeyStore, create_keys
from tests.factories.orders import licence_order

PROTOCOLS = Path(__file__).parents[2] / "protocols"
LOG_ORIGIN = "operador.example/PRUEBAS/registro"
WEB_ORIGIN = "http://localhost"
PASSWORD = "campana de cobre lenta"
ORIGIN = Origin(ip="192.0.2.10", device="pruebas", request_id="prueba", place="13101")
DOCTOR = Run(15000001)


def professional_data(*, kind: int = 1, surname: str = "Ibáñez") -> ProfessionalData:
    """Synthetic data of a professional."""
    return ProfessionalData(
        kind=kind,
        given_names="Elena",
        paternal_surname=surname,
        maternal_surname="Ñancupil",
        speciality="Medicina general",
        college_registry="12345",
        email="elena@consulta.example",
        telephone="+56987654321",
        address=PostalAddress("Avenida Uno", "100", None, "13123", "Santiago"),
    )


@dataclass
class Stage:
    """The rooms wired as in production, with fast password hashing and keys of the test."""

    database: Database
    log: Log
    sealer: Sealer
    keys: FileKeyStore
    norms: Norms
    credentials: Credentials
    access: Access
    enrolment: Enrolment
    issuance: Issuance
    secrets: dict[Run, str]

    @classmethod
    def build(cls, *, database: Database, folder: Path) -> "Stage":
        """Make keys in `folder` and wire the rooms on `database`."""
        create_keys(folder / "llaves", at=database.clock(), operator="Operador de pruebas", production=False)
        keys = FileKeyStore(folder / "llaves", at=database.clock(), production=False)
        sealer, norms = Sealer(keys.data_key), Norms.load(PROTOCOLS)
        log = Log(sealer=sealer, signer=keys.log, origin=LOG_ORIGIN)
        credentials = Credentials(
            sealer=sealer,
            norms=norms,
            hashing=PasswordHashing(memory_kib=64, rounds=1, lanes=1),
            relying_party=RelyingParty("localhost", "Operador de pruebas", (WEB_ORIGIN,)),
        )
        issuance = Issuance(
            database=database,
            log=log,
            sealer=sealer,
            signer=Signer(keys),
            norms=norms,
            credentials=credentials,
            standing=Standing(norms),
            operator=OperatorIdentity(Run(76000002), 99),
        )
        access = Access(database=database, log=log, credentials=credentials)
        enrolment = Enrolment(database=database, log=log, credentials=credentials, demonstrations=True)
        return cls(database, log, sealer, keys, norms, credentials, access, enrolment, issuance, {})

    @property
    def trust(self) -> TrustFile:
        """The trust file of this operator."""
        seal, authority = self.keys.seal_certificate, self.keys.authority_certificate
        return TrustFile(
            LOG_ORIGIN,
            "localhost",
            (WEB_ORIGIN,),
            (
                TrustedKey(self.keys.log.key_id, KeyRole.LOG, self.keys.log.public),
                TrustedKey(self.keys.seal_id, KeyRole.SEAL, _pem(seal)),
                TrustedKey(self.keys.authority_id, KeyRole.CA, _pem(authority)),
            ),
        )

    def enrol(self, run: Run = DOCTOR, *, context: PracticeContext | None = None, initial: bool = False) -> Run:
        """Enrol a demonstration professional."""
        made = self.enrolment.record_demonstration(
            run=run,
            data=professional_data(),
            contexts=(context or PracticeContext(),),
            password=PASSWORD,
            password_is_initial=initial,
            responsible="sistema:demostracion",
            protocol="acceso@v1#primer-ingreso",
            deadline=Deadline(10),
        )
        self.secrets[run] = made.totp.secret
        return run

    def code(self, run: Run = DOCTOR) -> str:
        """The person's TOTP code of this moment."""
        return pyotp.TOTP(self.secrets[run]).at(self.database.clock())

    def next_code(self, run: Run = DOCTOR) -> str:
        """Move the clock to the next step and return its code."""
        self.database.clock.advance(seconds=30)  # type: ignore[attr-defined]
        return self.code(run)

    def enter(self, run: Run = DOCTOR, *, context: PracticeContext | None = None) -> Session:
        """Enter with password and a fresh TOTP code."""
        return self.access.enter(
            run=run,
            password=PASSWORD,
            second_factor=TotpCode(self.next_code(run)),
            context=context or PracticeContext(),
            origin=ORIGIN,
            deadline=Deadline(10),
        ).session

    def prepare(self, session: Session, order: LicenceOrder | None = None, *, key: str | None = None) -> Prepared:
        """Prepare a licence."""
        return self.issuance.prepare(
            session=session,
            order=order or licence_order(),
            request=request(session, "preparaciones", key),
            origin=ORIGIN,
            deadline=Deadline(10),
        )

    def issue(
        self, session: Session, preparation: UUID, *, code: str | None = None, key: str | None = None
    ) -> Issued:
        """Issue a prepared licence with a TOTP code."""
        return self.issuance.issue(
            session=session,
            preparation_id=preparation,
            authorisation=TotpAuthorisation(code or self.next_code(session.run)),
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


def _pem(certificate: object) -> bytes:
    from cryptography.hazmat.primitives.serialization import Encoding

    return certificate.public_bytes(Encoding.PEM)  # type: ignore[attr-defined,no-any-return]


