"""Two founders accredit an officer, who enters for the first time; one founder ends it."""

from collections.abc import Callable

import pytest

from lme_operator.core.run import Run
from tests.factories.people import PASSWORD
from tests.journeys.looking import OFFICER, Visit

pytestmark = pytest.mark.needs("chromium")

NEW = Run(9100001)


@pytest.mark.norm("N-1b", "N-1l", "N-2.3a", "N-2.6d")
def test_officer_is_accredited_by_two_and_enters(arrive: Callable[[], Visit]) -> None:
    first, second, officer = arrive(), arrive(), arrive()
    ana, luis = first.live.people.founders()
    first.enter(ana, as_=OFFICER)
    secret = propose(first)
    second.enter(luis, as_=OFFICER)
    approve(second)
    first_entry(officer, secret)
    officer.go("/consola/acreditaciones")
    assert officer.heading == "No puede hacer esto"
    officer.look("403")
    end(second)
    officer.go("/consola")
    assert officer.heading == "Su sesión terminó"
    officer.look("sesion-terminada")


def propose(founder: Visit) -> str:
    """Propose the officer, who is present; return the secret of the application that was shown."""
    founder.look("fundador-inicio")
    founder.page.get_by_role("main").get_by_role("link", name="Acreditaciones").click()
    founder.look("acreditaciones-vacia")
    founder.page.get_by_role("link", name="Proponer a un funcionario").click()
    founder.press("Seguir")
    assert founder.page.locator(".menu [aria-current=true]").inner_text() == "Acreditaciones"
    founder.look("acreditacion-nueva-error")
    founder.fill(
        run=NEW.display,
        nombre="Carla Ignacia Mella Ruiz",
        correo="carla.mella@Operador.example",
        telefono="9 9000 0003",
        identidad="Cédula de identidad vigente, a la vista",
    )
    founder.press("Seguir")
    founder.look("acreditacion-codigo")
    secret = founder.page.locator(".shown-once").inner_text().replace(" ", "")
    founder.fill(codigo="000000")
    founder.press("Proponer")
    assert founder.page.title().startswith("Error: ")
    assert founder.page.locator(".shown-once").inner_text().replace(" ", "") == secret
    founder.fill(codigo=founder.next_code(secret))
    founder.press("Proponer")
    founder.look("acreditaciones-propuesta")
    return secret


def approve(founder: Visit) -> None:
    """Approve the one proposal."""
    founder.go("/consola/acreditaciones")
    founder.look("acreditaciones-por-aprobar")
    founder.page.get_by_role("link", name="Revisar y aprobar").click()
    founder.look("acreditacion-aprobacion")
    founder.fill(codigo=founder.next_code())
    founder.press("Aprobar")
    founder.look("acreditaciones-aprobada")


def first_entry(officer: Visit, secret: str) -> None:
    """Enter with what came by mail, change it with what came by SMS, and enter with one's own."""
    people = officer.live.people
    password = people.told(NEW, "clave_inicial")
    officer.enter(NEW, password=password, secret=secret, as_=OFFICER)
    assert officer.heading == "Cambiar la clave"
    officer.look("clave-inicial")
    officer.fill(actual=password, codigo_activacion="12345678", nueva=PASSWORD, repetida=PASSWORD)
    officer.press("Cambiar la clave")
    officer.look("clave-inicial-error")
    activation = people.told(NEW, "codigo_de_activacion")
    officer.fill(actual=password, codigo_activacion=activation, nueva=PASSWORD, repetida=PASSWORD)
    officer.press("Cambiar la clave")
    officer.look("clave-cambiada")
    officer.enter(NEW, secret=secret, as_=OFFICER)
    assert officer.heading == "¿Qué va a hacer?"
    officer.look("funcionario-inicio")


def end(founder: Visit) -> None:
    """End the one accreditation."""
    founder.page.get_by_role("link", name="Terminar").click()
    founder.look("acreditacion-termino")
    founder.choose("Renuncia")
    founder.press("Terminar la acreditación")
    founder.look("acreditaciones-terminada")
