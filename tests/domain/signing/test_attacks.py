"""Documents made to deceive: none is accepted, and each is refused by its name.

The workshop holds every key, so these are not broken numbers only: most of them verify under a generic verifier.
"""

import base64
import copy
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import NameOID, ObjectIdentifier
from lxml import etree

from lme_operator.core.run import Run
from lme_operator.domain.signing import FaultKind, SignatureFault, Signer, verify_document, write_exact, xades
from lme_operator.domain.signing.algorithms import P256_ORDER
from lme_operator.domain.signing.certificates import certify, issued_by, read_binding
from lme_operator.domain.signing.layout import DS, LME
from lme_operator.gateways.key_store import FileKeyStore
from tests.domain.signing.conftest import AT, DOCTOR, Workshop, render

Edit = Callable[[etree._Element], None]
Change = Callable[[x509.CertificateBuilder], x509.CertificateBuilder]
NAMES = {"l": LME, "ds": DS, "xades": "http://uri.etsi.org/01903/v1.3.2#"}
PROFESSIONAL = "l:ZONA_A/l:ZONA_AF/l:firma/ds:Signature"
SEAL = "l:ZONA_0/l:ZONA_0F/l:firma/ds:Signature"


def find(root: etree._Element, path: str) -> etree._Element:
    node = root.find(path, NAMES)
    assert node is not None
    return node


def fault(document: bytes, signer: Signer) -> FaultKind:
    with pytest.raises(SignatureFault) as caught:
        verify_document(document, trust=signer.trust, instant=AT)
    return caught.value.kind


def edited(document: bytes, edit: Edit) -> bytes:
    root = etree.fromstring(document)
    edit(root)
    return write_exact(root)


def test_workshop_without_deceit_is_accepted(workshop: Workshop, prepared: bytes, signer: Signer) -> None:
    assert verify_document(workshop.make(prepared), trust=signer.trust, instant=AT).run == DOCTOR


def test_changed_text_breaks_somebody(signed: bytes, signer: Signer) -> None:
    """Every text and attribute of the document's own zones, changed one at a time."""
    root = etree.fromstring(signed)
    texts = [node for node in root.iter(f"{{{LME}}}*") if node.text]
    assert len(texts) > 40
    for node in texts:
        kept, node.text = node.text, f"{node.text}1"
        assert fault(write_exact(root), signer) in {FaultKind.SEAL, FaultKind.RUN}
        node.text = kept
    assert write_exact(root) == signed


def test_broken_professional_signature_under_a_fresh_seal(workshop: Workshop, prepared: bytes, signer: Signer) -> None:
    def change(root: etree._Element) -> None:
        find(root, "l:ZONA_A/l:ZONA_A1/l:tra_ndias").text = "90"

    def change_state(root: etree._Element) -> None:
        find(root, "l:ZONA_0/l:ZONA_01/l:rut_operador").text = "11111111-1"

    def change_value(root: etree._Element) -> None:
        value = find(root, f"{PROFESSIONAL}/ds:SignatureValue")
        value.text = ("B" if (value.text or "")[0] == "A" else "A") + (value.text or "")[1:]

    for edit in (change, change_state, change_value):
        assert fault(workshop.make(prepared, between=edit), signer) is FaultKind.PROFESSIONAL


def unsigned_object(signature: etree._Element) -> etree._Element:
    return etree.SubElement(signature, f"{{{DS}}}Object", nsmap={"xades": NAMES["xades"]})


def _wrap(root: etree._Element, *, keep_id: bool) -> None:
    """The classic: the signed ZONA_A moves aside, and one of the attacker's takes its place."""
    signed_zone = find(root, "l:ZONA_A")
    false_zone = copy.deepcopy(signed_zone)
    find(false_zone, "l:ZONA_A1/l:tra_ndias").text = "90"
    root.replace(signed_zone, false_zone)
    if not keep_id:
        false_zone.set("id", "ZX")
    slot = find(signed_zone, "l:ZONA_AF/l:firma")
    slot.remove(slot[1])
    unsigned_object(find(false_zone, "l:ZONA_AF/l:firma/ds:Signature")).append(signed_zone)


