"""A consultation is a row and an entry, asked once, quoted, and says what stands against a person."""

import dataclasses
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa

from lme_operator.core.canonical import decode, format_instant
from lme_operator.core.database import Database, Deadline
from lme_operator.core.outbox import outbox
from lme_operator.core.outside import Failure, OutsideExchange
from lme_operator.core.periods import SANTIAGO
from lme_operator.core.refusal import Fault, Refusal
from lme_operator.core.run import Run
from lme_operator.core.sealing import Sealer
from lme_operator.domain import rnpi as room
from lme_operator.domain.audit import Log, open_strict
from lme_operator.domain.exports import judge_evidence
from lme_operator.domain.norms import Norms
from lme_operator.domain.rnpi import Cause, Consultation, Purpose, Result, Swept
from lme_operator.domain.rnpi.records import consultations, flights
from tests.conftest import SettableClock
from tests.factories.people import norms
from tests.factories.rnpi import ABSENT, ANOTHER, DOWN, IN_FORCE, OTHER_TITLE, OURS, StaticRnpi, exchange, record, said

RUN = Run(15000001)
NORMS: Norms = norms()


def count(database: Database, table: sa.Table) -> int:
    with database.reading(deadline=Deadline(10)) as connection:
        found: int = connection.execute(sa.select(sa.func.count()).select_from(table)).scalar_one()
        return found


def causes(database: Database, run: Run = RUN) -> list[str]:
    with database.reading(deadline=Deadline(10)) as connection:
        return [finding.code for finding in room.causes(connection, run, database.clock(), NORMS)]


def fact(database: Database) -> Any:
    with database.reading(deadline=Deadline(10)) as connection:
        return room.voice(connection, RUN, database.clock(), NORMS).fact


def tomorrow(clock: SettableClock) -> None:
    clock.advance(seconds=24 * 3600)


@pytest.mark.norm("N-4a", "N-2.4a")
def test_consultation_is_a_row_and_an_entry(rnpi: StaticRnpi, database: Database, log: Log) -> None:
    answer = rnpi.refresh(RUN)
    assert (answer.result, answer.cause, answer.reason, answer.purpose) == (
        Result.IN_FORCE,
        None,
        "inscrito",
        Purpose.ENTRY,
    )
    assert answer.registration is not None
    assert (answer.registration.given_names, answer.registration.kind) == ("Elena Beatriz", 1)
    with database.reading(deadline=Deadline(10)) as connection:
        told = log.disclosed(connection, answer.entry_id)
    assert told == {
        "actor": "sistema:consulta_rnpi",
        "run": str(RUN),
        "consulta": str(answer.id),
        "proposito": "ingreso",
        "resultado": "vigente",
        "causa": None,
        "motivo": "inscrito",
        "dia": "2026-04-20",
        "intercambio": told["intercambio"],
        "manifiesto": told["manifiesto"],
    }
    assert rnpi.room.find(answer.id, deadline=Deadline(10)) == answer
    with pytest.raises(Refusal, match="consulta_rnpi_inexistente"):
        rnpi.room.find(UUID(int=5), deadline=Deadline(10))


@pytest.mark.norm("N-2.6b")
def test_what_the_register_shows_is_sealed(rnpi: StaticRnpi, database: Database) -> None:
    rnpi.refresh(RUN)
    with database.reading(deadline=Deadline(10)) as connection:
        row = connection.execute(sa.select(consultations)).one()
    for content in (row.members, row.registration):
        assert b"Elena" not in content
        assert "Ñancupil".encode() not in content


@pytest.mark.norm("N-4a")
def test_answer_of_today_is_not_asked_again_and_the_next_day_it_is(
    rnpi: StaticRnpi, database: Database, clock: SettableClock
) -> None:
    first = rnpi.refresh(RUN)
    clock.advance(seconds=3600)
    assert rnpi.refresh(RUN) == first
    assert rnpi.refresh(RUN, purpose=Purpose.ISSUE) == first
    assert len(rnpi.registry.asked) == 1
    assert causes(database) == []
    tomorrow(clock)
    assert causes(database) == ["rnpi_sin_consulta"]
    assert rnpi.refresh(RUN).id != first.id
    assert causes(database) == []


