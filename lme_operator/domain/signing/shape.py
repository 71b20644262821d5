"""The exact shape of our two signatures: element by element and attribute by attribute.

XML Signature allows more than anybody should accept: objects that nobody signed, other transforms, other references,
several certificates. Instead of refusing what is known to be bad, a signature is compared with a template of what we
write; the few texts that vary are read here, each in its one accepted form.
"""

import base64
import re
from dataclasses import dataclass
from datetime import datetime
from functools import cache

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.serialization import Encoding
from lxml import etree

from lme_operator.core.canonical import NotCanonical, parse_instant
from lme_operator.domain.signing.faults import FaultKind, SignatureFault
from lme_operator.domain.signing.layout import DS, XADES
from lme_operator.domain.signing.xades import Role

_C14N11 = "http://www.w3.org/2006/12/xml-c14n11"
_SHA256 = "http://www.w3.org/2001/04/xmlenc#sha256"
_TOKEN = re.compile(r"-SignedProperties[0-9A-F]{8}")
_TRANSFORMS = (
    '<ds:Transforms><ds:Transform Algorithm="http://www.w3.org/2000/09/xmldsig#enveloped-signature"/>'
    f'<ds:Transform Algorithm="{_C14N11}"/></ds:Transforms>'
)
_DIGEST = f'<ds:DigestMethod Algorithm="{_SHA256}"/><ds:DigestValue/>'
_TEMPLATE = """<ds:Signature xmlns:ds="{ds}" xmlns:xades="{xades}" Id="{name}"><ds:SignedInfo>\
<ds:CanonicalizationMethod Algorithm="{c14n}"/>\
<ds:SignatureMethod Algorithm="http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256"/>{references}\
<ds:Reference URI="#{name}-SignedProperties" Type="http://uri.etsi.org/01903#SignedProperties">{digest}</ds:Reference>\
<ds:Reference URI="#{name}-Certificado">{digest}</ds:Reference></ds:SignedInfo><ds:SignatureValue/>\
<ds:KeyInfo Id="{name}-Certificado"><ds:X509Data><ds:X509Certificate/></ds:X509Data></ds:KeyInfo>\
<ds:Object><xades:QualifyingProperties Target="#{name}"><xades:SignedProperties Id="{name}-SignedProperties">\
<xades:SignedSignatureProperties><xades:SigningTime/><xades:SigningCertificateV2><xades:Cert><xades:CertDigest>\
{digest}</xades:CertDigest></xades:Cert></xades:SigningCertificateV2></xades:SignedSignatureProperties>\
<xades:SignedDataObjectProperties><xades:DataObjectFormat ObjectReference="#{name}-Documento"><xades:Description/>\
<xades:MimeType/></xades:DataObjectFormat></xades:SignedDataObjectProperties></xades:SignedProperties>\
</xades:QualifyingProperties></ds:Object></ds:Signature>"""

_Line = tuple[int, str, tuple[tuple[str, str], ...]]


@dataclass(frozen=True, slots=True)
class Claims:
    """What a signature says of itself, not yet verified."""

    certificate: x509.Certificate
    signing_time: datetime


def read_claims(signature: etree._Element, role: Role) -> Claims:
    """Compare `signature` with the role's template and return what it claims; raise `SignatureFault`."""
    lines, expected = _outline(signature), _expected(role)
    if lines != expected:
        raise SignatureFault(_difference(lines, expected), role.name)
    for node in signature.iter(f"{{{DS}}}DigestValue"):
        _binary(node, 32, role)
    _binary(_only(signature, f"{{{DS}}}SignatureValue"), 64, role)
    try:
        signing_time = parse_instant(_only(signature, f"{{{XADES}}}SigningTime").text or "")
    except NotCanonical as error:
        raise SignatureFault(FaultKind.TIME, role.name) from error
    return Claims(_certificate(_only(signature, f"{{{DS}}}X509Certificate"), role), signing_time)


@cache
def _expected(role: Role) -> tuple[_Line, ...]:
    references = "".join(
        f'<ds:Reference URI="{uri}"{id_}>{_TRANSFORMS}{_DIGEST}</ds:Reference>'
        for uri, id_ in zip(role.uris, (f' Id="{role.name}-Documento"', ""), strict=False)
    )
    text = _TEMPLATE.format(ds=DS, xades=XADES, c14n=_C14N11, digest=_DIGEST, name=role.name, references=references)
    return _outline(etree.fromstring(text))


def _outline(signature: etree._Element) -> tuple[_Line, ...]:
    """One line an element, in document order: depth, name, attributes as written; text is allowed in leaves alone."""
    lines: list[_Line] = []
    pending = [(0, signature)]
    while pending:
        depth, node = pending.pop()
        attributes = tuple((str(name), _TOKEN.sub("-SignedProperties", str(value))) for name, value in node.items())
        lines.append((depth, node.tag, attributes))
        if node.tail or (len(node) and node.text):
            lines.append((depth, "texto", ()))
        pending.extend((depth + 1, child) for child in reversed(node))
    return tuple(lines)


def _difference(lines: tuple[_Line, ...], expected: tuple[_Line, ...]) -> FaultKind:
    """Name what differs first: what the signature covers, its algorithms, or the rest of its shape."""
    for tag, kind in (("Reference", FaultKind.REFERENCES), ("Transform", FaultKind.REFERENCES)):
        if _of(lines, tag) != _of(expected, tag):
            return kind
    for tag in ("CanonicalizationMethod", "SignatureMethod", "DigestMethod"):
        if _of(lines, tag) != _of(expected, tag):
            return FaultKind.ALGORITHM
    return FaultKind.STRUCTURE


def _of(lines: tuple[_Line, ...], tag: str) -> list[_Line]:
    return [line for line in lines if line[1] == f"{{{DS}}}{tag}"]


def _only(signature: etree._Element, tag: str) -> etree._Element:
    return next(signature.iter(tag))


def _binary(node: etree._Element, length: int, role: Role) -> None:
    text = node.text or ""
    try:
        data = base64.b64decode(text, validate=True)
    except ValueError as error:
        raise SignatureFault(FaultKind.STRUCTURE, role.name) from error
    if len(data) != length or base64.b64encode(data).decode() != text:
        raise SignatureFault(FaultKind.STRUCTURE, role.name)


def _certificate(node: etree._Element, role: Role) -> x509.Certificate:
    text = node.text or ""
    try:
        certificate = x509.load_der_x509_certificate(base64.b64decode(text))
        certificate.public_key()
    except (ValueError, UnsupportedAlgorithm, x509.InvalidVersion) as error:
        raise SignatureFault(FaultKind.STRUCTURE, role.name) from error
    encoded = base64.b64encode(certificate.public_bytes(Encoding.DER)).decode()
    if "".join(encoded[start : start + 64] + "\n" for start in range(0, len(encoded), 64)) != text:
        raise SignatureFault(FaultKind.STRUCTURE, role.name)
    return certificate
