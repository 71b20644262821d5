"""The verdict on an evidence file: valid offline, and no changed byte of any member passes."""

import json
import os
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from lme_operator.core.canonical import decode, encode, to_base64url
from lme_operator.core.database import Database, Deadline
from lme_operator.core.thumbprint import to_words
from lme_operator.domain.audit import MANIFEST_DATUM, KeyEnd, KeyRole, build, digest_of, manifest, open_strict
from lme_operator.domain.exports import Overall, Proof, Verdict, judge_evidence
from lme_operator.domain.exports.author import BY_KEY
from lme_operator.domain.exports.lines import STRANGER
from lme_operator.domain.exports.scale import Topic
from lme_operator.domain.issuance import LICENCE_ISSUED, WebauthnAuthorisation
from tests.factories.authenticator import SoftwareAuthenticator
from tests.factories.stage import Stage

OTHER = to_base64url(bytes(32))
FOUR_PARTS = (Topic.CERTIFICATION, Topic.EVENTS, Topic.CONTENT, Topic.CHECKING)


@pytest.fixture
def stage(database: Database, tmp_path: Path) -> Stage:
    return Stage(database, tmp_path)


@pytest.fixture
def file(stage: Stage) -> bytes:
    """The evidence file of a licence authorised by the professional's device."""
    return signed_by_device(stage)


def signed_by_device(stage: Stage) -> bytes:
    device = SoftwareAuthenticator()
    session = stage.register(stage.doctor(), device)
    prepared = stage.prepare(session)
    issued = stage.issue(session, prepared.id, WebauthnAuthorisation(device.sign(prepared.digest)))
    return stage.evidence(session, issued.id)


def answers(verdict: Verdict) -> Mapping[str, str]:
    return {line.topic: line.answer for line in verdict.lines}


@pytest.mark.norm("N-2.4a", "N-2.4b", "N-2.6c")
def test_licence_signed_by_device_is_valid_by_the_operators_word(stage: Stage, file: bytes) -> None:
    verdict = judge_evidence(file, stage.trust)
    assert verdict.overall is Overall.BY_OPERATOR
    assert answers(verdict)["firma del profesional"] == BY_KEY
    assert answers(verdict)["autor"].startswith("llave que el operador registró como del profesional, huella ")
    assert answers(verdict)["tiempo"].startswith("pendiente")
    assert "atestación pendiente" in answers(verdict)["registro"]
    said_by = {line.topic.value: verdict.proof(line) for line in verdict.lines}
    assert said_by["firma del profesional"] is Proof.DEVICE
    assert said_by["autor"] is said_by["RNPI"] is said_by["sello"] is said_by["registro"] is Proof.OPERATOR
    assert said_by["certificación del profesional y del paciente"] is Proof.PROFESSIONAL


@pytest.mark.norm("N-2.4a")
def test_without_trust_file_the_origin_is_not_told(file: bytes) -> None:
    verdict = judge_evidence(file, None)
    assert verdict.overall.exit_code == 3
    assert "origen no comprobado" in answers(verdict)["origen"]


def test_keys_that_the_trust_file_does_not_name_leave_it_undecided(stage: Stage, file: bytes, tmp_path: Path) -> None:
    """Another log key, seal or authority may be a later one of the same operator: it is no forgery, and no proof."""
    other = Stage(stage.database, tmp_path / "otro").trust
    for role in (KeyRole.LOG, KeyRole.SEAL, KeyRole.CA):
        keys = (*(key for key in stage.trust.keys if key.role is not role), *other.keys_of(role))
        verdict = judge_evidence(file, replace(stage.trust, keys=keys))
        assert verdict.overall is Overall.INDETERMINATE, role
        assert any(line.answer.endswith(STRANGER) for line in verdict.lines if line.sound is None), role
    assert judge_evidence(file, other).overall is Overall.INDETERMINATE


def test_a_log_of_another_name_is_refused(stage: Stage, file: bytes) -> None:
    assert judge_evidence(file, replace(stage.trust, origin="otro.example/registro")).overall is Overall.INVALID


def test_a_seal_whose_range_ended_is_refused(stage: Stage, file: bytes) -> None:
    ended = [
        replace(key, until_index=0, end=KeyEnd.ROTATION) if key.role is KeyRole.SEAL else key
        for key in stage.trust.keys
    ]
    assert judge_evidence(file, replace(stage.trust, keys=tuple(ended))).overall is Overall.INVALID


