"""The short code printed beside the folio, with which anybody may ask whether the licence is authentic."""

import secrets

_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's base 32: no I, L, O, U, that people misread."""


def new_code() -> str:
    """Return a fresh code of 60 random bits, in three groups of four."""
    letters = [secrets.choice(_ALPHABET) for _ in range(12)]
    return "-".join("".join(letters[start : start + 4]) for start in (0, 4, 8))
