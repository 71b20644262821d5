"""Verification of a signed document: strict first, then the numbers, then who, for whom and when (N-2.4b, N-2.6c).

The order matters: the bytes must be exactly ours, the two signatures alone and in their slots, each of the exact
shape; only then digests and signatures are computed, under certificates that the trust vouches for; and whatever is
reported is read from what signxml returns as signed, never from the document.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from cryptography import x509
from lxml import etree

from lme_operator.core.canonical import sha256
from lme_operator.core.run import InvalidRun, Run
from lme_operator.domain.signing.algorithms import is_p256
from lme_operator.domain.signing.certificates import issued_by, read_binding
from lme_operator.domain.signing.faults import FaultKind, SignatureFault
from lme_operator.domain.signing.layout import LME, cut_signatures, read_exact, signatures_in_place
from lme_operator.domain.signing.shape import Claims, read_claims
from lme_operator.domain.signing.xades import PROFESSIONAL, SEAL, verify


@dataclass(frozen=True, slots=True)
class SignatureTrust:
    """Whose signatures count: certificates of the operator's authorities and seals, from the trust file."""

    authorities: tuple[x509.Certificate, ...]
    seals: tuple[x509.Certificate, ...]

    @classmethod
    def of_pem(cls, *, authorities: Iterable[bytes], seals: Iterable[bytes]) -> "SignatureTrust":
        """Build from the PEM certificates of a trust file; raise `ValueError`."""
        return cls(
            tuple(x509.load_pem_x509_certificate(pem) for pem in authorities),
            tuple(x509.load_pem_x509_certificate(pem) for pem in seals),
        )


@dataclass(frozen=True, slots=True)
class DocumentSignatures:
    """What the two good signatures of a document say. Digests and thumbprint have 32 bytes.

    `prepared_digest` is the SHA-256 of the document before signing: the challenge of a WebAuthn authorisation.
    `key_thumbprint` None: authorised by TOTP, so the operator declares. `context` is the practice context's code.
    `chain`: the certificates verified, that is the professional's, the seal's and that of the authority that issued.
    """

    run: Run
    folio: str
    signing_time: datetime
    authorisation_digest: bytes
    key_thumbprint: bytes | None
    context: str
    prepared_digest: bytes
    certificate_serial: str
    chain: tuple[x509.Certificate, x509.Certificate, x509.Certificate]


def verify_document(
    document: bytes, *, trust: SignatureTrust, instant: datetime | None = None, prepared: bytes | None = None
) -> DocumentSignatures:
    """Verify the professional's signature and the operator's seal; raise `SignatureFault`, which names what is wrong.

    `instant` is that of the log entry: notBefore ≤ SigningTime ≤ instant ≤ notAfter (formats v1); without it the
    signing time is judged against the certificates alone. `prepared`: see `cut_signatures`, `known`.
    """
    root = read_exact(document)
    professional, seal = signatures_in_place(root)
    signed, sealed = read_claims(professional, PROFESSIONAL), read_claims(seal, SEAL)
    _demand_trusted_seal(sealed, trust)
    authority = _authority(signed, trust)
    _demand_times(signed, sealed, instant)
    binding = read_binding(signed.certificate, authority)
    verify(document, role=SEAL, certificate=sealed.certificate, signed_at=sealed.signing_time)
    state, section_a = verify(
        document, role=PROFESSIONAL, certificate=signed.certificate, signed_at=signed.signing_time
    )
    if _text(section_a, "ZONA_A5", "profesional", "rut") != str(binding.run):
        raise SignatureFault(FaultKind.RUN)
    return DocumentSignatures(
        run=binding.run,
        folio=_folio(state),
        signing_time=signed.signing_time,
        authorisation_digest=binding.authorisation_digest,
        key_thumbprint=binding.key_thumbprint,
        context=binding.context,
        prepared_digest=sha256(cut_signatures(document, known=prepared)),
        certificate_serial=serial_of(signed.certificate),
        chain=(signed.certificate, sealed.certificate, authority),
    )


def serial_of(certificate: x509.Certificate) -> str:
    """The serial number as `openssl x509 -serial` writes it: upper-case hexadecimal, whole bytes."""
    text = f"{certificate.serial_number:X}"
    return text.zfill(len(text) + len(text) % 2)


def _demand_trusted_seal(sealed: Claims, trust: SignatureTrust) -> None:
    if sealed.certificate not in trust.seals or not is_p256(sealed.certificate.public_key()):
        raise SignatureFault(FaultKind.SEAL_KEY)


def _authority(signed: Claims, trust: SignatureTrust) -> x509.Certificate:
    for authority in trust.authorities:
        if issued_by(signed.certificate, authority, at=signed.signing_time):
            return authority
    raise SignatureFault(FaultKind.CERTIFICATE, "emisor")


def _demand_times(signed: Claims, sealed: Claims, instant: datetime | None) -> None:
    """Both signatures carry the one instant of their act, inside both validities and not after the log's entry."""
    if signed.signing_time != sealed.signing_time:
        raise SignatureFault(FaultKind.TIME, "sello y firma")
    for claims in (signed, sealed):
        certificate = claims.certificate
        latest = claims.signing_time if instant is None else instant
        if not certificate.not_valid_before_utc <= claims.signing_time <= latest <= certificate.not_valid_after_utc:
            raise SignatureFault(FaultKind.TIME, "vigencia")


def _folio(state: etree._Element) -> str:
    folio = _text(state, "id_licencia")
    try:
        Run.parse(folio)
    except InvalidRun as error:
        raise SignatureFault(FaultKind.STRUCTURE, "folio") from error
    return folio


def _text(node: etree._Element, *path: str) -> str:
    """The text of the only element at `path`, or nothing."""
    for name in path:
        found = node.findall(f"{{{LME}}}{name}")
        if len(found) != 1:
            return ""
        node = found[0]
    return node.text or ""
