"""HTTP itself: headers on every status, methods, hosts, the front, faults, and what the log never holds."""

import asyncio
import io
import json
import logging
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from typing import Any

import psycopg
import pytest
from flask import Flask, request

from lme_operator.core.refusal import Fault, Refusal
from lme_operator.entrypoints.api.professional.order import EXAMPLE
from lme_operator.entrypoints.http.front import Front, Places, Way
from lme_operator.entrypoints.http.headers import install_headers
from lme_operator.entrypoints.http.logs import configure_logs, install_logs
from lme_operator.entrypoints.http.problems import install_problems, turn_away
from lme_operator.entrypoints.http.refusals import BUSY
from lme_operator.settings import Settings
from lme_operator.wiring import Operator, create_app
from tests.factories.people import PASSWORD, SECRET
from tests.factories.web import DOCTOR, OTHER, Web, problem_of

_HEADERS = {
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Frame-Options": "DENY",
}


def assert_safe(answer: Any) -> None:
    for name, value in _HEADERS.items():
        assert answer.headers[name] == value, (answer.status, name)
    policy = answer.headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'")
    assert "frame-ancestors 'none'" in policy
    assert re.fullmatch(r"[0-9a-f-]{36}", answer.headers["X-Request-Id"])
    assert "Access-Control-Allow-Origin" not in answer.headers
    assert "Set-Cookie" not in answer.headers


def test_every_status_carries_the_security_headers(web: Web, doctor: str) -> None:
    answers = {
        200: web.get("/salud"),
        201: web.prepare(doctor),
        204: web.send("DELETE", "/api/v1/sesiones/actual", token=doctor),
        400: web.post("/api/v1/sesiones", b"{"),
        401: web.get("/api/v1/profesional/estado"),
        403: web.post("/api/v1/sesiones", web.entry(web.enrol(OTHER, initial=True))),
        404: web.get("/no/existe"),
        405: web.post("/salud"),
        413: web.post("/api/v1/sesiones", b"x" * 300_000),
        415: web.post("/api/v1/sesiones", b"{}", headers={"Content-Encoding": "gzip"}),
        422: web.post("/api/v1/sesiones", {}),
    }
    for status, answer in answers.items():
        assert answer.status_code == status, answer.text
        assert_safe(answer)
    assert_safe(web.get("/api/docs"))
    assert len({answer.headers["X-Request-Id"] for answer in answers.values()}) == len(answers)


def test_own_and_outside_failures_tell_nothing_of_the_inside() -> None:
    def fail(error: Exception) -> Any:
        def view() -> str:
            raise error

        return view

    app = Flask("fallas", static_folder=None)
    app.config["REQUEST_SECONDS"] = 2.0
    for path, error in {
        "interna": ValueError("secreto 12345678-5"),
        "base": Fault("servicio_no_disponible"),
        "ajena": Fault("firma_no_verificada"),
        "commit": Fault("resultado_desconocido", outcome_unknown=True),
    }.items():
        app.add_url_rule(f"/{path}", path, fail(error))
    install_problems(app)
    install_headers(app, production=True)
    for path, status, code in (
        ("interna", 500, "falla_interna"),
        ("base", 503, "servicio_no_disponible"),
        ("ajena", 503, "servicio_no_disponible"),
        ("commit", 503, "resultado_desconocido"),
    ):
        answer = app.test_client().get(f"/{path}", base_url="https://localhost")
        problem_of(answer, status, code)
        assert_safe(answer)
        assert answer.headers["Strict-Transport-Security"].startswith("max-age=31536000")
        assert ("Retry-After" in answer.headers) == (status == 503)
        assert "secreto" not in answer.text
        assert "Traceback" not in answer.text


@pytest.mark.parametrize("method", ["TRACE", "OPTIONS", "PATCH", "CONNECT", "PROPFIND", "BREW"])
def test_other_methods_are_refused_on_every_route(web: Web, method: str) -> None:
    for route in web.app.extensions["routes"]:
        path = route.path.replace("{id}", "00000000-0000-7000-8000-000000000000")
        answer = web.app.test_client().open(path, method=method)
        problem_of(answer, 405, "metodo_no_permitido")
        assert route.method in answer.headers["Allow"]
        assert_safe(answer)


def test_head_answers_as_get_without_a_body(web: Web) -> None:
    answer = web.app.test_client().head("/auditoria/registro/checkpoint")
    assert (answer.status_code, answer.data) == (200, b"")
    assert_safe(answer)


@pytest.mark.parametrize(
    "host", ["otro.example", "localhost.otro.example", "localhost@otro.example", "[::1", "", "a b"]
)
def test_other_hosts_are_refused(web: Web, host: str) -> None:
    answer = web.app.test_client().get("/salud", headers={"Host": host})
    problem_of(answer, 400, "solicitud_invalida")
    assert host == "" or host not in answer.text
    assert_safe(answer)


@pytest.mark.parametrize(
    "path", ["/api//v1/sesiones", "/api/v1/sesiones/", "/api/v1/../../salud", "/salud/" + "x" * 10_000]
)
def test_no_address_is_redirected(web: Web, path: str) -> None:
    answer = web.get(path)
    problem_of(answer, 404, "no_encontrado")
    assert "Location" not in answer.headers


