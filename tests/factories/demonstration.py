"""A demonstration as a stranger starts it, in a folder and port of its own."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http import HTTPStatus
from pathlib import Path
from typing import Any


class Demonstration:
    """A demonstration in a folder and port of its own."""

    def __init__(self, home: Path) -> None:
        self.home = home
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.environment = {"LME_HOME": str(home), "LME_PORT": str(self.port), "LME_WEB_WORKERS": "1"}
        self.output = home.with_suffix(".salida")
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        with self.output.open("wb") as output:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "lme_operator", "demo"], env={**os.environ, **self.environment}, stdout=output
            )
        self.wait_for(lambda: "Lista en" in self.said() or self.running().poll() is not None)
        assert self.running().poll() is None, self.said()

    def running(self) -> "subprocess.Popen[bytes]":
        assert self.process is not None
        return self.process

    def said(self) -> str:
        return self.output.read_text(encoding="utf-8")

    def end(self, number: signal.Signals) -> int:
        self.running().send_signal(number)
        return self.running().wait(timeout=60)

    def processes(self) -> list[int]:
        """Every living process that was started with this home."""
        mark = f"LME_HOME={self.home}\0".encode()
        found = []
        for folder in Path("/proc").glob("[0-9]*"):
            try:
                if mark in (folder / "environ").read_bytes() and int(folder.name) != os.getpid():
                    found.append(int(folder.name))
            except OSError:
                continue
        return found

    def get(self, path: str) -> Any:
        return urllib.request.urlopen(f"http://localhost:{self.port}{path}", timeout=5)

    def post(self, path: str, body: Any) -> Any:
        """Send it; who is told to come back in some seconds, for the machine does much else, comes back."""
        request = urllib.request.Request(
            f"http://localhost:{self.port}{path}", json.dumps(body).encode(), {"Content-Type": "application/json"}
        )
        for _ in range(10):
            try:
                return urllib.request.urlopen(request, timeout=5)
            except urllib.error.HTTPError as refused:
                if refused.code != HTTPStatus.SERVICE_UNAVAILABLE:
                    raise
            time.sleep(1)
        return urllib.request.urlopen(request, timeout=5)

    def log_size(self) -> int:
        return int(self.get("/auditoria/registro/checkpoint").read().split(b"\n")[1])

    def processes_of(self, word: str) -> list[int]:
        return [pid for pid in self.processes() if word in Path(f"/proc/{pid}/cmdline").read_text()]

    def ready(self) -> bool:
        try:
            return bool(self.get("/salud/lista").status == 200)
        except OSError:
            return False

    def contents(self) -> dict[str, Any]:
        contents: dict[str, Any] = json.loads((self.home / "demo.json").read_text(encoding="utf-8"))
        return contents

    @staticmethod
    def wait_for(what: Callable[[], bool], *, seconds: float = 120) -> None:
        due = time.monotonic() + seconds
        while not what():
            assert time.monotonic() < due
            time.sleep(0.1)


@contextmanager
def demonstrating() -> Iterator[Demonstration]:
    """Give a demonstration that has not started; nothing of it stays."""
    folder = Path(tempfile.mkdtemp(prefix="lme-demo-"))
    folder.chmod(0o711)
    made = Demonstration(folder / "casa")
    try:
        yield made
    finally:
        if made.process is not None and made.process.poll() is None:
            made.end(signal.SIGTERM)
        shutil.rmtree(folder)
