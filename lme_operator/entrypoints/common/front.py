"""The front of each web process: takes requests whole, and decides who works, who waits and who is turned away.

It is an ASGI application around our WSGI one. Bodies are gathered on the event loop, with limits of size and time, so a
slow sender holds no thread. What goes first (an authority's order, a person's own block, liveness) has threads of its
own that nothing else may use (N-2.7a, N-6d). Of the rest a few work at a time, others wait a little, and whoever finds
no place is answered at once, without a thread. One session does one act at a time: a second POST of it is turned away,
as the person's lock would.
"""

import asyncio
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from wsgiref.types import WSGIApplication

from lme_operator.core.database import Deadline
from lme_operator.core.refusal import PERSON_BUSY, Refusal
from lme_operator.entrypoints.common.exchange import DEADLINE
from lme_operator.entrypoints.common.input import READ_AT_MOST
from lme_operator.entrypoints.common.refusals import BODY_TOO_SLOW, BUSY
from lme_operator.entrypoints.common.wsgi import Answer, Request, call

Scope = dict[str, Any]
Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]

_LONGEST_WAIT = 1.0
_OWN_THREADS = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Places:
    """How many ordinary requests work at once and how many may wait in a process, and the seconds each is given.

    `body_seconds` to send the body whole; `request_seconds` from then on to be answered.
    """

    at_once: int
    waiting: int
    body_seconds: float
    request_seconds: float


@dataclass(slots=True)
class Front:
    """The ASGI application. `first` are method and path (`/a/{id}/b`) of what goes before everything else."""

    application: WSGIApplication
    places: Places
    first: Iterable[tuple[str, str]]
    turn_away: Callable[[Refusal], Answer]
    _ordinary: ThreadPoolExecutor = field(init=False)
    _own: ThreadPoolExecutor = field(init=False)
    _working: asyncio.Semaphore = field(init=False)
    _goes_first: "re.Pattern[str]" = field(init=False)
    _acting: set[bytes] = field(init=False, default_factory=set)
    _present: int = field(init=False, default=0)

    def __post_init__(self) -> None:
        self._ordinary = ThreadPoolExecutor(self.places.at_once, thread_name_prefix="solicitud")
        self._own = ThreadPoolExecutor(_OWN_THREADS, thread_name_prefix="bloqueo")
        self._working = asyncio.Semaphore(self.places.at_once)
        paths = "|".join(re.escape(f"{method} ") + _pattern(path) for method, path in self.first)
        self._goes_first = re.compile(paths or "(?!)")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one scope of ASGI."""
        if scope["type"] == "lifespan":
            await _live(receive, send)
        elif scope["type"] == "http":
            await _answer(send, await self._serve(scope, receive))

    async def _serve(self, scope: Scope, receive: Receive) -> Answer:
        try:
            if self._goes_first.fullmatch(f"{scope['method']} {scope['path']}"):
                return await self._run(self._own, scope, await self._body(scope, receive))
            async with self._one_act(scope):
                body = await self._body(scope, receive)
                async with self._turn():
                    return await self._run(self._ordinary, scope, body)
        except Refusal as refusal:
            return self.turn_away(refusal)

    async def _run(self, threads: ThreadPoolExecutor, scope: Scope, body: bytes) -> Answer:
        extra = {DEADLINE: Deadline(self.places.request_seconds)}
        request = Request(scope=scope, body=body, extra=extra)
        return await asyncio.get_running_loop().run_in_executor(threads, call, self.application, request)

    async def _body(self, scope: Scope, receive: Receive) -> bytes:
        """Gather the body; raise `Refusal(cuerpo_lento)`. One too long is left unread: the application refuses it."""
        length = dict(scope["headers"]).get(b"content-length", b"0")
        if not length.isdigit() or int(length) >= READ_AT_MOST:
            return b""
        gathered = bytearray()
        try:
            async with asyncio.timeout(self.places.body_seconds):
                while len(gathered) < READ_AT_MOST:
                    message = await receive()
                    gathered += message.get("body", b"")
                    if message["type"] == "http.disconnect" or not message.get("more_body", False):
                        break
        except TimeoutError as error:
            raise Refusal(BODY_TOO_SLOW) from error
        return bytes(gathered[:READ_AT_MOST])

    @asynccontextmanager
    async def _turn(self) -> AsyncIterator[None]:
        """Wait a little for a turn to work, and hold it; raise `Refusal(servicio_ocupado)`."""
        if self._present >= self.places.at_once + self.places.waiting:
            raise Refusal(BUSY, retry_after=1)
        self._present += 1
        try:
            try:
                async with asyncio.timeout(min(_LONGEST_WAIT, self.places.request_seconds / 2)):
                    await self._working.acquire()
            except TimeoutError as error:
                raise Refusal(BUSY, retry_after=2) from error
            try:
                yield
            finally:
                self._working.release()
        finally:
            self._present -= 1

    @asynccontextmanager
    async def _one_act(self, scope: Scope) -> AsyncIterator[None]:
        """Hold the session while it acts; raise `Refusal(emision_en_curso)`. Who has no session shares with all."""
        session = dict(scope["headers"]).get(b"authorization", b"").partition(b" ")[2].strip()
        if not session or scope["method"] != "POST":
            yield
            return
        if session in self._acting:
            raise Refusal(PERSON_BUSY, retry_after=1)
        self._acting.add(session)
        try:
            yield
        finally:
            self._acting.discard(session)


async def _live(receive: Receive, send: Send) -> None:
    """Follow the server's start and stop: there is nothing to prepare."""
    while True:
        message = await receive()
        await send({"type": f"{message['type']}.complete"})
        if message["type"] == "lifespan.shutdown":
            return


async def _answer(send: Send, answer: Answer) -> None:
    await send({"type": "http.response.start", "status": answer.status, "headers": answer.headers})
    await send({"type": "http.response.body", "body": answer.body})


def _pattern(path: str) -> str:
    return re.sub(r"\\\{[a-z_]+\\\}", "[^/]+", re.escape(path))
