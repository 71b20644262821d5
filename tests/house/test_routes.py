"""Every route has a guard and an expected verdict for every role, its own or another's things; nothing is published
beside the declared routes; acts with legal effect demand an Idempotency-Key; code, OpenAPI and contract say the same.
"""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from openapi_spec_validator import validate

from lme_operator.entrypoints.http.routes import Idempotency
from lme_operator.entrypoints.pages.pages import Page
from lme_operator.wiring import create_app
from tests.factories.machines import Machine
from tests.factories.web import DOCTOR, OTHER, Web, operator_of, web_settings

PASSES, NO_SESSION, UNSIGNED, FORBIDDEN = "pasa", "falta_sesion", "firma_ausente", "prohibido"

ROLES = ("nadie", "profesional", "profesional que debe cambiar su clave", "autoridad", "autoridad que sólo consulta")
"""Nobody, a professional with a full session, one with a limited session, a machine that orders, one that only asks."""

OPEN = (PASSES,) * 5
PERSON = (NO_SESSION, PASSES, "debe_cambiar_clave", NO_SESSION, NO_SESSION)
PERSON_OF_ANY_STAGE = (NO_SESSION, PASSES, PASSES, NO_SESSION, NO_SESSION)
ORDERS = (UNSIGNED, UNSIGNED, UNSIGNED, PASSES, FORBIDDEN)
ASKS = (UNSIGNED, UNSIGNED, UNSIGNED, PASSES, PASSES)

LICENCE, SUSPENSION = "/api/v1/licencias", "/api/v1/autoridad/suspensiones"
EXPECTED: dict[tuple[str, str], tuple[str, ...]] = {
    ("POST", "/api/v1/sesiones"): OPEN,
    ("POST", "/api/v1/sesiones/opciones"): OPEN,
    ("PUT", "/api/v1/sesiones/actual/clave"): PERSON_OF_ANY_STAGE,
    ("DELETE", "/api/v1/sesiones/actual"): PERSON_OF_ANY_STAGE,
    ("GET", "/api/v1/profesional/estado"): PERSON,
    ("GET", "/api/v1/profesional/constancia.pdf"): PERSON,
    ("POST", "/api/v1/profesional/bloqueo"): PERSON_OF_ANY_STAGE,
    ("POST", "/api/v1/profesional/llaves/opciones"): PERSON,
    ("POST", "/api/v1/profesional/llaves"): PERSON,
    ("POST", f"{LICENCE}/preparaciones"): PERSON,
    ("DELETE", f"{LICENCE}/preparaciones/{{id}}"): PERSON,
    ("POST", LICENCE): PERSON,
    ("GET", f"{LICENCE}/{{id}}"): PERSON,
    ("GET", f"{LICENCE}/{{id}}/documento.xml"): PERSON,
    ("GET", f"{LICENCE}/{{id}}/documento.pdf"): PERSON,
    ("GET", f"{LICENCE}/{{id}}/evidencia.zip"): PERSON,
    ("POST", SUSPENSION): ORDERS,
    ("POST", f"{SUSPENSION}/{{id}}/levantamiento"): ORDERS,
    ("POST", f"{SUSPENSION}/{{id}}/reemplazo"): ORDERS,
    ("GET", SUSPENSION): ORDERS,
    ("GET", f"{SUSPENSION}/{{id}}"): ORDERS,
    ("GET", f"{SUSPENSION}/{{id}}/materializacion"): ORDERS,
    ("POST", "/api/v1/autoridad/consultas/profesional"): ASKS,
    ("POST", "/api/v1/verificaciones"): OPEN,
    ("GET", "/auditoria/registro/checkpoint"): OPEN,
    ("GET", "/auditoria/registro/confianza.json"): OPEN,
    ("GET", "/confianza.json"): OPEN,
    ("GET", "/salud"): OPEN,
    ("GET", "/salud/lista"): OPEN,
    ("GET", "/api/openapi.json"): OPEN,
    ("GET", "/api/docs"): OPEN,
}

