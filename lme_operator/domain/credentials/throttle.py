"""Tries are counted before they are judged; the count cannot be raced, and it locks nobody out for long.

A *lane* is an account as seen from one place: every access point (address and device) from which the person has
entered lately has a lane of its own, all others share one. So whoever guesses from elsewhere fills the shared lane and
the owner still gets in from the usual place (OWASP ASVS 6.1.1, 6.3.1). A stranger's RUN has lanes too, by keyed hash.

Each try takes the next number of its lane by unique insert: two at once cannot both see the same count. An entry that
succeeds clears its lane.

A *source* (the address, whoever the account) has a lane too, so that nobody tries one password on everybody: only what
failed counts in it, so a clinic behind one address enters freely, and whoever enters from a usual place is let past it,
so a neighbour who guesses locks nobody out. One success clears none of the others' failures.
"""

import math
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from lme_operator.core.database import Evidence, Work
from lme_operator.core.ids import uuid7
from lme_operator.core.origin import Origin
from lme_operator.core.questions import Question
from lme_operator.core.refusal import Refusal
from lme_operator.core.run import Run
from lme_operator.core.sealing import Sealer
from lme_operator.domain.credentials.records import (
    attempts_right,
    key_uses,
    keys,
    sessions,
    totp_uses,
    totps,
    wrong_codes,
)
from lme_operator.domain.credentials.refusals import KEY_COUNTER, KEY_REFUSED, TOO_MANY_CODES, TOO_MANY_TRIES
from lme_operator.domain.credentials.rules import patience_until
from lme_operator.domain.credentials.totp import WRONG_CODES

ENTRY = "entrada"
"""Purpose of the codes that open a session."""
RECOVERY = "recuperacion"
"""Purpose of the codes that recover a password."""
BEFORE_ANOTHER = "ante_otro"
"""Purpose of the codes that show to an officer, or to a founder, on his screen, that one has one's own factor."""
_OUTSIDE = (ENTRY, RECOVERY, BEFORE_ANOTHER)
_INSIDE = "dentro"
"""Every other purpose is an act of the person inside a session; they are counted as one."""

_WRONG = (*WRONG_CODES, KEY_REFUSED, KEY_COUNTER)
"""Refusals that cost time: nobody guesses a signature, but each try costs us one."""


_TAKE = sa.text("""
    WITH recent AS (
        SELECT number, cleared, at FROM credentials.attempt WHERE lane = :lane ORDER BY number DESC LIMIT :tries
    ), counted AS (
        SELECT at FROM recent
        WHERE at > :since AND number > coalesce((SELECT max(number) FROM recent WHERE cleared), 0)
    )
    INSERT INTO credentials.attempt (lane, number, cleared, at)
    SELECT :lane, coalesce((SELECT max(number) FROM recent), 0) + 1, :cleared, :at
    WHERE :cleared OR (SELECT count(*) FROM counted) < :tries
    ON CONFLICT DO NOTHING RETURNING number
""")
_TAKE_OF_SOURCE = sa.text("""
    INSERT INTO credentials.attempt (lane, number, cleared, at)
    SELECT :lane, coalesce((SELECT max(number) FROM credentials.attempt WHERE lane = :lane), 0) + 1, false, :at
    WHERE :exempt OR (SELECT count(*) FROM credentials.attempt AS tried WHERE lane = :lane AND at > :since
        AND NOT EXISTS (SELECT FROM credentials.attempt_right WHERE lane = tried.lane AND number = tried.number)
    ) < :tries
    ON CONFLICT DO NOTHING RETURNING number
""")
_OLDEST_OF_SOURCE = sa.text("""
    SELECT count(*), min(at) FROM (
        SELECT at FROM credentials.attempt AS tried WHERE lane = :lane AND at > :since
        AND NOT EXISTS (SELECT FROM credentials.attempt_right WHERE lane = tried.lane AND number = tried.number)
        ORDER BY number DESC LIMIT :tries
    ) AS failed
""")
_OLDEST = sa.text("""
    WITH recent AS (
        SELECT number, cleared, at FROM credentials.attempt WHERE lane = :lane ORDER BY number DESC LIMIT :tries
    )
    SELECT count(*), min(at) FROM recent
    WHERE at > :since AND number > coalesce((SELECT max(number) FROM recent WHERE cleared), 0)
""")


