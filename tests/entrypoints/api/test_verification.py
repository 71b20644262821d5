"""Verifying by the API, and taking each copy of the form: what is asked, what is answered, what is refused."""

from typing import Any

import pytest

from tests.factories.licence_states import Outage
from tests.factories.web import OTHER, Web, problem_of

PATH = "/api/v1/verificaciones"
WRONG = "0000-0000-0000"


@pytest.fixture
def issued(web: Web, doctor: str) -> Any:
    return web.issue(doctor, web.prepare(doctor).json["preparacion"]).json


@pytest.mark.norm("N-2.6b")
def test_anybody_learns_that_it_is_authentic_and_no_diagnosis(web: Web, issued: Any) -> None:
    asked = {"folio": issued["folio"], "codigo": issued["codigo_verificacion"].lower().replace("-", " ")}
    answer = web.post(PATH, asked)
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.json == {
        "autentica": True,
        "licencia": {
            "folio": issued["folio"],
            "estado": "otorgada",
            "estado_glosa": "Otorgada",
            "estado_detalle": None,
            "firma": "Autorizada con código, declarado por el operador",
            "fecha_emision": answer.json["licencia"]["fecha_emision"],
            "profesional": "Antonia Paz Ñancupil Riquelme",
            "profesion": "Médico cirujano",
            "reposo_desde": "2026-04-20",
            "reposo_hasta": "2026-04-24",
            "dias": 5,
            "trabajador_iniciales": answer.json["licencia"]["trabajador_iniciales"],
            "trabajador_run": answer.json["licencia"]["trabajador_run"],
        },
    }
    assert "***" in answer.json["licencia"]["trabajador_run"]


WORDS = {
    "otorgada": "Otorgada",
    "otorgada_numeral_4": "Otorgada conforme al numeral 4 (RNPI no disponible)",
    "otorgada_numeral_4_confirmada": "Otorgada conforme al numeral 4, confirmada",
    "en_revision": "En revisión",
}


@pytest.mark.norm("N-4c")
@pytest.mark.parametrize("state", WORDS)
def test_the_state_is_the_present_one(web: Web, state: str) -> None:
    """Who knows the present state says it: never a constant, and never 'indeterminada' (fault A3)."""
    issued = Outage(web.people, web.operator.issuance, web.enrol()).issue(state)
    told = web.post(PATH, {"folio": issued.folio, "codigo": issued.verification_code}).json["licencia"]
    assert (told["estado"], told["estado_glosa"]) == (state, WORDS[state])
    assert (told["estado_detalle"] is None) is (state == "otorgada")
    if state == "en_revision":
        assert told["estado_detalle"].endswith("pregunte a Operador LME de pruebas, http://localhost:8020")


def test_a_wrong_code_and_an_unknown_folio_are_answered_alike(web: Web, issued: Any) -> None:
    known = web.post(PATH, {"folio": issued["folio"], "codigo": WRONG})
    unknown = web.post(PATH, {"folio": "7654321-6", "codigo": issued["codigo_verificacion"]})
    neither = web.post(PATH, {"folio": "7654321-6", "codigo": WRONG})
    assert {answer.status_code for answer in (known, unknown, neither)} == {200}
    assert known.json == unknown.json == neither.json == {"autentica": False, "licencia": None}
    assert len({frozenset(answer.headers.keys()) for answer in (known, unknown, neither)}) == 1


@pytest.mark.parametrize(
    ("body", "field", "code"),
    [
        ({"folio": "7654321-6", "codigo": "corto"}, "/codigo", "codigo_verificacion_invalido"),
        ({"folio": "7654321-6", "codigo": 5}, "/codigo", "codigo_verificacion_invalido"),
        ({"folio": "7654321-0", "codigo": WRONG}, "/folio", "run_digito_invalido"),
        ({"codigo": WRONG}, "/folio", "campo_faltante"),
        ({"folio": "7654321-6", "codigo": WRONG, "run": "1-9"}, "/run", "campo_desconocido"),
    ],
)
def test_what_cannot_be_read_is_said_at_its_field(web: Web, body: Any, field: str, code: str) -> None:
    document = problem_of(web.post(PATH, body), 422, "datos_invalidos")
    assert [(one["puntero"], one["codigo"]) for one in document["errores"]] == [(field, code)]


@pytest.mark.norm("N-3.0b")
def test_too_many_wrong_codes_are_told_how_long_to_wait(web: Web, issued: Any) -> None:
    answers = [web.post(PATH, {"folio": issued["folio"], "codigo": WRONG}) for _ in range(21)]
    assert {answer.status_code for answer in answers[:20]} == {200}
    problem_of(answers[20], 429, "demasiadas_verificaciones")
    assert 1 <= int(answers[20].headers["Retry-After"]) <= 2


@pytest.mark.norm("M-7")
def test_each_copy_is_a_pdf_by_its_name(web: Web, doctor: str, issued: Any) -> None:
    address = issued["enlaces"]["formulario"]
    assert address == f"/api/v1/licencias/{issued['id']}/documento.pdf"
    seen = set()
    for copy in ("trabajador", "empleador", "profesional", "comprobante"):
        answer = web.get(f"{address}?copia={copy}", token=doctor)
        assert (answer.status_code, answer.content_type) == (200, "application/pdf")
        name = f"licencia-{issued['folio']}-{copy}.pdf"
        assert answer.headers["Content-Disposition"] == f'attachment; filename="{name}"'
        seen.add(answer.data)
    assert len(seen) == 4
    assert web.get(address, token=doctor).data in seen
    assert web.get(f"{address}?copia=otra", token=doctor).status_code == 422
    stranger = web.enter(web.enrol(OTHER))
    problem_of(web.get(address, token=stranger), 404, "licencia_inexistente")
