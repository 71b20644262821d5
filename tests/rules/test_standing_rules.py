"""The table act × cause: each cause, and what may still be done under it."""

import pytest

from lme_operator.domain.standing import Act, stands_against
from lme_operator.domain.standing.rules import known_causes

ALLOWED: dict[str, set[Act]] = {
    "suspension_vigente": set(Act) - {Act.ISSUE},
    "bloqueo_propio": {Act.BLOCK_SELF, Act.SEE_RESULT},
    "sin_enrolamiento": set(Act) - {Act.ISSUE, Act.DRAFT},
    "enrolado_en_otro_contexto": set(Act) - {Act.ISSUE, Act.DRAFT},
    "sin_convenio": set(Act) - {Act.ISSUE, Act.DRAFT},
    "clave_inicial": {Act.BLOCK_SELF},
    "clave_vencida": set(Act) - {Act.ISSUE, Act.ANNUL, Act.DRAFT, Act.KEEP_KEYS},
    "sin_factor_de_firma": set(Act) - {Act.ISSUE, Act.ANNUL},
    "rnpi_no_vigente": {Act.BLOCK_SELF, Act.SEE_RESULT},
    "rnpi_sin_consulta": set(Act) - {Act.ISSUE, Act.ANNUL},
}


def test_every_cause_is_here() -> None:
    assert set(ALLOWED) == known_causes()


@pytest.mark.norm("N-2.7a", "N-4b", "N-2.3a", "N-2.3b", "N-6a")
@pytest.mark.parametrize("cause", ALLOWED)
def test_what_may_be_done_under_a_cause(cause: str) -> None:
    assert {act for act in Act if not stands_against(cause, act)} == ALLOWED[cause]


def test_unknown_cause_leaves_the_own_block_alone() -> None:
    assert {act for act in Act if not stands_against("desconocida", act)} == {Act.BLOCK_SELF}
