"""The start says what the person may do today, what was looked at, and every reason if not."""

from datetime import timedelta

import pytest

from tests.factories.browsing import Browsing, heading
from tests.factories.people import SECRET
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
