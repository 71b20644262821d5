"""A key endorsed by its owner's firma electrónica avanzada (Ley 19.799): a proof that the operator cannot make alone.

The owner signs the key's thumbprint, his RUN and the instant of the key's registration with the certificate that an
accredited provider gave him, after meeting him in person (art. 12 e). Whoever holds the trust file, which names the
providers' authorities, judges it offline. **Revocation is not checked**, and the verdict says so.

Judged at the instant of registration, `at`, which is what the owner signed. When he signed is his own word
(signingTime), so it is not read; and `at` is the operator's, who could date a registration back to when some older
certificate was good. So whoever relies on an endorsement also asks that its certificate was in force when the act was
attested that carries it.

Neither the law nor its reglamento was at hand in full; what follows is practice, and stands here to be changed:

| parameter | value | source |
|---|---|---|
| where the RUN is | SubjectAltName, otherName 1.3.6.1.4.1.8321.1 | DS 181/2002, as quoted in lib-cl-sii-python |
| how it stands there | `13185095-6`, `07762388-4`, `xx.xxx.xxx-v` | public code and the Acepta profile it quotes |
| without it | subject serialNumber | seen beside it, and equal, at Acepta and IDOK (public notes, 07-2026) |
| keyUsage | digitalSignature or nonRepudiation | E-CertChile sets both, E-Sign the first (lib-cl-sii-python's tests) |
| extKeyUsage | absent, or of `SIGNING_PURPOSES` and none of `OTHER_PURPOSES` | not verified; RFC 5280, RFC 9336 |
| class *avanzada* | by its authority: the bundle names that class's alone | E-CertChile has another for *simple* |
| accreditation | by the bundle: its maker reads the Entidad Acreditadora's list | Ley 19.799, art. 17–20 |
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID, ObjectIdentifier
from cryptography.x509.verification import Criticality, ExtensionPolicy, Policy, PolicyBuilder, Store, VerificationError

from lme_operator.core.canonical import format_instant
from lme_operator.core.run import InvalidRun, Run
from lme_operator.domain.signing.algorithms import has_strong_key, is_signed_strongly
from lme_operator.domain.signing.cms import DetachedSignature, verify_detached
from lme_operator.domain.signing.faults import EndorsementFault, EndorsementFaultKind

REVOCATION = "no comprobada sin conexión"
RUN_OTHER_NAME = ObjectIdentifier("1.3.6.1.4.1.8321.1")
SIGNING_PURPOSES = frozenset(
    {
        ExtendedKeyUsageOID.EMAIL_PROTECTION,
        ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE,
        ObjectIdentifier("1.3.6.1.5.5.7.3.36"),  # documentSigning, RFC 9336
        ObjectIdentifier("1.3.6.1.4.1.311.10.3.12"),  # document signing, Microsoft
        ObjectIdentifier("1.2.840.113583.1.1.5"),  # authentic documents, Adobe
    }
)
"""What a person's documents are signed under. `clientAuth` may stand beside, and is not enough by itself."""
OTHER_PURPOSES = frozenset(
    {
        ExtendedKeyUsageOID.SERVER_AUTH,
        ExtendedKeyUsageOID.CODE_SIGNING,
        ExtendedKeyUsageOID.TIME_STAMPING,
        ExtendedKeyUsageOID.OCSP_SIGNING,
    }
)
"""Machines' purposes: a certificate that has one is no person's."""
MAX_ROOTS, _INTERMEDIATES = 64, 2
"""Four certificates at most from the person to the root."""
_LONGEST_TEXT = 200
_TEXT_TAGS = (0x0C, 0x13, 0x16)
_UNREADABLE = (
    ValueError,
    TypeError,
    OverflowError,
    x509.InvalidVersion,
    x509.DuplicateExtension,
    x509.ExtensionNotFound,
    x509.UnsupportedGeneralNameType,
    UnsupportedAlgorithm,
)
"""What `cryptography` raises at bytes that are no certificate of today."""


@dataclass(frozen=True, slots=True)
class Endorsement:
    """A good endorsement: whose certificate signed it, and under which authority. Texts are printable and short."""

    subject: str
    issuer: str
    root: str
    serial: int
    valid_from: datetime
    valid_until: datetime
    revocation: str = REVOCATION


def endorsed_bytes(*, thumbprint: bytes, run: Run, at: datetime) -> bytes:
    """Return what the owner signs: thumbprint (32 raw bytes, RFC 7638) ‖ RUN (`12345678-5`) ‖ instant (27 ASCII).

    The instant is that of the key's entry `llave_registrada`. No separators: the first and the last part have one
    length each, so only one reading is possible.
    """
    if len(thumbprint) != 32:
        raise ValueError("thumbprint of 32 bytes")
    return thumbprint + str(run).encode("ascii") + format_instant(at).encode("ascii")


def verify_endorsement(
    cms: bytes, *, thumbprint: bytes, run: Run, at: datetime, roots: Sequence[x509.Certificate]
) -> Endorsement:
    """Judge a detached CMS over `endorsed_bytes` by the accredited authorities `roots`; raise `EndorsementFault`.

    A root may be a subordinate authority. What the CMS brings is only ever an intermediate.
    """
    content = endorsed_bytes(thumbprint=thumbprint, run=run, at=at)
    try:
        signed = verify_detached(cms, content)
        for certificate in (signed.certificate, *signed.others):
            if not (has_strong_key(certificate) and is_signed_strongly(certificate)):
                raise EndorsementFault(EndorsementFaultKind.WEAK, "certificado")
        _demand_run(signed.certificate, run)
        _demand_usage(signed.certificate)
        for certificate in (signed.certificate, *signed.others):
            _demand_validity(certificate, at)
        chain = _chain(signed, roots, at)
    except _UNREADABLE as error:
        raise EndorsementFault(EndorsementFaultKind.UNREADABLE) from error
    if any(each not in chain and each not in roots for each in signed.others):
        raise EndorsementFault(EndorsementFaultKind.UNSIGNED, "certificado de más")
    certificate = signed.certificate
    return Endorsement(
        subject=_text(certificate.subject),
        issuer=_text(certificate.issuer),
        root=_text(chain[-1].subject),
        serial=certificate.serial_number,
        valid_from=certificate.not_valid_before_utc,
        valid_until=certificate.not_valid_after_utc,
    )


