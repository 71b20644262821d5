"""One detached CMS signature (RFC 5652), read as strictly as our own formats: DER alone, and nothing unsigned in it.

Read with `cryptography.hazmat.asn1`, which takes DER alone: one form for each value, sets in order. What the signature
does not cover could be changed unseen, so it has one value or is refused: no content, no unsigned attributes, no
revocation lists, versions and digest algorithms that follow from the rest.
"""

from dataclasses import dataclass
from typing import Annotated

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat import asn1
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.types import PublicKeyTypes
from cryptography.hazmat.primitives.serialization import Encoding

from lme_operator.domain.signing.algorithms import has_strong_key
from lme_operator.domain.signing.faults import EndorsementFault, EndorsementFaultKind

MAX_BYTES, MAX_CERTIFICATES, MAX_ATTRIBUTES = 64_000, 8, 32

_Oid = x509.ObjectIdentifier
_DATA, _SIGNED_DATA = _Oid("1.2.840.113549.1.7.1"), _Oid("1.2.840.113549.1.7.2")
_CONTENT_TYPE, _MESSAGE_DIGEST = _Oid("1.2.840.113549.1.9.3"), _Oid("1.2.840.113549.1.9.4")
_SIGNING_CERTIFICATE_V2 = _Oid("1.2.840.113549.1.9.16.2.47")
_RSA, _PSS, _MGF1 = (_Oid(f"1.2.840.113549.1.1.{arc}") for arc in (1, 10, 8))
_SHA256 = _Oid("2.16.840.1.101.3.4.2.1")

DIGESTS: dict[x509.ObjectIdentifier, hashes.HashAlgorithm] = {
    _SHA256: hashes.SHA256(),
    _Oid("2.16.840.1.101.3.4.2.2"): hashes.SHA384(),
    _Oid("2.16.840.1.101.3.4.2.3"): hashes.SHA512(),
}
"""The digests accepted; everything else is weak or unknown (RFC 5754)."""
_RSA_WITH = {_Oid(f"1.2.840.113549.1.1.{arc}"): digest for arc, digest in zip((11, 12, 13), DIGESTS, strict=True)}
_ECDSA_WITH = {_Oid(f"1.2.840.10045.4.3.{arc}"): digest for arc, digest in zip((2, 3, 4), DIGESTS, strict=True)}


@asn1.sequence
class _Algorithm:
    algorithm: x509.ObjectIdentifier
    parameters: asn1.Null | None


@asn1.sequence
class _Mgf:
    algorithm: x509.ObjectIdentifier
    digest: _Algorithm


@asn1.sequence
class _PssParameters:
    """RFC 4055; a part that is left out means SHA-1, so none may be, but the trailer, which has one value."""

    digest: Annotated[_Algorithm, asn1.Explicit(0)]
    mgf: Annotated[_Mgf, asn1.Explicit(1)]
    salt: Annotated[int, asn1.Explicit(2)]


@asn1.sequence
class _PssAlgorithm:
    algorithm: x509.ObjectIdentifier
    parameters: _PssParameters


@asn1.sequence
class _Attribute:
    type: x509.ObjectIdentifier
    values: asn1.SetOf[asn1.TLV]


@asn1.sequence
class _IssuerAndSerial:
    issuer: asn1.TLV
    serial: int


@asn1.sequence
class _SignerInfo:
    version: int
    sid: _IssuerAndSerial | Annotated[bytes, asn1.Implicit(0)]
    digest: _Algorithm
    signed: Annotated[asn1.SetOf[_Attribute] | None, asn1.Implicit(0)]
    algorithm: asn1.TLV
    signature: bytes
    unsigned: Annotated[asn1.SetOf[_Attribute] | None, asn1.Implicit(1)]


@asn1.sequence
class _Content:
    type: x509.ObjectIdentifier
    content: Annotated[bytes | None, asn1.Explicit(0)]


@asn1.sequence
class _SignedData:
    version: int
    digests: asn1.SetOf[_Algorithm]
    content: _Content
    certificates: Annotated[asn1.SetOf[x509.Certificate] | None, asn1.Implicit(0)]
    crls: Annotated[asn1.SetOf[asn1.TLV] | None, asn1.Implicit(1)]
    signers: asn1.SetOf[_SignerInfo]


@asn1.sequence
class _ContentInfo:
    type: x509.ObjectIdentifier
    content: Annotated[_SignedData, asn1.Explicit(0)]


