"""The Celery application: queues, jobs and schedule."""

import functools
import logging
from collections.abc import Callable
from typing import Any, Protocol

from celery import Celery
from celery.signals import setup_logging
from kombu import Queue

from lme_operator.core.database import Database, Deadline
from lme_operator.core.refusal import Fault
from lme_operator.domain.audit import Log
from lme_operator.entrypoints.common.logs import configure_logs, log_failure
from lme_operator.entrypoints.jobs.broker import transport
from lme_operator.settings import Settings

LOG_QUEUE = "registro"
QUEUES = (LOG_QUEUE,)

SEAL_ATTEMPTS = "registro.sellar_intentos"

_SEAL_EVERY = 1.0
_TICK_EXPIRES = 5
_JOB_SECONDS = 10.0


class JobsOperator(Protocol):
    """What the jobs need of the operator."""

    @property
    def database(self) -> Database:
        """The database, as the worker's role."""

    @property
    def log(self) -> Log:
        """The audit log."""


def create_celery(settings: Settings, *, operator: Callable[[], JobsOperator]) -> Celery:
    """Build the application. `operator` is called once in each process that runs jobs: the schedule holds no keys."""
    app = Celery("lme", set_as_current=False)
    app.conf.update(
        **transport(settings),
        task_queues=[Queue(name) for name in QUEUES],
        task_default_queue=LOG_QUEUE,
        task_ignore_result=True,
        task_acks_late=True,
        task_reject_on_worker_lost=True,
        task_time_limit=settings.jobs.visibility_seconds - 10,
        worker_prefetch_multiplier=8,
        worker_enable_remote_control=False,
        worker_hijack_root_logger=False,
        worker_redirect_stdouts=False,
        broker_connection_retry_on_startup=True,
        enable_utc=True,
        timezone="UTC",
        beat_schedule={
            SEAL_ATTEMPTS: {
                "task": SEAL_ATTEMPTS,
                "schedule": _SEAL_EVERY,
                "options": {"queue": LOG_QUEUE, "expires": _TICK_EXPIRES},
            }
        },
    )
    _define_jobs(app, functools.cache(operator))
    return app


def _log_as_json(**_: Any) -> None:  # noqa: ANN401 - the signal's own shape
    """Log as the web does, and only what deserves a look: a tick every second is no news."""
    configure_logs(level=logging.WARNING)


setup_logging.connect(_log_as_json)


def _define_jobs(app: Celery, operator: Callable[[], JobsOperator]) -> None:
    @app.task(name=SEAL_ATTEMPTS, shared=False)  # type: ignore[untyped-decorator]
    def seal_attempts() -> None:
        """Enter the attempts waiting into the log, as one batch (N-3.0b)."""
        try:
            operator().log.seal_attempts(operator().database, Deadline(_JOB_SECONDS))
        except Fault as fault:
            log_failure(fault)
