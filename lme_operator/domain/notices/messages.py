"""What is sent to people, and how far it has come."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from lme_operator.core.canonical import Json, encode, sha256
from lme_operator.core.run import Run

_CONTROL = re.compile(r"[\x00-\x1f\x7f\u2028\u2029]")
_TEXT_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")
_MAIL = re.compile(r"[^\s@<>()\[\]\\,;:\"\x00-\x1f\x7f]{1,64}@[^\s@<>()\[\]\\,;:\"\x00-\x1f\x7f]{1,255}")
_TELEPHONE = re.compile(r"\+[1-9][0-9]{7,14}", re.ASCII)
_KIND = re.compile(r"[a-z][a-z0-9_]{2,63}", re.ASCII)

LONGEST_SMS = 640
"""Characters of an SMS; a long one travels in parts."""


class Channel(StrEnum):
    """How a message reaches a person. The value is what records say."""

    MAIL = "correo"
    SMS = "sms"


class State(StrEnum):
    """How far a message has come. What a person sees is the value."""

    PENDING = "pendiente"
    SENDING = "enviando"
    ACCEPTED = "aceptado"
    REFUSED = "rechazado"
    UNKNOWN = "desconocido"
    EXPIRED = "vencido"


class Result(StrEnum):
    """What one attempt came to. Postponed: the other side did not take it, and may take it later."""

    ACCEPTED = "aceptado"
    REFUSED = "rechazado"
    POSTPONED = "postergado"
    UNKNOWN = "desconocido"


@dataclass(frozen=True, slots=True)
class Message:
    """A message to one address: one line of `subject` for mail, none for SMS; `kind` is a stable code.

    Mail addresses and E.164 telephones alone, so that none can carry a second addressee or a header. Raises
    `ValueError` for anything else: whoever takes addresses from people checks them first, with words for people.
    """

    channel: Channel
    address: str = field(repr=False)
    kind: str
    subject: str | None = field(repr=False)
    text: str = field(repr=False)

    def __post_init__(self) -> None:
        mail = self.channel is Channel.MAIL
        if not (_MAIL if mail else _TELEPHONE).fullmatch(self.address):
            raise ValueError("not an address of this channel")
        if mail != (self.subject is not None) or _CONTROL.search(self.subject or ""):
            raise ValueError("mail has a subject of one line, SMS none")
        if not self.text.strip() or _TEXT_CONTROL.search(self.text) or (not mail and len(self.text) > LONGEST_SMS):
            raise ValueError("the text is empty, too long or has control characters")
        if not _KIND.fullmatch(self.kind):
            raise ValueError(f"not a kind of message: {self.kind!r}")

    @property
    def content(self) -> Mapping[str, Json]:
        """What the person receives, and where."""
        return {"direccion": self.address, "asunto": self.subject, "texto": self.text}

    @property
    def digest(self) -> bytes:
        """SHA-256 of the channel and the content: evidence of what was sent (N-2.4b)."""
        return sha256(encode({"canal": self.channel.value, **self.content}))


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A message on its way: its id, the same in every attempt, and when it was promised."""

    id: UUID
    message: Message
    at: datetime


@dataclass(frozen=True, slots=True)
class Delivery:
    """What a messenger says of one attempt: `reason` is a stable code, `answer` what the other side said, raw."""

    result: Result
    reason: str
    answer: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Sending:
    """An attempt that is on record and about to be made; `until` is when it counts as unknown."""

    attempt_id: UUID
    number: int
    outgoing: Outgoing
    at: datetime
    until: datetime


@dataclass(frozen=True, slots=True)
class NoticeState:
    """A message as it stands: `attempts` made, what the last one came to and when; None before the first."""

    id: UUID
    run: Run | None
    message: Message
    state: State
    at: datetime
    expires_at: datetime
    attempts: int
    last_at: datetime | None
    reason: str | None
