"""Bodies of requests, gathered on the event loop: limits of size and time, and few large ones at once in a process.

A large body is gathered only at an address that takes one, and from whoever the front knows. One that is too large is
read to its end and thrown away where a browser waits for a page: else it would show a broken connection and not the
page that says so. A stranger has the time of an ordinary body for that, and few strangers at once: whoever sends
slower, or while others do, sees the connection close.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from lme_operator.core.refusal import Refusal
from lme_operator.entrypoints.http.input import LARGEST_BODY, READ_AT_MOST
from lme_operator.entrypoints.http.refusals import BODY_TOO_SLOW, BUSY

Scope = dict[str, Any]
Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]

_THROWN_AWAY = 64 * 1024 * 1024
"""Of a body that is too large, at most this is read; who sends even more sees the connection close."""


@dataclass(slots=True)
class Bodies:
    """Gathers bodies: `seconds` for one of ordinary size, `upload_seconds` for a large one, `at_once` of those."""

    seconds: float
    upload_seconds: float
    at_once: int
    _slots: asyncio.Semaphore = field(init=False)
    _strangers: int = field(init=False, default=0)

    def __post_init__(self) -> None:
        self._slots = asyncio.Semaphore(self.at_once)

    @asynccontextmanager
    async def gathered(self, scope: Scope, receive: Receive, *, largest: int, throw_away: bool) -> AsyncIterator[bytes]:
        """Gather the body and hold its place; raise `Refusal` (`cuerpo_lento`, `servicio_ocupado`).

        `largest` is more than ordinary only for whoever is known. One over it is given as empty: the application reads
        its announced length and refuses it.
        """
        announced = length_of(scope)
        if announced is not None and READ_AT_MOST <= announced <= largest:
            async with self._slot(receive):
                yield await _gather(receive, at_most=largest + 1, seconds=self.upload_seconds)
        elif announced is not None and announced < READ_AT_MOST:
            yield await _gather(receive, at_most=READ_AT_MOST, seconds=self.seconds)
        else:
            if throw_away and largest > LARGEST_BODY:
                await _throw_away(receive, seconds=self.upload_seconds)
            elif throw_away:
                await self._throw_away_of_stranger(receive)
            yield b""

    @asynccontextmanager
    async def _slot(self, receive: Receive) -> AsyncIterator[None]:
        """Wait for a place for a large body: until then it stays with who sends it."""
        try:
            async with asyncio.timeout(self.seconds):
                await self._slots.acquire()
        except TimeoutError as error:
            await _throw_away(receive, seconds=self.upload_seconds)
            raise Refusal(BUSY, retry_after=5) from error
        try:
            yield
        finally:
            self._slots.release()

    async def _throw_away_of_stranger(self, receive: Receive) -> None:
        if self._strangers >= self.at_once:
            return
        self._strangers += 1
        try:
            await _throw_away(receive, seconds=self.seconds)
        finally:
            self._strangers -= 1


def length_of(scope: Scope) -> int | None:
    """The announced length of the body, 0 if none was; None when what was announced is no number."""
    length: bytes = dict(scope["headers"]).get(b"content-length", b"0")
    return int(length) if length.isdigit() else None


def is_large(scope: Scope) -> bool:
    """Whether the body is announced as larger than an ordinary one may be."""
    return (length_of(scope) or 0) > LARGEST_BODY


async def _gather(receive: Receive, *, at_most: int, seconds: float) -> bytes:
    gathered = bytearray()
    try:
        async with asyncio.timeout(seconds):
            while len(gathered) < at_most:
                message = await receive()
                gathered += message.get("body", b"")
                if _is_last(message):
                    break
    except TimeoutError as error:
        raise Refusal(BODY_TOO_SLOW) from error
    return bytes(gathered[:at_most])


async def _throw_away(receive: Receive, *, seconds: float) -> None:
    thrown = 0
    try:
        async with asyncio.timeout(seconds):
            while thrown < _THROWN_AWAY:
                message = await receive()
                thrown += len(message.get("body", b""))
                if _is_last(message):
                    return
    except TimeoutError:
        return


def _is_last(message: dict[str, Any]) -> bool:
    return message["type"] == "http.disconnect" or not message.get("more_body", False)
