"""Every page has a guard and an expected verdict for every role; every form proves where it comes from; none needs a
script, and no address holds who anybody is."""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from lme_operator.core.periods import SANTIAGO, local_day
from lme_operator.entrypoints.http.routes import Idempotency
from lme_operator.entrypoints.pages.guards import BROWSER_SCHEME
from lme_operator.entrypoints.pages.pages import Page, is_page
from lme_operator.wiring import create_app
from tests.factories.browsing import Browsing, heading
from tests.factories.web import OTHER, Web, operator_of, web_settings

PASSES, ENTER, CHANGE, NO_MANDATE = "pasa", "a entrar", "a cambiar su clave", "sin_mandato"

ROLES = ("nadie", "profesional", "quien debe cambiar su clave", "funcionario", "fundador", "con token de la API",
         "persona de una autoridad")  # fmt: skip
"""Nobody, a professional, one with a limited session, an officer, a founder, one whose session comes as a bearer, a
person of an authority."""

OPEN = (PASSES,) * 7
ANY_STAGE = (ENTER, PASSES, PASSES, PASSES, PASSES, ENTER, PASSES)
CONSOLE = (ENTER, PASSES, CHANGE, PASSES, PASSES, ENTER, PASSES)
OFFICER = (ENTER, NO_MANDATE, CHANGE, PASSES, NO_MANDATE, ENTER, NO_MANDATE)
FOUNDER = (ENTER, NO_MANDATE, CHANGE, NO_MANDATE, PASSES, ENTER, NO_MANDATE)
AUTHORITY = (ENTER, NO_MANDATE, CHANGE, NO_MANDATE, NO_MANDATE, ENTER, PASSES)
DRAFTS = (ENTER, PASSES, CHANGE, NO_MANDATE, NO_MANDATE, ENTER, NO_MANDATE)

