"""The product as it runs: `lme servir` (granian, several workers) on the test's database, spoken to over HTTP."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx

from lme_operator.core.canonical import from_base64url
from lme_operator.core.clock import system_clock
from lme_operator.core.database import Deadline
from lme_operator.core.periods import local_day
from lme_operator.core.run import Run
from lme_operator.entrypoints.api.professional.order import EXAMPLE
from lme_operator.gateways.key_store import create_keys
from lme_operator.settings import Settings
from lme_operator.wiring import Operator, build_operator
from tests.factories.authenticator import SoftwareAuthenticator
from tests.factories.machines import Machine
from tests.factories.outside import outsiders
from tests.factories.people import ORIGIN, People

ROOT = Path(__file__).parents[2]


@dataclass
class Doctor:
    """A professional's client: one live session, one registered device."""

    live: "Live"
    run: Run
    device: SoftwareAuthenticator
    token: str

    @property
    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"}

    def post(self, path: str, body: Any, *, key: str | None = None) -> httpx.Response:
        headers = self.headers | {"Idempotency-Key": key or str(uuid4())}
        return self.live.client.post(path, json=body, headers=headers)

    def prepare(self, *, key: str | None = None, **changes: Any) -> dict[str, Any]:
        answer = self.post("/api/v1/licencias/preparaciones", order(**changes), key=key)
        assert answer.status_code == 201, answer.text
        prepared: dict[str, Any] = answer.json()
        return prepared

    def issue_body(self, prepared: dict[str, Any]) -> dict[str, Any]:
        """What issues this preparation, signed by the device."""
        credential = self.device.sign(from_base64url(prepared["digest"]))
        return {
            "preparacion": prepared["preparacion"],
            "autorizacion": {"tipo": "webauthn", "credencial": credential},
        }


@dataclass
class Live:
    """A running server and, in this process, the same operator, to look behind the curtain."""

    url: str
    operator: Operator
    client: httpx.Client
    process: "subprocess.Popen[bytes]"
    log_file: Path
    _numbers: Iterator[int] = field(default_factory=lambda: iter(range(15000001, 16000000)))

    @property
    def people(self) -> People:
        return People(self.operator.database, self.operator.log, self.operator.sealer)

    def enrol(self, **changes: Any) -> Run:
        """Enrol a professional of whom nobody has heard here."""
        return self.people.enrol(next(self._numbers), **changes)

    def doctor(self) -> Doctor:
        """Enrol a professional with a session and a signing device; they outlive the registration."""
        run = self.enrol()
        device, access = SoftwareAuthenticator(origin=self.url, counts=False), self.operator.access
        entered = self.people.enter(run)
        options = access.register_key_options(
            session=entered.session,
            purpose="firma",
            code=self.people.code(steps=1),
            origin=ORIGIN,
            deadline=Deadline(10),
        )
        access.register_key(
            session=entered.session,
            attempt=options.attempt,
            credential=device.create(options.options),
            origin=ORIGIN,
            deadline=Deadline(10),
        )
        return Doctor(self, run, device, entered.token)

    def machine(self) -> Machine:
        """Register a machine of an authority."""
        return Machine.register(self.operator.database, self.operator.log, self.operator.sealer)

    def suspend(self, machine: Machine, run: Run, *, key: str | None = None) -> httpx.Response:
        """Send a signed order of suspension from today on, without end."""
        today = local_day(system_clock()).isoformat()
        body = {
            "run": str(run),
            "numero_resolucion": f"{uuid4().int % 10**6}/2026",
            "fecha_resolucion": today,
            "desde": "2026-01-01",
            "hasta": None,
            "fundamento": "Artículo 2, Ley 20.585.",
        }
        path = "/api/v1/autoridad/suspensiones"
        headers, content = machine.sign("POST", self.url + path, body=body, key=key or str(uuid4()))
        return self.client.post(path, content=content, headers=headers)

    def rows(self, statement: str) -> list[Any]:
        """Read behind the curtain."""
        with self.operator.database.reading(deadline=Deadline(30)) as connection:
            return list(connection.exec_driver_sql(statement).all())


@contextmanager
def serve(
    folder: Path,
    role_url: Callable[[str], str],
    *,
    workers: int = 2,
    application: str | None = None,
    **environment: str,
) -> Iterator[Live]:
    """Serve on a free port. `application` replaces the product's WSGI factory by one of the tests that wraps it."""
    with outsiders(folder) as parties:
        yield from _serve(folder, role_url, workers=workers, application=application, environment=parties | environment)


def _serve(
    folder: Path,
    role_url: Callable[[str], str],
    *,
    workers: int,
    application: str | None,
    environment: dict[str, str],
) -> Iterator[Live]:
    port = _free_port()
    url = f"http://localhost:{port}"
    create_keys(folder / "llaves", at=system_clock(), operator="Operador de pruebas", production=False)
    given = {
        "LME_ENV": "testing",
        "LME_HOME": str(folder),
        "LME_PORT": str(port),
        "LME_WEB_WORKERS": str(workers),
        "LME_DATABASE_URL_APPLICATION": role_url("lme_application"),
        **environment,
    }
    clean = {name: value for name, value in os.environ.items() if not name.startswith("LME_")}
    operator = build_operator(Settings.load({**given, "LME_KEYS": str(folder / "llaves")}), role="application")
    log_file = folder / "servidor.log"
    with log_file.open("wb") as log:
        process = subprocess.Popen(
            _command(application, port, workers),
            cwd=ROOT,
            env={**clean, **given, "PYTHONPATH": os.pathsep.join(sys.path)},
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        with httpx.Client(base_url=url, timeout=30, limits=httpx.Limits(max_connections=None)) as client:
            _wait(client, process, log_file)
            yield Live(url, operator, client, process, log_file)
    finally:
        process.send_signal(signal.SIGTERM)
        with suppress(subprocess.TimeoutExpired):
            process.wait(timeout=15)
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        operator.database.close()


def order(**changes: Any) -> dict[str, Any]:
    """A sound licence order for today, as the API takes it."""
    return {**EXAMPLE, "fecha_inicio_reposo": local_day(system_clock()).isoformat(), **changes}


def _command(application: str | None, port: int, workers: int) -> list[str]:
    if application is None:
        return [sys.executable, "-m", "lme_operator", "servir"]
    return [
        sys.executable, "-m", "granian", "--interface", "asgi", "--factory", "--host", "127.0.0.1", "--port", str(port),
        "--workers", str(workers), "--backpressure", "4096", "--no-ws", "--http", "1",
        "--respawn-failed-workers", "--workers-kill-timeout", "2", "--log-level", "warning", application,
    ]  # fmt: skip


def _wait(client: httpx.Client, process: "subprocess.Popen[bytes]", log_file: Path) -> None:
    until = time.monotonic() + 30
    while time.monotonic() < until:
        if process.poll() is not None:
            break
        try:
            if client.get("/salud/lista").status_code == 200:
                return
        except httpx.TransportError:
            pass
        time.sleep(0.1)
    raise RuntimeError(log_file.read_text("utf-8", "replace"))


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
