"""Jobs: each with a queue, on schedule, safe to skip and to run twice; the broker's address arrives whole."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from psycopg.conninfo import conninfo_to_dict

from lme_operator.core.database import Database, Deadline
from lme_operator.core.refusal import Fault
from lme_operator.domain.audit import Checkpoint, Log, event, parse_note
from lme_operator.entrypoints.jobs import QUEUES, create_celery
from lme_operator.entrypoints.jobs.broker import transport
from lme_operator.entrypoints.jobs.schedule import SEAL_ATTEMPTS
from lme_operator.settings import Settings

TRIED = event(code="intento_de_prueba_de_tareas", norm=("N-3.0b",))


def settings(tmp_path: Path, broker: str = "memory://") -> Settings:
    return Settings.load({"LME_ENV": "testing", "LME_HOME": str(tmp_path), "LME_BROKER_URL": broker})


@pytest.fixture
def app(tmp_path: Path, database: Database, log: Any) -> Any:
    app = create_celery(settings(tmp_path), operator=lambda: SimpleNamespace(database=database, log=log))
    app.conf.task_always_eager = True
    return app


def entries(database: Database, log: Any) -> int:
    with database.reading(deadline=Deadline(5)) as connection:
        return Checkpoint.parse(parse_note(log.checkpoint(connection)).body).size


def test_every_scheduled_job_exists_and_goes_to_a_queue_that_workers_serve(app: Any) -> None:
    served = {queue.name for queue in app.conf.task_queues}
    assert served == set(QUEUES)
    for scheduled in app.conf.beat_schedule.values():
        assert scheduled["task"] in app.tasks
        assert scheduled["options"]["queue"] in served
        assert scheduled["options"]["expires"] > 0
    assert app.conf.timezone == "UTC"


@pytest.mark.norm("N-3.0b")
def test_attempts_are_sealed_once_however_often_the_job_runs(app: Any, database: Database, log: Any) -> None:
    with database.unit_of_work(deadline=Deadline(5)) as work:
        for number in range(3):
            log.attempt(work.connection, at=work.at, kind=TRIED, data={"numero": number})
    for _ in range(3):
        app.tasks[SEAL_ATTEMPTS].delay()
    assert entries(database, log) == 1


def test_a_database_that_fails_is_written_down_and_the_next_tick_goes_on(
    app: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    written: list[BaseException] = []

    def fail(*_: Any) -> None:
        raise Fault("servicio_no_disponible")

    monkeypatch.setattr(Log, "seal_attempts", fail)
    monkeypatch.setattr("lme_operator.entrypoints.jobs.application.log_failure", written.append)
    app.tasks[SEAL_ATTEMPTS].delay()
    assert [type(error) for error in written] == [Fault]


def test_the_brokers_address_keeps_its_socket_and_its_ssl(tmp_path: Path) -> None:
    url = "postgresql://lme_broker:clave@/lme_broker?host=%2Ftmp%2Fpg&port=5432&sslmode=verify-full"
    options = transport(settings(tmp_path, url))
    assert conninfo_to_dict(options["broker_transport_options"]["conn_string"]) == conninfo_to_dict(url)
    assert "://lme" not in options["broker_transport_options"]["conn_string"]


def test_other_brokers_go_as_they_are(tmp_path: Path) -> None:
    assert transport(settings(tmp_path, "redis://localhost/1"))["broker_url"] == "redis://localhost/1"