@pytest.mark.norm("N-4a")
def test_day_that_turns_inside_a_session_asks_again(rnpi: StaticRnpi, database: Database, clock: SettableClock) -> None:
    clock.set(datetime(2026, 4, 20, 23, 59, 50, tzinfo=SANTIAGO))
    rnpi.refresh(RUN)
    assert causes(database) == []
    clock.set(datetime(2026, 4, 21, 0, 0, 0, tzinfo=SANTIAGO))
    assert causes(database) == ["rnpi_sin_consulta"]


@pytest.mark.norm("N-4b")
@pytest.mark.parametrize("negative", [ABSENT, OTHER_TITLE])
def test_negative_stands_until_a_positive_outage_or_not(
    rnpi: StaticRnpi, database: Database, clock: SettableClock, negative: str
) -> None:
    rnpi.refresh(RUN, IN_FORCE)
    tomorrow(clock)
    rnpi.refresh(RUN, negative)
    assert causes(database) == ["rnpi_no_vigente"]
    for _ in range(3):
        tomorrow(clock)
        assert rnpi.refresh(RUN, DOWN).cause is Cause.FOREIGN
        assert causes(database) == ["rnpi_no_vigente"]
    clock.advance(seconds=20)
    rnpi.refresh(RUN, IN_FORCE)
    assert causes(database) == []


@pytest.mark.norm("N-4b")
def test_who_regularised_today_need_not_wait_for_tomorrow(
    rnpi: StaticRnpi, database: Database, clock: SettableClock
) -> None:
    first = rnpi.refresh(RUN, ABSENT)
    clock.advance(seconds=60)
    assert rnpi.refresh(RUN, IN_FORCE) == first
    clock.advance(seconds=600)
    assert rnpi.refresh(RUN).result is Result.IN_FORCE
    assert causes(database) == []


@pytest.mark.norm("N-4c")
def test_exception_wants_that_the_last_answer_was_in_force(
    rnpi: StaticRnpi, database: Database, clock: SettableClock
) -> None:
    assert rnpi.refresh(RUN, DOWN).result is Result.IMPOSSIBLE
    assert causes(database) == ["rnpi_sin_consulta"]
    clock.advance(seconds=20)
    positive = rnpi.refresh(RUN, IN_FORCE)
    tomorrow(clock)
    failed = rnpi.refresh(RUN, DOWN)
    assert causes(database) == []
    assert fact(database) == {
        "hecho": "rnpi_del_dia",
        "norma": "N-4c",
        "valor": {
            "consulta": str(failed.id),
            "resultado": "imposible",
            "instante": "2026-04-21T14:00:20.000000Z",
            "ultima_vigente": {"consulta": str(positive.id), "instante": "2026-04-20T14:00:20.000000Z"},
        },
    }


@pytest.mark.norm("N-4c")
@pytest.mark.parametrize("failure", [OURS, "http_403", "http_429", Failure.NAME_NOT_RESOLVED, Failure.OUR_OWN])
def test_our_own_failure_opens_nothing(
    rnpi: StaticRnpi, database: Database, clock: SettableClock, failure: str | Failure
) -> None:
    rnpi.refresh(RUN)
    tomorrow(clock)
    assert rnpi.refresh(RUN, failure).cause is Cause.OWN
    assert causes(database) == ["rnpi_sin_consulta"]
    assert rnpi.controls.probed == 0


@pytest.mark.norm("N-4c")
def test_outage_that_reaches_our_own_hosts_too_is_ours(
    rnpi: StaticRnpi, database: Database, clock: SettableClock
) -> None:
    rnpi.refresh(RUN)
    tomorrow(clock)
    rnpi.controls.reachable = 1
    assert rnpi.refresh(RUN, DOWN).cause is Cause.OWN
    assert causes(database) == ["rnpi_sin_consulta"]
    assert rnpi.controls.probed == 1


