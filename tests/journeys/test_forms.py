"""Forms as browsers send them: twice, too large, from elsewhere, after going back."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.factories.live import Live
from tests.journeys.applications import UPLOAD
from tests.journeys.looking import OFFICER, Visit

pytestmark = pytest.mark.needs("chromium")


@pytest.fixture
def live(shared_live: Live) -> Live:
    return shared_live


@pytest.fixture
def entered(visit: Visit) -> Visit:
    """A professional at the console."""
    visit.enter(visit.live.enrol())
    assert visit.heading == "Puede emitir hoy"
    return visit


def test_double_click_is_one_act_and_shows_its_answer(visit: Visit) -> None:
    """The second sending of the same form gets the answer of the first: one session, and no code said to be used."""
    run = visit.live.enrol()
    visit.go("/consola/entrar")
    visit.fill(run=run.display, clave="volantin azul sobre el cerro", codigo=visit.next_code())
    visit.choose("En mi práctica individual")
    visit.page.get_by_role("button", name="Entrar", exact=True).dblclick(no_wait_after=True)
    expect(visit.page.locator("h1")).to_have_text("Puede emitir hoy")
    sessions = f"SELECT count(*) FROM credentials.session WHERE run = '{run}'"
    assert [row[0] for row in visit.live.rows(sessions)] == [1]


def test_large_document_arrives_whole_and_a_larger_one_is_told_by_a_page(visit: Visit, tmp_path: Path) -> None:
    visit.enter(visit.live.people.officer(), as_=OFFICER)
    entered, page = visit, visit.page
    for name, size in (("cédula.pdf", 12 * 1024 * 1024), ("vacía.pdf", 0)):
        (tmp_path / name).write_bytes(b"x" * size)
        entered.go(UPLOAD)
        page.locator("[name=documento]").set_input_files(tmp_path / name)
        entered.press("Enviar")
        assert page.locator("p").inner_text() == f"{name}: {size} bytes, ñandú"
    for megabytes in (13, 50):
        (tmp_path / "grande.pdf").write_bytes(b"x" * megabytes * 1024 * 1024)
        entered.go(UPLOAD)
        page.locator("[name=documento]").set_input_files(tmp_path / "grande.pdf")
        entered.press("Enviar")
        assert entered.heading == "Lo que envió es demasiado grande"
        assert "12 MB" in page.locator("main").inner_text()
    entered.look("413")
    entered.page.get_by_role("link", name="Volver a la página").click()
    expect(page).to_have_url(re.compile(UPLOAD))


@pytest.mark.norm("N-7a")
def test_large_document_of_who_does_not_work_for_the_operator_is_not_taken(entered: Visit, tmp_path: Path) -> None:
    (tmp_path / "cédula.pdf").write_bytes(b"x" * 1024 * 1024)
    entered.go(UPLOAD)
    entered.page.locator("[name=documento]").set_input_files(tmp_path / "cédula.pdf")
    entered.press("Enviar")
    assert entered.heading == "No pudimos leer lo que se envió"


def test_nothing_is_kept_by_the_browser_after_leaving(entered: Visit) -> None:
    entered.press("Salir")
    entered.page.go_back()
    assert entered.heading == "Entrar"
    assert {cookie["name"] for cookie in entered.context.cookies()} == {"lme-visita"}


def test_policy_stops_whatever_is_written_into_a_page(entered: Visit) -> None:
    """What axe brings along goes in from outside the page; what the page itself brings does not run."""
    page = entered.page
    page.evaluate("""() => {
        document.body.insertAdjacentHTML(
            'beforeend', '<style>h1{display:none}</style><p style="color:red" id="p">x</p>');
        const script = document.createElement('script');
        script.textContent = 'window.planted = true';
        document.body.append(script);
    }""")
    assert page.evaluate("window.planted") is None
    expect(page.locator("h1")).to_be_visible()
    assert page.evaluate("getComputedStyle(document.getElementById('p')).color") != "rgb(255, 0, 0)"


def test_everything_is_reached_by_keyboard_and_the_focus_is_seen(visit: Visit) -> None:
    run, keyboard = visit.live.enrol(), visit.page.keyboard
    visit.go("/consola/entrar")
    keyboard.press("Tab")
    expect(visit.page.locator(":focus")).to_have_text("Ir al contenido")
    keyboard.press("Enter")
    for text in (run.display, "volantin azul sobre el cerro", visit.next_code()):
        keyboard.press("Tab")
        ring = visit.page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
        assert ring == "solid"
        keyboard.type(text)
    keyboard.press("Tab")
    keyboard.press("ArrowDown")
    keyboard.press("Tab")
    with visit.page.expect_navigation():
        keyboard.press("Enter")
    assert visit.heading == "Puede emitir hoy"
