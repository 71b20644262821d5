"""The type of licence: enabled here, and allowed to the profession that issues (DS 3 de 1984, art. 6)."""

from lme_operator.core.decision import Finding
from lme_operator.domain.licences.checks.case import Case, finding

PROFESSIONS = {1: "Un médico cirujano", 2: "Un cirujano dentista", 3: "Una matrona o un matrón"}


def check(case: Case) -> tuple[Finding, ...]:
    """Refuse a type that is not enabled or that this profession may not issue."""
    kind = case.order.kind
    enabled = case.norms.parameter("licencia.tipos_habilitados", at=case.at)
    if isinstance(enabled.value, tuple) and kind not in enabled.value:
        return (
            finding(
                "tipo_no_habilitado",
                "/tipo",
                f"El tipo de licencia {kind} no está habilitado en esta versión.",
                "Emita tipo 1 (enfermedad o accidente común).",
            ),
        )
    if kind not in _kinds_of(case):
        words = PROFESSIONS.get(case.profession, "Su profesión")
        return (
            finding(
                "tipo_no_permitido",
                "/tipo",
                f"{words} no puede emitir licencias de tipo {kind}.",
                "Derive al paciente a un profesional que pueda emitir ese tipo.",
            ),
        )
    return ()


def _kinds_of(case: Case) -> frozenset[int]:
    table = case.norms.parameter("licencia.tipos_por_profesion", at=case.at).value
    rows = table if isinstance(table, tuple) else ()
    for row in rows:
        profession, _, kinds = str(row).partition(":")
        if int(profession) == case.profession:
            return frozenset(int(kind) for kind in kinds.split(","))
    return frozenset()
