"""The lock of persons, and their epochs under it."""

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.engine import Connection

from lme_operator.core.database import Lock, LockRank, Work
from lme_operator.core.questions import Question
from lme_operator.core.run import Run
from lme_operator.domain.identity.facts import people

_ROWS = (
    sa.select(people.c.run, people.c.epoch)
    .where(people.c.run == sa.any_(sa.bindparam("runs", type_=sa.ARRAY(sa.Text))))
    .order_by(people.c.run)
)
_WAIT, _NOWAIT = (Question(_ROWS.with_for_update(key_share=True, nowait=nowait)) for nowait in (False, True))


def lock_people(*runs: Run, nowait: bool = False, create: bool = False) -> Lock:
    """Lock the rows of all persons of an act, each once, in one pass by RUN; pass it to `unit_of_work`.

    FOR NO KEY UPDATE, so that inserts of facts that point at the person do not wait. `nowait` turns the act away when
    a row is taken (issuing); blocks wait. `create` first makes the rows that are missing (enrolment, orders).
    """
    wanted = sorted({str(run) for run in runs})
    if not wanted:
        raise ValueError("nobody to lock")
    prepare = insert(people).values([{"run": run} for run in wanted]).on_conflict_do_nothing() if create else None
    return Lock(LockRank.PERSON, _NOWAIT if nowait else _WAIT, prepare, nowait, {"runs": wanted})


def find_epoch(connection: Connection, run: Run) -> int | None:
    """Return the person's present epoch without a lock, to compare later under it; None if there is no such person."""
    epoch: int | None = connection.execute(
        sa.select(people.c.epoch).where(people.c.run == str(run))
    ).scalar_one_or_none()
    return epoch


def locked_epoch(work: Work, run: Run) -> int | None:
    """Return the person's epoch as it was when this work took the lock; None if there is no such person.

    Raises `LookupError` when the work holds no lock of persons: an epoch read without it proves nothing.
    """
    if LockRank.PERSON not in work.locked:
        raise LookupError("no person is locked")
    text = str(run)
    return next((row.epoch for row in work.locked[LockRank.PERSON] if row.run == text), None)


def raise_epoch(work: Work, run: Run) -> int:
    """Raise the person's epoch by one and return it: what was born before is dead when this commits.

    Raises `LookupError` when the work does not hold the person's lock.
    """
    if locked_epoch(work, run) is None:
        raise LookupError("the person is not locked")
    raised: int = work.execute(
        sa.update(people).where(people.c.run == str(run)).values(epoch=people.c.epoch + 1).returning(people.c.epoch)
    ).scalar_one()
    return raised
