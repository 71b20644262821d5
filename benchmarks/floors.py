"""The floors: what the parts that nobody can do without cost by themselves, on the same machine in the same run."""

import http.client
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from benchmarks.machine import processor_ms
from benchmarks.store import Store

_PORT, _REQUESTS = 8497, 3000
_ROUNDS = 400
_BODY = 13_000


async def hello(scope: dict[str, Any], _receive: object, send: Callable[[dict[str, Any]], Awaitable[None]]) -> None:
    """The smallest ASGI application: granian's own cost."""
    if scope["type"] == "http":
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"4")]})
        await send({"type": "http.response.body", "body": b"hola"})


def bare_answer_ms() -> float:
    """Processor of granian for one bare answer, without ours; for a licence it answers twice."""
    command = [
        sys.executable, "-m", "granian", "--interface", "asgi", "--host", "127.0.0.1", "--port", str(_PORT),
        "--workers", "1", "--no-ws", "--http", "1", "--log-level", "warning", "benchmarks.floors:hello",
    ]  # fmt: skip
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        _ask(100, patience=10.0)
        before = processor_ms(server.pid)
        _ask(_REQUESTS)
        return (processor_ms(server.pid) - before) / _REQUESTS
    finally:
        server.terminate()
        server.wait()


def bare_signatures_ms() -> float:
    """Processor of the bare numbers of a licence: a fresh P-256 key, its certificate, two signatures, three checks."""
    authority, seal = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    name, at = x509.Name([x509.NameAttribute(NameOID.COUNTRY_NAME, "CL")]), datetime.now(UTC)
    data, algorithm = bytes(2000), ec.ECDSA(hashes.SHA256())
    start = time.thread_time()
    for _ in range(_ROUNDS):
        key = ec.generate_private_key(ec.SECP256R1())
        builder = x509.CertificateBuilder(name, name, key.public_key(), 1, at, at + timedelta(minutes=10))
        builder.sign(authority, hashes.SHA256())
        for signer in (key, seal):
            signer.public_key().verify(signer.sign(data, algorithm), data, algorithm)
        key.public_key().verify(key.sign(data, algorithm), data, algorithm)
    return (time.thread_time() - start) * 1000 / _ROUNDS


def bare_commits_ms(store: Store) -> tuple[float, float]:
    """Processor of two bare commits, one of them of 13 kB: (client's, server's). A licence has two."""
    with store.administer() as there:
        there.execute("CREATE TABLE IF NOT EXISTS public.piso (n bigint, body bytea)")
        body, mine, theirs = bytes(range(250)) * (_BODY // 250), time.thread_time(), processor_ms(store.pid)
        for number in range(_ROUNDS):
            there.execute("INSERT INTO public.piso VALUES (%s, %s)", (number, b""), prepare=True)
            there.execute("INSERT INTO public.piso VALUES (%s, %s)", (number, body), prepare=True)
        client = (time.thread_time() - mine) * 1000 / _ROUNDS
        server = (processor_ms(store.pid) - theirs) / _ROUNDS
        there.execute("DROP TABLE public.piso")
    return client, server


def _ask(times: int, *, patience: float = 0.0) -> None:
    until = time.monotonic() + patience
    connection = http.client.HTTPConnection("127.0.0.1", _PORT)
    asked = 0
    while asked < times:
        try:
            connection.request("GET", "/")
            connection.getresponse().read()
            asked += 1
        except OSError:
            connection.close()
            if time.monotonic() > until:
                raise
            time.sleep(0.1)
