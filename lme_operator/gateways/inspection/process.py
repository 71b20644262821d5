"""Starts a process for each upload, waits for its answer, and judges how it ended (`identity.Inspector`)."""

import json
import os
import select
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from lme_operator.core.canonical import Json
from lme_operator.core.database import Deadline
from lme_operator.core.refusal import Fault
from lme_operator.domain.identity import Defect, Inspection

_PACKAGE = "lme_operator.gateways.inspection.looking"
_ROOT = Path(__file__).resolve().parents[3]
_TOO_COSTLY = {-signal.SIGXCPU, -signal.SIGKILL, -signal.SIGXFSZ}
_BROKEN = {-signal.SIGSEGV, -signal.SIGABRT, -signal.SIGBUS, -signal.SIGFPE, -signal.SIGILL}


@dataclass(frozen=True, slots=True, kw_only=True)
class InspectionLimits:
    """What an upload may be, and what looking at it may take.

    `largest` in bytes; `pixels` of a picture; `pages` of a PDF; `memory` in bytes and `seconds` of processor for each
    look; `patience` in seconds of the wall's clock; `at_once` looks at a time in each process of the web.
    """

    largest: int
    pixels: int
    pages: int
    memory: int
    seconds: int
    patience: float
    at_once: int


class ProcessInspector:
    """Looks at each upload in a process of its own."""

    def __init__(self, limits: InspectionLimits, *, interpreter: str = sys.executable) -> None:
        self._limits = limits
        self._command = (
            interpreter, "-s", "-B", "-m", _PACKAGE,
            json.dumps(
                {"pixels": limits.pixels, "pages": limits.pages, "memory": limits.memory, "seconds": limits.seconds}
            ),
        )  # fmt: skip
        self._slots = threading.BoundedSemaphore(limits.at_once)

    def inspect(self, content: bytes, *, deadline: Deadline) -> Inspection:
        """Look inside `content`; what needs more than the limits allow has a defect, not a second chance.

        Raises `Fault('servicio_no_disponible')` when the process cannot start or the time given was too short.
        """
        if not content:
            return Inspection("", defects=(Defect.EMPTY,))
        if len(content) > self._limits.largest:
            return Inspection("", defects=(Defect.TOO_LARGE,))
        with self._slot(deadline):
            code, answer = self._run(content, min(deadline.remaining, self._limits.patience))
        if code in _TOO_COSTLY:
            return Inspection("", defects=(Defect.TOO_COSTLY,))
        if code in _BROKEN:
            return Inspection("", defects=(Defect.DAMAGED,))
        if code != 0:
            raise Fault("servicio_no_disponible")
        return _read(answer)

    def _run(self, content: bytes, seconds: float) -> tuple[int, bytes]:
        """Run the process over `content`; return how it ended and what it wrote. Nothing touches a disk."""
        try:
            with _in_memory(content) as given, _in_memory() as written:
                process = subprocess.Popen(  # noqa: S603 - our own program, with arguments of ours
                    self._command,
                    stdin=given,
                    stdout=written,
                    stderr=subprocess.DEVNULL,
                    cwd="/",
                    env={"PYTHONPATH": str(_ROOT), "LC_ALL": "C.UTF-8"},
                )
                try:
                    ended = _ends_within(process, seconds)
                finally:
                    process.kill()
                    code = process.wait()
                written.seek(0)
                answer = written.read()
        except OSError as error:
            raise Fault("servicio_no_disponible") from error
        if not ended:
            raise Fault("servicio_no_disponible")
        return code, answer

    @contextmanager
    def _slot(self, deadline: Deadline) -> Iterator[None]:
        if not self._slots.acquire(timeout=deadline.remaining):
            raise Fault("servicio_no_disponible")
        try:
            yield
        finally:
            self._slots.release()


def _ends_within(process: subprocess.Popen[bytes], seconds: float) -> bool:
    """Wait for the end of a process without asking again and again, as `Popen.wait` with a time-out does."""
    end = os.pidfd_open(process.pid)
    try:
        waiting = select.poll()
        waiting.register(end, select.POLLIN)
        return bool(waiting.poll(seconds * 1000))
    finally:
        os.close(end)


def _in_memory(content: bytes = b"") -> IO[bytes]:
    """A file that is only in memory, at its start."""
    file = os.fdopen(os.memfd_create("documento"), "w+b")
    file.write(content)
    file.seek(0)
    return file


def _read(answer: bytes) -> Inspection:
    """Read what the process wrote; anything else is a fault: a process taken over must not speak for itself."""
    line, _, preview = answer.partition(b"\n")
    try:
        said: Json = json.loads(line)
        return Inspection(
            media_type=said["tipo"],
            width=said["ancho"],
            height=said["alto"],
            pages=said["paginas"],
            preview=preview or None,
            defects=tuple(Defect(code) for code in said["defectos"]),
        )
    except (ValueError, KeyError, TypeError) as error:
        raise Fault("servicio_no_disponible") from error