KEY_DEMANDED = {
    ("POST", f"{LICENCE}/preparaciones"),
    ("POST", LICENCE),
    ("POST", SUSPENSION),
    ("POST", f"{SUSPENSION}/{{id}}/levantamiento"),
    ("POST", f"{SUSPENSION}/{{id}}/reemplazo"),
}
"""Those marked ⚷ in the contract."""

SHOWN_IN_PART = {("POST", f"{LICENCE}/preparaciones"), ("POST", LICENCE)}
"""Where what was made holds what its maker may not be allowed to read later: a replay shows less then.

The own block's answer tells of the block alone, which its person may always see; an order of an authority is read by
whoever may sign for that authority now, and its guard asks that each time.
"""

KEY_OPTIONAL = {("POST", "/api/v1/profesional/bloqueo")}

WITHOUT_KEY = {
    ("POST", "/api/v1/sesiones"): "opens a session, its code serves once",
    ("POST", "/api/v1/sesiones/opciones"): "gives a challenge",
    ("POST", "/api/v1/profesional/llaves/opciones"): "gives a challenge, its code serves once",
    ("POST", "/api/v1/profesional/llaves"): "its challenge serves once",
    ("POST", "/api/v1/autoridad/consultas/profesional"): "only asks",
    ("POST", "/api/v1/verificaciones"): "only asks",
}
"""POSTs without legal effect, or that cannot happen twice, and why."""

PRIORITY = {
    ("POST", "/api/v1/profesional/bloqueo"),
    ("POST", SUSPENSION),
    ("POST", f"{SUSPENSION}/{{id}}/levantamiento"),
    ("POST", f"{SUSPENSION}/{{id}}/reemplazo"),
    ("GET", "/salud"),
}
"""Blocks, and what tells whether the process lives."""


@pytest.fixture
def web(tmp_path: Path, application_url: str, clock: Any) -> Iterator[Web]:
    with operator_of(web_settings(tmp_path, application_url), clock) as operator:
        yield Web(create_app(operator), operator, clock)


def declared(web: Web) -> dict[tuple[str, str], Any]:
    """Every route but the pages, which `test_pages` judges."""
    routes = web.app.extensions["routes"]
    return {(route.method, route.path): route for route in routes if not isinstance(route, Page)}


def test_every_route_has_expected_verdicts_and_nothing_else_is_published(web: Web) -> None:
    assert set(declared(web)) == set(EXPECTED)
    published = {rule.endpoint for rule in web.app.url_map.iter_rules()}
    assert published == {route.name for route in web.app.extensions["routes"]}
    assert all(len(verdicts) == len(ROLES) for verdicts in EXPECTED.values())


def test_pages_of_test_systems_are_published_there_alone(web: Web) -> None:
    operator, settings = web.operator, web.operator.settings
    shown = settings.demonstration.model_copy(update={"pages": True})
    testing = replace(operator, settings=settings.model_copy(update={"demonstration": shown}))
    app = create_app(testing)
    assert set(declared(Web(app, testing, web.clock))) - set(EXPECTED) == {
        ("GET", "/"),
        ("GET", "/pruebas/bandeja"),
        ("GET", "/pruebas/bandeja.css"),
        ("GET", "/pruebas/bandeja.js"),
    }


class Actor:
    """Sends requests as one role."""

    def __init__(self, web: Web, *, token: str | None = None, machine: Machine | None = None) -> None:
        self.web, self.token, self.machine = web, token, machine

    def send(self, method: str, path: str, body: dict[str, Any] | None = None, *, key: str | None = None) -> Any:
        sent = (body or {}) if method == "POST" else None
        if self.machine is None:
            return self.web.send(method, path, sent, token=self.token, key=key)
        address = self.web.operator.settings.web.origin
        headers, content = self.machine.sign(method, address + path, body=sent, key=key)
        return self.web.app.test_client().open(path, base_url=address, method=method, headers=headers, data=content)

    def verdict(self, route: Any, identifier: str) -> str:
        key = str(uuid4()) if route.idempotency is Idempotency.REQUIRED else None
        answer = self.send(route.method, route.path.replace("{id}", identifier), key=key)
        assert answer.status_code < 500, answer.text
        code = answer.json.get("codigo") if answer.is_json else None
        if answer.status_code not in (401, 403) or code == "credenciales_invalidas":
            return PASSES
        return FORBIDDEN if code == "organizacion_sin_permiso" else str(code)


