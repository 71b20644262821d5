"""Sockets whose every wait ends with the call's time, and what is wrong with a certificate that is shown."""

import queue
import socket
import ssl
import threading
from collections.abc import Callable
from typing import cast

import httpcore
from cryptography import x509

from lme_operator.core import clock as clocks
from lme_operator.core.outside import Failure

_EXPIRED = 10  # X509_V_ERR_CERT_HAS_EXPIRED
_WRONG_NAMES = frozenset((62, 64))  # X509_V_ERR_HOSTNAME_MISMATCH, X509_V_ERR_IP_ADDRESS_MISMATCH
_lookups = threading.BoundedSemaphore(16)
"""Names being looked up: the system's resolver cannot be interrupted, so those that hang are at least counted."""


class Due:
    """When the call must have ended."""

    def __init__(self, seconds: float) -> None:
        self._began = clocks.monotonic()
        self._ends = self._began + seconds

    def left(self) -> float:
        """Seconds left, more than none; raise `TimeoutError`."""
        left = self._ends - clocks.monotonic()
        if left <= 0:
            raise TimeoutError
        return left

    @property
    def spent_ms(self) -> int:
        """Milliseconds since it began."""
        return int((clocks.monotonic() - self._began) * 1000)


class NotResolved(Exception):
    """The name gave no address."""


class Cut(Exception):
    """TLS ended without saying so: what came may not be all."""


class Stream(httpcore.NetworkStream):
    """A connected socket whose every read and write ends with the call's time, whatever limit httpcore asks for."""

    def __init__(self, connected: socket.socket, due: Due) -> None:
        self._socket, self._due = connected, due
        self.begins = b""
        self.ended = False

    @property
    def cut_short(self) -> Failure:
        """What it is that the other side hung up here: nothing had come, part of an answer had, or no HTTP at all."""
        if not self.begins:
            return Failure.RESET
        return Failure.TRUNCATED if self.begins == b"HTTP/"[: len(self.begins)] else Failure.NOT_HTTP

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:  # noqa: ARG002 - the call's limit rules
        """Take what has come, at most `max_bytes`."""
        self._socket.settimeout(self._due.left())
        try:
            data = self._socket.recv(max_bytes)
        except ssl.SSLEOFError as error:
            raise Cut from error
        self.begins = (self.begins + data)[:5]
        self.ended = not data
        return data

    def write(self, buffer: bytes, timeout: float | None = None) -> None:  # noqa: ARG002 - the call's limit rules
        """Send all of it."""
        while buffer:
            self._socket.settimeout(self._due.left())
            try:
                buffer = buffer[self._socket.send(buffer) :]
            except (ConnectionResetError, BrokenPipeError) as error:
                raise httpcore.WriteError from error  # it may have answered before it hung up: httpcore reads on

    def close(self) -> None:
        """Hang up."""
        self._socket.close()


Addresses = list[tuple[socket.AddressFamily, socket.SocketKind, int, str, tuple[str | int, ...]]]


def connect(addresses: Addresses, due: Due, reached: Callable[[str], None]) -> socket.socket:
    """Connect to the first address that answers, sharing the time among those left; `reached` is told which it was.

    One that refuses was reached too. Raises `NotResolved` when there is none, `OSError` of the last tried.
    """
    for tried, (family, kind, protocol, _, address) in enumerate(addresses, start=1):
        candidate = socket.socket(family, kind, protocol)
        try:
            candidate.settimeout(due.left() / (len(addresses) - tried + 1))
            candidate.connect(address)
        except OSError as error:
            candidate.close()
            if isinstance(error, ConnectionRefusedError):
                reached(str(address[0]))
            if tried == len(addresses):
                raise
            continue
        candidate.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        reached(str(address[0]))
        return candidate
    raise NotResolved("sin direcciones")


def resolve(host: str, port: int, due: Due) -> Addresses:
    """Look the name up in a thread that may be left behind; raise `NotResolved`."""
    found: queue.SimpleQueue[Addresses | Exception] = queue.SimpleQueue()

    def look() -> None:
        try:
            found.put(cast(Addresses, socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)))
        except (OSError, UnicodeError) as error:
            found.put(error)
        finally:
            _lookups.release()

    if not _lookups.acquire(timeout=due.left()):
        raise NotResolved("demasiados nombres pendientes")
    threading.Thread(target=look, name="nombre", daemon=True).start()
    try:
        answer = found.get(timeout=due.left())
    except (queue.Empty, TimeoutError):
        raise NotResolved("sin respuesta a tiempo") from None
    if isinstance(answer, Exception):
        raise NotResolved(type(answer).__name__) from answer
    return answer


def judge_certificate(
    error: ssl.SSLCertVerificationError, *, host: str, address: tuple[str, int], due: Due
) -> tuple[Failure, str]:
    """Say what is wrong with the certificate shown; 'expired' only when it is the party's own that is.

    OpenSSL checks dates last, on a chain that leads to what is trusted: but the one that expired may be an authority
    of our own store, and that is our fault. So the certificate is looked at once more, without trusting it.
    """
    words = str(error.verify_message)
    if error.verify_code in _WRONG_NAMES:
        return Failure.CERTIFICATE_OF_ANOTHER, words
    if error.verify_code != _EXPIRED:
        return Failure.CERTIFICATE_UNKNOWN, words
    try:
        shown = _certificate_shown(host, address, due)
    except (OSError, ValueError):
        return Failure.CERTIFICATE_UNKNOWN, f"{words}; no se pudo ver cuál"
    if shown.not_valid_after_utc >= clocks.system_clock():
        return Failure.CERTIFICATE_UNKNOWN, f"{words}; no es el de la otra parte"
    return Failure.CERTIFICATE_EXPIRED, f"venció el {shown.not_valid_after_utc:%Y-%m-%dT%H:%M:%SZ}"


def _certificate_shown(host: str, address: tuple[str, int], due: Due) -> x509.Certificate:
    """Return the certificate that the other side shows; nothing is sent over this connection."""
    blind = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    blind.check_hostname = False
    blind.verify_mode = ssl.CERT_NONE
    with socket.create_connection(address, timeout=due.left()) as plain:
        plain.settimeout(due.left())
        with blind.wrap_socket(plain, server_hostname=host) as secure:
            return x509.load_der_x509_certificate(cast(bytes, secure.getpeercert(binary_form=True)))
