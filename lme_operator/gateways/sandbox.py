"""The outside parties, played: a threaded HTTP/1.1 server where each has a path prefix and its real wire format.

Answers can hang, come a byte a second, be cut or reset, and the whole service can stop listening for a while: what
the real ones do on a bad day is what the gateways are tried against. Nothing here has legal effect, and its page
says so. The page at `/` lists, party by party, the RUNs that bring each behaviour about.
"""

import json
import socket
import ssl
import struct
import threading
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import Enum
from html import escape
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Protocol, Self
from urllib.parse import parse_qs, urlsplit

from lme_operator.core.canonical import Json

LARGEST_BODY = 32 * 1024 * 1024
"""Bytes of a request; pictures come inside JSON."""

LONGEST_HANG = 120.0
"""Seconds that a party says nothing before its connection is closed."""

DRIP_SECONDS = 1.0
"""Seconds between one byte and the next of an answer that drips."""

_JSON = ("Content-Type", "application/json; charset=utf-8")
_HTML = ("Content-Type", "text/html; charset=utf-8")


class Conduct(Enum):
    """How an answer is sent."""

    WHOLE = "entera"
    HANG = "no contesta"
    DRIP = "de a un byte por segundo"
    RESET = "corta la conexión"
    TRUNCATE = "a medias"


@dataclass(frozen=True, slots=True)
class Behaviour:
    """One line of a party's table: the RUN (or other value) that brings it about, and what then happens (Spanish).

    `href` is a page of the party's own, below its prefix, where the trigger leads.
    """

    trigger: str
    words: str
    href: str | None = None


@dataclass(frozen=True, slots=True)
class SandboxRequest:
    """A request to a party: `path` below its prefix, starting with `/`; header names in lower case.

    Of `query` and of `form()` each name has its first value.
    """

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes = field(repr=False)

    def json(self) -> Json:
        """The body as JSON; None if it is not."""
        try:
            return json.loads(self.body)
        except ValueError:
            return None

    def form(self) -> Mapping[str, str]:
        """The body as a form; empty if it is not one."""
        return _first_values(self.body.decode("utf-8", "replace"))


@dataclass(frozen=True, slots=True)
class SandboxReply:
    """What a party answers, and how it is sent."""

    status: int = 200
    body: bytes = b""
    headers: tuple[tuple[str, str], ...] = ()
    conduct: Conduct = Conduct.WHOLE

    @classmethod
    def json(cls, value: Json, *, status: int = 200, conduct: Conduct = Conduct.WHOLE) -> Self:
        """Answer `value` as JSON in UTF-8."""
        return cls(status, json.dumps(value, ensure_ascii=False).encode(), (_JSON,), conduct)

    @classmethod
    def html(cls, page: str, *, status: int = 200) -> Self:
        """Answer a page."""
        return cls(status, page.encode(), (_HTML,))

    @classmethod
    def see(cls, place: str) -> Self:
        """Answer a form by leading to `place` (303)."""
        return cls(303, headers=(("Location", place),))


class SandboxParty(Protocol):
    """A party that is played; `answer` may be called by several threads at once."""

    @property
    def prefix(self) -> str:
        """Where it answers, such as `/rnpi`: no slash at the end."""

    @property
    def title(self) -> str:
        """Its name, in Spanish."""

    @property
    def behaviours(self) -> Sequence[Behaviour]:
        """What can be brought about, in the order of the page."""

    def answer(self, request: SandboxRequest) -> SandboxReply:
        """Answer one request; what it raises is a 500."""


class Sandbox:
    """The parties while they are played. `url` has no slash at the end; `calls` are the last requests to parties."""

    def __init__(
        self, parties: Sequence[SandboxParty], host: str, port: int, *, tls: ssl.SSLContext | None = None
    ) -> None:
        self.parties = tuple(parties)
        self.calls: deque[SandboxRequest] = deque(maxlen=1000)
        self.closing = threading.Event()
        self._tls = tls
        self._host, self._port = host, port
        self._lock = threading.RLock()
        self._server: _Server | None = None
        self._return: threading.Timer | None = None
        self.listen()
        self.url = f"{'http' if tls is None else 'https'}://{self._host}:{self._port}"

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def listen(self) -> None:
        """Take connections, if it does not already."""
        with self._lock:
            self._forget_return()
            if self._server is not None or self.closing.is_set():
                return
            self._server = _Server((self._host, self._port), self, self._tls)
            self._port = self._server.server_address[1]
            threading.Thread(target=self._server.serve_forever, args=(0.05,), name="sandbox", daemon=True).start()

    def refuse(self, seconds: float | None = None) -> None:
        """Stop listening: whoever calls is refused by the system. Listen again after `seconds`, or when told."""
        with self._lock:
            self._forget_return()
            if self._server is not None:
                self._server.stop()
                self._server = None
            if seconds is not None:
                self._return = threading.Timer(seconds, self.listen)
                self._return.daemon = True
                self._return.start()

    def close(self) -> None:
        """Stop for good."""
        self.closing.set()
        self.refuse()

    def _forget_return(self) -> None:
        if self._return is not None:
            self._return.cancel()
            self._return = None


