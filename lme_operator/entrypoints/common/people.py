"""The guards of people: a bearer session of `domain.credentials`, asked through flask-login (N-2.6b).

There is no cookie: no page of another origin can act in a person's name with it (OWASP ASVS 3.5.1).
"""

import secrets
from dataclasses import dataclass

from flask import Flask, Request, g
from flask_login import LoginManager, current_user

from lme_operator.core.database import Database
from lme_operator.core.refusal import Refusal, refusal
from lme_operator.domain.access import MUST_CHANGE_PASSWORD, Access
from lme_operator.domain.credentials import SESSION_OVER, Session, find_session
from lme_operator.entrypoints.common.exchange import current_exchange
from lme_operator.entrypoints.common.routes import Entry, Guard

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


def install_people(app: Flask, *, access: Access, database: Database) -> None:
    """Let flask-login load the session of a bearer token from our own table; no cookie of its own is ever read."""
    app.config["REMEMBER_COOKIE_NAME"] = secrets.token_hex(16)
    manager = LoginManager(app)
    manager.session_protection = None

    def load(request: Request) -> SessionUser:
        token, deadline = bearer_token(request), current_exchange().deadline
        if token is None:
            raise Refusal(SESSION_MISSING)
        if not g.entry.route.priority:
            return SessionUser(access.authenticate(token=token, deadline=deadline))
        with database.reading(deadline=deadline, priority=True) as connection:
            session = find_session(connection, token, database.clock())
        if session is None:
            raise Refusal(SESSION_OVER)
        return SessionUser(session)

    manager.request_loader(load)


def bearer_token(request: Request) -> str | None:
    """The token of the Authorization header, None without one."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    return token.strip() or None if scheme.lower() == "bearer" else None


@dataclass(frozen=True, slots=True)
class _Admission:
    """Admits live sessions; those good for changing the password alone only where `any_stage`."""

    any_stage: bool

    def __call__(self, entry: Entry) -> Session:
        g.entry = entry
        session: Session = current_user.session
        if session.stage != "plena" and not self.any_stage:
            raise Refusal(MUST_CHANGE_PASSWORD)
        return session


def _scope(session: Session) -> str:
    return f"persona:{session.run}:{session.context.code}"


PROFESSIONAL: Guard[Session] = Guard(
    name="profesional",
    admit=_Admission(any_stage=False),
    scope=_scope,
    scheme=SCHEME,
    challenge='Bearer realm="lme"',
    problems=(SESSION_MISSING, SESSION_OVER, MUST_CHANGE_PASSWORD),
)
"""A professional with a full session."""

ANY_STAGE: Guard[Session] = Guard(
    name="profesional_en_cualquier_etapa",
    admit=_Admission(any_stage=True),
    scope=_scope,
    scheme=SCHEME,
    challenge='Bearer realm="lme"',
    problems=(SESSION_MISSING, SESSION_OVER),
)
"""A professional whose session may be good for changing the password alone: to change it, or to leave."""