@dataclass(frozen=True, slots=True)
class EntryLimits:
    """`tries` of a password in a `window` and lane, and `source_tries` that fail in a `window` from one address.

    A place stays usual for `usual`; wrong codes wait ever longer.
    """

    tries: int = 10
    source_tries: int = 60
    window: timedelta = timedelta(minutes=5)
    usual: timedelta = timedelta(days=90)
    free_codes: int = 5
    first_wait: timedelta = timedelta(seconds=30)
    longest_wait: timedelta = timedelta(hours=1)
    codes_remembered: timedelta = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Lane:
    """An account as seen from one place; `usual` when the person has entered from there lately."""

    key: bytes
    usual: bool


@dataclass(frozen=True, slots=True)
class SourceTurn:
    """A try as counted in the lane of its source; it counts until it is told right."""

    lane: bytes
    number: int


def source_of(sealer: Sealer, origin: Origin) -> bytes:
    """Keyed hash of an access point: address and device."""
    return sealer.lookup(f"{origin.ip}\0{origin.device}", purpose="punto-de-acceso")


def find_lane(
    connection: Connection,
    sealer: Sealer,
    run: Run,
    origin: Origin,
    *,
    at: datetime,
    limits: EntryLimits,
    purpose: str = ENTRY,
) -> Lane:
    """Return the lane of this person (or stranger) from this place; what is tried for each `purpose` has its own."""
    source = source_of(sealer, origin)
    usual = connection.execute(
        sa.select(
            sa.exists().where(
                sessions.c.run == str(run), sessions.c.source == source, sessions.c.at > at - limits.usual
            )
        )
    ).scalar_one()
    place = source.hex() if usual else "otros"
    return Lane(sealer.lookup(f"{run}\0{place}", purpose=f"carril-de-{purpose}"), usual)


def take_turn(connection: Connection, lane: Lane, *, at: datetime, limits: EntryLimits) -> None:
    """Take the next number of the lane, or raise `Refusal(demasiados_intentos)` with the seconds to wait.

    Must commit before the try is judged.
    """
    values = {"lane": lane.key, "tries": limits.tries, "since": at - limits.window}
    while True:
        if connection.execute(_TAKE, {**values, "at": at, "cleared": False}).one_or_none() is not None:
            return
        count, oldest = connection.execute(_OLDEST, values).one()
        if count >= limits.tries:
            raise _too_many(oldest, at, limits)


def take_source_turn(
    connection: Connection,
    sealer: Sealer,
    origin: Origin,
    *,
    exempt: bool,
    at: datetime,
    limits: EntryLimits,
    purpose: str = ENTRY,
) -> SourceTurn:
    """Count a try of its source, or raise `Refusal(demasiados_intentos)` with the seconds to wait (OWASP ASVS 6.3.1).

    Must commit before the try is judged. `exempt` counts without being refused: the person's usual place.
    """
    lane = sealer.lookup(origin.network, purpose=f"origen-de-{purpose}")
    values = {"lane": lane, "tries": limits.source_tries, "since": at - limits.window}
    while True:
        taken = connection.execute(_TAKE_OF_SOURCE, {**values, "at": at, "exempt": exempt}).one_or_none()
        if taken is not None:
            return SourceTurn(lane, taken.number)
        count, oldest = connection.execute(_OLDEST_OF_SOURCE, values).one()
        if not exempt and count >= limits.source_tries:
            raise _too_many(oldest, at, limits)


def tell_right(connection: Connection, turn: SourceTurn, *, at: datetime) -> None:
    """Stop counting a try that was right, and that one alone."""
    connection.execute(attempts_right.insert().values(lane=turn.lane, number=turn.number, at=at))


def _too_many(oldest: datetime, at: datetime, limits: EntryLimits) -> Refusal:
    left = (oldest + limits.window - at).total_seconds()
    return Refusal(TOO_MANY_TRIES, retry_after=max(1, math.ceil(left)))


def clear_lane(connection: Connection, lane: Lane, *, at: datetime, limits: EntryLimits) -> None:
    """Forget the tries of the lane after a success. Losing a race with another try is no harm: nothing is forgotten."""
    connection.execute(
        _TAKE, {"lane": lane.key, "tries": limits.tries, "since": at - limits.window, "at": at, "cleared": True}
    )


