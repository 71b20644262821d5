"""The outbox: a promise lives and dies with its act, is handed over once at a time, and is done once."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
import sqlalchemy as sa

from lme_operator.core import outbox
from lme_operator.core.database import Database, Deadline
from lme_operator.core.outbox import MOST_STARTS, Again
from lme_operator.core.refusal import Fault

PROBE = outbox.effect("prueba.efecto")
OTHER = outbox.effect("prueba.otro_efecto")
AGAIN_AFTER = timedelta(seconds=62)


def promise(database: Database, effect: str = PROBE, **options: Any) -> UUID:
    with database.unit_of_work(deadline=Deadline(5)) as work:
        return outbox.promise(work, effect=effect, subject=uuid4(), **options)


def told(worker: Database, *, at_most: int = 100) -> list[UUID]:
    with worker.unit_of_work(deadline=Deadline(5)) as work:
        return [id_ for id_, _ in outbox.hand_over(work, again_after=AGAIN_AFTER, at_most=at_most)]


def start(worker: Database, promise_id: UUID) -> Any:
    with worker.unit_of_work(deadline=Deadline(5)) as work:
        return outbox.start(work, promise_id)


def settle(worker: Database, promise_id: UUID, said: Again | None = None) -> bool:
    with worker.unit_of_work(deadline=Deadline(5)) as work:
        if not outbox.hold(work, promise_id):
            return False
        outbox.settle(work, promise_id, said)
        return True


def row(worker: Database, promise_id: UUID) -> Any:
    with worker.reading(deadline=Deadline(5)) as connection:
        return connection.execute(sa.select(outbox.outbox).where(outbox.outbox.c.id == promise_id)).one()


def test_a_promise_falls_with_its_act(database: Database, worker: Database) -> None:
    def act() -> None:
        with database.unit_of_work(deadline=Deadline(5)) as work:
            outbox.promise(work, effect=PROBE, subject=uuid4())
            raise RuntimeError

    with pytest.raises(RuntimeError):
        act()
    assert told(worker) == []


def test_what_nobody_defined_is_not_promised(database: Database) -> None:
    with pytest.raises(LookupError):
        promise(database, "prueba.inexistente")
    with pytest.raises(ValueError, match="already defined"):
        outbox.effect(PROBE)
    assert {PROBE, OTHER} <= outbox.effects()


def test_is_handed_over_once_the_oldest_first_and_again_when_nobody_settles_it(
    database: Database, worker: Database, clock: Any
) -> None:
    cause = uuid4()
    later = promise(database, due_at=clock() + timedelta(seconds=90))
    first = promise(database, on_account_of=cause)
    clock.advance(seconds=1)
    second = promise(database, OTHER)
    assert told(worker) == [first, second]
    assert told(worker) == []
    clock.advance(seconds=62)
    assert told(worker) == [first, second]
    started = start(worker, first)
    assert (started.effect, started.on_account_of, started.tries) == (PROBE, cause, 1)
    assert settle(worker, first)
    clock.advance(seconds=62)
    assert told(worker) == [second, later]


def test_the_messengers_hands_hold_so_many_and_no_more(database: Database, worker: Database, clock: Any) -> None:
    promises = []
    for _ in range(7):
        promises.append(promise(database))
        clock.advance(seconds=0.01)
    assert told(worker, at_most=3) == promises[:3]
    assert told(worker, at_most=3) == []
    settle(worker, promises[1])
    assert told(worker, at_most=3) == promises[3:4]
    clock.advance(seconds=63)
    assert len(told(worker, at_most=3)) == 3


def test_what_was_never_handed_over_or_is_done_is_not_started(database: Database, worker: Database) -> None:
    promised = promise(database)
    assert start(worker, promised) is None
    assert told(worker) == [promised]
    assert start(worker, promised) is not None
    assert settle(worker, promised)
    assert start(worker, promised) is None
    assert not settle(worker, promised)
    assert start(worker, uuid4()) is None


def test_due_again_is_out_of_the_messengers_hands_until_then(database: Database, worker: Database, clock: Any) -> None:
    promised = promise(database)
    told(worker)
    start(worker, promised)
    settle(worker, promised, Again(clock() + timedelta(seconds=5)))
    assert told(worker) == []
    assert start(worker, promised) is None, "a second message of the earlier round"
    clock.advance(seconds=5)
    assert told(worker) == [promised]
    assert start(worker, promised).tries == 1


def test_two_that_run_the_same_promise_do_it_once(database: Database, worker: Database) -> None:
    promised = promise(database)
    told(worker)
    with worker.unit_of_work(deadline=Deadline(5)) as one:
        assert outbox.hold(one, promised)
        assert start(worker, promised) is None
        assert not settle(worker, promised)
        assert told(worker) == []
        outbox.settle(one, promised, None)
    assert row(worker, promised).done_at is not None


def test_two_relays_hand_over_each_promise_once(database: Database, worker: Database) -> None:
    promised = [promise(database) for _ in range(60)]
    with ThreadPoolExecutor(6) as pool:
        rounds = list(pool.map(lambda _: told(worker), range(6)))
    assert sorted(id_ for one in rounds for id_ in one) == sorted(promised)


def test_poison_is_put_off_ever_longer_then_parked_and_the_others_flow(
    database: Database, worker: Database, clock: Any
) -> None:
    poison = promise(database)
    pauses = []
    for _ in range(MOST_STARTS):
        assert told(worker) == [poison]
        started = start(worker, poison)
        with worker.unit_of_work(deadline=Deadline(5)) as work:
            outbox.stumble(work, started, fault="ValueError")
        pauses.append((row(worker, poison).due_at - clock()).total_seconds())
        clock.advance(seconds=pauses[-1])
    assert pauses == sorted(pauses)
    assert (pauses[0], pauses[-1]) == (2, 300)
    sound = promise(database)
    assert set(told(worker)) == {poison, sound}
    assert start(worker, poison) is None
    assert start(worker, sound) is not None
    with worker.reading(deadline=Deadline(5)) as connection:
        (parked,) = outbox.parked(connection)
        assert (parked.promise.id, parked.fault) == (poison, "ValueError")
        assert outbox.backlog(connection, at=clock()) == outbox.Backlog(1, 1, row(worker, sound).due_at)
    clock.advance(seconds=1000)
    assert told(worker) == [sound]
    with worker.unit_of_work(deadline=Deadline(5)) as work:
        assert outbox.release(work, poison)
        assert not outbox.release(work, sound)
    assert told(worker) == [poison]
    assert start(worker, poison).tries == 1


def test_a_process_that_dies_in_it_each_time_ends_parked_too(database: Database, worker: Database, clock: Any) -> None:
    killer = promise(database)
    for _ in range(MOST_STARTS):
        told(worker)
        assert start(worker, killer) is not None
        clock.advance(seconds=62)
    told(worker)
    assert start(worker, killer) is None
    assert row(worker, killer).fault == "proceso_terminado"


def test_a_database_that_was_away_is_not_held_against_it(database: Database, worker: Database, clock: Any) -> None:
    promised = promise(database)
    for _ in range(3 * MOST_STARTS):
        told(worker)
        started = start(worker, promised)
        with worker.unit_of_work(deadline=Deadline(5)) as work:
            outbox.stumble(work, started, fault="servicio_no_disponible", counts=False)
        clock.advance(seconds=300)
    assert row(worker, promised).parked_at is None


def test_the_web_promises_and_settles_nothing(database: Database, worker: Database) -> None:
    promised = promise(database)
    told(worker)
    with pytest.raises(Fault), database.unit_of_work(deadline=Deadline(5)) as work:
        outbox.settle(work, promised, None)
    assert row(worker, promised).done_at is None


@pytest.mark.norm("N-2.4a")
@pytest.mark.parametrize("role", ["lme_owner", "lme_worker"])
@pytest.mark.parametrize(
    "change",
    [
        "UPDATE core.outbox SET effect = 'otro'",
        "UPDATE core.outbox SET subject = gen_random_uuid()",
        "UPDATE core.outbox SET done_at = NULL",
        "UPDATE core.outbox SET due_at = due_at",
        "DELETE FROM core.outbox",
        "TRUNCATE core.outbox",
    ],
)
def test_what_was_promised_and_what_is_done_stays(
    database: Database, worker: Database, role_url: Callable[[str], str], role: str, change: str
) -> None:
    promised = promise(database)
    told(worker)
    assert settle(worker, promised)
    with sa.create_engine(role_url(role), poolclass=sa.NullPool).connect() as connection:
        with pytest.raises(sa.exc.ProgrammingError) as refused:
            connection.execute(sa.text(change))
        assert isinstance(refused.value.orig, psycopg.errors.InsufficientPrivilege)
