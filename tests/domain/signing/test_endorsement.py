"""A key endorsed with a firma electrónica avanzada: what openssl signs and accepts, and every way in which it fails."""

import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat import asn1
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import ExtendedKeyUsageOID, ObjectIdentifier
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lme_operator.core.run import Run
from lme_operator.domain.signing import (
    Endorsement,
    EndorsementFault,
    EndorsementFaultKind,
    endorsed_bytes,
    verify_endorsement,
)
from lme_operator.domain.signing import cms as cms_shapes
from tests.factories.accredited import (
    AUTHORITY_USAGE,
    Holder,
    Provider,
    authority,
    openssl_verifies,
    person,
    provider,
    sign,
)

AT = datetime(2026, 4, 20, 14, 0, 7, 123456, tzinfo=UTC)
DOCTOR, OTHER = Run(12345678), Run(11111111)
THUMBPRINT = bytes(range(32))
CONTENT = endorsed_bytes(thumbprint=THUMBPRINT, run=DOCTOR, at=AT)
Kind = EndorsementFaultKind

pytestmark = [pytest.mark.needs("openssl"), pytest.mark.norm("N-2.6c")]


@dataclass(frozen=True)
class Bench:
    """A provider, the doctor's certificate of it, and a folder to sign in."""

    provider: Provider
    doctor: Holder
    folder: Path

    @property
    def roots(self) -> list[x509.Certificate]:
        return self.provider.roots

    @property
    def intermediate(self) -> Holder:
        return self.provider.intermediate


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Bench:
    made = provider(AT)
    doctor = person(DOCTOR, at=AT, by=made.intermediate, key=rsa.generate_private_key(65537, 2048))
    return Bench(made, doctor, tmp_path_factory.mktemp("aval"))


@pytest.fixture(scope="module")
def good(bench: Bench) -> bytes:
    return sign(CONTENT, bench.folder, bench.doctor, options=["-cades"])


def judge(cms: bytes, roots: list[x509.Certificate], *, run: Run = DOCTOR, at: datetime = AT) -> Endorsement:
    return verify_endorsement(cms, thumbprint=THUMBPRINT, run=run, at=at, roots=roots)


def fault(cms: bytes, roots: list[x509.Certificate]) -> EndorsementFaultKind:
    with pytest.raises(EndorsementFault) as caught:
        judge(cms, roots)
    assert caught.value.kind.words
    return caught.value.kind


def test_what_is_signed() -> None:
    assert CONTENT == THUMBPRINT + b"12345678-5" + b"2026-04-20T14:00:07.123456Z"
    with pytest.raises(ValueError, match="32"):
        endorsed_bytes(thumbprint=bytes(31), run=DOCTOR, at=AT)


def test_good_one_says_who_under_whom_and_what_was_not_checked(bench: Bench, good: bytes) -> None:
    told = judge(good, bench.roots)
    assert told == Endorsement(
        subject="CN=Íñigo Núñez",
        issuer="CN=Prestador de pruebas: avanzada",
        root="CN=Prestador de pruebas: raíz",
        serial=bench.doctor.certificate.serial_number,
        valid_from=AT.replace(microsecond=0) - timedelta(days=30),
        valid_until=AT.replace(microsecond=0) + timedelta(days=300),
        revocation="no comprobada sin conexión",
    )
    assert openssl_verifies(good, CONTENT, bench.roots, bench.folder, AT)


P256, P384, RSA = (
    lambda: ec.generate_private_key(ec.SECP256R1()),
    lambda: ec.generate_private_key(ec.SECP384R1()),
    lambda: rsa.generate_private_key(65537, 3072),
)
PSS = ("-keyopt", "rsa_padding_mode:pss", "-keyopt", "rsa_pss_saltlen:digest")


