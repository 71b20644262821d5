"""An employer before a paper: reads its QR code, or types what it says; with a browser, without scripts."""

from pathlib import Path

import pytest
from pypdf import PdfReader

from tests.factories.live import Live
from tests.journeys.looking import Visit

pytestmark = pytest.mark.needs("chromium")


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
