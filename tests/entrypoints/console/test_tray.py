"""The tray of test systems: there in a demonstration, nowhere else."""

import json
import re
from pathlib import Path
from typing import Any

import pyotp
import pytest

from lme_operator.settings import Settings
from lme_operator.wiring import create_app
from tests.factories.people import OTHER_PASSWORD, PASSWORD
from tests.factories.web import Web, operator_of, web_settings

PERSON = {
    "apodo": "médica", "run": "15000001-7", "nombre": "Ñusta <b>O'Higgins</b>", "clave": "una clave",
    "totp": "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP", "correo": "medica@pruebas.example",
}  # fmt: skip


def with_pages(settings: Settings, *, pages: bool) -> Settings:
    shown = settings.demonstration.model_copy(update={"pages": pages})
    return settings.model_copy(update={"demonstration": shown})


@pytest.fixture
def settings(tmp_path: Path, application_url: str) -> Settings:
    return web_settings(tmp_path, application_url)


def test_shows_each_persons_code_of_the_moment(settings: Settings, clock: Any) -> None:
    (settings.home / "demo.json").write_text(json.dumps({"personas": [PERSON]}), encoding="utf-8")
    with operator_of(with_pages(settings, pages=True), clock) as operator:
        client = create_app(operator).test_client()
        clock.advance(seconds=7)
        answer = client.get("/pruebas/bandeja")
        code = pyotp.TOTP(PERSON["totp"]).at(clock())
        assert f"{code[:3]} {code[3:]}" in answer.text
        assert "PRUEBAS – sin validez legal" in answer.text
        assert 'data-segundos="23"' in answer.text
        assert "15.000.001-7" in answer.text
        assert "<b>" not in answer.text

        clock.advance(seconds=30)
        assert f"{code[:3]} {code[3:]}" not in client.get("/pruebas/bandeja").text


def test_an_initial_password_that_was_changed_is_not_shown(settings: Settings, clock: Any) -> None:
    person = {**PERSON, "rol": "profesional_nuevo"}
    (settings.home / "demo.json").write_text(json.dumps({"personas": [person]}), encoding="utf-8")
    with operator_of(with_pages(settings, pages=True), clock) as operator:
        web = Web(create_app(operator), operator, clock)
        web.enrol(initial=True)
        assert PERSON["clave"] in web.get("/pruebas/bandeja").text
        token = web.post("/api/v1/sesiones", web.entry()).json["token"]
        changed = web.send(
            "PUT", "/api/v1/sesiones/actual/clave", {"actual": PASSWORD, "nueva": OTHER_PASSWORD}, token=token
        )
        assert changed.status_code == 204, changed.text
        shown = web.get("/pruebas/bandeja").text
    assert PERSON["clave"] not in shown
    assert "(la cambió)" in shown


def test_start_page_of_a_test_system_leads_to_the_tray(settings: Settings, clock: Any) -> None:
    with operator_of(with_pages(settings, pages=True), clock) as operator:
        answer = create_app(operator).test_client().get("/")
        assert (answer.status_code, answer.headers["Location"]) == (303, "/pruebas/bandeja")


def test_works_without_scripts_and_allows_none_of_elsewhere(settings: Settings, clock: Any) -> None:
    with operator_of(with_pages(settings, pages=True), clock) as operator:
        client = create_app(operator).test_client()
        page = client.get("/pruebas/bandeja")
        assert '<noscript><meta http-equiv="refresh"' in page.text
        assert not re.search(r"<script(?! src=\"/pruebas/)|<style|style=|onclick|https?://", page.text)
        policy = page.headers["Content-Security-Policy"]
        assert "script-src 'self'" in policy
        assert "unsafe" not in policy
        for file, media in (("bandeja.css", "text/css"), ("bandeja.js", "text/javascript")):
            answer = client.get(f"/pruebas/{file}")
            assert answer.status_code == 200
            assert answer.mimetype == media


def test_is_not_even_published_where_the_settings_do_not_say_so(settings: Settings, clock: Any) -> None:
    with operator_of(with_pages(settings, pages=False), clock) as operator:
        app = create_app(operator)
        assert not [rule for rule in app.url_map.iter_rules() if rule.rule.startswith("/pruebas")]
        assert app.test_client().get("/pruebas/bandeja").status_code == 404


def keep(home: Path, name: str, **changes: Any) -> None:
    """Leave a message where the sandbox leaves what it catches."""
    content = {
        "canal": "correo", "direccion": "medica@pruebas.example", "asunto": "Su código", "referencia": "x",
        "texto": "Señora <b>Ñancupil</b>:\n\nSu código es 482913.", "recibido_en": "2026-04-20T14:00:05.000000Z",
    }  # fmt: skip
    (home / "buzon").mkdir(exist_ok=True)
    (home / "buzon" / f"{name}.json").write_text(json.dumps({**content, **changes}), encoding="utf-8")


def test_shows_the_last_messages_caught_the_newest_first(settings: Settings, clock: Any) -> None:
    with operator_of(with_pages(settings, pages=True), clock) as operator:
        client = create_app(operator).test_client()
        assert "Todavía no se ha enviado ningún mensaje" in client.get("/pruebas/bandeja").text
        keep(settings.home, "1")
        keep(settings.home, "2", canal="sms", direccion="+56912345678", asunto=None, texto="Su código es 11223344.")
        page = client.get("/pruebas/bandeja").text
        codes = re.findall(r'<p class="code"><span class="hidden">Código: </span>(\d+)</p>', page)
        assert codes == ["11223344", "482913"]
        assert "SMS a +56912345678" in page
        assert "20-04-2026 10:00:05" in page
        assert "<b>" not in page
        for number in range(30):
            keep(settings.home, f"3{number:02}", texto=f"mensaje {number:02}")
        page = client.get("/pruebas/bandeja").text
        assert re.findall(r"mensaje (\d\d)", page) == [f"{number:02}" for number in range(29, 17, -1)]


def test_what_is_no_code_is_not_shown_as_one(settings: Settings, clock: Any) -> None:
    with operator_of(with_pages(settings, pages=True), clock) as operator:
        keep(settings.home, "1", texto="Folio 12345, RUN 11111111-1, teléfono +56912345678, clave 12ab56.")
        page = create_app(operator).test_client().get("/pruebas/bandeja").text
        assert 'class="code"' not in page
