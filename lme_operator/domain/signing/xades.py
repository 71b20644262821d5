"""XAdES by signxml, with Canonical XML 1.1 only: how a signature is made and how its numbers are checked.

signxml's exclusive canonicalisation makes signatures that nobody can verify, its default location looks at the first
signature alone, and it accepts any shape: so algorithms and location are always given here, and `shape` compares the
signature with a template before signxml is asked anything.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar, cast

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from lxml import etree
from signxml.algorithms import (
    CanonicalizationMethod,
    DigestAlgorithm,
    SignatureConstructionMethod,
    SignatureMethod,
)
from signxml.exceptions import InvalidSignature, SignXMLException
from signxml.util import SigningSettings
from signxml.xades.xades import XAdESDataObjectFormat, XAdESSignatureConfiguration, XAdESSigner, XAdESVerifier

from lme_operator.core.canonical import format_instant
from lme_operator.domain.signing.algorithms import Algorithm, has_low_s, verifies, with_low_s
from lme_operator.domain.signing.faults import FaultKind, SignatureFault
from lme_operator.domain.signing.layout import DS, LME, PROFESSIONAL_SLOT, SEAL_SLOT, SIGNATURE, XADES

logging.getLogger("signxml").setLevel(logging.WARNING)  # at DEBUG it writes whole documents, with personal data

_NAMES = {"ds": DS, "xades": XADES}
_C14N11 = CanonicalizationMethod.CANONICAL_XML_1_1
_WORDS = XAdESDataObjectFormat(Description="Licencia médica electrónica", MimeType="text/xml")


@dataclass(frozen=True, slots=True)
class Role:
    """Whose signature: its Id, where it stands, what it covers, and the fault that it has when broken."""

    name: str
    slot: tuple[str, ...]
    uris: tuple[str, ...]
    broken: FaultKind

    @property
    def location(self) -> str:
        """The slot as signxml's XPath."""
        return "./" + "".join(f"{{{LME}}}{step}/" for step in self.slot)


PROFESSIONAL = Role("FirmaProfesional", PROFESSIONAL_SLOT, ("#Z01", "#ZA"), FaultKind.PROFESSIONAL)
SEAL = Role("SelloOperador", SEAL_SLOT, ("",), FaultKind.SEAL)


class ActingKey:
    """A key that signs and is not seen: what signxml needs of a P-256 private key, s always in the lower half."""

    key_size: ClassVar[int] = 256

    def __init__(self, sign: Callable[[bytes], bytes]) -> None:
        self._sign = sign

    def sign(self, data: bytes, **_: object) -> bytes:
        """Return the DER signature over `data`; the algorithm is fixed."""
        return with_low_s(self._sign(data))


class _Signer(XAdESSigner):
    """signxml's signer for one signature: our Ids, and the unit of work's instant as SigningTime."""

    def __init__(self, role: Role, at: datetime) -> None:
        super().__init__(
            data_object_format=_WORDS,
            method=SignatureConstructionMethod.enveloped,
            signature_algorithm=SignatureMethod.ECDSA_SHA256,
            digest_algorithm=DigestAlgorithm.SHA256,
            c14n_algorithm=_C14N11,
        )
        self._role = role
        self._at = at
        self.signature_annotators.insert(1, self._name_parts)

    def _name_parts(self, sig_root: etree._Element, **_: object) -> None:
        sig_root.set("Id", self._role.name)
        for path, suffix in (("ds:SignedInfo/ds:Reference", "Documento"), ("ds:KeyInfo", "Certificado")):
            part = sig_root.find(path, _NAMES)
            assert part is not None  # noqa: S101 - signxml has just made it
            part.set("Id", f"{self._role.name}-{suffix}")

    def add_signing_time(
        self,
        signed_signature_properties: etree._Element,
        sig_root: etree._Element,  # noqa: ARG002 - signxml's signature
        signing_settings: SigningSettings,  # noqa: ARG002
    ) -> None:
        """Write the instant given, where signxml would read the machine's clock."""
        time = etree.SubElement(signed_signature_properties, f"{{{XADES}}}SigningTime", nsmap=self.namespaces)
        time.text = format_instant(self._at)


def sign(
    root: etree._Element,
    slot: etree._Element,
    *,
    role: Role,
    key: ActingKey,
    certificate: x509.Certificate,
    at: datetime,
) -> etree._Element:
    """Return a copy of the document at `root` with the role's signature last in `slot` (an element of `root`)."""
    etree.SubElement(slot, SIGNATURE, Id="placeholder", nsmap={"ds": DS})
    signed: etree._Element = _Signer(role, at).sign(
        root,
        key=cast(ec.EllipticCurvePrivateKey, key),
        cert=[certificate],
        reference_uri=None if role.uris == ("",) else list(role.uris),
        always_add_key_value=False,
    )
    return signed


class _Verifier(XAdESVerifier):
    """signxml's verifier, with the bare signature judged by our own policy."""

    id_attributes = ("Id", "id")

    def _verify_signature_with_pubkey(self, **numbers: Any) -> tuple[bytes, Any]:  # noqa: ANN401 - signxml's
        """The one private name of signxml that we override; its version is pinned."""
        signed_info_c14n: bytes = numbers["signed_info_c14n"]
        raw_signature: bytes = numbers["raw_signature"]
        key = numbers["signing_certificate"].public_key()
        good = verifies(Algorithm.ECDSA_P256_P1363, public_key=key, signature=raw_signature, data=signed_info_c14n)
        if not good or not has_low_s(raw_signature):
            raise InvalidSignature
        return signed_info_c14n, key


def verify(
    document: bytes, *, role: Role, certificate: x509.Certificate, signed_at: datetime
) -> tuple[etree._Element, ...]:
    """Return what the role's signature covers, as signed, in the order of `role.uris`; raise `SignatureFault`.

    Only what is returned was signed. The certificate must have been judged by the caller; here it must be in its
    validity at `signed_at` and be the one that the signature's own properties name.
    """
    configuration = XAdESSignatureConfiguration(
        location=role.location,
        expect_references=len(role.uris) + 2,
        signature_methods=frozenset({SignatureMethod.ECDSA_SHA256}),
        digest_algorithms=frozenset({DigestAlgorithm.SHA256}),
        verification_time=signed_at,
        default_reference_c14n_method=_C14N11,
    )
    try:
        results = _Verifier().verify(
            document, x509_cert=certificate, expect_config=configuration, validate_schema=False
        )
    except (SignXMLException, ValueError, etree.LxmlError) as error:
        raise SignatureFault(role.broken) from error
    covered = tuple(result.signed_xml for result in results if result.signed_xml is not None)
    if len(covered) != len(results):
        raise SignatureFault(role.broken)
    return covered[: len(role.uris)]