@pytest.mark.parametrize(("keep_id", "kind"), [(True, FaultKind.REPEATED_ID), (False, FaultKind.REFERENCES)])
def test_wrapping(workshop: Workshop, prepared: bytes, signer: Signer, keep_id: bool, kind: FaultKind) -> None:
    document = workshop.make(prepared, between=lambda root: _wrap(root, keep_id=keep_id))
    assert fault(document, signer) is kind


def test_second_zone_beside_the_signed_one(workshop: Workshop, prepared: bytes, signer: Signer) -> None:
    def add(root: etree._Element) -> None:
        root.append(copy.deepcopy(find(root, "l:ZONA_A")))
        del root[-1].attrib["id"]
        for part in root[-1].iter():
            part.attrib.pop("Id", "")

    assert fault(workshop.make(prepared, between=add), signer) is FaultKind.SLOTS


@pytest.mark.parametrize("path", [PROFESSIONAL, SEAL])
@pytest.mark.parametrize("where", ["", "/ds:Object", "/ds:KeyInfo", "/ds:KeyInfo/ds:X509Data", "/ds:SignedInfo"])
def test_unsigned_part_inside_a_signature(signed: bytes, signer: Signer, path: str, where: str) -> None:
    def add(root: etree._Element) -> None:
        etree.SubElement(find(root, path + where), f"{{{DS}}}SignatureProperties").text = "nadie firmó esto"

    assert fault(edited(signed, add), signer) is FaultKind.STRUCTURE


@pytest.mark.parametrize("path", [PROFESSIONAL, SEAL])
def test_unsigned_object(signed: bytes, signer: Signer, path: str) -> None:
    def add(root: etree._Element) -> None:
        unsigned_object(find(root, path)).text = "nadie firmó esto"

    assert fault(edited(signed, add), signer) is FaultKind.STRUCTURE


@pytest.mark.parametrize("path", [PROFESSIONAL, SEAL])
def test_text_between_the_parts_of_a_signature(signed: bytes, signer: Signer, path: str) -> None:
    def before(root: etree._Element) -> None:
        find(root, path).text = " "

    def between(root: etree._Element) -> None:
        find(root, f"{path}/ds:SignatureValue").tail = "\n"

    for edit in (before, between):
        assert fault(edited(signed, edit), signer) is FaultKind.STRUCTURE


def test_repeated_id(workshop: Workshop, prepared: bytes, signer: Signer) -> None:
    def repeat(root: etree._Element) -> None:
        find(root, "l:ZONA_A/l:ZONA_A1").set("id", "Z01")

    assert fault(workshop.make(prepared, between=repeat), signer) is FaultKind.REPEATED_ID


def test_signatures_swapped(signed: bytes, signer: Signer) -> None:
    def swap(root: etree._Element) -> None:
        professional, seal = find(root, PROFESSIONAL), find(root, SEAL)
        there, here = professional.getparent(), seal.getparent()
        assert there is not None
        assert here is not None
        there.append(seal)
        here.append(professional)

    assert fault(edited(signed, swap), signer) is FaultKind.REFERENCES


def test_other_number_of_signatures(workshop: Workshop, signed: bytes, prepared: bytes, signer: Signer) -> None:
    def remove(path: str) -> Edit:
        def edit(root: etree._Element) -> None:
            node = find(root, path)
            parent = node.getparent()
            assert parent is not None
            parent.remove(node)

        return edit

    def for_the_worker(root: etree._Element) -> None:
        third = copy.deepcopy(find(root, PROFESSIONAL))
        for part in third.iter():
            part.attrib.pop("Id", "")
        root.findall("l:ZONA_A/l:ZONA_AF/l:firma", NAMES)[1].append(third)

    for document in (
        prepared,
        edited(signed, remove(PROFESSIONAL)),
        edited(signed, remove(SEAL)),
        workshop.make(prepared, between=for_the_worker),
    ):
        assert fault(document, signer) is FaultKind.SLOTS


