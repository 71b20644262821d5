"""The load: professionals who prepare, sign and issue, each arrival at an instant drawn before the run began.

Open loop: arrivals are a seeded Poisson process of a fixed mean rate, and the latency of a licence counts from the
instant at which it was due, not from when this process got round to sending it; so a server (or a client) that falls
behind is not excused for what it made wait (no coordinated omission). Nobody retries: what is refused counts as
failed. A process of its own, whose processor time is told apart, on the same cores as the server.

Reads an order (JSON) from standard input and writes what happened to standard output.
"""

import asyncio
import json
import random
import sys
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from lme_operator.core.canonical import from_base64url
from tests.factories.authenticator import SoftwareAuthenticator, SoftwareKey

PREPARE, ISSUE = "/api/v1/licencias/preparaciones", "/api/v1/licencias"
LOOKS_A_SECOND = 10
_PATIENCE = 20.0


class Refused(Exception):
    """The server answered something else than 201."""


class Wire(asyncio.Protocol):
    """One connection of HTTP/1.1 kept open, one request at a time; it reads no more of an answer than it must."""

    def __init__(self) -> None:
        self._answer: asyncio.Future[tuple[int, bytes]] | None = None
        self._received = b""
        self.transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport

    def connection_lost(self, exc: Exception | None) -> None:
        self.transport = None
        if self._answer is not None and not self._answer.done():
            self._answer.set_exception(exc or ConnectionResetError())

    def data_received(self, data: bytes) -> None:
        self._received += data
        head, found, body = self._received.partition(b"\r\n\r\n")
        if not found or self._answer is None:
            return
        length = int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0] or 0)
        if len(body) >= length and not self._answer.done():
            self._received = b""
            self._answer.set_result((int(head[9:12]), body))

    async def send(self, request: bytes) -> tuple[int, bytes]:
        assert self.transport is not None
        self._answer = asyncio.get_running_loop().create_future()
        self.transport.write(request)
        return await self._answer


@dataclass
class Caller:
    """A professional with a live session and his own authenticator."""

    token: str
    device: SoftwareAuthenticator

    @classmethod
    def of(cls, order: dict[str, Any]) -> "Caller":
        private = load_pem_private_key(order["key"].encode(), None)
        assert isinstance(private, ec.EllipticCurvePrivateKey)
        key = SoftwareKey(from_base64url(order["credential"]), private, b"")
        device = SoftwareAuthenticator(origin=order["origin"], counts=False, keys={key.credential_id: key})
        return cls(order["token"], device)


