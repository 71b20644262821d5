"""The guards of people: a bearer session of `domain.credentials`, asked through flask-login (N-2.6b).

There is no cookie: no page of another origin can act in a person's name with it (OWASP ASVS 3.5.1).
"""

import secrets
from dataclasses import dataclass

from flask import Flask, Request, g
from flask_login import LoginManager, UserMixin, current_user

from lme_operator.core.database import Database
from lme_operator.core.refusal import Refusal, refusal
from lme_operator.domain.access import MUST_CHANGE_PASSWORD
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


class SessionUser(UserMixin):
    """A live session, as flask-login wants it."""

    def __init__(self, session: Session) -> None:
        self.session = session

    def get_id(self) -> str:
        """The session's id."""
        return str(self.session.id)


def install_people(app: Flask, database: Database) -> None:
    """Let flask-login load the session of a bearer token from our own table; no cookie of its own is ever read."""
    app.config["REMEMBER_COOKIE_NAME"] = secrets.token_hex(16)
    manager = LoginManager(app)
    manager.session_protection = None

    def load(request: Request) -> SessionUser | None:
        token = bearer_token(request)
        if token is None:
            raise Refusal(SESSION_MISSING)
        with database.reading(deadline=current_exchange().deadline, priority=g.priority) as connection:
            session = find_session(connection, token, database.clock())
        return None if session is None else SessionUser(session)

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
        g.priority = entry.route.priority
        user = current_user
        if not user.is_authenticated:
            raise Refusal(SESSION_OVER)
        session: Session = user.session
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