ACCREDITATIONS, CASES, PEOPLE = "/consola/acreditaciones", "/consola/enrolamientos", "/consola/profesionales"
CASE = f"{CASES}/{{id}}"
FORMS_OF_A_CASE = (
    "terminar", "datos", "documento", "documento/provisorio", "rnpi", "domicilio", "condiciones", "correo", "telefono",
    "contacto", "identidad", "factor", "factor/llaves", "factor/propia", "revisar",
)  # fmt: skip
"""Pages that are looked at and sent."""
ACTS_OF_A_CASE = (
    "recibir", "rnpi/observaciones", "correo/envio", "telefono/envio", "identidad/propia", "factor/qr",
    "factor/llaves/inicio",
)  # fmt: skip
PAPERS_OF_A_CASE = (
    "constancia", "constancia.pdf", "expediente.zip", "documento/original", "domicilio/original", "domicilio/vista",
    "identidad/foto-documento", "identidad/foto-persona",
)  # fmt: skip
LICENCES = "/consola/licencias"
DRAFT = f"{LICENCES}/borradores/{{id}}"
ACTS_OF_A_DRAFT = ("paciente/guardar", "reposo/guardar", "reposo/diagnosticos", "descartar")
FILES_OF_A_LICENCE = (
    "formulario/trabajador", "formulario/empleador", "formulario/profesional", "formulario/comprobante",
    "documento.xml", "evidencia.zip",
)  # fmt: skip
FORMS_OF_KEYS = ("nueva", "registrar", "{id}/retirar", "{id}/aval")
EXPECTED: dict[tuple[str, str], tuple[str, ...]] = {
    ("GET", "/consola/consola.css"): OPEN,
    ("GET", "/consola/icono.svg"): OPEN,
    ("GET", "/consola/htmx-4.0.1.min.js"): OPEN,
    ("GET", "/consola/llave.js"): OPEN,
    ("GET", "/consola/licencia.js"): OPEN,
    ("GET", "/consola/simplewebauthn-14.0.0.min.js"): OPEN,
    ("GET", "/consola/entrar"): OPEN,
    ("POST", "/consola/entrar"): OPEN,
    ("GET", "/consola/olvido"): OPEN,
    ("POST", "/consola/olvido"): OPEN,
    ("GET", "/consola/olvido/clave"): OPEN,
    ("POST", "/consola/olvido/clave"): OPEN,
    ("GET", "/consola/clave"): ANY_STAGE,
    ("POST", "/consola/clave"): ANY_STAGE,
    ("GET", "/consola/bloqueo"): ANY_STAGE,
    ("POST", "/consola/bloqueo"): ANY_STAGE,
    ("POST", "/consola/salir"): ANY_STAGE,
    ("GET", "/consola/entrar/llave"): (ENTER,) * 7,
    ("POST", "/consola/entrar/llave"): (ENTER,) * 7,
    ("GET", "/consola/llaves"): CONSOLE,
    ("GET", "/consola/llaves/{id}/aval/contenido"): CONSOLE,
    **{(method, f"/consola/llaves/{name}"): CONSOLE for method in ("GET", "POST") for name in FORMS_OF_KEYS},
    **{("GET", f"/consola/llaves/{{id}}/{name}"): CONSOLE for name in ("comprobante.json", "retiro/comprobante.json")},
    ("GET", "/consola"): CONSOLE,
    ("GET", "/consola/autoridad"): AUTHORITY,
    ("POST", "/consola/autoridad"): AUTHORITY,
    ("GET", "/consola/autoridad/orden"): AUTHORITY,
    ("POST", "/consola/autoridad/orden"): AUTHORITY,
    ("POST", "/consola/autoridad/ordenar"): AUTHORITY,
    ("GET", "/consola/autoridad/suspensiones/{id}"): AUTHORITY,
    ("GET", "/consola/autoridad/suspensiones/{id}/recibo.json"): AUTHORITY,
    ("GET", "/consola/autoridad/suspensiones/{id}/levantamiento/recibo.json"): AUTHORITY,
    ("GET", "/consola/autoridad/suspensiones/{id}/levantamiento"): AUTHORITY,
    ("POST", "/consola/autoridad/suspensiones/{id}/levantamiento"): AUTHORITY,
    ("GET", ACCREDITATIONS): FOUNDER,
    ("GET", f"{ACCREDITATIONS}/nueva"): FOUNDER,
    ("POST", f"{ACCREDITATIONS}/nueva"): FOUNDER,
    ("POST", f"{ACCREDITATIONS}/{{id}}/propuesta"): FOUNDER,
    ("GET", f"{ACCREDITATIONS}/{{id}}/designacion"): FOUNDER,
    ("GET", f"{ACCREDITATIONS}/{{id}}/aprobacion"): FOUNDER,
    ("POST", f"{ACCREDITATIONS}/{{id}}/aprobacion"): FOUNDER,
    ("GET", f"{ACCREDITATIONS}/{{id}}/termino"): FOUNDER,
    ("POST", f"{ACCREDITATIONS}/{{id}}/termino"): FOUNDER,
    ("GET", CASES): OFFICER,
    ("GET", f"{CASES}/nuevo"): OFFICER,
    ("POST", f"{CASES}/nuevo"): OFFICER,
    ("GET", CASE): OFFICER,
    **{(method, f"{CASE}/{name}"): OFFICER for method in ("GET", "POST") for name in FORMS_OF_A_CASE},
    **{("POST", f"{CASE}/{name}"): OFFICER for name in ACTS_OF_A_CASE},
    **{("GET", f"{CASE}/{name}"): OFFICER for name in PAPERS_OF_A_CASE},
    ("GET", PEOPLE): OFFICER,
    ("POST", PEOPLE): OFFICER,
    ("GET", f"{PEOPLE}/resultados"): OFFICER,
    ("GET", f"{PEOPLE}/{{id}}"): OFFICER,
    ("POST", f"{PEOPLE}/{{id}}/contacto"): OFFICER,
    ("GET", "/verificar"): OPEN,
    ("POST", "/verificar"): OPEN,
    ("GET", "/verificar/{codigo}"): OPEN,
    ("GET", "/consola/consultas-rnpi/{id}/evidencia.zip"): OFFICER,
    **{("GET", f"{LICENCES}/{{id}}/{name}"): CONSOLE for name in FILES_OF_A_LICENCE},
    ("GET", LICENCES): CONSOLE,
    ("POST", f"{LICENCES}/nueva"): DRAFTS,
    **{(method, f"{DRAFT}/{name}"): CONSOLE for method in ("GET", "POST") for name in ("paciente", "reposo")},
    **{("POST", f"{DRAFT}/{name}"): CONSOLE for name in ACTS_OF_A_DRAFT},
    ("GET", f"{LICENCES}/preparadas/{{id}}"): CONSOLE,
    ("POST", f"{LICENCES}/preparadas/{{id}}"): CONSOLE,
    ("GET", f"{LICENCES}/{{id}}"): CONSOLE,
}