def register(web: Web, keyid: str, **changes: Any) -> Machine:
    operator = web.operator
    return Machine.register(operator.database, operator.log, operator.sealer, keyid=keyid, **changes)


def actors(web: Web) -> dict[str, Actor]:
    """One of each role, as in `ROLES`."""
    web.enrol()
    web.enrol(OTHER, initial=True)
    limited = web.post("/api/v1/sesiones", web.entry(OTHER)).json["token"]
    return {
        ROLES[0]: Actor(web),
        ROLES[1]: Actor(web, token=web.enter()),
        ROLES[2]: Actor(web, token=limited),
        ROLES[3]: Actor(web, machine=register(web, "ordena")),
        ROLES[4]: Actor(web, machine=register(web, "consulta", permissions=frozenset({"consultas"}))),
    }


@pytest.mark.norm("N-2.6b")
def test_whoever_is_not_known_is_told_how_to_make_himself_known(web: Web) -> None:
    """RFC 9110, section 11.6.1: each 401 carries the challenge of its own route."""
    for (method, path), route in declared(web).items():
        answer = Actor(web).send(method, path.replace("{id}", str(uuid4())), key=str(uuid4()))
        if route.guard.scheme is not None:
            scheme = {"sesion": "Bearer", "firma": "Signature"}[route.guard.scheme]
            assert answer.status_code == 401, path
            assert answer.headers["WWW-Authenticate"].partition(" ")[0] == scheme, path


def _ending_last(routes: dict[tuple[str, str], Any]) -> list[tuple[tuple[str, str], Any]]:
    """What ends a session comes last."""
    ends = {("DELETE", "/api/v1/sesiones/actual"): 1, ("POST", "/api/v1/profesional/bloqueo"): 2}
    return sorted(routes.items(), key=lambda item: ends.get(item[0], 0))


@pytest.mark.norm("N-2.6b")
def test_every_route_gives_every_role_its_verdict(web: Web) -> None:
    by_role = actors(web)
    wrong = []
    for name, route in _ending_last(declared(web)):
        for role, expected in zip(ROLES, EXPECTED[name], strict=True):
            actor = by_role[role]
            if name == ("POST", "/api/v1/profesional/bloqueo") and expected == PASSES:
                actor = Actor(web, token=_fresh(web, role))
            verdict = actor.verdict(route, str(uuid4()))
            if verdict != expected:
                wrong.append(f"{name} as {role}: {verdict}, expected {expected}")
    assert wrong == []


def _fresh(web: Web, role: str) -> str:
    """A new token for who has just left."""
    if role == ROLES[1]:
        return web.enter()
    token: str = web.post("/api/v1/sesiones", web.entry(OTHER)).json["token"]
    return token


OTHERS_THINGS: dict[str, dict[str, Any]] = {
    "levantamiento": {"numero_resolucion": "9/2026", "motivo": "Otra autoridad."},
    "reemplazo": {
        "clase": "correccion",
        "numero_resolucion": "9/2026",
        "fecha_resolucion": "2026-04-17",
        "desde": "2026-04-20",
        "hasta": "2026-04-21",
        "fundamento": "Otra autoridad.",
    },
}
"""What another authority would send, by the end of the address."""


@pytest.mark.norm("N-2.6b", "N-6d")
def test_things_of_another_person_or_institution_do_not_open(web: Web) -> None:
    token = web.enter(web.enrol())
    licence = web.issue(token, web.prepare(token).json["preparacion"]).json["id"]
    web.enrol(OTHER)
    stranger = Actor(web, token=web.enter(OTHER))
    suspension = str(register(web, "compin-rm").suspend(DOCTOR).id)
    foreign = Actor(web, machine=register(web, "suseso", organisation="suseso", compin=""))
    for method, path in declared(web):
        if "{id}" not in path:
            continue
        actor, identifier = (foreign, suspension) if path.startswith(SUSPENSION) else (stranger, licence)
        body = OTHERS_THINGS.get(path.rpartition("/")[2])
        answer = actor.send(method, path.replace("{id}", identifier), body, key=str(uuid4()))
        assert answer.status_code in (403, 404), (path, answer.text)