@pytest.mark.parametrize(
    ("key", "digest", "options"),
    [
        (P256, "sha256", ()),
        (P384, "sha384", ()),
        (P256, "sha512", ("-cades",)),
        (RSA, "sha384", ("-cades",)),
        (RSA, "sha512", ("-keyid",)),
        (RSA, "sha256", PSS),
        (RSA, "sha256", PSS[:2]),
        (P256, "sha256", ("-nosmimecap",)),
    ],
    ids=lambda value: None if callable(value) else str(value),
)
def test_what_openssl_signs_and_accepts_is_accepted(
    bench: Bench, key: Callable[[], Holder], digest: str, options: tuple[str, ...]
) -> None:
    doctor = person(DOCTOR, at=AT, by=bench.intermediate, key=key())  # type: ignore[arg-type]
    cms = sign(CONTENT, bench.folder, doctor, digest=digest, options=options)
    assert judge(cms, bench.roots).serial == doctor.certificate.serial_number
    assert openssl_verifies(cms, CONTENT, bench.roots, bench.folder, AT)


@pytest.mark.parametrize(
    ("told", "serial"),
    [
        (("12.345.678-5",), None),
        (("012345678-5",), None),
        ((), "12345678-5"),
        (("12345678-5",), "12345678-5"),
        (("12345678-5",), "TARJETA 0042"),
    ],
)
def test_the_run_as_certificates_write_it(bench: Bench, told: tuple[str, ...], serial: str | None) -> None:
    doctor = person(DOCTOR, at=AT, by=bench.intermediate, told=told, serial=serial)
    judge(sign(CONTENT, bench.folder, doctor), bench.roots)


@pytest.mark.parametrize(
    ("told", "serial"),
    [
        (("11111111-1",), None),
        ((), "11111111-1"),
        ((), None),
        ((), "TARJETA 0042"),
        (("12345678-5",), "11111111-1"),
        (("11111111-1",), "12345678-5"),
        (("12345678-5", "11111111-1"), None),
        (("12345678-5", "ilegible"), None),
        (("12345678-6",), None),
        (("",), "12345678-5"),
    ],
)
def test_another_run_or_two_or_none_is_refused(bench: Bench, told: tuple[str, ...], serial: str | None) -> None:
    doctor = person(DOCTOR, at=AT, by=bench.intermediate, told=told, serial=serial)
    assert fault(sign(CONTENT, bench.folder, doctor), bench.roots) is Kind.RUN


def test_another_key_run_or_instant_is_refused(bench: Bench, good: bytes) -> None:
    """The certificate tells another person's RUN too, so that what is refused is the content."""
    changes = [
        endorsed_bytes(thumbprint=bytes(32), run=DOCTOR, at=AT),
        endorsed_bytes(thumbprint=THUMBPRINT, run=OTHER, at=AT),
        endorsed_bytes(thumbprint=THUMBPRINT, run=DOCTOR, at=AT + timedelta(microseconds=1)),
        CONTENT + b"\n",
        b"",
    ]
    for changed in changes:
        assert fault(sign(changed, bench.folder, bench.doctor), bench.roots) is Kind.CONTENT
    with pytest.raises(EndorsementFault, match=Kind.CONTENT.value):
        judge(good, bench.roots, run=OTHER)


E = ExtendedKeyUsageOID
DOCUMENTS = [ObjectIdentifier("1.3.6.1.5.5.7.3.36"), ObjectIdentifier("1.3.6.1.4.1.311.10.3.12")]


