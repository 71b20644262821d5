"""What the log needs from outside."""

from typing import Protocol


class LogSigner(Protocol):
    """The log's Ed25519 key. It signs checkpoints, after commit, and nothing else."""

    @property
    def key_id(self) -> str:
        """The key's `id` in the trust file; stored with each entry."""

    @property
    def public(self) -> bytes:
        """The public key, 32 bytes (RFC 8032)."""

    def sign(self, note_body: bytes) -> bytes:
        """Return the 64-byte Ed25519 signature of the body of a note."""
