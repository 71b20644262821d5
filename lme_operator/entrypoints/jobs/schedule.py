"""What happens by the clock: each tick a job, safe to skip, to repeat, and to run beside itself. Times are UTC."""

from collections.abc import Callable
from dataclasses import dataclass

from celery.schedules import crontab

from lme_operator.core.database import Deadline
from lme_operator.domain.enrolment import enrolled
from lme_operator.entrypoints.jobs.effects import JOB_SECONDS, JobsOperator

LOG_QUEUE = "registro"
OUTBOX_QUEUE = "bandeja"
OUTSIDE_QUEUE = "externos"
QUEUES = (LOG_QUEUE, OUTBOX_QUEUE, OUTSIDE_QUEUE)
"""Work that waits for outside parties has a queue of its own, so that other workers can be kept free of it."""

SWEEP = "rnpi.barrer"
SEAL_ATTEMPTS = "registro.sellar_intentos"
ERASE_DRAFTS = "emision.borrar_borradores"
HAND_OVER = "bandeja.despachar"
FULFIL = "bandeja.cumplir"


@dataclass(frozen=True, slots=True)
class Tick:
    """A job of the schedule: `every` so many seconds or at a crontab; unfetched after `expires` seconds it is dropped.

    `seconds` is the deadline of its use case.
    """

    job: str
    every: "float | crontab"
    queue: str
    run: Callable[[JobsOperator, Deadline], object]
    expires: int = 5
    seconds: float = JOB_SECONDS


def _sweep(operator: JobsOperator, deadline: Deadline) -> None:
    """Ask the RNPI about the enrolled who have no answer of today; the room knows at which hours (N-4a)."""
    with operator.database.reading(deadline=deadline) as connection:
        runs = enrolled(connection, operator.database.clock())
    operator.rnpi.sweep(runs=runs, deadline=deadline)


TICKS: tuple[Tick, ...] = (
    Tick(
        job=SEAL_ATTEMPTS,
        every=1.0,
        queue=LOG_QUEUE,
        run=lambda operator, deadline: operator.log.seal_attempts(operator.database, deadline),
    ),
    Tick(
        job=SWEEP,
        every=300.0,
        queue=OUTSIDE_QUEUE,
        run=_sweep,
        expires=240,
        seconds=40.0,
    ),
    Tick(
        job=ERASE_DRAFTS,
        every=600.0,
        queue=OUTBOX_QUEUE,
        run=lambda operator, deadline: operator.issuance.erase_old_drafts(deadline=deadline),
        expires=300,
    ),
)
