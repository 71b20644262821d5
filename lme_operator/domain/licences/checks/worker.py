"""The worker of section A.1, and the card that the patient showed (N-2.4b)."""

import re

from lme_operator.core.decision import Finding
from lme_operator.domain.licences.checks.case import Case, finding

_OLDEST_YEARS = 120
_CARD = re.compile(r"[A-Z0-9]{6,12}")


def check(case: Case) -> tuple[Finding, ...]:
    """Refuse a birth in the future or beyond any age, and a card number that cannot be one."""
    order, findings = case.order, []
    if order.worker.born_on > case.today:
        findings.append(
            finding(
                "nacimiento_futuro",
                "/trabajador/fecha_nacimiento",
                "La fecha de nacimiento es posterior a hoy.",
                "Revise la fecha de nacimiento.",
            )
        )
    elif order.worker.born_on > order.rest_starts_on:
        findings.append(
            finding(
                "nacimiento_posterior_al_reposo",
                "/trabajador/fecha_nacimiento",
                "La fecha de nacimiento es posterior al inicio del reposo.",
                "Revise ambas fechas.",
            )
        )
    elif case.today.year - order.worker.born_on.year > _OLDEST_YEARS:
        findings.append(
            finding(
                "nacimiento_imposible",
                "/trabajador/fecha_nacimiento",
                f"La fecha de nacimiento da una edad de más de {_OLDEST_YEARS} años.",
                "Revise el año de nacimiento.",
            )
        )
    if not _CARD.fullmatch(order.certification.document_number):
        findings.append(
            finding(
                "numero_documento_invalido",
                "/certificacion_paciente/numero_documento",
                "El número de documento de la cédula debe tener entre 6 y 12 letras o cifras.",
                "Cópielo de la cédula, sin puntos ni espacios.",
            )
        )
    return tuple(findings)
