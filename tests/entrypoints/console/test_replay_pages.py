"""Asked again by a session that may not read it now: the page says that it was done, and why it shows no more."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pytest

from tests.factories.browsing import Browsing, heading
from tests.factories.licence_pages import Writing, folio_of
from tests.factories.rnpi import ABSENT
from tests.factories.web import DOCTOR, Web

NEXT_MORNING = datetime(2026, 4, 21, 13, 0, tzinfo=UTC)
KEYS = "/consola/llaves"
SECRETS = ("María José", "11.111.111-1", "M54.5", "Lumbago")


@dataclass
class Issued:
    """A licence issued by the pages: where it was signed, the code that signed it, its address and folio."""

    signing: str
    code: str
    page: str
    folio: str


@pytest.fixture
def issued(web: Web) -> Issued:
    browsing = Browsing(web).entered(web.enrol())
    signing, code = Writing.started(browsing).prepared(), web.code()
    answer = browsing.act(signing, codigo=code)
    assert answer.status_code == 303, answer.text
    page = answer.headers["Location"]
    return Issued(signing, code, page, folio_of(browsing.get(page)))


def restricted(web: Web) -> Browsing:
    """The register says no the next morning."""
    web.clock.set(NEXT_MORNING)
    registry: Any = web.operator.rnpi.registry
    registry.now = ABSENT
    return Browsing(web).entered(DOCTOR)


def assert_reduced(answer: Any, folio: str) -> None:
    assert (answer.status_code, heading(answer)) == (200, "La licencia ya se emitió"), answer.text
    assert folio in answer.text
    assert "quedó emitida y registrada" in answer.text
    assert "Intendencia de Prestadores" in answer.text, "what to do"
    assert not [secret for secret in SECRETS if secret in answer.text]


@pytest.mark.norm("N-4b", "N-2.4a")
def test_signing_again_in_a_restricted_session_tells_that_it_was_done(web: Web, issued: Issued) -> None:
    browsing = restricted(web)
    assert_reduced(browsing.act(issued.signing, codigo=issued.code), issued.folio)
    assert_reduced(browsing.get(issued.signing), issued.folio)
    assert browsing.get(issued.page).status_code == 403


@pytest.mark.norm("N-2.4a")
def test_signing_again_in_a_session_that_may_read_leads_to_the_licence(web: Web, issued: Issued) -> None:
    web.clock.set(NEXT_MORNING)
    browsing = Browsing(web).entered(DOCTOR)
    for answer in (browsing.act(issued.signing, codigo=issued.code), browsing.get(issued.signing)):
        assert (answer.status_code, answer.headers["Location"]) == (303, issued.page)


@pytest.mark.norm("N-4b", "N-2.4a")
def test_what_a_program_issued_is_told_by_the_pages_too(web: Web) -> None:
    """The key of the program is another than the page's: the preparation is one."""
    token = web.enter(web.enrol())
    prepared = web.prepare(token).json["preparacion"]
    licence = web.issue(token, prepared).json
    signing = f"/consola/licencias/preparadas/{prepared}"
    answer = Browsing(web).entered(DOCTOR).act(signing, codigo=web.code())
    assert answer.headers["Location"] == f"/consola/licencias/{licence['id']}"
    assert_reduced(restricted(web).act(signing, codigo="123456"), licence["folio"])


@pytest.mark.norm("N-4b")
def test_what_was_only_prepared_is_not_shown_and_not_said_to_be_issued(web: Web) -> None:
    browsing = Browsing(web).entered(web.enrol())
    signing = Writing.started(browsing).prepared()
    browsing = restricted(web)
    for answer in (browsing.get(signing), browsing.act(signing, codigo=web.code())):
        assert answer.status_code == 403
        assert "ya se emitió" not in answer.text
        assert not [secret for secret in SECRETS if secret in answer.text]


@pytest.mark.norm("N-4b")
def test_restricted_session_sees_its_keys_and_changes_none(web: Web) -> None:
    web.enrol()
    browsing = restricted(web)
    assert browsing.get(KEYS).status_code == 200
    begin = {"para": "ambas", "codigo": web.code()}
    for answer in (
        browsing.get(f"{KEYS}/nueva"),
        browsing.act(f"{KEYS}/nueva", **begin),
        browsing.act(f"{KEYS}/nueva", para="ambas", con="llave"),
        browsing.get(f"{KEYS}/registrar"),
        browsing.act(f"{KEYS}/registrar", intento="00000000-0000-4000-8000-000000000000", credencial="[{}]"),
        browsing.get(f"{KEYS}/00000000-0000-4000-8000-000000000000/retirar"),
        browsing.act(f"{KEYS}/00000000-0000-4000-8000-000000000000/retirar", codigo=web.code()),
    ):
        assert (answer.status_code, heading(answer)) == (403, "No puede hacer esto"), answer.text
        assert "Intendencia de Prestadores" in answer.text


@pytest.mark.norm("N-2.7a")
def test_blocked_means_of_access_see_no_licence_and_change_no_key(web: Web, issued: Issued) -> None:
    owner = Browsing(web).entered(DOCTOR)
    assert heading(owner.act("/consola/bloqueo")) == "Su acceso está bloqueado"
    thief = Browsing(web).entered(DOCTOR)
    assert heading(thief.get("/consola")) == "No puede emitir hoy"
    for path in ("/consola/licencias", issued.page, f"{issued.page}/documento.xml", f"{KEYS}/nueva"):
        answer = thief.get(path)
        assert answer.status_code == 403, path
        assert not [secret for secret in SECRETS if secret in answer.text]
    told = thief.act(issued.signing, codigo=issued.code)
    assert (told.status_code, heading(told)) == (200, "La licencia ya se emitió")
    assert not [secret for secret in SECRETS if secret in told.text]
