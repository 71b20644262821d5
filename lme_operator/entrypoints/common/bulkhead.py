"""The bulkhead: however many ordinary requests come, some threads of each worker stay free for blocks (N-2.7a).

A worker has `threads`. Ordinary requests hold at most `threads - reserved` of them; of those, `running` work at the
same time and the others wait a little. Whoever finds no place is told at once to come back. What goes first (a block
by an authority, a person's own block, liveness) takes no place here.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from lme_operator.core.database import Deadline
from lme_operator.core.refusal import Refusal
from lme_operator.entrypoints.common.refusals import BUSY

_LONGEST_WAIT = 1.0


class Bulkhead:
    """The places for ordinary requests in one worker process."""

    def __init__(self, *, threads: int, running: int, reserved: int = 4) -> None:
        if threads <= reserved or running < 1:
            raise ValueError(f"{threads} threads leave no place beside the {reserved} kept for blocks")
        self._present = threading.BoundedSemaphore(threads - reserved)
        self._running = threading.BoundedSemaphore(min(running, threads - reserved))

    @contextmanager
    def place(self, *, deadline: Deadline, priority: bool) -> Iterator[None]:
        """Hold a place while serving; raise `Refusal` (`servicio_ocupado`) when there is none."""
        if priority:
            yield
            return
        if not self._present.acquire(blocking=False):
            raise Refusal(BUSY, retry_after=1)
        try:
            if not self._running.acquire(timeout=min(_LONGEST_WAIT, deadline.remaining / 2)):
                raise Refusal(BUSY, retry_after=2)
            try:
                yield
            finally:
                self._running.release()
        finally:
            self._present.release()
