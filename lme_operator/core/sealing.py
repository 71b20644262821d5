"""Personal data at rest: AES-256-GCM per field, bound to its table, column and row (N-2.6b, N-7a).

A document gets a key of its own, wrapped by the data key: erasing the document is destroying that wrapped key.
Layout of a sealed field: one byte version, 12 bytes nonce, ciphertext and tag.
"""

import hashlib
import hmac
import secrets

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

_VERSION = b"\x01"
_NONCE = 12


class SealBroken(ValueError):
    """The sealed bytes were altered, moved to another row, or belong to another key."""


class Sealer:
    """Seals and opens fields under one 32-byte key."""

    def __init__(self, key: bytes) -> None:
        self._aead = AESGCM(key)
        self._index_key = hmac.digest(key, b"indice", hashlib.sha256)

    def seal(self, plain: bytes, *, where: str) -> bytes:
        """Seal `plain` for the place `where` (`table.column:row`)."""
        nonce = secrets.token_bytes(_NONCE)
        return _VERSION + nonce + self._aead.encrypt(nonce, plain, where.encode())

    def open(self, sealed: bytes, *, where: str) -> bytes:
        """Open what `seal` made for the same place; raise `SealBroken`."""
        if sealed[:1] != _VERSION:
            raise SealBroken(where)
        try:
            return self._aead.decrypt(sealed[1 : 1 + _NONCE], sealed[1 + _NONCE :], where.encode())
        except InvalidTag as error:
            raise SealBroken(where) from error

    def new_document_key(self, *, where: str) -> tuple["Sealer", bytes]:
        """Make a key for one document; return its sealer and the wrapped key to store."""
        key = AESGCM.generate_key(256)
        return Sealer(key), self.seal(key, where=where)

    def document(self, wrapped: bytes, *, where: str) -> "Sealer":
        """Return the sealer of the document whose wrapped key is given."""
        return Sealer(self.open(wrapped, where=where))

    def lookup(self, value: str, *, purpose: str) -> bytes:
        """Keyed hash of `value`, 32 bytes: to count or find without storing (a stranger's RUN, an address)."""
        return hmac.digest(self._index_key, f"{purpose}\0{value}".encode(), hashlib.sha256)
