"""A professional issues in a browser: a new patient, a prórroga, another employer; by keyboard alone, and without
JavaScript; with the own device and with a code."""

import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from lme_operator.core.run import Run
from lme_operator.entrypoints.pages.formats import day
from tests.factories.live import Live
from tests.journeys.authenticator import Authenticator
from tests.journeys.keyboard import Keyboard
from tests.journeys.looking import Visit

pytestmark = pytest.mark.needs("chromium")

MOST_NEW, MOST_CONTINUED = 16, 8
"""Interactions from the start to the folio, and from a licence to the folio of the one that continues it."""
PATIENT = Run(11111111)


@pytest.fixture
def arrive(browser: Browser, shared_live: Live) -> Iterator[Callable[..., Visit]]:
    """Another professional before the console, in a browser of his own."""
    with ExitStack() as stack:

        def one(*, scripts: bool = True) -> Visit:
            context = browser.new_context(
                base_url=shared_live.url, locale="es-CL", timezone_id="America/Santiago", java_script_enabled=scripts
            )
            context.set_default_timeout(10_000)
            stack.callback(context.close)
            return Visit(shared_live, context, context.new_page())

        yield one


def with_key(visit: Visit, number: int, **data: Any) -> Run:
    """Enrol, register a key, and enter again."""
    Authenticator.plugged_into(visit.page)
    run = visit.live.people.enrol(number, **data)
    visit.enter(run)
    visit.go("/consola/llaves/nueva")
    visit.fill(codigo=visit.next_code())
    visit.press("Seguir")
    visit.press("Registrar la llave")
    visit.enter(run)
    return run


def folio(visit: Visit) -> str:
    """The folio of the licence on the screen."""
    found = re.search(r"[0-9]+-[0-9K]", visit.heading)
    assert found is not None, visit.heading
    return found[0]


@pytest.mark.norm("N-2.4a", "N-2.4b", "N-2.6a", "N-2.6c")
def test_new_patient_then_prorroga_then_other_employer_by_keyboard_alone(arrive: Callable[..., Visit]) -> None:
    visit = arrive()
    with_key(visit, 15000001)
    assert visit.heading == "Puede emitir hoy"
    visit.look("inicio")
    keys = Keyboard(visit)
    keys.press("Emitir licencia")
    visit.look("licencia-paciente-vacia")
    for name, text in (("run", PATIENT.display), ("numero_documento", "A12345678"), ("nombres", "María José"),
                       ("apellido_paterno", "Muñoz"), ("apellido_materno", "O'Higgins"),
                       ("fecha_nacimiento", "14-3-1985")):  # fmt: skip
        keys.write(name, text)
    keys.choose("sexo", "F")
    keys.write("rut_empleador", "76.123.456-0")
    keys.press("Seguir")
    keys.write("dias", "5")
    keys.write("calle", "Los Aromos 123")
    keys.write("telefono", "9 1234 5678")
    keys.write("diagnostico", "M54.5")
    expect(visit.page.locator(".rest-words")).to_contain_text("(5 días)")
    visit.look("licencia-reposo")
    keys.press("Revisar y firmar")
    visit.look("licencia-revisar")
    keys.press("Firmar y emitir")
    assert len(keys.done) <= MOST_NEW, keys.done
    first = folio(visit)
    visit.look("licencia-emitida")
    continued_by_keyboard(visit, first)
    other_employer(visit)
    visit.go("/consola/licencias")
    visit.look("licencias")
    visit.go("/consola")
    visit.look("inicio-con-emitidas")


def continued_by_keyboard(visit: Visit, earlier: str) -> None:
    """Issue the licence that continues the one on the screen."""
    keys = Keyboard(visit)
    keys.press("Prórroga")
    expect(visit.page.locator(".came-from")).to_contain_text(earlier)
    keys.write("numero_documento", "A12345678")
    keys.press("Seguir")
    keys.write("dias", "10")
    expect(visit.page.locator(".rest-words")).to_contain_text("(10 días)")
    keys.press("Revisar y firmar")
    keys.press("Firmar y emitir")
    assert len(keys.done) <= MOST_CONTINUED, keys.done
    assert folio(visit) != earlier


def other_employer(visit: Visit) -> None:
    """The same leave for another employer: three presses."""
    keys = Keyboard(visit)
    keys.press("Emitir para otro empleador")
    visit.look("licencia-otro-empleador")
    keys.write("numero_documento", "A12345678")
    keys.write("rut_empleador", Run(76000002).display)
    keys.press("Revisar y firmar")
    keys.press("Firmar y emitir")
    assert sum(": " not in one for one in keys.done) == 3, keys.done


