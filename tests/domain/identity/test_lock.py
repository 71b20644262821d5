"""The lock row of a person and its epoch."""

import threading

import psycopg
import pytest
import sqlalchemy as sa

from lme_operator.core.database import Database, Deadline
from lme_operator.core.refusal import Refusal
from lme_operator.core.run import Run
from lme_operator.domain.identity import PLAIN_COLUMNS, find_epoch, lock_people, locked_epoch, raise_epoch
from tests.conftest import SettableClock

A, B = Run(11111111), Run(22222222)


def test_lock_creates_only_when_asked(database: Database) -> None:
    with database.unit_of_work(deadline=Deadline(5), locks=(lock_people(A),)) as work:
        assert locked_epoch(work, A) is None
        with pytest.raises(LookupError):
            raise_epoch(work, A)
    with database.unit_of_work(deadline=Deadline(5), locks=(lock_people(A, B, A, create=True),)) as work:
        assert (locked_epoch(work, A), locked_epoch(work, B)) == (0, 0)


def test_epoch_without_the_lock_is_an_error(database: Database) -> None:
    with database.unit_of_work(deadline=Deadline(5)) as work, pytest.raises(LookupError):
        locked_epoch(work, A)
    with pytest.raises(ValueError, match="nobody"):
        lock_people()


def test_epoch_rises_by_one_and_is_seen_by_the_next(database: Database) -> None:
    for expected in (1, 2, 3):
        with database.unit_of_work(deadline=Deadline(5), locks=(lock_people(A, create=True),)) as work:
            assert raise_epoch(work, A) == expected
    with database.reading(deadline=Deadline(5)) as connection:
        assert find_epoch(connection, A) == 3


@pytest.mark.norm("N-2.6b")
@pytest.mark.parametrize(
    "violation",
    [
        "UPDATE identity.person SET epoch = epoch + 2",
        "UPDATE identity.person SET epoch = epoch - 1",
        "UPDATE identity.person SET epoch = epoch",
        "UPDATE identity.person SET run = '22222222-2'",
        "DELETE FROM identity.person",
        "TRUNCATE identity.person CASCADE",
    ],
)
@pytest.mark.parametrize("role", ["lme_application", "lme_owner"])
def test_person_row_refuses_every_other_change(database: Database, role_url: object, role: str, violation: str) -> None:
    with database.unit_of_work(deadline=Deadline(5), locks=(lock_people(A, create=True),)) as work:
        raise_epoch(work, A)
    engine = sa.create_engine(role_url(role))  # type: ignore[operator]
    with engine.connect() as connection, pytest.raises(sa.exc.ProgrammingError) as error:
        connection.execute(sa.text(violation))
    engine.dispose()
    assert isinstance(error.value.orig, psycopg.errors.InsufficientPrivilege)


def test_nowait_turns_away_and_waiting_waits(database: Database) -> None:
    order: list[str] = []
    with database.unit_of_work(deadline=Deadline(5), locks=(lock_people(A, create=True),)):
        pass
    with database.unit_of_work(deadline=Deadline(5), locks=(lock_people(A),)):
        with (
            pytest.raises(Refusal) as error,
            database.unit_of_work(deadline=Deadline(5), locks=(lock_people(A, nowait=True),)),
        ):
            pass
        assert error.value.kind.code == "emision_en_curso"

        def wait() -> None:
            with database.unit_of_work(deadline=Deadline(5), locks=(lock_people(A),)):
                order.append("second")

        waiting = threading.Thread(target=wait)
        waiting.start()
        waiting.join(timeout=0.2)
        order.append("first")
    waiting.join()
    assert order == ["first", "second"]


def test_instant_is_read_after_the_lock_and_facts_do_not_wait_for_it(database: Database, clock: SettableClock) -> None:
    """A fact that points at the person (a foreign key) goes in beside the lock."""
    with (
        database.unit_of_work(deadline=Deadline(5), locks=(lock_people(A, create=True),)),
        database.unit_of_work(deadline=Deadline(1)),
    ):
        pass
    with (
        database.unit_of_work(deadline=Deadline(5), locks=(lock_people(A),)),
        database.unit_of_work(deadline=Deadline(1)) as other,
    ):
        other.execute(
            sa.text("INSERT INTO credentials.wrong_code (id, run, purpose, at) VALUES (:id, :run, 'entrada', :at)"),
            {"id": other.new_id(), "run": str(A), "at": other.at},
        )


def test_two_locking_each_other_in_any_order_never_deadlock(database: Database) -> None:
    failures: list[BaseException] = []

    def work_hard(first: Run, second: Run) -> None:
        try:
            for _ in range(50):
                with database.unit_of_work(
                    deadline=Deadline(5), locks=(lock_people(first, second, create=True),)
                ) as work:
                    raise_epoch(work, first)
        except BaseException as failure:  # noqa: BLE001 - the thread reports whatever it met
            failures.append(failure)

    threads = [threading.Thread(target=work_hard, args=pair) for pair in ((A, B), (B, A)) * 3]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []


@pytest.mark.norm("N-2.6b", "N-7a")
def test_every_readable_column_is_accounted_for(owner_url: str) -> None:
    """Text and dates stay plain only when the table in `identity` says why."""
    engine = sa.create_engine(owner_url)
    with engine.connect() as connection:
        readable = set(
            connection.execute(
                sa.text(
                    "SELECT table_schema || '.' || table_name || '.' || column_name FROM information_schema.columns"
                    " WHERE table_schema NOT IN ('pg_catalog', 'information_schema', 'public')"
                    " AND udt_name IN ('text', '_text', 'varchar', 'bpchar', 'date', 'json', 'jsonb', 'inet')"
                )
            ).scalars()
        )
    engine.dispose()
    assert readable - set(PLAIN_COLUMNS) == set()
    assert set(PLAIN_COLUMNS) - readable == set()