@asn1.sequence
class _CertificateId:
    """ESSCertIDv2 (RFC 5035) with its default digest, SHA-256, which DER leaves out."""

    digest: bytes
    issuer_serial: _IssuerAndSerial | None


@asn1.sequence
class _OtherCertificateId:
    algorithm: _Algorithm
    digest: bytes
    issuer_serial: _IssuerAndSerial | None


@asn1.sequence
class _SigningCertificate:
    certificates: list[asn1.TLV]
    policies: list[asn1.TLV] | None


@dataclass(frozen=True, slots=True)
class DetachedSignature:
    """Who signed and what came with it; the signature over the content is already good. `others` in no order."""

    certificate: x509.Certificate
    others: tuple[x509.Certificate, ...]


def verify_detached(cms: bytes, content: bytes) -> DetachedSignature:
    """Return the signer of `content`; raise `EndorsementFault`, or what `cryptography` raises at bad DER."""
    if len(cms) > MAX_BYTES:
        raise EndorsementFault(EndorsementFaultKind.TOO_LARGE)
    read = asn1.decode_der(_ContentInfo, cms)
    if read.type != _SIGNED_DATA:
        raise EndorsementFault(EndorsementFaultKind.UNREADABLE, "forma")
    signer, certificates = _parts(read.content)
    named = [each for each in certificates if _is_named(each, signer.sid)]
    if len(named) != 1:
        raise EndorsementFault(EndorsementFaultKind.NO_CERTIFICATE)
    certificate = named[0]
    _demand_signature(signer, certificate, content)
    return DetachedSignature(certificate, tuple(each for each in certificates if each is not certificate))


def _parts(data: _SignedData) -> tuple[_SignerInfo, list[x509.Certificate]]:
    """Return the one signer and the certificates of a message in which nothing else can hide."""
    if data.content.content is not None:
        raise EndorsementFault(EndorsementFaultKind.ATTACHED)
    signers = data.signers.as_list()
    if len(signers) != 1:
        raise EndorsementFault(EndorsementFaultKind.SIGNERS)
    (signer,) = signers
    certificates = [] if data.certificates is None else data.certificates.as_list()
    if len(certificates) > MAX_CERTIFICATES:
        raise EndorsementFault(EndorsementFaultKind.TOO_LARGE, "certificados")
    if data.crls is not None or signer.unsigned is not None:
        raise EndorsementFault(EndorsementFaultKind.UNSIGNED)
    version = 1 if isinstance(signer.sid, _IssuerAndSerial) else 3
    digests = [digest.algorithm for digest in data.digests.as_list()]
    if (data.version, signer.version) != (version, version) or data.content.type != _DATA:
        raise EndorsementFault(EndorsementFaultKind.UNREADABLE, "versión")
    if digests != [signer.digest.algorithm]:
        raise EndorsementFault(EndorsementFaultKind.UNREADABLE, "digest")
    if any(_unused_bits(each) for each in certificates):
        raise EndorsementFault(EndorsementFaultKind.UNREADABLE, "bits")
    return signer, certificates


def _unused_bits(certificate: x509.Certificate) -> int:
    """How many bits of its signature's last octet the certificate calls unused: a count that nothing signs."""
    return certificate.public_bytes(Encoding.DER)[-len(certificate.signature) - 1]


def _is_named(certificate: x509.Certificate, sid: _IssuerAndSerial | bytes) -> bool:
    if isinstance(sid, bytes):
        own = [each.value for each in certificate.extensions if isinstance(each.value, x509.SubjectKeyIdentifier)]
        return [identifier.digest for identifier in own] == [sid]
    return certificate.serial_number == sid.serial and certificate.issuer.public_bytes() == asn1.encode_der(sid.issuer)


def _demand_signature(signer: _SignerInfo, certificate: x509.Certificate, content: bytes) -> None:
    digest = DIGESTS.get(signer.digest.algorithm)
    if digest is None:
        raise EndorsementFault(EndorsementFaultKind.WEAK, "digest")
    if not has_strong_key(certificate):
        raise EndorsementFault(EndorsementFaultKind.WEAK, "llave")
    if signer.signed is None:
        raise EndorsementFault(EndorsementFaultKind.ATTRIBUTES)
    attributes = _attributes(signer.signed)
    if attributes[_CONTENT_TYPE].parse(x509.ObjectIdentifier) != _DATA:
        raise EndorsementFault(EndorsementFaultKind.ATTRIBUTES)
    _demand_certificate_named(attributes.get(_SIGNING_CERTIFICATE_V2), certificate)
    if attributes[_MESSAGE_DIGEST].parse(bytes) != _digest(digest, content):
        raise EndorsementFault(EndorsementFaultKind.CONTENT)
    if not _verifies(signer, digest, certificate.public_key(), asn1.encode_der(signer.signed)):
        raise EndorsementFault(EndorsementFaultKind.SIGNATURE)


