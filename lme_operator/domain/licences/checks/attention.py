"""How and where the patient was seen (Ley 21.746: remote attention through platforms)."""

from lme_operator.core.decision import Finding
from lme_operator.domain.licences.checks.case import Case, finding
from lme_operator.domain.licences.codes import is_commune


def check(case: Case) -> tuple[Finding, ...]:
    """Refuse a commune that does not exist, and a remote attention that names no platform."""
    attention, findings = case.order.attention, []
    if not is_commune(attention.commune):
        findings.append(
            finding(
                "comuna_inexistente",
                "/atencion/lugar/comuna",
                f"La comuna {attention.commune} no existe en el código único territorial.",
                "Elija la comuna de la lista.",
            )
        )
    if attention.mode == "telemedicina" and not attention.platform:
        findings.append(
            finding(
                "falta_plataforma",
                "/atencion/plataforma",
                "La atención por telemedicina necesita la plataforma usada.",
                "Indique la plataforma.",
            )
        )
    if attention.mode == "presencial" and attention.platform:
        findings.append(
            finding(
                "plataforma_no_corresponde",
                "/atencion/plataforma",
                "La atención presencial no lleva plataforma.",
                "Quite la plataforma.",
            )
        )
    return tuple(findings)
