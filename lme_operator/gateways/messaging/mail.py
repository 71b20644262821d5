"""Mail over SMTP (RFC 5321), encrypted by TLS from the first byte (RFC 8314) or by STARTTLS (RFC 3207), checked.

The border is the final dot: whatever fails before it was not taken (RFC 5321, 4.1.1.4), and a failure after it tells
nothing. Addresses go into the envelope and the headers as one addressee each; nothing of a message can add a header.
"""

import smtplib
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from enum import Enum
from urllib.parse import unquote, urlsplit

from lme_operator.core.canonical import encode, sha256, to_base64url
from lme_operator.core.clock import Clock
from lme_operator.core.outside import Failure, OutsideExchange
from lme_operator.domain.notices import Delivery, Outgoing, Result
from lme_operator.gateways.breaker import Breaker
from lme_operator.gateways.sockets import Due, NotResolved, connect, resolve

_TRANSIENT = range(400, 500)
_PERMANENT = range(500, 600)
_TAKEN: tuple[Result, str, Failure | None] = (Result.ACCEPTED, "recibido", None)
_FAREWELL_SECONDS = 1.0
_PORTS = {"smtp": 25, "smtp+starttls": 587, "smtps": 465}


class Encryption(Enum):
    """How the conversation is encrypted; the value is the scheme of the server's URL."""

    NONE = "smtp"
    STARTTLS = "smtp+starttls"
    TLS = "smtps"


@dataclass(frozen=True, slots=True)
class MailServer:
    """The server that takes our mail, and who we are to it."""

    host: str
    port: int
    encryption: Encryption
    user: str = ""
    password: str = field(default="", repr=False)

    @classmethod
    def parse(cls, url: str) -> "MailServer":
        """Read `smtps://user:password@host:465`, `smtp+starttls://…` or `smtp://…`; raise `ValueError`."""
        parts = urlsplit(url)
        user, password = unquote(parts.username or ""), unquote(parts.password or "")
        if parts.scheme not in _PORTS or not parts.hostname or parts.path.strip("/") or parts.query:
            raise ValueError("not the address of a mail server")
        if not (user + password).isascii():
            raise ValueError("not the address of a mail server: user and password must be ASCII")
        return cls(parts.hostname, parts.port or _PORTS[parts.scheme], Encryption(parts.scheme), user, password)


class _Stage(Enum):
    """How far the conversation has come. Refusals of an earlier stage are not about the message."""

    HELLO = 1
    ENVELOPE = 2
    SENT = 3
    TAKEN = 4


class _Refused(Exception):
    """The server answered something else than it should."""

    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code


