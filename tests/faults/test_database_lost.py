"""Connections cut behind our back (F09): one request is told, and the next finds a fresh pool, below SQLAlchemy too."""

from collections.abc import Callable
from contextlib import AbstractContextManager, ExitStack

import pytest
import sqlalchemy as sa

from lme_operator.core.database import Database, Deadline
from lme_operator.core.questions import Question
from lme_operator.core.refusal import Fault
from tests.conftest import RunningServer

ONE = Question(sa.select(sa.literal_column("1").label("one")))
Way = Callable[[Database], None]


def begin(database: Database) -> None:
    with database.unit_of_work(deadline=Deadline(10)):
        pass


def look(database: Database) -> None:
    with database.looking(deadline=Deadline(10)) as connection:
        assert ONE.all(connection)[0].one == 1


def ask_within(database: Database) -> None:
    with database.reading(deadline=Deadline(10)) as connection:
        assert ONE.first(connection) is not None


@pytest.fixture
def cut(server: RunningServer, database: Database, database_name: str) -> Callable[[], None]:
    """Cut every connection of the pool, which has several idle."""
    with ExitStack() as open_at_once:
        lent: list[AbstractContextManager[sa.Connection]] = [database.looking(deadline=Deadline(10)) for _ in range(5)]
        for one in lent:
            open_at_once.enter_context(one)

    def terminate() -> None:
        with server.administer() as there:
            there.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", (database_name,))

    return terminate


@pytest.mark.parametrize("way", [begin, look, ask_within])
def test_a_cut_connection_is_told_once_and_the_pool_is_fresh(
    way: Way, database: Database, cut: Callable[[], None]
) -> None:
    way(database)
    cut()
    with pytest.raises(Fault) as told:
        way(database)
    assert not told.value.outcome_unknown
    way(database)
    way(database)


def test_what_somebody_listens_to_is_asked_in_the_open(database: Database) -> None:
    heard: list[str] = []
    with database.reading(deadline=Deadline(10)) as connection:
        sa.event.listen(connection, "before_cursor_execute", lambda *event: heard.append(event[2]))
        assert ONE.all(connection)[0].one == 1
    assert heard == ["SELECT 1 AS one"]


def test_limits_of_who_looks_never_outlast_the_deadline(database: Database) -> None:
    with database.looking(deadline=Deadline(1.9)) as connection:
        limit = connection.execute(sa.text("SELECT setting FROM pg_settings WHERE name = 'statement_timeout'"))
        assert 1500 <= int(limit.scalar_one()) <= 1900
