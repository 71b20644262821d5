"""The key ceremony: every key of an operator made at once, in a folder that appears whole or not at all."""

import base64
import os
import secrets
import shutil
from datetime import datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
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
    write_private,
)

_AUTHORITY_LIFE = timedelta(days=20 * 365)
_SEAL_LIFE = timedelta(days=10 * 365)
_CLOCKS_DIFFER = timedelta(days=1)
"""Certificates rule from a day earlier, so that a machine whose clock is behind can use them at once."""
_LONGEST_NAME = 64
_PrivateKey = ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey


def create_keys(folder: Path, *, at: datetime, operator: str, production: bool) -> None:
    """Make log key, authority, seal and data key in `folder` (0700, files 0600).

    `operator` names the organisation in the certificates, at most 64 characters; outside production they carry
    'PRUEBAS'. Raise `KeysUnusable` if the folder already holds something: keys are never made over others.
    """
    if not 0 < len(operator) <= _LONGEST_NAME:
        raise KeysUnusable("El nombre del operador debe tener entre 1 y 64 caracteres.")
    if folder.is_symlink() or (folder.exists() and (not folder.is_dir() or any(folder.iterdir()))):
        raise KeysUnusable(f"{folder} ya tiene contenido; las llaves no se crean sobre otras.")
    folder.parent.mkdir(parents=True, exist_ok=True)
    draft = folder.with_name(f".{folder.name}.{secrets.token_hex(4)}")
    draft.mkdir(mode=0o700)
    try:
        for name, data in _make(at.replace(microsecond=0), operator, production).items():
            write_private(draft, name, data)
        draft.rename(folder)
    except OSError as error:
        shutil.rmtree(draft, ignore_errors=True)
        raise KeysUnusable(f"No se pudieron guardar las llaves en {folder}: {error.strerror}.") from error
    _make_durable(folder.parent)


def _make(at: datetime, operator: str, production: bool) -> dict[str, bytes]:
    authority_key, seal_key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    issuer = _name(operator, "Autoridad de firma de licencias médicas", production)
    authority = _certificate(issuer, authority_key, at, _AUTHORITY_LIFE)
    authority = (
        authority.issuer_name(issuer)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(authority=True), critical=True)
    )
    seal = (
        _certificate(_name(operator, "Sello del operador", production), seal_key, at, _SEAL_LIFE)
        .issuer_name(issuer)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(authority=False), critical=True)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(authority_key.public_key()), critical=False)
    )
    return {
        LOG_KEY: _pem(ed25519.Ed25519PrivateKey.generate()),
        AUTHORITY_KEY: _pem(authority_key),
        AUTHORITY_CERTIFICATE: authority.sign(authority_key, hashes.SHA256()).public_bytes(Encoding.PEM),
        SEAL_KEY: _pem(seal_key),
        SEAL_CERTIFICATE: seal.sign(authority_key, hashes.SHA256()).public_bytes(Encoding.PEM),
        DATA_KEY: base64.b64encode(secrets.token_bytes(32)) + b"\n",
    }


def _name(operator: str, common: str, production: bool) -> x509.Name:
    attributes = [
        x509.NameAttribute(NameOID.COUNTRY_NAME, "CL"),
        x509.NameAttribute(NameOID.ORGANIZATION_NAME, operator),
        x509.NameAttribute(NameOID.COMMON_NAME, common),
    ]
    if not production:
        attributes.insert(2, x509.NameAttribute(NameOID.ORGANIZATIONAL_UNIT_NAME, TEST_MARK))
    return x509.Name(attributes)


def _certificate(
    subject: x509.Name, key: ec.EllipticCurvePrivateKey, at: datetime, life: timedelta
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(at - _CLOCKS_DIFFER)
        .not_valid_after(at + life)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )


def _usage(*, authority: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not authority,
        content_commitment=not authority,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=authority,
        crl_sign=authority,
        encipher_only=False,
        decipher_only=False,
    )


def _pem(key: _PrivateKey) -> bytes:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def _make_durable(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