class _NoTls(Exception):
    """The server does not offer what we demand."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Smtp:
    """Sends each message over a connection of its own, in `budget_seconds` from the name to the last answer.

    `sender` is the address that mail comes from, `name` what people see. `trust` is what the server's certificate is
    checked against.
    """

    server: MailServer
    sender: str
    name: str
    budget_seconds: float
    clock: Clock
    trust: ssl.SSLContext
    breaker: Breaker

    def deliver(self, outgoing: Outgoing) -> Delivery:
        """Make one attempt; the answer is the server's words, recorded as an outside call."""
        try:
            recipient, content = _ascii(outgoing.message.address), self.compose(outgoing)
        except UnicodeError:
            return Delivery(Result.REFUSED, "direccion_no_admitida")
        talk, due = _Talk(began=self.clock()), Due(self.budget_seconds)
        failure: Failure | None
        refused = self.breaker.refuses()
        if refused is not None:
            result, reason, failure = Result.POSTPONED, Failure.CIRCUIT_OPEN.value, Failure.CIRCUIT_OPEN
        else:
            result, reason, failure = self._attempt(talk, recipient, content, due)
        exchange = OutsideExchange(
            party="correo",
            method="SMTP",
            url=f"{self.server.encryption.value}://{self.server.host}:{self.server.port}",
            request_headers=(("Message-ID", self._message_id(outgoing)),),
            request_digest=to_base64url(sha256(content)),
            started_at=talk.began,
            milliseconds=due.spent_ms,
            budget_ms=int(self.budget_seconds * 1000),
            address=talk.address,
            status=None,
            headers=(),
            body="\n".join(talk.replies).encode(),
            failure=failure,
            detail=refused or "",
        )
        if refused is None:
            self.breaker.note(exchange)
        return Delivery(result, reason, encode(exchange.render()).decode())

    def compose(self, outgoing: Outgoing) -> bytes:
        """Write the message (RFC 5322): the same bytes in every attempt, its Message-ID made of its id."""
        message = outgoing.message
        mail = EmailMessage(policy=SMTP)
        mail["From"] = Address(_plain(self.name), *_ascii(self.sender).rsplit("@", 1))
        mail["To"] = Address("", *_ascii(message.address).rsplit("@", 1))
        mail["Subject"] = _plain(message.subject or "")
        mail["Date"] = outgoing.at
        mail["Message-ID"] = self._message_id(outgoing)
        mail["Auto-Submitted"] = "auto-generated"
        mail["Content-Language"] = "es-CL"
        mail.set_content(message.text, charset="utf-8", cte="quoted-printable")
        return mail.as_bytes()

    def _message_id(self, outgoing: Outgoing) -> str:
        return f"<{outgoing.id}@{self._domain}>"

    @property
    def _domain(self) -> str:
        return _ascii(self.sender).rsplit("@", 1)[1]

    def _attempt(self, talk: "_Talk", recipient: str, content: bytes, due: Due) -> tuple[Result, str, Failure | None]:
        """Talk to the server; judge how it ended."""
        try:
            self._converse(talk, recipient, content, due)
        except _Refused as refused:
            return _judge(refused.code, talk.stage)
        except _NoTls:
            return Result.POSTPONED, "sin_tls", Failure.TLS
        except Exception as error:  # noqa: BLE001 - whatever it was, what matters is how far it had come
            if talk.stage is _Stage.TAKEN:
                return _TAKEN
            failure = _failure_of(error, due)
            return (Result.UNKNOWN if talk.stage is _Stage.SENT else Result.POSTPONED), failure.value, failure
        return _TAKEN

    def _converse(self, talk: "_Talk", recipient: str, content: bytes, due: Due) -> None:
        with talk.over(self.server, self.trust, due, hello=self._domain) as smtp:
            talk.expect(smtp.docmd("MAIL", f"FROM:<{_ascii(self.sender)}>"), 250)
            talk.stage = _Stage.ENVELOPE
            talk.expect(smtp.docmd("RCPT", f"TO:<{recipient}>"), 250, 251)
            talk.expect(smtp.docmd("DATA"), 354)
            smtp.send(_dot_stuffed(content))
            talk.stage = _Stage.SENT
            talk.expect(smtp.docmd("."), 250)
            talk.stage = _Stage.TAKEN
            if smtp.sock is not None:
                smtp.sock.settimeout(_FAREWELL_SECONDS)
            smtp.quit()


