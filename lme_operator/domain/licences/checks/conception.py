"""Section A.3: date of conception, only in maternal types."""

from lme_operator.core.decision import Finding
from lme_operator.domain.licences.checks.case import Case, finding

_WITH_CONCEPTION = frozenset({3, 7})


def check(case: Case) -> tuple[Finding, ...]:
    """Refuse a date of conception where the type has no place for it, or in the future."""
    conceived = case.order.conceived_on
    if conceived is None:
        return ()
    if case.order.kind not in _WITH_CONCEPTION:
        return (
            finding(
                "concepcion_no_corresponde",
                "/fecha_concepcion",
                "Este tipo de licencia no lleva fecha de concepción.",
                "Quite la fecha.",
            ),
        )
    if conceived > case.today:
        return (
            finding(
                "concepcion_futura",
                "/fecha_concepcion",
                "La fecha de concepción es posterior a hoy.",
                "Revise la fecha.",
            ),
        )
    return ()