WITHOUT_KEY = {
    "/consola/entrar": "opens a session, its code serves once",
    "/consola/entrar/llave": "its challenge serves once",
    "/consola/autoridad": "only looks somebody up",
    "/consola/autoridad/orden": "only shows what would be ordered",
    f"{LICENCES}/nueva": "only a draft",
    **{f"{DRAFT}/{name}": "only a draft: what was typed last counts" for name in ACTS_OF_A_DRAFT},
    "/consola/llaves/nueva": "its factor serves once",
    "/consola/llaves/registrar": "its challenges serve once",
    "/consola/llaves/{id}/retirar": "a key is retired once",
    "/consola/llaves/{id}/aval": "a key is endorsed once",
    "/consola/salir": "leaving twice is leaving once",
    "/consola/clave": "the session is over with it",
    "/consola/olvido": "the last code sent is the one that counts",
    "/consola/olvido/clave": "its codes serve once",
    f"{ACCREDITATIONS}/nueva": "only a draft: the last one counts",
    f"{CASES}/nuevo": "a person has one case at a time",
    **{f"{CASE}/{name}": "the last piece of a task counts" for name in (*FORMS_OF_A_CASE, *ACTS_OF_A_CASE)},
    f"{CASE}/terminar": "a case ends once",
    f"{CASE}/revisar": "a case enables once, and its code serves once",
    PEOPLE: "only looks",
    "/verificar": "only looks",
    f"{PEOPLE}/{{id}}/contacto": "only looks, and leaves a trace each time",
}
"""Forms whose own number is not the key of their act, and why."""

PRIORITY = {
    ("POST", "/consola/bloqueo"),
    ("POST", "/consola/autoridad/ordenar"),
    ("POST", "/consola/autoridad/suspensiones/{id}/levantamiento"),
}
ASKS_OUTSIDE = {
    *(("POST", path) for path in (f"{DRAFT}/paciente", f"{DRAFT}/reposo", f"{LICENCES}/preparadas/{{id}}")),
    ("POST", "/consola/entrar"),
    ("POST", "/consola/entrar/llave"),
    ("POST", f"{ACCREDITATIONS}/nueva"),
    *(("POST", f"{CASE}/{name}") for name in ("documento", "documento/provisorio", "rnpi", "domicilio", "identidad")),
}
"""The RNPI at entry; in a case the Registro Civil, the RNPI, biometrics, and the process that looks into documents."""


@pytest.fixture
def web(tmp_path: Path, application_url: str, clock: Any) -> Iterator[Web]:
    with operator_of(web_settings(tmp_path, application_url), clock) as operator:
        yield Web(create_app(operator), operator, clock)


def pages(web: Web) -> dict[tuple[str, str], Page[Any, Any]]:
    routes = web.app.extensions["routes"]
    return {(route.method, route.path): route for route in routes if isinstance(route, Page)}


def test_every_page_has_expected_verdicts(web: Web) -> None:
    assert set(pages(web)) == set(EXPECTED)
    assert all(len(verdicts) == len(ROLES) for verdicts in EXPECTED.values())
    assert all(is_page(path) for _, path in EXPECTED)


class Actor:
    """Asks for pages as one role."""

    def __init__(self, browsing: Browsing, *, bearer: str = "") -> None:
        self.browsing = browsing
        self.headers = {"Authorization": f"Bearer {bearer}"} if bearer else {}
        self.proof = browsing.own_proof() if browsing.client.get_cookie("lme") else browsing.proof()

    def verdict(self, page: Page[Any, Any]) -> str:
        path = page.path.replace("{id}", str(uuid4()))
        if page.method == "GET":
            answer = self.browsing.get(path, **self.headers)
        else:
            proof = self.browsing.proof() if page.guard.name == "pagina_abierta" else self.proof
            answer = self.browsing.send(path, proof=proof, headers=self.headers)
        assert answer.status_code < 500, answer.text
        if "lme=;" in str(answer.headers.getlist("Set-Cookie")):
            return PASSES  # what was asked has ended the session
        if answer.status_code == 403:
            return NO_MANDATE
        leads = {"/consola/entrar": ENTER, "/consola/clave": CHANGE}
        return leads.get(answer.headers.get("Location", ""), PASSES)


