"""One's own means of access in a browser: a forgotten password, the block, an institution's context, paper."""

import os
from pathlib import Path

import pytest
from playwright.sync_api import expect

from lme_operator.core.database import Deadline
from lme_operator.core.run import Run
from lme_operator.domain.notices import Channel
from lme_operator.domain.professionals import PracticeContext, record_agreement, record_institution
from tests.factories.live import Live
from tests.factories.people import OTHER_PASSWORD
from tests.journeys.looking import INDIVIDUAL, INSTITUTION, Visit

pytestmark = pytest.mark.needs("chromium")

CLINIC = Run(76000100)


@pytest.fixture
def live(shared_live: Live) -> Live:
    return shared_live


@pytest.mark.norm("N-2.6b")
def test_forgotten_password_comes_back(visit: Visit) -> None:
    run, people = visit.live.enrol(), visit.live.people
    visit.go("/consola/entrar")
    visit.page.get_by_role("link", name="¿Olvidó su clave?").click()
    visit.look("olvido")
    visit.fill(run=run.display)
    visit.press("Enviar los códigos")
    visit.look("olvido-clave")
    new = {"nueva": OTHER_PASSWORD, "repetida": OTHER_PASSWORD}
    visit.fill(codigo_correo="000000", codigo_telefono="000000", codigo="000000", **new)
    visit.press("Cambiar la clave")
    visit.look("olvido-clave-error")
    mailed, texted = (people.told(run, "codigo_de_contacto", channel=channel) for channel in Channel)
    visit.fill(codigo_correo=mailed, codigo_telefono=texted, codigo=visit.next_code(), **new)
    visit.press("Cambiar la clave")
    visit.look("olvido-hecho")
    visit.enter(run, password=OTHER_PASSWORD)
    assert visit.heading == "Puede emitir hoy"


@pytest.mark.norm("N-2.7a")
def test_own_block_rules_at_once_and_gives_its_receipt(visit: Visit) -> None:
    run = visit.live.enrol()
    visit.enter(run)
    visit.page.get_by_role("link", name="Bloquear mi acceso").click()
    visit.press("Bloquear mi acceso ahora")
    assert visit.heading == "Su acceso está bloqueado"
    visit.look("bloqueado")
    visit.enter(run)
    assert visit.heading == "No puede emitir hoy"
    visit.look("inicio-bloqueado")
    visit.page.emulate_media(media="print")
    expect(visit.page.get_by_role("button", name="Salir")).to_be_hidden()
    expect(visit.page.locator(".on-paper")).to_be_visible()
    if folder := os.environ.get("LME_TEST_SCREENSHOTS"):
        visit.page.pdf(path=Path(folder) / "inicio-bloqueado.pdf", format="Letter")


def test_institution_is_asked_only_of_who_acts_for_one(visit: Visit) -> None:
    live = visit.live
    with live.operator.database.unit_of_work(deadline=Deadline(10)) as work:
        record_institution(work, CLINIC, name="Clínica Los Alerces")
        record_agreement(work, CLINIC, since=work.at)
    run = live.enrol(contexts=(PracticeContext(CLINIC),))
    visit.go("/consola/entrar")
    rut = visit.page.locator("[name=rut]")
    visit.choose(INDIVIDUAL)
    expect(rut).to_be_hidden()
    visit.choose(INSTITUTION)
    expect(rut).to_be_visible()
    visit.press("Entrar")
    assert "Escriba el RUT de la institución" not in visit.page.locator(".mend").inner_text()
    visit.fill(run=run.display, clave="volantin azul sobre el cerro", codigo=visit.next_code())
    visit.press("Entrar")
    assert "Escriba el RUT de la institución" in visit.page.locator(".mend").inner_text()
    visit.look("entrar-institucion")
    visit.fill(clave="volantin azul sobre el cerro", codigo=visit.next_code(), rut="76000100-0")
    visit.press("Entrar")
    assert "El RUT no es válido" in visit.page.locator(".mend").inner_text()
    visit.fill(clave="volantin azul sobre el cerro", codigo=visit.next_code(), rut=CLINIC.display)
    visit.press("Entrar")
    expect(visit.page.locator(".context")).to_contain_text("Clínica Los Alerces")


def test_colours_forced_by_the_system_keep_every_state_readable(visit: Visit) -> None:
    visit.page.emulate_media(forced_colors="active", reduced_motion="reduce", contrast="more")
    visit.go("/consola/entrar")
    visit.press("Entrar")
    visit.look("entrar-colores-forzados")
