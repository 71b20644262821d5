"""Evidence files: one byte form, and every changed byte of every member is refused and named (N-2.4a, N-2.4b)."""

import io
import subprocess
import zipfile
from collections.abc import Mapping
from pathlib import Path

import pytest

from lme_operator.core.canonical import decode, encode
from lme_operator.domain.audit import (
    EvidenceFault,
    Standing,
    build,
    check_manifests,
    check_receipts,
    manifest,
    open_strict,
    receipt_name,
)
from tests.factories.log import Key, evidence_file, evidence_members, trust_in

KEY = Key(1)
TRUST = trust_in(KEY.trusted())
FILE = evidence_file(KEY)
MEMBERS = open_strict(FILE)


def outcome(members: Mapping[str, bytes]) -> tuple[str | None, set[Standing]]:
    """The member that is refused, or what the receipts are worth."""
    try:
        check_manifests(members)
        return None, {entry.standing for entry in check_receipts(members, TRUST)}
    except EvidenceFault as fault:
        return fault.member, set()


def check(members: Mapping[str, bytes]) -> None:
    check_manifests(members)
    check_receipts(members, TRUST)


def flipped(data: bytes, position: int, bit: int) -> bytes:
    return data[:position] + bytes([data[position] ^ bit]) + data[position + 1 :]


@pytest.mark.norm("N-2.4a", "N-2.4b")
def test_a_true_file_holds() -> None:
    assert build(MEMBERS) == FILE
    assert check_manifests(MEMBERS) == 2
    entries = check_receipts(MEMBERS, TRUST)
    assert [entry.index for entry in entries] == [5, 6]
    assert list(MEMBERS) == [
        "LEAME.txt",
        "v1/documento.xml",
        "v1/manifiesto.json",
        "v1/origen.json",
        "v1/recibo.json",
        "v2/manifiesto.json",
        "v2/recibo.json",
        "v2/sello_de_tiempo.tsr",
    ]


def test_any_zip_program_opens_it(tmp_path: Path) -> None:
    with zipfile.ZipFile(io.BytesIO(FILE)) as archive:
        assert archive.testzip() is None
        assert {info.filename: archive.read(info) for info in archive.infolist()} == MEMBERS
        assert all((info.create_system, info.external_attr, info.extra) == (0, 0, b"") for info in archive.infolist())


@pytest.mark.needs("unzip")
def test_unzip_opens_it(tmp_path: Path) -> None:
    (tmp_path / "evidencia.zip").write_bytes(FILE)
    subprocess.run(["unzip", "-t", "evidencia.zip"], cwd=tmp_path, check=True, capture_output=True)


@pytest.mark.norm("N-2.4a", "N-2.4b")
def test_every_flipped_bit_of_the_container_is_refused_and_named() -> None:
    where = {name: FILE.index(content, FILE.index(name.encode())) for name, content in MEMBERS.items()}
    for position in range(len(FILE)):
        inside = [name for name, start in where.items() if start <= position < start + len(MEMBERS[name])]
        for bit in range(8):
            with pytest.raises(EvidenceFault) as fault:
                open_strict(flipped(FILE, position, 1 << bit))
            if inside:
                assert fault.value.member == inside[0]
            assert fault.value.member in {*MEMBERS, "contenedor"}


@pytest.mark.norm("N-2.4a", "N-2.4b")
@pytest.mark.parametrize("name", MEMBERS)
def test_every_flipped_byte_of_a_member_is_named_behind_a_mended_container(name: str) -> None:
    """The forger knows zip: he writes the container again, with the right checksums."""
    for position in range(len(MEMBERS[name])):
        for bit in (0x01, 0x20):
            members = open_strict(build({**MEMBERS, name: flipped(MEMBERS[name], position, bit)}))
            named, standings = outcome(members)
            if named is None:
                # Only whose signature it is can be changed without a fault: into somebody whom nobody knows.
                assert name in (receipt_name(1), receipt_name(2))
                assert Standing.UNKNOWN in standings
            else:
                assert named == name


@pytest.mark.parametrize("name", MEMBERS)
def test_a_member_taken_out_is_named(name: str) -> None:
    members = {member: content for member, content in MEMBERS.items() if member != name}
    if name == "LEAME.txt":
        with pytest.raises(ValueError, match="not an evidence file"):
            build(members)
    with pytest.raises(EvidenceFault) as fault:
        check(members)
    assert fault.value.member == name


def test_a_member_put_in_is_named() -> None:
    for name in ("v1/otro.json", "v2/otro.json"):
        with pytest.raises(EvidenceFault) as fault:
            check({**MEMBERS, name: b"{}"})
        assert fault.value.member == name


def test_a_version_left_out_is_named() -> None:
    members = {name.replace("v2/", "v3/"): content for name, content in MEMBERS.items()}
    with pytest.raises(EvidenceFault) as fault:
        check(members)
    assert fault.value.member == "v2/manifiesto.json"


def test_a_forger_who_mends_the_manifest_too_stops_at_the_receipt() -> None:
    members = {**MEMBERS, "v1/documento.xml": b"<lme/>"}
    members["v1/manifiesto.json"] = manifest(members, version=1)
    with pytest.raises(EvidenceFault) as fault:
        check(members)
    assert (fault.value.member, fault.value.kind) == ("v1/recibo.json", "manifiesto")


def test_versions_in_the_wrong_order_are_refused() -> None:
    swapped = evidence_members(KEY)
    first, second = decode(swapped["v1/recibo.json"]), decode(swapped["v2/recibo.json"])
    assert first["indice"] < second["indice"]
    members = {**swapped, "v1/recibo.json": swapped["v2/recibo.json"]}
    with pytest.raises(EvidenceFault) as fault:
        check(members)
    assert fault.value.member == "v1/recibo.json"


@pytest.mark.parametrize("receipt", [b"", b"{}", b"[]", encode({"divulgaciones": [1]}), encode({"divulgaciones": 1})])
def test_a_receipt_without_the_manifests_digest_is_named(receipt: bytes) -> None:
    with pytest.raises(EvidenceFault) as fault:
        check_manifests({**MEMBERS, "v1/recibo.json": receipt})
    assert (fault.value.member, fault.value.kind) == ("v1/recibo.json", "no_canonico")


@pytest.mark.parametrize("data", [b"", b"PK", FILE[:-1], FILE + b"\0", b"\0" + FILE, FILE[:100], FILE * 2])
def test_what_is_not_exactly_one_container_is_refused(data: bytes) -> None:
    with pytest.raises(EvidenceFault):
        open_strict(data)


@pytest.mark.parametrize(
    "name", ["x", "v0/a.json", "v01/a.json", "v1/a", "v1/../a.json", "v1/A.json", "v1/a.json/", "/v1/a.json", "v1//a.b"]
)
def test_a_name_out_of_form_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="not a member"):
        build({"LEAME.txt": b"", name: b""})


def test_other_zips_of_the_same_members_are_refused() -> None:
    for method, date in ((zipfile.ZIP_DEFLATED, (1980, 1, 1, 0, 0, 0)), (zipfile.ZIP_STORED, (2026, 4, 20, 0, 0, 0))):
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w", method) as archive:
            for name, content in MEMBERS.items():
                archive.writestr(zipfile.ZipInfo(name, date), content)
        with pytest.raises(EvidenceFault):
            open_strict(out.getvalue())
