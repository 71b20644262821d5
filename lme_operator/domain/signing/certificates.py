"""One-shot certificates: a fresh key for each signature, certified for ten minutes, used once and forgotten.

Nobody holds professionals' keys, so nobody can use them. The certificate says who signed (RUN), in which capacity,
and by virtue of what: the digest of the authorisation's bytes, and the thumbprint of the WebAuthn key that made it
(absent with TOTP, where the operator declares).
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtensionOID, NameOID, ObjectIdentifier, SignatureAlgorithmOID

from lme_operator.core.run import InvalidRun, Run
from lme_operator.domain.signing.algorithms import is_p256
from lme_operator.domain.signing.faults import FaultKind, SignatureFault
from lme_operator.domain.signing.ports import SigningKeys

VALID_FOR = timedelta(minutes=10)

AUTHORISATION_DIGEST = ObjectIdentifier("2.25.275621137581661738814669992981058964498")
"""SHA-256 of the bytes of `autorizacion.json`. UUID cf5ab341-7391-4621-b63b-62548c3e4c12; fixed for ever."""
KEY_THUMBPRINT = ObjectIdentifier("2.25.58137952724415867119338427070699254123")
"""RFC 7638 thumbprint of the WebAuthn key. UUID 2bbcf660-38d9-47f7-b188-2ad499c3b16b; fixed for ever."""
CONTEXT = ObjectIdentifier("2.25.183626661920258662742515689421203350304")
"""Code of the practice context, UTF-8. UUID 8a25356b-ec0b-481f-9382-0649fcd8a320; fixed for ever."""

_STANDARD = {
    ExtensionOID.BASIC_CONSTRAINTS: True,
    ExtensionOID.KEY_USAGE: True,
    ExtensionOID.AUTHORITY_KEY_IDENTIFIER: False,
}
_USAGE = x509.KeyUsage(
    digital_signature=True,
    content_commitment=True,
    key_encipherment=False,
    data_encipherment=False,
    key_agreement=False,
    key_cert_sign=False,
    crl_sign=False,
    encipher_only=False,
    decipher_only=False,
)
_OCTET_STRING = 4
_LONGEST = 127


@dataclass(frozen=True, slots=True)
class Binding:
    """What a one-shot certificate binds a signature to. Digest and thumbprint have 32 bytes."""

    run: Run
    authorisation_digest: bytes
    key_thumbprint: bytes | None
    context: str


def certify(
    keys: SigningKeys, binding: Binding, public_key: ec.EllipticCurvePublicKey, *, at: datetime
) -> x509.Certificate:
    """Issue the ten-minute certificate of a signature made at `at`."""
    authority = keys.authority_certificate
    start = at.replace(microsecond=0)
    builder = (
        x509.CertificateBuilder()
        .subject_name(_subject(binding.run))
        .issuer_name(authority.subject)
        .public_key(public_key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(start)
        .not_valid_after(start + VALID_FOR)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_USAGE, critical=True)
        .add_extension(_authority_key(authority), critical=False)
    )
    for oid, value in _values(binding).items():
        builder = builder.add_extension(x509.UnrecognizedExtension(oid, _octet_string(value)), critical=False)
    return keys.certify(builder)


def _subject(run: Run) -> x509.Name:
    return x509.Name(
        [x509.NameAttribute(NameOID.COUNTRY_NAME, "CL"), x509.NameAttribute(NameOID.SERIAL_NUMBER, str(run))]
    )


def _authority_key(authority: x509.Certificate) -> x509.AuthorityKeyIdentifier:
    subject_key = authority.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value
    return x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(subject_key)


def _values(binding: Binding) -> dict[ObjectIdentifier, bytes]:
    values = {AUTHORISATION_DIGEST: binding.authorisation_digest, CONTEXT: binding.context.encode()}
    if binding.key_thumbprint is not None:
        values[KEY_THUMBPRINT] = binding.key_thumbprint
    return values


def _octet_string(value: bytes) -> bytes:
    if not 0 < len(value) <= _LONGEST:
        raise ValueError("extension value of 1 to 127 bytes")
    return bytes((_OCTET_STRING, len(value))) + value


def issued_by(certificate: x509.Certificate, authority: x509.Certificate, *, at: datetime) -> bool:
    """Whether `authority`, in its validity at `at`, signed `certificate` with ECDSA P-256 and SHA-256."""
    try:
        if certificate.signature_algorithm_oid != SignatureAlgorithmOID.ECDSA_WITH_SHA256:
            return False
        if not is_p256(authority.public_key()):
            return False
        certificate.verify_directly_issued_by(authority)
        return authority.not_valid_before_utc <= at <= authority.not_valid_after_utc
    except (ValueError, TypeError, InvalidSignature, UnsupportedAlgorithm):
        return False


def read_binding(certificate: x509.Certificate, authority: x509.Certificate) -> Binding:
    """Return what a one-shot certificate issued by `authority` binds; raise `SignatureFault` unless exactly ours."""
    try:
        extensions = {extension.oid: extension for extension in certificate.extensions}
        if not is_p256(certificate.public_key()) or certificate.version is not x509.Version.v3:
            raise SignatureFault(FaultKind.CERTIFICATE, "clave")
        _demand_standard(extensions, authority)
        if certificate.not_valid_after_utc - certificate.not_valid_before_utc != VALID_FOR:
            raise SignatureFault(FaultKind.CERTIFICATE, "vigencia")
        binding = _binding(_run(certificate.subject), extensions)
    except (ValueError, x509.DuplicateExtension, x509.ExtensionNotFound, x509.UnsupportedGeneralNameType) as error:
        raise SignatureFault(FaultKind.CERTIFICATE, "ilegible") from error
    return binding


def _demand_standard(
    extensions: dict[ObjectIdentifier, x509.Extension[x509.ExtensionType]], authority: x509.Certificate
) -> None:
    expected = {
        ExtensionOID.BASIC_CONSTRAINTS: x509.BasicConstraints(ca=False, path_length=None),
        ExtensionOID.KEY_USAGE: _USAGE,
        ExtensionOID.AUTHORITY_KEY_IDENTIFIER: _authority_key(authority),
    }
    for oid, critical in _STANDARD.items():
        extension = extensions.get(oid)
        if extension is None or extension.critical is not critical or extension.value != expected[oid]:
            raise SignatureFault(FaultKind.CERTIFICATE, "uso")


def _run(subject: x509.Name) -> Run:
    text = str(next((attribute.value for attribute in subject if attribute.oid == NameOID.SERIAL_NUMBER), ""))
    try:
        run = Run.parse(text)
    except InvalidRun as error:
        raise SignatureFault(FaultKind.CERTIFICATE, "titular") from error
    if subject != _subject(run):
        raise SignatureFault(FaultKind.CERTIFICATE, "titular")
    return run


def _binding(run: Run, extensions: dict[ObjectIdentifier, x509.Extension[x509.ExtensionType]]) -> Binding:
    ours = {AUTHORISATION_DIGEST, CONTEXT, KEY_THUMBPRINT} & extensions.keys()
    if extensions.keys() != _STANDARD.keys() | ours or not {AUTHORISATION_DIGEST, CONTEXT} <= ours:
        raise SignatureFault(FaultKind.BINDING, "extensiones")
    values = {oid: _octets(extensions[oid]) for oid in ours}
    digest, thumbprint = values[AUTHORISATION_DIGEST], values.get(KEY_THUMBPRINT)
    if len(digest) != 32 or (thumbprint is not None and len(thumbprint) != 32):
        raise SignatureFault(FaultKind.BINDING, "largo")
    return Binding(run, digest, thumbprint, values[CONTEXT].decode())


def _octets(extension: x509.Extension[x509.ExtensionType]) -> bytes:
    if not isinstance(extension.value, x509.UnrecognizedExtension) or extension.critical:
        raise SignatureFault(FaultKind.BINDING, "extensión crítica")
    value = extension.value.value[2:]
    if _octet_string(value) != extension.value.value:
        raise SignatureFault(FaultKind.BINDING, "codificación")
    return value
