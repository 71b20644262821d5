"""What signing needs from outside: keys that act, and never leave their keeper (a folder of files, later an HSM)."""

from typing import Protocol

from cryptography import x509


class SigningKeys(Protocol):
    """The operator's authority and seal. Certificates are public; keys only act."""

    @property
    def authority_certificate(self) -> x509.Certificate:
        """The certificate of the operator's authority (CA), self-signed."""

    @property
    def seal_certificate(self) -> x509.Certificate:
        """The certificate of the operator's seal, issued by the authority."""

    def certify(self, builder: x509.CertificateBuilder) -> x509.Certificate:
        """Sign a certificate with the authority's key, ECDSA P-256 with SHA-256."""

    def seal(self, data: bytes) -> bytes:
        """Sign `data` with the seal's key, ECDSA P-256 with SHA-256; return the DER signature."""