@pytest.mark.parametrize(
    ("old", "new", "kind"),
    [
        (b"<rut>12345678-5", b"<rut>1234<!-- -->5678-5", FaultKind.FORBIDDEN),
        (b"<rut>12345678-5", b"<rut><![CDATA[12345678-5]]>", FaultKind.FORBIDDEN),
        (b"<rut>12345678-5", b"<rut><?x y?>12345678-5", FaultKind.FORBIDDEN),
        (b"\n<LME ", b'\n<!DOCTYPE LME [<!ENTITY r "12345678-5">]><LME ', FaultKind.FORBIDDEN),
        (b"<rut>12345678-5", b"<rut>&r;", FaultKind.NOT_XML),
        (b"<rut>12345678-5", b"<rut>&#49;2345678-5", FaultKind.NOT_EXACT),
        (b"<rut>12345678-5", b"<rut >12345678-5", FaultKind.NOT_EXACT),
        (b"<ZONA_A1>", b'<ZONA_A1 xml:base="http://x.example/">', FaultKind.FORBIDDEN),
        (b"<ZONA_A1>", b'<ZONA_A1 xml:space="preserve">', FaultKind.FORBIDDEN),
        (b"<ZONA_A1>", b'<ZONA_A1 xml:id="ZA">', FaultKind.FORBIDDEN),
        (b"<ZONA_A1>", b'<ZONA_A1 xmlns:x="urn:x">', FaultKind.FORBIDDEN),
        (b"<ZONA_A1>", b'<ZONA_A1 xmlns="">', FaultKind.FORBIDDEN),
        (b"<ZONA_A1>", b'<ZONA_A1 xmlns="urn:www:lme:gov:cl:lme">', FaultKind.FORBIDDEN),
        (b"<ds:KeyInfo ", b'<ds:KeyInfo xmlns:ds="http://www.w3.org/2000/09/xmldsig#" ', FaultKind.FORBIDDEN),
        (
            b"<xades:SigningTime>",
            b'<xades:SigningTime xmlns:xades="http://uri.etsi.org/01903/v1.3.2#">',
            FaultKind.FORBIDDEN,
        ),
        (b'codigo_area="2" codigo_pais="56"', b'codigo_pais="56" codigo_area="2"', FaultKind.NOT_EXACT),
        (
            b'URI="#Z01" Id="FirmaProfesional-Documento"',
            b'Id="FirmaProfesional-Documento" URI="#Z01"',
            FaultKind.REFERENCES,
        ),
        (b"<LME xmlns=", b"<l:LME xmlns:l=", FaultKind.NOT_XML),
        (b"<?xml version='1.0' encoding='UTF-8'?>", b'<?xml version="1.0" encoding="UTF-8"?>', FaultKind.NOT_EXACT),
        (b"<?xml version='1.0' encoding='UTF-8'?>\n", b"", FaultKind.NOT_EXACT),
        (b"</LME>", b"</LME>\n", FaultKind.NOT_EXACT),
        (b"</LME>", b"</LME><LME/>", FaultKind.NOT_XML),
    ],
)
def test_other_ways_of_writing(signed: bytes, signer: Signer, old: bytes, new: bytes, kind: FaultKind) -> None:
    assert signed.count(old) >= 1
    assert fault(signed.replace(old, new, 1), signer) is kind


def test_other_encodings_and_sizes(signed: bytes, signer: Signer) -> None:
    text = signed.decode()
    assert fault(b"\xef\xbb\xbf" + signed, signer) is FaultKind.NOT_EXACT
    assert fault(text.replace("UTF-8", "UTF-16").encode("utf-16"), signer) is FaultKind.NOT_EXACT
    assert fault(b"", signer) is FaultKind.NOT_EXACT
    assert fault(signed + b" " * 300_000, signer) is FaultKind.TOO_LARGE


@pytest.mark.parametrize(
    "changes",
    [
        {"professional_role": replace(xades.PROFESSIONAL, uris=("#ZA",))},
        {"professional_role": replace(xades.PROFESSIONAL, uris=("#Z01",))},
        {"professional_role": replace(xades.PROFESSIONAL, uris=("#ZA", "#Z01"))},
        {"professional_role": replace(xades.PROFESSIONAL, uris=("",))},
        {"seal_role": replace(xades.SEAL, uris=("#Z01",))},
        {"seal_role": replace(xades.SEAL, uris=("#Z01", "#ZA"))},
    ],
)
def test_other_references(workshop: Workshop, prepared: bytes, signer: Signer, changes: dict[str, xades.Role]) -> None:
    assert fault(workshop.but(**changes).make(prepared), signer) is FaultKind.REFERENCES


