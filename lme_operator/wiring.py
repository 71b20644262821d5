"""The only place that joins entrypoints, rooms and gateways."""

from dataclasses import dataclass
from functools import partial
from typing import Any
from wsgiref.types import WSGIApplication

from cryptography.hazmat.primitives.serialization import Encoding
from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix

from lme_operator.core.clock import Clock, movable_clock, system_clock
from lme_operator.core.database import Database, Deadline
from lme_operator.core.sealing import Sealer
from lme_operator.domain.access import Access, PasswordChangeDue
from lme_operator.domain.audit import KeyRole, Log, TrustedKey, TrustFile
from lme_operator.domain.credentials import ContactCodes, Credentials, PasswordHashing, RelyingParty, find_session
from lme_operator.domain.enrolment import Enrolment
from lme_operator.domain.enrolment.in_person import InPerson
from lme_operator.domain.identity import DocumentStore, IdentityChecks
from lme_operator.domain.issuance import Issuance
from lme_operator.domain.licences.document import OperatorIdentity
from lme_operator.domain.mandates import Mandates
from lme_operator.domain.norms import Norms, Protocol, load_protocols
from lme_operator.domain.notices import Notices
from lme_operator.domain.rnpi import Controls, Registry, Rnpi
from lme_operator.domain.signing import Signer
from lme_operator.domain.standing import Standing
from lme_operator.domain.suspensions import Suspensions
from lme_operator.entrypoints.api.authorities import authority_routes
from lme_operator.entrypoints.api.docs import docs_routes
from lme_operator.entrypoints.api.licences import licence_routes
from lme_operator.entrypoints.api.professional import professional_routes
from lme_operator.entrypoints.api.public import public_routes
from lme_operator.entrypoints.api.sessions import render_change_due, session_routes
from lme_operator.entrypoints.common.browser import Browser
from lme_operator.entrypoints.common.front import Browsers, Front, Places, Way
from lme_operator.entrypoints.common.headers import install_headers
from lme_operator.entrypoints.common.input import READ_AT_MOST
from lme_operator.entrypoints.common.logs import configure_logs, install_logs
from lme_operator.entrypoints.common.machines import AUTHORITY, machine_guard
from lme_operator.entrypoints.common.pages import install_pages, largest_of
from lme_operator.entrypoints.common.people import install_people
from lme_operator.entrypoints.common.problems import install_problems, turn_away
from lme_operator.entrypoints.common.routes import Route, install_routes
from lme_operator.entrypoints.console.routes import build_console
from lme_operator.entrypoints.console.tray import tray_routes
from lme_operator.gateways.biometrics import BiometricsClient
from lme_operator.gateways.inspection.process import InspectionLimits, ProcessInspector
from lme_operator.gateways.key_store import FileKeyStore
from lme_operator.gateways.messaging import build_carriers
from lme_operator.gateways.parties import build_party
from lme_operator.gateways.registro_civil import CivilRegistryClient
from lme_operator.gateways.rnpi import build_rnpi
from lme_operator.settings import ROOT, Settings

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
    signer: Signer
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
    database = Database(
        url=settings.database.url(role),
        clock=clock,
        pool_size=settings.database.pool_size,
        priority_pool_size=settings.database.priority_pool_size,
        pool_timeout=settings.database.pool_seconds,
    )
    keys = FileKeyStore(settings.keys, at=clock(), production=settings.environment == "production")
    norms, sealer = Norms.load(ROOT / "protocols"), Sealer(keys.data_key)
    log = Log(sealer=sealer, signer=keys.log, origin=settings.log.origin)
    party = RelyingParty(settings.web.rp_id, settings.operator.name, (settings.web.origin,))
    credentials = Credentials(sealer=sealer, norms=norms, hashing=hashing or PasswordHashing(), relying_party=party)
    notices = Notices(
        database=database,
        log=log,
        sealer=sealer,
        messenger=build_carriers(settings, clock) if role == "worker" else None,
        mark="" if settings.environment == "production" else MARK_OF_TESTS,
    )
    contact_codes = ContactCodes(sealer=sealer, norms=norms, notices=notices)
    signer, standing = Signer(keys), Standing(norms)
    registry, controls = register or build_rnpi(
        settings.rnpi, clock=clock, plain_http=settings.environment != "production"
    )
    rnpi = Rnpi(database=database, log=log, sealer=sealer, norms=norms, registry=registry, controls=controls)
    documents = DocumentStore(sealer=sealer, inspector=ProcessInspector(_inspection_limits(settings)))
    identity_checks = _identity_checks(settings, clock)
    return Operator(
        settings=settings,
        clock=clock,
        database=database,
        norms=norms,
        sealer=sealer,
        log=log,
        signer=signer,
        trust=_trust_file(settings, keys, party),
        credentials=credentials,
        notices=notices,
        contact_codes=contact_codes,
        documents=documents,
        identity_checks=identity_checks,
        rnpi=rnpi,
        access=Access(
            database=database,
            log=log,
            credentials=credentials,
            contact_codes=contact_codes,
            notices=notices,
            rnpi=rnpi,
        ),
        in_person=InPerson(
            database=database,
            log=log,
            sealer=sealer,
            norms=norms,
            credentials=credentials,
            contact_codes=contact_codes,
            notices=notices,
            documents=documents,
            identity_checks=identity_checks,
            rnpi=rnpi,
            protocols=_pinned_protocols(),
            terms=(ROOT / "protocols" / "condiciones-v1.txt").read_bytes(),
            operator=settings.operator.name,
            rut=settings.operator.identity,
            test=settings.environment != "production",
        ),
        enrolment=Enrolment(
            database=database, log=log, credentials=credentials, demonstrations=settings.demonstration.people
        ),
        mandates=Mandates(database=database, log=log, sealer=sealer, credentials=credentials, notices=notices),
        suspensions=Suspensions(database=database, log=log, sealer=sealer, norms=norms),
        standing=standing,
        issuance=Issuance(
            database=database,
            log=log,
            sealer=sealer,
            signer=signer,
            norms=norms,
            credentials=credentials,
            standing=standing,
            rnpi=rnpi,
            operator=OperatorIdentity(settings.operator.identity, int(settings.operator.code)),
        ),
    )


