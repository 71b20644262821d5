"""The Celery application: queues, jobs and schedule."""

import functools
import logging
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID

from celery import Celery
from celery.signals import setup_logging
from kombu import Queue

from lme_operator.core import outbox
from lme_operator.core.database import Deadline
from lme_operator.core.refusal import Fault
from lme_operator.entrypoints.http.logs import configure_logs, log_failure
from lme_operator.entrypoints.jobs.broker import transport
from lme_operator.entrypoints.jobs.effects import JOB_SECONDS, JobsOperator, Outside, Subscription, fulfil
from lme_operator.entrypoints.jobs.schedule import (
    FULFIL,
    HAND_OVER,
    LOG_QUEUE,
    OUTBOX_QUEUE,
    OUTSIDE_QUEUE,
    QUEUES,
    TICKS,
    Tick,
)
from lme_operator.entrypoints.jobs.subscriptions import SUBSCRIPTIONS
from lme_operator.settings import Settings

_HAND_OVER_EVERY = 1.0
_IN_HAND_AT_MOST = 400
"""Promises that the messenger holds at a time: more would grow old in its queue."""
_TICK_EXPIRES = 5


def create_celery(
    settings: Settings,
    *,
    operator: Callable[[], JobsOperator],
    subscriptions: Mapping[str, Subscription] = SUBSCRIPTIONS,
) -> Celery:
    """Build the application. `operator` is called once in each process that runs jobs: the schedule holds no keys."""
    app = Celery("lme", set_as_current=False)
    app.conf.update(
        **transport(settings),
        task_queues=[Queue(name) for name in QUEUES],
        task_default_queue=LOG_QUEUE,
        task_ignore_result=True,
        task_acks_late=True,
        task_reject_on_worker_lost=True,
        task_time_limit=settings.jobs.task_seconds,
        worker_prefetch_multiplier=8,
        worker_enable_remote_control=False,
        worker_hijack_root_logger=False,
        worker_redirect_stdouts=False,
        broker_connection_retry_on_startup=True,
        enable_utc=True,
        timezone="UTC",
        beat_schedule={
            HAND_OVER: _beat(HAND_OVER, every=_HAND_OVER_EVERY, queue=OUTBOX_QUEUE, expires=_TICK_EXPIRES),
            **{tick.job: _beat(tick.job, every=tick.every, queue=tick.queue, expires=tick.expires) for tick in TICKS},
        },
    )
    once = functools.cache(operator)
    for tick in TICKS:
        _define_tick(app, tick, once)
    # One told and not done in the time after which the messenger itself would deliver it again is told again.
    again_after = timedelta(seconds=settings.jobs.visibility_seconds + 2)
    _define_outbox(app, once, subscriptions, again_after=again_after)
    return app


def _log_as_json(**_: Any) -> None:  # noqa: ANN401 - the signal's own shape
    """Log as the web does, and only what deserves a look: a tick every second is no news."""
    configure_logs(level=logging.WARNING)


setup_logging.connect(_log_as_json)


def _beat(job: str, *, every: Any, queue: str, expires: int) -> dict[str, Any]:  # noqa: ANN401 - Celery's own kinds
    return {"task": job, "schedule": every, "options": {"queue": queue, "expires": expires}}


def _define_tick(app: Celery, tick: Tick, operator: Callable[[], JobsOperator]) -> None:
    @app.task(name=tick.job, shared=False)  # type: ignore[untyped-decorator]
    def run() -> None:
        try:
            tick.run(operator(), Deadline(tick.seconds))
        except Fault as fault:
            log_failure(fault)


def _define_outbox(
    app: Celery,
    operator: Callable[[], JobsOperator],
    subscriptions: Mapping[str, Subscription],
    *,
    again_after: timedelta,
) -> None:
    @app.task(name=HAND_OVER, shared=False)  # type: ignore[untyped-decorator]
    def hand_over() -> None:
        """Tell the workers of what is due; it is marked before, and told again if nobody does it in time."""
        try:
            with operator().database.unit_of_work(deadline=Deadline(JOB_SECONDS)) as work:
                told = outbox.hand_over(work, again_after=again_after, at_most=_IN_HAND_AT_MOST)
        except Fault as fault:
            log_failure(fault)
            return
        for promise_id, effect in told:
            app.send_task(
                FULFIL,
                args=[str(promise_id)],
                queue=_queue_of(subscriptions.get(effect)),
                expires=again_after.total_seconds(),
                retry=False,
            )

    # Acknowledged when it starts: the outbox tells of it again, and counts, so the messenger need not.
    @app.task(name=FULFIL, shared=False, acks_late=False)  # type: ignore[untyped-decorator]
    def do(promise_id: str) -> None:
        """Do one promised effect."""
        try:
            fulfil(operator(), UUID(promise_id), subscriptions.__getitem__)
        except Fault as fault:
            log_failure(fault)


def _queue_of(subscription: Subscription | None) -> str:
    """What waits for outside parties goes apart; what this version does not know yet is judged where it is done."""
    return OUTSIDE_QUEUE if isinstance(subscription, Outside) else OUTBOX_QUEUE