@pytest.mark.norm("N-2.4a", "N-2.6c")
def test_no_flipped_byte_of_the_file_is_accepted(stage: Stage, file: bytes) -> None:
    """Every byte of the container, one bit turned: refused, and the member (or the container) named."""
    names = {*open_strict(file), "contenedor"}
    for at in range(len(file)):
        verdict = judge_evidence(file[:at] + bytes([file[at] ^ 1]) + file[at + 1 :], stage.trust)
        assert verdict.overall.exit_code == 5, at
        assert any(name in verdict.lines[0].answer for name in names), at


@pytest.mark.norm("N-2.4a", "N-2.6c")
def test_no_flipped_byte_of_a_member_is_accepted_in_a_rebuilt_container(stage: Stage, file: bytes) -> None:
    """Whoever rebuilds the zip around a changed member is caught by manifest, receipt or signature, by name.

    Who signed the checkpoint can be changed into somebody unknown: then nothing is told of it.
    """
    members = open_strict(file)
    for name, content in members.items():
        for at in range(len(content)):
            changed = content[:at] + bytes([content[at] ^ 1]) + content[at + 1 :]
            verdict = judge_evidence(build({**members, name: changed}), stage.trust)
            if verdict.overall is Overall.INDETERMINATE:
                assert name == "v1/recibo.json", at
                assert answers(verdict)["origen"].endswith(STRANGER), (at, verdict.lines)
                continue
            assert verdict.overall.exit_code == 5, (name, at)
            assert name in verdict.lines[0].answer, (name, at, verdict.lines)


@pytest.mark.norm("N-2.4b")
@pytest.mark.parametrize(
    ("part", "named"),
    [
        ("documento.xml", "certificación del profesional y del paciente"),
        ("documento.xml", "contenido de los mensajes"),
        ("autorizacion.json", "certificación del profesional y del paciente"),
        ("facultades.json", "novedades"),
        ("origen.json", "novedades"),
        ("certificados.pem", "cotejo posterior"),
    ],
)
def test_file_without_one_of_its_parts_is_undecided(stage: Stage, file: bytes, part: str, named: str) -> None:
    """An operator who logged a licence without one of its parts: everything is signed and consistent, and lacks it."""
    name = f"v1/{part}"
    members = {key: value for key, value in open_strict(file).items() if key != name}
    del members["v1/recibo.json"]
    members["v1/manifiesto.json"] = manifest(members)
    said = disclosed(file) | {MANIFEST_DATUM: digest_of(members["v1/manifiesto.json"])}
    with stage.database.unit_of_work(deadline=Deadline(5)) as work:
        entry = stage.log.append(work, kind=LICENCE_ISSUED, actor=said.pop("actor"), data=said)
    with stage.database.reading(deadline=Deadline(5)) as connection:
        members["v1/recibo.json"] = encode(stage.log.receipt(connection, entry))
    verdict = judge_evidence(build(members), stage.trust)
    assert verdict.overall is Overall.INDETERMINATE
    assert verdict.lines[0].answer == f"falta {name}"
    assert {line.topic: line.answer for line in verdict.lines if line.sound is None}[Topic(named)].startswith("falta")
    assert len([line for line in verdict.lines if line.topic in FOUR_PARTS]) == 4


def disclosed(file: bytes) -> dict[str, Any]:
    receipt = decode(open_strict(file)["v1/recibo.json"])
    return {name: value for _, name, value in receipt["divulgaciones"]}


def test_members_of_two_licences_do_not_mix(stage: Stage, file: bytes) -> None:
    """Each member is sound on its own; together they tell two stories."""
    session = stage.enter()
    other = open_strict(stage.evidence(session, stage.issue(session, stage.prepare(session).id).id))
    mine = open_strict(file)
    for name in mine:
        if name != "LEAME.txt":
            assert judge_evidence(build({**mine, name: other[name]}), stage.trust).overall.exit_code == 5, name


