"""`make faults`: the storm of `test_outbox.py` over 500 messages, with a kill every two seconds to the end."""

import sys
from collections.abc import Callable
from pathlib import Path

from tests.faults.outbox_storm import brew, weather
from tests.faults.test_outbox import broker_url

__all__ = ["broker_url"]

_MESSAGES = 500
_OUTAGE = 20.0
_JUMPED = 600.0
"""The mail server is away for twenty seconds, and the clock jumps ten minutes more."""


def long_storm(tmp_path: Path, role_url: Callable[[str], str], broker_url: str) -> None:
    with brew(tmp_path, role_url, broker_url, workers=4) as storm:
        messages = storm.promise(_MESSAGES)
        count, seconds = weather(storm, messages=messages, kills=30, seconds_away=_OUTAGE, jump=_JUMPED)
        sys.stdout.write("\n" + count.table(storm, messages=_MESSAGES, seconds=seconds) + "\n")
        assert (count.twice, count.lost, count.other) == (0, 0, 0)
        assert count.accepted + count.unknown == _MESSAGES
        assert storm.raised() == _MESSAGES
        assert storm.parked() == 0
