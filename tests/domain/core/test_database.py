"""The one way of asking the database: what a unit of work is, whatever the server's own settings or a slip say."""

from collections.abc import Callable, Iterator

import psycopg
import pytest
import sqlalchemy as sa

from lme_operator.core.clock import system_clock
from lme_operator.core.database import Database, Deadline
from lme_operator.core.questions import Question
from lme_operator.core.refusal import Fault
from tests.conftest import RunningServer


@pytest.fixture
def database(application_url: str) -> Iterator[Database]:
    opened = Database(url=application_url, clock=system_clock)
    yield opened
    opened.close()


def test_decides_with_what_was_committed_meanwhile_whatever_the_server_presumes(
    server: RunningServer, database_name: str, role_url: Callable[[str], str]
) -> None:
    with server.administer() as administrator:
        administrator.execute(f"ALTER DATABASE {database_name} SET default_transaction_isolation = 'repeatable read'")
    database = Database(url=role_url("lme_application"), clock=system_clock)
    with database.unit_of_work(deadline=Deadline(10)) as work:
        assert work.execute(sa.text("SHOW transaction_isolation")).scalar_one() == "read committed"
    database.close()


def test_who_reads_cannot_write(database: Database) -> None:
    with pytest.raises(Fault) as fault, database.reading(deadline=Deadline(10)) as connection:
        connection.execute(sa.text("SELECT nextval('licences.folio_number')"))
    assert isinstance(fault.value.__cause__, sa.exc.DBAPIError)
    assert isinstance(fault.value.__cause__.orig, psycopg.errors.ReadOnlySqlTransaction)


def test_failure_that_somebody_swallows_is_never_told_as_done(database: Database) -> None:
    with (
        pytest.raises(Fault) as fault,
        database.unit_of_work(deadline=Deadline(10)) as work,
        pytest.raises(sa.exc.ProgrammingError),
    ):
        work.execute(sa.text("SELECT 1 FROM nowhere"))
    assert fault.value.code == "servicio_no_disponible"


@pytest.mark.parametrize("values", [None, {}, {"ruin": "1-9"}, {"run": "1-9", "otro": 1}])
def test_question_with_another_name_is_no_question(database: Database, values: dict[str, object] | None) -> None:
    question = Question(sa.select(sa.bindparam("run", type_=sa.Text)))
    with database.looking(deadline=Deadline(10)) as connection:
        with pytest.raises(KeyError):
            question.all(connection, values)
        assert question.all(connection, {"run": "1-9"}) == [("1-9",)]
