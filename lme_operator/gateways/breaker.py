"""The circuit breaker: a party that fails time after time is left alone for a while, then tried by one call only."""

import threading
from typing import Protocol

from lme_operator.core import clock as clocks
from lme_operator.core.canonical import format_instant
from lme_operator.core.outside import Failure, OutsideExchange


class Breaker(Protocol):
    """Decides whether a party is called."""

    def refuses(self) -> str | None:
        """Return why no call is made now; None lets one pass, and then `note` must follow."""

    def note(self, exchange: OutsideExchange | None) -> None:
        """Learn how the call that was let pass ended; None if it ended nowhere."""


class CircuitBreaker:
    """Opens after `failures` in a row, for `seconds`; then one call passes (half open) and decides. Of one process.

    A failure is a call without a whole answer, or a status of 500 or more: whoever answers 401 or 404 is alive. What
    failed on our side says nothing of the party.
    """

    def __init__(self, *, failures: int, seconds: float) -> None:
        self._failures, self._seconds = failures, seconds
        self._lock = threading.Lock()
        self._in_a_row = 0
        self._closed_until: float | None = None
        self._opened_by = ""
        self._probing = False

    def refuses(self) -> str | None:
        """Say which failure opened the circuit: its name and the instant at which that call began (`what instant`)."""
        with self._lock:
            if self._closed_until is None:
                return None
            if self._probing or clocks.monotonic() < self._closed_until:
                return self._opened_by
            self._probing = True
            return None

    def note(self, exchange: OutsideExchange | None) -> None:
        """Count a failure, or close the circuit."""
        with self._lock:
            self._probing = False
            if exchange is None or exchange.failure is Failure.OUR_OWN:
                return
            what = _failure_of(exchange)
            if what is None:
                self._in_a_row, self._closed_until = 0, None
                return
            self._in_a_row += 1
            if self._in_a_row >= self._failures:
                self._closed_until = clocks.monotonic() + self._seconds
                self._opened_by = f"{what} {format_instant(exchange.started_at)}"


def _failure_of(exchange: OutsideExchange) -> str | None:
    if exchange.failure is not None:
        return exchange.failure.value
    if exchange.status is not None and exchange.status >= 500:
        return f"http_{exchange.status}"
    return None
