"""`make demo` as a stranger uses it: starts, tells a story that works, survives violence, leaves no process."""

import json
import os
import signal
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator

import pyotp
import pytest

from lme_operator.core.run import Run
from tests.factories.demonstration import Demonstration, demonstrating

STRANGER = {
    "run": str(Run(9999999)), "clave": "no es la clave de nadie", "contexto": {"tipo": "individual"},
    "segundo_factor": {"tipo": "totp", "codigo": "000000"},
}  # fmt: skip


@pytest.fixture
def demonstration() -> Iterator[Demonstration]:
    with demonstrating() as made:
        yield made


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
