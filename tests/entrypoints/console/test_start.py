"""The start says what the person may do today, what was looked at, and every reason if not."""

from datetime import timedelta
from typing import Any

import pytest

from tests.factories.browsing import Browsing, heading
from tests.factories.licence_pages import Writing
from tests.factories.people import SECRET
from tests.factories.rnpi import ABSENT, DOWN
from tests.factories.web import DOCTOR, Web


@pytest.mark.norm("N-4a", "N-2.3b")
def test_who_may_issue_is_told_so_and_on_what_it_rests(web: Web) -> None:
    page = Browsing(web).entered(web.enrol()).get("/consola")
    assert heading(page) == "Puede emitir hoy"
    for words in ("Inscripción vigente", "Ninguna vigente", "Vence el 20-10-2026", "Aplicación de códigos"):
        assert words in page.text
    assert "Cámbiela pronto" not in page.text


@pytest.mark.norm("N-2.3b")
def test_password_about_to_expire_is_told_before(web: Web) -> None:
    run = web.enrol()
    web.clock.advance(seconds=timedelta(days=170).total_seconds())
    assert "Cámbiela pronto" in Browsing(web).entered(run).get("/consola").text


@pytest.mark.norm("N-2.7a")
def test_who_may_not_issue_reads_every_reason_and_what_to_do(web: Web) -> None:
    browsing = Browsing(web).entered(web.enrol())
    browsing.act("/consola/bloqueo")
    page = Browsing(web).entered(DOCTOR).get("/consola")
    assert heading(page) == "No puede emitir hoy"
    assert "Usted bloqueó sus medios de acceso." in page.text
    assert "Acredite de nuevo su identidad en persona" in page.text


def test_whose_page_it_is_stands_at_its_top_and_markup_in_a_name_is_text(web: Web) -> None:
    run = web.enrol(secret=SECRET, given_names="Ñusta <b>O'Higgins</b>")
    text = Browsing(web).entered(run).get("/consola").text
    assert "Ñusta &lt;b&gt;O&#39;Higgins&lt;/b&gt; Ñancupil Riquelme" in text
    assert run.display in text
    assert "Práctica individual" in text


def register(web: Web) -> Any:
    """The RNPI as the tests play it."""
    return web.operator.rnpi.registry


@pytest.mark.norm("N-4c")
def test_register_that_did_not_answer_is_told_and_leaves_one_issue(web: Web) -> None:
    run = web.enrol()
    Browsing(web).entered(run)
    web.clock.advance(seconds=timedelta(days=1).total_seconds())
    register(web).now = DOWN
    page = Browsing(web).entered(run).get("/consola")
    assert heading(page) == "Puede emitir hoy"
    assert "No pudimos consultar el RNPI. Puede emitir; dejamos constancia" in page.text
    assert "Emitir licencia" in page.text


@pytest.mark.norm("N-4b")
def test_session_restricted_by_the_register_sees_why_and_no_licence(web: Web) -> None:
    run = web.enrol()
    register(web).now = ABSENT
    browsing = Browsing(web).entered(run)
    page = browsing.get("/consola")
    assert heading(page) == "No puede emitir hoy"
    assert "Intendencia de Prestadores" in page.text
    assert "Borradores" not in page.text
    assert "Emitir licencia" not in page.text
    assert browsing.get("/consola/licencias").status_code == 403
    stopped = browsing.act("/consola/licencias/nueva")
    assert (stopped.status_code, heading(stopped)) == (403, "No puede emitir hoy")


@pytest.mark.norm("N-4a")
def test_day_that_turns_in_a_session_lets_one_write_and_asks_again_at_the_review(web: Web) -> None:
    web.clock.advance(seconds=timedelta(hours=13, minutes=50).total_seconds())  # 10 minutes to midnight in Santiago
    browsing = Browsing(web).entered(web.enrol())
    web.clock.advance(seconds=timedelta(minutes=20).total_seconds())
    page = browsing.get("/consola")
    assert heading(page) == "No puede emitir hoy"
    assert "volvemos a consultar" in page.text
    prepared = Writing.started(browsing).prepared(fecha_inicio="21-04-2026")
    assert heading(browsing.get(prepared)) == "Revisar y firmar"
    assert heading(browsing.get("/consola")) == "Puede emitir hoy"
