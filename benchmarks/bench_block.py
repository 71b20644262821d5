"""How long an authority's block takes, alone and while 200 clients flood the same RUN with issuing requests (T16)."""

import json
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from tests.factories.live import Doctor, Live, serve
from tests.factories.machines import Machine

ROUNDS, CONNECTIONS, WARM_SECONDS = 40, 200, 0.5


def bench_block_alone_and_under_flood(tmp_path: Path, role_url: Callable[[str], str]) -> None:
    with serve(tmp_path, role_url, LME_WEB_WORKERS="2") as live:
        machine = live.machine()
        alone = [_block(live, machine, live.doctor()) for _ in range(ROUNDS)]
        flooded = [_under_flood(live, machine) for _ in range(ROUNDS)]
    _show("sola", alone)
    _show(f"con {CONNECTIONS} clientes inundando el mismo RUN", flooded)
    print(f"razón de p99: {_p99(flooded) / _p99(alone):.1f}")  # noqa: T201


def _block(live: Live, machine: Machine, doctor: Doctor) -> float:
    start = time.perf_counter()
    answer = live.suspend(machine, doctor.run)
    seconds = time.perf_counter() - start
    if answer.status_code != 201:
        raise RuntimeError(answer.text)
    return seconds * 1000


def _under_flood(live: Live, machine: Machine) -> float:
    doctor = live.doctor()
    order = {
        "url": live.url,
        "path": "/api/v1/licencias",
        "headers": doctor.headers | {"Content-Type": "application/json"},
        "body": json.dumps(doctor.issue_body(doctor.prepare())),
        "connections": CONNECTIONS,
    }
    process = subprocess.Popen(
        [sys.executable, "-m", "benchmarks.flood", json.dumps(order)], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL
    )
    time.sleep(WARM_SECONDS)
    try:
        return _block(live, machine, doctor)
    finally:
        process.communicate()


def _p99(values: list[float]) -> float:
    return statistics.quantiles(values, n=100, method="inclusive")[98]


def _show(name: str, values: list[float]) -> None:
    print(f"suspensión {name}: p50 {statistics.median(values):.0f} ms, p99 {_p99(values):.0f} ms ({len(values)})")  # noqa: T201
