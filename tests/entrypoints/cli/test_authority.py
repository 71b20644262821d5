"""`lme autoridad` against a live server: what it prints, how it ends, and how it repeats."""

import json
import logging
import threading
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import structlog
from click.testing import CliRunner, Result
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from werkzeug.serving import make_server

from lme_operator.core.clock import system_clock
from lme_operator.entrypoints.authority_client.requests import MachineClient
from lme_operator.entrypoints.cli import program
from lme_operator.gateways.key_store import create_keys
from lme_operator.settings import Settings
from lme_operator.wiring import build_operator, create_app
from tests.factories.machines import Machine
from tests.factories.people import CHEAP

RUN = "15000001-7"
SUSPEND = (
    "suspender", "--run", RUN, "--resolucion", "1234/2026", "--fecha-resolucion", "2026-04-17",
    "--desde", "2026-04-20", "--definitiva", "--fundamento", "Artículo 2, Ley 20.585",
)  # fmt: skip


@dataclass
class Site:
    """An operator that listens, and an authority with its key in a file. `fails` answers first, one a request."""

    address: str
    machine: Machine
    key: Path
    fails: list[str] = field(default_factory=list)
    seen: list[dict[str, str]] = field(default_factory=list)

    def lme(self, *arguments: str) -> Result:
        where = ("--direccion", self.address, "--llave", str(self.key), "--keyid", self.machine.keyid)
        return CliRunner().invoke(program, ["autoridad", *arguments, *where])


