"""From a request of ASGI, body and all, to a call of the WSGI application (PEP 3333)."""

import re
import sys
from dataclasses import dataclass, field
from io import BytesIO
from typing import Any
from wsgiref.types import WSGIApplication

_PLAIN = {b"content-type": "CONTENT_TYPE", b"content-length": "CONTENT_LENGTH"}
_NAME = re.compile(rb"[a-z0-9-]+", re.IGNORECASE)
"""Names that stay themselves in the environment: there a `_` would pass for a `-`, and so `X_Forwarded_For` for what
the proxy before us says of who asks."""


@dataclass(frozen=True, slots=True)
class Request:
    """A request whole: `scope` of ASGI, its body, and what else goes into the environment."""

    scope: dict[str, Any]
    body: bytes
    extra: dict[str, Any] = field(default_factory=dict)

    def environment(self) -> dict[str, Any]:
        """Return the WSGI environment. A header sent twice arrives joined, as RFC 9110 has it.

        A header whose name is not of letters, digits and hyphens does not arrive: it could pass for another.
        """
        host, port = self.scope.get("server") or ("", 0)
        environ: dict[str, Any] = {
            "REQUEST_METHOD": self.scope["method"],
            "SCRIPT_NAME": "",
            "PATH_INFO": self.scope["path"].encode("utf-8", "surrogateescape").decode("latin-1"),
            "QUERY_STRING": self.scope["query_string"].decode("latin-1"),
            "SERVER_NAME": host,
            "SERVER_PORT": str(port or 0),
            "SERVER_PROTOCOL": f"HTTP/{self.scope['http_version']}",
            "REMOTE_ADDR": (self.scope.get("client") or ("",))[0],
            "wsgi.version": (1, 0),
            "wsgi.url_scheme": self.scope["scheme"],
            "wsgi.input": BytesIO(self.body),
            "wsgi.errors": sys.stderr,
            "wsgi.multithread": True,
            "wsgi.multiprocess": True,
            "wsgi.run_once": False,
            "wsgi.input_terminated": True,
        }
        for name, value in self.scope["headers"]:
            if not _NAME.fullmatch(name):
                continue
            key = _PLAIN.get(name.lower()) or f"HTTP_{name.decode('latin-1').upper().replace('-', '_')}"
            text = value.decode("latin-1")
            environ[key] = f"{environ[key]},{text}" if key in environ else text
        return environ | self.extra


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer whole: status, headers as ASGI has them, body."""

    status: int
    headers: list[tuple[bytes, bytes]]
    body: bytes


def call(application: WSGIApplication, request: Request) -> Answer:
    """Call the application and gather its answer."""
    started: list[tuple[str, list[tuple[str, str]]]] = []

    def start_response(status: str, headers: list[tuple[str, str]], _exc: object = None) -> Any:  # noqa: ANN401 - PEP 3333
        started.append((status, headers))

    answer = application(request.environment(), start_response)
    try:
        body = b"".join(answer)
    finally:
        close = getattr(answer, "close", None)
        if close is not None:
            close()
    status, headers = started[-1]
    return Answer(int(status.split()[0]), encoded(headers), body)


def encoded(headers: list[tuple[str, str]]) -> list[tuple[bytes, bytes]]:
    """Write headers as ASGI has them."""
    return [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers]