@pytest.mark.norm("N-2.6c")
def test_a_receipt_by_itself_is_judged(stage: Stage, file: bytes) -> None:
    """What a doctor keeps of his key is judged alone, and tells whether it is the key on his paper."""
    registered = decode(open_strict(file)["v1/autorizacion.json"])["llave"]["registro"]
    thumbprint = {name: value for _, name, value in registered["divulgaciones"]}["huella"]
    verdict = judge_evidence(encode(registered), stage.trust, keys=(to_words(thumbprint),))
    assert verdict.overall is Overall.BY_OPERATOR
    assert answers(verdict)["entrada"].startswith("llave_registrada, 20-04-2026 ")
    assert f"huella: {thumbprint}" in answers(verdict)["entrada"]
    assert answers(verdict)["autor"] == "la llave de este recibo es la que usted indicó"
    assert answers(verdict)["versión"].startswith("es de una sola entrada; puede haber posteriores: pídalas a ")
    assert judge_evidence(encode(registered), stage.trust, keys=(OTHER,)).overall is Overall.INDETERMINATE
    assert judge_evidence(encode(registered), None).overall is Overall.INDETERMINATE
    changed = encode(registered).replace(b"15000001-7", b"15000002-5")
    assert judge_evidence(changed, stage.trust).overall is Overall.INVALID


@pytest.mark.norm("N-2.6c")
def test_a_receipt_by_itself_says_how_much_it_does_not_show(stage: Stage, file: bytes) -> None:
    receipt = decode(open_strict(file)["v1/recibo.json"])
    assert "no muestra" not in answers(judge_evidence(encode(receipt), stage.trust))["entrada"]
    masked = encode({**receipt, "divulgaciones": receipt["divulgaciones"][:3]})
    told = answers(judge_evidence(masked, stage.trust))["entrada"]
    assert f"datos que no muestra: {len(receipt['divulgaciones']) - 3}" in told


def test_what_people_take_for_evidence_is_told_as_what_it_is(stage: Stage, file: bytes) -> None:
    receipt = open_strict(file)["v1/recibo.json"]
    told = {
        b"": "vacío",
        b"%PDF-1.7 formulario": "es un PDF",
        json.dumps(json.loads(receipt), indent=2).encode(): "se guardó con otro programa",
    }
    for content, words in told.items():
        verdict = judge_evidence(content, stage.trust)
        assert verdict.overall is Overall.INVALID
        assert words in answers(verdict)["integridad"]
    assert judge_evidence(receipt + b"\r\n", stage.trust).overall is Overall.BY_OPERATOR


@pytest.mark.parametrize("junk", [b"", b"PK", os.urandom(2000), b"PK\x05\x06" + bytes(18), encode({"a": 1})])
def test_what_is_not_an_evidence_file_is_refused(stage: Stage, junk: bytes) -> None:
    assert judge_evidence(junk, stage.trust).overall.exit_code == 5


@pytest.mark.needs("xmlsec1", "openssl")
@pytest.mark.norm("N-2.6c")
def test_programs_that_we_did_not_write_accept_what_we_signed(stage: Stage, file: bytes, tmp_path: Path) -> None:
    members = open_strict(file)
    for name, content in (("d.xml", members["v1/documento.xml"]), ("chain.pem", members["v1/certificados.pem"])):
        (tmp_path / name).write_bytes(content)
    professional, seal, authority = x509.load_pem_x509_certificates(members["v1/certificados.pem"])
    for name, certificate in (("p.pem", professional), ("s.pem", seal), ("ca.pem", authority)):
        (tmp_path / name).write_bytes(certificate.public_bytes(Encoding.PEM))
    at = professional.not_valid_before_utc
    instant = stage.database.clock()
    for leaf in ("p.pem", "s.pem"):
        run(tmp_path, "openssl", "verify", "-CAfile", "ca.pem", "-attime", str(int(instant.timestamp())), leaf)
    assert at <= instant
    lme = "urn:www:lme:gov:cl:lme"
    for zone in ("ZONA_A", "ZONA_0"):
        run(
            tmp_path, "xmlsec1", "--verify", "--trusted-pem", "ca.pem", "--enabled-key-data", "x509",
            "--verification-gmt-time", instant.strftime("%Y-%m-%d %H:%M:%S"),
            "--id-attr:Id", "http://uri.etsi.org/01903/v1.3.2#:SignedProperties",
            "--id-attr:id", f"{lme}:ZONA_A", "--id-attr:id", f"{lme}:ZONA_01",
            "--node-xpath", f"//*[local-name()='{zone}']//*[local-name()='Signature']", "d.xml",
        )  # fmt: skip


def run(folder: Path, program: str, *arguments: str) -> None:
    ran = subprocess.run(
        [str(shutil.which(program)), *arguments], cwd=folder, capture_output=True, text=True, timeout=30, check=False
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
