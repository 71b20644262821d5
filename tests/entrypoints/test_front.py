"""The front of a process: what waits for third parties and what is large takes nobody else's place (N-2.7a)."""

import asyncio
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest

from lme_operator.core.database import Deadline
from lme_operator.core.refusal import Refusal
from lme_operator.entrypoints.http.exchange import DEADLINE
from lme_operator.entrypoints.http.front import Browsers, Front, Places, Way
from lme_operator.entrypoints.http.input import LARGEST_BODY
from lme_operator.entrypoints.http.wsgi import Answer

MEGABYTE = 1024 * 1024
LARGEST = 12 * MEGABYTE


def said(status_of: Callable[[Refusal], int], mark: bytes) -> Callable[[Refusal], Answer]:
    return lambda refusal: Answer(status_of(refusal), [], mark + refusal.kind.code.encode())


@dataclass
class Gate:
    """An application behind the front. What goes to `/lenta` or asks outside waits until it is let go."""

    places: Places = field(
        default_factory=lambda: Places(
            at_once=2, waiting=2, body_seconds=0.5, request_seconds=1, outside_at_once=2, outside_seconds=3,
            uploads=1, upload_seconds=1.0,
        )
    )  # fmt: skip
    release: threading.Event = field(default_factory=threading.Event)
    served: list[tuple[str, float]] = field(default_factory=list)
    front: Front = field(init=False)

    def __post_init__(self) -> None:
        self.front = Front(
            self._application,
            self.places,
            ways=[
                Way("POST", "/consulta/{id}", asks_outside=True),
                Way("POST", "/consola/entrar", asks_outside=True),
                Way("POST", "/consola/documento", largest_body=LARGEST),
                Way("POST", "/consola/bloqueo", priority=True),
            ],
            turn_away=said(lambda refusal: refusal.kind.status, b"documento "),
            browsers=Browsers(
                "lme", "lme-visita", lives=self._lives, turn_away=said(lambda refusal: refusal.kind.status, b"pagina ")
            ),
        )

    def _lives(self, token: str, deadline: Deadline) -> bool:
        assert deadline.remaining > 0
        return token in ("viva", "otra-viva")

    def _application(self, environ: Any, start_response: Any) -> list[bytes]:
        path = environ["PATH_INFO"]
        if path.startswith(("/consulta", "/lenta", "/consola/entrar", "/consola/lenta")):
            self.release.wait(5)
        self.served.append((path, environ[DEADLINE].remaining))
        start_response("200 OK", [])
        return [str(len(environ["wsgi.input"].read())).encode()]

    async def ask(
        self, path: str, *, cookie: str = "", size: int = 0, stalls: bool = False, method: str = "POST"
    ) -> tuple[int, bytes]:
        """Send one request with a body of `size` bytes, announced; one that `stalls` never comes to its end."""
        left, said = size, []
        headers = [(b"content-length", str(size).encode())] + ([(b"cookie", cookie.encode())] if cookie else [])
        scope = {
            "type": "http", "method": method, "path": path, "query_string": b"", "http_version": "1.1",
            "scheme": "http", "headers": headers, "server": ("localhost", 80), "client": ("192.0.2.1", 1),
        }  # fmt: skip

        async def receive() -> dict[str, Any]:
            nonlocal left
            part = min(left, 64 * 1024)
            left -= part
            if stalls and left == 0:
                await asyncio.sleep(60)
            return {"type": "http.request", "body": b"x" * part, "more_body": left > 0}

        async def send(message: dict[str, Any]) -> None:
            said.append(message)

        await self.front(scope, receive, send)
        return said[0]["status"], said[1]["body"]

    async def start(self, *paths: str, **options: Any) -> list["asyncio.Task[tuple[int, bytes]]"]:
        tasks = [asyncio.create_task(self.ask(path, **options)) for path in paths]
        await asyncio.sleep(0.1)
        return tasks


@pytest.mark.norm("N-2.7a", "N-4c")
def test_hanging_third_party_holds_nobody_else() -> None:
    async def scenario() -> None:
        gate = Gate()
        hanging = await gate.start(*(f"/consulta/{number}" for number in range(8)))
        assert [(task.result()[0]) for task in hanging if task.done()] == [503] * 4
        for _ in range(5):
            assert (await gate.ask("/otra"))[0] == 200
        assert (await gate.ask("/consola/bloqueo"))[0] == 200
        gate.release.set()
        assert sorted([(await task)[0] for task in hanging]) == [200] * 4 + [503] * 4
        times = dict(gate.served)
        assert times["/otra"] <= 1 < times["/consulta/0"] <= 3

    asyncio.run(scenario())