class Cast:
    """One person of each role; each can be asked for a session of now."""

    def __init__(self, web: Web) -> None:
        self.web, people = web, web.people
        officer, (founder, _) = people.officer(), people.founders()
        limited, _ = people.first_access(OTHER.number)
        self._people = {
            ROLES[1]: (web.enrol(), "individual"),
            ROLES[2]: (limited, "individual"),
            ROLES[3]: (officer, "operador"),
            ROLES[4]: (founder, "operador"),
            ROLES[6]: (people.officer(9100005, authority="compin:13"), "operador"),
        }
        self._bearer = web.enter(people.enrol(15000009))

    def actor(self, role: str) -> Actor:
        """Somebody of that role, who has just entered."""
        browsing = Browsing(self.web)
        if role in self._people:
            run, context = self._people[role]
            assert browsing.enter(run, context=context).status_code == 303
        return Actor(browsing, bearer=self._bearer if role == ROLES[5] else "")


@pytest.mark.norm("N-2.6b", "N-1l")
def test_every_page_gives_every_role_its_verdict(web: Web) -> None:
    cast, ends = Cast(web), {"/consola/salir": 1, "/consola/bloqueo": 2}
    by_role = {role: cast.actor(role) for role in ROLES}
    wrong = []
    for name, page in sorted(pages(web).items(), key=lambda item: (ends.get(item[0][1], 0), item[0])):
        for role, expected in zip(ROLES, EXPECTED[name], strict=True):
            verdict = by_role[role].verdict(page)
            if verdict != expected:
                wrong.append(f"{name} as {role}: {verdict}, expected {expected}")
            if name[0] == "POST" and name[1] == "/consola/salir":
                by_role[role] = cast.actor(role)
    assert wrong == []


@pytest.mark.norm("N-1b", "N-1l")
def test_mandate_is_asked_again_at_each_request(web: Web, clock: Any) -> None:
    officer = web.people.officer(until=local_day(clock()))
    clock.set(datetime(2026, 4, 20, 23, 40, tzinfo=SANTIAGO))
    browsing = Browsing(web).entered(officer, context="operador")
    assert browsing.get(CASES).status_code == 200
    clock.advance(seconds=30 * 60)
    over = browsing.get(CASES)
    assert (over.status_code, heading(over)) == (403, "No puede hacer esto")
    assert "No está acreditado por el operador para enrolar" in over.text


def test_every_form_is_guarded_by_its_proof(web: Web) -> None:
    forms = [page for (method, _), page in pages(web).items() if method == "POST"]
    assert {page.guard.scheme for page in forms} == {BROWSER_SCHEME}
    assert {page.method for page in pages(web).values()} == {"GET", "POST"}


def test_acts_of_pages_have_a_number_of_their_own(web: Web) -> None:
    forms = {path: page for (method, path), page in pages(web).items() if method == "POST"}
    keyed = {path for path, page in forms.items() if page.idempotency is Idempotency.REQUIRED}
    assert set(forms) - keyed == set(WITHOUT_KEY)
    actor = Cast(web).actor(ROLES[1])
    answer = actor.browsing.send("/consola/bloqueo", proof=actor.proof, act="")
    assert (answer.status_code, heading(answer)) == (400, "No pudimos leer lo que se envió")


@pytest.mark.norm("N-2.7a")
def test_only_blocks_and_their_lifting_go_first_and_only_entry_waits_for_third_parties(web: Web) -> None:
    assert {name for name, page in pages(web).items() if page.priority} == PRIORITY
    assert {name for name, page in pages(web).items() if page.asks_outside} == ASKS_OUTSIDE


def test_no_address_says_who_anybody_is(web: Web) -> None:
    for (method, path), page in pages(web).items():
        assert "{" not in path.replace("{id}", "").replace("/verificar/{codigo}", ""), path
        if method == "GET" and page.input is not None:
            assert not {"run", "rut", "folio", "nombre"} & set(page.input.model_fields)
