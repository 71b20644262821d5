"""Sessions, on the server: a random token of 256 bits of which only the SHA-256 is kept (OWASP ASVS 7.2)."""

import hashlib
import secrets
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from typing import Literal
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.engine import Connection

from lme_operator.core.canonical import encode, to_base64url
from lme_operator.core.database import Work
from lme_operator.core.origin import Origin
from lme_operator.core.questions import Question
from lme_operator.core.refusal import Refusal
from lme_operator.core.run import Run
from lme_operator.core.sealing import Sealer
from lme_operator.domain.credentials.records import session_ends, session_epochs, session_seen, sessions
from lme_operator.domain.credentials.refusals import SESSION_OVER
from lme_operator.domain.credentials.throttle import source_of
from lme_operator.domain.identity import locked_epoch, people
from lme_operator.domain.professionals import PracticeContext

Stage = Literal["plena", "cambio_clave"]


_newer = sessions.alias("newer")
_seen = (
    sa.select(sa.func.max(session_seen.c.at))
    .where(session_seen.c.session_id == sessions.c.id)
    .correlate(sessions)
    .scalar_subquery()
)
_last_seen = sa.func.coalesce(_seen, sessions.c.at)


def _standing() -> sa.Select[tuple[object, ...]]:
    """Every session that nothing but time can have ended: of its person's epoch, the latest, not left."""
    return (
        sa.select(
            sessions.c.id,
            sessions.c.run,
            sessions.c.context,
            sessions.c.stage,
            sessions.c.at,
            sessions.c.expires_at,
            people.c.epoch,
            _last_seen.label("last_seen"),
        )
        .join(people, people.c.run == sessions.c.run)
        .join(
            session_epochs,
            sa.and_(session_epochs.c.session_id == sessions.c.id, session_epochs.c.epoch == people.c.epoch),
        )
        .where(
            ~sa.exists().where(_newer.c.run == sessions.c.run, _newer.c.sequence > sessions.c.sequence),
            ~sa.exists().where(session_ends.c.session_id == sessions.c.id),
        )
    )


_ends_at = sa.func.least(sessions.c.expires_at, _last_seen + sessions.c.idle)


def _live(at: "datetime | sa.BindParameter[datetime]") -> sa.Select[tuple[object, ...]]:
    """Every session that lives at `at`: of its person's epoch, the latest, not left, not idle, not expired."""
    return _standing().where(_ends_at > at)


_AT: "sa.BindParameter[datetime]" = sa.bindparam("at", type_=sa.DateTime(timezone=True))
_BY_TOKEN = Question(_live(_AT).where(sessions.c.token_digest == sa.bindparam("digest")))
_BY_ID = Question(_live(_AT).where(sessions.c.id == sa.bindparam("id")))
_LAPSED = _standing().where(
    sessions.c.token_digest == sa.bindparam("digest"),
    sessions.c.stage == "plena",
    _ends_at <= _AT,
    _ends_at > sa.bindparam("since", type_=sa.DateTime(timezone=True)),
)
_BY_RUN = sa.select(sa.func.count()).select_from(_live(_AT).where(sessions.c.run == sa.bindparam("run")).subquery())


@dataclass(frozen=True, slots=True)
class Session:
    """A live session. Stage `cambio_clave` is good for changing the password alone."""

    id: UUID
    run: Run
    context: PracticeContext
    epoch: int
    stage: Stage
    at: datetime
    expires_at: datetime
    last_seen: datetime


@dataclass(frozen=True, slots=True)
class EndedSession:
    """A session that is over. It admits to nothing; it only tells who asks again for his own act, or typed on."""

    id: UUID
    run: Run
    context: PracticeContext


@dataclass(frozen=True, slots=True)
class OpenedSession:
    """A session just opened, with the only copy of its token."""

    token: str = field(repr=False)
    session: Session