@pytest.mark.norm("M-8", "N-7a")
def test_production_refuses_plain_http() -> None:
    app = Flask("https")
    app.config["REQUEST_SECONDS"] = 2.0
    install_problems(app)
    install_headers(app, production=True)
    app.add_url_rule("/algo", view_func=lambda: "bien")
    app.add_url_rule("/salud", view_func=lambda: "viva", endpoint="salud")
    problem_of(app.test_client().get("/algo"), 400, "solo_https")
    assert app.test_client().get("/algo", base_url="https://localhost").text == "bien"
    assert app.test_client().get("/salud").text == "viva"


def test_hsts_is_sent_in_production_alone(web: Web) -> None:
    assert "Strict-Transport-Security" not in web.get("/salud").headers


class Slow:
    """A slow application behind the front, asked many things at once."""

    def __init__(self, *, at_once: int = 4, waiting: int = 2, body_seconds: float = 5.0) -> None:
        self.release, self.entered = threading.Event(), 0
        self.front = Front(
            self._application,
            Places(at_once=at_once, waiting=waiting, body_seconds=body_seconds, request_seconds=20),
            ways=[Way("POST", "/autoridad/{id}/orden", priority=True)],
            turn_away=partial(turn_away, production=False),
        )

    def _application(self, environ: Any, start_response: Any) -> list[bytes]:
        if environ["PATH_INFO"] == "/lenta":
            self.entered += 1
            self.release.wait(10)
        start_response("200 OK", [])
        return [environ["wsgi.input"].read()]

    async def ask(
        self,
        path: str = "/lenta",
        *,
        method: str = "POST",
        session: str | None = None,
        body: tuple[bytes, ...] = (b"",),
    ) -> tuple[int, bytes]:
        """Send one request; a body of which a part is missing never ends."""
        parts, said = list(body), []
        headers = [] if session is None else [(b"authorization", session.encode())]
        scope = {
            "type": "http", "method": method, "path": path, "query_string": b"", "http_version": "1.1",
            "scheme": "http", "headers": headers, "server": ("localhost", 80), "client": ("192.0.2.1", 1),
        }  # fmt: skip

        async def receive() -> dict[str, Any]:
            if not parts:
                await asyncio.sleep(60)
            return {"type": "http.request", "body": parts.pop(0), "more_body": body[-1:] != (b"",) or bool(parts)}

        async def send(message: dict[str, Any]) -> None:
            said.append(message)

        await self.front(scope, receive, send)
        return said[0]["status"], said[1]["body"]

    async def fill(self, count: int) -> list["asyncio.Task[tuple[int, bytes]]"]:
        tasks = [asyncio.create_task(self.ask()) for _ in range(count)]
        await asyncio.sleep(0.2)
        return tasks


@pytest.mark.norm("N-2.7a", "N-6d")
def test_blocks_have_threads_of_their_own() -> None:
    async def scenario() -> None:
        slow = Slow()
        tasks = await slow.fill(20)
        assert slow.entered == 4
        assert (await slow.ask("/autoridad/123/orden"))[0] == 200
        refused = [task.result() for task in tasks if task.done()]
        assert {json.loads(body)["codigo"] for status, body in refused if status == 503} == {"servicio_ocupado"}
        assert len(refused) == 14
        slow.release.set()
        assert [(await task)[0] for task in tasks].count(200) == 6

    asyncio.run(scenario())


@pytest.mark.norm("N-2.7a", "N-6d")
def test_slow_bodies_hold_no_thread_and_are_answered() -> None:
    async def scenario() -> None:
        slow = Slow(body_seconds=0.3)
        senders = [
            asyncio.create_task(slow.ask(path, body=(b"{", b'"a')))
            for path in ("/autoridad/1/orden", "/otra")
            for _ in range(50)
        ]
        await asyncio.sleep(0.05)
        assert await slow.ask("/autoridad/123/orden", body=(b"ab", b"")) == (200, b"ab")
        assert (await slow.ask("/otra"))[0] == 200
        answers = [await task for task in senders]
        assert {(status, json.loads(body)["codigo"]) for status, body in answers} == {(408, "cuerpo_lento")}

    asyncio.run(scenario())


def test_one_session_does_one_act_at_a_time() -> None:
    async def scenario() -> None:
        slow = Slow()
        first = asyncio.create_task(slow.ask(session="Bearer a"))
        await asyncio.sleep(0.2)
        for same in ("Bearer a", "bearer  a"):
            status, body = await slow.ask(session=same)
            assert (status, json.loads(body)["codigo"]) == (409, "emision_en_curso")
        assert (await slow.ask("/otra", session="Bearer b"))[0] == 200
        assert (await slow.ask("/otra", session="Bearer a", method="GET"))[0] == 200
        slow.release.set()
        assert (await first)[0] == 200
        assert (await slow.ask("/otra", session="Bearer a"))[0] == 200

    asyncio.run(scenario())


