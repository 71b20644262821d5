"""A person of a COMPIN is named by two founders, suspends a doctor who was at work, sees the proof, and lifts it."""

from collections.abc import Callable

import pytest

from lme_operator.core.run import Run
from tests.journeys.looking import OFFICER, Visit

pytestmark = pytest.mark.needs("chromium")

PERSON = 9100005
ORDER = {
    "numero_resolucion": "1234/2026", "fecha_resolucion": "17-04-2026", "desde": "20-04-2026",
    "fundamento": "Artículo 2, Ley 20.585: no entrega de antecedentes.",
}  # fmt: skip


@pytest.mark.norm("N-6a", "N-6c", "N-6d")
def test_a_person_of_the_authority_suspends_sees_the_proof_and_lifts(arrive: Callable[[], Visit]) -> None:
    founder, doctor, person = arrive(), arrive(), arrive()
    live = person.live
    run = live.enrol()
    doctor.enter(run)
    assert doctor.heading == "Puede emitir hoy"
    person.enter(live.people.officer(PERSON, authority="compin:13"), as_=OFFICER)
    person.look("autoridad-inicio")
    assert person.page.locator(".context").inner_text().endswith("COMPIN Región Metropolitana")
    person.page.get_by_role("main").get_by_role("link", name="Suspensiones").click()
    suspend(person, run)
    doctor.go("/consola")
    assert doctor.heading == "Su sesión terminó"
    lift(person)
    doctor.enter(run)
    assert doctor.heading == "Puede emitir hoy"
    doctor.go("/consola/autoridad")
    assert doctor.heading == "No puede hacer esto"
    person.go("/consola/enrolamientos")
    assert person.heading == "No puede hacer esto"
    see_the_names(founder)


def suspend(person: Visit, run: Run) -> None:
    """Look the doctor up, mend what is wrong, confirm what will be forbidden."""
    person.press("Buscar")
    person.look("autoridad-error")
    person.fill(run=run.display)
    person.press("Buscar")
    assert run.number not in [int(part) for part in person.page.url.split("/") if part.isdigit()]
    person.look("autoridad-libre")
    person.fill(**ORDER, hasta="01-04-2026")
    person.choose("Hasta un día, inclusive")
    person.press("Revisar la orden")
    person.look("autoridad-orden-error")
    person.fill(hasta="")
    person.choose("Sin término")
    person.press("Revisar la orden")
    assert "Desde el 20-04-2026 y sin término no podrá emitir ni enrolarse." in person.page.locator("main").inner_text()
    assert "Antonia Paz Ñancupil Riquelme, médico cirujano" in person.page.locator("main").inner_text()
    person.look("autoridad-confirmar")
    person.fill(codigo="000000")
    person.press("Ordenar la suspensión")
    assert person.page.title().startswith("Error: ")
    person.fill(codigo=person.next_code())
    person.press("Ordenar la suspensión")
    assert person.heading == "Constancia de la suspensión"
    person.page.get_by_text("Ver el recibo de la suspensión").click()
    receipt = person.page.get_by_role("region", name="Recibo de la suspensión")
    box = receipt.bounding_box()
    assert box is not None
    assert box["height"] <= 260, "however long, a receipt takes its own frame"
    person.page.keyboard.press("Tab")
    assert receipt.evaluate("here => here === document.activeElement"), "and is scrolled by keyboard"
    person.look("autoridad-constancia")
    with person.page.expect_download() as taken:
        person.page.get_by_role("link", name="Descargar el recibo de la suspensión (JSON)").click()
    assert taken.value.suggested_filename.startswith("recibo-")


def lift(person: Visit) -> None:
    """Find the suspension by looking the doctor up again, and lift it."""
    person.page.get_by_role("link", name="Levantar la suspensión").click()
    person.look("autoridad-levantamiento")
    person.fill(numero_resolucion="900/2026", motivo="Entregó los antecedentes.", codigo=person.next_code())
    person.press("Levantar la suspensión")
    assert person.heading == "Suspensión levantada"
    assert "no podrá" not in person.page.locator("main").inner_text()
    person.look("autoridad-levantada")


def see_the_names(founder: Visit) -> None:
    """The founders' list says for whom the person acts."""
    first, _ = founder.live.people.founders()
    founder.enter(first, as_=OFFICER)
    founder.go("/consola/acreditaciones")
    assert "COMPIN Región Metropolitana" in founder.page.locator("main").inner_text()
    founder.look("acreditaciones-con-autoridad")
    founder.go("/consola/acreditaciones/nueva")
    founder.look("acreditacion-nueva")
