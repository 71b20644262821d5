"""What goes wrong at a page is said by a page, in words of people; everywhere else by a problem document."""

import re
from dataclasses import replace
from typing import Any

import pytest

from lme_operator.core.refusal import Fault, Refusal, catalogue
from lme_operator.entrypoints.console.routes import build_console
from lme_operator.entrypoints.http.refusals import BODY_TOO_SLOW, BUSY
from lme_operator.wiring import create_app
from tests.factories.browsing import ADDRESS, Browsing, heading
from tests.factories.web import Web, problem_of

_OF_PROGRAMS = re.compile(
    r"Idempotency|id_solicitud|/api/|JSON|Content-Type|cabecera|token|cuerpo de la solicitud", re.I
)


@pytest.fixture
def doctor(web: Web) -> Browsing:
    return Browsing(web).entered(web.enrol())


def assert_page(answer: Any, status: int, title: str) -> None:
    assert (answer.status_code, answer.content_type) == (status, "text/html; charset=utf-8")
    assert heading(answer) == title
    assert answer.headers["X-Request-Id"] in answer.text
    assert not _OF_PROGRAMS.search(answer.text)
    assert "PRUEBAS" in answer.text


def test_pages_say_what_went_wrong_and_the_api_still_documents_it(web: Web, doctor: Browsing) -> None:
    assert_page(doctor.get("/consola/no-existe"), 404, "No encontramos esta página")
    assert_page(doctor.get("/consola/salir"), 405, "Esta dirección no admite eso")
    large = doctor.act("/consola/salir", relleno="x" * 300_000)
    assert_page(large, 413, "Lo que envió es demasiado grande")
    strange = doctor.client.post("/consola/salir", base_url=ADDRESS, json={}, headers={"Origin": ADDRESS})
    assert_page(strange, 415, "No se pudo hacer")
    problem_of(web.get("/api/no-existe"), 404, "no_encontrado")
    problem_of(web.get("/consolador"), 404, "no_encontrado")


@pytest.mark.parametrize(
    ("failure", "status", "title"),
    [
        (ValueError("secreto 12345678-5"), 500, "Tuvimos un problema"),
        (Fault("servicio_no_disponible"), 503, "El servicio no está disponible"),
        (Fault("resultado_desconocido", outcome_unknown=True), 503, "El servicio no está disponible"),
    ],
    ids=["ours", "a third party's", "nobody knows"],
)
def test_failure_tells_nothing_of_the_inside(
    web: Web, monkeypatch: pytest.MonkeyPatch, failure: Exception, status: int, title: str
) -> None:
    class Failing:
        def enter(self, **_: object) -> None:
            raise failure

    app = create_app(replace(web.operator, access=Failing()))  # type: ignore[arg-type]
    browsing = Browsing(replace(web, app=app))
    answer = browsing.send("/consola/entrar", run="15000001-7", clave="x", codigo="123456", contexto="individual")
    assert_page(answer, status, title)
    assert "secreto" not in answer.text


def test_who_is_turned_away_at_the_front_reads_a_page(web: Web) -> None:
    turn_away = web.app.extensions["browsers"].turn_away
    for kind, words in ((BUSY, "muchas personas"), (BODY_TOO_SLOW, "Revise su conexión")):
        answer = turn_away(Refusal(kind, retry_after=3))
        headers = {name.decode(): value.decode() for name, value in answer.headers}
        text = answer.body.decode()
        assert answer.status == kind.status
        assert headers["content-type"] == "text/html; charset=utf-8"
        assert headers["x-request-id"] in text
        assert headers["retry-after"] == "3"
        assert words in text
        assert not _OF_PROGRAMS.search(text)


def test_every_refusal_has_words_for_people(web: Web) -> None:
    """Those of machines' requests apart, and who has no session, who is led to the entry: no browser meets them."""
    browser_free = re.compile(r"firma_|clave_de_maquina|organizacion_|digesto|json_|falta_sesion")
    console = build_console(web.operator, browser=None, name="x", production=False)  # type: ignore[arg-type]
    spoken = [
        kind.code
        for kind in catalogue()
        if not browser_free.match(kind.code) and _OF_PROGRAMS.search(console.problems.words(kind))
    ]
    assert spoken == []
