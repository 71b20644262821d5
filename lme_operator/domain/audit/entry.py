"""One log entry: a canonical JSON object that holds no personal datum, only salted digests of them (formats v1).

What a digest stands for is its *disclosure* `[sal, nombre, valor]`, kept sealed apart. So an entry can be shown to
anybody with exactly what that reader may know, and destroying a salt erases the datum without touching the log.
"""

import re
import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from lme_operator.core.canonical import (
    Json,
    NotCanonical,
    decode,
    encode,
    format_instant,
    from_base64url,
    parse_instant,
    sha256,
    to_base64url,
)
from lme_operator.core.citation import is_citation
from lme_operator.domain.audit.events import EventKind, is_event_code

VERSION = 1
ACTOR = "actor"
"""The disclosure of this name stands for the entry's `actor`; no datum may be called so."""

_FIELDS = {"actor", "datos", "id", "instante", "nonce", "norma", "por_cuenta_de", "tipo", "v"}
_NAME = re.compile(r"[a-z][a-z0-9_]{0,63}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Disclosure:
    """A datum behind a digest: 16 bytes of salt, name and value."""

    salt: bytes
    name: str
    value: Json

    @property
    def digest(self) -> str:
        """SHA-256(salt ‖ JCS([name, value])), base64url: what stands in the entry."""
        return to_base64url(sha256(self.salt + encode([self.name, self.value])))

    def render(self) -> list[Json]:
        """Return `[sal, nombre, valor]`."""
        return [to_base64url(self.salt), self.name, self.value]

    @classmethod
    def parse(cls, parts: Json) -> "Disclosure":
        """Read `[sal, nombre, valor]`; raise `NotCanonical`."""
        match parts:
            case [str(salt), str(name), value] if isinstance(parts, list):
                raw = from_base64url(salt)
                if len(raw) == 16 and _NAME.fullmatch(name):
                    return cls(raw, name, value)
        raise NotCanonical("not a disclosure")


@dataclass(frozen=True, slots=True)
class Entry:
    """A parsed entry. `actor` and the values of `data` are digests; `leaf` is the canonical JSON that was hashed."""

    id: UUID
    kind: str
    at: datetime
    nonce: str
    actor: str
    on_account_of: UUID | None
    norm: tuple[str, ...]
    data: Mapping[str, str]
    leaf: bytes

    def digest_of(self, name: str) -> str | None:
        """Return the digest that stands for `name`, if the entry has it."""
        return self.actor if name == ACTOR else self.data.get(name)


def compose(
    *,
    entry_id: UUID,
    kind: EventKind,
    at: datetime,
    actor: str,
    data: Mapping[str, Json],
    on_account_of: UUID | None,
) -> tuple[bytes, tuple[Disclosure, ...]]:
    """Compose a new entry with fresh salts; return its canonical bytes and its disclosures, actor first.

    Raises `ValueError` for a name out of form or a value that cannot be hashed the same everywhere (a float).
    """
    for name in data:
        if name == ACTOR or not _NAME.fullmatch(name):
            raise ValueError(f"not a name of a datum: {name!r}")
    random = secrets.token_bytes(16 * (len(data) + 2))
    salts = [random[start : start + 16] for start in range(0, len(random), 16)]
    values = [(ACTOR, actor), *sorted(data.items())]
    disclosures = tuple(
        Disclosure(salt, name, _hashable(value)) for salt, (name, value) in zip(salts[1:], values, strict=True)
    )
    leaf = encode(
        {
            "v": VERSION,
            "id": str(entry_id),
            "tipo": kind.code,
            "instante": format_instant(at),
            "nonce": to_base64url(salts[0]),
            "actor": disclosures[0].digest,
            "por_cuenta_de": None if on_account_of is None else str(on_account_of),
            "norma": list(kind.norm),
            "datos": {disclosure.name: disclosure.digest for disclosure in disclosures[1:]},
        }
    )
    return leaf, disclosures


def parse_entry(leaf: bytes) -> Entry:
    """Read an entry; raise `NotCanonical` unless it has exactly the form of version 1."""
    value = decode(leaf)
    if not isinstance(value, dict) or set(value) != _FIELDS or value["v"] is True or value["v"] != VERSION:
        raise NotCanonical("not an entry of version 1")
    data, norm = value["datos"], value["norma"]
    if not isinstance(data, dict) or not isinstance(norm, list) or not all(_is_citation(item) for item in norm):
        raise NotCanonical("entry with wrong types")
    if not is_event_code(value["tipo"]) or ACTOR in data or not all(_NAME.fullmatch(name) for name in data):
        raise NotCanonical("entry with wrong names")
    for digest in (value["actor"], *data.values()):
        _base64url_of(digest, 32)
    _base64url_of(value["nonce"], 16)
    cause = value["por_cuenta_de"]
    return Entry(
        id=_uuid(value["id"]),
        kind=value["tipo"],
        at=parse_instant(_text(value["instante"])),
        nonce=value["nonce"],
        actor=value["actor"],
        on_account_of=None if cause is None else _uuid(cause),
        norm=tuple(norm),
        data=data,
        leaf=leaf,
    )


def disclosed(entry: Entry, disclosures: Iterable[Disclosure]) -> dict[str, Json]:
    """Return the values of `disclosures` by name; raise `NotCanonical` if one is repeated or is not this entry's."""
    values: dict[str, Json] = {}
    for disclosure in disclosures:
        if disclosure.name in values or entry.digest_of(disclosure.name) != disclosure.digest:
            raise NotCanonical(f"disclosure {disclosure.name!r} does not match")
        values[disclosure.name] = disclosure.value
    return values


def encode_disclosures(disclosures: Sequence[Disclosure]) -> bytes:
    """Write disclosures as the canonical JSON array that is sealed."""
    return encode([disclosure.render() for disclosure in disclosures])


def decode_disclosures(data: bytes) -> tuple[Disclosure, ...]:
    """Read what `encode_disclosures` wrote; raise `NotCanonical`."""
    parts = decode(data)
    if not isinstance(parts, list):
        raise NotCanonical("not a list of disclosures")
    return tuple(Disclosure.parse(part) for part in parts)


def _hashable(value: Json) -> Json:
    """Return `value`; raise `ValueError` if it holds a float, whose text form not every language agrees on."""
    if isinstance(value, float):
        raise ValueError("a float cannot be logged")
    if isinstance(value, list | tuple):
        return [_hashable(item) for item in value]
    if isinstance(value, dict):
        return {key: _hashable(item) for key, item in value.items()}
    return value


def _is_citation(value: Json) -> bool:
    return isinstance(value, str) and is_citation(value)


def _text(value: Json) -> str:
    if not isinstance(value, str):
        raise NotCanonical("not a text")
    return value


def _uuid(value: Json) -> UUID:
    try:
        parsed = UUID(_text(value))
    except ValueError as error:
        raise NotCanonical("not a UUID") from error
    if str(parsed) != value:
        raise NotCanonical("UUID not canonical")
    return parsed


def _base64url_of(value: Json, length: int) -> bytes:
    raw = from_base64url(_text(value))
    if len(raw) != length:
        raise NotCanonical("wrong length")
    return raw
