"""When a message is tried again, and how it stands (pure)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from lme_operator.domain.notices.messages import Result, State

LIVES = timedelta(days=4)
"""How long a message is tried unless its kind says less (RFC 5321, 4.5.4.1: at least four days)."""

_FIRST_PAUSE = timedelta(seconds=5)
_LONGEST_PAUSE = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Attempt:
    """One attempt: it counts as unknown from `until` on, unless something was learnt of it."""

    number: int
    at: datetime
    until: datetime
    result: Result | None
    reason: str | None


def pause_after(number: int) -> timedelta:
    """How long to wait after the attempt `number` was postponed: 5 s, 15 s, 45 s, … ten minutes at most."""
    return min(_FIRST_PAUSE * float(3 ** min(number - 1, 6)), _LONGEST_PAUSE)


def state_of(attempts: Sequence[Attempt], *, at: datetime, expires_at: datetime) -> State:
    """Return how a message stands at `at`, from its attempts in order.

    An attempt without an outcome is under way until its time is over; then nobody knows, and nobody sends it again.
    """
    if attempts:
        last = attempts[-1]
        if last.result is None:
            return State.SENDING if at < last.until else State.UNKNOWN
        if last.result is not Result.POSTPONED:
            return State(last.result.value)
    return State.PENDING if at < expires_at else State.EXPIRED
