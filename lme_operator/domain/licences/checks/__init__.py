"""The checks of a licence order: one file a rule, pure, each finding with its citation and the field at fault.

A check takes a `Case` (the order, who issues, the instant, the norm) and returns findings; all of them are run, so
that the professional sees every reason at once.
"""

from collections.abc import Callable

from lme_operator.core.decision import Decision, Finding
from lme_operator.domain.licences.checks import (
    accident,
    attention,
    conception,
    days,
    diagnosis,
    family,
    kind,
    rest,
    worker,
)
from lme_operator.domain.licences.checks.case import Case
from lme_operator.domain.licences.checks.kind import Kinds, kinds_for

Check = Callable[[Case], tuple[Finding, ...]]

CHECKS: tuple[Check, ...] = (
    kind.check,
    worker.check,
    family.check,
    days.check,
    rest.check,
    accident.check,
    conception.check,
    diagnosis.check,
    attention.check,
)


def check_order(case: Case) -> Decision:
    """Run every check; the decision carries all findings."""
    return Decision(tuple(finding for check in CHECKS for finding in check(case)))


__all__ = ["CHECKS", "Case", "Kinds", "check_order", "kinds_for"]
