"""The Celery application that `lme trabajar` and `lme agenda` start."""

from typing import TYPE_CHECKING

from lme_operator.entrypoints.jobs import create_celery
from lme_operator.settings import Settings

if TYPE_CHECKING:
    from lme_operator.wiring import Operator

settings = Settings.load()


def operator() -> "Operator":
    """Join the rooms as the worker; the schedule, which loads this file too, never does."""
    from lme_operator.wiring import build_operator  # noqa: PLC0415 - see above

    return build_operator(settings, role="worker")


app = create_celery(settings, operator=operator)