@pytest.mark.parametrize("path", [PROFESSIONAL, SEAL])
@pytest.mark.parametrize(
    ("tag", "algorithm"),
    [
        ("CanonicalizationMethod", "http://www.w3.org/2001/10/xml-exc-c14n#"),
        ("CanonicalizationMethod", "http://www.w3.org/2006/12/xml-c14n11#WithComments"),
        ("SignatureMethod", "http://www.w3.org/2000/09/xmldsig#hmac-sha1"),
        ("SignatureMethod", "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"),
        ("DigestMethod", "http://www.w3.org/2000/09/xmldsig#sha1"),
        ("Transform", "http://www.w3.org/TR/1999/REC-xslt-19991116"),
        ("Transform", "http://www.w3.org/2000/09/xmldsig#base64"),
    ],
)
def test_other_algorithms(signed: bytes, signer: Signer, path: str, tag: str, algorithm: str) -> None:
    def change(root: etree._Element) -> None:
        find(root, f"{path}//ds:{tag}").set("Algorithm", algorithm)

    expected = FaultKind.REFERENCES if tag == "Transform" else FaultKind.ALGORITHM
    assert fault(edited(signed, change), signer) is expected


def test_the_same_signature_written_otherwise(signed: bytes, signer: Signer) -> None:
    """(r, n − s) is a good signature too; padding bits and white space decode alike: none makes a second document."""

    def with_high_s(root: etree._Element) -> None:
        value = find(root, f"{SEAL}/ds:SignatureValue")
        raw = base64.b64decode(value.text or "")
        high = P256_ORDER - int.from_bytes(raw[32:], "big")
        value.text = base64.b64encode(raw[:32] + high.to_bytes(32, "big")).decode()

    def with_space(root: etree._Element) -> None:
        value = find(root, f"{SEAL}/ds:SignatureValue")
        value.text = f"{value.text}\n"

    def with_other_padding(root: etree._Element) -> None:
        value = find(root, f"{SEAL}/ds:SignatureValue")
        text = value.text or ""
        assert text.endswith("==")
        following = chr(ord(text[-3]) + 1)
        value.text = text[:-3] + following + "=="

    assert fault(edited(signed, with_high_s), signer) is FaultKind.SEAL
    assert fault(edited(signed, with_space), signer) is FaultKind.STRUCTURE
    assert fault(edited(signed, with_other_padding), signer) in {FaultKind.STRUCTURE, FaultKind.SEAL}


def test_certificate_written_otherwise(signed: bytes, signer: Signer) -> None:
    def in_one_line(root: etree._Element) -> None:
        node = find(root, f"{PROFESSIONAL}//ds:X509Certificate")
        node.text = (node.text or "").replace("\n", "")

    def rubbish(root: etree._Element) -> None:
        find(root, f"{PROFESSIONAL}//ds:X509Certificate").text = "AAAA"

    for edit in (in_one_line, rubbish):
        assert fault(edited(signed, edit), signer) is FaultKind.STRUCTURE


@pytest.mark.filterwarnings("ignore:Parsed a serial number")
@pytest.mark.parametrize("path", [PROFESSIONAL, SEAL])
def test_certificate_with_a_changed_byte(signed: bytes, signer: Signer, path: str) -> None:
    root = etree.fromstring(signed)
    node = find(root, f"{path}//ds:X509Certificate")
    der = base64.b64decode(node.text or "")
    for position in range(len(der)):
        changed = bytearray(der)
        changed[position] ^= 1 << position % 8
        node.text = base64.encodebytes(bytes(changed)).decode().replace("\n", "")
        node.text = "".join(node.text[start : start + 64] + "\n" for start in range(0, len(node.text), 64))
        with pytest.raises(SignatureFault):
            verify_document(write_exact(root), trust=signer.trust, instant=AT)


