"""Sections A.6 and AC: the diagnosis and its CIE-10 codes."""

from lme_operator.core.decision import Finding
from lme_operator.domain.licences.checks.case import Case, finding
from lme_operator.domain.licences.codes import is_cie10


def check(case: Case) -> tuple[Finding, ...]:
    """Refuse codes that do not exist, and a second code without its words."""
    diagnosis, findings = case.order.diagnosis, []
    for code, pointer in ((diagnosis.cie10, "codigo_cie10"), (diagnosis.other_cie10, "codigo_otro")):
        if code is not None and not is_cie10(code):
            findings.append(
                finding(
                    "cie10_inexistente",
                    f"/diagnostico/{pointer}",
                    f"El código {code} no existe en la CIE-10.",
                    "Use un código como M54.5.",
                )
            )
    if diagnosis.other_cie10 is not None and diagnosis.other is None:
        findings.append(
            finding(
                "falta_otro_diagnostico",
                "/diagnostico/otro",
                "Hay un código de otro diagnóstico sin su descripción.",
                "Escriba el otro diagnóstico.",
            )
        )
    return tuple(findings)