def test_full_house_keeps_nobody_from_asking_outside() -> None:
    async def scenario() -> None:
        gate = Gate()
        await gate.start(*["/lenta"] * 8)
        asking = await gate.start("/consulta/1")
        gate.release.set()
        assert (await asking[0])[0] == 200

    asyncio.run(scenario())


def test_large_body_passes_only_where_it_is_wanted_and_from_a_session_that_lives() -> None:
    async def scenario() -> None:
        gate = Gate()
        assert await gate.ask("/consola/documento", cookie="lme=viva", size=LARGEST) == (200, str(LARGEST).encode())
        assert await gate.ask("/consola/documento", cookie="lme=viva", size=100) == (200, b"100")
        for path, cookie, size in (
            ("/consola/documento", "lme=viva", LARGEST + 1),
            ("/consola/documento", "lme=muerta", LARGEST),
            ("/consola/documento", "lme-visita=viva", LARGEST),
            ("/consola/otra", "lme=viva", LARGEST_BODY + 1),
            ("/otra", "lme=viva", LARGEST_BODY + 1),
        ):
            assert await gate.ask(path, cookie=cookie, size=size) == (200, b"0"), path

    asyncio.run(scenario())


@pytest.mark.norm("N-7a")
def test_few_large_bodies_at_once_and_a_slow_one_is_cut() -> None:
    async def scenario() -> None:
        gate = Gate()
        slow = await gate.start("/consola/documento", cookie="lme=viva", size=MEGABYTE, stalls=True)
        other = await gate.ask("/consola/documento", cookie="lme=otra-viva", size=MEGABYTE)
        assert other == (503, b"pagina servicio_ocupado")
        assert (await gate.ask("/consola/documento", cookie="lme=otra-viva", size=100))[0] == 200
        assert (await slow[0]) == (408, b"pagina cuerpo_lento")
        assert await gate.ask("/consola/documento", cookie="lme=viva", size=MEGABYTE) == (200, str(MEGABYTE).encode())

    asyncio.run(scenario())


@pytest.mark.norm("N-7a")
@pytest.mark.parametrize(
    ("path", "cookie"),
    [("/consola/documento", ""), ("/consola/documento", "lme=muerta"), ("/consola/otra", "lme=viva")],
)
def test_strangers_hold_with_large_bodies_what_an_ordinary_one_holds(path: str, cookie: str) -> None:
    """Slow ones are let go in the time of an ordinary body, and few at once: the others are not even read."""

    async def scenario() -> None:
        gate = Gate(
            places=Places(
                at_once=2, waiting=20, body_seconds=1, request_seconds=1, outside_seconds=1, uploads=1,
                upload_seconds=30.0,
            )
        )  # fmt: skip
        slow = asyncio.create_task(gate.ask(path, cookie=cookie, size=MEGABYTE, stalls=True))
        await asyncio.sleep(0.05)
        others = [gate.ask(path, size=MEGABYTE, stalls=True) for _ in range(10)]
        assert await asyncio.wait_for(asyncio.gather(*others), 10) == [(200, b"0")] * 10
        assert not slow.done()
        assert await asyncio.wait_for(slow, 10) == (200, b"0")
        assert await gate.ask("/consola/documento", cookie="lme=viva", size=MEGABYTE) == (200, str(MEGABYTE).encode())

    asyncio.run(scenario())


def test_second_form_of_a_session_waits_for_the_first() -> None:
    async def scenario() -> None:
        gate = Gate()
        first = await gate.start("/consola/lenta", cookie="lme=viva")
        second = await gate.start("/consola/otra", cookie="lme=viva")
        assert not second[0].done()
        assert (await gate.ask("/consola/otra", cookie="lme=viva", method="GET"))[0] == 200
        assert (await gate.ask("/consola/otra", cookie="lme=otra"))[0] == 200
        gate.release.set()
        assert [(await task)[0] for task in (*first, *second)] == [200, 200]
        assert [path for path, _ in gate.served][-2:] == ["/consola/lenta", "/consola/otra"]

    asyncio.run(scenario())


def test_form_that_waited_too_long_is_told_by_a_page() -> None:
    async def scenario() -> None:
        gate = Gate(places=Places(at_once=2, waiting=2, body_seconds=1, request_seconds=1, outside_seconds=0.2))
        await gate.start("/consola/lenta", cookie="lme=viva")
        assert await gate.ask("/consola/otra", cookie="lme=viva") == (409, b"pagina emision_en_curso")
        gate.release.set()

    asyncio.run(scenario())
