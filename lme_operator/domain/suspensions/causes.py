"""The room's voice in whether a person may act, and what was ordered about him."""

from datetime import datetime

from sqlalchemy.engine import Connection

from lme_operator.core.decision import Finding
from lme_operator.core.run import Run
from lme_operator.domain.suspensions import rules, store
from lme_operator.domain.suspensions.rules import Suspension


def causes(connection: Connection, run: Run, at: datetime) -> tuple[Finding, ...]:
    """Return a finding for each suspension that blocks now, at `at`; overlapping ones are all said. One query.

    Whatever is visible counts, though a host whose clock was ahead recorded it 'later' (N-6a, N-6b).
    """
    return tuple(rules.finding(one) for one in rules.blocking(store.of_person(connection, run), at))


def of_person(connection: Connection, run: Run) -> tuple[Suspension, ...]:
    """Return every suspension ever ordered about a person, whoever ordered it; what stands now, `causes` says."""
    return store.of_person(connection, run)
