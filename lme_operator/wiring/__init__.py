"""The only place that joins entrypoints, rooms and gateways: the rooms in `rooms`, the web application here."""

from functools import partial
from typing import Any
from wsgiref.types import WSGIApplication

from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix

from lme_operator.core.database import Deadline
from lme_operator.domain.access import PasswordChangeDue
from lme_operator.domain.credentials import find_session
from lme_operator.entrypoints.api.authority.orders import authority_routes
from lme_operator.entrypoints.api.docs import docs_routes
from lme_operator.entrypoints.api.professional.licences import licence_routes
from lme_operator.entrypoints.api.professional.own import professional_routes
from lme_operator.entrypoints.api.professional.sessions import render_change_due, session_routes
from lme_operator.entrypoints.api.public.state import public_routes
from lme_operator.entrypoints.api.public.verification import verification_routes
from lme_operator.entrypoints.console.routes import build_console
from lme_operator.entrypoints.demonstration.tray import tray_routes
from lme_operator.entrypoints.http.front import Browsers, Front, Places, Way
from lme_operator.entrypoints.http.headers import install_headers
from lme_operator.entrypoints.http.input import READ_AT_MOST
from lme_operator.entrypoints.http.logs import configure_logs, install_logs
from lme_operator.entrypoints.http.people import install_people
from lme_operator.entrypoints.http.problems import install_problems, turn_away
from lme_operator.entrypoints.http.routes import Route, install_routes
from lme_operator.entrypoints.machines.guard import AUTHORITY, machine_guard
from lme_operator.entrypoints.pages.browser import Browser
from lme_operator.entrypoints.pages.pages import install_pages, largest_of
from lme_operator.settings import Settings
from lme_operator.wiring.rooms import Operator, build_operator

__all__ = ["Operator", "api_routes", "application", "build_operator", "create_app", "put_front"]


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
        *verification_routes(operator.issuance),
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
    """Whether it is the token of one of the operator's people at work: nobody else's page takes files."""
    with operator.database.reading(deadline=deadline) as connection:
        session = find_session(connection, token, operator.clock())
    return session is not None and session.context.operator


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
