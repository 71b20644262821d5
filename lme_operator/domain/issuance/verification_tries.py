"""Wrong codes cost time: each try is counted before it is judged, in the lane of its source and in that of its folio.

A try takes the next number of its lane by unique insert, so of thousands at once no two see the same count, in
whatever process they run; what is judged right stops counting, so an office behind one address verifies freely. After
some wrong tries each doubles the wait (OWASP ASVS 6.3.1). The folio's lane waits little: who guesses at a folio must
not keep its employer from verifying it for long, and who reads the QR code is not in it.

Tries older than what is remembered count no more and stay, as those of entry do: the application may not erase, so
nobody who reaches it erases what he tried. A row is a keyed hash, a number and an instant, and names nobody.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from lme_operator.core.database import Work
from lme_operator.core.origin import Origin
from lme_operator.core.refusal import Refusal
from lme_operator.core.run import Run
from lme_operator.core.sealing import Sealer
from lme_operator.domain.credentials.rules import patience_until
from lme_operator.domain.issuance.records import verification_right
from lme_operator.domain.issuance.refusals import TOO_MANY_VERIFICATIONS

_STATE = sa.text("""
    SELECT coalesce((SELECT max(number) FROM issuance.verification_try WHERE lane = :lane), 0) AS last_number,
        count(*) AS tried, count(*) FILTER (WHERE yes.number IS NULL) AS wrong,
        max(tried.at) FILTER (WHERE yes.number IS NULL) AS last_wrong
    FROM issuance.verification_try AS tried
        LEFT JOIN issuance.verification_right AS yes ON yes.lane = tried.lane AND yes.number = tried.number
    WHERE tried.lane = :lane AND tried.at > :since
""")
_TAKE = sa.text("""
    INSERT INTO issuance.verification_try (lane, number, at) VALUES (:lane, :number, :at)
    ON CONFLICT DO NOTHING RETURNING number
""")


@dataclass(frozen=True, slots=True)
class Patience:
    """`free` wrong tries within `remembered`; from then on each doubles the wait, from `first` to `longest`.

    After `most` of any kind the longest wait comes at once: each leaves its trace, so none may be written without end.
    """

    free: int
    first: timedelta
    longest: timedelta
    most: int | None = None
    remembered: timedelta = timedelta(hours=1)


OF_A_SOURCE = Patience(free=20, first=timedelta(seconds=2), longest=timedelta(minutes=15), most=1000)
OF_A_FOLIO = Patience(free=20, first=timedelta(seconds=1), longest=timedelta(minutes=1))


@dataclass(frozen=True, slots=True)
class Turn:
    """A try as counted in one lane; it counts as wrong until it is told right."""

    lane: bytes
    number: int


def take_turn_of_source(work: Work, sealer: Sealer, origin: Origin) -> Turn:
    """Count a try in the lane of where it comes from, or raise `Refusal(demasiadas_verificaciones)` with the wait.

    Must commit before the folio's lane is asked, which may refuse, and before the try is judged.
    """
    return _take(work, sealer.lookup(origin.network, purpose="origen-de-verificacion"), OF_A_SOURCE)


def take_turn_of_folio(work: Work, sealer: Sealer, folio: Run) -> Turn:
    """Count a try in the lane of its folio, as `take_turn_of_source` does; must commit before the try is judged."""
    return _take(work, sealer.lookup(str(folio), purpose="folio-de-verificacion"), OF_A_FOLIO)


def tell_right(connection: Connection, turns: Sequence[Turn], *, at: datetime) -> None:
    """Stop counting a try that was right."""
    rows = [{"lane": turn.lane, "number": turn.number, "at": at} for turn in turns]
    connection.execute(verification_right.insert(), rows)


def _take(work: Work, lane: bytes, patience: Patience) -> Turn:
    values = {"lane": lane, "since": work.at - patience.remembered}
    while True:
        state = work.execute(_STATE, values).one()
        until = patience_until(
            state.wrong, state.last_wrong, free=patience.free, first_wait=patience.first, longest=patience.longest
        )
        if patience.most is not None and state.tried >= patience.most:
            until = work.at + patience.longest
        if until is not None and work.at < until:
            left = (until - work.at).total_seconds()
            raise Refusal(TOO_MANY_VERIFICATIONS, retry_after=max(1, math.ceil(left)))
        number = state.last_number + 1
        if work.execute(_TAKE, {"lane": lane, "number": number, "at": work.at}).one_or_none() is not None:
            return Turn(lane, number)
