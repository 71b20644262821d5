"""The bulkhead: whatever comes, and from whom, some threads of each worker stay free for blocks (N-2.7a, N-6d).

It stands before the application, so that turning a request away costs next to nothing: a flood is answered as fast as
it comes and nobody queues behind it. A worker has `threads`. Ordinary requests hold at most `threads - reserved` of
them; of those, `running` work at the same time (more would only take the interpreter's turn from blocks) and the
others wait a little. One session does one act at a time: a second POST of it is turned away at once, as the person's
lock would. What goes first (an authority's order, a person's own block, liveness) takes no place here.
"""

import re
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from io import BytesIO
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from lme_operator.core.database import Deadline
from lme_operator.core.refusal import PERSON_BUSY, Refusal
from lme_operator.entrypoints.common.exchange import DEADLINE
from lme_operator.entrypoints.common.input import LARGEST_BODY
from lme_operator.entrypoints.common.refusals import BUSY

_LONGEST_WAIT = 1.0

TurnAway = Callable[[Refusal, StartResponse], Iterable[bytes]]
"""Answers whom there is no place for."""


class Bulkhead:
    """The places for ordinary requests in one worker process."""

    def __init__(self, *, threads: int, running: int, reserved: int = 4) -> None:
        if threads <= reserved or running < 1:
            raise ValueError(f"{threads} threads leave no place beside the {reserved} kept for blocks")
        self._present = threading.BoundedSemaphore(threads - reserved)
        self._running = threading.BoundedSemaphore(min(running, threads - reserved))
        self._acting: set[str] = set()
        self._lock = threading.Lock()

    @contextmanager
    def present(self, session: str | None = None) -> Iterator[None]:
        """Hold one of the threads; `session` is whatever tells one session from another, None if it may share.

        Raises `Refusal`: `servicio_ocupado` when there is no thread, `emision_en_curso` when the session is acting.
        """
        with self._one_act(session):
            if not self._present.acquire(blocking=False):
                raise Refusal(BUSY, retry_after=1)
            try:
                yield
            finally:
                self._present.release()

    @contextmanager
    def turn(self, deadline: Deadline) -> Iterator[None]:
        """Wait a little for a turn to work, and hold it; raise `Refusal` (`servicio_ocupado`)."""
        if not self._running.acquire(timeout=min(_LONGEST_WAIT, deadline.remaining / 2)):
            raise Refusal(BUSY, retry_after=2)
        try:
            yield
        finally:
            self._running.release()

    @contextmanager
    def _one_act(self, session: str | None) -> Iterator[None]:
        if session is None:
            yield
            return
        with self._lock:
            if session in self._acting:
                raise Refusal(PERSON_BUSY, retry_after=1)
            self._acting.add(session)
        try:
            yield
        finally:
            self._acting.discard(session)


def behind(
    bulkhead: Bulkhead,
    application: WSGIApplication,
    *,
    first: Iterable[tuple[str, str]],
    seconds: float,
    turn_away: TurnAway,
) -> WSGIApplication:
    """Put `application` behind the bulkhead; its deadline of `seconds` starts here.

    `first` are the method and path (`/a/{id}/b`) of what goes before everything else; `turn_away` answers the others
    when there is no place for them.
    """
    paths = "|".join(re.escape(f"{method} ") + _pattern(path) for method, path in first)
    goes_first = re.compile(paths or "(?!)")

    def gate(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        deadline = environ[DEADLINE] = Deadline(seconds)
        method = environ["REQUEST_METHOD"]
        if goes_first.fullmatch(f"{method} {environ.get('PATH_INFO', '')}"):
            _take_body(environ)
            return _whole(application, environ, start_response)
        session = environ.get("HTTP_AUTHORIZATION") if method == "POST" else None
        try:
            with bulkhead.present(session):
                _take_body(environ)
                with bulkhead.turn(deadline):
                    return _whole(application, environ, start_response)
        except Refusal as refusal:
            return turn_away(refusal, start_response)

    return gate


def _take_body(environ: WSGIEnvironment) -> None:
    """Read a body of announced and allowed length before taking a turn: a slow sender makes only itself wait.

    A body that nobody read would cost the connection, and with it the next request; what is too long is not read.
    """
    length = environ.get("CONTENT_LENGTH") or "0"
    if length.isdecimal() and 0 < int(length) <= LARGEST_BODY:
        environ["wsgi.input"] = BytesIO(environ["wsgi.input"].read(int(length)))


def _whole(application: WSGIApplication, environ: WSGIEnvironment, start_response: StartResponse) -> list[bytes]:
    """Run the application to the end of its answer, while the place is held."""
    answer = application(environ, start_response)
    try:
        return list(answer)
    finally:
        close = getattr(answer, "close", None)
        if close is not None:
            close()


def _pattern(path: str) -> str:
    return re.sub(r"\\\{[a-z_]+\\\}", "[^/]+", re.escape(path))
