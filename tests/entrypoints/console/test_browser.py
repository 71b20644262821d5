"""Cookies and proofs: nobody acts in a person's name from another page, another site or another door (threat M12)."""

import re
from collections.abc import Iterator
from typing import Any

import pytest

from lme_operator.core.sealing import Sealer
from lme_operator.entrypoints.pages.browser import Browser
from tests.factories.browsing import ADDRESS, Browsing, heading
from tests.factories.people import PASSWORD
from tests.factories.web import OTHER, Web


@pytest.fixture
def doctor(web: Web) -> Browsing:
    """A professional at the console."""
    return Browsing(web).entered(web.enrol())


def cookies_of(answer: Any) -> dict[str, str]:
    """What the answer sets, by name."""
    return {cookie.partition("=")[0]: cookie for cookie in answer.headers.getlist("Set-Cookie")}


@pytest.mark.norm("N-2.6b")
def test_session_is_a_cookie_that_no_script_and_no_other_site_gets(web: Web, browsing: Browsing) -> None:
    answer = browsing.enter(web.enrol())
    given = cookies_of(answer)
    assert re.fullmatch(r"lme=[A-Za-z0-9_-]{43}; Path=/; HttpOnly; SameSite=Strict", given["lme"])
    assert given["lme-visita"].startswith("lme-visita=; Path=/; Max-Age=0")
    assert "lme=" not in answer.headers["Location"]


@pytest.mark.norm("M-8")
def test_cookies_of_production_travel_by_https_alone_and_are_of_this_host() -> None:
    browser = Browser(sealer=Sealer(bytes(32)), origins=(ADDRESS,), secure=True)
    assert browser.give(browser.session, "x") == "__Host-lme=x; Path=/; HttpOnly; SameSite=Strict; Secure"
    assert browser.visit.startswith("__Host-")


@pytest.mark.norm("N-2.6b")
def test_cookie_opens_no_api_and_bearer_opens_no_page(web: Web, doctor: Browsing) -> None:
    cookie = doctor.client.get_cookie("lme")
    assert cookie is not None
    token = cookie.value
    assert web.get("/api/v1/profesional/estado", token=token).status_code == 200
    refused = doctor.get("/api/v1/profesional/estado")
    assert (refused.status_code, refused.json["codigo"]) == (401, "falta_sesion")
    stranger = Browsing(web)
    answer = stranger.get("/consola", Authorization=f"Bearer {token}")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/consola/entrar")


FOREIGN: dict[str, dict[str, str]] = {
    "another origin": {"Origin": "https://otro.example"},
    "an origin that hides": {"Origin": "null"},
    "our name on another port": {"Origin": "http://localhost:9999"},
    "another site": {"Sec-Fetch-Site": "cross-site"},
    "a neighbour": {"Sec-Fetch-Site": "same-site"},
    "nobody's page": {"Sec-Fetch-Site": "none"},
    "nothing said": {"Origin": "", "Sec-Fetch-Site": ""},
}


@pytest.mark.norm("N-2.6b")
@pytest.mark.parametrize("headers", FOREIGN.values(), ids=FOREIGN)
def test_form_from_elsewhere_is_refused(web: Web, doctor: Browsing, headers: dict[str, str]) -> None:
    answer = doctor.act("/consola/salir", headers=headers)
    assert (answer.status_code, heading(answer)) == (403, "No puede hacer esto")
    assert "Volver a la página" in answer.text
    assert doctor.get("/consola").status_code == 200


@pytest.mark.parametrize("headers", [{"Sec-Fetch-Site": ""}, {"Origin": ""}], ids=["origin", "fetch metadata"])
def test_one_of_both_headers_is_enough(doctor: Browsing, headers: dict[str, str]) -> None:
    assert doctor.act("/consola/salir", headers=headers).status_code == 303


def proofs(web: Web, doctor: Browsing) -> Iterator[tuple[str, str]]:
    yield "none", ""
    yield "of another session", Browsing(web).entered(web.enrol(OTHER)).own_proof()
    yield "of a visit", Browsing(web).proof()
    yield "with a letter changed", doctor.own_proof()[:-2] + "__"
    yield "not even ASCII", "ñ"


@pytest.mark.norm("N-2.6b")
def test_form_without_the_proof_of_its_session_is_refused(web: Web, doctor: Browsing) -> None:
    for name, proof in proofs(web, doctor):
        answer = doctor.send("/consola/salir", proof=proof)
        assert answer.status_code == 403, name
    assert doctor.get("/consola").status_code == 200


@pytest.mark.norm("N-2.6b")
def test_nobody_makes_another_browser_enter(web: Web, browsing: Browsing) -> None:
    """A stranger's own proof, in the form of another's browser, does not count there."""
    run, stranger = web.enrol(), Browsing(web)
    browsing.get("/consola/entrar")
    answer = browsing.send(
        "/consola/entrar", proof=stranger.proof(), run=str(run), clave=PASSWORD, codigo=web.code(),
        contexto="individual",
    )  # fmt: skip
    assert answer.status_code == 403
    assert "lme" not in cookies_of(answer)


def test_opening_the_entry_from_another_site_keeps_the_session(doctor: Browsing) -> None:
    """A visit by a link of another site brings no cookie; what it is given must not take the session's place."""
    bare = doctor.web.app.test_client().get("/consola/entrar", base_url=ADDRESS)
    assert set(cookies_of(bare)) == {"lme-visita"}


@pytest.mark.norm("N-3.0b")
def test_entering_elsewhere_ends_the_session_here_and_says_so(web: Web, doctor: Browsing) -> None:
    run = web.enrol(OTHER)
    here, there = Browsing(web).entered(run), Browsing(web).entered(run)
    over = here.get("/consola")
    assert (over.status_code, heading(over)) == (401, "Su sesión terminó")
    assert cookies_of(over)["lme"].startswith("lme=; Path=/; Max-Age=0")
    assert there.get("/consola").status_code == 200
    assert here.get("/consola").headers["Location"] == "/consola/entrar"


def test_pages_are_kept_by_nobody_and_bring_nothing_from_elsewhere(doctor: Browsing) -> None:
    for path in ("/consola", "/consola/entrar", "/consola/clave", "/consola/no-existe"):
        answer = doctor.get(path)
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.headers["Referrer-Policy"] == "same-origin"
        policy = answer.headers["Content-Security-Policy"]
        assert policy.startswith("default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'")
        assert "unsafe" not in policy
        assert not re.search(r"<script|<style| style=| on[a-z]+=|(?:src|href|action)=\"(?!/|#)", answer.text), path
        assert '<html lang="es-CL">' in answer.text
    style = doctor.get(re.findall(r'href="(/consola/consola\.css\?v=[0-9a-f]{12})"', doctor.get("/consola").text)[0])
    assert style.headers["Cache-Control"] == "public, max-age=31536000, immutable"
