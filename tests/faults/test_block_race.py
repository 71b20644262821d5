"""Nobody issues after a block, whatever races: judged by log index, never by clocks (T17, threat M15)."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest

from tests.factories.live import Doctor, Live, serve

ROUNDS, ISSUERS = 20, 25
BUSY = {"emision_en_curso", "servicio_ocupado"}


@pytest.fixture
def live(tmp_path: Path, role_url: Callable[[str], str]) -> Any:
    with serve(tmp_path, role_url, application="tests.faults.applications:many_preparations") as server:
        yield server


@pytest.mark.norm("N-6a", "N-6d", "N-2.7a")
def test_no_licence_after_the_block_by_log_index(live: Live) -> None:
    """25 issuers of one professional around one block: sessions and preparations were opened before it."""
    machine = live.machine()
    issued, refused = 0, 0
    for _ in range(ROUNDS):
        doctor = live.doctor()
        bodies = [doctor.issue_body(doctor.prepare()) for _ in range(ISSUERS)]
        before, after = _race(doctor, bodies, partial(live.suspend, machine, doctor.run))
        issued, refused = issued + before, refused + after
        _demand_no_licence_after_block(live, doctor)
    assert issued >= 100
    assert refused >= 100


def _race(doctor: Doctor, bodies: list[dict[str, Any]], block: Callable[[], httpx.Response]) -> tuple[int, int]:
    """Issue all at once, block in the middle; return how many were issued and how many refused."""
    halfway, done = threading.Event(), []

    def issue(body: dict[str, Any]) -> bool:
        key = str(uuid4())
        while True:
            answer = doctor.post("/api/v1/licencias", body, key=key)
            if answer.status_code == 201:
                done.append(1)
                if len(done) >= ISSUERS // 3:
                    halfway.set()
                return True
            if answer.json()["codigo"] not in BUSY:
                assert answer.json()["codigo"] in {"sesion_terminada", "no_puede_emitir"}, answer.text
                return False

    def order_block() -> None:
        halfway.wait(10)
        answer = block()
        assert answer.status_code == 201, answer.text

    with ThreadPoolExecutor(ISSUERS + 1) as pool:
        blocking = pool.submit(order_block)
        outcomes = list(pool.map(issue, bodies))
        blocking.result()
    return sum(outcomes), len(outcomes) - sum(outcomes)


def _demand_no_licence_after_block(live: Live, doctor: Doctor) -> None:
    run = str(doctor.run)
    licences = live.rows(
        "SELECT e.index FROM licences.licence l JOIN audit.entry e ON e.id = l.entry_id"
        f" WHERE l.run = '{run}' ORDER BY e.index"
    )
    block = live.rows(
        f"SELECT e.index FROM suspensions.suspension s JOIN audit.entry e ON e.id = s.entry_id WHERE s.run = '{run}'"
    )
    assert len(block) == 1
    assert all(licence.index < block[0].index for licence in licences)
