"""The one way to call an outside party over HTTP: one host, one time limit for all of it, one record.

The limit covers the name, the connection, TLS, every byte of the headers and of the body: whoever answers a byte a
second is cut like whoever says nothing. Redirects are answers, never followed; the host is the one configured, and
nothing of a request can change it (threat M42). Nothing that the other side does raises: it is recorded.
"""

import errno
import ssl
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import cast
from urllib.parse import SplitResult, quote, urlsplit

import httpcore

from lme_operator.core.canonical import sha256, to_base64url
from lme_operator.core.clock import Clock
from lme_operator.core.outside import Failure, OutsideExchange
from lme_operator.gateways.breaker import Breaker, CircuitBreaker
from lme_operator.gateways.sockets import Cut, Due, NotResolved, Stream, connect, judge_certificate, resolve

__all__ = ["REDACTED", "Breaker", "CircuitBreaker", "Pairs", "Party"]

Pairs = Sequence[tuple[str, str]]
"""Names and values, in order."""

REDACTED = "[REDACTADO]"
_NO_ROUTE = frozenset((errno.EHOSTUNREACH, errno.ENETUNREACH, errno.ENETDOWN, errno.EHOSTDOWN, errno.EADDRNOTAVAIL))
_CUT = frozenset((errno.ECONNRESET, errno.EPIPE, errno.ECONNABORTED, errno.ENOTCONN))


@dataclass(frozen=True, slots=True, kw_only=True)
class Party:
    """An outside party at `base_url`, whose scheme, host and port are the only ones ever called.

    Values of the query and header names in `secret_names` (any case) never reach a record. `budget_seconds` bounds a
    call from the name to the last byte; `largest_body` the bytes that are taken. `trust` is what its certificate is
    checked against (the system's store by default); `plain_http` allows an address without TLS, in test systems only.
    """

    name: str
    base_url: str
    budget_seconds: float
    largest_body: int
    clock: Clock
    secret_names: frozenset[str] = frozenset()
    trust: ssl.SSLContext | None = None
    breaker: Breaker | None = None
    plain_http: bool = False

    def __post_init__(self) -> None:
        base = urlsplit(self.base_url)
        if base.scheme != "https" and not (base.scheme == "http" and self.plain_http):
            raise ValueError(f"{self.name}: the address must begin with https://")
        if not base.hostname or base.username is not None or base.query or base.fragment:
            raise ValueError(f"{self.name}: not the address of a party")

    def call(
        self,
        method: str,
        path: str,
        *,
        query: Pairs = (),
        headers: Pairs = (),
        body: bytes = b"",
        budget: float | None = None,
    ) -> OutsideExchange:
        """Call once, in `budget` seconds at most (never more than the party's own); return what happened.

        `path` comes after the base's, already quoted. Never raises for what the other side does, nor for what fails
        on the way: that is `Failure.OUR_OWN` or another.
        """
        seconds = self.budget_seconds if budget is None else max(0.0, min(budget, self.budget_seconds))
        request = _Request(self, method, path, query, headers, body)
        answer = _Answer()
        started_at, due = self.clock(), Due(seconds)
        refused = None if self.breaker is None else self.breaker.refuses()
        exchange = None
        try:
            if refused is not None:
                answer.fail(Failure.CIRCUIT_OPEN, refused)
            elif seconds <= 0:
                answer.fail(Failure.OUR_OWN, "sin tiempo")
            else:
                _ask(request, answer, due)
            exchange = OutsideExchange(
                party=self.name,
                method=method,
                url=request.shown_url,
                request_headers=request.shown_headers,
                request_digest=to_base64url(sha256(body)) if body else None,
                started_at=started_at,
                milliseconds=due.spent_ms,
                budget_ms=int(seconds * 1000),
                left_ms=answer.left_ms,
                address=answer.address,
                status=answer.status,
                headers=tuple((name, request.redact(value)) for name, value in answer.headers),
                body=request.redact_bytes(bytes(answer.body)),
                failure=answer.failure,
                detail=request.redact(answer.detail),
            )
        finally:
            if self.breaker is not None and refused is None:
                self.breaker.note(exchange)
        return exchange


@dataclass(slots=True)
class _Answer:
    """What has come so far, and which step was under way."""

    left_ms: int | None = None
    address: str | None = None
    status: int | None = None
    headers: list[tuple[str, str]] = field(default_factory=list)
    body: bytearray = field(default_factory=bytearray)
    failure: Failure | None = None
    detail: str = ""
    step: str = "el nombre"

    def reached(self, address: str) -> None:
        self.address = address

    def fail(self, failure: Failure, detail: str = "") -> None:
        self.failure, self.detail = failure, detail


