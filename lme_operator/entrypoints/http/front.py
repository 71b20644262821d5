"""The front of each web process: takes requests whole, and decides who works, who waits and who is turned away.

It is an ASGI application around our WSGI one. Bodies are gathered on the event loop, so a slow sender holds no thread.
What goes first (an authority's order, a person's own block, liveness) has threads of its own that nothing else may use
(N-2.7a, N-6d). What asks third parties has its own too, and a longer deadline: while one of them hangs, the rest goes
on. Of the rest a few work at a time, others wait a little, and whoever finds no place is answered at once, without a
thread. One session does one act at a time: a second POST of it is turned away, as the person's lock would; a page's
form waits for the first, for it may be the same one sent twice.
"""

import asyncio
import gc
import re
import sys
from collections.abc import AsyncIterator, Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from wsgiref.types import WSGIApplication

from lme_operator.core.database import Deadline
from lme_operator.core.refusal import PERSON_BUSY, Refusal
from lme_operator.entrypoints.http.bodies import Bodies, Receive, Scope, Send, is_large
from lme_operator.entrypoints.http.exchange import DEADLINE
from lme_operator.entrypoints.http.input import LARGEST_BODY
from lme_operator.entrypoints.http.refusals import BUSY
from lme_operator.entrypoints.http.wsgi import Answer, Request, call
from lme_operator.entrypoints.pages.browser import cookie_of
from lme_operator.entrypoints.pages.pages import is_page

_LONGEST_WAIT = 1.0
_OWN_THREADS = 4
_TURN = 0.0005
"""Seconds that a thread may keep the interpreter from others. Who comes back from the database may hold the log's lock,
and all wait for him: with Python's own 5 ms the lock is held for that long."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Places:
    """How many requests work at once and how many may wait in a process, and the seconds each is given.

    `body_seconds` to send the body whole, `upload_seconds` if it is a large one (`uploads` of them at once);
    `request_seconds` from then on to be answered, `outside_seconds` for what asks third parties.
    """

    at_once: int
    waiting: int
    body_seconds: float
    request_seconds: float
    outside_at_once: int = 4
    outside_seconds: float = 8.0
    uploads: int = 4
    upload_seconds: float = 60.0


@dataclass(frozen=True, slots=True)
class Way:
    """How the requests to a method and path (`/a/{id}/b`) want to be treated, where not as everybody."""

    method: str
    path: str
    priority: bool = False
    asks_outside: bool = False
    largest_body: int = LARGEST_BODY


@dataclass(frozen=True, slots=True)
class Browsers:
    """How pages are treated: the names of the cookies, whether a session's token is that of one that lives, and the
    page of who is turned away."""

    session: str
    visit: str
    lives: Callable[[str, Deadline], bool]
    turn_away: Callable[[Refusal], Answer]


@dataclass(slots=True)
class Front:
    """The ASGI application; `browsers` where there are pages."""

    application: WSGIApplication
    places: Places
    ways: Iterable[Way]
    turn_away: Callable[[Refusal], Answer]
    browsers: Browsers | None = None
    _ordinary: "_Lane" = field(init=False)
    _outside: "_Lane" = field(init=False)
    _own: ThreadPoolExecutor = field(init=False)
    _bodies: Bodies = field(init=False)
    _special: "_Special" = field(init=False)
    _acting: dict[bytes, asyncio.Event] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        places = self.places
        self._ordinary = _Lane("solicitud", places.at_once, places.waiting, places.request_seconds)
        self._outside = _Lane("terceros", places.outside_at_once, places.waiting, places.outside_seconds)
        self._own = ThreadPoolExecutor(_OWN_THREADS, thread_name_prefix="bloqueo")
        self._bodies = Bodies(places.body_seconds, places.upload_seconds, places.uploads)
        self._special = _Special(self.ways)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one scope of ASGI."""
        if scope["type"] == "lifespan":
            await _live(receive, send)
        elif scope["type"] == "http":
            await _answer(send, await self._serve(scope, receive))

    async def _serve(self, scope: Scope, receive: Receive) -> Answer:
        way, page = self._special.find(scope), self.browsers is not None and is_page(scope["path"])
        try:
            if way.priority:
                async with self._bodies.gathered(scope, receive, largest=LARGEST_BODY, throw_away=page) as body:
                    return await self._run(self._own, scope, body, self.places.request_seconds)
            async with self._one_act(scope, page=page):
                largest = await self._largest(scope, way)
                async with self._bodies.gathered(scope, receive, largest=largest, throw_away=page) as body:
                    lane = self._outside if way.asks_outside else self._ordinary
                    async with lane.turn():
                        return await self._run(lane.threads, scope, body, lane.seconds)
        except Refusal as refusal:
            return self.browsers.turn_away(refusal) if page and self.browsers else self.turn_away(refusal)

    async def _run(self, threads: ThreadPoolExecutor, scope: Scope, body: bytes, seconds: float) -> Answer:
        request = Request(scope=scope, body=body, extra={DEADLINE: Deadline(seconds)})
        return await asyncio.get_running_loop().run_in_executor(threads, call, self.application, request)

    async def _largest(self, scope: Scope, way: Way) -> int:
        """How large the body may be: more than ordinary only where it is wanted, and from a session that lives."""
        if way.largest_body <= LARGEST_BODY or not is_large(scope) or self.browsers is None:
            return LARGEST_BODY
        token = _cookie(scope, self.browsers.session)
        if token is None:
            return LARGEST_BODY
        async with self._ordinary.turn():
            lives = await asyncio.get_running_loop().run_in_executor(
                self._ordinary.threads,
                self.browsers.lives,
                token.decode("latin-1"),
                Deadline(self.places.request_seconds),
            )
        return way.largest_body if lives else LARGEST_BODY

    @asynccontextmanager
    async def _one_act(self, scope: Scope, *, page: bool) -> AsyncIterator[None]:
        """Hold the session while it acts; raise `Refusal(emision_en_curso)`. Who has no session shares with all."""
        session = self._session(scope, page=page)
        if session is None or scope["method"] != "POST":
            yield
            return
        if session in self._acting:
            await self._wait_for(session, seconds=self.places.outside_seconds if page else 0)
        ended = self._acting[session] = asyncio.Event()
        try:
            yield
        finally:
            del self._acting[session]
            ended.set()

    async def _wait_for(self, session: bytes, *, seconds: float) -> None:
        try:
            async with asyncio.timeout(seconds):
                while session in self._acting:
                    await self._acting[session].wait()
        except TimeoutError as error:
            raise Refusal(PERSON_BUSY, retry_after=1) from error

    def _session(self, scope: Scope, *, page: bool) -> bytes | None:
        """Whose act it is: the cookie of a browser at a page, the bearer token anywhere else."""
        if page and self.browsers is not None:
            return _cookie(scope, self.browsers.session) or _cookie(scope, self.browsers.visit)
        return dict(scope["headers"]).get(b"authorization", b"").partition(b" ")[2].strip() or None


