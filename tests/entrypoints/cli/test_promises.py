"""`lme bandeja`: what is parked is shown, and taken up again by its id alone."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from click.testing import CliRunner, Result

from lme_operator.core import outbox
from lme_operator.core.database import Database, Deadline
from lme_operator.entrypoints.cli import Composition, program

PROBE = outbox.effect("prueba.detenida")


@pytest.fixture
def worker(role_url: Callable[[str], str], clock: Any) -> Iterator[Database]:
    opened = Database(url=role_url("lme_worker"), clock=clock)
    yield opened
    opened.close()


@pytest.fixture
def lme(worker: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Result]:
    monkeypatch.setenv("LME_ENV", "testing")
    monkeypatch.setenv("LME_HOME", str(tmp_path))

    class Operator:
        database = worker

    def build(_settings: Any, role: str) -> Any:
        assert role == "worker"
        return Operator

    composition = Composition(build_operator=build, create_keys=None, play_outsiders=None)  # type: ignore[arg-type]
    return lambda *arguments: CliRunner().invoke(program, ["bandeja", *arguments], obj=composition)


def parked(worker: Database) -> UUID:
    with worker.unit_of_work(deadline=Deadline(5)) as work:
        promise_id = outbox.promise(work, effect=PROBE, subject=uuid4())
        outbox.hand_over(work, again_after=outbox._LONGEST_PAUSE, at_most=10)
        promise = outbox.Promise(promise_id, PROBE, uuid4(), None, work.at, outbox.MOST_STARTS)
        outbox.stumble(work, promise, fault="ValueError")
    worker.clock.advance(seconds=300)  # type: ignore[attr-defined]
    with worker.unit_of_work(deadline=Deadline(5)) as work:
        outbox.hand_over(work, again_after=outbox._LONGEST_PAUSE, at_most=10)
        assert outbox.start(work, promise_id) is None
    return promise_id


def test_nothing_to_show(lme: Callable[..., Result]) -> None:
    shown = lme()
    assert (shown.exit_code, shown.output) == (0, "tareas pendientes: 0; detenidas: 0\n")


def test_what_is_parked_is_shown_and_taken_up_again(lme: Callable[..., Result], worker: Database) -> None:
    promise_id = parked(worker)
    shown = lme()
    assert "detenidas: 1" in shown.output
    assert f"{promise_id}  {PROBE}  20-04-2026 10:05:00  ValueError" in shown.output
    again = lme("--reponer", str(promise_id))
    assert again.exit_code == 0
    assert "pendientes: 1, la más antigua desde el 20-04-2026 10:05:00" in again.output
    assert "detenidas: 0" in again.output
    refused = lme("--reponer", str(promise_id))
    assert refused.exit_code == 1
    assert "no hay ninguna" in refused.output