@pytest.mark.parametrize(
    ("usages", "purposes", "accepted"),
    [
        (("digital_signature",), None, True),
        (("content_commitment",), None, True),
        (("digital_signature", "key_encipherment"), [E.CLIENT_AUTH, E.EMAIL_PROTECTION], True),
        (("content_commitment",), DOCUMENTS[:1], True),
        (("content_commitment",), DOCUMENTS[1:], True),
        (("digital_signature",), [E.ANY_EXTENDED_KEY_USAGE], True),
        ((), None, False),
        (("key_encipherment",), None, False),
        (("digital_signature",), [E.CLIENT_AUTH], False),
        (("digital_signature",), [E.SERVER_AUTH], False),
        (("digital_signature",), [E.SERVER_AUTH, E.EMAIL_PROTECTION], False),
        (("digital_signature",), [E.TIME_STAMPING], False),
        (("digital_signature",), [E.OCSP_SIGNING, *DOCUMENTS], False),
        (("digital_signature",), [E.CODE_SIGNING], False),
        (("digital_signature", "crl_sign"), None, False),
        (("digital_signature", "key_cert_sign"), None, False),
    ],
    ids=str,
)
def test_only_certificates_to_sign_persons_documents(
    bench: Bench, usages: tuple[str, ...], purposes: list[ObjectIdentifier] | None, accepted: bool
) -> None:
    doctor = person(DOCTOR, at=AT, by=bench.intermediate, usages=usages, purposes=purposes)
    cms = sign(CONTENT, bench.folder, doctor)
    if accepted:
        judge(cms, bench.roots)
    else:
        assert fault(cms, bench.roots) is Kind.USAGE


def test_an_authority_is_no_person(bench: Bench) -> None:
    ca = (x509.BasicConstraints(ca=True, path_length=None), True)
    free = authority("Libre", at=AT, by=bench.provider.root)
    signer = person(DOCTOR, at=AT, by=free, more=(ca,))
    assert fault(sign(CONTENT, bench.folder, signer), bench.roots) is Kind.USAGE


@pytest.mark.parametrize(
    ("since", "until", "kind"), [(1, 300, Kind.NOT_YET_VALID), (-30, -1, Kind.EXPIRED), (-30, 0, Kind.EXPIRED)]
)
def test_judged_at_the_registration(bench: Bench, since: int, until: int, kind: EndorsementFaultKind) -> None:
    """A certificate that ends in the very second of `at` has ended: the registration came a fraction later."""
    doctor = person(DOCTOR, at=AT, by=bench.intermediate, since=timedelta(days=since), until=timedelta(days=until))
    assert fault(sign(CONTENT, bench.folder, doctor), bench.roots) is kind


def test_expired_today_still_proves_the_registration_of_then(bench: Bench, good: bytes) -> None:
    """Nothing here reads a clock: the same bytes give the same verdict in ten years."""
    assert judge(good, bench.roots).valid_until < AT + timedelta(days=301)


def test_chains_that_do_not_lead_there(bench: Bench, good: bytes) -> None:
    root, stranger = bench.provider.root, provider(AT)
    no_authority = authority("Nadie", at=AT, by=root, constraints=x509.BasicConstraints(ca=False, path_length=None))
    no_usage = authority("Sin uso", at=AT, by=root, usages=("digital_signature",))
    below = authority("Demasiado abajo", at=AT, by=bench.intermediate)
    expired = authority("Vencida", at=AT, by=root, until=timedelta(days=-1))
    deep = authority("3", at=AT, by=authority("2", at=AT, by=authority("1", at=AT, by=root)))
    weak_root = authority("Débil", at=AT, key=rsa.generate_private_key(65537, 1024))
    alone = sign(CONTENT, bench.folder, bench.doctor, send=[])
    above_nobody = sign(CONTENT, bench.folder, person(DOCTOR, at=AT, by=no_authority))
    cases = {
        "other bundle": (good, stranger.roots, Kind.CHAIN),
        "no bundle": (good, [], Kind.CHAIN),
        "person's own certificate as bundle": (alone, [bench.doctor.certificate], Kind.CHAIN),
        "intermediate missing": (alone, bench.roots, Kind.CHAIN),
        "no authority as bundle": (above_nobody, [no_authority.certificate], Kind.CHAIN),
    }
    named = {
        "no authority": (no_authority, Kind.CHAIN),
        "no keyCertSign": (no_usage, Kind.CHAIN),
        "path length": (below, Kind.CHAIN),
        "expired authority": (expired, Kind.EXPIRED),
        "five certificates": (deep, Kind.CHAIN),
    }
    for name, (issuer, kind) in named.items():
        cases[name] = (sign(CONTENT, bench.folder, person(DOCTOR, at=AT, by=issuer)), bench.roots, kind)
    weak = sign(CONTENT, bench.folder, person(DOCTOR, at=AT, by=weak_root))
    cases["weak root"] = (weak, [weak_root.certificate], Kind.CHAIN)
    told = {name: fault(cms, roots) for name, (cms, roots, _) in cases.items()}
    assert told == {name: kind for name, (_, _, kind) in cases.items()}