def _demand_run(certificate: x509.Certificate, run: Run) -> None:
    """Demand that each place where the certificate tells a RUN tells this one, and that one does."""
    try:
        names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        names = x509.SubjectAlternativeName([])
    official = [name for name in names.get_values_for_type(x509.OtherName) if name.type_id == RUN_OTHER_NAME]
    serials = certificate.subject.get_attributes_for_oid(NameOID.SERIAL_NUMBER)
    told = {_read_run(_octets(name.value)) for name in official}
    # A serial number that is no RUN (a card's number) says nothing beside the official place.
    told |= {_read_run(str(attribute.value)) for attribute in serials} - ({None} if official else set())
    if told != {run}:
        raise EndorsementFault(EndorsementFaultKind.RUN)


def _octets(value: bytes) -> str:
    """Return the text of a short DER string (UTF8, Printable or IA5)."""
    if len(value) < 2 or value[0] not in _TEXT_TAGS or value[1] != len(value) - 2:
        return ""
    return value[2:].decode("ascii", "replace")


def _read_run(text: str) -> Run | None:
    """Read a RUN as certificates write it: with dots or leading zeros, `k` in either case."""
    try:
        return Run.parse(text.strip().replace(".", "").upper().lstrip("0"))
    except InvalidRun:
        return None


def _demand_usage(certificate: x509.Certificate) -> None:
    extensions = {extension.oid: extension.value for extension in certificate.extensions}
    constraints = extensions.get(x509.BasicConstraints.oid)
    usage, purposes = extensions.get(x509.KeyUsage.oid), extensions.get(x509.ExtendedKeyUsage.oid)
    if isinstance(constraints, x509.BasicConstraints) and constraints.ca:
        raise EndorsementFault(EndorsementFaultKind.USAGE, "autoridad")
    if not isinstance(usage, x509.KeyUsage) or not (usage.digital_signature or usage.content_commitment):
        raise EndorsementFault(EndorsementFaultKind.USAGE, "keyUsage")
    if usage.key_cert_sign or usage.crl_sign:
        raise EndorsementFault(EndorsementFaultKind.USAGE, "autoridad")
    if isinstance(purposes, x509.ExtendedKeyUsage):
        named = set(purposes)
        if not named & SIGNING_PURPOSES or named & OTHER_PURPOSES:
            raise EndorsementFault(EndorsementFaultKind.USAGE, "extKeyUsage")


def _demand_validity(certificate: x509.Certificate, at: datetime) -> None:
    if at < certificate.not_valid_before_utc:
        raise EndorsementFault(EndorsementFaultKind.NOT_YET_VALID)
    if at > certificate.not_valid_after_utc:
        raise EndorsementFault(EndorsementFaultKind.EXPIRED)


def _chain(signed: DetachedSignature, roots: Sequence[x509.Certificate], at: datetime) -> list[x509.Certificate]:
    """Return the path from the person's certificate to one of `roots` (RFC 5280, section 6, as `cryptography` has it).

    Names, signatures, validity, basicConstraints, path lengths, name constraints and unknown critical extensions are
    its affair; the web's own rules for extensions are not taken (no accredited profile is known to meet them), so the
    authorities' keyUsage is asked for here.
    """
    authorities = (
        ExtensionPolicy.permit_all()
        .require_present(x509.BasicConstraints, Criticality.AGNOSTIC, None)
        .may_be_present(x509.KeyUsage, Criticality.AGNOSTIC, _demand_authority)
    )
    if not 0 < len(roots) <= MAX_ROOTS:
        raise EndorsementFault(EndorsementFaultKind.CHAIN, "sin prestadores")
    verifier = (
        PolicyBuilder()
        .time(at)
        .store(Store(list(roots)))
        .max_chain_depth(_INTERMEDIATES)
        .extension_policies(ca_policy=authorities, ee_policy=ExtensionPolicy.permit_all())
        .build_client_verifier()
    )
    try:
        chain = verifier.verify(signed.certificate, list(signed.others)).chain
    except VerificationError as error:
        raise EndorsementFault(EndorsementFaultKind.CHAIN) from error
    if len(chain) < 2:  # the person's own certificate in the bundle makes nobody an authority
        raise EndorsementFault(EndorsementFaultKind.CHAIN)
    # Its own signature proves nothing: a root is trusted because it is in the bundle. A subordinate root's either.
    if not has_strong_key(chain[-1]):
        raise EndorsementFault(EndorsementFaultKind.WEAK, "raíz")
    return chain


def _demand_authority(_policy: Policy, _certificate: x509.Certificate, usage: x509.KeyUsage | None) -> None:
    if usage is not None and not usage.key_cert_sign:
        raise ValueError("keyCertSign")


def _text(name: x509.Name) -> str:
    text = name.rfc4514_string()[:_LONGEST_TEXT]
    return "".join(character if character.isprintable() else "?" for character in text)
