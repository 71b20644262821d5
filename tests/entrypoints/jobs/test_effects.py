"""How effects are done: from their row, once, whatever fails on the way, and each in the queue where it waits least."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa

from lme_operator.core import outbox
from lme_operator.core.database import Database, Deadline
from lme_operator.core.outbox import Again
from lme_operator.core.refusal import Fault
from lme_operator.core.run import Run
from lme_operator.domain.identity import find_epoch, lock_people, raise_epoch
from lme_operator.domain.notices import SEND_NOTICE, Notices
from lme_operator.entrypoints.jobs import create_celery, effects
from lme_operator.entrypoints.jobs.effects import Inside, Outside, Subscription, fulfil
from lme_operator.entrypoints.jobs.schedule import FULFIL, HAND_OVER, OUTBOX_QUEUE, OUTSIDE_QUEUE
from lme_operator.settings import Settings
from tests.domain.notices.conftest import MAIL

PROBE = outbox.effect("prueba.tarea")
PERSON = Run(11111111)
AGAIN_AFTER = timedelta(seconds=62)


@pytest.fixture
def operator(role_url: Callable[[str], str], clock: Any, log: Any, sealer: Any) -> Iterator[Any]:
    database = Database(url=role_url("lme_worker"), clock=clock)
    notices = Notices(database=database, log=log, sealer=sealer, messenger=None)
    yield SimpleNamespace(database=database, log=log, notices=notices)
    database.close()


def promised(operator: Any, effect: str = PROBE) -> UUID:
    """A promise that the messenger was told of."""
    with operator.database.unit_of_work(deadline=Deadline(5)) as work:
        promise_id = outbox.promise(work, effect=effect, subject=uuid4())
    told(operator)
    return promise_id


def told(operator: Any) -> None:
    with operator.database.unit_of_work(deadline=Deadline(5)) as work:
        outbox.hand_over(work, again_after=AGAIN_AFTER, at_most=100)


def row(operator: Any, promise_id: UUID) -> Any:
    with operator.database.reading(deadline=Deadline(5)) as connection:
        return connection.execute(sa.select(outbox.outbox).where(outbox.outbox.c.id == promise_id)).one()


def do(operator: Any, promise_id: UUID, subscription: Subscription) -> None:
    fulfil(operator, promise_id, {PROBE: subscription}.__getitem__)


def raised(operator: Any) -> int | None:
    with operator.database.reading(deadline=Deadline(5)) as connection:
        return find_epoch(connection, PERSON)


def raise_it(_operator: Any, work: Any, _promise: Any) -> None:
    raise_epoch(work, PERSON)


RAISES = Inside(raise_it, locks=lambda _operator, _promise: (lock_people(PERSON, create=True),))


def test_an_effect_inside_is_done_with_its_mark_and_once(operator: Any) -> None:
    promise_id = promised(operator)
    for _ in range(3):
        do(operator, promise_id, RAISES)
    assert raised(operator) == 1
    assert row(operator, promise_id).done_at is not None


def test_an_effect_that_fails_leaves_nothing_and_is_put_off(operator: Any, clock: Any) -> None:
    def fail(operator: Any, work: Any, promise: Any) -> None:
        raise_it(operator, work, promise)
        raise ValueError("una falla con un dato 11.111.111-1")

    promise_id = promised(operator)
    do(operator, promise_id, Inside(fail, locks=RAISES.locks))
    left = row(operator, promise_id)
    assert (left.done_at, left.sent_at, left.fault, left.tries) == (None, None, "ValueError", 1)
    assert left.due_at == clock() + timedelta(seconds=2)
    assert raised(operator) is None
    clock.advance(seconds=2)
    told(operator)
    do(operator, promise_id, RAISES)
    assert (raised(operator), row(operator, promise_id).fault) == (1, None)


def test_a_database_away_is_not_held_against_the_effect(operator: Any) -> None:
    def away(*_: Any) -> None:
        raise Fault("servicio_no_disponible")

    promise_id = promised(operator)
    do(operator, promise_id, Inside(away))
    assert (row(operator, promise_id).tries, row(operator, promise_id).fault) == (0, "servicio_no_disponible")


def test_an_effect_that_this_version_does_not_know_waits(operator: Any) -> None:
    promise_id = promised(operator)
    known: dict[str, Subscription] = {}
    fulfil(operator, promise_id, known.__getitem__)
    assert row(operator, promise_id).fault == "KeyError"


def outside(**steps: Any) -> Outside[Any, Any]:
    given: dict[str, Any] = {
        "begin": lambda _operator, _work, _promise: "llamado",
        "call": lambda _operator, begun: f"{begun} y contestado",
        "finish": lambda _operator, _work, _promise, _begun, _said: None,
    }
    return Outside(**{**given, **steps})


def test_nothing_is_held_while_the_outside_is_called(operator: Any, owner_url: str) -> None:
    def call(_operator: Any, begun: str) -> str:
        with sa.create_engine(owner_url, poolclass=sa.NullPool).connect() as connection:
            open_ = "SELECT count(*) FROM pg_stat_activity WHERE usename = 'lme_worker' AND state LIKE 'idle in%'"
            assert connection.execute(sa.text(open_)).scalar_one() == 0
        return begun + "!"

    heard: list[tuple[str, str]] = []
    promise_id = promised(operator)
    do(operator, promise_id, outside(call=call, finish=lambda *given: heard.append(given[3:])))
    assert heard == [("llamado", "llamado!")]
    assert row(operator, promise_id).done_at is not None


def test_an_effect_outside_may_have_nothing_to_do_or_not_yet(operator: Any, clock: Any) -> None:
    later = clock() + timedelta(minutes=5)
    calls: list[Any] = []
    for answer, due in ((None, None), (Again(later), later)):
        promise_id = promised(operator)
        do(
            operator,
            promise_id,
            outside(begin=lambda *_, answer=answer: answer, call=lambda *given: calls.append(given)),
        )
        left = row(operator, promise_id)
        assert (left.done_at is None) == (due is not None)
        assert due is None or left.due_at == due
    assert calls == []


def test_what_the_outside_said_survives_a_database_that_was_away(
    operator: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(effects, "_WRITING_PAUSE", 0.01)
    tries = iter([Fault("servicio_no_disponible"), Fault("resultado_desconocido", outcome_unknown=True), None])
    calls: list[str] = []

    def finish(*_: Any) -> None:
        fault = next(tries)
        if fault is not None:
            raise fault

    promise_id = promised(operator)
    do(operator, promise_id, outside(call=lambda *_: calls.append("una vez"), finish=finish))
    assert calls == ["una vez"]
    assert row(operator, promise_id).done_at is not None


def test_an_outcome_is_written_though_another_has_settled_the_promise(operator: Any) -> None:
    promise_id, written = promised(operator), []

    def call(*_: Any) -> None:
        with operator.database.unit_of_work(deadline=Deadline(5)) as work:
            assert outbox.hold(work, promise_id)
            outbox.settle(work, promise_id, None)

    do(operator, promise_id, outside(call=call, finish=lambda *_: written.append("sí")))
    assert written == ["sí"]


@pytest.fixture
def app(tmp_path: Path, operator: Any) -> Any:
    given = {"LME_ENV": "testing", "LME_HOME": str(tmp_path), "LME_BROKER_URL": "memory://"}
    return create_celery(Settings.load(given), operator=lambda: operator)


def messages(app: Any, queue: str) -> list[Any]:
    with app.connection() as connection, connection.SimpleQueue(queue) as waiting:
        return [waiting.get_nowait() for _ in range(waiting.qsize())]


def test_the_relay_tells_of_each_once_in_the_queue_where_it_waits_least(app: Any, operator: Any) -> None:
    with operator.database.unit_of_work(deadline=Deadline(5)) as work:
        inside = outbox.promise(work, effect=PROBE, subject=uuid4())
        operator.notices.promise(work, run=None, message=MAIL)
    for _ in range(2):
        app.tasks[HAND_OVER].apply()
    (one,), (other,) = messages(app, OUTBOX_QUEUE), messages(app, OUTSIDE_QUEUE)
    assert (one.headers["task"], one.payload[0]) == (FULFIL, [str(inside)])
    assert other.headers["task"] == FULFIL
    assert one.headers["expires"] is not None
    with operator.database.reading(deadline=Deadline(5)) as connection:
        assert {SEND_NOTICE, PROBE} == {row.effect for row in connection.execute(sa.select(outbox.outbox.c.effect))}


def test_a_worker_that_dies_in_an_effect_leaves_it_to_the_outbox(app: Any) -> None:
    assert app.tasks[FULFIL].acks_late is False
    assert app.conf.task_acks_late is True
