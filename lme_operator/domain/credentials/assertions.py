"""WebAuthn assertions, judged by a pure function: no database, so that a stranger can judge one offline.

Only ES256 over P-256. The library checks type, challenge, origin, RP id, flags and signature; what it leaves open is
refused here: `crossOrigin`, a foreign `topOrigin`, repeated names in the client data, base64 that is not canonical.
"""

import hashlib
import json
from collections.abc import Collection
from dataclasses import dataclass

import cbor2
from cryptography.hazmat.primitives.asymmetric import ec
from webauthn import verify_authentication_response
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import AuthenticationCredential, AuthenticatorAssertionResponse

from lme_operator.core.canonical import Json, NotCanonical, encode, from_base64url, to_base64url

_ES256 = {1: 2, 3: -7, -1: 1}
_LONGEST = 4096


class AssertionRefused(ValueError):
    """The assertion does not prove what it should; `code` says why (`forma`, `llave`, `origen`, `firma`)."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True)
class Assertion:
    """What an authenticator signed: authenticator data ‖ SHA-256(client data). All bytes as received."""

    credential_id: bytes
    authenticator_data: bytes
    client_data: bytes
    signature: bytes

    def render(self) -> Json:
        """Return the JSON of a browser's `PublicKeyCredential`, that `parse_assertion` reads."""
        credential_id = to_base64url(self.credential_id)
        return {
            "id": credential_id,
            "rawId": credential_id,
            "type": "public-key",
            "response": {
                "authenticatorData": to_base64url(self.authenticator_data),
                "clientDataJSON": to_base64url(self.client_data),
                "signature": to_base64url(self.signature),
            },
        }


@dataclass(frozen=True, slots=True)
class VerifiedAssertion:
    """What the assertion says besides yes: the key's counter, and whether the key is backed up off the device."""

    sign_count: int
    backed_up: bool


def parse_assertion(value: Json) -> Assertion:
    """Read a browser's assertion (`PublicKeyCredential.toJSON()`); raise `AssertionRefused('forma')`."""
    match value:
        case {
            "id": str(name),
            "rawId": str(raw),
            "type": "public-key",
            "response": {
                "authenticatorData": str(authenticator_data),
                "clientDataJSON": str(client_data),
                "signature": str(signature),
            },
        } if name == raw:
            parts = [raw, authenticator_data, client_data, signature]
        case _:
            raise AssertionRefused("forma")
    if any(len(part) > _LONGEST for part in parts):
        raise AssertionRefused("forma")
    try:
        return Assertion(*(from_base64url(part) for part in parts))
    except (NotCanonical, UnicodeEncodeError) as error:
        raise AssertionRefused("forma") from error


def verify_assertion(
    *, public_key: bytes, assertion: Assertion, challenge: bytes, rp_id: str, origins: Collection[str]
) -> VerifiedAssertion:
    """Verify that the holder of `public_key` (COSE) answered `challenge` for us, present and verified.

    `challenge` is 32 raw bytes: of an entry, random; of a signature, SHA-256 of the prepared document. `origins` are
    exact. The counter is returned, not judged: who keeps the last one does. Raises `AssertionRefused`. (W3C
    WebAuthn §7.2; N-2.6c)
    """
    require_own_origin(assertion.client_data, origins=origins)
    read_public_key(public_key)
    credential = AuthenticationCredential(
        id=to_base64url(assertion.credential_id),
        raw_id=assertion.credential_id,
        response=AuthenticatorAssertionResponse(
            client_data_json=assertion.client_data,
            authenticator_data=assertion.authenticator_data,
            signature=assertion.signature,
        ),
    )
    try:
        verified = verify_authentication_response(
            credential=credential,
            expected_challenge=challenge,
            expected_rp_id=rp_id,
            expected_origin=list(origins),
            credential_public_key=public_key,
            credential_current_sign_count=0,
            require_user_verification=True,
        )
    except (WebAuthnException, ValueError, LookupError, TypeError, AttributeError, RecursionError) as error:
        raise AssertionRefused("firma") from error
    return VerifiedAssertion(verified.new_sign_count, verified.credential_backed_up)


def require_own_origin(client_data: bytes, *, origins: Collection[str]) -> None:
    """Raise `AssertionRefused('origen')` unless the client data are ours, in no frame of another origin."""
    try:
        data = json.loads(client_data, object_pairs_hook=_once)
    except (ValueError, RecursionError) as error:
        raise AssertionRefused("forma") from error
    if not isinstance(data, dict):
        raise AssertionRefused("forma")
    origin = data.get("origin")
    pages = (origin, data.get("topOrigin", origin))
    framed = data.get("crossOrigin", False) is not False
    if framed or not all(isinstance(page, str) and page in origins for page in pages):
        raise AssertionRefused("origen")


def read_public_key(cose: bytes) -> ec.EllipticCurvePublicKey:
    """Read a COSE key that is exactly ES256 over P-256; raise `AssertionRefused('llave')`."""
    x, y = _point(cose)
    try:
        return ec.EllipticCurvePublicNumbers(
            int.from_bytes(x, "big"), int.from_bytes(y, "big"), ec.SECP256R1()
        ).public_key()
    except ValueError as error:
        raise AssertionRefused("llave") from error


def thumbprint_of(cose: bytes) -> str:
    """Return the RFC 7638 thumbprint (SHA-256, base64url) of a COSE P-256 key."""
    x, y = _point(cose)
    jwk = {"crv": "P-256", "kty": "EC", "x": to_base64url(x), "y": to_base64url(y)}
    return to_base64url(hashlib.sha256(encode(jwk)).digest())


def _point(cose: bytes) -> tuple[bytes, bytes]:
    try:
        key = cbor2.loads(cose)
    except (cbor2.CBORError, ValueError, TypeError) as error:
        raise AssertionRefused("llave") from error
    if not isinstance(key, dict) or set(key) != {*_ES256, -2, -3}:
        raise AssertionRefused("llave")
    x, y = key[-2], key[-3]
    exact = all(key[name] == value for name, value in _ES256.items())
    if not exact or not isinstance(x, bytes) or not isinstance(y, bytes) or len(x) != 32 or len(y) != 32:
        raise AssertionRefused("llave")
    return x, y


def _once(pairs: list[tuple[str, Json]]) -> dict[str, Json]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a name is repeated")
    return found