def test_a_root_sent_along_is_not_trusted_and_another_of_the_same_name_neither(bench: Bench, good: bytes) -> None:
    twin = provider(AT)
    whole = (twin.intermediate.certificate, twin.root.certificate)
    forged = sign(CONTENT, bench.folder, person(DOCTOR, at=AT, by=twin.intermediate), send=whole)
    assert judge(forged, twin.roots)
    assert fault(forged, bench.roots) is Kind.CHAIN
    alone = authority("Íñigo Núñez", at=AT)
    assert fault(sign(CONTENT, bench.folder, person(DOCTOR, at=AT, by=alone)), bench.roots) is Kind.CHAIN


def test_a_bundle_may_name_the_authority_of_one_class(bench: Bench, good: bytes) -> None:
    """So a certificate of firma simple under the same root does not pass."""
    bundle = [bench.intermediate.certificate]
    assert judge(good, bundle).root == "CN=Prestador de pruebas: avanzada"
    simple = authority("Prestador de pruebas: simple", at=AT, by=bench.provider.root)
    other = sign(CONTENT, bench.folder, person(DOCTOR, at=AT, by=simple))
    assert judge(other, bench.roots)
    assert fault(other, bundle) is Kind.CHAIN


def test_messages_of_another_form(bench: Bench, good: bytes) -> None:
    doctor, folder = bench.doctor, bench.folder
    second = person(DOCTOR, at=AT, by=bench.intermediate)
    intermediate = bench.intermediate.certificate
    stranger = provider(AT).root.certificate
    crowd = [authority(str(number), at=AT).certificate for number in range(8)]
    made = {
        "attached": (sign(CONTENT, folder, doctor, options=["-nodetach"]), Kind.ATTACHED),
        "two signers": (sign(CONTENT, folder, doctor, second), Kind.SIGNERS),
        "no certificate": (sign(CONTENT, folder, doctor, options=["-nocerts"], send=[]), Kind.NO_CERTIFICATE),
        "no attributes": (sign(CONTENT, folder, doctor, options=["-noattr"]), Kind.ATTRIBUTES),
        "a certificate too many": (sign(CONTENT, folder, doctor, send=[intermediate, stranger]), Kind.UNSIGNED),
        "nine certificates": (sign(CONTENT, folder, doctor, send=crowd), Kind.TOO_LARGE),
        "another content type": (sign(CONTENT, folder, doctor, options=["-econtent_type", "1.2.3.4"]), Kind.UNREADABLE),
        "indefinite lengths": (sign(CONTENT, folder, doctor, options=["-stream", "-indef"]), Kind.UNREADABLE),
        "70 kB": (good + bytes(70_000), Kind.TOO_LARGE),
        "garbage": (b"no es una firma", Kind.UNREADABLE),
        "nothing": (b"", Kind.UNREADABLE),
        "something behind": (good + b"\0", Kind.UNREADABLE),
        "digest twice": (good * 2, Kind.UNREADABLE),
    }
    assert {name: fault(cms, bench.roots) for name, (cms, _) in made.items()} == {
        name: kind for name, (_, kind) in made.items()
    }


def test_root_sent_along_is_no_harm(bench: Bench) -> None:
    whole = (bench.intermediate.certificate, bench.provider.root.certificate)
    judge(sign(CONTENT, bench.folder, bench.doctor, send=whole), bench.roots)


