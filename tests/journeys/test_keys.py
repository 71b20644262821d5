"""Security keys in a browser, with Chromium's virtual authenticator: register, enter, lose, copy."""

import pytest
from playwright.sync_api import expect

from tests.factories.people import PASSWORD
from tests.journeys.authenticator import Authenticator
from tests.journeys.looking import INDIVIDUAL, Visit

pytestmark = pytest.mark.needs("chromium")


def begin_with_key(visit: Visit, run: str, *, password: str = PASSWORD) -> None:
    """Fill in the entry and go on with the key."""
    visit.go("/consola/entrar")
    visit.fill(run=run, clave=password)
    visit.choose(INDIVIDUAL)
    visit.press("Entrar con llave de seguridad")


@pytest.mark.norm("N-2.6a", "N-2.6d", "N-2.2a")
def test_both_keys_are_registered_and_one_enters(visit: Visit, authenticator: Authenticator) -> None:
    run = visit.live.people.enrol(15000001)
    visit.enter(run)
    visit.page.get_by_role("link", name="Cambiar segundo factor").click()
    visit.look("llaves-vacia")
    visit.page.get_by_role("link", name="Agregar una llave").click()
    visit.look("llaves-nueva")
    visit.press("Seguir")
    visit.look("llaves-nueva-error")
    visit.fill(codigo=visit.next_code())
    visit.press("Seguir")
    visit.look("llaves-registrar")
    visit.press("Registrar la llave")
    assert visit.heading == "Entrar"
    visit.look("llaves-registradas")
    assert len(authenticator.credentials) == 2
    begin_with_key(visit, run.display)
    visit.look("entrar-llave")
    visit.press("Usar mi llave")
    assert visit.heading == "Puede emitir hoy"
    visit.go("/consola/llaves")
    visit.look("llaves")
    expect(visit.page.locator("tbody tr")).to_have_count(2)
