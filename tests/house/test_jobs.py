"""Every job has a queue of ours, every queue a consumer, every tick of the schedule a job."""

from typing import Any

from lme_operator.entrypoints.jobs import QUEUES, create_celery
from lme_operator.settings import Settings


def celery_of() -> Any:
    settings = Settings.load({"LME_ENV": "testing", "LME_BROKER_URL": "memory://"})
    return create_celery(settings, operator=lambda: (_ for _ in ()).throw(AssertionError("no job runs here")))


def own_jobs(app: Any) -> set[str]:
    return {name for name in app.tasks if not name.startswith("celery.")}


def test_every_tick_is_a_job_sent_to_a_queue_that_is_consumed() -> None:
    app = celery_of()
    consumed = {queue.name for queue in app.conf.task_queues}
    assert consumed == set(QUEUES)
    for tick in app.conf.beat_schedule.values():
        assert tick["task"] in own_jobs(app)
        assert tick["options"]["queue"] in consumed


def test_every_job_is_sent_somewhere() -> None:
    app = celery_of()
    sent = {tick["task"] for tick in app.conf.beat_schedule.values()}
    assert own_jobs(app) == sent
