"""Many at once: tries are not raced, one session stays, strangers take the same time."""

import statistics
import threading
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from lme_operator.core.database import Database, Deadline
from lme_operator.core.refusal import Fault, Refusal
from lme_operator.core.run import Run
from lme_operator.core.sealing import Sealer
from lme_operator.domain.credentials import EntryLimits, PasswordHashing, Session, find_session, sessions
from lme_operator.domain.identity import lock_people
from tests.conftest import SettableClock
from tests.factories.people import CHEAP, INDIVIDUAL, ORIGIN, PASSWORD, People


class CountingHashing(PasswordHashing):
    """Counts the passwords that were really judged."""

    def __init__(self) -> None:
        super().__init__(memory_kib=64, rounds=1, lanes=1, at_once=16)
        self.judged = 0
        self._counting = threading.Lock()

    def verify(self, stored: str | None, password: str, *, deadline: Deadline) -> bool:
        with self._counting:
            self.judged += 1
        return super().verify(stored, password, deadline=deadline)


def at_once(count: int, act: Callable[[int], str]) -> list[str]:
    with ThreadPoolExecutor(max_workers=32) as pool:
        return list(pool.map(act, range(count)))


def test_five_hundred_wrong_passwords_at_once_ten_are_judged(database: Database, log: object, sealer: Sealer) -> None:
    """T15: no more than ten are judged, a second account is untouched, the owner still gets in."""
    people = People(database, log, sealer, hashing=CountingHashing())
    victim, other = people.enrol(11111111), people.enrol(22222222)
    people.enter(victim)
    assert isinstance(people.hashing, CountingHashing)
    people.hashing.judged = 0

    def guess(number: int) -> str:
        try:
            people.access.enter(
                run=victim,
                password=f"no es la clave {number}",
                second_factor=None,  # type: ignore[arg-type]
                context=INDIVIDUAL,
                origin=type(ORIGIN)(ip=f"198.51.100.{number % 250}", device="bot", request_id="r"),
                deadline=Deadline(60),
            )
        except Refusal as refusal:
            return refusal.kind.code
        except Fault as fault:
            return fault.code
        return "entró"

    outcomes = at_once(500, guess)
    assert people.hashing.judged == 10
    assert outcomes.count("credenciales_invalidas") == 10, Counter(outcomes)
    assert "entró" not in outcomes
    people.enter(other)
    database.clock.advance(seconds=30)  # type: ignore[attr-defined]
    people.enter(victim)


@pytest.mark.norm("N-3.0b")
def test_fifty_entries_at_once_leave_one_session(
    database: Database, log: object, sealer: Sealer, clock: SettableClock
) -> None:
    """T14: exactly one of fifty tokens works, whatever the order."""
    run = People(database, log, sealer).enrol()
    opened: list[str] = []

    def enter(number: int) -> str:
        with database.unit_of_work(deadline=Deadline(10), locks=(lock_people(run),)) as work:
            session = sessions.open_session(
                work,
                sealer,
                run=run,
                context=INDIVIDUAL,
                stage="cambio_clave" if number % 2 else "plena",
                origin=ORIGIN,
                idle=timedelta(hours=1),
                longest=timedelta(hours=1),
            )
        opened.append(session.token)
        return session.token

    at_once(50, enter)
    assert len(set(opened)) == 50
    with database.reading(deadline=Deadline(5)) as connection:
        alive = [token for token in opened if find_session(connection, token, clock())]
    assert len(alive) == 1


@pytest.mark.norm("N-2.6a")
def test_one_code_at_once_in_ten_entries_opens_one(database: Database, log: object, sealer: Sealer) -> None:
    people = People(database, log, sealer, limits=EntryLimits(tries=100))
    run = people.enrol()

    def enter(_: int) -> str:
        try:
            people.enter(run)
        except Refusal as refusal:
            return refusal.kind.code
        return "entró"

    outcomes = at_once(10, enter)
    assert outcomes.count("entró") == 1
    assert outcomes.count("codigo_ya_usado") == 9


def test_stranger_takes_the_time_of_a_wrong_password(database: Database, log: object, sealer: Sealer) -> None:
    """Medians of interleaved tries; the real figure of a thousand with the real cost is in the benchmarks."""
    people = People(database, log, sealer, limits=EntryLimits(tries=10_000), hashing=CHEAP)
    people.enrol()
    times: dict[int, list[float]] = {11111111: [], 22222222: []}
    for _ in range(60):
        for number, taken in times.items():
            start = time.perf_counter()
            with pytest.raises(Refusal):
                people.enter(Run(number), password="no es la clave de nadie")
            taken.append(time.perf_counter() - start)
    known, stranger = (statistics.median(taken) for taken in times.values())
    assert abs(known - stranger) < 0.005


@pytest.mark.norm("N-2.6b")
def test_wrong_password_never_waits_for_the_persons_lock(database: Database, log: object, sealer: Sealer) -> None:
    """Whoever floods entries with wrong passwords delays no act of the person."""
    people = People(database, log, sealer)
    run = people.enrol()
    with database.unit_of_work(deadline=Deadline(5), locks=(lock_people(run),)), pytest.raises(Refusal) as error:
        people.access.enter(
            run=run,
            password="no es la clave de nadie",
            second_factor=None,  # type: ignore[arg-type]
            context=INDIVIDUAL,
            origin=ORIGIN,
            deadline=Deadline(2),
        )
    assert error.value.kind.code == "credenciales_invalidas"


def live(session: Session, database: Database) -> bool:
    with database.reading(deadline=Deadline(5)) as connection:
        return sessions.count_live_sessions(connection, session.run, database.clock()) == 1


def test_password_right_but_access_blocked_meanwhile_opens_nothing(
    database: Database, log: object, sealer: Sealer, clock: SettableClock
) -> None:
    """The hash is judged outside the lock; the epoch under the lock says that it no longer holds."""
    people = People(database, log, sealer)
    run = people.enrol()
    session = people.enter(run).session
    clock.advance(seconds=30)

    class BlocksWhileJudging(PasswordHashing):
        def verify(self, stored: str | None, password: str, *, deadline: Deadline) -> bool:
            people.access.block_self(session=session, origin=ORIGIN, deadline=deadline)
            return super().verify(stored, password, deadline=deadline)

    slow = People(database, log, sealer, hashing=BlocksWhileJudging(memory_kib=64, rounds=1, lanes=1))
    with pytest.raises(Refusal) as error:
        slow.enter(run, password=PASSWORD)
    assert error.value.kind.code == "acceso_cambiado"
    assert not live(session, database)