def require_patience(work: Work, run: Run, *, purpose: str, limits: EntryLimits) -> None:
    """Raise `Refusal(demasiados_codigos)` while the wait after wrong codes and keys lasts. Under the person's lock.

    Those of entry, of recovery, those given before another and those of acts inside a session are counted apart:
    whoever knows the password alone, or reads the person's mail, or sits at an officer's screen, cannot keep the
    person, who is inside, from signing.
    """
    side = _side(purpose)
    asked = {"run": str(run), "since": work.at - limits.codes_remembered, "side": side}
    wrong = [row.at for row in _WRONG_OF.all(work.connection, asked)]
    if len(wrong) < limits.free_codes:
        return  # as nearly always: when the last right one was given is not looked up
    last_right = work.execute(_last_right(run, side)).scalar_one()
    counted = [at for at in wrong if last_right is None or at > last_right]
    until = patience_until(
        len(counted),
        counted[-1] if counted else None,
        free=limits.free_codes,
        first_wait=limits.first_wait,
        longest=limits.longest_wait,
    )
    if until is not None and work.at < until:
        raise Refusal(TOO_MANY_CODES, retry_after=math.ceil((until - work.at).total_seconds()))


def _last_right(run: Run, side: str) -> "sa.Select[tuple[datetime | None]]":
    """When the person last gave a right code or key on that side: an entry opened a session, an act used a key."""
    of_code = (
        sa.select(sa.func.max(totp_uses.c.at))
        .join(totps, totps.c.id == totp_uses.c.totp_id)
        .where(totps.c.run == str(run), _side_of(totp_uses.c.purpose) == side)
    )
    of_key = {
        ENTRY: sa.select(sa.func.max(sessions.c.at)).where(sessions.c.run == str(run)),
        _INSIDE: sa.select(sa.func.max(key_uses.c.at))
        .join(keys, keys.c.id == key_uses.c.key_id)
        .where(keys.c.run == str(run), keys.c.purpose == "firma"),
    }.get(side)
    known = [one.scalar_subquery() for one in (of_code, of_key) if one is not None]
    return sa.select(sa.func.greatest(*known))


def _side(purpose: str) -> str:
    return purpose if purpose in _OUTSIDE else _INSIDE


def _side_of(column: "sa.Column[str]") -> sa.ColumnElement[str]:
    return sa.case((sa.or_(*(column == purpose for purpose in _OUTSIDE)), column), else_=_INSIDE)


_WRONG_OF = Question(
    sa.select(wrong_codes.c.at)
    .where(
        wrong_codes.c.run == sa.bindparam("run", type_=sa.Text),
        wrong_codes.c.at > sa.bindparam("since", type_=sa.DateTime(timezone=True)),
        _side_of(wrong_codes.c.purpose) == sa.bindparam("side", type_=sa.Text),
    )
    .order_by(wrong_codes.c.at)
)
"""Built once: it is asked at every act."""


@dataclass(frozen=True, slots=True)
class CountsWrongCodes:
    """Evidence that also counts a wrong code or key, though the business that asked for it is rolled back.

    Pass it as `evidence` of the unit of work that calls `consume_totp` or `accept_answer`, around the evidence proper.
    """

    inner: Evidence
    run: Run
    purpose: str

    def refused(self, work: Work, refusal: Refusal) -> None:
        """Count the code or the key if it was wrong, then let `inner` record the refusal."""
        if refusal.kind in _WRONG:
            record_wrong_code(work.connection, self.run, purpose=self.purpose, at=work.at)
        self.inner.refused(work, refusal)

    def turned_away(self, connection: Connection, at: datetime, refusal: Refusal) -> None:
        """Nothing was judged: only `inner` has something to say."""
        self.inner.turned_away(connection, at, refusal)


def record_wrong_code(connection: Connection, run: Run, *, purpose: str, at: datetime) -> None:
    """Write one wrong code, or one wrong answer of a key."""
    connection.execute(wrong_codes.insert().values(id=uuid7(at), run=str(run), purpose=purpose, at=at))
