"""An employer before a paper: reads its QR code, or types what it says; with a browser, without scripts."""

from pathlib import Path

import pytest
from pypdf import PdfReader

from tests.factories.licence_states import LOOKS, Outage
from tests.factories.live import Live
from tests.journeys.looking import Visit

pytestmark = pytest.mark.needs("chromium")

WORDS = {
    "otorgada": "Otorgada",
    "otorgada_numeral_4": "Otorgada conforme al numeral 4 (RNPI no disponible)",
    "otorgada_numeral_4_confirmada": "Otorgada conforme al numeral 4, confirmada",
    "en_revision": "En revisión",
}


@pytest.fixture
def live(shared_live: Live) -> Live:
    return shared_live


@pytest.mark.norm("M-7", "N-2.6b")
def test_paper_is_verified_from_its_own_words(visit: Visit, tmp_path: Path) -> None:
    doctor = visit.live.doctor()
    licence = doctor.post("/api/v1/licencias", doctor.issue_body(doctor.prepare())).json()
    address = f"{licence['enlaces']['formulario']}?copia=empleador"
    paper = tmp_path / "papel.pdf"
    paper.write_bytes(visit.live.client.get(address, headers=doctor.headers).content)
    text = PdfReader(paper).pages[0].extract_text()
    code, folio = licence["codigo_verificacion"], licence["folio"]
    assert f"{visit.live.url}/verificar/{code}" in text
    assert f"N° 3 {folio}" in text

    visit.go("/verificar")
    visit.look("verificar")
    visit.press("Verificar")
    assert visit.page.title().startswith("Error: ")
    visit.look("verificar-error")
    visit.fill(folio=f"N° 3 {folio}", codigo="0000 0000 0000")
    visit.press("Verificar")
    assert visit.heading == "No encontramos esa licencia"
    visit.look("verificar-sin-resultado")
    visit.fill(codigo=code.lower().replace("-", " "))
    visit.press("Verificar")
    assert visit.heading == "Licencia auténtica"
    visit.look("verificar-autentica")
    visit.go(f"/verificar/{code}")
    assert visit.heading == "Licencia auténtica"
    assert "Lumbago" not in visit.page.content()
    for _ in range(25):
        visit.go("/verificar/0000-0000-0000")
    assert visit.heading == "Verificar una licencia"
    assert "Espere " in visit.page.get_by_role("alert").inner_text()
    visit.look("verificar-espera")


@pytest.mark.norm("N-4c")
def test_each_state_is_told_alike_to_anybody_and_to_its_professional(visit: Visit) -> None:
    run = visit.live.enrol()
    outage = Outage(visit.live.people, visit.live.operator.issuance, run)
    issued = {state: outage.issue(state) for state in LOOKS}
    for state, licence in issued.items():
        visit.go(f"/verificar/{licence.verification_code}")
        assert visit.heading == "Licencia auténtica"
        banner = visit.page.locator(".banner").inner_text()
        assert banner.startswith(f"{WORDS[state]}\n")
        assert (visit.live.url in banner) == (state == "en_revision")
        visit.look(f"verificar-{state}")
    visit.enter(run)
    visit.go("/consola/licencias")
    cells = visit.page.locator('td[data-label="Estado"]').all_inner_texts()
    assert cells == [WORDS[state] for state in reversed(list(LOOKS))]
    visit.look("licencias-estados")
    for width in (641, 768, 897):
        visit.page.set_viewport_size({"width": width, "height": 900})
        beyond = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        assert visit.page.evaluate(beyond) == 0, f"the list is wider than a screen of {width} px"
    for state, licence in issued.items():
        visit.go(f"/consola/licencias/{licence.id}")
        assert visit.page.locator(".issued").inner_text().splitlines()[-1].startswith(f"Estado: {WORDS[state]}")
        visit.look(f"licencia-{state}")
