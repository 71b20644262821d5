"""Section A.3: date and time of an accident, and whether it was on the way."""

from lme_operator.core.decision import Finding
from lme_operator.core.periods import local_day
from lme_operator.domain.licences.checks.case import Case, finding

_WITH_ACCIDENT = frozenset({1, 5, 6})


def check(case: Case) -> tuple[Finding, ...]:
    """Refuse an accident in the future, after the rest began, or where the type has no place for it."""
    order, findings = case.order, []
    if order.accident_at is not None:
        if order.kind not in _WITH_ACCIDENT:
            findings.append(
                finding(
                    "accidente_no_corresponde",
                    "/fecha_hora_accidente",
                    "Este tipo de licencia no lleva fecha de accidente.",
                    "Quite la fecha.",
                )
            )
        elif order.accident_at > case.at:
            findings.append(
                finding(
                    "accidente_futuro",
                    "/fecha_hora_accidente",
                    "El accidente figura después de este momento.",
                    "Revise la fecha y la hora.",
                )
            )
        elif local_day(order.accident_at) > order.rest_starts_on:
            findings.append(
                finding(
                    "accidente_posterior_al_reposo",
                    "/fecha_hora_accidente",
                    "El accidente figura después del inicio del reposo.",
                    "Revise ambas fechas.",
                )
            )
    if order.on_the_way is not None and order.kind != 5:
        findings.append(
            finding(
                "trayecto_no_corresponde",
                "/trayecto",
                "El trayecto sólo se indica en accidentes del trabajo (tipo 5).",
                "Quite el trayecto.",
            )
        )
    return tuple(findings)
