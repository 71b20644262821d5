"""Algorithm policy, and where the product verifies a bare signature.

What we sign with: ECDSA P-256 with SHA-256 and Ed25519, nothing else. RSA is for verifying others (authenticators
whose makers chose it), never under 2048 bits. An algorithm is fixed by the caller, never read from the message; but
accredited providers choose theirs (`cms`), among those that `has_strong_key` and `is_signed_strongly` admit.
"""

from enum import Enum

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.hazmat.primitives.asymmetric.types import PublicKeyTypes
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature

from lme_operator.core.canonical import encode, sha256, to_base64url

P256_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
_COORDINATE = 32
_SMALLEST_RSA_BITS = 2048
_LARGEST_RSA_BITS = 8192
"""Of others' certificates: a bound on work, not on strength."""
_STRONG_DIGESTS = ("sha256", "sha384", "sha512")


class Algorithm(Enum):
    """A way to sign that we accept. The two forms of ECDSA P-256 differ in how (r, s) is written."""

    ECDSA_P256_DER = "ECDSA P-256 SHA-256, DER"
    ECDSA_P256_P1363 = "ECDSA P-256 SHA-256, r‖s"
    ED25519 = "Ed25519"
    RSA_PKCS1 = "RSA PKCS#1 v1.5 SHA-256"


def verifies(algorithm: Algorithm, *, public_key: PublicKeyTypes, signature: bytes, data: bytes) -> bool:
    """Whether `signature` over `data` is good under `public_key`; a key of another kind or size is simply no."""
    try:
        _verify(algorithm, public_key, signature, data)
    except (InvalidSignature, ValueError):
        return False
    return True


def _verify(algorithm: Algorithm, public_key: PublicKeyTypes, signature: bytes, data: bytes) -> None:
    match algorithm, public_key:
        case Algorithm.ED25519, ed25519.Ed25519PublicKey():
            public_key.verify(signature, data)
        case Algorithm.RSA_PKCS1, rsa.RSAPublicKey() if public_key.key_size >= _SMALLEST_RSA_BITS:
            public_key.verify(signature, data, padding.PKCS1v15(), hashes.SHA256())
        case Algorithm.ECDSA_P256_DER, ec.EllipticCurvePublicKey() if is_p256(public_key):
            public_key.verify(signature, data, ec.ECDSA(hashes.SHA256()))
        case Algorithm.ECDSA_P256_P1363, ec.EllipticCurvePublicKey() if is_p256(public_key):
            public_key.verify(_p1363_to_der(signature), data, ec.ECDSA(hashes.SHA256()))
        case _:
            raise InvalidSignature


def is_p256(key: PublicKeyTypes) -> bool:
    """Whether `key` is on P-256."""
    return isinstance(key, ec.EllipticCurvePublicKey) and isinstance(key.curve, ec.SECP256R1)


def _p1363_to_der(signature: bytes) -> bytes:
    if len(signature) != 2 * _COORDINATE:
        raise InvalidSignature
    r, s = int.from_bytes(signature[:_COORDINATE], "big"), int.from_bytes(signature[_COORDINATE:], "big")
    return encode_dss_signature(r, s)


def with_low_s(signature: bytes) -> bytes:
    """Return the DER signature with s in the lower half of the order.

    (r, s) and (r, n − s) verify alike: of what we sign only one of them counts, so that nobody makes a second
    document out of one signature.
    """
    r, s = decode_dss_signature(signature)
    return encode_dss_signature(r, min(s, P256_ORDER - s))


def has_low_s(signature: bytes) -> bool:
    """Whether the r‖s signature has s in the lower half of the order."""
    return int.from_bytes(signature[_COORDINATE:], "big") <= P256_ORDER // 2


def has_strong_key(certificate: x509.Certificate) -> bool:
    """Whether another's certificate is of an RSA key from 2048 to 8192 bits, or of one on P-256 or P-384."""
    match certificate.public_key():
        case rsa.RSAPublicKey() as key:
            return _SMALLEST_RSA_BITS <= key.key_size <= _LARGEST_RSA_BITS
        case ec.EllipticCurvePublicKey() as key:
            return isinstance(key.curve, ec.SECP256R1 | ec.SECP384R1)
    return False


def is_signed_strongly(certificate: x509.Certificate) -> bool:
    """Whether another's certificate was signed over SHA-256, SHA-384 or SHA-512."""
    digest = certificate.signature_hash_algorithm
    return digest is not None and digest.name in _STRONG_DIGESTS


def thumbprint(public_key: PublicKeyTypes) -> bytes:
    """Return the JWK thumbprint (RFC 7638, SHA-256, 32 bytes) of an EC P-256, Ed25519 or RSA key; `ValueError`."""
    match public_key:
        case ec.EllipticCurvePublicKey() if is_p256(public_key):
            numbers = public_key.public_numbers()
            jwk = {"crv": "P-256", "kty": "EC", "x": _octets(numbers.x, 32), "y": _octets(numbers.y, 32)}
        case ed25519.Ed25519PublicKey():
            jwk = {"crv": "Ed25519", "kty": "OKP", "x": to_base64url(public_key.public_bytes_raw())}
        case rsa.RSAPublicKey():
            rsa_numbers = public_key.public_numbers()
            jwk = {"e": _octets(rsa_numbers.e), "kty": "RSA", "n": _octets(rsa_numbers.n)}
        case _:
            raise ValueError("no thumbprint for this kind of key")
    return sha256(encode(jwk))


def _octets(number: int, length: int | None = None) -> str:
    return to_base64url(number.to_bytes(length or (number.bit_length() + 7) // 8, "big"))
