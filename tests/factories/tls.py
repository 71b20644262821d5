"""Certificates for parties that are played over TLS, and for us before them."""

import ipaddress
import ssl
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

_LOCAL = x509.SubjectAlternativeName([x509.DNSName("localhost"), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])


@dataclass(frozen=True)
class Certificates:
    """PEM files: an authority, the server's pair, and ours."""

    authority: Path
    server: Path
    server_key: Path
    ours: Path
    key: Path

    def server_context(self) -> ssl.SSLContext:
        """A server that demands the other side's certificate."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.server, self.server_key)
        context.load_verify_locations(self.authority)
        context.verify_mode = ssl.CERT_REQUIRED
        return context


def make_certificates(folder: Path) -> Certificates:
    """Write an authority and two certificates of it, for this machine's own address."""
    authority_key = ec.generate_private_key(ec.SECP256R1())
    authority = _certificate("Autoridad de pruebas", authority_key, "Autoridad de pruebas", authority_key, ca=True)
    files = {"ca.pem": authority.public_bytes(Encoding.PEM)}
    for name in ("servidor", "operador"):
        key = ec.generate_private_key(ec.SECP256R1())
        made = _certificate(name, key, "Autoridad de pruebas", authority_key, ca=False)
        files[f"{name}.pem"] = made.public_bytes(Encoding.PEM)
        files[f"{name}.key"] = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    for file, content in files.items():
        (folder / file).write_bytes(content)
    return Certificates(*(folder / file for file in ("ca.pem", *list(files)[1:])))


def _certificate(
    name: str, key: ec.EllipticCurvePrivateKey, issuer: str, signer: ec.EllipticCurvePrivateKey, *, ca: bool
) -> x509.Certificate:
    now = datetime.now(UTC)
    usage = {"key_cert_sign": ca, "crl_sign": ca, "digital_signature": not ca}
    others = ("content_commitment", "key_encipherment", "data_encipherment", "key_agreement", "encipher_only")
    return (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)]))
        .issuer_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, issuer)]))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
        .add_extension(x509.KeyUsage(**usage, **dict.fromkeys((*others, "decipher_only"), False)), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key()), critical=False)
        .add_extension(_LOCAL, critical=False)
        .sign(signer, hashes.SHA256())
    )