@dataclass(slots=True)
class _Talk:
    """A conversation: when it began, what was heard, from whom, and how far it came."""

    began: datetime
    stage: _Stage = _Stage.HELLO
    address: str | None = None
    replies: list[str] = field(default_factory=list)

    def reached(self, address: str) -> None:
        self.address = address

    def expect(self, reply: tuple[int, bytes], *codes: int) -> None:
        """Keep a reply; raise `_Refused` when it is another than expected."""
        code, words = reply
        self.replies.append(f"{code} {words.decode('utf-8', 'replace')}")
        if code not in codes:
            raise _Refused(code)

    @contextmanager
    def over(self, server: MailServer, trust: ssl.SSLContext, due: Due, *, hello: str) -> Iterator[smtplib.SMTP]:
        """Open a conversation, encrypted as the server's URL says, and greet; nothing of it outlives `due`."""
        smtp = smtplib.SMTP(local_hostname=hello)
        addresses = resolve(server.host, server.port, due)
        with connect(addresses, due, self.reached) as plain, _cut_at(due, plain), closing(smtp):
            plain.settimeout(None)
            if server.encryption is Encryption.TLS:
                smtp.sock = trust.wrap_socket(plain, server_hostname=server.host)
            else:
                smtp.sock = plain
            self.expect(smtp.getreply(), 220)
            self.expect(smtp.ehlo(), 250)
            if server.encryption is Encryption.STARTTLS:
                self._start_tls(smtp, server.host, trust)
            if server.user:
                self._log_in(smtp, server)
            yield smtp

    def _start_tls(self, smtp: smtplib.SMTP, host: str, trust: ssl.SSLContext) -> None:
        """Encrypt from here on, and forget whatever was said before: anybody may have said it (RFC 3207, 4.2)."""
        if not smtp.has_extn("starttls"):
            raise _NoTls
        self.expect(smtp.docmd("STARTTLS"), 220)
        if smtp.sock is None:
            raise _NoTls
        smtp.sock = trust.wrap_socket(smtp.sock, server_hostname=host)
        smtp.file, smtp.helo_resp, smtp.ehlo_resp, smtp.esmtp_features = None, None, None, {}
        self.expect(smtp.ehlo(), 250)

    def _log_in(self, smtp: smtplib.SMTP, server: MailServer) -> None:
        try:
            self.expect(smtp.login(server.user, server.password), 235)
        except smtplib.SMTPAuthenticationError as refused:
            raise _Refused(refused.smtp_code) from refused
        except smtplib.SMTPNotSupportedError as missing:
            raise _Refused(504) from missing


@contextmanager
def _cut_at(due: Due, connected: socket.socket) -> Iterator[None]:
    """Hang up when the time is over, whatever is being waited for: a server may answer a byte at a time."""
    line = connected.dup()

    def cut() -> None:
        with suppress(OSError):
            line.shutdown(socket.SHUT_RDWR)

    timer = threading.Timer(due.left(), cut)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
        timer.join()
        line.close()


def _judge(code: int, stage: _Stage) -> tuple[Result, str, Failure | None]:
    """What a reply means. Before the envelope it is about us or the server, so it may pass; -1 is no reply at all."""
    reason = f"smtp_{code}"
    if code in _PERMANENT and stage is not _Stage.HELLO:
        return Result.REFUSED, reason, None
    if code in _TRANSIENT or stage is not _Stage.SENT:
        return Result.POSTPONED, reason, None
    return Result.UNKNOWN, reason, None


def _failure_of(error: Exception, due: Due) -> Failure:
    """Name what went wrong on the way."""
    if isinstance(error, TimeoutError) or _is_over(due):
        return Failure.TIMED_OUT
    kinds: tuple[tuple[type[Exception], Failure], ...] = (
        (NotResolved, Failure.NAME_NOT_RESOLVED),
        (ConnectionRefusedError, Failure.REFUSED),
        (ssl.SSLCertVerificationError, Failure.CERTIFICATE_UNKNOWN),
        (ssl.SSLEOFError, Failure.RESET),
        (ssl.SSLError, Failure.TLS),
        (smtplib.SMTPServerDisconnected, Failure.RESET),
        (OSError, Failure.RESET),
    )
    return next((failure for kind, failure in kinds if isinstance(error, kind)), Failure.OUR_OWN)


def _is_over(due: Due) -> bool:
    try:
        due.left()
    except TimeoutError:
        return True
    return False


def _ascii(address: str) -> str:
    """The address with its domain in the form of the wire; raise `UnicodeError` if the rest is not ASCII."""
    local, domain = address.rsplit("@", 1)
    return f"{local.encode('ascii').decode()}@{domain.encode('idna').decode('ascii')}"


def _plain(words: str) -> str:
    """Words that stay words: `=?…?=` would be decoded on the way out, and what it hides could break the line."""
    return words.replace("=?", "= ?")


def _dot_stuffed(content: bytes) -> bytes:
    """The content as DATA takes it, up to its last line; the final dot goes apart (RFC 5321, 4.5.2)."""
    return b"".join(b"." + line if line.startswith(b".") else line for line in content.splitlines(keepends=True))
