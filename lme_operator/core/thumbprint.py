"""The thumbprint of a key (RFC 7638, SHA-256) as people keep it: its 43 characters, or twelve words.

The words are the first 128 of its 256 bits, in the Spanish list and with the four bits of checksum of BIP-39. To make
another key with the same words takes some 2^128 tries: a truncated digest resists a second preimage with as many bits
as are left (NIST SP 800-107 Rev. 1, section 5.1). Two keys with the same words cost 2^64, but only whoever makes both
can look for them, and a doctor who signs with either of them has signed.
"""

import re
import unicodedata
from functools import cache

from mnemonic import Mnemonic

from lme_operator.core.canonical import NotCanonical, from_base64url

LONGEST = 500
"""Characters of what a person types: more are refused before anything looks at them."""

_BYTES, _IN_WORDS, _WORDS = 32, 16, 12
_WHOLE = re.compile(r"[A-Za-z0-9_-]{43}", re.ASCII)
_WORD = re.compile(r"[^\W\d_]+")
_LONGEST_SHOWN = 30


def to_words(thumbprint: str) -> str:
    """Write a thumbprint (43 characters) as twelve words: lower case, single spaces, NFC. Raises `ValueError`."""
    return unicodedata.normalize("NFC", _list().to_mnemonic(_whole(thumbprint)[:_IN_WORDS]))


def read(said: str) -> bytes:
    """Return the bits that a person typed: the 32 bytes of a thumbprint, or the first 16 from its words.

    Accents, capitals, numbers, commas and line ends do not count. Raises `ValueError` with words for people: too long,
    a word that is not in the list (the first one is named), not twelve of them, or a checksum that does not hold.
    """
    if len(said) > LONGEST:
        raise ValueError("Lo escrito es demasiado largo: una huella son 43 caracteres, o 12 palabras.")
    text = said.strip().strip("«»\"'.,;")
    if _WHOLE.fullmatch(text):
        return _whole(text)
    words = _WORD.findall(_plain(text))
    if len(text.split()) < 2 and len(words) != _WORDS:
        raise ValueError("No es una huella: se esperan sus 43 caracteres, o sus 12 palabras.")
    return _from_words(words)


def matches(said: str, thumbprint: str) -> bool:
    """Whether what a person typed is this thumbprint; False also for what cannot be read, of which `read` says why."""
    try:
        return _whole(thumbprint).startswith(read(said))
    except ValueError:
        return False


def _whole(thumbprint: str) -> bytes:
    try:
        data = from_base64url(thumbprint)
    except NotCanonical:
        data = b""
    if len(data) != _BYTES:
        raise ValueError("No es una huella: sus 43 caracteres no están bien escritos.")
    return data


def _from_words(words: list[str]) -> bytes:
    known = _spelt()
    for place, word in enumerate(words, start=1):
        if word not in known:
            shown = word if len(word) <= _LONGEST_SHOWN else f"{word[:_LONGEST_SHOWN]}…"
            raise ValueError(f"La palabra {place}, «{shown}», no es de la lista: revise cómo se escribe.")
    if len(words) != _WORDS:
        raise ValueError(f"Son 12 palabras, y hay {len(words)}.")
    try:
        return bytes(_list().to_entropy([known[word] for word in words]))
    except ValueError as error:
        raise ValueError("Las 12 palabras no concuerdan entre sí: revise cada una, y su orden.") from error


def _plain(text: str) -> str:
    """Lower case, without marks over the letters and without signs that nobody sees."""
    apart = unicodedata.normalize("NFKD", text.casefold())
    return "".join(sign for sign in apart if unicodedata.category(sign) not in ("Mn", "Cf"))


@cache
def _list() -> Mnemonic:
    return Mnemonic("spanish")


@cache
def _spelt() -> dict[str, str]:
    """The words of the list by how they are typed without accents; all stay different."""
    return {_plain(word): word for word in _list().wordlist}
