"""The jobs' application of the tests of faults: hurried, on a clock that moves, with one effect of its own.

Started as `celery --app tests.faults.outbox_worker worker` or `beat`, like the product's `celery_worker`.
"""

from typing import Any

from lme_operator.domain.identity import lock_people, raise_epoch
from lme_operator.entrypoints.jobs import create_celery
from lme_operator.entrypoints.jobs.effects import Inside
from lme_operator.entrypoints.jobs.subscriptions import SUBSCRIPTIONS
from lme_operator.settings import Settings
from tests.faults.outbox_storm import PERSON, RAISE

VISIBILITY = 4
MAIL_SECONDS = 1.5


def hurried(settings: Settings) -> Settings:
    """The settings with less patience, and the clock of a demonstration."""
    return settings.model_copy(
        update={
            "jobs": settings.jobs.model_copy(update={"visibility_seconds": VISIBILITY}),
            "mail": settings.mail.model_copy(update={"seconds": MAIL_SECONDS, "rest_seconds": 0.5}),
            "demonstration": settings.demonstration.model_copy(update={"movable_clock": True}),
        }
    )


def operator() -> Any:
    from lme_operator.wiring import build_operator

    return build_operator(hurried(Settings.load()), role="worker")


def _raise(_operator: Any, work: Any, _promise: Any) -> None:
    raise_epoch(work, PERSON)


app = create_celery(
    hurried(Settings.load()),
    operator=operator,
    subscriptions={**SUBSCRIPTIONS, RAISE: Inside(_raise, locks=lambda _operator, _promise: (lock_people(PERSON),))},
)
