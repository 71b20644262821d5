"""One byte form for hashing and signing (formats, version 1): RFC 8785 JSON, base64url, SHA-256, UTC instants.

A reader refuses bytes that it would not have written itself: that closes the door to duplicate keys, odd numbers,
non-canonical base64 and every other way of saying the same thing twice.
"""

import base64
import binascii
import hashlib
import json
import unicodedata
from datetime import UTC, datetime
from typing import Any

import rfc8785

Json = Any
"""A JSON value: None, bool, int, str, list or dict of them. No floats in what is hashed."""

_INSTANT = "%Y-%m-%dT%H:%M:%S.%fZ"


class NotCanonical(ValueError):
    """The bytes are not in the one accepted form."""


_MARKS_AT_MOST = 30
"""Combining marks in a row that a text may have (UAX #15, stream-safe format). Ordering more takes quadratic time."""
_MARKS_INSIDE = frozenset("\u0f73\u0f75\u0f81\uff9e\uff9f")
"""Characters of no combining class that fall apart into marks alone; a test looks for all that there are."""
_DEEPEST = 32
_VALUES_AT_MOST = 50_000
"""Values of one JSON text: far more than any member of evidence has."""


def nfc(text: str) -> str:
    """Return `text` in NFC, in time linear to its length; raise `NotCanonical` for more than 30 marks in a row."""
    if text.isascii():
        return text
    marks = 0
    for character in text:
        is_mark = character >= "\u0300" and (unicodedata.combining(character) or character in _MARKS_INSIDE)
        marks = marks + 1 if is_mark else 0
        if marks > _MARKS_AT_MOST:
            raise NotCanonical("more than 30 combining marks in a row")
    return unicodedata.normalize("NFC", text)


def normalise(value: Json) -> Json:
    """Return `value` with every string in NFC, as formats v1 asks before hashing.

    Raises `NotCanonical` as `nfc`, and for what is nested deeper than 32.
    """
    return _normalise(value, _DEEPEST)


def _normalise(value: Json, deeper: int) -> Json:
    if isinstance(value, str):
        return nfc(value)
    if isinstance(value, list | tuple):
        step = _step(deeper)
        return [_normalise(item, step) for item in value]
    if isinstance(value, dict):
        step = _step(deeper)
        return {_normalise(key, step): _normalise(item, step) for key, item in value.items()}
    return value


def _step(deeper: int) -> int:
    """One level down; whoever reads this deep may have called others that need the stack."""
    if not deeper:
        raise NotCanonical("nested too deep")
    return deeper - 1


def encode(value: Json) -> bytes:
    """Encode as canonical JSON (RFC 8785), strings in NFC; raise `NotCanonical` as `normalise`."""
    try:
        return _ENCODER.encode(_plain(value, _DEEPEST)).encode()
    except (_Unusual, UnicodeEncodeError):
        return rfc8785.dumps(normalise(value))


_ENCODER = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), sort_keys=True)
"""Ten times as fast as `rfc8785`, and to the same bytes for what `_plain` lets through (a test compares them)."""
_LARGEST = 2**53 - 1


class _Unusual(Exception):
    """A value that only `rfc8785` writes, or refuses."""


def _plain(value: Json, deeper: int) -> Json:
    """Normalise what the standard library writes as RFC 8785 has it; raise `_Unusual` for the rest.

    That is exactly JSON's own types, no floats, integers that every reader keeps, and names in ASCII, whose order is
    the same in UTF-16.
    """
    kind = type(value)
    if kind is str:
        return nfc(value)
    if kind is dict:
        if not all(type(name) is str and name.isascii() for name in value):
            raise _Unusual
        step = _step(deeper)
        return {name: _plain(item, step) for name, item in value.items()}
    if kind is list or kind is tuple:
        step = _step(deeper)
        return [_plain(item, step) for item in value]
    if value is None or kind is bool or (kind is int and -_LARGEST <= value <= _LARGEST):
        return value
    raise _Unusual


def decode(data: bytes) -> Json:
    """Parse canonical JSON; raise `NotCanonical` unless encoding it again gives the same bytes.

    Refused besides: more than 50,000 values, or nested deeper than 32.
    """
    if has_too_many_values(data):
        raise NotCanonical("too many values")
    try:
        value = json.loads(data)
        again = encode(value)
    except (ValueError, RecursionError, rfc8785.CanonicalizationError) as error:
        raise NotCanonical("not JSON") from error
    if again != data:
        raise NotCanonical("JSON not canonical")
    return value


def has_too_many_values(data: bytes) -> bool:
    """Whether a JSON text may hold more than 50,000 values; commas and brackets inside its texts count as if they did.

    To be asked before any JSON of others is parsed, as each value costs what a thousand bytes of text cost.
    """
    return sum(map(data.count, (b",", b"[", b"{"))) > _VALUES_AT_MOST


def to_base64url(data: bytes) -> str:
    """Encode as base64url without padding."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode("ascii")


def from_base64url(text: str) -> bytes:
    """Decode base64url without padding; raise `NotCanonical` unless it re-encodes equal."""
    try:
        data = base64.urlsafe_b64decode(text.encode("ascii") + b"=" * (-len(text) % 4))
    except (ValueError, binascii.Error) as error:
        raise NotCanonical("not base64url") from error
    if to_base64url(data) != text:
        raise NotCanonical("base64url not canonical")
    return data


def sha256(data: bytes) -> bytes:
    """SHA-256 of `data`, 32 bytes."""
    return hashlib.sha256(data).digest()


def format_instant(at: datetime) -> str:
    """Write an instant as `2026-04-20T14:02:07.123456Z`."""
    return at.astimezone(UTC).strftime(_INSTANT)


def parse_instant(text: str) -> datetime:
    """Read the form of `format_instant` alone; raise `NotCanonical`."""
    try:
        at = datetime.strptime(text, _INSTANT).replace(tzinfo=UTC)
    except ValueError as error:
        raise NotCanonical("not an instant") from error
    if format_instant(at) != text:
        raise NotCanonical("instant not canonical")
    return at
