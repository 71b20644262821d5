"""A licence by the pages: what is typed is kept, what is wrong is said beside its field, and one act is one licence."""


import pytest

from tests.factories.browsing import Browsing, heading
from tests.factories.licence_pages import folio_of, issued
from tests.factories.web import Web


@pytest.fixture
def browsing(web: Web) -> Browsing:
    """A professional who has entered."""
    return Browsing(web).entered(web.enrol())


@pytest.mark.norm("N-2.4a", "N-1a")
def test_licence_is_issued_and_its_page_tells_its_story(web: Web, browsing: Browsing) -> None:
    place = issued(web, browsing)
    page = browsing.get(place)
    assert heading(page).startswith("Licencia emitida")
    for words in ("María José Muñoz O&#39;Higgins", "20 de abril de 2026", "Historia del folio", "(UTC−4)", "Usted"):
        assert words in page.text
    listed = browsing.get("/consola/licencias").text
    assert folio_of(page) in listed
    assert "Borradores" not in listed
    assert "Emitidas hoy (1)" in browsing.get("/consola").text