def _attributes(signed: asn1.SetOf[_Attribute]) -> dict[x509.ObjectIdentifier, asn1.TLV]:
    """Return the signed attributes that have one value; the two that RFC 5652 demands are among them."""
    listed = signed.as_list()
    values = {each.type: each.values.as_list() for each in listed}
    single = {oid: found[0] for oid, found in values.items() if len(found) == 1}
    if (
        len(listed) > MAX_ATTRIBUTES
        or len(values) != len(listed)
        or not {_CONTENT_TYPE, _MESSAGE_DIGEST} <= set(single)
    ):
        raise EndorsementFault(EndorsementFaultKind.ATTRIBUTES)
    if _SIGNING_CERTIFICATE_V2 in values.keys() - single.keys():
        raise EndorsementFault(EndorsementFaultKind.ATTRIBUTES)
    return single


def _demand_certificate_named(value: asn1.TLV | None, certificate: x509.Certificate) -> None:
    """Where the signer named his certificate (CAdES), it is this one: nobody puts another of the same key beside."""
    if value is None:
        return
    named = value.parse(_SigningCertificate).certificates
    if not named:
        raise EndorsementFault(EndorsementFaultKind.CERTIFICATE_NAMED)
    oid, digest = _named(named[0])
    if oid not in DIGESTS:
        raise EndorsementFault(EndorsementFaultKind.WEAK, "certificado nombrado")
    if certificate.fingerprint(DIGESTS[oid]) != digest:
        raise EndorsementFault(EndorsementFaultKind.CERTIFICATE_NAMED)


def _named(value: asn1.TLV) -> tuple[x509.ObjectIdentifier, bytes]:
    if bytes(value.data[:1]) == _OCTET_STRING:
        return _SHA256, value.parse(_CertificateId).digest
    other = value.parse(_OtherCertificateId)
    return other.algorithm.algorithm, other.digest


_OCTET_STRING = b"\x04"


def _verifies(signer: _SignerInfo, digest: hashes.HashAlgorithm, key: PublicKeyTypes, signed: bytes) -> bool:
    try:
        match key:
            case rsa.RSAPublicKey():
                key.verify(signer.signature, signed, _rsa_padding(signer, digest), digest)
            case ec.EllipticCurvePublicKey():
                algorithm = signer.algorithm.parse(_Algorithm)
                if _ECDSA_WITH.get(algorithm.algorithm) != signer.digest.algorithm or algorithm.parameters is not None:
                    raise EndorsementFault(EndorsementFaultKind.WEAK, "firma")
                key.verify(signer.signature, signed, ec.ECDSA(digest))
    except InvalidSignature:
        return False
    return True


def _rsa_padding(signer: _SignerInfo, digest: hashes.HashAlgorithm) -> padding.PKCS1v15 | padding.PSS:
    """Return the padding that the signature names, if all of it goes with the digest of the message."""
    if bytes(signer.algorithm.data).startswith(_PSS_PREFIX):
        pss = signer.algorithm.parse(_PssAlgorithm).parameters
        named = (pss.digest.algorithm, pss.mgf.digest.algorithm, pss.mgf.algorithm)
        if named != (signer.digest.algorithm, signer.digest.algorithm, _MGF1) or pss.salt < digest.digest_size:
            raise EndorsementFault(EndorsementFaultKind.WEAK, "firma")
        return padding.PSS(padding.MGF1(digest), pss.salt)
    algorithm = signer.algorithm.parse(_Algorithm)
    if algorithm.algorithm != _RSA and _RSA_WITH.get(algorithm.algorithm) != signer.digest.algorithm:
        raise EndorsementFault(EndorsementFaultKind.WEAK, "firma")
    if algorithm.parameters is None:
        raise EndorsementFault(EndorsementFaultKind.UNREADABLE, "parámetros")
    return padding.PKCS1v15()


_PSS_PREFIX = asn1.encode_der(_PSS)


def _digest(algorithm: hashes.HashAlgorithm, data: bytes) -> bytes:
    hashed = hashes.Hash(algorithm)
    hashed.update(data)
    return hashed.finalize()
