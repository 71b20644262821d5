"""The signer: from a prepared document and its authorisation to the signed document, in one act.

It certifies a fresh key, signs for the professional, seals for the operator, forgets the key, and verifies its own
output as a stranger would before anybody sees it.
"""

from dataclasses import dataclass
from datetime import datetime

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding

from lme_operator.core.canonical import sha256
from lme_operator.core.refusal import Fault
from lme_operator.core.run import Run
from lme_operator.domain.signing import xades
from lme_operator.domain.signing.certificates import Binding, certify
from lme_operator.domain.signing.faults import SignatureFault
from lme_operator.domain.signing.layout import PROFESSIONAL_SLOT, SEAL_SLOT, empty_slot, read_exact, write_exact
from lme_operator.domain.signing.ports import SigningKeys
from lme_operator.domain.signing.verification import SignatureTrust, serial_of, verify_document


@dataclass(frozen=True, slots=True)
class SignedDocument:
    """`document` as it is stored and shipped; `certificates_pem`: the professional's, the seal's, the authority's."""

    document: bytes
    certificates_pem: bytes
    serial: str
    """Serial number of the professional's one-shot certificate, hexadecimal."""


class Signer:
    """Signs prepared documents with the operator's authority and seal."""

    def __init__(self, keys: SigningKeys) -> None:
        self._keys = keys

    @property
    def trust(self) -> SignatureTrust:
        """The certificates under which what this signer makes is verified."""
        return SignatureTrust((self._keys.authority_certificate,), (self._keys.seal_certificate,))

    def sign(
        self,
        prepared: bytes,
        *,
        run: Run,
        authorisation: bytes,
        key_thumbprint: bytes | None,
        context: str,
        at: datetime,
    ) -> SignedDocument:
        """Sign `prepared` for the professional `run` and seal it, at the unit of work's instant.

        `authorisation` are the bytes of `autorizacion.json`; `key_thumbprint` that of the WebAuthn key, None with
        TOTP. Raise `SignatureFault` if `prepared` is not a prepared document, `Fault('firma_no_verificada')` if the
        output is not what was asked for.
        """
        binding = Binding(run, sha256(authorisation), key_thumbprint, context)
        root = read_exact(prepared)
        for_professional = empty_slot(root, PROFESSIONAL_SLOT)
        empty_slot(root, SEAL_SLOT)
        key = ec.generate_private_key(ec.SECP256R1())
        certificate = certify(self._keys, binding, key.public_key(), at=at)
        root = xades.sign(
            root,
            for_professional,
            role=xades.PROFESSIONAL,
            key=xades.ActingKey(lambda data: key.sign(data, ec.ECDSA(hashes.SHA256()))),
            certificate=certificate,
            at=at,
        )
        root = xades.sign(
            root,
            empty_slot(root, SEAL_SLOT),
            role=xades.SEAL,
            key=xades.ActingKey(self._keys.seal),
            certificate=self._keys.seal_certificate,
            at=at,
        )
        document = write_exact(root)
        self._demand_own(document, prepared, binding, at)
        return SignedDocument(document, self._pem(certificate), serial_of(certificate))

    def _demand_own(self, document: bytes, prepared: bytes, binding: Binding, at: datetime) -> None:
        """Refuse to hand out a document that a stranger would not accept, or that says something else."""
        try:
            said = verify_document(document, trust=self.trust, instant=at, prepared=prepared)
        except SignatureFault as fault:
            raise Fault("firma_no_verificada") from fault
        same = (
            Binding(said.run, said.authorisation_digest, said.key_thumbprint, said.context) == binding
            and said.signing_time == at
            and said.prepared_digest == sha256(prepared)
        )
        if not same:
            raise Fault("firma_no_verificada")

    def _pem(self, certificate: x509.Certificate) -> bytes:
        chain = (certificate, self._keys.seal_certificate, self._keys.authority_certificate)
        return b"".join(one.public_bytes(Encoding.PEM) for one in chain)
