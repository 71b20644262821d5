"""Challenges for an authenticator: random rows that carry the epoch of their birth, live minutes, are spent once."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.engine import Connection

from lme_operator.core.canonical import sha256
from lme_operator.core.database import Work
from lme_operator.core.refusal import Refusal
from lme_operator.core.run import Run
from lme_operator.domain.credentials.records import challenges, challenges_spent
from lme_operator.domain.credentials.refusals import CHALLENGE_OVER
from lme_operator.domain.identity import locked_epoch, people

ChallengePurpose = Literal["entrada", "confirmacion", "registro-entrada", "registro-firma"]
"""`entrada`: half an entry, its password proved. `confirmacion`: a fresh factor in a session, for one act."""

CHALLENGE_LIVES = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Challenge:
    """A challenge: whose, of which epoch, made in which session (none: before entering)."""

    id: UUID
    run: Run
    epoch: int
    session_id: UUID | None
    purpose: ChallengePurpose
    challenge: bytes
    expires_at: datetime

    def signed(self, act: str | None) -> bytes:
        """What the authenticator signs: the random bytes, or their SHA-256 with the one act that they confirm."""
        return self.challenge if act is None else sha256(self.challenge + act.encode())


def new_challenge(work: Work, run: Run, *, purpose: ChallengePurpose, session: UUID | None) -> Challenge:
    """Make and keep a challenge of 32 random bytes, of the person's epoch, under the lock."""
    epoch = locked_epoch(work, run)
    if epoch is None:
        raise LookupError("the person is not locked")
    row = Challenge(work.new_id(), run, epoch, session, purpose, secrets.token_bytes(32), work.at + CHALLENGE_LIVES)
    work.execute(
        challenges.insert().values(
            id=row.id,
            run=str(run),
            purpose=purpose,
            challenge=row.challenge,
            epoch=epoch,
            session_id=session,
            at=work.at,
            expires_at=row.expires_at,
        )
    )
    return row


def find_challenge(
    connection: Connection, run: Run, attempt: UUID, *, purpose: ChallengePurpose, at: datetime
) -> Challenge | None:
    """Return a challenge that may still be redeemed, as far as can be seen without the lock; None otherwise."""
    open_ones = _open(run, (purpose,), at).where(challenges.c.id == attempt)
    row = connection.execute(open_ones).one_or_none()
    return None if row is None else _challenge(row)


def find_begun(
    connection: Connection, run: Run, *, session: UUID, purposes: Sequence[ChallengePurpose], at: datetime
) -> tuple[Challenge, ...]:
    """Return the challenges of one act, the last that this session began, by purpose; none once they are over."""
    open_ones = _open(run, purposes, at).where(challenges.c.session_id == session)
    rows = connection.execute(open_ones.order_by(challenges.c.at.desc(), challenges.c.purpose)).all()
    return tuple(_challenge(row) for row in rows if row.at == rows[0].at)


def find_act(connection: Connection, run: Run, *, session: UUID, attempt: UUID, at: datetime) -> tuple[Challenge, ...]:
    """Return the challenges of registration that this session began in one act with `attempt`; none once it is over."""
    begun = sa.select(challenges.c.at).where(challenges.c.id == attempt).scalar_subquery()
    open_ones = _open(run, ("registro-entrada", "registro-firma"), at)
    rows = connection.execute(open_ones.where(challenges.c.session_id == session, challenges.c.at == begun)).all()
    return tuple(_challenge(row) for row in rows) if attempt in {row.id for row in rows} else ()


def _open(run: Run, purposes: Sequence[ChallengePurpose], at: datetime) -> "sa.Select[tuple[object, ...]]":
    return (
        sa.select(challenges)
        .join(people, people.c.run == challenges.c.run)
        .where(
            challenges.c.run == str(run),
            challenges.c.purpose.in_(purposes),
            challenges.c.expires_at > at,
            challenges.c.epoch == people.c.epoch,
            ~sa.exists().where(challenges_spent.c.challenge_id == challenges.c.id),
        )
    )


def redeem_challenge(work: Work, run: Run, attempt: UUID, *, purpose: ChallengePurpose) -> Challenge:
    """Spend a challenge once, under the person's lock; raise `Refusal(desafio_vencido)`."""
    row = work.execute(
        sa.select(challenges).where(
            challenges.c.id == attempt,
            challenges.c.run == str(run),
            challenges.c.purpose == purpose,
            challenges.c.expires_at > work.at,
        )
    ).one_or_none()
    if row is None or row.epoch != locked_epoch(work, run):
        raise Refusal(CHALLENGE_OVER)
    spent = work.execute(
        insert(challenges_spent)
        .values(challenge_id=attempt, at=work.at)
        .on_conflict_do_nothing()
        .returning(challenges_spent.c.challenge_id)
    ).one_or_none()
    if spent is None:
        raise Refusal(CHALLENGE_OVER)
    return _challenge(row)


def _challenge(row: "sa.Row[tuple[object, ...]]") -> Challenge:
    return Challenge(row.id, Run.parse(row.run), row.epoch, row.session_id, row.purpose, row.challenge, row.expires_at)
