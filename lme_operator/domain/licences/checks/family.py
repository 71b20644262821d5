"""The child of section A.2: only in the types that need one."""

from lme_operator.core.decision import Finding
from lme_operator.domain.licences.checks.case import Case, finding

_WITH_CHILD = frozenset({3, 4})


def check(case: Case) -> tuple[Finding, ...]:
    """Refuse a child's data where the type has no place for them."""
    if case.order.child is not None and case.order.kind not in _WITH_CHILD:
        return (
            finding(
                "hijo_no_corresponde",
                "/hijo",
                "Este tipo de licencia no lleva datos de un hijo o hija.",
                "Quite los datos del hijo o hija, o cambie el tipo de licencia.",
            ),
        )
    return ()
