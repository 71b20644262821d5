"""The web application wired as in production, a client of it, and what it is told. HTTP tests start from here."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

from flask import Flask

from lme_operator.core.run import Run
from lme_operator.entrypoints.api.finding_codes import FIELDS, REASONS
from lme_operator.entrypoints.api.openapi import build_openapi, problem_kinds
from lme_operator.entrypoints.api.professional.order import EXAMPLE
from lme_operator.entrypoints.http.routes import Route
from lme_operator.gateways.key_store import create_keys
from lme_operator.settings import Settings
from lme_operator.wiring import Operator, build_operator
from tests.factories.people import CHEAP, PASSWORD, People
from tests.factories.rnpi import StaticControls, StaticRegistry

DOCTOR = Run(15000001)
OTHER = Run(15000002)
_PATIENCE = 15.0


@dataclass
class Web:
    """A client of the API, and its people."""

    app: Flask
    operator: Operator
    clock: Any

    @property
    def people(self) -> People:
        return People(self.operator.database, self.operator.log, self.operator.sealer)

    def enrol(self, run: Run = DOCTOR, **changes: Any) -> Run:
        return self.people.enrol(run.number, **changes)

    def code(self) -> str:
        """A code never used: the clock moves to the next step."""
        self.clock.advance(seconds=30)
        return self.people.code()

    def entry(self, run: Run = DOCTOR, **changes: Any) -> dict[str, Any]:
        body = {
            "run": str(run),
            "clave": PASSWORD,
            "segundo_factor": {"tipo": "totp", "codigo": self.code()},
            "contexto": {"tipo": "individual"},
        }
        return body | changes

    def enter(self, run: Run = DOCTOR) -> str:
        """Enter; return the session's token."""
        answer = self.post("/api/v1/sesiones", self.entry(run))
        assert answer.status_code == 201, answer.text
        token: str = answer.json["token"]
        return token

    def post(self, path: str, body: Any = None, **options: Any) -> Any:
        return self.send("POST", path, body, **options)

    def get(self, path: str, **options: Any) -> Any:
        return self.send("GET", path, **options)

    def send(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        token: str | None = None,
        key: str | None = None,
        headers: dict[str, str] | None = None,
    ) -> Any:
        """Send a request; `body` is JSON, or bytes as they are."""
        given = dict(headers or {})
        if token is not None:
            given["Authorization"] = f"Bearer {token}"
        if key is not None:
            given["Idempotency-Key"] = key
        content = {"data": body, "content_type": "application/json"} if isinstance(body, bytes) else {"json": body}
        answer = self.app.test_client().open(
            path,
            method=method,
            headers=given,
            **(content if body is not None else {}),
        )
        assert_published(self.app, method, path, answer)
        return answer

    def prepare(self, token: str, body: Any = None, *, key: str | None = None) -> Any:
        order = order_of(self.clock) if body is None else body
        return self.post("/api/v1/licencias/preparaciones", order, token=token, key=key or str(uuid4()))

    def issue(self, token: str, preparation: str, *, code: str | None = None, key: str = "") -> Any:
        body = {"preparacion": preparation, "autorizacion": {"tipo": "totp", "codigo": code or self.code()}}
        return self.post("/api/v1/licencias", body, token=token, key=key or str(uuid4()))


def order_of(clock: Callable[[], Any]) -> dict[str, Any]:
    """The documentation's example; the tests' clock stands at its day."""
    assert clock().date().isoformat() == EXAMPLE["fecha_inicio_reposo"]
    return EXAMPLE


def web_settings(home: Path, application_url: str) -> Settings:
    """Settings of the tests, for one database and one folder; patient with a machine that does much else."""
    given = {"LME_ENV": "testing", "LME_HOME": str(home), "LME_DATABASE_URL_APPLICATION": application_url}
    settings = Settings.load(given)
    web = settings.web.model_copy(update={"request_seconds": _PATIENCE, "outside_seconds": _PATIENCE})
    return settings.model_copy(update={"web": web})


@contextmanager
def operator_of(settings: Settings, clock: Any) -> Iterator[Operator]:
    """The operator as the wiring builds it, with keys made for it and fast password hashing."""
    create_keys(settings.keys, at=clock(), operator=settings.operator.name, production=False)
    register = StaticRegistry(clock), StaticControls(clock)
    operator = build_operator(settings, role="application", clock=clock, hashing=CHEAP, register=register)
    yield operator
    operator.database.close()


def assert_published(app: Flask, method: str, path: str, answer: Any) -> None:
    """Assert that an answer says nothing that the contract does not announce for that route of the API."""
    route = _route(app, method, path.partition("?")[0])
    if route is None:
        return
    if answer.content_type != "application/problem+json":
        assert_announced(app, route, answer)
        return
    kinds = {kind.code for kind in problem_kinds(route)}
    document = answer.json
    assert document["codigo"] in kinds, (route.name, document)
    assert {one["codigo"] for one in document.get("motivos", ())} <= REASONS.keys() | kinds, (route.name, document)
    assert {one["codigo"] for one in document.get("errores", ())} <= FIELDS.keys() | kinds, (route.name, document)


def assert_announced(app: Flask, route: Route[Any, Any], answer: Any) -> None:
    """Assert that status, header of a replay and fields of what was done are those of the published contract."""
    document = build_openapi((route,), info={}, schemes={})
    responses = document["paths"][route.path][route.method.lower()]["responses"]
    assert str(answer.status_code) in responses, (route.name, answer.status_code)
    said = responses[str(answer.status_code)]
    header = said.get("headers", {}).get("Idempotent-Replayed", {"schema": {"enum": []}})
    told = answer.headers.getlist("Idempotent-Replayed")
    assert set(told) <= set(header["schema"]["enum"]), (route.name, told)
    assert told or not header.get("required"), route.name
    if answer.mimetype == "application/json" and "content" in said:
        name = said["content"]["application/json"]["schema"].get("$ref", "").rpartition("/")[2]
        fields = document["components"]["schemas"].get(name, {}).get("properties")
        assert fields is None or set(answer.json) <= set(fields), (route.name, set(answer.json) ^ set(fields))


def _route(app: Flask, method: str, path: str) -> Route[Any, Any] | None:
    for route in app.extensions["routes"]:
        pattern = re.sub(r"\\\{[a-z_]+\\\}", "[^/]+", re.escape(route.path))
        if route.method == method and route.path.startswith("/api/") and re.fullmatch(pattern, path):
            found: Route[Any, Any] = route
            return found
    return None


_MEMBERS = {"type", "title", "status", "detail", "instance", "codigo", "id_solicitud"}


def problem_of(answer: Any, status: int, code: str) -> Any:
    """Assert that the answer is a whole problem document; return it."""
    assert answer.status_code == status, answer.text
    assert answer.content_type == "application/problem+json"
    document = answer.json
    assert set(document) >= _MEMBERS
    assert document["status"] == status
    assert document["codigo"] == code
    assert document["type"] == f"/api/docs#{code}"
    assert document["instance"] == f"urn:uuid:{document['id_solicitud']}"
    assert answer.headers["X-Request-Id"] == document["id_solicitud"]
    return document
