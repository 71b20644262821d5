"""Joins the rooms of an operator, for a process that works as one database role."""

from dataclasses import dataclass

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from lme_operator.core.clock import Clock, movable_clock, system_clock
from lme_operator.core.database import Database
from lme_operator.core.sealing import Sealer
from lme_operator.domain.access import Access
from lme_operator.domain.audit import KeyRole, Log, TrustedKey, TrustFile
from lme_operator.domain.credentials import ContactCodes, Credentials, PasswordHashing, RelyingParty
from lme_operator.domain.enrolment import Enrolment
from lme_operator.domain.enrolment.in_person import InPerson
from lme_operator.domain.identity import DocumentStore, IdentityChecks
from lme_operator.domain.issuance import Issuance, Printing
from lme_operator.domain.licences.document import OperatorIdentity
from lme_operator.domain.mandates import Mandates
from lme_operator.domain.norms import Norms, Protocol, load_protocols
from lme_operator.domain.notices import Notices
from lme_operator.domain.rnpi import Controls, Registry, Rnpi
from lme_operator.domain.signing import Signer
from lme_operator.domain.standing import Standing
from lme_operator.domain.suspensions import Suspensions
from lme_operator.gateways.biometrics import BiometricsClient
from lme_operator.gateways.inspection.process import InspectionLimits, ProcessInspector
from lme_operator.gateways.key_store import FileKeyStore
from lme_operator.gateways.messaging import build_carriers
from lme_operator.gateways.parties import build_party
from lme_operator.gateways.registro_civil import CivilRegistryClient
from lme_operator.gateways.rnpi import build_rnpi
from lme_operator.settings import ROOT, Settings
from lme_operator.wiring.accredited import read_accredited

MARK_OF_TESTS = "PRUEBAS – sin validez legal"
"""Before whatever a system that is not production sends to people."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Operator:
    """An operator's rooms on one database role; what entrypoints are built from."""

    settings: Settings
    clock: Clock
    database: Database
    norms: Norms
    sealer: Sealer
    log: Log
    trust: TrustFile
    credentials: Credentials
    notices: Notices
    contact_codes: ContactCodes
    documents: DocumentStore
    identity_checks: IdentityChecks
    rnpi: Rnpi
    access: Access
    enrolment: Enrolment
    in_person: InPerson
    mandates: Mandates
    suspensions: Suspensions
    standing: Standing
    issuance: Issuance


@dataclass(frozen=True, slots=True, kw_only=True)
class _Ground:
    """What the rooms stand on."""

    settings: Settings
    clock: Clock
    database: Database
    norms: Norms
    sealer: Sealer
    log: Log
    keys: FileKeyStore
    credentials: Credentials
    notices: Notices
    contact_codes: ContactCodes
    documents: DocumentStore
    identity_checks: IdentityChecks
    rnpi: Rnpi
    standing: Standing
    accredited: tuple[x509.Certificate, ...]


def build_operator(
    settings: Settings,
    *,
    role: str,
    clock: Clock | None = None,
    hashing: PasswordHashing | None = None,
    register: tuple[Registry, Controls] | None = None,
) -> Operator:
    """Join the rooms for a process that works as `role`.

    `clock`, `hashing` and `register` (the RNPI and our control hosts) are the real ones unless given.

    Raises `KeysUnusable`, and `SettingsRefused` when this process was not given the role's address.
    """
    clock = clock or (system_clock if settings.clock_file is None else movable_clock(settings.clock_file))
    ground = _ground(settings, role, clock, hashing or PasswordHashing(), register)
    database, log, sealer, credentials = ground.database, ground.log, ground.sealer, ground.credentials
    return Operator(
        settings=settings,
        clock=clock,
        database=database,
        norms=ground.norms,
        sealer=sealer,
        log=log,
        trust=_trust_file(settings, ground.keys, credentials.relying_party, ground.accredited),
        credentials=credentials,
        notices=ground.notices,
        contact_codes=ground.contact_codes,
        documents=ground.documents,
        identity_checks=ground.identity_checks,
        rnpi=ground.rnpi,
        access=_access(ground),
        in_person=_in_person(ground),
        enrolment=Enrolment(
            database=database, log=log, credentials=credentials, demonstrations=settings.demonstration.people
        ),
        mandates=Mandates(
            database=database,
            log=log,
            sealer=sealer,
            credentials=credentials,
            notices=ground.notices,
            documents=ground.documents,
        ),
        suspensions=Suspensions(
            database=database, log=log, sealer=sealer, norms=ground.norms, credentials=ground.credentials
        ),
        standing=ground.standing,
        issuance=_issuance(ground),
    )


