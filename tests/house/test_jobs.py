"""Every job has a queue of ours, every queue a consumer, every tick of the schedule a job, every effect a line."""

import importlib
import pkgutil
from typing import Any

import lme_operator
from lme_operator.core import outbox
from lme_operator.entrypoints.jobs import QUEUES, create_celery
from lme_operator.entrypoints.jobs.schedule import FULFIL
from lme_operator.entrypoints.jobs.subscriptions import SUBSCRIPTIONS
from lme_operator.settings import Settings


def import_everything() -> None:
    for module in pkgutil.walk_packages(lme_operator.__path__, "lme_operator."):
        if not module.name.endswith("__main__"):
            importlib.import_module(module.name)


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
    assert own_jobs(app) == sent | {FULFIL}


def test_every_effect_that_a_room_promises_has_its_one_line() -> None:
    """The effects of the tests themselves begin with `prueba.`."""
    import_everything()
    assert {effect for effect in outbox.effects() if not effect.startswith("prueba.")} == set(SUBSCRIPTIONS)