@pytest.mark.norm("N-4c")
def test_every_issue_asks_again_but_for_a_moment(rnpi: StaticRnpi, database: Database, clock: SettableClock) -> None:
    rnpi.refresh(RUN)
    tomorrow(clock)
    first = rnpi.refresh(RUN, DOWN, purpose=Purpose.ISSUE)
    clock.advance(seconds=10)
    assert rnpi.refresh(RUN, purpose=Purpose.ISSUE) == first
    clock.advance(seconds=6)
    assert causes(database) == ["rnpi_sin_consulta"]
    second = rnpi.refresh(RUN, purpose=Purpose.ISSUE)
    assert second.id != first.id
    assert causes(database) == []


@pytest.mark.norm("N-4c")
def test_first_answer_after_the_outage_promises_to_look_again(
    rnpi: StaticRnpi, database: Database, clock: SettableClock
) -> None:
    rnpi.refresh(RUN)
    assert promises(database) == []
    tomorrow(clock)
    rnpi.refresh(RUN, DOWN)
    clock.advance(seconds=20)
    answered = rnpi.refresh(RUN, ABSENT)
    assert promises(database) == [("issuance.recheck", answered.id, answered.entry_id)]
    assert causes(database) == ["rnpi_no_vigente"]
    tomorrow(clock)
    rnpi.refresh(RUN, IN_FORCE)
    assert len(promises(database)) == 1


def test_answer_after_failures_of_ours_promises_nothing(
    rnpi: StaticRnpi, database: Database, clock: SettableClock
) -> None:
    rnpi.refresh(RUN)
    tomorrow(clock)
    rnpi.refresh(RUN, OURS)
    clock.advance(seconds=20)
    rnpi.refresh(RUN, IN_FORCE)
    assert promises(database) == []


def promises(database: Database) -> list[tuple[str, UUID, UUID]]:
    with database.reading(deadline=Deadline(10)) as connection:
        rows = connection.execute(sa.select(outbox.c.effect, outbox.c.subject, outbox.c.on_account_of))
        return [(row.effect, row.subject, row.on_account_of) for row in rows]


@pytest.mark.norm("N-4a")
def test_answer_about_another_person_closes(rnpi: StaticRnpi, database: Database, clock: SettableClock) -> None:
    rnpi.refresh(RUN)
    clock.advance(seconds=60)
    odd = rnpi.consult(RUN, ANOTHER)
    assert (odd.result, odd.cause, odd.registration) == (Result.INCONSISTENT, None, None)
    assert causes(database) == ["rnpi_sin_consulta"]
    clock.advance(seconds=20)
    assert rnpi.refresh(RUN, IN_FORCE).result is Result.IN_FORCE
    assert causes(database) == []


@pytest.mark.norm("N-4a", "N-4c")
def test_answer_about_another_person_closes_also_when_the_register_falls_silent(
    rnpi: StaticRnpi, database: Database, clock: SettableClock
) -> None:
    rnpi.refresh(RUN)
    tomorrow(clock)
    odd = rnpi.refresh(RUN, ANOTHER)
    clock.advance(seconds=16)
    failed = rnpi.refresh(RUN, DOWN)
    assert failed.cause is Cause.FOREIGN
    assert causes(database) == ["rnpi_sin_consulta"]
    prior = decode(open_strict(rnpi.room.evidence_file(failed.id, deadline=Deadline(10)))["v1/anterior.json"])
    assert prior["ultima_respuesta"]["consulta"] == str(odd.id)
    clock.advance(seconds=16)
    rnpi.refresh(RUN, IN_FORCE)
    assert causes(database) == []


class Held:
    """A register that answers `what` once it is let, and says when it was called."""

    def __init__(self, clock: SettableClock, what: str) -> None:
        self.clock, self.what = clock, what
        self.called, self.go = threading.Event(), threading.Event()

    def ask(self, *, run: Run, budget: float) -> OutsideExchange:  # noqa: ARG002
        made = said(self.what, run, self.clock)
        self.called.set()
        self.go.wait(5)
        return made


