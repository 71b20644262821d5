"""The same request many times at once, or again after the process died: one act and one answer (T19)."""

import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from uuid import uuid4

import httpx
import pytest

from tests.factories.live import serve

LICENCES = "/api/v1/licencias"


@pytest.mark.norm("N-2.4a")
def test_hundred_identical_posts_are_one_licence(tmp_path: Path, role_url: Callable[[str], str]) -> None:
    with serve(tmp_path, role_url) as live:
        doctor = live.doctor()
        body, key = doctor.issue_body(doctor.prepare()), str(uuid4())
        with ThreadPoolExecutor(100) as pool:
            answers = list(pool.map(lambda _: doctor.post(LICENCES, body, key=key), range(100)))
        done = [answer for answer in answers if answer.status_code == 201]
        others = Counter(answer.json()["codigo"] for answer in answers if answer.status_code != 201)
        assert done
        assert len({answer.content for answer in done}) == 1
        assert sum("Idempotent-Replayed" not in answer.headers for answer in done) <= 1
        assert set(others) <= {"solicitud_en_curso", "emision_en_curso", "servicio_ocupado"}
        assert len(live.rows("SELECT id FROM licences.licence")) == 1
        late = doctor.post(LICENCES, body, key=key)
        assert (late.status_code, late.content) == (201, done[0].content)
        assert late.headers["Idempotent-Replayed"] == "true"


@pytest.mark.norm("N-2.4a")
def test_process_killed_between_commit_and_answer_answers_the_same_on_retry(
    tmp_path: Path, role_url: Callable[[str], str]
) -> None:
    flag = tmp_path / "mata"
    factory = "tests.faults.applications:killed_before_answering"
    with serve(tmp_path, role_url, application=factory, LME_TEST_KILL_FLAG=str(flag)) as live:
        doctor = live.doctor()
        body, key = doctor.issue_body(doctor.prepare()), str(uuid4())
        flag.touch()
        with pytest.raises(httpx.TransportError):
            doctor.post(LICENCES, body, key=key)
        assert not flag.exists()
        assert len(live.rows("SELECT id FROM licences.licence")) == 1
        first = retried(lambda: doctor.post(LICENCES, body, key=key))
        again = doctor.post(LICENCES, body, key=key)
        assert first.status_code == 201
        assert first.headers["Idempotent-Replayed"] == "true"
        assert first.content == again.content
        assert len(live.rows("SELECT id FROM licences.licence")) == 1


def retried(act: Callable[[], httpx.Response]) -> httpx.Response:
    """Repeat while the worker is being replaced."""
    for _ in range(50):
        try:
            return act()
        except httpx.TransportError:
            time.sleep(0.2)
    raise AssertionError("the server did not come back")