def test_acts_with_legal_effect_demand_a_key(web: Web) -> None:
    routes = declared(web)
    demanding = {name for name, route in routes.items() if route.idempotency is Idempotency.REQUIRED}
    optional = {name for name, route in routes.items() if route.idempotency is Idempotency.OPTIONAL}
    posts = {name for name in routes if name[0] == "POST"}
    assert demanding == KEY_DEMANDED
    assert optional == KEY_OPTIONAL
    assert posts - demanding - optional == set(WITHOUT_KEY)
    by_role = actors(web)
    for name in sorted(KEY_DEMANDED):
        actor = by_role[ROLES[EXPECTED[name].index(PASSES)]]
        answer = actor.send(name[0], name[1].replace("{id}", str(uuid4())))
        assert (answer.status_code, answer.json["codigo"]) == (400, "falta_idempotency_key"), name


@pytest.mark.norm("N-2.7a", "N-6d")
def test_blocks_and_liveness_never_queue(web: Web) -> None:
    assert {name for name, route in declared(web).items() if route.priority} == PRIORITY


def test_no_run_travels_in_an_address(web: Web) -> None:
    """Addresses hold ids of ours and nothing else; queries hold cursors and limits."""
    for (method, path), route in declared(web).items():
        assert "{" not in path.replace("{id}", ""), path
        if method == "GET" and route.input is not None:
            assert not {"run", "rut", "folio"} & set(route.input.model_fields)


def test_openapi_is_valid_and_says_what_the_code_does(web: Web) -> None:
    document = web.get("/api/openapi.json").json
    validate(document)
    assert document["openapi"].startswith("3.1")
    described = {
        (method.upper(), path): operation
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
    }
    assert set(described) == set(EXPECTED)
    for name, operation in described.items():
        route = declared(web)[name]
        keys = [one for one in operation.get("parameters", ()) if one["name"] == "Idempotency-Key"]
        assert [key["required"] for key in keys] == {
            Idempotency.REQUIRED: [True],
            Idempotency.OPTIONAL: [False],
            Idempotency.NONE: [],
        }[route.idempotency]
        assert _replays(operation) == _expected_replays(name, route)
        assert bool(operation["security"]) == (EXPECTED[name] != OPEN)
        assert operation["summary"].endswith(".")
        assert str(int(route.status)) in operation["responses"]
        assert {"500", "503"} <= set(operation["responses"])
        assert EXPECTED[name] == OPEN or "401" in operation["responses"]


def _replays(operation: Any) -> dict[str, list[str]]:
    """Each status that a replay may have, and what its header says then."""
    return {
        status: response["headers"]["Idempotent-Replayed"]["schema"]["enum"]
        for status, response in operation["responses"].items()
        if "headers" in response
    }


def _expected_replays(name: tuple[str, str], route: Any) -> dict[str, list[str]]:
    if name not in KEY_DEMANDED | KEY_OPTIONAL:
        return {}
    whole = {str(int(route.status)): ["true"]}
    return {**whole, "200": ["reducida"]} if name in SHOWN_IN_PART else whole


def test_what_is_left_of_a_replay_is_id_and_folio(web: Web) -> None:
    document = web.get("/api/openapi.json").json
    assert {name for name, route in declared(web).items() if route.reduced is not None} == SHOWN_IN_PART
    for method, path in SHOWN_IN_PART:
        content = document["paths"][path][method.lower()]["responses"]["200"]["content"]
        name = content["application/json"]["schema"]["$ref"].rpartition("/")[2]
        schema = document["components"]["schemas"][name]
        assert set(schema["properties"]) == set(schema["required"]) == {"id", "folio"}


def test_openapi_speaks_spanish(web: Web) -> None:
    """Docstrings are for us: none is published."""
    document = web.get("/api/openapi.json").json
    for name, schema in document["components"]["schemas"].items():
        assert "description" not in schema, name
        assert not name.endswith(("Model", "Shown")), name
