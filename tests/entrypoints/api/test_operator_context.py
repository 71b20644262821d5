"""A session of the operator's own people is good for nothing that a professional does (N-1f, N-2.6b)."""

from uuid import uuid4

import pytest

from tests.factories.people import OFFICER, OPERATOR
from tests.factories.web import Web, problem_of


@pytest.fixture
def officer(web: Web) -> str:
    """The token of an officer who is enrolled as a professional too, and has issued a licence as such."""
    run = web.people.enrol(OFFICER)
    web.people.officer(OFFICER)
    return web.people.enter(run, context=OPERATOR, code=web.people.next_code()).token


@pytest.mark.norm("N-1f", "N-2.6b")
def test_session_of_the_operator_issues_nothing_and_reads_no_licence(web: Web) -> None:
    run = web.people.enrol(OFFICER)
    token = web.enter(run)
    licence = web.issue(token, web.prepare(token).json["preparacion"]).json["id"]
    web.people.officer(OFFICER)
    officer = web.people.enter(run, context=OPERATOR, code=web.people.next_code()).token
    refused = problem_of(web.prepare(officer), 403, "no_puede_emitir")
    assert "enrolado_en_otro_contexto" in {reason["codigo"] for reason in refused["motivos"]}
    assert web.issue(officer, str(uuid4())).status_code in (403, 404, 409)
    for part in ("", "/documento.xml", "/evidencia.zip"):
        assert web.get(f"/api/v1/licencias/{licence}{part}", token=officer).status_code == 404


def test_state_tells_the_operators_context(web: Web, officer: str) -> None:
    state = web.get("/api/v1/profesional/estado", token=officer)
    assert state.status_code == 200, state.text
    assert state.json["contexto"] == {"tipo": "operador", "rut": None}
    assert not state.json["puede_emitir"]["permitido"]


def test_api_opens_no_session_in_the_operators_context(web: Web, officer: str) -> None:
    body = web.entry(contexto={"tipo": "operador"})
    problem_of(web.post("/api/v1/sesiones", body), 422, "datos_invalidos")
