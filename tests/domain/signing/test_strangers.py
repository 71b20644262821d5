"""Programs that are not ours accept what we signed, and refuse it once changed (formats v1, 'The signed document')."""

import subprocess
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from lme_operator.domain.signing import Signer
from tests.domain.signing.conftest import AT, AUTHORISATION, DOCTOR, THUMBPRINT

SLOTS = {
    "firma del profesional": ("ZONA_A", "ZONA_AF", "4/4"),
    "sello": ("ZONA_0", "ZONA_0F", "3/3"),
}
LME = "urn:www:lme:gov:cl:lme"


def xmlsec1(document: Path, authority: Path, zone: str, slot: str) -> subprocess.CompletedProcess[str]:
    steps = ("LME", zone, slot, "firma")
    path = "".join(f"/*[local-name()='{step}']" for step in steps) + "/*[local-name()='Signature']"
    return subprocess.run(
        [
            *("xmlsec1", "--verify", "--trusted-pem", str(authority), "--enabled-key-data", "x509"),
            *("--verification-gmt-time", f"{AT:%Y-%m-%d %H:%M:%S}"),
            *("--id-attr:Id", "http://uri.etsi.org/01903/v1.3.2#:SignedProperties"),
            *("--id-attr:id", f"{LME}:ZONA_A", "--id-attr:id", f"{LME}:ZONA_01"),
            *("--node-xpath", path, str(document)),
        ],
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.needs("xmlsec1")
@pytest.mark.parametrize("name", SLOTS)
def test_xmlsec1_verifies(signed: bytes, key_folder: Path, tmp_path: Path, name: str) -> None:
    zone, slot, references = SLOTS[name]
    document = tmp_path / "documento.xml"
    document.write_bytes(signed)
    said = xmlsec1(document, key_folder / "ca.crt.pem", zone, slot)
    assert said.returncode == 0, said.stderr
    assert f"SignedInfo References (ok/all): {references}" in said.stderr + said.stdout


@pytest.mark.needs("xmlsec1")
@pytest.mark.parametrize("name", SLOTS)
def test_xmlsec1_refuses_a_changed_document(signed: bytes, key_folder: Path, tmp_path: Path, name: str) -> None:
    zone, slot, _ = SLOTS[name]
    document = tmp_path / "documento.xml"
    document.write_bytes(signed.replace(b"<tra_ndias>5<", b"<tra_ndias>9<"))
    assert xmlsec1(document, key_folder / "ca.crt.pem", zone, slot).returncode != 0


def openssl(certificate: Path, authority: Path, at: datetime) -> int:
    command = ["openssl", "verify", "-CAfile", str(authority), "-attime", str(int(at.timestamp())), str(certificate)]
    return subprocess.run(command, capture_output=True, check=False).returncode


@pytest.mark.needs("openssl")
def test_openssl_verifies_both_certificates(signer: Signer, prepared: bytes, key_folder: Path, tmp_path: Path) -> None:
    result = signer.sign(
        prepared, run=DOCTOR, authorisation=AUTHORISATION, key_thumbprint=THUMBPRINT, context="individual", at=AT
    )
    names = ("profesional", "sello", "autoridad")
    for name, certificate in zip(names, x509.load_pem_x509_certificates(result.certificates_pem), strict=True):
        (tmp_path / f"{name}.pem").write_bytes(certificate.public_bytes(Encoding.PEM))
    authority = key_folder / "ca.crt.pem"
    for name in names:
        assert openssl(tmp_path / f"{name}.pem", authority, AT) == 0
    assert openssl(tmp_path / "profesional.pem", authority, AT + timedelta(minutes=11)) != 0
    assert openssl(tmp_path / "profesional.pem", tmp_path / "sello.pem", AT) != 0


@pytest.mark.needs("openssl")
def test_serial_is_openssls(signer: Signer, prepared: bytes, tmp_path: Path) -> None:
    result = signer.sign(
        prepared, run=DOCTOR, authorisation=AUTHORISATION, key_thumbprint=None, context="individual", at=AT
    )
    path = tmp_path / "certificados.pem"
    path.write_bytes(result.certificates_pem)
    said = subprocess.run(
        ["openssl", "x509", "-in", str(path), "-noout", "-serial"], capture_output=True, text=True, check=True
    )
    assert said.stdout.strip() == f"serial={result.serial}"
