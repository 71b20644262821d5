"""If the log cannot be written, nothing happens: 503 in two seconds at most, and it recovers alone (T09, F12, F13)."""

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from uuid import uuid4

import httpx
import psycopg
import pytest

from lme_operator.domain.audit import LOG_LOCK
from tests.factories.live import Doctor, Live, serve

LICENCES = "/api/v1/licencias"
SECONDS_LOCKED, A_SECOND = 30, 50
FACTS = ("licences.licence", "issuance.preparation", "issuance.redemption", "audit.entry", "core.outcome")


@pytest.fixture
def live(tmp_path: Path, role_url: Callable[[str], str]) -> Iterator[Live]:
    with serve(tmp_path, role_url) as server:
        yield server


@pytest.fixture
def owner(owner_url: str) -> Iterator["psycopg.Connection[tuple[object, ...]]"]:
    with psycopg.connect(owner_url.replace("+psycopg", ""), autocommit=True) as connection:
        yield connection


def facts(live: Live) -> dict[str, int]:
    return {table: live.rows(f"SELECT count(*) FROM {table}")[0][0] for table in FACTS}


def timed(act: Callable[[], httpx.Response]) -> tuple[httpx.Response, float]:
    start = time.monotonic()
    return act(), time.monotonic() - start


@pytest.mark.norm("N-2.4a")
def test_right_to_insert_revoked_refuses_and_recovers(
    live: Live, owner: "psycopg.Connection[tuple[object, ...]]"
) -> None:
    doctor = live.doctor()
    body, key, before = doctor.issue_body(doctor.prepare()), str(uuid4()), facts(live)
    owner.execute("REVOKE INSERT ON audit.entry FROM lme_application")
    answer, seconds = timed(lambda: doctor.post(LICENCES, body, key=key))
    assert (answer.status_code, answer.json()["codigo"]) == (503, "servicio_no_disponible")
    assert answer.headers["content-type"] == "application/problem+json"
    assert seconds <= 2
    assert facts(live) == before
    assert live.client.get("/salud").status_code == 200
    owner.execute("GRANT INSERT ON audit.entry TO lme_application")
    assert doctor.post(LICENCES, body, key=key).status_code == 201


@pytest.mark.norm("N-2.4a")
def test_log_locked_for_half_a_minute_under_load_refuses_and_recovers(
    live: Live, owner: "psycopg.Connection[tuple[object, ...]]"
) -> None:
    doctors = [live.doctor() for _ in range(10)]
    ready = [(doctor, doctor.issue_body(doctor.prepare()), str(uuid4())) for doctor in doctors]
    before = facts(live)
    with lock_held(owner):
        answers = load(live, ready)
    slowest = max(seconds for _, seconds in answers)
    codes = {(answer.status_code, answer.json()["codigo"]) for answer, _ in answers}
    assert codes <= {(503, "servicio_no_disponible"), (503, "servicio_ocupado"), (409, "emision_en_curso"),
                     (409, "solicitud_en_curso")}  # fmt: skip
    assert (503, "servicio_no_disponible") in codes
    assert slowest <= 2
    assert facts(live) == before
    assert {doctor.post(LICENCES, body, key=key).status_code for doctor, body, key in ready} == {201}


@contextmanager
def lock_held(owner: "psycopg.Connection[tuple[object, ...]]") -> Iterator[None]:
    owner.execute("SELECT pg_advisory_lock(%s, %s)", LOG_LOCK)
    try:
        yield
    finally:
        owner.execute("SELECT pg_advisory_unlock(%s, %s)", LOG_LOCK)


def load(live: Live, ready: list[tuple[Doctor, dict[str, object], str]]) -> list[tuple[httpx.Response, float]]:
    """Open-loop load: `A_SECOND` requests a second whatever the answers, for `SECONDS_LOCKED`."""
    stop = threading.Event()
    with ThreadPoolExecutor(150) as pool:
        futures, start = [], time.monotonic()
        for number in range(SECONDS_LOCKED * A_SECOND):
            doctor, body, key = ready[number % len(ready)]
            stop.wait(max(0.0, start + number / A_SECOND - time.monotonic()))
            futures.append(pool.submit(timed, partial(doctor.post, LICENCES, body, key=key)))
        return [future.result() for future in futures]
