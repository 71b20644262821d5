"""The short code printed beside the folio, with which anybody may ask whether the licence is authentic."""

import re
import secrets
import unicodedata

from lme_operator.core.sealing import Sealer

_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's base 32: no I, L, O, U, that people misread."""
_MISREAD = str.maketrans("OIL", "011")
_CODE = re.compile(f"[{_ALPHABET}]{{12}}", re.ASCII)
_IGNORED = re.compile(r"[\s.·\-‐‑–—_]+")


def new_code() -> str:
    """Return a fresh code of 60 random bits, in three groups of four."""
    return _grouped("".join(secrets.choice(_ALPHABET) for _ in range(12)))


def read_code(text: str) -> str | None:
    """Read a code as people write it, in any case and spacing, with O for 0, I or L for 1; None if it is no code."""
    settled = _IGNORED.sub("", unicodedata.normalize("NFKC", text)).upper().translate(_MISREAD)
    return _grouped(settled) if _CODE.fullmatch(settled) else None


def code_hash(sealer: Sealer, code: str) -> bytes:
    """The keyed hash of a code, by which its licence is found."""
    return sealer.lookup(code, purpose="codigo-de-verificacion")


def _grouped(letters: str) -> str:
    return "-".join(letters[start : start + 4] for start in (0, 4, 8))