@pytest.mark.norm("N-2.4a", "N-2.6a")
def test_without_javascript_and_with_a_code_everything_can_be_done(arrive: Callable[..., Visit]) -> None:
    visit = arrive(scripts=False)
    visit.enter(visit.live.people.enrol(15000002))
    visit.press("Emitir licencia")
    visit.press("Seguir")
    assert "Escriba el RUN" in visit.page.locator(".mend").inner_text()
    visit.fill(
        run=PATIENT.display, numero_documento="A12345678", nombres="Ana", apellido_paterno="Li",
        fecha_nacimiento="1/2/1990",
    )  # fmt: skip
    visit.choose("Femenino")
    visit.press("Seguir")
    visit.fill(dias="3", calle="Pasaje 4 Norte 1020", telefono="+56 2 2345 6789", diagnostico="lumbago")
    visit.press("Buscar")
    visit.page.get_by_label("M54.5 Lumbago no especificado").check()
    visit.press("Revisar y firmar")
    assert visit.heading == "Revisar y firmar"
    visit.page.get_by_role("link", name="Cambiar características del reposo").click()
    assert visit.page.locator("[name=calle]").input_value() == "Pasaje 4 Norte 1020"
    visit.fill(dias="4")
    visit.press("Revisar y firmar")
    expect(visit.page.locator(".official")).to_contain_text("4 (cuatro)")
    visit.fill(codigo="000000")
    visit.press("Firmar y emitir")
    assert "código" in visit.page.locator(".mend").inner_text()
    visit.fill(codigo=visit.next_code())
    visit.press("Firmar y emitir")
    assert folio(visit)
    visit.press("Otro paciente")
    visit.fill(run=PATIENT.display)
    visit.press("Buscar en mis licencias")
    visit.press("Usar sus datos")
    assert visit.page.locator("[name=nombres]").input_value() == "Ana"


@pytest.mark.norm("N-2.4a")
def test_while_writing_it_is_kept_and_what_is_known_is_offered(arrive: Callable[..., Visit]) -> None:
    visit = arrive()
    visit.enter(visit.live.people.enrol(15000003))
    refused: list[str] = []
    visit.page.on("console", lambda said: refused.append(said.text) if said.type == "error" else None)
    expected = ("422 (Unprocessable Entity)", "ERR_INTERNET_DISCONNECTED", "Failed to fetch")
    visit.press("Emitir licencia")
    page = visit.page
    kept_while_writing(visit)
    visit.press("Seguir")
    visit.look("licencia-paciente-error")
    visit.fill(run=PATIENT.display, numero_documento="A12345678", fecha_nacimiento="20-04-1986")
    visit.choose("Femenino")
    visit.press("Seguir")
    page.locator("[name=diagnostico]").press_sequentially("lumbago")
    page.get_by_label("M54.5 Lumbago no especificado").check()
    visit.fill(dias="40", fecha_inicio="10-9-2026")
    expect(page.locator(".rest-words")).to_contain_text("(40 días)")
    visit.look("licencia-reposo-larga")
    visit.press("Revisar y firmar")
    visit.look("licencia-reposo-error")
    assert page.get_by_label("M54.5 Lumbago no especificado").is_checked()
    visit.fill(calle="Los Aromos 123", telefono="912345678", dias="40", fecha_inicio=day(visit.live.operator.clock()))
    visit.press("Revisar y firmar")
    visit.look("licencia-revisar-codigo")
    visit.fill(codigo=visit.next_code())
    page.get_by_role("button", name="Firmar y emitir", exact=True).dblclick()
    expect(page.locator("h1")).to_contain_text("Licencia emitida")
    issued = folio(visit)
    visit.press("Otro paciente")
    page.locator("[name=run]").press_sequentially(PATIENT.display)
    expect(page.locator("#anteriores")).to_contain_text(issued)
    visit.look("licencia-paciente-conocido")
    visit.press("Usar sus datos")
    visit.fill(numero_documento="A12345678")
    visit.press("Seguir")
    visit.fill(dias="3")
    expect(page.locator(".rest-words")).to_contain_text("Coincide con una licencia anterior")
    visit.look("licencia-reposo-superpuesta")
    visit.go("/consola")
    visit.look("inicio-con-borrador")
    assert [said for said in refused if not any(words in said for words in expected)] == []