@dataclass(frozen=True, slots=True)
class _Request:
    """A request, and how it may be shown."""

    party: Party
    method: str
    path: str
    query: Pairs
    headers: Pairs
    body: bytes

    @property
    def base(self) -> SplitResult:
        return urlsplit(self.party.base_url)

    @property
    def host(self) -> str:
        return cast(str, self.base.hostname)

    @property
    def port(self) -> int:
        return self.base.port or (443 if self.base.scheme == "https" else 80)

    @property
    def target(self) -> str:
        return self._target(shown=False)

    @property
    def shown_url(self) -> str:
        return f"{self.base.scheme}://{self.base.netloc}{self._target(shown=True)}"

    @property
    def shown_headers(self) -> tuple[tuple[str, str], ...]:
        return tuple((name, REDACTED if self._is_secret(name) else value) for name, value in self.headers)

    @property
    def wire_headers(self) -> list[tuple[str, str]]:
        length = [("Content-Length", str(len(self.body)))] if self.body or self.method != "GET" else []
        return [
            ("Host", self.base.netloc),
            ("User-Agent", "lme-operador/1"),
            ("Accept-Encoding", "identity"),
            ("Connection", "close"),
            *length,
            *self.headers,
        ]

    def redact(self, text: str) -> str:
        """Take the secrets out of what the other side may have repeated."""
        for secret in self._secrets():
            text = text.replace(secret, REDACTED)
        return text

    def redact_bytes(self, data: bytes) -> bytes:
        for secret in self._secrets():
            data = data.replace(secret.encode(), REDACTED.encode())
        return data

    def _secrets(self) -> Iterable[str]:
        for name, value in (*self.query, *self.headers):
            if value and self._is_secret(name):
                yield value
                yield quote(value, safe="")

    def _is_secret(self, name: str) -> bool:
        return name.lower() in {secret.lower() for secret in self.party.secret_names}

    def _target(self, *, shown: bool) -> str:
        pairs = "&".join(
            f"{quote(name, safe='')}={REDACTED if shown and self._is_secret(name) else quote(value, safe='')}"
            for name, value in self.query
        )
        return self.base.path.rstrip("/") + self.path + ("?" + pairs if pairs else "")


def _ask(request: _Request, answer: _Answer, due: Due) -> None:
    """Do the call, filling `answer`; whatever goes wrong ends as its failure."""
    try:
        _converse(request, answer, due)
    except NotResolved as error:
        answer.fail(Failure.NAME_NOT_RESOLVED, str(error))
    except TimeoutError:
        answer.fail(Failure.TIMED_OUT, f"esperando {answer.step}")
    except ssl.SSLCertVerificationError as error:
        address = (answer.address or request.host, request.port)
        answer.fail(*judge_certificate(error, host=request.host, address=address, due=due))
    except ssl.SSLEOFError:
        answer.fail(Failure.RESET, f"esperando {answer.step}")
    except ssl.SSLError as error:
        answer.fail(Failure.TLS, error.reason or "")
    except OSError as error:
        answer.fail(_failure_of(error), f"{errno.errorcode.get(error.errno or 0, 'OSError')} en {answer.step}")
    except Exception as error:  # noqa: BLE001 - ours, whatever it is: recorded as such, and it opens nothing
        answer.fail(Failure.OUR_OWN, type(error).__name__)


@cache
def _system_trust() -> ssl.SSLContext:
    return ssl.create_default_context()


def _failure_of(error: OSError) -> Failure:
    if error.errno == errno.ECONNREFUSED:
        return Failure.REFUSED
    if error.errno in _NO_ROUTE:
        return Failure.UNREACHABLE
    return Failure.RESET if error.errno in _CUT else Failure.OUR_OWN


def _converse(request: _Request, answer: _Answer, due: Due) -> None:
    addresses = resolve(request.host, request.port, due)
    answer.left_ms = int(due.left() * 1000)
    answer.step = "la conexión"
    with connect(addresses, due, answer.reached) as plain:
        if request.base.scheme == "https":
            answer.step = "TLS"
            trust = request.party.trust or _system_trust()
            plain.settimeout(due.left())
            with trust.wrap_socket(plain, server_hostname=request.host, suppress_ragged_eofs=False) as secure:
                _talk(request, answer, Stream(secure, due))
        else:
            _talk(request, answer, Stream(plain, due))


def _talk(request: _Request, answer: _Answer, stream: Stream) -> None:
    """Send the request and read the answer over an open stream."""
    scheme = request.base.scheme.encode()
    origin = httpcore.Origin(scheme, request.host.encode("idna"), request.port)
    url = httpcore.URL(scheme=scheme, host=origin.host, port=origin.port, target=request.target.encode("ascii"))
    answer.step = "la respuesta"
    try:
        with httpcore.HTTP11Connection(origin, stream) as connection:
            asked = httpcore.Request(request.method, url, headers=request.wire_headers, content=request.body)
            response = connection.handle_request(asked)
            answer.status, answer.step = response.status, "el cuerpo"
            answer.headers += [(name.decode("latin-1"), value.decode("latin-1")) for name, value in response.headers]
            _read_body(response, answer, request.party.largest_body)
    except httpcore.RemoteProtocolError as error:
        answer.fail(stream.cut_short if stream.ended else Failure.NOT_HTTP, str(error))
    except Cut:
        answer.fail(stream.cut_short, "TLS sin cierre")


def _read_body(response: httpcore.Response, answer: _Answer, largest: int) -> None:
    for chunk in response.iter_stream():
        answer.body += chunk
        if len(answer.body) > largest:
            del answer.body[largest:]
            answer.fail(Failure.TOO_LARGE, f"más de {largest} bytes")
            return
