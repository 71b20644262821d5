"""Keeps a few processes alive, and leaves none behind.

Each child sits in a session of its own, so that Ctrl-C reaches the supervisor alone and everything stops in order; it
dies when the supervisor dies, however that happens; and when it dies itself it is started again.
"""

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Protocol

from lme_operator.core.clock import monotonic
from lme_operator.entrypoints.cli.postgres import tied_to_us

_PATIENCE = 15
"""Seconds that a child has to stop in good order."""
_SOONEST_RESTART = 1.0
_LOG_AT_MOST = 10_000_000


class Child(Protocol):
    """A process that the supervisor keeps."""

    @property
    def name(self) -> str:
        """What people call it."""

    def start(self) -> None:
        """Start it."""

    def stop(self) -> None:
        """Stop it in good order; nothing to do if it is not running."""

    def died(self) -> bool:
        """Whether it was started and has ended by itself."""


class Program:
    """A child that runs a command of `lme`; what it writes goes to `log`."""

    def __init__(self, name: str, *arguments: str, log: Path) -> None:
        self.name = name
        self.log = log
        self._command = [*tied_to_us(signal.SIGTERM), sys.executable, "-m", "lme_operator", *arguments]
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start the command, in a session of its own."""
        if self.log.exists() and self.log.stat().st_size > _LOG_AT_MOST:
            self.log.replace(self.log.with_suffix(".anterior.log"))
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(  # noqa: S603
                self._command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True
            )

    def stop(self) -> None:
        """Ask it to end; after some patience, end it and whatever it started."""
        if self._process is None:
            return
        self._process.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(timeout=_PATIENCE)
        self._end_group(self._process)
        self._process = None

    def died(self) -> bool:
        """Whether it ended by itself; what it had started is ended too."""
        if self._process is None or self._process.poll() is None:
            return False
        self._end_group(self._process)
        return True

    @staticmethod
    def _end_group(process: "subprocess.Popen[bytes]") -> None:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


class Supervisor:
    """Starts children in order, restarts those that die, stops them in the opposite order."""

    def __init__(self, *, say: Callable[[str], None]) -> None:
        self._children: list[Child] = []
        self._tried: dict[str, float] = {}
        self._say = say

    def add(self, child: Child) -> None:
        """Start a child and keep it from now on."""
        self._children.append(child)
        self._tried[child.name] = monotonic()
        child.start()

    def look(self) -> None:
        """Start again whoever has died, at most once a second each."""
        for child in self._children:
            if child.died() and monotonic() - self._tried[child.name] >= _SOONEST_RESTART:
                self._tried[child.name] = monotonic()
                self._say(f"«{child.name}» terminó sola; se inicia de nuevo.")
                child.start()

    def keep(self) -> None:
        """Look after the children until a signal ends the program."""
        while True:
            time.sleep(0.2)
            self.look()

    def stop(self) -> None:
        """Stop everything, last started first."""
        for child in reversed(self._children):
            child.stop()
        self._children.clear()


@contextlib.contextmanager
def until_told_to_stop() -> Iterator[None]:
    """End the block in good order on SIGINT, SIGTERM or SIGHUP: each raises `KeyboardInterrupt` inside, once."""
    ends: Sequence[signal.Signals] = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)

    def stop(_number: int, _frame: object) -> None:
        for number in ends:
            signal.signal(number, signal.SIG_IGN)
        raise KeyboardInterrupt

    for number in ends:
        signal.signal(number, stop)
    with contextlib.suppress(KeyboardInterrupt):
        yield
