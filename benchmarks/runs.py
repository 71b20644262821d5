"""One run of the load against a server, and what everybody spent meanwhile."""

import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from benchmarks import sections
from benchmarks.machine import busy_ms, processor_ms
from benchmarks.store import Store
from lme_operator.core.canonical import to_base64url
from tests.factories.live import ROOT, Doctor, Live, order

_WATCHED_PORT = 8496


@dataclass(frozen=True)
class Target:
    """A server under load: its address, its first process, and who may call it."""

    url: str
    pid: int
    home: Path
    store: Store
    callers: list[dict[str, str]]


@dataclass(frozen=True)
class Run:
    """What came of a run. Latencies in ms from the instant due; processor in ms for each licence issued.

    `others` is what the rest of the machine spent meanwhile, in ms a second: a quiet machine has next to none.
    """

    rate: float
    issued: int
    failed: dict[str, int]
    whole: list[float]
    issuing: list[float]
    holds: bool
    web: float
    postgres: float
    client: float
    others: float
    parts: dict[str, float]

    @property
    def processor(self) -> float:
        """Milliseconds of processor a licence, everybody together."""
        return self.web + self.postgres + self.client


def caller(doctor: Doctor) -> dict[str, str]:
    """A professional as the load's process takes him."""
    key = list(doctor.device.keys.values())[-1]
    pem = key.private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    origin = doctor.device.origin
    return {"token": doctor.token, "key": pem, "credential": to_base64url(key.credential_id), "origin": origin}


def run(target: Target, *, rate: float, seconds: float, seed: int = 1, arrivals: list[float] | None = None) -> Run:
    """Put the load on `target`, at `rate` licences a second on the average (or at the `arrivals` given)."""
    asked: dict[str, Any] = {
        "url": target.url,
        "callers": target.callers,
        "licence": order(),
        "rate": rate,
        "seconds": seconds,
        "seed": seed,
        "arrivals": arrivals,
    }
    client = subprocess.Popen(
        [sys.executable, "-m", "benchmarks.load"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=ROOT
    )
    parts = sections.told(target.home)
    web, postgres = processor_ms(target.pid), processor_ms(target.store.pid)
    busy, start = busy_ms(), time.monotonic()
    answer, _ = client.communicate(json.dumps(asked).encode())
    elapsed, busy = time.monotonic() - start, busy_ms() - busy
    web, postgres = processor_ms(target.pid) - web, processor_ms(target.store.pid) - postgres
    said = json.loads(answer)
    after = sections.told(target.home)
    issued = max(1, len(said["whole"]))
    done = Run(
        rate=rate,
        issued=len(said["whole"]),
        failed=said["failed"],
        whole=said["whole"],
        issuing=said["issuing"],
        holds=_holds(said, seconds),
        web=web / issued,
        postgres=postgres / issued,
        client=said["processor"] * 1000 / issued,
        others=max(0.0, busy - web - postgres - said["processor"] * 1000) / elapsed,
        parts={name: (spent - parts.get(name, 0.0)) / issued for name, spent in after.items()},
    )
    print(f"  … {rate:.0f}/s: {done.issued} de {said['due']}, {done.processor:.1f} ms, {done.failed or 'sin rechazos'}")  # noqa: T201
    return done


def sustained(target: Target, *, guess: float, seconds: float) -> Run:
    """Look for the highest mean rate that holds for `seconds`: down from the guess, or up from it, by 7 %."""
    rate, held = guess, None
    for _ in range(8):
        tried = run(target, rate=rate, seconds=seconds)
        if tried.holds:
            held = tried
            rate *= 1.07
        elif held is not None:
            break
        else:
            rate *= 0.93
    return held or tried


@contextmanager
def watched(live: Live, target: Target) -> Iterator[Target]:
    """Serve the same home and database once more, with a clock around each part (`benchmarks.sections`)."""
    told = Path(f"/proc/{live.process.pid}/environ").read_bytes().split(b"\0")
    environment = dict(one.decode().split("=", 1) for one in told if b"=" in one)
    environment |= {"LME_PORT": str(_WATCHED_PORT), "LME_ORIGIN": live.url}
    command = [
        sys.executable, "-m", "granian", "--interface", "asgi", "--factory", "--host", "127.0.0.1", "--port",
        str(_WATCHED_PORT), "--workers", environment["LME_WEB_WORKERS"], "--backpressure", "4096", "--no-ws",
        "--http", "1", "--log-level", "warning", "benchmarks.sections:application",
    ]  # fmt: skip
    with (target.home / "vigilado.log").open("wb") as log:
        process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=log, stderr=log)
    url = f"http://localhost:{_WATCHED_PORT}"
    try:
        _wait(url)
        yield Target(url, process.pid, target.home, target.store, target.callers)
    finally:
        process.terminate()
        process.wait()
        for told_by in target.home.glob("partes-*.json"):
            told_by.unlink()


def percentile(values: list[float], part: int) -> float:
    """The `part`th hundredth of `values`; not a number where there are too few."""
    return statistics.quantiles(values, n=100, method="inclusive")[part - 1] if len(values) > 1 else float("nan")


def _holds(said: dict[str, Any], seconds: float) -> bool:
    """Whether nobody was refused, and those waiting in the last quarter are not more than in the second."""
    looks = said["in_flight"]
    quarter = max(1, len(looks) // 4)
    before, after = statistics.mean(looks[quarter : 2 * quarter] or [0]), statistics.mean(looks[-quarter:] or [0])
    return not said["failed"] and after <= 1.5 * before + 4 and said["took"] <= seconds + 2


def _wait(url: str) -> None:
    until = time.monotonic() + 30
    while True:
        try:
            if httpx.get(f"{url}/salud/lista").status_code == 200:
                return
        except httpx.TransportError:
            if time.monotonic() > until:
                raise
        time.sleep(0.1)


QUICK = "LME_BENCH_QUICK" in os.environ
"""A tenth of everything, to work on the benchmarks themselves; its figures mean little."""