class _Lane:
    """Threads of their own, and who waits for one. Each request here has `seconds` to be answered."""

    def __init__(self, name: str, at_once: int, waiting: int, seconds: float) -> None:
        self.threads = ThreadPoolExecutor(at_once, thread_name_prefix=name)
        self.seconds = seconds
        self._working = asyncio.Semaphore(at_once)
        self._most, self._present = at_once + waiting, 0

    @asynccontextmanager
    async def turn(self) -> AsyncIterator[None]:
        """Wait a little for a turn to work, and hold it; raise `Refusal(servicio_ocupado)`."""
        if self._present >= self._most:
            raise Refusal(BUSY, retry_after=1)
        self._present += 1
        try:
            try:
                async with asyncio.timeout(min(_LONGEST_WAIT, self.seconds / 2)):
                    await self._working.acquire()
            except TimeoutError as error:
                raise Refusal(BUSY, retry_after=2) from error
            try:
                yield
            finally:
                self._working.release()
        finally:
            self._present -= 1


class _Special:
    """Finds the way of a request among those that are not everybody's."""

    def __init__(self, ways: Iterable[Way]) -> None:
        self._ways = tuple(ways)
        patterns = (re.escape(f"{way.method} ") + _pattern(way.path) for way in self._ways)
        named = (f"(?P<w{number}>{pattern})" for number, pattern in enumerate(patterns))
        self._patterns = re.compile("|".join(named) or "(?!)")

    def find(self, scope: Scope) -> Way:
        found = self._patterns.fullmatch(f"{scope['method']} {scope['path']}")
        if found is None or found.lastgroup is None:
            return Way(scope["method"], scope["path"])
        return self._ways[int(found.lastgroup[1:])]


def _cookie(scope: Scope, name: str) -> bytes | None:
    return cookie_of(dict(scope["headers"]).get(b"cookie", b""), name)


async def _live(receive: Receive, send: Send) -> None:
    """Follow the server's start and stop.

    What was loaded by the start lives as long as the process, so the collector need not walk through it each time:
    its long pauses are gone from the slowest answers.
    """
    while True:
        message = await receive()
        if message["type"] == "lifespan.startup":
            gc.collect()
            gc.freeze()
            sys.setswitchinterval(_TURN)
        await send({"type": f"{message['type']}.complete"})
        if message["type"] == "lifespan.shutdown":
            return


async def _answer(send: Send, answer: Answer) -> None:
    await send({"type": "http.response.start", "status": answer.status, "headers": answer.headers})
    await send({"type": "http.response.body", "body": answer.body})


def _pattern(path: str) -> str:
    return re.sub(r"\\\{[a-z_]+\\\}", "[^/]+", re.escape(path))