@pytest.fixture
def site(tmp_path: Path, application_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    apps: list[Callable[[dict[str, Any], Any], Iterable[bytes]]] = []

    def dispatch(environ: dict[str, Any], start: Any) -> Iterable[bytes]:
        return apps[0](environ, start)

    # The server's log would go to the output that the command is read from.
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    server = make_server("localhost", 0, dispatch, threaded=True)
    settings = Settings.load(
        {
            "LME_ENV": "testing",
            "LME_HOME": str(tmp_path),
            "LME_PORT": str(server.port),
            "LME_DATABASE_URL_APPLICATION": application_url,
        }
    )
    create_keys(settings.keys, at=system_clock(), operator=settings.operator.name, production=False)
    operator = build_operator(settings, role="application", clock=system_clock, hashing=CHEAP)
    machine = Machine.register(operator.database, operator.log, operator.sealer)
    key = tmp_path / "compin.pem"
    key.write_bytes(machine.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    running = Site(f"http://localhost:{server.port}", machine, key)
    app: Any = create_app(operator)

    def serve(environ: dict[str, Any], start: Any) -> Iterable[bytes]:
        names = ("HTTP_SIGNATURE_INPUT", "HTTP_IDEMPOTENCY_KEY")
        running.seen.append({name: environ.get(name, "") for name in names})
        fails = running.fails.pop(0) if running.fails else ""
        answer = [] if fails == "503 antes" else app(environ, start if not fails else lambda *_: None)
        if not fails:
            return answer
        b"".join(answer)
        start("503 Service Unavailable", [("Content-Type", "text/html")])
        return [b"<html>"]

    apps.append(serve)
    monkeypatch.setattr(MachineClient.__init__, "__defaults__", (lambda _seconds: None,))
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield running
    server.shutdown()
    thread.join()
    server.server_close()
    operator.database.close()
    structlog.reset_defaults()


@pytest.mark.norm("N-6d")
def test_suspend_consult_and_lift(site: Site) -> None:
    suspended = site.lme(*SUSPEND)
    assert suspended.exit_code == 0, suspended.output
    assert "Efectiva desde" in suspended.output
    assert "Profesional registrado: no" in suspended.output
    identifier = suspended.output.split()[1]
    asked = site.lme("consultar", "--run", RUN)
    assert (asked.exit_code, "SUSPENDIDA" in asked.output) == (0, True)
    assert "COMPIN Región Metropolitana, resolución 1234/2026: desde el 20-04-2026 sin término" in asked.output
    lifted = site.lme("levantar", identifier, "--resolucion", "9", "--motivo", "Se acogió el recurso", "--json")
    assert (lifted.exit_code, json.loads(lifted.output)["suspension"]) == (0, identifier)
    assert "sin suspensión" in site.lme("consultar", "--run", RUN).output
    before = site.lme("consultar", "--run", RUN, "--instante", "2026-01-01T00:00:00", "--json")
    assert json.loads(before.output)["bloqueado"] is False


TERMS = (
    "--resolucion", "1250/2026", "--fecha-resolucion", "2026-04-18", "--desde", "2026-04-20",
    "--fundamento", "Error en el período",
)  # fmt: skip


@pytest.mark.norm("N-6c", "N-6d")
def test_replace_and_see_that_it_took_effect(site: Site) -> None:
    identifier = site.lme(*SUSPEND).output.split()[1]
    proof = site.lme("materializacion", identifier)
    assert (proof.exit_code, "Bloquea hasta:          sin término" in proof.output) == (0, True), proof.output
    replaced = site.lme("reemplazar", identifier, "--correccion", *TERMS, "--hasta", "2099-12-31", "--json")
    assert replaced.exit_code == 0, replaced.output
    successor = json.loads(replaced.output)["id"]
    assert f"{identifier}: reemplazada" in site.lme("materializacion", identifier).output
    proof = site.lme("materializacion", successor)
    assert (proof.exit_code, f"{successor}: vigente" in proof.output) == (0, True)
    assert "Efectiva desde" in proof.output
    assert "Recibo: entrada" in proof.output
    whole = json.loads(site.lme("materializacion", successor, "--json").output)
    assert whole["orden_firmada"]
    again = site.lme("reemplazar", identifier, "--renovacion", *TERMS, "--definitiva")
    assert (again.exit_code, "[suspension_ya_reemplazada]" in again.output) == (1, True), again.output
    for arguments in ((*TERMS, "--definitiva"), ("--correccion", *TERMS)):
        assert site.lme("reemplazar", successor, *arguments).exit_code == 2, arguments
    future = [{"2026-04-18": "2098-01-01"}.get(one, one) for one in TERMS]
    assert site.lme("reemplazar", successor, "--correccion", *future, "--definitiva").exit_code == 2
    unknown = site.lme("materializacion", "019da000-0000-7000-8000-000000000000")
    assert (unknown.exit_code, "[suspension_inexistente]" in unknown.output) == (1, True)


@pytest.mark.norm("N-2.6c")
def test_repeats_with_the_same_key_and_a_new_nonce(site: Site) -> None:
    """An answer lost after the act, an operator that is down: one order, one answer."""
    site.fails[:] = ["503 antes", "respuesta perdida"]
    done = site.lme(*SUSPEND, "--json")
    assert done.exit_code == 0, done.output
    assert len({seen["HTTP_IDEMPOTENCY_KEY"] for seen in site.seen}) == 1
    assert len({seen["HTTP_SIGNATURE_INPUT"] for seen in site.seen}) == len(site.seen) == 3
    again = site.lme(*SUSPEND, "--json", "--clave", site.seen[0]["HTTP_IDEMPOTENCY_KEY"])
    assert json.loads(again.output) == json.loads(done.output)


def test_exit_codes(site: Site, tmp_path: Path) -> None:
    site.lme(*SUSPEND)
    refused = site.lme(*[{"1234/2026": "1234/2026", "--definitiva": "--hasta=2026-05-19"}.get(x, x) for x in SUSPEND])
    assert (refused.exit_code, "[resolucion_ya_recibida]" in refused.output) == (1, True)
    wrong = [{"--definitiva": "--hasta=2026-04-19", "1234/2026": "2"}.get(x, x) for x in SUSPEND]
    backwards = site.lme(*wrong)
    assert (backwards.exit_code, "/hasta" in backwards.output) == (2, True)
    for arguments in (
        [x for x in SUSPEND if x != "--definitiva"],
        [x.replace(RUN, "15000001-1") for x in SUSPEND],
        [x.replace("2026-04-20", "2026-02-30") for x in SUSPEND],
    ):
        assert site.lme(*arguments).exit_code == 2, arguments
    other = tmp_path / "otra.pem"
    other.write_text("no es una llave")
    where = ("--direccion", site.address, "--llave", str(other), "--keyid", "x")
    assert CliRunner().invoke(program, ["autoridad", *SUSPEND, *where]).exit_code == 2
    site.fails[:] = ["503 antes"] * 4
    down = site.lme(*SUSPEND)
    assert (down.exit_code, "--clave" in down.output) == (3, True)
    site.address = "http://localhost:9"
    gone = site.lme("consultar", "--run", RUN)
    assert (gone.exit_code, "no responde" in gone.output) == (3, True)


def test_defaults_come_from_the_demonstration(site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    machine = {"tipo": "autoridad", "keyid": site.machine.keyid, "clave_privada": site.key.read_text()}
    auditor = {"tipo": "auditoria", "keyid": "otra", "clave_privada": ""}
    (tmp_path / "demo.json").write_text(json.dumps({"direccion": site.address, "maquinas": [auditor, machine]}))
    monkeypatch.setenv("LME_HOME", str(tmp_path))
    monkeypatch.setenv("LME_ENV", "testing")
    assert CliRunner().invoke(program, ["autoridad", "consultar", "--run", RUN]).exit_code == 0
    assert CliRunner().invoke(program, ["autoridad", "consultar", "--run", RUN, "--keyid", "nadie"]).exit_code == 2


@pytest.mark.parametrize("command", ["suspender", "reemplazar", "levantar", "materializacion", "consultar"])
def test_help_has_two_examples(command: str) -> None:
    said = CliRunner().invoke(program, ["autoridad", command, "--help"])
    assert (said.exit_code, said.output.count(f"lme autoridad {command}") >= 2) == (0, True), said.output
