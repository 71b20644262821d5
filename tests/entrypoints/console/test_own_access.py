"""One's own means of access by pages: a new password, a forgotten one, and the block that is always open."""

import html
import json
import re
from typing import Any
from uuid import uuid4

import pytest

from lme_operator.core.database import Deadline
from lme_operator.domain.audit import verify_receipt
from lme_operator.domain.credentials import blocks
from lme_operator.domain.notices import Channel
from tests.factories.browsing import Browsing, heading
from tests.factories.people import OTHER_PASSWORD, PASSWORD
from tests.factories.web import DOCTOR, OTHER, Web


@pytest.fixture
def doctor(web: Web) -> Browsing:
    return Browsing(web).entered(web.enrol())


def faults(answer: Any) -> dict[str, str]:
    """What the page says must be mended, by field."""
    return dict(re.findall(r'<a href="#campo-([a-z_]+)">(.*?)</a>', answer.text))


@pytest.mark.norm("N-2.3a")
def test_initial_password_leads_to_its_change_and_nowhere_else(web: Web, browsing: Browsing) -> None:
    run, activation = web.people.first_access(OTHER.number)
    entry = browsing.enter(run)
    assert (entry.status_code, entry.headers["Location"]) == (303, "/consola/clave")
    assert browsing.get("/consola").headers["Location"] == "/consola/clave"
    page = browsing.get("/consola/clave")
    assert "Código de activación" in page.text
    assert "Antes de seguir" in page.text
    new: dict[str, Any] = {"actual": PASSWORD, "nueva": OTHER_PASSWORD, "repetida": OTHER_PASSWORD}
    assert set(faults(browsing.act("/consola/clave", **new))) == {"codigo_activacion"}
    assert browsing.get("/consola/bloqueo").status_code == 200
    changed = browsing.act("/consola/clave", **new, codigo_activacion=activation)
    assert (changed.status_code, changed.headers["Location"]) == (303, "/consola/entrar")
    told = browsing.get("/consola/entrar")
    assert "Su clave cambió" in told.text
    assert "Su clave cambió" not in browsing.get("/consola/entrar").text
    assert browsing.enter(run, password=OTHER_PASSWORD).headers["Location"] == "/consola"


@pytest.mark.norm("N-2.3b")
def test_password_is_changed_only_whole_and_with_every_reason_beside_its_field(doctor: Browsing) -> None:
    wrong = doctor.act("/consola/clave", actual="otra", nueva="corta", repetida="corta")
    assert wrong.status_code == 422
    assert "menos de 12 caracteres" in faults(wrong)["nueva"]
    assert "Código de activación" not in wrong.text
    unlike = doctor.act("/consola/clave", actual=PASSWORD, nueva=OTHER_PASSWORD, repetida=OTHER_PASSWORD + "x")
    assert set(faults(unlike)) == {"repetida"}
    mistaken = doctor.act("/consola/clave", actual="otra clave", nueva=OTHER_PASSWORD, repetida=OTHER_PASSWORD)
    assert (mistaken.status_code, set(faults(mistaken))) == (403, {"actual"})
    for answer in (wrong, unlike, mistaken):
        assert "<title>Error: " in answer.text
        assert OTHER_PASSWORD not in answer.text
        assert PASSWORD not in answer.text
    assert doctor.get("/consola").status_code == 200


@pytest.mark.norm("N-2.7a", "N-2.6c")
def test_own_block_gives_its_receipt_and_again_to_a_double_click(web: Web, doctor: Browsing) -> None:
    token, proof, act = doctor.client.get_cookie("lme"), doctor.own_proof(), str(uuid4())
    assert token is not None
    first = doctor.send("/consola/bloqueo", proof=proof, act=act)
    assert (first.status_code, heading(first)) == (200, "Su acceso está bloqueado")
    assert re.search(r"20-04-2026 10:0\d:\d\d \(UTC−4\)", first.text)
    receipt = json.loads(html.unescape(re.findall(r"<pre.*?>(.*?)</pre>", first.text, re.DOTALL)[0]))
    assert verify_receipt(receipt, web.operator.trust).kind == "bloqueo_propio"
    doctor.client.set_cookie("lme", token.value)
    again = doctor.send("/consola/bloqueo", proof=proof, act=act)
    assert again.data == first.data
    doctor.client.set_cookie("lme", token.value)
    other = doctor.send("/consola/bloqueo", proof=proof)
    assert (other.status_code, heading(other)) == (401, "Su sesión terminó")
    with web.operator.database.reading(deadline=Deadline(5)) as connection:
        assert blocks.is_blocked(connection, DOCTOR)


@pytest.mark.norm("N-2.6b")
def test_forgotten_password_comes_back_with_every_proof(web: Web, browsing: Browsing) -> None:
    run = web.enrol()
    asked = browsing.send("/consola/olvido", run=run.display)
    assert (asked.status_code, asked.headers["Location"]) == (303, "/consola/olvido/clave")
    assert str(run) not in str(asked.headers)
    page = browsing.get("/consola/olvido/clave")
    assert "Si el RUN tiene acceso" in page.text
    mailed, texted = (web.people.told(run, "codigo_de_contacto", channel=channel) for channel in Channel)
    new: dict[str, Any] = {"nueva": OTHER_PASSWORD, "repetida": OTHER_PASSWORD}
    guesses: tuple[dict[str, Any], ...] = (
        {"codigo_correo": "000000", "codigo_telefono": texted},
        {"codigo_correo": mailed, "codigo_telefono": "000000"},
        {"codigo_correo": mailed},
    )
    for codes in guesses:
        wrong = browsing.send("/consola/olvido/clave", codigo=web.code(), **codes, **new)
        assert wrong.status_code == 403
        assert "Hay un problema" in wrong.text
        assert texted not in wrong.text
    done = browsing.send(
        "/consola/olvido/clave", codigo_correo=mailed, codigo_telefono=texted, codigo=web.code(), **new
    )
    assert (done.status_code, done.headers["Location"]) == (303, "/consola/entrar")
    assert browsing.enter(run, password=OTHER_PASSWORD).headers["Location"] == "/consola"


@pytest.mark.norm("N-2.6b")
def test_stranger_gets_the_same_answers(web: Web) -> None:
    known, unknown = Browsing(web), Browsing(web)
    asked = [one.send("/consola/olvido", run=run.display) for one, run in ((known, web.enrol()), (unknown, OTHER))]
    assert {(answer.status_code, answer.headers["Location"]) for answer in asked} == {(303, "/consola/olvido/clave")}
    sizes = [{len(cookie) for cookie in answer.headers.getlist("Set-Cookie")} for answer in asked]
    assert sizes[0] == sizes[1]
    codes = {"codigo_correo": "123456", "codigo_telefono": "123456"}
    new: dict[str, Any] = {**codes, "nueva": OTHER_PASSWORD, "repetida": OTHER_PASSWORD}
    said = [one.send("/consola/olvido/clave", codigo="000000", **new) for one in (known, unknown)]
    errors = [re.findall(r'<div class="mend".*?</div>', answer.text, re.DOTALL) for answer in said]
    assert errors[0] == errors[1]
    assert errors[0]


def test_second_step_needs_the_first(browsing: Browsing) -> None:
    assert browsing.get("/consola/olvido/clave").headers["Location"] == "/consola/olvido"
    browsing.client.set_cookie("lme-olvido", "AAAA", domain="localhost")
    assert browsing.get("/consola/olvido/clave").headers["Location"] == "/consola/olvido"
