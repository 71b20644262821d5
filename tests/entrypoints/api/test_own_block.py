"""The own block ends the session that asks for it: its answer can still be asked for again, with that token alone."""

from typing import Any
from uuid import uuid4

import pytest
import sqlalchemy as sa

from tests.factories.web import OTHER, Web, problem_of

_BLOCK = "/api/v1/profesional/bloqueo"


def block(web: Web, token: str, *, key: str | None = "mi-bloqueo", **options: Any) -> Any:
    return web.post(_BLOCK, options.pop("body", {}), token=token, key=key, **options)


@pytest.mark.norm("N-2.4a", "N-2.7a")
def test_answer_lost_is_given_again_to_the_same_token_and_key(web: Web, doctor: str) -> None:
    first = block(web, doctor)
    again = block(web, doctor)
    assert (first.status_code, again.status_code) == (201, 201)
    assert again.data == first.data
    assert again.headers["Idempotent-Replayed"] == "true"
    assert "Idempotent-Replayed" not in first.headers


def test_answer_is_given_to_nobody_else(web: Web, doctor: str, owner_url: str) -> None:
    """Another key or body, no key, another's token, an earlier token of the same person, garbage: as ever."""
    newer = web.enter()
    problem_of(block(web, doctor), 401, "sesion_terminada")
    blocked = block(web, newer)
    assert blocked.status_code == 201
    web.enrol(OTHER)
    stranger = web.enter(OTHER)
    other = web.enter(OTHER)
    before = entries(owner_url)
    answers = [
        block(web, newer, key="otra-clave"),
        block(web, newer, key=None),
        block(web, newer, body=b"{ }"),
        block(web, newer, key="una clave\ttorcida"),
        block(web, doctor),
        block(web, stranger),
        block(web, "x" * 43),
        block(web, newer + "x"),
    ]
    documents = [problem_of(answer, 401, "sesion_terminada") for answer in answers]
    for document in documents:
        del document["instance"], document["id_solicitud"]
    assert all(document == documents[0] for document in documents)
    assert entries(owner_url) == before, "who asks in vain leaves nothing in the log"
    assert web.get("/api/v1/profesional/estado", token=other).status_code == 200
    for path in ("/api/v1/profesional/estado", "/api/v1/sesiones/actual"):
        problem_of(web.send("GET" if path.endswith("estado") else "DELETE", path, token=newer), 401, "sesion_terminada")


def test_answer_is_not_given_once_the_session_would_have_expired(web: Web, doctor: str) -> None:
    assert block(web, doctor).status_code == 201
    web.clock.advance(seconds=12 * 3600 - 60)
    assert block(web, doctor).status_code == 201
    web.clock.advance(seconds=120)
    problem_of(block(web, doctor), 401, "sesion_terminada")


def test_session_ended_otherwise_gives_no_answer_to_the_key_of_another_session(web: Web, doctor: str) -> None:
    """Same person, same key, same body: only the session that made the block is told."""
    key = str(uuid4())
    newer = web.enter()
    assert block(web, newer, key=key).status_code == 201
    problem_of(block(web, doctor, key=key), 401, "sesion_terminada")


def entries(owner_url: str) -> int:
    with sa.create_engine(owner_url, poolclass=sa.NullPool).connect() as connection:
        count: int = connection.execute(sa.text("SELECT count(*) FROM audit.entry")).scalar_one()
        return count