@contextmanager
def play(
    parties: Sequence[SandboxParty], host: str = "127.0.0.1", port: int = 0, *, tls: ssl.SSLContext | None = None
) -> Iterator[Sandbox]:
    """Play `parties` at `host`:`port` (0 is a free one) until the block ends."""
    with Sandbox(parties, host, port, tls=tls) as sandbox:
        yield sandbox


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 128

    def __init__(self, address: tuple[str, int], sandbox: Sandbox, tls: ssl.SSLContext | None) -> None:
        super().__init__(address, _Handler)
        self.sandbox = sandbox
        self._tls = tls
        self._open: set[socket.socket] = set()

    def finish_request(self, request: Any, client_address: Any) -> None:  # noqa: ANN401 - as the base has it
        """Speak TLS, where asked, in the connection's own thread: a bad handshake holds nobody."""
        connection: socket.socket = request
        self._open.add(connection)
        try:
            if self._tls is not None:
                request = connection = self._tls.wrap_socket(connection, server_side=True)
            super().finish_request(connection, client_address)
        finally:
            self._open.discard(connection)
            if self._tls is not None:
                connection.close()

    def handle_error(self, request: Any, client_address: Any) -> None:  # noqa: ANN401 - as the base has it
        """Whoever hangs up in the middle is no error here."""

    def stop(self) -> None:
        """Close the listening socket and what is open on it: from now on the port refuses."""
        self.shutdown()
        self.server_close()
        for connection in tuple(self._open):
            _reset(connection)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_version = "Pruebas"
    sys_version = ""
    server: _Server

    def do_GET(self) -> None:
        self._handle()

    do_POST = do_GET  # noqa: N815 - the name that the base looks for

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002, ANN401 - as the base has it
        """Write nothing: a party's address may carry a RUN and a key."""

    def _handle(self) -> None:
        sandbox = self.server.sandbox
        length = self.headers.get("Content-Length", "0")
        if not length.isdigit() or int(length) > LARGEST_BODY or "Transfer-Encoding" in self.headers:
            self.close_connection = True
            self._send(SandboxReply(413))
            return
        body = self.rfile.read(int(length))
        address = urlsplit(self.path)
        headers = {name.lower(): value for name, value in self.headers.items()}
        request = SandboxRequest(self.command, address.path, _first_values(address.query), headers, body)
        if request.path == "/":
            self._front(sandbox, request)
            return
        self._send(_party_reply(sandbox, request))

    def _front(self, sandbox: Sandbox, request: SandboxRequest) -> None:
        """The page, and the switch on it."""
        seconds = request.form().get("segundos", "")
        if request.method != "POST":
            self._send(SandboxReply.html(_page(sandbox.parties)))
        elif seconds.isdigit() and 1 <= int(seconds) <= 3600:
            self.close_connection = True
            self._send(SandboxReply.html(_switched_page(int(seconds))))
            threading.Thread(target=sandbox.refuse, args=(float(seconds),), daemon=True).start()
        else:
            self._send(SandboxReply.html(_page(sandbox.parties), status=400))

    def _send(self, reply: SandboxReply) -> None:
        if reply.conduct is Conduct.WHOLE:
            self.wfile.write(self._bytes(reply))
            return
        self.close_connection = True
        if reply.conduct is Conduct.HANG:
            self.server.sandbox.closing.wait(LONGEST_HANG)
        elif reply.conduct is Conduct.RESET:
            _reset(self.connection)
        elif reply.conduct is Conduct.TRUNCATE:
            whole = self._bytes(reply)
            self.wfile.write(whole[: len(whole) - len(reply.body) // 2 - 1])
        else:
            self._drip(self._bytes(reply))

    def _drip(self, whole: bytes) -> None:
        for byte in whole:
            self.wfile.write(bytes((byte,)))
            if self.server.sandbox.closing.wait(DRIP_SECONDS):
                return

    def _bytes(self, reply: SandboxReply) -> bytes:
        """The answer as it goes on the wire."""
        words = HTTPStatus(reply.status).phrase
        lines = [
            f"HTTP/1.1 {reply.status} {words}",
            f"Date: {self.date_time_string()}",
            f"Content-Length: {len(reply.body)}",
            *(f"{name}: {value}" for name, value in reply.headers),
            *(("Connection: close",) if self.close_connection else ()),
        ]
        return "\r\n".join((*lines, "", "")).encode("latin-1") + reply.body


def _party_reply(sandbox: Sandbox, request: SandboxRequest) -> SandboxReply:
    for party in sandbox.parties:
        if request.path == party.prefix or request.path.startswith(party.prefix + "/"):
            path = request.path.removeprefix(party.prefix) or "/"
            inner = SandboxRequest(request.method, path, request.query, request.headers, request.body)
            sandbox.calls.append(inner)
            try:
                return party.answer(inner)
            except Exception as error:  # noqa: BLE001 - a party that breaks answers as a broken server does
                return SandboxReply.json({"error": f"la parte de pruebas falló: {error!r}"}, status=500)
    return SandboxReply.json({"error": "no existe"}, status=404)


def _first_values(text: str) -> Mapping[str, str]:
    return {name: values[0] for name, values in parse_qs(text, keep_blank_values=True).items()}


def _reset(connection: socket.socket) -> None:
    """Close so that the other side is told at once that the connection is dead (RST)."""
    try:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        connection.close()
    except OSError:
        pass  # already gone


_STYLE = (
    "body{font:1rem/1.5 system-ui,sans-serif;max-width:56rem;margin:0 auto;padding:1rem;color:#0a132d;background:#fff}"
    "header{padding:.5rem 1rem;background:#0a132d;color:#fff}"
    "table{border-collapse:collapse;width:100%}th,td{text-align:left;vertical-align:top;padding:.4rem .6rem;"
    "border-bottom:1px solid #8a8aa0;overflow-wrap:anywhere}a{color:#004b8d}"
    "button,input,select{font:inherit;box-sizing:border-box;max-width:100%;padding:.4rem .8rem;min-height:2.75rem}"
)


def page(title: str, body: str) -> str:
    """A page of a played party, marked as what it is; `body` is HTML."""
    return (
        f'<!doctype html><html lang="es-CL"><head><meta charset="utf-8"><title>{escape(title)}</title>'
        f'<meta name="viewport" content="width=device-width,initial-scale=1"><style>{_STYLE}</style></head>'
        f"<body><header><strong>PRUEBAS – sin validez legal</strong></header><main><h1>{escape(title)}</h1>{body}"
        "</main></body></html>"
    )


def _page(parties: Sequence[SandboxParty]) -> str:
    tables = "".join(_table(party) for party in parties)
    return page(
        "Servicios externos simulados",
        "<p>Este programa hace de los servicios externos que el operador consulta, con el formato real de cada uno. "
        "Con los valores de estas tablas se provoca cada comportamiento; con cualquier otro, la respuesta es la "
        f'normal.</p>{tables}<section aria-labelledby="corte"><h2 id="corte">Dejar de atender</h2>'
        "<p>Todo este servicio, también esta página, rechazará las conexiones durante el tiempo que indique.</p>"
        '<form method="post" action="/"><p><label for="segundos">Segundos, de 1 a 3600</label><br>'
        '<input id="segundos" name="segundos" type="number" min="1" max="3600" value="60" required> '
        '<button type="submit">Rechazar conexiones</button></p></form></section>',
    )


def _table(party: SandboxParty) -> str:
    name = f"parte-{party.prefix.strip('/').replace('/', '-')}"
    rows = "".join(
        f'<tr><th scope="row">{_trigger(party, behaviour)}</th><td>{escape(behaviour.words)}</td></tr>'
        for behaviour in party.behaviours
    )
    head = '<thead><tr><th scope="col">Valor</th><th scope="col">Qué ocurre</th></tr></thead>'
    return (
        f'<section aria-labelledby="{name}"><h2 id="{name}">{escape(party.title)}</h2>'
        f"<p>Dirección: <code>{escape(party.prefix)}</code></p>"
        + (f"<table>{head}<tbody>{rows}</tbody></table>" if rows else "<p>Contesta siempre lo mismo.</p>")
        + "</section>"
    )


def _trigger(party: SandboxParty, behaviour: Behaviour) -> str:
    if behaviour.href is None:
        return escape(behaviour.trigger)
    return f'<a href="{escape(party.prefix + behaviour.href)}">{escape(behaviour.trigger)}</a>'


def _switched_page(seconds: int) -> str:
    return page(
        "Servicios externos simulados",
        f'<p role="status">El servicio rechaza conexiones durante {seconds} segundos. '
        'Después podrá <a href="/">volver a la lista</a>.</p>',
    )