def with_sha1(key: rsa.RSAPrivateKey, by: Holder, folder: Path) -> Holder:
    """A person's certificate signed with SHA-1, which `cryptography` does not make."""
    for name, private in {"persona.key": key, "ca.key": by.key}.items():
        pem = private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        (folder / name).write_bytes(pem)
    (folder / "ca.pem").write_bytes(by.pem)
    command = ["openssl", "req", "-x509", "-new", "-key", "persona.key", "-CA", "ca.pem", "-CAkey", "ca.key", "-sha1"]
    command += ["-subj", "/CN=Persona/serialNumber=12345678-5", "-days", "3000", "-out", "sha1.pem"]
    command += ["-addext", "keyUsage=digitalSignature"]
    subprocess.run(command, check=True, capture_output=True, cwd=folder)
    made = x509.load_pem_x509_certificate((folder / "sha1.pem").read_bytes())
    return Holder(made, key, (by.certificate,))


def test_weak_algorithms_are_refused(bench: Bench) -> None:
    by, folder = bench.intermediate, bench.folder
    small = person(DOCTOR, at=AT, by=by, key=rsa.generate_private_key(65537, 1024))
    curve = person(DOCTOR, at=AT, by=by, key=ec.generate_private_key(ec.SECP521R1()))
    sha224 = person(DOCTOR, at=AT, by=by, digest=hashes.SHA224())
    sha1 = with_sha1(rsa.generate_private_key(65537, 2048), by, folder)
    assert isinstance(sha1.certificate.signature_hash_algorithm, hashes.SHA1)
    weak_middle = authority("Débil", at=AT, by=bench.provider.root, key=rsa.generate_private_key(65537, 1024))
    made = [
        sign(CONTENT, folder, bench.doctor, digest="sha1"),
        sign(CONTENT, folder, bench.doctor, digest="sha224"),
        sign(CONTENT, folder, bench.doctor, digest="sha3-256"),
        *(sign(CONTENT, folder, holder) for holder in (small, curve, sha224, sha1)),
        sign(CONTENT, folder, person(DOCTOR, at=AT, by=weak_middle)),
        sign(CONTENT, folder, bench.doctor, options=(*PSS[:2], "-keyopt", "rsa_pss_saltlen:4")),
        sign(CONTENT, folder, bench.doctor, options=(*PSS, "-keyopt", "rsa_mgf1_md:sha1")),
    ]
    kinds = [fault(cms, bench.roots) for cms in made]
    assert set(kinds[:-1]) == {Kind.WEAK}
    # SHA-1 is what RFC 4055 leaves out, and here nothing may be left out.
    assert kinds[-1] in {Kind.WEAK, Kind.UNREADABLE}


def test_certificate_of_the_same_key_put_in_place_of_the_one_named(bench: Bench, good: bytes) -> None:
    """CAdES names the certificate by its digest: one with the same issuer and serial, and key, does not replace it."""
    first = bench.doctor.certificate
    other = (
        x509.CertificateBuilder(
            first.issuer,
            first.subject,
            first.public_key(),
            first.serial_number,
            first.not_valid_before_utc,
            first.not_valid_after_utc + timedelta(days=1),
            list(first.extensions),
        )
        .sign(bench.intermediate.key, hashes.SHA256())
        .public_bytes(Encoding.DER)
    )
    mine = first.public_bytes(Encoding.DER)
    assert len(mine) == len(other)
    # The set of certificates is ordered: put back in order where the replacement changed it.
    replaced = good.replace(mine, other)
    assert replaced != good
    assert fault(replaced, bench.roots) in {Kind.CERTIFICATE_NAMED, Kind.UNREADABLE}