def _ground(
    settings: Settings,
    role: str,
    clock: Clock,
    hashing: PasswordHashing,
    register: tuple[Registry, Controls] | None,
) -> _Ground:
    production, places = settings.environment == "production", settings.database
    database = Database(
        url=places.url(role),
        clock=clock,
        pool_size=places.pool_size,
        priority_pool_size=places.priority_pool_size,
        pool_timeout=places.pool_seconds,
    )
    keys = FileKeyStore(settings.keys, at=clock(), production=production)
    norms, sealer = Norms.load(ROOT / "protocols"), Sealer(keys.data_key)
    log = Log(sealer=sealer, signer=keys.log, origin=settings.log.origin)
    party = RelyingParty(settings.web.rp_id, settings.operator.name, (settings.web.origin,))
    notices = Notices(
        database=database,
        log=log,
        sealer=sealer,
        messenger=build_carriers(settings, clock) if role == "worker" else None,
        mark="" if production else MARK_OF_TESTS,
    )
    registry, controls = register or build_rnpi(settings.rnpi, clock=clock, plain_http=not production)
    return _Ground(
        settings=settings,
        clock=clock,
        database=database,
        norms=norms,
        sealer=sealer,
        log=log,
        keys=keys,
        credentials=Credentials(sealer=sealer, norms=norms, hashing=hashing, relying_party=party),
        notices=notices,
        contact_codes=ContactCodes(sealer=sealer, norms=norms, notices=notices),
        documents=DocumentStore(sealer=sealer, inspector=ProcessInspector(_inspection_limits(settings))),
        identity_checks=_identity_checks(settings, clock),
        rnpi=Rnpi(database=database, log=log, sealer=sealer, norms=norms, registry=registry, controls=controls),
        standing=Standing(norms),
        accredited=read_accredited(settings.firma_avanzada.acreditadas),
    )


def _access(ground: _Ground) -> Access:
    return Access(
        database=ground.database,
        log=ground.log,
        credentials=ground.credentials,
        contact_codes=ground.contact_codes,
        notices=ground.notices,
        rnpi=ground.rnpi,
        standing=ground.standing,
        accredited=ground.accredited,
    )


def _in_person(ground: _Ground) -> InPerson:
    settings = ground.settings
    return InPerson(
        database=ground.database,
        log=ground.log,
        sealer=ground.sealer,
        norms=ground.norms,
        credentials=ground.credentials,
        contact_codes=ground.contact_codes,
        notices=ground.notices,
        documents=ground.documents,
        identity_checks=ground.identity_checks,
        rnpi=ground.rnpi,
        protocols=_pinned_protocols(),
        terms=(ROOT / "protocols" / "condiciones-v1.txt").read_bytes(),
        operator=settings.operator.name,
        rut=settings.operator.identity,
        test=settings.environment != "production",
    )


def _issuance(ground: _Ground) -> Issuance:
    identity = ground.settings.operator
    return Issuance(
        database=ground.database,
        log=ground.log,
        sealer=ground.sealer,
        signer=Signer(ground.keys),
        norms=ground.norms,
        credentials=ground.credentials,
        standing=ground.standing,
        rnpi=ground.rnpi,
        operator=OperatorIdentity(identity.identity, int(identity.code)),
        printing=Printing(
            operator=identity.name,
            origin=ground.settings.web.origin,
            testing=ground.settings.environment != "production",
        ),
    )


def _pinned_protocols() -> tuple[Protocol, ...]:
    """The protocols that a new case of enrolment follows: the newest version of each."""
    released = sorted(load_protocols(ROOT / "protocols"), key=lambda protocol: int(protocol.version[1:]))
    newest = {protocol.name: protocol for protocol in released}
    return newest["enrolamiento-presencial"], newest["consulta-rnpi"]


def _inspection_limits(settings: Settings) -> InspectionLimits:
    documents = settings.documents
    return InspectionLimits(
        largest=documents.largest_bytes,
        pixels=documents.most_pixels,
        pages=documents.most_pages,
        memory=documents.memory_mib << 20,
        seconds=documents.cpu_seconds,
        patience=documents.patience_seconds,
        at_once=documents.at_once,
    )


def _identity_checks(settings: Settings, clock: Clock) -> IdentityChecks:
    """Who is asked about a person's identity."""
    registry, biometrics = (
        build_party(name, party, clock=clock, plain_http=settings.environment != "production")
        for name, party in (("registro_civil", settings.registro_civil), ("biometria", settings.biometrics))
    )
    return IdentityChecks(
        civil_registry=CivilRegistryClient(registry, token=settings.registro_civil.token.get_secret_value()),
        biometrics=BiometricsClient(biometrics, token=settings.biometrics.token.get_secret_value()),
    )


def _trust_file(
    settings: Settings, keys: FileKeyStore, party: RelyingParty, accredited: tuple[x509.Certificate, ...]
) -> TrustFile:
    """What anybody needs to verify what this operator makes."""
    seal, authority = (
        certificate.public_bytes(Encoding.PEM) for certificate in (keys.seal_certificate, keys.authority_certificate)
    )
    return TrustFile(
        settings.log.origin,
        party.rp_id,
        party.origins,
        (
            TrustedKey(keys.log.key_id, KeyRole.LOG, keys.log.public),
            TrustedKey(keys.seal_id, KeyRole.SEAL, seal),
            TrustedKey(keys.authority_id, KeyRole.CA, authority),
        ),
        tuple(certificate.public_bytes(Encoding.PEM) for certificate in accredited),
    )