def create_app(operator: Operator) -> Flask:
    """Build the web application of one worker process."""
    settings = operator.settings
    production = settings.environment == "production"
    app = Flask("lme_operator", static_folder=None)
    app.url_map.merge_slashes = False
    app.config.update(
        MAX_CONTENT_LENGTH=READ_AT_MOST,
        REQUEST_SECONDS=settings.web.request_seconds,
        TRUSTED_HOSTS=[settings.web.rp_id, *(() if production else ("localhost", "127.0.0.1"))],
    )
    browser = Browser(sealer=operator.sealer, origins=_addresses(settings), secure=production)
    console = build_console(operator, browser=browser, name=settings.operator.name, production=production)
    install_problems(app, page=console.problems.show)
    app.register_error_handler(PasswordChangeDue, render_change_due)
    install_logs(app)
    install_headers(app, production=production)
    install_people(app, access=operator.access, database=operator.database, browser=browser)
    routes = api_routes(operator)
    if settings.demonstration.pages:
        routes += tray_routes(settings.home, database=operator.database, norms=operator.norms)
    install_routes(app, routes)
    install_pages(app, console.pages)
    app.extensions["browsers"] = Browsers(
        browser.session, browser.visit, lives=partial(_lives, operator), turn_away=console.problems.turn_away
    )
    if settings.web.trusted_proxies:
        hops = settings.web.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=0)  # type: ignore[method-assign]
    return app


def api_routes(operator: Operator) -> tuple[Route[Any, Any], ...]:
    """Every route of the JSON API, with the document that describes them."""
    ordering, consulting = (
        machine_guard(
            operator.mandates,
            addresses=_addresses(operator.settings),
            clock=operator.clock,
            kind=AUTHORITY,
            permission=permission,
        )
        for permission in ("suspensiones", "consultas")
    )
    routes = (
        *session_routes(operator.access, operator.standing, operator.database),
        *professional_routes(operator.access, operator.standing, operator.in_person, operator.log, operator.database),
        *licence_routes(operator.issuance, operator.credentials, operator.database),
        *authority_routes(operator.suspensions, ordering=ordering, consulting=consulting),
        *public_routes(operator.log, operator.trust, operator.database),
    )
    settings = operator.settings
    docs = docs_routes(
        routes,
        address=settings.web.origin,
        clock=operator.clock,
        norms=operator.norms,
        testing=settings.environment != "production",
    )
    return (*routes, *docs)


def put_front(app: Flask, settings: Settings, *, inner: WSGIApplication | None = None) -> Front:
    """Put the front before the application (`inner`, if it is wrapped), which a server speaks ASGI to."""
    web, production = settings.web, settings.environment == "production"
    return Front(
        inner or app,
        Places(
            at_once=web.at_once,
            waiting=web.waiting,
            body_seconds=web.body_seconds,
            request_seconds=web.request_seconds,
            outside_at_once=web.outside_at_once,
            outside_seconds=web.outside_seconds,
            uploads=web.uploads,
            upload_seconds=web.upload_seconds,
        ),
        ways=[_way(route) for route in app.extensions["routes"]],
        turn_away=partial(turn_away, production=production),
        browsers=app.extensions["browsers"],
    )


def _way(route: Route[Any, Any]) -> Way:
    return Way(route.method, route.path, route.priority, route.asks_outside, largest_of(route))


def _lives(operator: Operator, token: str, deadline: Deadline) -> bool:
    with operator.database.reading(deadline=deadline) as connection:
        return find_session(connection, token, operator.clock()) is not None


def application() -> Front:
    """Build the application from the environment: what the web server of each worker process calls."""
    configure_logs()
    settings = Settings.load()
    if settings.environment == "production":
        settings.rnpi.require()
    return put_front(create_app(build_operator(settings, role="application")), settings)


def _addresses(settings: Settings) -> tuple[str, ...]:
    """The addresses that machines may sign for; outside production also this machine's own."""
    if settings.environment == "production":
        return (settings.web.origin,)
    return (settings.web.origin, *(f"http://{host}:{settings.web.port}" for host in ("localhost", "127.0.0.1")))


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


def _trust_file(settings: Settings, keys: FileKeyStore, party: RelyingParty) -> TrustFile:
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
    )
