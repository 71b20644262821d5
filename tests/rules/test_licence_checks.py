"""Each check of an order, case by case."""

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from lme_operator.core.citation import is_citation
from lme_operator.domain.licences.checks import Case, check_order
from lme_operator.domain.licences.order import LicenceOrder
from lme_operator.domain.norms import Norms
from tests.factories.orders import ADDRESS, MONDAY, licence_order

NORMS = Norms.load(Path(__file__).parents[2] / "protocols")
TODAY = date(2026, 4, 20)
ORDER = licence_order()


def codes(order: LicenceOrder, profession: int = 1) -> set[str]:
    decision = check_order(Case(order=order, profession=profession, at=MONDAY, norms=NORMS))
    for finding in decision.findings:
        assert finding.pointer
        assert finding.pointer.startswith("/")
        assert is_citation(finding.norm)
        assert finding.remedy.endswith(".")
    return {finding.code for finding in decision.findings}


def test_sound_order_has_no_finding() -> None:
    assert codes(ORDER) == set()


def rest(**changes: Any) -> LicenceOrder:
    return licence_order(rest=replace(ORDER.rest, **changes))


def place(**changes: Any) -> LicenceOrder:
    return rest(places=(replace(ORDER.rest.places[0], **changes),))


def worker(**changes: Any) -> LicenceOrder:
    return licence_order(worker=replace(ORDER.worker, **changes))


def diagnosis(**changes: Any) -> LicenceOrder:
    return licence_order(diagnosis=replace(ORDER.diagnosis, **changes))


def attention(**changes: Any) -> LicenceOrder:
    return licence_order(attention=replace(ORDER.attention, **changes))


CASES = [
    (licence_order(days=0), {"dias_insuficientes"}),
    (licence_order(days=-1), {"dias_insuficientes"}),
    (licence_order(days=1), set()),
    (licence_order(days=365), set()),
    (licence_order(days=366), {"dias_excesivos"}),
    (licence_order(rest_starts_on=TODAY - timedelta(days=30)), set()),
    (licence_order(rest_starts_on=TODAY - timedelta(days=31)), {"inicio_muy_anterior"}),
    (licence_order(rest_starts_on=TODAY + timedelta(days=30)), set()),
    (licence_order(rest_starts_on=TODAY + timedelta(days=31)), {"inicio_muy_posterior"}),
    (licence_order(kind=2), {"tipo_no_habilitado"}),
    (licence_order(child=ORDER.worker), {"hijo_no_corresponde"}),
    (worker(born_on=TODAY + timedelta(days=1)), {"nacimiento_futuro"}),
    (worker(born_on=date(1905, 1, 1)), {"nacimiento_imposible"}),
    (worker(maternal_surname=None), set()),
    (rest(kind="parcial"), {"falta_jornada"}),
    (rest(kind="parcial", shifts=("manana",)), set()),
    (rest(kind="parcial", shifts=("manana", "manana")), {"jornada_repetida"}),
    (rest(kind="parcial", shifts=("manana", "tarde", "noche")), {"demasiadas_jornadas"}),
    (rest(shifts=("noche",)), {"jornada_no_corresponde"}),
    (rest(places=ORDER.rest.places * 2), {"lugar_repetido"}),
    (place(kind="otro_domicilio"), {"falta_justificacion"}),
    (place(kind="otro_domicilio", justification="Cuidado de su madre"), set()),
    (place(address=replace(ADDRESS, commune="99998")), {"comuna_inexistente"}),
    (place(address=replace(ADDRESS, commune="99999", country="AR")), set()),
    (place(address=replace(ADDRESS, commune="13101", country="AR")), {"comuna_no_corresponde"}),
    (place(address=replace(ADDRESS, commune="99999")), {"comuna_inexistente"}),
    (place(address=replace(ADDRESS, country="ZZ")), {"pais_inexistente"}),
    (place(address=replace(ADDRESS, commune="99999", country="ZZ")), {"pais_inexistente"}),
    (licence_order(accident_at=MONDAY), set()),
    (licence_order(accident_at=MONDAY + timedelta(seconds=1)), {"accidente_futuro"}),
    (
        licence_order(accident_at=MONDAY - timedelta(days=1), rest_starts_on=TODAY - timedelta(days=2)),
        {"accidente_posterior_al_reposo"},
    ),
    (licence_order(on_the_way=True), {"trayecto_no_corresponde"}),
    (licence_order(conceived_on=TODAY), {"concepcion_no_corresponde"}),
    (diagnosis(cie10="Y999X"), {"cie10_inexistente"}),
    (diagnosis(cie10="m54.5"), {"cie10_inexistente"}),
    (diagnosis(cie10="U07.1"), set()),
    (diagnosis(other_cie10="J06.9"), {"falta_otro_diagnostico"}),
    (attention(commune="00000"), {"comuna_inexistente"}),
    (attention(mode="telemedicina"), {"falta_plataforma"}),
    (attention(mode="telemedicina", platform="Plataforma X"), set()),
    (attention(platform="Plataforma X"), {"plataforma_no_corresponde"}),
    (licence_order(certification=replace(ORDER.certification, document_number="A 1")), {"numero_documento_invalido"}),
]


@pytest.mark.parametrize(("order", "expected"), CASES)
def test_order_is_judged(order: LicenceOrder, expected: set[str]) -> None:
    assert codes(order) == expected


def test_all_reasons_come_at_once() -> None:
    order = replace(worker(born_on=TODAY + timedelta(days=1)), days=0)
    assert codes(order) == {"dias_insuficientes", "nacimiento_futuro"}


@pytest.mark.parametrize(
    ("profession", "kind", "words"),
    [(2, 3, "Un cirujano dentista no puede"), (3, 1, "Una matrona o un matrón no puede"), (9, 1, "Su profesión no")],
)
def test_refused_type_names_the_profession_as_people_do(profession: int, kind: int, words: str) -> None:
    kinds = replace(NORMS.parameter("licencia.tipos_habilitados", at=MONDAY), value=(1, 3))
    others = tuple(one for one in NORMS.all() if one.name != kinds.name)
    case = Case(order=licence_order(kind=kind), profession=profession, at=MONDAY, norms=Norms((*others, kinds)))
    (finding,) = [one for one in check_order(case).findings if one.code == "tipo_no_permitido"]
    assert finding.cause.startswith(words)


@pytest.mark.parametrize(("profession", "expected"), [(1, set()), (2, set()), (3, {"tipo_no_permitido"})])
def test_profession_bounds_the_type(profession: int, expected: set[str]) -> None:
    """DS 3/1984 art. 6: a matrona issues maternal types only."""
    assert codes(ORDER, profession) == expected
