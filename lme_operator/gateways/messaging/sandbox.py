"""Plays the mail server and the SMS provider: catches what is sent, and sends nothing on.

What is caught becomes a file of JSON in a folder, which the tray of the demonstration shows. Some addresses and
telephones bring about what the real ones do on a bad day; the page of the sandbox lists them.
"""

import asyncio
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from email import message_from_bytes
from email.policy import default
from pathlib import Path
from types import TracebackType
from typing import Any, Self, cast
from urllib.parse import unquote
from uuid import uuid4

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from lme_operator.core.canonical import Json, encode, format_instant
from lme_operator.core.clock import Clock
from lme_operator.gateways.sandbox import LONGEST_HANG, Behaviour, Conduct, SandboxReply, SandboxRequest

_KEPT = 200
"""Messages that the folder keeps, the newest."""


@dataclass(frozen=True, slots=True)
class Mailbox:
    """A folder of caught messages, one JSON file each, whose names sort by time."""

    folder: Path
    clock: Clock

    def put(self, *, channel: str, address: str, subject: str | None, text: str, reference: str) -> None:
        """Keep a message, whole or not at all, and let the oldest go."""
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        at = self.clock()
        content: dict[str, Json] = {
            "canal": channel, "direccion": address, "asunto": subject, "texto": text, "referencia": reference,
            "recibido_en": format_instant(at),
        }  # fmt: skip
        fresh = self.folder / f"{uuid4()}.nuevo"
        fresh.write_bytes(encode(content))
        fresh.rename(self.folder / f"{int(at.timestamp() * 1000):015d}-{uuid4()}.json")
        for old in sorted(self.folder.glob("*.json"))[:-_KEPT]:
            old.unlink(missing_ok=True)


class MailCatcher:
    """An SMTP server at `host`:`port` that catches mail. `options` are aiosmtpd's, for servers that demand TLS."""

    behaviours: tuple[Behaviour, ...] = (
        Behaviour("rechazado@…", "La casilla no existe: 550, se rechaza para siempre."),
        Behaviour("ocupado@…", "450 siempre: se reintenta hasta que el aviso vence."),
        Behaviour("callado@…", "Recibe el mensaje y no contesta: el resultado es desconocido."),
        Behaviour("cortado@…", "Recibe el mensaje y corta: el resultado es desconocido, aunque llegó."),
    )

    def __init__(self, mailbox: Mailbox, host: str, port: int, **options: Any) -> None:  # noqa: ANN401 - aiosmtpd's
        self._mailbox, self._host, self._port, self._options = mailbox, host, port, options
        self._running: Controller | None = None

    def __enter__(self) -> Self:
        self.listen()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.refuse()

    def listen(self) -> None:
        """Take connections."""
        self._running = Controller(
            _Handler(self._mailbox),
            hostname=self._host,
            port=self._port,
            server_hostname="correo.pruebas.localhost",
            ready_timeout=30,
            **self._options,
        )
        self._running.start()

    def refuse(self) -> None:
        """Stop listening, and hang up on whoever is connected."""
        if self._running is not None:
            self._running.stop()
            self._running = None