def test_readiness_says_no_without_detail_when_the_log_cannot_be_read(web: Web, owner_url: str) -> None:
    assert web.get("/salud/lista").json == {"estado": "listo"}
    with psycopg.connect(owner_url.replace("postgresql+psycopg", "postgresql"), autocommit=True) as owner:
        owner.execute("REVOKE SELECT ON ALL TABLES IN SCHEMA audit FROM lme_application")
    answer = web.get("/salud/lista")
    problem_of(answer, 503, "servicio_no_listo")
    assert answer.headers["Retry-After"]
    assert web.get("/salud").status_code == 200


@contextmanager
def logged() -> Iterator[io.StringIO]:
    """Everything that the process logs meanwhile, as in production but down to the last detail."""
    root, stream = logging.getLogger(), io.StringIO()
    handlers, level = root.handlers[:], root.level
    configure_logs(stream, level=logging.DEBUG)
    try:
        yield stream
    finally:
        root.handlers, root.level = handlers, level


@pytest.mark.norm("N-2.6b")
def test_log_lines_hold_no_personal_datum_secret_or_diagnosis(web: Web) -> None:
    with logged() as stream:
        token = web.enter(web.enrol())
        prepared = web.prepare(token)
        code = web.code()
        issued = web.issue(token, prepared.json["preparacion"], code=code)
        web.get(issued.json["enlaces"]["evidencia"], token=token)
        web.prepare(token, {"trabajador": {"run": "12.345.678-5"}})
        web.get("/api/v1/licencias/12345678-5", token=token)
        web.post("/api/v1/sesiones", web.entry(clave="una clave equivocada"))
        web.app.test_client().open("/12345678-5", method="RUN12345678-5")
    lines = [json.loads(line) for line in stream.getvalue().splitlines()]
    text = stream.getvalue()
    worker: Any = EXAMPLE["trabajador"]
    canaries = [
        str(DOCTOR), DOCTOR.display, worker["run"], "12.345.678-5", worker["apellido_paterno"], "Ñancupil", PASSWORD,
        "una clave equivocada", SECRET, token, code, EXAMPLE["diagnostico"]["principal"], "M54.5",  # type: ignore[index]
        prepared.json["folio"], "+56912345678", "Los Aromos", issued.json["codigo_verificacion"],
    ]  # fmt: skip
    assert [canary for canary in canaries if canary in text] == []
    exchanges = [line for line in lines if line["event"] == "solicitud"]
    assert len(exchanges) == 8
    assert {"id_solicitud", "metodo", "ruta", "estado", "ms"} <= set(exchanges[0])
    assert exchanges[-1]["metodo"] == "OTRO"


def test_whoever_is_turned_away_leaves_a_line() -> None:
    with logged() as stream:
        answer = turn_away(Refusal(BUSY, retry_after=2), production=False)
    (line,) = (json.loads(one) for one in stream.getvalue().splitlines())
    assert (line["event"], line["codigo"], line["estado"]) == ("solicitud_no_atendida", "servicio_ocupado", 503)
    assert line["id_solicitud"] == json.loads(answer.body)["id_solicitud"]
    assert dict(answer.headers)[b"x-request-id"].decode() == line["id_solicitud"]


def test_failures_are_logged_without_their_words() -> None:
    with logged() as stream:
        app = Flask("fallas", static_folder=None)
        app.config["REQUEST_SECONDS"] = 2.0

        def view() -> str:
            try:
                raise KeyError("RUN 12345678-5")
            except KeyError as error:
                raise ValueError("Elena Ibáñez") from error

        app.add_url_rule("/x", "x", view)
        install_problems(app)
        install_logs(app)
        install_headers(app, production=False)
        answer = app.test_client().get("/x")
        logging.getLogger("biblioteca").error("paciente 12.345.678-5 y 12345678-K, id %s", "9b2e1c3e-1234")
    assert answer.status_code == 500
    failure, exchange, library = (json.loads(line) for line in stream.getvalue().splitlines())
    assert [one["tipo"] for one in failure["excepciones"]] == ["builtins.ValueError", "builtins.KeyError"]
    assert failure["id_solicitud"] == exchange["id_solicitud"] == answer.json["id_solicitud"]  # type: ignore[index]
    assert library["event"] == "paciente [RUN] y [RUN], id 9b2e1c3e-1234"
    assert "Elena" not in stream.getvalue()


@pytest.mark.parametrize(("proxies", "address"), [(0, "127.0.0.1"), (1, "198.51.100.1"), (2, "203.0.113.66")])
def test_forwarded_address_is_believed_of_our_own_proxies_alone(
    operator: Operator, settings: Settings, proxies: int, address: str
) -> None:
    trusting = settings.model_copy(update={"web": settings.web.model_copy(update={"trusted_proxies": proxies})})
    app = create_app(replace(operator, settings=trusting))
    seen: list[str | None] = []
    app.before_request(lambda: seen.append(request.remote_addr))
    answer = app.test_client().get(
        "/salud", headers={"X-Forwarded-For": "203.0.113.66, 198.51.100.1", "X-Forwarded-Host": "otro.example"}
    )
    assert (answer.status_code, seen) == (200, [address])
