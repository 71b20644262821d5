"""What a raw socket can send: one answer each, the connection closed, and nobody else disturbed (threats M10, M11)."""

import socket
from collections.abc import Callable, Iterator
from pathlib import Path

from lme_operator.entrypoints.http.input import LARGEST_BODY
from tests.factories.live import Live, serve

_ENTER = "POST /api/v1/sesiones HTTP/1.1\r\nHost: HOST\r\nContent-Type: application/json\r\n"
_CHUNK = b"8000\r\n" + b" " * 0x8000 + b"\r\n"

MALFORMED: dict[str, tuple[bytes, set[int]]] = {
    "length and chunks": (
        f"{_ENTER}Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n"
        "0\r\n\r\nGET /salud HTTP/1.1\r\nHost: HOST\r\n\r\n".encode(),
        {400},
    ),
    "length and chunks, each with a sound body": (
        f"{_ENTER}Content-Length: 60\r\nTransfer-Encoding: chunked\r\n\r\n"
        "2\r\n{}\r\n0\r\n\r\nGET /salud HTTP/1.1\r\nHost: HOST\r\n\r\n".encode(),
        {422},  # the server reads the chunks alone, hides the length from us, and closes (RFC 9112, section 6.3)
    ),
    "two lengths": (
        f"{_ENTER}Content-Length: 2\r\nContent-Length: 3\r\n\r\n{{}}".encode(),
        {400},
    ),
    "negative length": (b"POST /api/v1/sesiones HTTP/1.1\r\nHost: HOST\r\nContent-Length: -5\r\n\r\nhello", {400}),
    "chunked behind a control byte": (
        b"POST /api/v1/sesiones HTTP/1.1\r\nHost: HOST\r\nTransfer-Encoding: \x0bchunked\r\n\r\n0\r\n\r\n",
        {400},
    ),
    "space before the colon": (
        b"POST /api/v1/sesiones HTTP/1.1\r\nHost: HOST\r\nTransfer-Encoding : chunked\r\n\r\n0\r\n\r\n",
        {400},
    ),
    "folded header": (b"GET /salud HTTP/1.1\r\nHost: HOST\r\nX-A: a\r\n b\r\n\r\n", {400}),
    "20,000 headers": (
        b"GET /salud HTTP/1.1\r\nHost: HOST\r\n" + b"".join(b"X-%d: a\r\n" % n for n in range(20_000)) + b"\r\n",
        {431},
    ),
    "address of 100,000 characters": (b"GET /" + b"x" * 100_000 + b" HTTP/1.1\r\nHost: HOST\r\n\r\n", {414}),
    "NUL in the address": (b"GET /salud\x00 HTTP/1.1\r\nHost: HOST\r\n\r\n", {400}),
    "another host in the address": (
        b"GET http://localhost/salud HTTP/1.1\r\nHost: otro.example\r\nConnection: close\r\n\r\n",
        {400},
    ),
    "no host": (b"GET /salud HTTP/1.1\r\nConnection: close\r\n\r\n", {400}),
    "two hosts": (b"GET /salud HTTP/1.1\r\nHost: HOST\r\nHost: otro.example\r\nConnection: close\r\n\r\n", {400}),
    "TRACE": (b"TRACE /salud HTTP/1.1\r\nHost: HOST\r\nConnection: close\r\n\r\n", {405}),
    "unknown verb": (b"BREW /salud HTTP/1.1\r\nHost: HOST\r\nConnection: close\r\n\r\n", {405}),
    "HTTP/0.9": (b"GET /salud\r\n\r\n", {400}),
    "another protocol": (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n", {400}),
    "10 MB announced": (
        f"{_ENTER}Content-Length: 10000000\r\n\r\n".encode(),
        {413},
    ),
    "more than allowed, unannounced": (
        f"{_ENTER}Transfer-Encoding: chunked\r\nConnection: close\r\n\r\n2\r\n{{}}\r\n".encode()
        + _CHUNK * (LARGEST_BODY // 0x8000)
        + b"0\r\n\r\n",
        {413},
    ),
}


def exchange(live: Live, raw: bytes) -> bytes:
    """Send the bytes; return all that comes back until the server closes."""
    port = int(live.url.rpartition(":")[2])
    with socket.create_connection(("127.0.0.1", port), timeout=5) as connection:
        connection.sendall(raw.replace(b"HOST", f"localhost:{port}".encode()))
        return b"".join(_received(connection))


def _received(connection: socket.socket) -> Iterator[bytes]:
    try:
        while data := connection.recv(65536):
            yield data
    except ConnectionResetError:
        return


def test_malformed_requests_get_one_answer_and_disturb_nobody(tmp_path: Path, role_url: Callable[[str], str]) -> None:
    with serve(tmp_path, role_url, workers=1) as live:
        for name, (raw, statuses) in MALFORMED.items():
            said = exchange(live, raw)
            assert said.count(b"HTTP/1.1 ") == 1, (name, said[:300])
            assert int(said.split(b" ")[1]) in statuses, (name, said[:300])
            assert live.client.get("/salud").status_code == 200, name
