"""The tray of test systems before a real browser: with scripts it follows what comes in, without them it reloads."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from tests.factories.live import Live, serve
from tests.journeys.looking import check_page

PERSON = {
    "apodo": "médica", "run": "15000001-7", "nombre": "Ñusta Quispe", "clave": "una clave de la demostración",
    "totp": "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP", "correo": "medica@pruebas.example",
}  # fmt: skip

SMS = {
    "canal": "sms", "direccion": "+56912345678", "asunto": None, "texto": "Su código de activación es 11223344.",
}  # fmt: skip

pytestmark = pytest.mark.needs("chromium")


def keep(home: Path, number: int, **changes: Any) -> None:
    content = {
        "canal": "correo", "direccion": "medica.con.un.nombre.muy.largo.para.su.casilla@pruebas.operador.example",
        "asunto": "PRUEBAS – sin validez legal: Código para confirmar su correo", "referencia": "x",
        "texto": "PRUEBAS – sin validez legal\n\nSeñora Quispe:\n\nSu código es 482913. Vence en 24 horas.",
        "recibido_en": "2026-04-20T14:00:05.000000Z",
    }  # fmt: skip
    (home / "buzon").mkdir(exist_ok=True)
    fresh = home / "buzon" / "nuevo"
    fresh.write_text(json.dumps({**content, **changes}), encoding="utf-8")
    fresh.rename(home / "buzon" / f"{number}.json")


@pytest.fixture
def live(tmp_path: Path, role_url: Callable[[str], str]) -> Iterator[Live]:
    """The product, serving as a demonstration."""
    (tmp_path / "demo.json").write_text(json.dumps({"personas": [PERSON, PERSON]}), encoding="utf-8")
    with serve(tmp_path, role_url, workers=1, LME_ENV="development") as running:
        yield running


@pytest.fixture
def page(browser: Browser, live: Live) -> Iterator[Page]:
    """The tray with scripts."""
    yield from _page(browser, live, scripts=True)


@pytest.fixture
def plain_page(browser: Browser, live: Live) -> Iterator[Page]:
    """The tray without scripts."""
    yield from _page(browser, live, scripts=False)


def _page(browser: Browser, live: Live, *, scripts: bool) -> Iterator[Page]:
    context = browser.new_context(base_url=live.url, locale="es-CL", java_script_enabled=scripts)
    context.set_default_timeout(20_000)
    yield context.new_page()
    context.close()


def test_what_comes_in_is_seen_without_reloading_by_hand(page: Page, tmp_path: Path) -> None:
    keep(tmp_path, 1)
    page.goto("/pruebas/bandeja")
    page.get_by_text("Código: 482913", exact=True).wait_for()
    keep(tmp_path, 2, **SMS)
    page.get_by_role("heading", name="SMS a +56912345678").wait_for()


def test_works_without_scripts(plain_page: Page, tmp_path: Path) -> None:
    keep(tmp_path, 1)
    plain_page.goto("/pruebas/bandeja")
    plain_page.get_by_text("Código: 482913", exact=True).wait_for()
    keep(tmp_path, 2, **SMS)
    plain_page.get_by_role("link", name="Actualizar").click()
    plain_page.get_by_role("heading", name="SMS a +56912345678").wait_for()


def test_is_accessible_and_fits_every_screen(page: Page, tmp_path: Path) -> None:
    page.goto("/pruebas/bandeja")
    check_page(page, "bandeja-vacia")
    keep(tmp_path, 1)
    keep(tmp_path, 2, **SMS)
    page.reload()
    check_page(page, "bandeja")
