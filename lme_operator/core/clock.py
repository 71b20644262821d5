"""One clock for all processes. Nobody else reads the time, and SQL has no now().

In demonstrations and tests the clock can be moved: a small file holds the seconds to add, and every process that
looks sees the same. In production the file is refused by the settings.
"""

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

Clock = Callable[[], datetime]
"""Returns the current instant, UTC, aware."""


def system_clock() -> datetime:
    """The machine's own time."""
    return datetime.now(UTC)


def movable_clock(offset_file: Path) -> Clock:
    """Return a clock that adds the seconds written in `offset_file` (absent: none)."""

    def now() -> datetime:
        try:
            seconds = float(offset_file.read_text(encoding="ascii"))
        except FileNotFoundError:
            seconds = 0.0
        return system_clock() + timedelta(seconds=seconds)

    return now


def monotonic() -> float:
    """Seconds that only rise, for deadlines and time-outs."""
    return time.monotonic()