@dataclass
class Load:
    """A run under way. Latencies in milliseconds; `in_flight` is looked at `LOOKS_A_SECOND` times a second."""

    address: str
    callers: list[Caller]
    order: bytes
    idle: list[Wire] = field(default_factory=list)
    free: asyncio.Queue[Caller] = field(default_factory=asyncio.Queue)
    whole: list[float] = field(default_factory=list)
    preparing: list[float] = field(default_factory=list)
    issuing: list[float] = field(default_factory=list)
    failed: Counter[str] = field(default_factory=Counter)
    orphans: list[tuple[Caller, str]] = field(default_factory=list)
    in_flight: list[int] = field(default_factory=list)

    async def run(self, arrivals: list[float]) -> float:
        """Let each arrival happen at its instant, wait for the last answer; return the seconds that all took."""
        for caller in self.callers:
            self.free.put_nowait(caller)
        start, under_way = time.monotonic() + 0.2, set[asyncio.Task[None]]()
        looking = asyncio.create_task(self._look(under_way))
        for offset in arrivals:
            wait = start + offset - time.monotonic()
            if wait > 0:
                await asyncio.sleep(wait)
            task = asyncio.create_task(self._licence(start + offset))
            under_way.add(task)
            task.add_done_callback(under_way.discard)
        looking.cancel()
        if under_way:
            await asyncio.wait(under_way, timeout=_PATIENCE)
        self.failed["sin respuesta"] += len(under_way)
        return time.monotonic() - start

    async def tidy(self) -> None:
        """Discard what was prepared and not issued: it would count against its professional in the next run."""
        for caller, preparation in self.orphans:
            await self._exchange(self._head(caller, "DELETE", f"{PREPARE}/{preparation}", 0))

    async def _look(self, under_way: set[asyncio.Task[None]]) -> None:
        while True:
            self.in_flight.append(len(under_way))
            await asyncio.sleep(1 / LOOKS_A_SECOND)

    async def _licence(self, due: float) -> None:
        caller = await self.free.get()
        preparation = None
        try:
            prepared = await self._post(caller, PREPARE, self.order)
            preparation, ready = prepared["preparacion"], time.monotonic()
            credential = caller.device.sign(from_base64url(prepared["digest"]))
            body = {"preparacion": preparation, "autorizacion": {"tipo": "webauthn", "credencial": credential}}
            await self._post(caller, ISSUE, json.dumps(body).encode())
        except (Refused, OSError) as error:
            self.failed[str(error)] += 1
            if preparation is not None:
                self.orphans.append((caller, preparation))
        else:
            done = time.monotonic()
            self.whole.append((done - due) * 1000)
            self.preparing.append((ready - due) * 1000)
            self.issuing.append((done - ready) * 1000)
        finally:
            self.free.put_nowait(caller)

    async def _post(self, caller: Caller, path: str, body: bytes) -> Any:  # noqa: ANN401 - any JSON
        status, answer = await self._exchange(self._head(caller, "POST", path, len(body)) + body)
        said = json.loads(answer)
        if status != 201:
            raise Refused(f"{status} {said.get('code', said.get('type', ''))}")
        return said

    async def _exchange(self, request: bytes) -> tuple[int, bytes]:
        wire = self.idle.pop() if self.idle else None
        if wire is None or wire.transport is None:
            host, _, port = self.address.partition(":")
            _, wire = await asyncio.get_running_loop().create_connection(Wire, host, int(port))
        status, answer = await wire.send(request)
        if status == 201:
            self.idle.append(wire)
        elif wire.transport is not None:
            wire.transport.close()  # who is turned away may be left with his body half sent
        return status, answer

    def _head(self, caller: Caller, method: str, path: str, length: int) -> bytes:
        return (
            f"{method} {path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {caller.token}\r\n"
            f"Idempotency-Key: {uuid4()}\r\nUser-Agent: carga\r\n"
            + (f"Content-Type: application/json\r\nContent-Length: {length}\r\n\r\n" if length else "\r\n")
        ).encode()


def arrivals(*, rate: float, seconds: float, seed: int) -> Iterator[float]:
    """Draw the instants of a Poisson process, seconds from the start: the same for the same seed."""
    drawn, at = random.Random(seed), 0.0
    while (at := at + drawn.expovariate(rate)) < seconds:
        yield at


async def _main(order: dict[str, Any]) -> dict[str, Any]:
    callers = [Caller.of(one) for one in order["callers"]]
    random.Random(order["seed"]).shuffle(callers)
    load = Load(urlsplit(order["url"]).netloc, callers, json.dumps(order["licence"]).encode())
    due = list(order.get("arrivals") or arrivals(rate=order["rate"], seconds=order["seconds"], seed=order["seed"]))
    before = time.process_time()
    took = await load.run(due)
    processor = time.process_time() - before
    await load.tidy()
    return {
        "due": len(due),
        "took": took,
        "processor": processor,
        "whole": load.whole,
        "preparing": load.preparing,
        "issuing": load.issuing,
        "failed": {what: count for what, count in load.failed.items() if count},
        "in_flight": load.in_flight,
    }


if __name__ == "__main__":
    json.dump(asyncio.run(_main(json.load(sys.stdin))), sys.stdout)
