"""A WebAuthn authenticator in software: P-256, no attestation, user present and verified, a counter that rises.

Speaks the JSON of a browser (`PublicKeyCredential.toJSON()`). Everything an attacker would bend can be set.
"""

import hashlib
import json
import secrets
from dataclasses import dataclass, field
from typing import Any

import cbor2
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

from lme_operator.core.canonical import from_base64url, to_base64url

UP, UV, BE, BS, AT = 0x01, 0x04, 0x08, 0x10, 0x40


@dataclass
class SoftwareKey:
    """One credential inside the authenticator."""

    credential_id: bytes
    private: ec.EllipticCurvePrivateKey
    user_handle: bytes
    sign_count: int = 0

    @property
    def cose(self) -> bytes:
        numbers = self.private.public_key().public_numbers()
        x, y = numbers.x.to_bytes(32, "big"), numbers.y.to_bytes(32, "big")
        return cbor2.dumps({1: 2, 3: -7, -1: 1, -2: x, -3: y})


@dataclass
class SoftwareAuthenticator:
    """Answers `create` and `get` for pages of `origin`. `extra` goes into the client data as it is.

    Without `counts` the counter stays at zero, as synced passkeys do: then assertions may arrive in any order.
    """

    rp_id: str = "localhost"
    origin: str = "http://localhost"
    flags: int = UP | UV
    extra: dict[str, Any] = field(default_factory=dict)
    counts: bool = True
    keys: dict[bytes, SoftwareKey] = field(default_factory=dict)

    def create(self, options: dict[str, Any]) -> dict[str, Any]:
        """Answer registration options with a new key."""
        key = self.make_key(from_base64url(options["user"]["id"]))
        self.keys[key.credential_id] = key
        client_data = self._client_data("webauthn.create", options["challenge"])
        attested = bytes(16) + len(key.credential_id).to_bytes(2, "big") + key.credential_id + key.cose
        authenticator_data = self._authenticator_data(key, self.flags | AT) + attested
        attestation = cbor2.dumps({"fmt": "none", "attStmt": {}, "authData": authenticator_data})
        return self._credential(
            key, {"clientDataJSON": to_base64url(client_data), "attestationObject": to_base64url(attestation)}
        )

    def make_key(self, user_handle: bytes) -> SoftwareKey:
        """Make a fresh key."""
        return SoftwareKey(secrets.token_bytes(32), ec.generate_private_key(ec.SECP256R1()), user_handle)

    def get(self, options: dict[str, Any]) -> dict[str, Any]:
        """Answer authentication options with the first key that they allow."""
        allowed = [from_base64url(item["id"]) for item in options.get("allowCredentials", [])]
        known = [self.keys[credential_id] for credential_id in allowed if credential_id in self.keys]
        return self.sign(from_base64url(options["challenge"]), key=known[0])

    def sign(self, challenge: bytes, *, key: SoftwareKey | None = None) -> dict[str, Any]:
        """Answer a bare challenge (a document's digest), with the newest key unless one is given."""
        key = key or list(self.keys.values())[-1]
        key.sign_count += self.counts
        client_data = self._client_data("webauthn.get", to_base64url(challenge))
        authenticator_data = self._authenticator_data(key, self.flags)
        signed = authenticator_data + hashlib.sha256(client_data).digest()
        return self._credential(
            key,
            {
                "clientDataJSON": to_base64url(client_data),
                "authenticatorData": to_base64url(authenticator_data),
                "signature": to_base64url(key.private.sign(signed, ec.ECDSA(hashes.SHA256()))),
                "userHandle": to_base64url(key.user_handle),
            },
        )

    def _client_data(self, kind: str, challenge: str) -> bytes:
        data = {"type": kind, "challenge": challenge, "origin": self.origin, "crossOrigin": False, **self.extra}
        return json.dumps(data, separators=(",", ":")).encode()

    def _authenticator_data(self, key: SoftwareKey, flags: int) -> bytes:
        return hashlib.sha256(self.rp_id.encode()).digest() + bytes([flags]) + key.sign_count.to_bytes(4, "big")

    @staticmethod
    def _credential(key: SoftwareKey, response: dict[str, str]) -> dict[str, Any]:
        credential_id = to_base64url(key.credential_id)
        return {
            "id": credential_id,
            "rawId": credential_id,
            "type": "public-key",
            "response": response,
            "clientExtensionResults": {},
        }
