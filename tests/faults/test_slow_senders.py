"""Whoever announces a body and does not send it holds nobody: blocks go on at once (N-2.7a, threat M11)."""

import socket
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.factories.live import serve

SENDERS = 150
PATHS = ("/api/v1/autoridad/suspensiones", "/api/v1/profesional/bloqueo", "/api/v1/sesiones")


@contextmanager
def slow_senders(url: str) -> Iterator[list[socket.socket]]:
    """Open connections that announce a body and stop there."""
    address = urlsplit(url)
    with ExitStack() as stack:
        sockets = []
        for number in range(SENDERS):
            sender = stack.enter_context(socket.create_connection((address.hostname or "", address.port or 0)))
            path = PATHS[number % len(PATHS)]
            head = f"POST {path} HTTP/1.1\r\nHost: {address.netloc}\r\nContent-Type: application/json\r\n"
            sender.sendall(f"{head}Content-Length: 1000\r\n\r\n".encode() + b"{")
            sockets.append(sender)
        time.sleep(0.3)
        yield sockets


@pytest.mark.norm("N-2.7a", "N-6a")
def test_blocks_pass_while_many_send_slowly(tmp_path: Path, role_url: Callable[[str], str]) -> None:
    with serve(tmp_path, role_url) as live:
        machine, doctor, blocked = live.machine(), live.doctor(), live.doctor()
        with slow_senders(live.url) as sockets:
            start = time.monotonic()
            assert live.suspend(machine, doctor.run).status_code == 201
            own = live.client.post("/api/v1/profesional/bloqueo", json={}, headers=blocked.headers)
            assert own.status_code == 201, own.text
            assert live.client.get("/salud").status_code == 200
            assert time.monotonic() - start < 2
            sockets[0].settimeout(10)
            assert sockets[0].recv(100).startswith(b"HTTP/1.1 408")
