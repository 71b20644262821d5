"""Keys loaded from their folder, checked one by one, and acting behind the ports."""

import base64
import binascii
import hashlib
from datetime import datetime
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes, PublicKeyTypes
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_private_key
from cryptography.x509.oid import NameOID

from lme_operator.gateways.key_store.files import (
    AUTHORITY_CERTIFICATE,
    AUTHORITY_KEY,
    DATA_KEY,
    LOG_KEY,
    SEAL_CERTIFICATE,
    SEAL_KEY,
    TEST_MARK,
    KeysUnusable,
    demand_private_folder,
    read_private,
)

_DATA_KEY_BYTES = 32


class FileLogSigner:
    """The log's Ed25519 key (`audit.LogSigner`)."""

    def __init__(self, key: ed25519.Ed25519PrivateKey) -> None:
        self._key = key
        self.public = key.public_key().public_bytes_raw()
        self.key_id = _key_id("registro", key.public_key())

    def sign(self, note_body: bytes) -> bytes:
        """Return the 64-byte signature of the body of a note."""
        return self._key.sign(note_body)


class FileKeyStore:
    """The keys of a folder made by `create_keys` (`signing.SigningKeys`; the log's key in `log`).

    Raise `KeysUnusable`, in Spanish, for a folder or file open to others, a missing, foreign or mismatched key, a
    certificate out of its validity at `at`, or test keys in production and the reverse.
    """

    def __init__(self, folder: Path, *, at: datetime, production: bool) -> None:
        demand_private_folder(folder)
        self.log = FileLogSigner(_ed25519(folder, LOG_KEY))
        self._authority = _p256(folder, AUTHORITY_KEY)
        self._seal = _p256(folder, SEAL_KEY)
        self.authority_certificate = _certificate(folder, AUTHORITY_CERTIFICATE, self._authority)
        self.seal_certificate = _certificate(folder, SEAL_CERTIFICATE, self._seal)
        self.data_key = _data_key(folder)
        for name, certificate in (
            (AUTHORITY_CERTIFICATE, self.authority_certificate),
            (SEAL_CERTIFICATE, self.seal_certificate),
        ):
            _demand_issued(folder / name, certificate, self.authority_certificate)
            _demand_in_force(folder / name, certificate, at)
            _demand_environment(folder / name, certificate, production)

    @property
    def authority_id(self) -> str:
        """The authority's `id` in the trust file."""
        return _key_id("ca", self._authority.public_key())

    @property
    def seal_id(self) -> str:
        """The seal's `id` in the trust file."""
        return _key_id("sello", self._seal.public_key())

    def certify(self, builder: x509.CertificateBuilder) -> x509.Certificate:
        """Sign a certificate with the authority's key."""
        return builder.sign(self._authority, hashes.SHA256())

    def seal(self, data: bytes) -> bytes:
        """Sign `data` with the seal's key; DER."""
        return self._seal.sign(data, ec.ECDSA(hashes.SHA256()))


def _key_id(role: str, key: PublicKeyTypes) -> str:
    """A name that follows from the key: after a rotation nobody can take one for the other."""
    public = key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return f"{role}-{hashlib.sha256(public).hexdigest()[:16]}"


def _private_key(folder: Path, name: str) -> PrivateKeyTypes:
    data = read_private(folder, name)
    try:
        return load_pem_private_key(data, password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise KeysUnusable(f"{folder / name} no es una llave privada PEM sin contraseña.") from error


def _ed25519(folder: Path, name: str) -> ed25519.Ed25519PrivateKey:
    key = _private_key(folder, name)
    if not isinstance(key, ed25519.Ed25519PrivateKey):
        raise KeysUnusable(f"{folder / name} no es una llave Ed25519.")
    return key


def _p256(folder: Path, name: str) -> ec.EllipticCurvePrivateKey:
    key = _private_key(folder, name)
    if not isinstance(key, ec.EllipticCurvePrivateKey) or not isinstance(key.curve, ec.SECP256R1):
        raise KeysUnusable(f"{folder / name} no es una llave P-256.")
    return key


def _certificate(folder: Path, name: str, key: ec.EllipticCurvePrivateKey) -> x509.Certificate:
    path = folder / name
    try:
        certificates = x509.load_pem_x509_certificates(read_private(folder, name))
    except ValueError as error:
        raise KeysUnusable(f"{path} no es un certificado PEM.") from error
    if len(certificates) != 1:
        raise KeysUnusable(f"{path} debe contener exactamente un certificado.")
    if certificates[0].public_key() != key.public_key():
        raise KeysUnusable(f"{path} no es el certificado de su llave.")
    return certificates[0]


def _data_key(folder: Path) -> bytes:
    try:
        key = base64.b64decode(read_private(folder, DATA_KEY).strip(), validate=True)
    except (ValueError, binascii.Error) as error:
        raise KeysUnusable(f"{folder / DATA_KEY} no está en base64.") from error
    if len(key) != _DATA_KEY_BYTES:
        raise KeysUnusable(f"{folder / DATA_KEY} debe tener 32 bytes.")
    return key


def _demand_issued(path: Path, certificate: x509.Certificate, authority: x509.Certificate) -> None:
    try:
        certificate.verify_directly_issued_by(authority)
    except (ValueError, TypeError, InvalidSignature) as error:
        raise KeysUnusable(f"{path} no fue emitido por la autoridad {AUTHORITY_CERTIFICATE}.") from error


def _demand_in_force(path: Path, certificate: x509.Certificate, at: datetime) -> None:
    if at > certificate.not_valid_after_utc:
        raise KeysUnusable(f"{path} venció el {certificate.not_valid_after_utc:%d-%m-%Y}.")
    if at < certificate.not_valid_before_utc:
        raise KeysUnusable(f"{path} rige solo desde el {certificate.not_valid_before_utc:%d-%m-%Y}; revise el reloj.")


def _demand_environment(path: Path, certificate: x509.Certificate, production: bool) -> None:
    units = certificate.subject.get_attributes_for_oid(NameOID.ORGANIZATIONAL_UNIT_NAME)
    for_tests = any(unit.value == TEST_MARK for unit in units)
    if production and for_tests:
        raise KeysUnusable(f"{path} es de {TEST_MARK} y el ambiente es de producción; haga la ceremonia de llaves.")
    if not production and not for_tests:
        raise KeysUnusable(f"{path} es de producción y el ambiente no lo es; use llaves de {TEST_MARK}.")