def open_session(
    work: Work,
    sealer: Sealer,
    *,
    run: Run,
    context: PracticeContext,
    stage: Stage,
    origin: Origin,
    idle: timedelta,
    longest: timedelta,
) -> OpenedSession:
    """Open the one session of the person, under the lock: from now on every earlier one is over."""
    epoch = locked_epoch(work, run)
    if epoch is None:
        raise LookupError("the person is not locked")
    token, session_id, expires_at = to_base64url(secrets.token_bytes(32)), work.new_id(), work.at + longest
    work.execute(
        sessions.insert().values(
            id=session_id,
            run=str(run),
            token_digest=_digest(token),
            context=context.code,
            stage=stage,
            source=source_of(sealer, origin),
            origin=sealer.seal(encode(asdict(origin)), where=f"credentials.session.origin:{session_id}"),
            idle=idle,
            at=work.at,
            expires_at=expires_at,
        )
    )
    work.execute(session_epochs.insert().values(session_id=session_id, epoch=epoch, at=work.at))
    return OpenedSession(token, Session(session_id, run, context, epoch, stage, work.at, expires_at, last_seen=work.at))


def find_session(connection: Connection, token: str, at: datetime) -> Session | None:
    """Return the live session of this token, in one query; None if there is none."""
    return _session(_BY_TOKEN.first(connection, {"digest": _digest(token), "at": at}))


def find_ended_session(connection: Connection, token: str, at: datetime) -> EndedSession | None:
    """Return the session of this token, live or not, while its own time has not run out; None if there is none."""
    row = connection.execute(
        sa.select(sessions.c.id, sessions.c.run, sessions.c.context).where(
            sessions.c.token_digest == _digest(token), sessions.c.expires_at > at
        )
    ).one_or_none()
    return None if row is None else EndedSession(row.id, Run.parse(row.run), PracticeContext.parse(row.context))


def find_lapsed_session(connection: Connection, token: str, at: datetime, *, within: timedelta) -> EndedSession | None:
    """Return the full session of this token that idleness or its time alone ended, no longer ago than `within`.

    None for one that lives, was left or replaced, or whose person's epoch has risen. It admits to nothing: it only
    tells whose draft may still take what its browser had typed.
    """
    row = connection.execute(_LAPSED, {"digest": _digest(token), "at": at, "since": at - within}).one_or_none()
    return None if row is None else EndedSession(row.id, Run.parse(row.run), PracticeContext.parse(row.context))


def require_live(work: Work, session: Session) -> None:
    """Look again, under the person's lock: raise `Refusal(sesion_terminada)` unless the session still lives."""
    if locked_epoch(work, session.run) != session.epoch:
        raise Refusal(SESSION_OVER)
    if _BY_ID.first(work.connection, {"id": session.id, "at": work.at}) is None:
        raise Refusal(SESSION_OVER)


def count_live_sessions(connection: Connection, run: Run, at: datetime) -> int:
    """How many sessions of the person live at `at`: none or one."""
    count: int = connection.execute(_BY_RUN, {"run": str(run), "at": at}).scalar_one()
    return count


def carry_over(work: Work, session: Session, *, epoch: int) -> None:
    """Let this session live on in the new `epoch`: only for the session whose own act raised it, under the lock."""
    work.execute(session_epochs.insert().values(session_id=session.id, epoch=epoch, at=work.at))


def record_seen(connection: Connection, session: Session, *, at: datetime) -> None:
    """Write that the session was used at `at`."""
    connection.execute(insert(session_seen).values(session_id=session.id, at=at).on_conflict_do_nothing())


def end_session(work: Work, session: Session) -> None:
    """End the session; ending it twice is the same."""
    work.execute(insert(session_ends).values(session_id=session.id, at=work.at).on_conflict_do_nothing())


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest()


def _session(row: "sa.Row[tuple[object, ...]] | None") -> Session | None:
    if row is None:
        return None
    return Session(
        id=row.id,
        run=Run.parse(row.run),
        context=PracticeContext.parse(row.context),
        epoch=row.epoch,
        stage=row.stage,
        at=row.at,
        expires_at=row.expires_at,
        last_seen=row.last_seen,
    )
