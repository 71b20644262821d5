"""The guards of people: a live session of `domain.credentials`, asked through flask-login (N-2.6b).

The API takes it by a bearer token alone, which no page of another origin can send (OWASP ASVS 3.5.1); pages take it by
a cookie alone (`common.visitors`). Neither is ever read in the other's place.
"""

import secrets
from dataclasses import dataclass
from functools import partial

from flask import Flask, Request, g
from flask_login import LoginManager, current_user

from lme_operator.core.database import Database
from lme_operator.core.refusal import Refusal, refusal
from lme_operator.domain.access import MUST_CHANGE_PASSWORD, Access
from lme_operator.domain.credentials import SESSION_OVER, EndedSession, Session, find_session
from lme_operator.entrypoints.http.exchange import current_exchange
from lme_operator.entrypoints.http.routes import Entry, Guard
from lme_operator.entrypoints.pages.browser import Browser
from lme_operator.entrypoints.pages.pages import Page

SESSION_MISSING = refusal(
    code="falta_sesion",
    status=401,
    citation="N-2.6b",
    words="Esta dirección pide una sesión.",
    remedy="Entre con POST /api/v1/sesiones y envíe su token en la cabecera Authorization: Bearer.",
)
SCHEME = "sesion"


@dataclass(frozen=True, slots=True)
class SessionUser:
    """A live session, as flask-login wants a user."""

    session: Session
    is_authenticated: bool = True
    is_active: bool = True
    is_anonymous: bool = False

    def get_id(self) -> str:
        """The session's id."""
        return str(self.session.id)


def install_people(app: Flask, *, access: Access, database: Database, browser: Browser) -> None:
    """Let flask-login load the session of a token from our own table; no cookie of its own is ever read."""
    app.config["REMEMBER_COOKIE_NAME"] = secrets.token_hex(16)
    manager = LoginManager(app)
    manager.session_protection = None

    def load(request: Request) -> SessionUser:
        route, deadline = g.entry.route, current_exchange().deadline
        token = request.cookies.get(browser.session) if isinstance(route, Page) else bearer_token(request)
        if not token:
            raise Refusal(SESSION_MISSING)
        if not route.priority:
            return SessionUser(access.authenticate(token=token, deadline=deadline))
        with database.looking(deadline=deadline, priority=True) as connection:
            session = find_session(connection, token, database.clock())
        if session is None:
            raise Refusal(SESSION_OVER)
        return SessionUser(session)

    manager.request_loader(load)


def bearer_token(request: Request) -> str | None:
    """The token of the Authorization header, None without one."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    return token.strip() or None if scheme.lower() == "bearer" else None


def admit_session(entry: Entry, *, any_stage: bool) -> Session:
    """Return the live session of this request; raise `Refusal` (`falta_sesion`, `sesion_terminada`).

    One good for changing the password alone is admitted only where `any_stage`; else `debe_cambiar_clave`.
    """
    g.entry = entry
    session: Session = current_user.session
    if session.stage != "plena" and not any_stage:
        raise Refusal(MUST_CHANGE_PASSWORD)
    return session


def scope_of(session: Session | EndedSession) -> str:
    """Name the person and context, for idempotency."""
    return f"persona:{session.run}:{session.context.code}"


PROFESSIONAL: Guard[Session] = Guard(
    name="profesional",
    admit=partial(admit_session, any_stage=False),
    scope=scope_of,
    scheme=SCHEME,
    challenge='Bearer realm="lme"',
    problems=(SESSION_MISSING, SESSION_OVER, MUST_CHANGE_PASSWORD),
)
"""A professional with a full session."""

ANY_STAGE: Guard[Session] = Guard(
    name="profesional_en_cualquier_etapa",
    admit=partial(admit_session, any_stage=True),
    scope=scope_of,
    scheme=SCHEME,
    challenge='Bearer realm="lme"',
    problems=(SESSION_MISSING, SESSION_OVER),
)
"""A professional whose session may be good for changing the password alone: to change it, or to leave."""
