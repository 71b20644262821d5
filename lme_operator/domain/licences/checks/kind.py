"""The type of licence: enabled here, and allowed to the profession that issues (DS 3 de 1984, art. 6)."""

from dataclasses import dataclass
from datetime import datetime

from lme_operator.core.decision import Finding
from lme_operator.domain.licences.checks.case import Case, finding
from lme_operator.domain.norms import Norms

PROFESSIONS = {1: "Un médico cirujano", 2: "Un cirujano dentista", 3: "Una matrona o un matrón"}


@dataclass(frozen=True, slots=True)
class Kinds:
    """The types of licence for one profession: `own`, what it may issue; `open`, what of it is enabled here."""

    own: tuple[int, ...]
    open: tuple[int, ...]


def kinds_for(profession: int, *, norms: Norms, at: datetime) -> Kinds:
    """Return the types that a profession may issue, in their order, and those of them that are enabled here."""
    enabled = norms.parameter("licencia.tipos_habilitados", at=at).value
    own = tuple(sorted(_kinds_of(profession, norms, at)))
    return Kinds(own, tuple(kind for kind in own if not isinstance(enabled, tuple) or kind in enabled))


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
    if kind not in _kinds_of(case.profession, case.norms, case.at):
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


def _kinds_of(profession: int, norms: Norms, at: datetime) -> frozenset[int]:
    table = norms.parameter("licencia.tipos_por_profesion", at=at).value
    rows = table if isinstance(table, tuple) else ()
    for row in rows:
        of, _, kinds = str(row).partition(":")
        if int(of) == profession:
            return frozenset(int(kind) for kind in kinds.split(","))
    return frozenset()