def test_foreign_authority(workshop: Workshop, foreign_keys: FileKeyStore, prepared: bytes, signer: Signer) -> None:
    """The same names, other keys: a false operator, a false authority under the true seal, a false seal."""
    assert fault(workshop.but(keys=foreign_keys, authority=foreign_keys).make(prepared), signer) is FaultKind.SEAL_KEY
    assert fault(workshop.but(authority=foreign_keys).make(prepared), signer) is FaultKind.CERTIFICATE
    assert fault(workshop.but(keys=foreign_keys).make(prepared), signer) is FaultKind.SEAL_KEY


def test_seal_used_as_a_professional(workshop: Workshop, keys: FileKeyStore, prepared: bytes, signer: Signer) -> None:
    forger = workshop.but(certificate=keys.seal_certificate, key=keys._seal)
    assert fault(forger.make(prepared), signer) is FaultKind.CERTIFICATE


def test_certificate_of_another_professional(workshop: Workshop, prepared: bytes, signer: Signer) -> None:
    binding = replace(workshop.binding, run=Run(7654321))
    assert fault(workshop.but(binding=binding).make(prepared), signer) is FaultKind.RUN


def test_document_of_another_professional_under_the_same_signature(
    workshop: Workshop, signed: bytes, signer: Signer
) -> None:
    """The professional's signature of one licence put into another document, under a fresh seal."""
    other = render(days=30)

    def transplant(root: etree._Element) -> None:
        there = find(root, PROFESSIONAL).getparent()
        assert there is not None
        there.replace(there[1], copy.deepcopy(find(etree.fromstring(signed), PROFESSIONAL)))

    assert fault(workshop.make(other, between=transplant), signer) is FaultKind.PROFESSIONAL


@pytest.mark.parametrize(
    "changes",
    [
        {"at": AT + timedelta(minutes=11), "seal_at": AT + timedelta(minutes=11)},
        {"at": AT - timedelta(seconds=9), "seal_at": AT - timedelta(seconds=9)},
        {"seal_at": AT + timedelta(seconds=1)},
        {"at": AT + timedelta(seconds=1), "seal_at": AT + timedelta(seconds=1)},
    ],
)
def test_other_times(workshop: Workshop, prepared: bytes, signer: Signer, changes: dict[str, object]) -> None:
    """After the certificate, before it, seal and signature apart, and after the log's entry."""
    assert fault(workshop.but(**changes).make(prepared), signer) is FaultKind.TIME


def test_signing_time_in_another_form(workshop: Workshop, signed: bytes, signer: Signer) -> None:
    def change(root: etree._Element) -> None:
        find(root, f"{PROFESSIONAL}//xades:SigningTime").text = "2026-04-20T10:00:07.123456-04:00"

    assert fault(edited(signed, change), signer) is FaultKind.TIME


def _without(oid: ObjectIdentifier) -> Change:
    def change(builder: x509.CertificateBuilder) -> x509.CertificateBuilder:
        builder._extensions = [extension for extension in builder._extensions if extension.oid != oid]
        return builder

    return change


def _with(extension: x509.ExtensionType, *, critical: bool) -> Change:
    def change(builder: x509.CertificateBuilder) -> x509.CertificateBuilder:
        return _without(extension.oid)(builder).add_extension(extension, critical=critical)

    return change


DIGEST = ObjectIdentifier("2.25.275621137581661738814669992981058964498")
CONTEXT = ObjectIdentifier("2.25.183626661920258662742515689421203350304")
KEY = ObjectIdentifier("2.25.58137952724415867119338427070699254123")


def _longer(builder: x509.CertificateBuilder) -> x509.CertificateBuilder:
    builder._not_valid_after = (builder._not_valid_after or AT.replace(tzinfo=None)) + timedelta(days=1)
    return builder


def _subject(*attributes: x509.NameAttribute[str]) -> Change:
    def change(builder: x509.CertificateBuilder) -> x509.CertificateBuilder:
        builder._subject_name = x509.Name(attributes)
        return builder

    return change


