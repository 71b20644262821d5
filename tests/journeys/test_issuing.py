"""A professional issues in a browser: a new patient, a prórroga, another employer; by keyboard alone, and without
JavaScript; with the own device and with a code."""

import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest
from playwright.sync_api import Browser, expect

from lme_operator.core.run import Run
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


def with_key(visit: Visit, number: int) -> Run:
    """Enrol, register a key, and enter again."""
    Authenticator.plugged_into(visit.page)
    run = visit.live.people.enrol(number)
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
    keys.write("rut_empleador", Run(76000002).display)
    keys.write("numero_documento", "A12345678")
    keys.press("Revisar y firmar")
    keys.press("Firmar y emitir")
    assert sum(": " not in one for one in keys.done) == 3, keys.done
