"""Entering and leaving with a browser; what it keeps, and what it is never given."""

import pytest

from tests.journeys.looking import Visit

pytestmark = pytest.mark.needs("chromium")


def test_professional_enters_and_leaves(visit: Visit) -> None:
    run = visit.live.people.enrol(15000001)
    visit.go("/consola")
    assert visit.heading == "Entrar"
    visit.look("entrar")
    visit.fill(run="15.000.001-k", clave="mala")
    visit.press("Entrar")
    assert visit.page.title().startswith("Error: ")
    visit.look("entrar-error")
    visit.enter(run)
    assert visit.heading == "Puede emitir hoy"
    visit.look("inicio")
    visit.go("/consola/clave")
    visit.look("clave")
    visit.go("/consola/bloqueo")
    visit.look("bloqueo")
    visit.go("/consola/no-existe")
    visit.look("404")
    visit.go("/consola")
    visit.press("Salir")
    visit.look("salio")
