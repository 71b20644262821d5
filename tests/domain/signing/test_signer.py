"""From a prepared document to a signed one, and back."""

import statistics
import time
import unicodedata
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from lme_operator.core.canonical import sha256
from lme_operator.core.refusal import Fault
from lme_operator.core.run import Run
from lme_operator.domain.licences.order import Person
from lme_operator.domain.signing import (
    FaultKind,
    SignatureFault,
    SignatureTrust,
    Signer,
    cut_signatures,
    verify_document,
)
from tests.domain.signing.conftest import AT, AUTHORISATION, DOCTOR, ISSUER, THUMBPRINT, render

LETTERS = st.characters(categories=("Lu", "Ll", "Zs"), include_characters="'&<>\"-ñÑáéíóúü.", max_codepoint=0x24F)
NAMES = st.text(LETTERS, min_size=1, max_size=60)


def sign(signer: Signer, prepared: bytes, **changes: object) -> bytes:
    act = {"run": DOCTOR, "authorisation": AUTHORISATION, "key_thumbprint": THUMBPRINT, "context": "individual"}
    return signer.sign(prepared, **(act | {"at": AT} | changes)).document  # type: ignore[arg-type]


@pytest.mark.norm("N-2.4b", "N-2.6c")
def test_signed_document_says_who_what_and_when(signer: Signer, prepared: bytes) -> None:
    result = signer.sign(
        prepared, run=DOCTOR, authorisation=AUTHORISATION, key_thumbprint=THUMBPRINT, context="individual", at=AT
    )
    said = verify_document(result.document, trust=signer.trust, instant=AT)
    assert (said.run, said.folio, said.signing_time) == (DOCTOR, "1181597-9", AT)
    assert said.authorisation_digest == sha256(AUTHORISATION)
    assert (said.key_thumbprint, said.context) == (THUMBPRINT, "individual")
    assert said.prepared_digest == sha256(prepared)
    assert said.certificate_serial == result.serial
    assert len(x509.load_pem_x509_certificates(result.certificates_pem)) == 3


def test_totp_has_no_thumbprint(signer: Signer, prepared: bytes) -> None:
    document = sign(signer, prepared, key_thumbprint=None)
    assert verify_document(document, trust=signer.trust).key_thumbprint is None


def test_cutting_gives_back_the_prepared_bytes(signed: bytes, prepared: bytes) -> None:
    assert cut_signatures(signed) == prepared


def test_trust_from_pem_certificates(signer: Signer, signed: bytes, key_folder: Path) -> None:
    trust = SignatureTrust.of_pem(
        authorities=[(key_folder / "ca.crt.pem").read_bytes()], seals=[(key_folder / "sello.crt.pem").read_bytes()]
    )
    assert trust == signer.trust
    assert verify_document(signed, trust=trust).run == DOCTOR


def test_each_signature_has_its_own_key(signer: Signer, prepared: bytes) -> None:
    serials = {
        signer.sign(
            prepared, run=DOCTOR, authorisation=b"{}", key_thumbprint=None, context="individual", at=AT
        ).certificates_pem
        for _ in range(5)
    }
    assert len(serials) == 5


def test_run_of_another_is_not_handed_out(signer: Signer, prepared: bytes) -> None:
    with pytest.raises(Fault, match="firma_no_verificada"):
        sign(signer, prepared, run=Run(7654321))


def test_prepared_document_that_is_not_exact_is_refused(signer: Signer, prepared: bytes, signed: bytes) -> None:
    for wrong, kind in (
        (prepared + b"\n", FaultKind.NOT_EXACT),
        (signed, FaultKind.SLOTS),
        (prepared.replace(b'id="ZA"', b'id="ZB"'), FaultKind.REFERENCES),
        (prepared.replace(b'id="Z01"', b'id="ZA"'), FaultKind.REPEATED_ID),
        (prepared.replace(b"<ZONA_A1>", b"<!-- x --><ZONA_A1>"), FaultKind.FORBIDDEN),
        (b"x" * 300_000, FaultKind.TOO_LARGE),
    ):
        with pytest.raises(SignatureFault) as caught:
            sign(signer, wrong)
        assert caught.value.kind is kind


def test_judged_at_the_entrys_instant(signer: Signer, signed: bytes) -> None:
    assert verify_document(signed, trust=signer.trust, instant=AT + timedelta(minutes=9)).run == DOCTOR
    for instant in (AT - timedelta(microseconds=1), AT + timedelta(minutes=11)):
        with pytest.raises(SignatureFault) as caught:
            verify_document(signed, trust=signer.trust, instant=instant)
        assert caught.value.kind is FaultKind.TIME


def test_every_fault_has_words() -> None:
    assert all(kind.words.endswith(".") for kind in FaultKind)


@settings(max_examples=60, deadline=None)
@given(given_names=NAMES, paternal=NAMES, maternal=st.none() | NAMES, diagnosis=NAMES)
def test_any_name_signs_and_verifies(
    signer: Signer, given_names: str, paternal: str, maternal: str | None, diagnosis: str
) -> None:
    worker = Person(Run(11111111), given_names, paternal, maternal, date(1985, 3, 14), "M")
    issuer = replace(ISSUER, given_names=given_names, paternal_surname=paternal, maternal_surname=maternal)
    prepared = render(worker=worker, issuer=issuer)
    document = sign(signer, prepared)
    assert cut_signatures(document) == prepared
    said = etree.fromstring(document).findtext(".//{*}profesional/{*}apellido_paterno")
    assert said == unicodedata.normalize("NFC", paternal)


def test_many_threads_at_once(signer: Signer, prepared: bytes) -> None:
    with ThreadPoolExecutor(8) as pool:
        documents = list(pool.map(lambda _: sign(signer, prepared), range(64)))
    assert {cut_signatures(document) for document in documents} == {prepared}
    assert len(set(documents)) == 64


def test_medians_are_printed(signer: Signer, prepared: bytes, signed: bytes) -> None:
    def median(act: object, times: int = 60) -> float:
        taken = []
        for _ in range(times):
            start = time.perf_counter()
            act()  # type: ignore[operator]
            taken.append(time.perf_counter() - start)
        return statistics.median(taken) * 1000

    whole = median(lambda: sign(signer, prepared))
    verified = median(lambda: verify_document(signed, trust=signer.trust, instant=AT))
    print(f"firmar, sellar y verificar {whole:.2f} ms; verificar {verified:.2f} ms; {len(signed)} bytes")  # noqa: T201