@pytest.mark.parametrize("options", [("-cades",), ("-keyid",)])
def test_every_flipped_byte_is_refused(bench: Bench, options: tuple[str, ...]) -> None:
    """Also those that the signature does not cover: they have one form, or are refused.

    The certificate's own signature ends in a zero bit: DER would let that bit be called unused.
    """
    doctor = person(DOCTOR, at=AT, by=bench.intermediate)
    while doctor.certificate.signature[-1] & 1:
        doctor = person(DOCTOR, at=AT, by=bench.intermediate)
    whole = (bench.intermediate.certificate, bench.provider.root.certificate)
    cms = sign(CONTENT, bench.folder, doctor, options=options, send=whole)
    judge(cms, bench.roots)
    accepted, kinds = [], set()
    for position in range(len(cms)):
        for mask in (1 << position % 8, 0xFF):
            flipped = bytearray(cms)
            flipped[position] ^= mask
            try:
                judge(bytes(flipped), bench.roots)
            except EndorsementFault as refused:
                kinds.add(refused.kind)
            else:
                accepted.append((position, mask))
    assert accepted == []
    assert len(kinds) >= 6


def test_truncated_is_refused(bench: Bench, good: bytes) -> None:
    for cut in range(0, len(good), 7):
        with pytest.raises(EndorsementFault):
            judge(good[:cut], bench.roots)


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    edits=st.lists(st.tuples(st.integers(0, 10_000), st.binary(max_size=6), st.integers(0, 6)), max_size=5),
    behind=st.binary(max_size=8),
)
def test_never_another_exception(bench: Bench, good: bytes, edits: list[tuple[int, bytes, int]], behind: bytes) -> None:
    changed = good
    for position, put, dropped in edits:
        at = position % (len(changed) + 1)
        changed = changed[:at] + put + changed[at + dropped :]
    changed += behind
    try:
        judge(changed, bench.roots)
    except EndorsementFault:
        return
    assert changed == good


@settings(max_examples=200, deadline=None)
@given(data=st.binary(max_size=400))
def test_garbage_is_refused(data: bytes) -> None:
    with pytest.raises(EndorsementFault):
        judge(data, [])


def test_texts_are_printable_and_short(bench: Bench) -> None:
    name = "Doctora\x1b[2J\u202e" + "x" * 50
    signer = authority(name, at=AT, by=bench.provider.root, usages=AUTHORITY_USAGE)
    told = judge(sign(CONTENT, bench.folder, person(DOCTOR, at=AT, by=signer)), bench.roots)
    assert told.issuer.isprintable()
    assert len(told.issuer) <= 200


def test_what_the_signature_does_not_cover_may_not_be_added(bench: Bench, good: bytes) -> None:
    def changed(edit: Callable[[cms_shapes._SignedData], None]) -> bytes:
        read = asn1.decode_der(cms_shapes._ContentInfo, good)
        edit(read.content)
        return asn1.encode_der(read)

    null = asn1.decode_der(asn1.TLV, b"\x05\x00")
    attribute = cms_shapes._Attribute(type=ObjectIdentifier("1.2.3.4"), values=asn1.SetOf([null]))

    def with_unsigned(data: cms_shapes._SignedData) -> None:
        data.signers.as_list()[0].unsigned = asn1.SetOf([attribute])

    def with_crl(data: cms_shapes._SignedData) -> None:
        data.crls = asn1.SetOf([null])

    assert changed(lambda _: None) == good
    assert fault(changed(with_unsigned), bench.roots) is Kind.UNSIGNED
    assert fault(changed(with_crl), bench.roots) is Kind.UNSIGNED


def test_certificates_in_another_order_are_refused(bench: Bench, good: bytes) -> None:
    both = [each.public_bytes(Encoding.DER) for each in (bench.doctor.certificate, bench.intermediate.certificate)]
    there = next(pair for pair in (both, both[::-1]) if b"".join(pair) in good)
    assert fault(good.replace(b"".join(there), b"".join(there[::-1])), bench.roots) is Kind.UNREADABLE