@pytest.mark.norm("N-4b")
@pytest.mark.parametrize("first", [IN_FORCE, ABSENT])
@pytest.mark.parametrize("skew", [1, -60])
def test_of_answers_that_cross_the_negative_stands(
    rnpi: StaticRnpi, database: Database, clock: SettableClock, first: str, skew: int
) -> None:
    """Whichever of the two departs first and lands last, and whatever the clocks of the hosts say."""
    rnpi.refresh(RUN, IN_FORCE)
    clock.advance(seconds=3600)
    held = Held(clock, first)
    late = dataclasses.replace(rnpi.room, registry=held)
    landed: list[Consultation] = []
    thread = threading.Thread(
        target=lambda: landed.append(late.consult(run=RUN, purpose=Purpose.SWEEP, deadline=Deadline(10)))
    )
    thread.start()
    assert held.called.wait(5)
    clock.advance(seconds=skew)
    rnpi.instead = Held(clock, ABSENT if first == IN_FORCE else IN_FORCE)
    rnpi.instead.go.set()
    rnpi.room.consult(run=RUN, purpose=Purpose.ENROLMENT, deadline=Deadline(10))
    held.go.set()
    thread.join()
    assert count(database, consultations) == 3
    assert causes(database) == ["rnpi_no_vigente"]
    assert [one.result for one in landed] == [Result.ABSENT]
    rnpi.instead = None
    clock.advance(seconds=3600)
    assert rnpi.refresh(RUN, IN_FORCE).result is Result.IN_FORCE
    assert causes(database) == []


@pytest.mark.norm("N-4a")
def test_asked_before_midnight_and_recorded_after_it_serves_no_new_day(
    rnpi: StaticRnpi, database: Database, clock: SettableClock
) -> None:
    clock.set(datetime(2026, 4, 21, 23, 59, 59, tzinfo=SANTIAGO).astimezone(UTC))

    class Late:
        def ask(self, *, run: Run, budget: float) -> OutsideExchange:  # noqa: ARG002
            made = said(IN_FORCE, run, clock)
            clock.advance(seconds=3)
            return made

    rnpi.instead = Late()
    answer = rnpi.refresh(RUN)
    file = rnpi.room.evidence_file(answer.id, deadline=Deadline(10))
    assert decode(open_strict(file)["v1/consulta.json"])["dia"] == "2026-04-21"
    assert [line for line in judge_evidence(file, None).lines if line.sound is False] == []
    assert causes(database) == ["rnpi_sin_consulta"]
    rnpi.instead = None
    assert rnpi.refresh(RUN).id != answer.id
    assert causes(database) == []


@pytest.mark.norm("N-4c")
def test_failed_attempt_of_a_clock_ahead_excuses_nothing(
    rnpi: StaticRnpi, database: Database, clock: SettableClock
) -> None:
    rnpi.refresh(RUN)
    tomorrow(clock)
    failed = rnpi.refresh(RUN, DOWN)
    clock.advance(seconds=-5)
    assert causes(database) == ["rnpi_sin_consulta"]
    assert rnpi.refresh(RUN).id != failed.id
    assert causes(database) == []


def test_observations_are_kept_for_a_person_and_decide_nothing(rnpi: StaticRnpi, database: Database) -> None:
    class Remarked:
        def ask(self, *, run: Run, budget: float) -> OutsideExchange:  # noqa: ARG002
            return exchange(body=record(run, observaciones="Ver resolución 1"), at=database.clock)

    rnpi.instead = Remarked()
    answer = rnpi.refresh(RUN)
    assert answer.for_review
    assert answer.registration is not None
    assert answer.registration.observations == "Ver resolución 1"
    assert causes(database) == []


def test_never_asked_says_so(database: Database) -> None:
    assert causes(database) == ["rnpi_sin_consulta"]
    told = dict.fromkeys(("consulta", "resultado", "instante", "ultima_vigente"))
    assert fact(database) == {"hecho": "rnpi_del_dia", "norma": "N-4a", "valor": told}


