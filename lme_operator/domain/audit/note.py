"""C2SP signed notes and checkpoints: https://c2sp.org/signed-note, /tlog-checkpoint, /tlog-cosignature.

Our log signs with Ed25519 (type 0x01) under its origin as key name; witnesses cosign with timestamped Ed25519 (type
0x04). Reading is strict: what we would not have written ourselves is refused.
"""

import base64
import binascii
import re
from dataclasses import dataclass
from datetime import UTC, datetime

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from lme_operator.core.canonical import NotCanonical, sha256
from lme_operator.domain.audit.ports import LogSigner

ED25519 = 0x01
COSIGNATURE = 0x04

_SIGNATURES_AT_MOST = 16
_NOTE_AT_MOST = 16_384
_KEY_NAME = re.compile(r"[^\s+]+")
_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f]")
_SIZE = re.compile(r"0|[1-9][0-9]{0,15}", re.ASCII)


@dataclass(frozen=True, slots=True)
class SignatureLine:
    """One signature of a note: key name, four-byte key id, and the bytes that follow."""

    name: str
    key_id: bytes
    signature: bytes

    def render(self) -> str:
        """Return the line, newline included."""
        return f"— {self.name} {base64.b64encode(self.key_id + self.signature).decode()}\n"


@dataclass(frozen=True, slots=True)
class Note:
    """A text (`body`, its last newline included) and its signature lines."""

    body: str
    lines: tuple[SignatureLine, ...]

    def render(self) -> str:
        """Return the whole note."""
        return self.body + "\n" + "".join(line.render() for line in self.lines)


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """What a log's note says: at `size` leaves the tree's root was `root` (32 bytes).

    `extensions`: lines after those three, which C2SP allows and this edition gives no meaning.
    """

    origin: str
    size: int
    root: bytes
    extensions: tuple[str, ...] = ()

    def body(self) -> str:
        """Return the note's text: origin, size and root, a line each, then the extensions."""
        told = (self.origin, str(self.size), base64.b64encode(self.root).decode(), *self.extensions)
        return "".join(f"{line}\n" for line in told)

    @classmethod
    def parse(cls, body: str) -> "Checkpoint":
        """Read the text of a checkpoint; raise `NotCanonical`."""
        lines = body.split("\n")
        if len(lines) < 4 or lines.pop() or not all(lines) or not _SIZE.fullmatch(lines[1]):
            raise NotCanonical("not a checkpoint")
        root = _from_base64(lines[2])
        if len(root) != 32:
            raise NotCanonical("not a root")
        return cls(lines[0], int(lines[1]), root, tuple(lines[3:]))


def parse_note(text: str) -> Note:
    """Read a signed note of 1 to 16 signatures, 16 kB at most; raise `NotCanonical` for any other text."""
    if len(text) > _NOTE_AT_MOST:
        raise NotCanonical("note too long")
    body, separator, signatures = text.rpartition("\n\n")
    if not separator or not body or not signatures.endswith("\n") or _CONTROL.search(text):
        raise NotCanonical("not a signed note")
    raw = signatures.split("\n")[:-1]
    if not 1 <= len(raw) <= _SIGNATURES_AT_MOST:
        raise NotCanonical("wrong number of signatures")
    note = Note(body + "\n", tuple(_parse_line(line) for line in raw))
    if note.render() != text:
        raise NotCanonical("note not canonical")
    return note


def note_key_id(name: str, public: bytes, *, algorithm: int = ED25519) -> bytes:
    """Return the four-byte key id: SHA-256(name ‖ 0x0A ‖ algorithm ‖ public key)[:4]."""
    return sha256(name.encode() + b"\n" + bytes([algorithm]) + public)[:4]


def is_key_name(name: str) -> bool:
    """Whether `name` can name a key (and a log): not empty, no space, no plus."""
    return _KEY_NAME.fullmatch(name) is not None and not _CONTROL.search(name)


def sign_checkpoint(checkpoint: Checkpoint, signer: LogSigner) -> str:
    """Return the signed note of `checkpoint`. Ed25519 is deterministic: twice the same bytes."""
    body = checkpoint.body()
    key_id = note_key_id(checkpoint.origin, signer.public)
    line = SignatureLine(checkpoint.origin, key_id, signer.sign(body.encode()))
    return Note(body, (line,)).render()


def is_signed_by(note: Note, line: SignatureLine, public: bytes) -> bool:
    """Whether `line` is `public`'s Ed25519 signature of the note's body."""
    return _verifies(public, line.signature, note.body.encode())


def cosigned_at(note: Note, line: SignatureLine, public: bytes) -> datetime | None:
    """When a witness cosigned the note's body (8 bytes of time in seconds, then Ed25519); None if `line` is not that.

    A time that no calendar has is none either.
    """
    seconds, signature = int.from_bytes(line.signature[:8], "big"), line.signature[8:]
    message = f"cosignature/v1\ntime {seconds}\n{note.body}"
    if not _verifies(public, signature, message.encode()):
        return None
    try:
        return datetime.fromtimestamp(seconds, UTC)
    except (OverflowError, ValueError, OSError):
        return None


def _verifies(public: bytes, signature: bytes, message: bytes) -> bool:
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, message)
    except (InvalidSignature, ValueError):
        return False
    return True


def _parse_line(line: str) -> SignatureLine:
    match line.split(" "):
        case ["—", name, encoded] if is_key_name(name):
            raw = _from_base64(encoded)
            if len(raw) > 4:
                return SignatureLine(name, raw[:4], raw[4:])
    raise NotCanonical("not a signature line")


def _from_base64(text: str) -> bytes:
    """Decode padded standard base64; raise `NotCanonical` unless it re-encodes equal."""
    try:
        raw = base64.b64decode(text.encode("ascii"), validate=True)
    except (ValueError, binascii.Error) as error:
        raise NotCanonical("not base64") from error
    if base64.b64encode(raw).decode() != text:
        raise NotCanonical("base64 not canonical")
    return raw
