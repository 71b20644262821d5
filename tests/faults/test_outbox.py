"""Effects promised in a transaction are done once, whatever dies; messages are sent once or honestly marked.

`make faults` raises the same storm over 500 messages.
"""

import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from lme_operator.core.database import Deadline
from lme_operator.domain.audit import verify_log
from lme_operator.entrypoints.cli.roles import OWNER
from tests.faults.outbox_storm import brew, weather


@pytest.fixture
def broker_url(server: Any, database_name: str) -> Iterator[str]:
    """A database of its own for the messenger."""
    name = f"{database_name}_mensajeria"
    with server.administer() as administrator:
        administrator.execute(f"CREATE DATABASE {name} OWNER {OWNER}")
    yield server.url(OWNER, name).replace("postgresql+psycopg://", "postgresql://")
    with server.administer() as administrator:
        administrator.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.mark.norm("N-2.4b", "N-2.6e")
def test_messages_are_sent_once_or_honestly_marked_whatever_dies(
    tmp_path: Path, role_url: Callable[[str], str], broker_url: str
) -> None:
    with brew(tmp_path, role_url, broker_url, workers=3) as storm:
        messages = storm.promise(60)
        count, seconds = weather(storm, messages=messages, kills=5, seconds_away=3.0, jump=600)
        sys.stdout.write(count.table(storm, messages=60, seconds=seconds))
        assert (count.twice, count.lost, count.other) == (0, 0, 0)
        assert count.accepted + count.unknown == 60
        assert count.unknown_arrived <= count.unknown
        assert storm.raised() == 60
        assert storm.parked() == 0
        operator = storm.operator
        operator.log.seal_attempts(operator.database, Deadline(30))
        with operator.database.reading(deadline=Deadline(60)) as connection:
            assert verify_log(connection, trust=operator.trust, sealer=operator.sealer).fault is None