def test_session_closed_in_another_tab_is_said_and_what_is_on_the_screen_stays(arrive: Callable[..., Visit]) -> None:
    visit = arrive()
    visit.enter(visit.live.people.enrol(15000005))
    visit.press("Emitir licencia")
    page = visit.page
    other = visit.context.new_page()
    other.goto("/consola")
    other.get_by_role("button", name="Salir").click()
    expect(other.locator("h1")).not_to_have_text("Puede emitir hoy")
    page.locator("[name=nombres]").press_sequentially("Ana María")
    expect(page.locator("#guardado")).to_contain_text("Copie lo último que escribió")
    expect(page.locator("#guardado")).to_contain_class("warn")
    assert page.locator("h1").all_inner_texts() == ["Paciente"], "no other page inside"
    page.get_by_role("button", name="Seguir").click()
    assert page.locator("[name=nombres]").input_value() == "Ana María"
    visit.look("licencia-sesion-cerrada")
    page.get_by_role("link", name="Entrar de nuevo").click()
    expect(page.locator("h1")).to_have_text("Entrar")


def test_without_javascript_the_code_is_what_signs_though_there_is_a_key(arrive: Callable[..., Visit]) -> None:
    long = "Wolfeschlegelsteinhausenbergerdorffvoralternwarengewissenha"
    with_scripts = arrive()
    run = with_key(with_scripts, 15000006, paternal_surname=long)
    visit = arrive(scripts=False)
    visit.enter(run)
    visit.press("Emitir licencia")
    visit.fill(
        run=PATIENT.display, numero_documento="A12345678", nombres="Ana", apellido_paterno=long,
        fecha_nacimiento="1/2/1990",
    )  # fmt: skip
    visit.choose("Femenino")
    visit.press("Seguir")
    visit.fill(dias="3", calle="Pasaje 4 Norte 1020", telefono="+56 2 2345 6789", diagnostico="M54.5")
    visit.press("Revisar y firmar")
    expect(visit.page.locator(".official")).to_contain_text("+56 2 2345 6789")
    expect(visit.page.get_by_role("button", name="Firmar y emitir", exact=True)).to_be_hidden()
    visit.fill(codigo=visit.next_code())
    visit.press("Firmar y emitir con el código")
    assert folio(visit)
    visit.press("Prórroga")
    with_scripts.enter(run)
    with_scripts.look("inicio-apellidos-largos")


def kept_while_writing(visit: Visit) -> None:
    """What is typed is kept by itself; without a line it is held, and kept when the line is back."""
    page = visit.page
    page.locator("[name=nombres]").press_sequentially("Ana María")
    with page.expect_response("**/paciente/guardar"):
        page.locator("[name=apellido_paterno]").press_sequentially("Soto")
    expect(page.locator("#guardado")).to_contain_text("Borrador guardado")
    visit.context.set_offline(True)
    page.locator("[name=apellido_materno]").press_sequentially("Vera")
    expect(page.locator("#guardado")).to_contain_text("Sin conexión")
    page.get_by_role("button", name="Seguir").click()
    expect(page.locator("#guardado")).to_contain_text("sigue aquí")
    with page.expect_response("**/paciente/guardar"):
        visit.context.set_offline(False)
    expect(page.locator("#guardado")).to_contain_text("Borrador guardado")
    page.reload()
    assert page.locator("[name=apellido_materno]").input_value() == "Vera"
    assert page.locator("[name=apellido_paterno]").input_value() == "Soto"


@pytest.mark.norm("N-6a", "N-1a")
def test_what_stops_an_issue_is_told_with_its_cure_and_the_draft_stays(arrive: Callable[..., Visit]) -> None:
    visit = arrive()
    run = visit.live.people.enrol(15000004)
    visit.enter(run)
    visit.go("/consola/licencias")
    visit.look("licencias-vacia")
    visit.press("Emitir licencia")
    visit.fill(
        run=PATIENT.display, numero_documento="A12345678", nombres="Ana", apellido_paterno="Soto",
        fecha_nacimiento="1-2-1990",
    )  # fmt: skip
    visit.choose("Femenino")
    visit.press("Seguir")
    visit.fill(dias="2", calle="Los Aromos 123", telefono="912345678", diagnostico="J11.1 influenza")
    visit.press("Revisar y firmar")
    visit.next_code()
    visit.live.operator.database.clock.advance(seconds=16 * 60)  # type: ignore[attr-defined]
    visit.fill(codigo=visit.next_code())
    visit.press("Firmar y emitir")
    assert visit.heading == "Ya no se puede firmar"
    visit.look("licencia-vencida")
    assert visit.live.suspend(visit.live.machine(), run).status_code == 201
    visit.enter(run)
    assert visit.heading == "No puede emitir hoy"
    visit.look("inicio-suspendido")
    visit.page.get_by_role("link", name="Ana Soto").click()
    assert visit.page.locator("[name=diagnostico]").input_value() == "J11.1 influenza"
    visit.press("Revisar y firmar")
    assert visit.heading == "No puede emitir hoy"
    visit.look("licencia-impedida")