@pytest.mark.parametrize(
    ("change", "kind"),
    [
        (_without(DIGEST), FaultKind.BINDING),
        (_without(CONTEXT), FaultKind.BINDING),
        (_without(x509.KeyUsage.oid), FaultKind.CERTIFICATE),
        (_without(x509.AuthorityKeyIdentifier.oid), FaultKind.CERTIFICATE),
        (_with(x509.BasicConstraints(ca=True, path_length=None), critical=True), FaultKind.CERTIFICATE),
        (_with(x509.BasicConstraints(ca=False, path_length=None), critical=False), FaultKind.CERTIFICATE),
        (_with(x509.UnrecognizedExtension(DIGEST, b"\x04\x1f" + bytes(31)), critical=False), FaultKind.BINDING),
        (_with(x509.UnrecognizedExtension(DIGEST, b"\x0c\x20" + bytes(32)), critical=False), FaultKind.BINDING),
        (_with(x509.UnrecognizedExtension(KEY, b"\x04\x81\x20" + bytes(32)), critical=False), FaultKind.BINDING),
        (_with(x509.UnrecognizedExtension(KEY, b"\x04\x20" + bytes(32)), critical=True), FaultKind.BINDING),
        (_with(x509.UnrecognizedExtension(KEY, b"\x04\x00"), critical=False), FaultKind.CERTIFICATE),
        (_with(x509.UnrecognizedExtension(ObjectIdentifier("2.25.1"), b"\x05\x00"), critical=False), FaultKind.BINDING),
        (_longer, FaultKind.CERTIFICATE),
        (_subject(x509.NameAttribute(NameOID.COUNTRY_NAME, "CL")), FaultKind.CERTIFICATE),
        (_subject(x509.NameAttribute(NameOID.SERIAL_NUMBER, "12345678-5")), FaultKind.CERTIFICATE),
        (
            _subject(
                x509.NameAttribute(NameOID.COUNTRY_NAME, "CL"), x509.NameAttribute(NameOID.SERIAL_NUMBER, "12345678-K")
            ),
            FaultKind.CERTIFICATE,
        ),
    ],
)
def test_certificate_of_our_authority_that_is_not_one_of_ours(
    workshop: Workshop, keys: FileKeyStore, prepared: bytes, change: Change, kind: FaultKind
) -> None:
    class Changed:
        authority_certificate, seal_certificate, seal = keys.authority_certificate, keys.seal_certificate, keys.seal

        def certify(self, builder: x509.CertificateBuilder) -> x509.Certificate:
            return keys.certify(change(builder))

    assert fault(workshop.but(authority=Changed()).make(prepared), Signer(keys)) is kind


def test_keys_of_other_kinds_in_a_certificate(workshop: Workshop, keys: FileKeyStore) -> None:
    for public in (
        ec.generate_private_key(ec.SECP384R1()).public_key(),
        rsa.generate_private_key(65537, 2048).public_key(),
    ):
        certificate = certify(keys, workshop.binding, public, at=AT)  # type: ignore[arg-type]
        assert issued_by(certificate, keys.authority_certificate, at=AT)
        with pytest.raises(SignatureFault) as caught:
            read_binding(certificate, keys.authority_certificate)
        assert caught.value.kind is FaultKind.CERTIFICATE


def test_authority_without_key_identifier_is_a_fault_not_an_error(workshop: Workshop, keys: FileKeyStore) -> None:
    """Without a trust file the authority comes from the evidence file: whatever it lacks is a named fault."""
    key = ec.generate_private_key(ec.SECP256R1())
    certificate = certify(keys, workshop.binding, key.public_key(), at=AT)
    bare = (
        x509.CertificateBuilder()
        .subject_name(keys.authority_certificate.subject)
        .issuer_name(keys.authority_certificate.subject)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(AT)
        .not_valid_after(AT + timedelta(days=1))
    ).sign(key, hashes.SHA256())
    assert not issued_by(certificate, bare, at=AT)
    with pytest.raises(SignatureFault) as caught:
        read_binding(certificate, bare)
    assert caught.value.kind is FaultKind.CERTIFICATE