class _Handler:
    """Decides what becomes of each message; aiosmtpd finds its methods by name."""

    def __init__(self, mailbox: Mailbox) -> None:
        self._mailbox = mailbox

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's name
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        refusals = {"rechazado": "550 5.1.1 La casilla no existe", "ocupado": "450 4.2.1 Intente más tarde"}
        refused = refusals.get(_local_part(address))
        if refused is None:
            envelope.rcpt_tos.append(address)
        return refused or "250 2.1.5 OK"

    async def handle_DATA(self, server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802
        mail = message_from_bytes(cast(bytes, envelope.content), policy=default)
        body = mail.get_body(("plain",))
        text = "" if body is None else body.get_content()
        for address in envelope.rcpt_tos:
            part = _local_part(address)
            if part == "callado":
                await asyncio.sleep(LONGEST_HANG)
            self._mailbox.put(
                channel="correo",
                address=address,
                subject=mail["Subject"],
                text=str(text).replace("\r\n", "\n").rstrip("\n"),
                reference=str(mail["Message-ID"]),
            )
            if part == "cortado":
                cast(asyncio.Transport, server.transport).abort()
        return "250 2.0.0 Recibido"


def _local_part(address: str) -> str:
    return address.partition("@")[0].lower()


@dataclass(frozen=True, slots=True)
class MailParty:
    """The mail server's place on the page of the sandbox: mail itself comes by another port."""

    port: int
    prefix: str = "/correo"
    behaviours: tuple[Behaviour, ...] = MailCatcher.behaviours

    @property
    def title(self) -> str:
        """Its name, with the port."""
        return f"Servidor de correo (SMTP, puerto {self.port})"

    def answer(self, _request: SandboxRequest) -> SandboxReply:
        """There is nothing of it to see over HTTP."""
        return SandboxReply(404)


_BY_TELEPHONE: Mapping[str, SandboxReply] = {
    "+56990000400": SandboxReply.json(
        {"requestError": {"serviceException": {"messageId": "SVC0004", "text": "No valid addresses"}}}, status=400
    ),
    "+56990000401": SandboxReply.json({"requestError": {"policyException": {"messageId": "POL0001"}}}, status=401),
    "+56990000429": SandboxReply.json({"requestError": {"policyException": {"messageId": "POL0010"}}}, status=429),
    "+56990000500": SandboxReply(500),
    "+56990000503": SandboxReply(503),
    "+56990000001": SandboxReply(conduct=Conduct.HANG),
}


@dataclass(slots=True)
class SmsParty:
    """An SMS provider (GSMA OneAPI). A repeated `clientCorrelator` is the same message: it is caught once."""

    mailbox: Mailbox
    prefix: str = "/sms"
    title: str = "Proveedor de SMS (GSMA OneAPI)"
    behaviours: tuple[Behaviour, ...] = (
        Behaviour("+56990000400", "El teléfono no existe: 400, se rechaza para siempre."),
        Behaviour("+56990000401", "No nos reconoce: 401, se reintenta."),
        Behaviour("+56990000429", "Demasiados mensajes: 429, se reintenta."),
        Behaviour("+56990000500", "Falla: 500, el resultado es desconocido."),
        Behaviour("+56990000503", "No atiende ahora: 503, se reintenta."),
        Behaviour("+56990000001", "No contesta: el resultado es desconocido."),
        Behaviour("+56990000002", "Recibe el mensaje y corta: el resultado es desconocido, aunque llegó."),
    )
    _seen: set[str] = field(default_factory=set)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def answer(self, request: SandboxRequest) -> SandboxReply:
        """Take a message, or behave as its telephone asks."""
        parts = request.path.split("/")
        if request.method != "POST" or len(parts) != 4 or (parts[1], parts[3]) != ("outbound", "requests"):
            return SandboxReply(404)
        if not request.headers.get("authorization", "").startswith("Bearer "):
            return SandboxReply(401)
        try:
            asked = request.json()["outboundSMSMessageRequest"]
            telephones = [address.removeprefix("tel:") for address in asked["address"]]
            text, reference, sender = asked["outboundSMSTextMessage"]["message"], asked["clientCorrelator"], parts[2]
        except (KeyError, TypeError, AttributeError):
            return SandboxReply(400)
        if asked.get("senderAddress") != unquote(sender):
            return SandboxReply(400)
        return self._take(telephones, text, reference, f"{self.prefix}{request.path}/{reference}")

    def _take(self, telephones: Sequence[str], text: str, reference: str, place: str) -> SandboxReply:
        for telephone in telephones:
            if telephone in _BY_TELEPHONE:
                return _BY_TELEPHONE[telephone]
        conduct = Conduct.WHOLE
        with self._lock:
            fresh = reference not in self._seen
            self._seen.add(reference)
        for telephone in telephones:
            if fresh:
                self.mailbox.put(channel="sms", address=telephone, subject=None, text=text, reference=reference)
            if telephone == "+56990000002":
                conduct = Conduct.RESET
        return SandboxReply.json({"resourceReference": {"resourceURL": place}}, status=201, conduct=conduct)
