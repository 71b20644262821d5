"""Licences a second through the whole product over HTTP, signed by a software authenticator; and latency by itself."""

import statistics
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tests.factories.live import Doctor, serve

DOCTORS, EACH = 16, 12


def bench_licences_over_http(tmp_path: Path, role_url: Callable[[str], str]) -> None:
    with serve(tmp_path, role_url, LME_WEB_WORKERS="2") as live:
        doctors = [live.doctor() for _ in range(DOCTORS)]
        for doctor in doctors:
            _issue(doctor)
        alone = [_issue(doctors[0]) for _ in range(EACH)]
        start = time.perf_counter()
        with ThreadPoolExecutor(DOCTORS) as pool:
            busy = [
                ms for each in pool.map(lambda doctor: [_issue(doctor) for _ in range(EACH)], doctors) for ms in each
            ]
        seconds = time.perf_counter() - start
    print(f"preparar + emitir, de a una: p50 {statistics.median(alone):.0f} ms")  # noqa: T201
    at_once = f"{len(busy) / seconds:.0f} licencias/s, p50 {statistics.median(busy):.0f} ms"
    print(f"{DOCTORS} profesionales a la vez: {at_once}")  # noqa: T201


def _issue(doctor: Doctor) -> float:
    start = time.perf_counter()
    answer = doctor.post("/api/v1/licencias", doctor.issue_body(doctor.prepare()))
    if answer.status_code != 201:
        raise RuntimeError(answer.text)
    return (time.perf_counter() - start) * 1000
