"""An authority of the tests, and servers' certificates of it as good or as bad as asked."""

import ipaddress
import ssl
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

_OTHERS = ("content_commitment", "key_encipherment", "data_encipherment", "key_agreement", "encipher_only")
HERE = x509.SubjectAlternativeName([x509.DNSName("localhost"), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
ELSEWHERE = x509.SubjectAlternativeName([x509.DNSName("otra.example")])


class TestAuthority:
    """A certificate authority that lives as long as the test; `until` is the last instant of its own certificate."""

    __test__ = False

    def __init__(self, name: str = "Autoridad de pruebas", *, until: datetime | None = None) -> None:
        self._name, self._key = name, ec.generate_private_key(ec.SECP256R1())
        self._certificate = self._sign(name, self._key, HERE, until or _in(days=30), ca=True)

    def trust(self) -> ssl.SSLContext:
        """What trusts this authority and no other."""
        return ssl.create_default_context(cadata=self.pem.decode())

    @property
    def pem(self) -> bytes:
        """Its certificate."""
        return self._certificate.public_bytes(Encoding.PEM)

    def server(self, *, until: datetime | None = None, names: x509.SubjectAlternativeName = HERE) -> ssl.SSLContext:
        """A server with a certificate of this authority."""
        key = ec.generate_private_key(ec.SECP256R1())
        made = self._sign("servidor", key, names, until or _in(days=1), ca=False)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "servidor.pem"
            file.write_bytes(
                key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()) + made.public_bytes(Encoding.PEM)
            )
            context.load_cert_chain(file)
        return context

    def _sign(
        self,
        name: str,
        key: ec.EllipticCurvePrivateKey,
        names: x509.SubjectAlternativeName,
        until: datetime,
        *,
        ca: bool,
    ) -> x509.Certificate:
        usage = {"key_cert_sign": ca, "crl_sign": ca, "digital_signature": not ca}
        own = x509.SubjectKeyIdentifier.from_public_key
        return (
            x509.CertificateBuilder()
            .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)]))
            .issuer_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, self._name)]))
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(_in(days=-60))
            .not_valid_after(until)
            .add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
            .add_extension(x509.KeyUsage(**usage, **dict.fromkeys((*_OTHERS, "decipher_only"), False)), critical=True)
            .add_extension(own(key.public_key()), critical=False)
            .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(self._key.public_key()), critical=False)
            .add_extension(names, critical=False)
            .sign(self._key, hashes.SHA256())
        )


def _in(*, days: float) -> datetime:
    return datetime.now(UTC) + timedelta(days=days)


def yesterday() -> datetime:
    """For what has expired."""
    return _in(days=-1)