def test_people_do_not_mix(rnpi: StaticRnpi, database: Database, sealer: Sealer) -> None:
    rnpi.refresh(Run(15000002), ABSENT)
    rnpi.refresh(RUN, IN_FORCE)
    assert causes(database) == []
    assert causes(database, Run(15000002)) == ["rnpi_no_vigente"]
    with database.reading(deadline=Deadline(10)) as connection:
        (one,) = room.of_person(connection, sealer, RUN)
        latest = room.latest(connection, RUN)
    assert latest is not None
    assert (one.run, latest.id) == (RUN, one.id)


@pytest.mark.norm("N-2.1b")
def test_enrolment_always_asks(rnpi: StaticRnpi) -> None:
    first = rnpi.refresh(RUN)
    second = rnpi.consult(RUN, purpose=Purpose.ENROLMENT)
    assert first.id != second.id
    assert len(rnpi.registry.asked) == 2


def test_officer_who_asks_again_and_again_calls_once(
    rnpi: StaticRnpi, clock: SettableClock, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    def enrol() -> Consultation:
        return rnpi.room.consult(run=RUN, purpose=Purpose.ENROLMENT, deadline=Deadline(10))

    with_parameters(monkeypatch, repeticion_segundos=10)
    first = enrol()
    clock.advance(seconds=9)
    assert {enrol().id for _ in range(120)} == {first.id}
    clock.advance(seconds=1)
    assert enrol().id != first.id
    slow = SlowRegistry(database)
    rnpi.instead = slow
    clock.advance(seconds=11)
    threading.Timer(0.4, slow.go.set).start()
    assert len({answer.id for answer in parallel(6, enrol)}) == 1
    assert (len(rnpi.registry.asked), slow.calls) == (2, 1)


def test_enrolments_leave_the_others_their_quota(
    rnpi: StaticRnpi, clock: SettableClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    with_parameters(monkeypatch, cuota_diaria=10, cuota_diaria_enrolamiento=4, cuota_minuto_enrolamiento=3)
    people = [Run(number) for number in range(15000001, 15000012)]
    reasons = [rnpi.consult(run, purpose=Purpose.ENROLMENT).reason for run in people[:4]]
    clock.advance(seconds=61)
    reasons += [rnpi.consult(run, purpose=Purpose.ENROLMENT).reason for run in people[4:6]]
    spent = "cuota_agotada"
    assert reasons == ["inscrito"] * 3 + [spent, "inscrito", spent]
    assert [rnpi.refresh(run).reason for run in people[5:]] == ["inscrito"] * 6


def test_call_that_an_open_circuit_kept_spends_no_quota(
    rnpi: StaticRnpi, clock: SettableClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    with_parameters(monkeypatch, cuota_diaria=3)
    rnpi.registry.now = Failure.CIRCUIT_OPEN
    assert {rnpi.refresh(Run(number)).reason for number in range(15000001, 15000011)} == {"circuito_abierto"}
    clock.advance(seconds=20)
    answers = [rnpi.refresh(Run(number), IN_FORCE).reason for number in range(15000001, 15000005)]
    assert answers == ["inscrito"] * 3 + ["cuota_agotada"]


def parallel(times: int, work: Callable[[], Any]) -> list[Any]:
    found: list[Any] = []

    def run() -> None:
        try:
            found.append(work())
        except Exception as error:  # noqa: BLE001 - a thread's outcome, whatever it is
            found.append(error)

    threads = [threading.Thread(target=run) for _ in range(times)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return found


class SlowRegistry:
    """Answers when told to; counts how many calls are under way at once, and whether a connection is held."""

    def __init__(self, database: Database) -> None:
        self.database, self.calls, self.held = database, 0, 0
        self.go = threading.Event()

    def ask(self, *, run: Run, budget: float) -> OutsideExchange:  # noqa: ARG002
        self.calls += 1
        self.held = self.database._engine.pool.checkedout()  # type: ignore[attr-defined]
        self.go.wait(5)
        return said(IN_FORCE, run, self.database.clock)


@pytest.mark.norm("N-4a")
def test_many_at_once_are_one_call(rnpi: StaticRnpi, database: Database) -> None:
    slow = SlowRegistry(database)
    rnpi.instead = slow
    threading.Timer(0.6, slow.go.set).start()
    answers = parallel(12, lambda: rnpi.refresh(RUN))
    assert slow.calls == 1
    assert len({answer.id for answer in answers}) == 1
    assert count(database, consultations) == count(database, flights) == 1


def test_nobody_holds_a_connection_while_the_register_is_asked(rnpi: StaticRnpi, database: Database) -> None:
    slow = SlowRegistry(database)
    slow.go.set()
    rnpi.instead = slow
    rnpi.refresh(RUN)
    assert (slow.calls, slow.held) == (1, 0)


def test_winner_that_dies_is_replaced_when_its_flight_expires(
    rnpi: StaticRnpi, database: Database, clock: SettableClock
) -> None:
    class Dies:
        def ask(self, *, run: Run, budget: float) -> OutsideExchange:  # noqa: ARG002
            raise SystemExit

    rnpi.instead = Dies()
    with pytest.raises(SystemExit):
        rnpi.refresh(RUN)
    rnpi.instead = None
    with pytest.raises(Fault, match="servicio_no_disponible"):
        rnpi.room.refresh(run=RUN, purpose=Purpose.ENTRY, deadline=Deadline(0.4))
    clock.advance(seconds=20)
    assert rnpi.refresh(RUN).result is Result.IN_FORCE
    assert (count(database, flights), count(database, consultations)) == (2, 1)


def test_sweep_under_way_holds_up_nobody_who_enters(rnpi: StaticRnpi, database: Database, clock: SettableClock) -> None:
    night(clock)
    slow = SlowRegistry(database)
    rnpi.instead = slow
    sweeping = threading.Thread(target=lambda: rnpi.room.sweep(runs=[RUN], deadline=Deadline(10)))
    sweeping.start()
    while slow.calls == 0:
        threading.Event().wait(0.01)
    entering = threading.Thread(target=lambda: rnpi.refresh(RUN))
    entering.start()
    threading.Event().wait(0.3)
    assert slow.calls == 2
    slow.go.set()
    sweeping.join()
    entering.join()


def test_budget_leaves_time_to_look_at_our_hosts_and_to_write(rnpi: StaticRnpi) -> None:
    rnpi.room.consult(run=RUN, purpose=Purpose.ENTRY, deadline=Deadline(2))
    rnpi.room.consult(run=RUN, purpose=Purpose.ENROLMENT, deadline=Deadline(30))
    (_, short), (_, long) = rnpi.registry.asked
    assert 0.9 < short < 1.15
    assert long == 6.3


def test_no_time_to_ask_is_ours_and_is_recorded(rnpi: StaticRnpi) -> None:
    answer = rnpi.room.refresh(run=RUN, purpose=Purpose.ENTRY, deadline=Deadline(0.9))
    assert (answer.result, answer.cause, answer.reason) == (Result.IMPOSSIBLE, Cause.OWN, "sin_tiempo")
    assert rnpi.registry.asked == []


def with_parameters(monkeypatch: pytest.MonkeyPatch, **values: int) -> None:
    """Parameters other than those of the protocol, for this test."""
    real = Norms.parameter

    def parameter(self: Norms, name: str, *, at: datetime) -> Any:
        found = real(self, name, at=at)
        short = name.removeprefix("rnpi.")
        return dataclasses.replace(found, value=values[short]) if short in values else found

    monkeypatch.setattr(Norms, "parameter", parameter)


def test_spent_quota_is_ours_and_calls_nobody(
    rnpi: StaticRnpi, database: Database, clock: SettableClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    with_parameters(monkeypatch, cuota_diaria=3)
    for number in range(5):
        rnpi.refresh(Run(15000001 + number))
        clock.advance(seconds=70)
    assert len(rnpi.registry.asked) == 3
    answer = rnpi.refresh(Run(15000009))
    assert (answer.result, answer.cause, answer.reason) == (Result.IMPOSSIBLE, Cause.OWN, "cuota_agotada")
    tomorrow(clock)
    assert rnpi.refresh(Run(15000009)).result is Result.IN_FORCE


def test_quota_of_the_minute_holds_under_many_at_once(
    rnpi: StaticRnpi, clock: SettableClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    with_parameters(monkeypatch, cuota_minuto=4)
    runs = iter(range(15000001, 15000020))
    lock = threading.Lock()

    def one() -> Consultation:
        with lock:
            run = Run(next(runs))
        return rnpi.refresh(run)

    answers = parallel(12, one)
    assert len(rnpi.registry.asked) == 4
    assert sorted(answer.reason for answer in answers) == ["cuota_agotada"] * 8 + ["inscrito"] * 4
    clock.advance(seconds=61)
    assert rnpi.refresh(Run(15000020)).result is Result.IN_FORCE


def night(clock: SettableClock) -> None:
    clock.set(datetime(2026, 4, 21, 3, 0, tzinfo=SANTIAGO).astimezone(UTC))


RUNS = [Run(number) for number in range(15000001, 15000007)]


def test_sweep_asks_the_oldest_first_and_nobody_twice(
    rnpi: StaticRnpi, database: Database, clock: SettableClock
) -> None:
    for run in (RUNS[2], RUNS[0]):
        rnpi.refresh(run)
        clock.advance(seconds=60)
    night(clock)
    rnpi.refresh(RUNS[4])
    rnpi.registry.asked.clear()
    rnpi.registry.about[RUNS[1]] = ABSENT
    swept = rnpi.room.sweep(runs=[*RUNS, *RUNS], deadline=Deadline(10))
    assert swept == Swept(asked=5, negative=1, left=0, stopped=None)
    assert [run for run, _ in rnpi.registry.asked] == [RUNS[1], RUNS[3], RUNS[5], RUNS[2], RUNS[0]]
    assert rnpi.room.sweep(runs=RUNS, deadline=Deadline(10)) == Swept(0, 0, 0, None)
    assert causes(database, RUNS[1]) == ["rnpi_no_vigente"]


def test_sweep_leaves_the_reserve_alone(
    rnpi: StaticRnpi, clock: SettableClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    with_parameters(monkeypatch, cuota_diaria=10, cuota_reservada=7)
    night(clock)
    assert rnpi.room.sweep(runs=RUNS, deadline=Deadline(10)) == Swept(3, 0, 3, "cuota")
    assert [rnpi.refresh(run).result for run in RUNS[3:]] == [Result.IN_FORCE] * 3


def test_sweep_keeps_to_its_hours_its_deadline_and_its_minute(
    rnpi: StaticRnpi, clock: SettableClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert rnpi.room.sweep(runs=RUNS, deadline=Deadline(10)).stopped == "fuera_de_hora"
    night(clock)
    assert rnpi.room.sweep(runs=RUNS, deadline=Deadline(0.5)) == Swept(0, 0, 6, "plazo")
    with_parameters(monkeypatch, cuota_minuto_barrido=2)
    assert rnpi.room.sweep(runs=RUNS, deadline=Deadline(10)) == Swept(2, 0, 4, "cuota")


def test_sweep_stops_when_the_circuit_is_open(rnpi: StaticRnpi, clock: SettableClock) -> None:
    night(clock)
    rnpi.registry.now = Failure.CIRCUIT_OPEN
    assert rnpi.room.sweep(runs=RUNS, deadline=Deadline(10)) == Swept(1, 0, 5, "circuito_abierto")


def test_failure_behind_an_open_circuit_is_named(rnpi: StaticRnpi, database: Database, clock: SettableClock) -> None:
    rnpi.refresh(RUN)
    tomorrow(clock)
    rnpi.refresh(Run(15000002), DOWN)
    detail = f"http_503 {format_instant(clock())}"

    class Open:
        def ask(self, *, run: Run, budget: float) -> OutsideExchange:  # noqa: ARG002
            return dataclasses.replace(said(Failure.CIRCUIT_OPEN, run, clock), detail=detail)

    rnpi.instead = Open()
    clock.advance(seconds=2)
    answer = rnpi.refresh(RUN)
    assert (answer.cause, answer.reason) == (Cause.FOREIGN, "circuito_abierto")
    assert causes(database) == []
    detail = f"http_503 {format_instant(clock() - timedelta(hours=1))}"
    assert rnpi.consult(RUN).cause is Cause.OWN
