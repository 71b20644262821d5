"""`make demo` as a stranger uses it: starts, tells a story that works, survives violence, leaves no process."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from http import HTTPStatus
from pathlib import Path
from typing import Any

import pyotp
import pytest

from lme_operator.core.clock import system_clock
from lme_operator.core.periods import local_day
from lme_operator.core.run import Run
from lme_operator.entrypoints.cli.demonstration_story import story
from lme_operator.settings import Settings

STRANGER = {
    "run": str(Run(9999999)), "clave": "no es la clave de nadie", "contexto": {"tipo": "individual"},
    "segundo_factor": {"tipo": "totp", "codigo": "000000"},
}  # fmt: skip


class Demonstration:
    """A demonstration in a folder and port of its own."""

    def __init__(self, home: Path) -> None:
        self.home = home
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.environment = {"LME_HOME": str(home), "LME_PORT": str(self.port), "LME_WEB_WORKERS": "1"}
        self.output = home.with_suffix(".salida")
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        with self.output.open("wb") as output:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "lme_operator", "demo"], env={**os.environ, **self.environment}, stdout=output
            )
        self.wait_for(lambda: "Lista en" in self.said() or self.running().poll() is not None)
        assert self.running().poll() is None, self.said()

    def running(self) -> "subprocess.Popen[bytes]":
        assert self.process is not None
        return self.process

    def said(self) -> str:
        return self.output.read_text(encoding="utf-8")

    def end(self, number: signal.Signals) -> int:
        self.running().send_signal(number)
        return self.running().wait(timeout=60)

    def processes(self) -> list[int]:
        """Every living process that was started with this home."""
        mark = f"LME_HOME={self.home}\0".encode()
        found = []
        for folder in Path("/proc").glob("[0-9]*"):
            try:
                if mark in (folder / "environ").read_bytes() and int(folder.name) != os.getpid():
                    found.append(int(folder.name))
            except OSError:
                continue
        return found

    def get(self, path: str) -> Any:
        return urllib.request.urlopen(f"http://localhost:{self.port}{path}", timeout=5)

    def post(self, path: str, body: Any) -> Any:
        """Send it; who is told to come back in some seconds, for the machine does much else, comes back."""
        request = urllib.request.Request(
            f"http://localhost:{self.port}{path}", json.dumps(body).encode(), {"Content-Type": "application/json"}
        )
        for _ in range(10):
            try:
                return urllib.request.urlopen(request, timeout=5)
            except urllib.error.HTTPError as refused:
                if refused.code != HTTPStatus.SERVICE_UNAVAILABLE:
                    raise
            time.sleep(1)
        return urllib.request.urlopen(request, timeout=5)

    def log_size(self) -> int:
        return int(self.get("/auditoria/registro/checkpoint").read().split(b"\n")[1])

    def processes_of(self, word: str) -> list[int]:
        return [pid for pid in self.processes() if word in Path(f"/proc/{pid}/cmdline").read_text()]

    def ready(self) -> bool:
        try:
            return bool(self.get("/salud/lista").status == 200)
        except OSError:
            return False

    def contents(self) -> dict[str, Any]:
        contents: dict[str, Any] = json.loads((self.home / "demo.json").read_text(encoding="utf-8"))
        return contents

    @staticmethod
    def wait_for(what: Callable[[], bool], *, seconds: float = 120) -> None:
        due = time.monotonic() + seconds
        while not what():
            assert time.monotonic() < due
            time.sleep(0.1)


@pytest.fixture
def demonstration() -> Iterator[Demonstration]:
    folder = Path(tempfile.mkdtemp(prefix="lme-demo-"))
    folder.chmod(0o711)
    made = Demonstration(folder / "casa")
    yield made
    if made.process is not None and made.process.poll() is None:
        made.end(signal.SIGTERM)
    shutil.rmtree(folder)


@pytest.mark.needs("bash", "curl")
def test_the_story_works_and_one_signal_stops_everything(demonstration: Demonstration, tmp_path: Path) -> None:
    demonstration.start()
    contents = demonstration.contents()
    assert (demonstration.home / "demo.json").stat().st_mode & 0o777 == 0o600
    assert contents["direccion"] == f"http://localhost:{demonstration.port}"
    assert {person["apodo"] for person in contents["personas"]} >= {
        "médica", "dentista", "matrona", "médico nuevo", "fundadora", "fundador", "funcionaria",
        "autoridad",
    }  # fmt: skip
    assert {machine["tipo"] for machine in contents["maquinas"]} == {"autoridad", "auditoria"}
    page = demonstration.get("/pruebas/bandeja").read().decode()
    assert "PRUEBAS" in page
    assert all(person["nombre"].partition("'")[0] in page for person in contents["personas"])

    next_code = [f"echo 31 > {demonstration.home}/reloj"]  # rather than wait half a minute for it
    steps = [
        commands
        for _, commands in story(Settings.load(demonstration.environment), contents, today=local_day(system_clock()))
    ]
    script = "\n".join(command for commands in (*steps[:3], next_code, *steps[3:]) for command in commands)
    told = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", script.replace("$sesion", "${sesion-}")],
        cwd=tmp_path, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert told.returncode == 0, told.stdout + told.stderr
    assert "Veredicto: válida" in told.stdout
    assert "sesion_terminada" in told.stdout
    assert "SUSPENDIDA" in told.stdout
    assert "todas comprobadas" in told.stdout

    officer = next(person for person in contents["personas"] if person["apodo"] == "funcionaria")
    shown = subprocess.run(
        [sys.executable, "-m", "lme_operator", "codigo", "funcionaria"],
        env={**os.environ, **demonstration.environment}, capture_output=True, text=True, timeout=90, check=True,
    )  # fmt: skip
    factor = {"tipo": "totp", "codigo": shown.stdout.strip()}
    entry = {**STRANGER, "run": officer["run"], "clave": officer["clave"], "segundo_factor": factor}
    assert demonstration.post("/api/v1/sesiones", entry).status == 201, "the initial password was changed already"

    assert demonstration.end(signal.SIGINT) == 0
    assert demonstration.processes() == []


def change_password(demonstration: Demonstration, nickname: str) -> None:
    (person,) = [one for one in demonstration.contents()["personas"] if one["apodo"] == nickname]
    factor = {"tipo": "totp", "codigo": pyotp.TOTP(person["totp"]).now()}
    entry = {
        "run": person["run"],
        "clave": person["clave"],
        "contexto": {"tipo": "individual"},
        "segundo_factor": factor,
    }
    token = json.loads(demonstration.post("/api/v1/sesiones", entry).read())["token"]
    body = {"actual": person["clave"], "nueva": "otra frase que nadie espera"}
    request = urllib.request.Request(
        f"http://localhost:{demonstration.port}/api/v1/sesiones/actual/clave",
        json.dumps(body).encode(),
        {"Content-Type": "application/json", "Authorization": f"Bearer {token}"},
        method="PUT",
    )
    assert urllib.request.urlopen(request, timeout=5).status == 204


def test_survives_violence_and_starts_again(demonstration: Demonstration) -> None:
    demonstration.start()
    before = demonstration.contents()
    postmaster = int((demonstration.home / "postgres/datos/postmaster.pid").read_text().split()[0])
    os.kill(postmaster, signal.SIGKILL)
    demonstration.wait_for(lambda: not demonstration.ready())
    demonstration.wait_for(demonstration.ready)

    size = demonstration.log_size()
    for worker in demonstration.processes_of("celery_worker"):
        os.kill(worker, signal.SIGKILL)
    with pytest.raises(urllib.error.HTTPError, match="401"):
        demonstration.post("/api/v1/sesiones", STRANGER)
    demonstration.wait_for(lambda: demonstration.log_size() > size)

    change_password(demonstration, "dentista")
    demonstration.end(signal.SIGKILL)
    demonstration.start()
    assert demonstration.contents() == before
    shown = {person["apodo"] for person in before["personas"] if person["clave"] in demonstration.said()}
    assert shown == {person["apodo"] for person in before["personas"]} - {"dentista"}

    other = subprocess.run(
        [sys.executable, "-m", "lme_operator", "demo", "--borrar"],
        env={**os.environ, **demonstration.environment}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert other.returncode == 1
    assert "Ya hay una demostración en marcha" in other.stderr

    demonstration.end(signal.SIGKILL)
    demonstration.wait_for(lambda: demonstration.processes() == [])
    erased = subprocess.run(
        [sys.executable, "-m", "lme_operator", "demo", "--borrar"],
        env={**os.environ, **demonstration.environment}, check=False,
    )  # fmt: skip
    assert erased.returncode == 0
    assert not demonstration.home.exists()


def test_refused_outside_development() -> None:
    refused = subprocess.run(
        [sys.executable, "-m", "lme_operator", "demo"],
        env={**os.environ, "LME_ENV": "testing"}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert refused.returncode == 3
    assert "development" in refused.stderr
