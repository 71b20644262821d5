"""Verifying at its page, by the paper and by the QR code, and taking the files of an own licence."""

import re
from datetime import UTC, datetime
from typing import Any

import pytest

from lme_operator.domain.issuance.rules import Excused, SecondLook, state_of
from lme_operator.entrypoints.pages.formats import waiting
from tests.factories.browsing import Browsing, heading
from tests.factories.licence_states import LOOKS, Outage
from tests.factories.web import DOCTOR, OTHER, Web

WRONG = "0000-0000-0000"
AT = datetime(2026, 4, 21, 14, tzinfo=UTC)
EXCUSED = {
    "otorgada": None,
    "otorgada_numeral_4": Excused(None),
    "otorgada_numeral_4_confirmada": Excused(SecondLook(AT, conforming=True)),
    "en_revision": Excused(SecondLook(AT, conforming=False)),
}


@pytest.fixture
def issued(web: Web) -> Any:
    token = web.enter(web.enrol())
    return web.issue(token, web.prepare(token).json["preparacion"]).json


def send(browsing: Browsing, **fields: Any) -> Any:
    return browsing.send("/verificar", proof=browsing.proof("/verificar"), **fields)


@pytest.mark.norm("N-2.6b")
@pytest.mark.parametrize("folio", ["{}", "N° 3 {}", "3 {}", " {} "])
def test_paper_is_verified_by_folio_and_code(browsing: Browsing, issued: Any, folio: str) -> None:
    code = issued["codigo_verificacion"].lower().replace("-", "  ")
    answer = send(browsing, folio=folio.format(issued["folio"]), codigo=code)
    assert (answer.status_code, heading(answer)) == (200, "Licencia auténtica")
    assert "Autorizada con código, declarado por el operador" in answer.text
    for words in (issued["folio"], "Antonia Paz Ñancupil Riquelme, médico cirujano", "del 20-04-2026 al 24-04-2026"):
        assert words in answer.text
    assert "***" in answer.text
    assert "<dd>Total</dd>" in answer.text
    assert re.search(r"<dt>Empleador</dt>\s*<dd>RUT [0-9]{2}\.\*\*\*\.\*\*\*-[0-9K]</dd>", answer.text)
    assert answer.headers["Cache-Control"] == "no-store"
    assert '<meta name="robots" content="noindex">' in answer.text


@pytest.mark.norm("N-4c")
@pytest.mark.parametrize("state", LOOKS)
def test_the_page_tells_the_present_state(web: Web, browsing: Browsing, state: str) -> None:
    issued = Outage(web.people, web.operator.issuance, web.enrol()).issue(state)
    answer = browsing.get(f"/verificar/{issued.verification_code}")
    assert (answer.status_code, heading(answer)) == (200, "Licencia auténtica")
    told = state_of(EXCUSED[state], operator="Operador LME de pruebas", site="http://localhost:8020")
    assert told.words in answer.text
    if state in ("otorgada_numeral_4", "en_revision"):
        assert str(told.detail) in answer.text
    for never in ("indeterminada", "inválida"):
        assert never not in answer.text


def test_qr_code_leads_to_the_answer(browsing: Browsing, issued: Any) -> None:
    answer = browsing.get(f"/verificar/{issued['codigo_verificacion']}")
    assert (answer.status_code, heading(answer)) == (200, "Licencia auténtica")


def test_whatever_is_wrong_is_answered_alike(browsing: Browsing, issued: Any) -> None:
    for path in (f"/verificar/{WRONG}", "/verificar/no-es-un-codigo", "/verificar/%3Cb%3E"):
        answer = browsing.get(path)
        assert (answer.status_code, heading(answer)) == (404, "No encontramos esa licencia"), path
        assert "tiene ese código" in answer.text
        assert "ese folio" not in answer.text
    for folio, code in ((issued["folio"], WRONG), ("7654321-6", issued["codigo_verificacion"])):
        answer = send(browsing, folio=folio, codigo=code)
        assert (answer.status_code, heading(answer)) == (404, "No encontramos esa licencia")
        assert f'value="{folio}"' in answer.text, "what was typed is kept, to be mended"


def test_what_cannot_be_read_is_said_beside_its_field(browsing: Browsing) -> None:
    answer = send(browsing, folio="7654321-0", codigo="corto")
    assert answer.status_code == 422
    assert re.findall(r'<a href="#campo-([a-z]+)">', answer.text) == ["folio", "codigo"]
    blank = send(browsing, folio="", codigo="")
    assert "Escriba el folio." in blank.text
    assert "Escriba el código de verificación." in blank.text


@pytest.mark.norm("N-3.0b")
def test_too_many_wrong_codes_wait(browsing: Browsing) -> None:
    answers = [browsing.get(f"/verificar/{WRONG}") for _ in range(21)]
    assert {answer.status_code for answer in answers[:20]} == {404}
    assert answers[20].status_code == 429
    assert heading(answers[20]) == "Verificar una licencia"
    assert answers[20].headers["Retry-After"] == "2"
    assert "Espere 2 segundos." in answers[20].text
    held = send(browsing, folio="7654321-6", codigo=WRONG)
    assert (held.status_code, heading(held)) == (429, "Verificar una licencia")
    assert "Hubo demasiadas consultas o códigos equivocados" in held.text
    assert f"Espere {held.headers['Retry-After']} segundos." in held.text


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(1, "1 segundo"), (32, "32 segundos"), (90, "90 segundos"), (91, "2 minutos"), (900, "15 minutos")],
)
def test_a_wait_is_said_as_people_say_it(seconds: int, words: str) -> None:
    assert waiting(seconds) == words


def test_a_form_of_another_site_is_refused(browsing: Browsing) -> None:
    answer = browsing.send(
        "/verificar", headers={"Origin": "https://otro.example", "Sec-Fetch-Site": "cross-site"}, codigo=WRONG
    )
    assert answer.status_code == 403


@pytest.mark.norm("M-7", "N-2.6b")
def test_professional_takes_each_file_and_nobody_else_does(web: Web, browsing: Browsing, issued: Any) -> None:
    here = f"/consola/licencias/{issued['id']}"
    kinds = {
        **{
            f"formulario/{copy}": ("application/pdf", b"%PDF", f"licencia-{issued['folio']}-{copy}.pdf")
            for copy in ("trabajador", "empleador", "profesional", "comprobante")
        },
        "documento.xml": ("application/xml", b"<?xml", f"licencia-{issued['id'][-12:]}.xml"),
        "evidencia.zip": ("application/zip", b"PK", f"evidencia-{issued['id'][-12:]}.zip"),
    }
    doctor, stranger = Browsing(web).entered(DOCTOR), Browsing(web).entered(web.enrol(OTHER))
    for end, (media, begins, name) in kinds.items():
        answer = doctor.get(f"{here}/{end}")
        assert (answer.status_code, answer.content_type) == (200, media), end
        assert answer.data.startswith(begins)
        assert answer.headers["Content-Disposition"] == f'attachment; filename="{name}"'
        assert answer.headers["Cache-Control"] == "no-store"
        assert stranger.get(f"{here}/{end}").status_code == 404
        assert browsing.get(f"{here}/{end}").headers["Location"] == "/consola/entrar"
