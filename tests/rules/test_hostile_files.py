"""Hostile evidence and trust files: one verdict, nothing raised, nothing printed that a terminal obeys."""

import base64
import io
import json
import shutil
import subprocess
import zipfile
import zlib
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from cryptography import x509

from lme_operator.core.canonical import Json, NotCanonical, decode, encode, sha256, to_base64url
from lme_operator.core.run import Run
from lme_operator.domain.audit import KeyRole, TrustFile, container, manifest, manifest_name, receipt_name
from lme_operator.domain.audit.receipt import verify_receipt
from lme_operator.domain.exports import Overall, Verdict
from lme_operator.domain.exports.authorisation import AuthorisationFault, judge_authorisation
from lme_operator.domain.exports.lines import STRANGER, printable
from lme_operator.domain.exports.scale import Topic
from lme_operator.domain.exports.verdict import Reader, judge_whole
from lme_operator.domain.rnpi.reading import NotJson, NotKnown, read_registration
from lme_operator.domain.signing import SignatureTrust, verify_document
from lme_operator.entrypoints.cli.verify import verify
from tests.factories.forger import Forger
from tests.factories.hostile import (
    BY_DEVICE,
    CONSULTATION,
    DEEP,
    DOSSIER,
    EXCUSED,
    FILES,
    HIDDEN_MARKS,
    KEY,
    LICENCE,
    MARKS,
    again,
    hostile_containers,
    hostile_contents,
    hostile_members,
    hostile_values,
    members_of,
    raw,
    trust_of,
)
from tests.factories.log import Key
from tests.factories.mutants import logged, pack

TOO_LARGE = "ilegible: el contenedor tiene más miembros o más bytes, en uno o en todos, que un archivo de evidencia"
STRUCTURE = "ilegible o alterado: contenedor (estructura)"
ZIPPED_AGAIN = "no es el archivo que se entregó (el contenedor se volvió a comprimir): descárguelo de nuevo"
ESCAPES = "\x1b[2J\x1b[1;1H\r\nVeredicto: válida\u2028\u202e\u2066\x9b1m\x07\u200b\ue000\nVeredicto: válida\n"


def judge(file: bytes, trust: TrustFile | None) -> Verdict:
    """The verdict, without the net under it: what raises is seen."""
    return judge_whole(file, Reader(trust))


def integrity(verdict: Verdict) -> str:
    return next(line.answer for line in verdict.lines if line.topic is Topic.INTEGRITY)


# What a terminal shows (A5)


def shown(tmp_path: Path, file: bytes, trust: TrustFile | None, *arguments: str) -> str:
    evidence, known = tmp_path / "evidencia.zip", tmp_path / "confianza.json"
    evidence.write_bytes(file)
    if trust is not None:
        known.write_bytes(trust.render())
        arguments = ("--confianza", str(known), *arguments)
    result = CliRunner().invoke(verify, [str(evidence), *arguments])
    assert result.exit_code in (3, 5), result.output
    return result.output


def told_otherwise(name: str, value: Json) -> Callable[[Json], Json]:
    """An entry that has `value` as its field or datum of that name."""

    def entry(parts: Json) -> Json:
        told, disclosures = parts
        told = {**told, name: value} if name in told and name != "actor" else told
        return told, [[salt, datum, value if datum == name else said] for salt, datum, said in disclosures]

    return entry


def speaking_files() -> dict[str, bytes]:
    """Files with words of the hostile hand wherever an answer might repeat them."""
    listed = {**decode(manifest(members_of(LICENCE))), ESCAPES: "x"}
    powers = decode(members_of(LICENCE)["v1/facultades.json"])
    asked = {**decode(members_of(CONSULTATION)["v1/consulta.json"]), "motivo": ESCAPES, "sin_llamada": ESCAPES}
    unmade = {**members_of(LICENCE), manifest_name(1): encode(listed)}
    case = decode(members_of(DOSSIER)["v1/expediente.json"])
    return {
        "tipo": again(LICENCE, {}, entry=told_otherwise("tipo", ESCAPES)),
        "actor": again(LICENCE, {}, entry=told_otherwise("actor", ESCAPES)),
        "norma": again(LICENCE, {}, entry=told_otherwise("norma", [ESCAPES])),
        "un nombre del manifiesto": pack(unmade),
        "contexto": again(LICENCE, {"v1/facultades.json": encode({**powers, "contexto": ESCAPES})}),
        "motivo": again(CONSULTATION, {"v1/consulta.json": encode(asked)}),
        "caso": again(DOSSIER, {"v1/expediente.json": encode({**case, "run": ESCAPES, "protocolos": [ESCAPES]})}),
    }


@pytest.mark.norm("N-2.6c")
@pytest.mark.parametrize("where", list(speaking_files()))
def test_only_printable_lines_and_one_verdict_are_shown(tmp_path: Path, where: str) -> None:
    file = speaking_files()[where]
    for trust in (None, trust_of(LICENCE)):
        output = shown(tmp_path, file, trust)
        lines = output.removesuffix("\n").split("\n")
        assert all(line.isprintable() for line in lines)
        assert [line for line in lines if line.startswith("Veredicto:")] == lines[:1]
        assert lines[0] != "Veredicto: válida"
        told = json.loads(shown(tmp_path, file, trust, "--json"))["lineas"]
        assert all(line["respuesta"].isprintable() and len(line["respuesta"]) <= 600 for line in told)


@pytest.mark.norm("N-2.6c")
def test_a_type_has_the_form_of_the_catalogue() -> None:
    for kind in (ESCAPES, "Licencia", "licencia emitida", "", "x" * 65, None, 5, ["licencia_emitida"]):
        verdict = judge(again(LICENCE, {}, entry=told_otherwise("tipo", kind)), trust_of(LICENCE))
        assert integrity(verdict) == "alterada: v1/recibo.json (entrada)"


def test_printable_keeps_words_and_takes_the_rest() -> None:
    assert printable("Ñuñoa: «válida» (UTC−4)…") == "Ñuñoa: «válida» (UTC−4)…"
    assert printable(ESCAPES).isprintable()
    assert len(printable("x" * 10_000)) == 600


# Bounds: faults A6


@pytest.mark.norm("N-2.6c")
def test_hostile_containers_are_refused() -> None:
    expected = {
        "65.537 miembros vacíos": TOO_LARGE,
        "los mismos, el índice dice que no hay ninguno": TOO_LARGE,
        "un índice zip64 de 1,3 millones de miembros": STRUCTURE,
        "50 MB de ceros": STRUCTURE,
        "64 MiB de ceros y uno": TOO_LARGE,
        "64 MiB de cabeceras": STRUCTURE,
        "64 MiB de finales": STRUCTURE,
        "un miembro que dice medir 4 GiB": ZIPPED_AGAIN,
        "9.999 versiones": TOO_LARGE,
        "16 versiones, cada una un segundo control": "v3: novedad desconocida o repetida (licencia_recontrolada)",
        "un archivo de 60 MB": "alterada: v1/archivo-1.pdf (digesto)",
        "un JSON de 60 MB": TOO_LARGE,
    }
    trust = {"16 versiones, cada una un segundo control": trust_of(EXCUSED)}
    many = judge(hostile_containers()["16 versiones, cada una un segundo control"], trust_of(EXCUSED))
    assert Topic.SECOND_LOOK not in {line.topic for line in many.lines}
    found = {
        what: integrity(judge(file, trust.get(what, trust_of(LICENCE)))) for what, file in hostile_containers().items()
    }
    assert found == expected


@pytest.mark.norm("N-2.6c")
def test_what_is_counted_first_is_not_read(monkeypatch: pytest.MonkeyPatch) -> None:
    """A container that is too large by its own telling costs a look at its end; one of too many versions no judge."""
    files = hostile_containers()

    def read(*_: object) -> None:
        raise AssertionError("read")

    monkeypatch.setattr(container, "_read_members", read)
    for what in ("65.537 miembros vacíos", "64 MiB de ceros y uno"):
        assert integrity(judge(files[what], None)) == TOO_LARGE
    monkeypatch.undo()
    monkeypatch.setattr(zlib, "crc32", read)
    assert integrity(judge(pack_unread(b"[" * 2_000_000), None)) == TOO_LARGE


def pack_unread(content: bytes) -> bytes:
    """A container whose first member is a JSON of that content, its checksum nobody's."""
    local, _ = container._headers("v1/origen.json", checksum=0, size=len(content), offset=0)
    return local + content


@pytest.mark.parametrize(("ending", "most"), [*container.MEMBER_AT_MOST.items(), ("recibo.json", 1 << 16)])
def test_no_file_is_built_that_would_not_be_read(ending: str, most: int) -> None:
    name = f"v1/{ending}" if "." in ending else f"v1/uno.{ending}"
    for size, good in ((most, True), (most + 1, False)):
        members = {"LEAME.txt": b"x", name: bytes(size)}
        if good:
            assert container.open_strict(container.build(members)) == members
            continue
        with pytest.raises(ValueError, match="larger"):
            container.build(members)
        with pytest.raises(container.EvidenceFault, match=container.TOO_LARGE):
            container.open_strict(pack(members))


@pytest.mark.norm("N-2.4a")
def test_hostile_members_and_contents_are_refused() -> None:
    for what, (name, file) in {**hostile_members(), **hostile_contents()}.items():
        for trust in (trust_of(name), None):
            verdict = judge(file, trust)
            expected = (Overall.INVALID,) if trust else (Overall.INVALID, Overall.INDETERMINATE)
            assert verdict.overall in expected, what
            assert all(line.answer.isprintable() for line in verdict.lines), what


def test_hostile_manifests_receipts_and_notes_are_refused_by_name() -> None:
    for name in (receipt_name(1), manifest_name(1)):
        for what, content in hostile_values().items():
            verdict = judge(pack({**members_of(LICENCE), name: content}), trust_of(LICENCE))
            assert verdict.overall is Overall.INVALID, what
            assert integrity(verdict) == TOO_LARGE or name in integrity(verdict), what
    receipt = decode(members_of(LICENCE)[receipt_name(1)])
    for value in ("e" + MARKS[:30_000], HIDDEN_MARKS[:20_000], DEEP):
        parts = [[salt, name, value if name == "folio" else said] for salt, name, said in receipt["divulgaciones"]]
        verdict = judge(pack({**members_of(LICENCE), receipt_name(1): raw({**receipt, "divulgaciones": parts})}), None)
        assert integrity(verdict) == "alterada: v1/recibo.json (no_canonico)"
    note = receipt["punto_de_control"]
    lines = note.replace("\n", "\r\n"), "\u2028".join(note), note[:-1]
    for hostile in (note * 100, note + MARKS[:10_000], "\n\n" * 5_000, *lines):
        changed = raw({**receipt, "punto_de_control": hostile})
        verdict = judge(pack({**members_of(LICENCE), receipt_name(1): changed}), trust_of(LICENCE))
        assert integrity(verdict) == "alterada: v1/recibo.json (no_canonico)"
    for number in (-1, 2**53 - 1, 2**53, 10**400, True, 0.5, "5", None):
        for name in ("indice", "tamano"):
            changed = raw({**receipt, name: number})
            assert judge(pack({**members_of(LICENCE), receipt_name(1): changed}), None).overall is Overall.INVALID


@pytest.mark.parametrize("what", ["marcas", "marcas dentro", "anidado"])
def test_a_text_that_takes_long_to_normalise_is_refused_before(what: str) -> None:
    value = {"marcas": MARKS, "marcas dentro": HIDDEN_MARKS, "anidado": DEEP}[what]
    for act in (encode, lambda value: decode(raw(value))):
        with pytest.raises(NotCanonical):
            act({"x": value})


# The trust file is a stranger's too


def test_a_hostile_trust_file_is_not_one() -> None:
    base = decode((FILES / LICENCE / "confianza.json").read_bytes())
    certificate = next(key for key in base["claves"] if key["rol"] == "ca")
    second = base64.b64decode("".join(certificate["publica"].splitlines()[1:-1])).replace(
        b"\xa0\x03\x02\x01\x02", b"\xa0\x03\x02\x01\x01", 1
    )
    of_version_2 = f"-----BEGIN CERTIFICATE-----\n{base64.b64encode(second).decode()}\n-----END CERTIFICATE-----\n"
    values: list[Json] = [MARKS, HIDDEN_MARKS, DEEP, None, {}, 10**30, -1, True, "\ud800", [None], [{}], 1.5]
    files = [
        *hostile_values().values(),
        *(raw({**base, name: value}) for name in base for value in values),
        *(raw({**base, "claves": [*base["claves"][:-1], {**base["claves"][-1], name: value}]})
          for name in base["claves"][-1] for value in values),
        raw({**base, "claves": [*base["claves"], {**certificate, "id": "otra", "publica": of_version_2}]}),
        raw({**base, "claves": [{**certificate, "id": f"ca-{one}"} for one in range(129)] + base["claves"]}),
        raw({**base, "origenes": [f"https://o{one}.example" for one in range(129)]}),
        raw({**base, "rp_id": "x" * (1 << 20)}),
    ]  # fmt: skip
    for file in files:
        with pytest.raises(NotCanonical):
            TrustFile.parse(file)


def test_a_hostile_trust_file_is_refused_by_the_command(tmp_path: Path) -> None:
    evidence, trust = FILES / LICENCE / "evidencia.zip", tmp_path / "confianza.json"
    for content in (b"", bytes(2_000_000), raw({"origen": ESCAPES}), MARKS.encode()):
        trust.write_bytes(content)
        result = CliRunner().invoke(verify, [str(evidence), "--confianza", str(trust)])
        assert (result.exit_code, result.exception.__class__) == (2, SystemExit)
        assert "no es un archivo de confianza" in " ".join(result.output.split())
        assert all(line.isprintable() for line in result.output.split("\n"))


@pytest.mark.parametrize("key", [ESCAPES, "x" * 100_000, MARKS, "", "\ud800"])
def test_a_hostile_thumbprint_is_nobodys(key: str) -> None:
    trust = TrustFile.parse((FILES / BY_DEVICE / "confianza.json").read_bytes())
    verdict = judge_whole((FILES / BY_DEVICE / "evidencia.zip").read_bytes(), Reader(trust, (key,)))
    assert verdict.overall is Overall.INDETERMINATE
    assert all(line.answer.isprintable() for line in verdict.lines)


# Signers of other times, and containers that people made again (A7)


@pytest.mark.norm("N-2.6c")
def test_who_signed_besides_and_what_else_it_says_leave_it_undecided() -> None:
    """Everything else is valid: the same file, whose checkpoint another signs too, or has a line that is new."""
    file, trust = again(BY_DEVICE, {}), trust_of(BY_DEVICE)
    known = replace(trust, keys=(*trust.keys, Key(8, "otro.example").trusted(KeyRole.WITNESS)))
    assert origin_of(judge(file, known))[0] is True
    receipt = decode(container.open_strict(file)[receipt_name(1)])
    body, _, lines = receipt["punto_de_control"].rpartition("\n\n")
    stranger = "— otro.operador.example " + base64.b64encode(b"keyidand" + bytes(64)).decode() + "\n"
    forger = Forger(KEY, trust.origin)
    extended = forger.signer.sign(f"{body}\nextension 1\n".encode())
    head, key_id = lines.rstrip("\n").rsplit(" ", 1)
    signed = f"{head} {base64.b64encode(base64.b64decode(key_id)[:4] + extended).decode()}\n"
    for note in (f"{body}\n\n{lines}{stranger}", f"{body}\n\n{stranger}", f"{body}\nextension 1\n\n{signed}"):
        changed = {**container.open_strict(file), receipt_name(1): encode({**receipt, "punto_de_control": note})}
        verdict = judge(pack(changed), known)
        assert verdict.overall is Overall.INDETERMINATE
        assert integrity(verdict).startswith("íntegra")
        assert origin_of(verdict) == (None, f"{trust.origin}: {STRANGER}")


def origin_of(verdict: Verdict) -> tuple[bool | None, str]:
    return next((line.sound, line.answer) for line in verdict.lines if line.topic is Topic.ORIGIN)


def zipped(name: str, *, compressed: int, folder: str = "", macos: bool = False) -> bytes:
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", compressed) as made:
        if folder:
            made.writestr(folder, b"")
        for member, content in members_of(name).items():
            made.writestr(folder + member, content)
        for member in members_of(name) if macos else ():
            place, _, base = (folder + member).rpartition("/")
            made.writestr("/".join(filter(None, ("__MACOSX", place, f"._{base}"))), b"x")
    return written.getvalue()


@pytest.mark.norm("N-2.4a")
@pytest.mark.parametrize("name", [LICENCE, EXCUSED, DOSSIER])
def test_a_container_zipped_again_by_a_person_is_told_as_that(name: str) -> None:
    for compressed in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2):
        for folder in ("", "evidencia/", "Nueva carpeta (2)/evidencia/"):
            for macos in (False, True):
                verdict = judge(zipped(name, compressed=compressed, folder=folder, macos=macos), trust_of(name))
                assert (verdict.overall, integrity(verdict)) == (Overall.INVALID, ZIPPED_AGAIN)


@pytest.mark.needs("zip")
@pytest.mark.parametrize("options", [("-r",), ("-r", "-0"), ("-r", "-D", "-X"), ("-r", "-9", "-fz-"), ("-rq", "-fd")])
def test_what_info_zip_makes_of_the_unpacked_members_is_told_as_that(tmp_path: Path, options: tuple[str, ...]) -> None:
    folder = tmp_path / "evidencia"
    for member, content in members_of(DOSSIER).items():
        (folder / member).parent.mkdir(parents=True, exist_ok=True)
        (folder / member).write_bytes(content)
    for inside, what in ((folder, "."), (tmp_path, "evidencia")):
        made = tmp_path / "vuelto.zip"
        made.unlink(missing_ok=True)
        program = str(shutil.which("zip"))
        subprocess.run([program, *options, str(made), what], cwd=inside, check=True, capture_output=True, timeout=30)
        assert integrity(judge(made.read_bytes(), None)) == ZIPPED_AGAIN


def test_a_plain_zip_of_anything_else_is_not_told_as_that() -> None:
    other = {name: content for name, content in members_of(LICENCE).items() if name != receipt_name(1)}
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w") as made:
        for member, content in other.items():
            made.writestr(member, content)
    assert integrity(judge(written.getvalue(), None)) == STRUCTURE


# What mutants found: a member's form says what it is


def with_other(value: Json, path: tuple[str | int, ...], new: Json) -> Json:
    """The value with another one at that path."""
    changed = decode(encode(value))
    place: Any = changed
    for name in path[:-1]:
        place = place[name]
    place[path[-1]] = new
    return changed


OPEN = "consulta-rnpi-circuito-abierto"
FORMS: list[tuple[str, str, tuple[str | int, ...], tuple[Json, ...]]] = [
    (EXCUSED, "v2/recontrol.json", ("v",), (2, True, "1")),
    (EXCUSED, "v2/recontrol.json", ("nuevo",), (1,)),
    (EXCUSED, "v2/recontrol.json", ("excepcion",), ("019db021-36e0-7bd1-abeb-000000000000", None)),
    (EXCUSED, "v2/recontrol.json", ("instante",), ("9999-12-31T23:59:59.999999Z", None)),
    (EXCUSED, "v2/recontrol.json", ("respondida_en",), ("2026-04-21T13:01:00.000000Z", None)),
    (DOSSIER, "v1/origen.json", ("dispositivo",), (None, {"x": 1}, ["x"])),
    (DOSSIER, "v1/origen.json", ("id_solicitud",), (None, 1)),
    (DOSSIER, "v1/habilitacion.json", ("factor", "paso"), (True, "59223126", [1], 59223000, -1)),
    (DOSSIER, "v1/expediente.json", ("apertura", "nuevo"), ("x",)),
    (DOSSIER, "v1/expediente.json", ("funcionarios", 0, "entrada"), (None, 1)),
    (DOSSIER, "v1/expediente.json", ("reemplazadas",), ({}, [{}], "")),
    (OPEN, "v1/controles.json", ("alcanzados",), (False, None)),
    (OPEN, "v1/controles.json", ("testigos",), ({}, "")),
    (CONSULTATION, "v1/consulta.json", ("politica", "testigos_minimo"), (True, 1.5, "2", -1)),
    (CONSULTATION, "v1/consulta.json", ("politica", "fallas_ajenas", 0), (None, ["http_5xx"])),
    (CONSULTATION, "v1/consulta.json", ("sin_llamada",), ("", {"x": None}, 1)),
    (CONSULTATION, "v1/controles.json", ("testigos", 0, "direccion_ip"), ([None], 1)),
    (CONSULTATION, "v1/controles.json", ("testigos", 0, "milisegundos"), (None, 40.5, True, -1)),
    (CONSULTATION, "v1/controles.json", ("testigos", 0, "detalle"), (None, [])),
    (CONSULTATION, "v1/controles.json", ("testigos", 0, "cabeceras"), ([["a", {"x": 1}]], [["a"]])),
]  # fmt: skip


@pytest.mark.norm("N-2.4a", "N-2.4b")
@pytest.mark.parametrize(("name", "member", "path", "values"), FORMS)
def test_what_is_only_declared_has_its_form(
    name: str, member: str, path: tuple[str | int, ...], values: tuple[Json, ...]
) -> None:
    told = decode(members_of(name)[member])
    assert judge(again(name, {member: encode(told)}), trust_of(name)).overall is not Overall.INVALID
    for value in values:
        verdict = judge(again(name, {member: encode(with_other(told, path, value))}), trust_of(name))
        assert verdict.overall is Overall.INVALID, value


@pytest.mark.norm("N-2.4a")
def test_the_second_look_is_logged_of_the_same_licence() -> None:
    base = members_of(EXCUSED)
    for name, value in (("run", "15000022-K"), ("folio", "1000009-2")):
        receipt = decode(base[receipt_name(2)])
        parts = [[salt, datum, value if datum == name else said] for salt, datum, said in receipt["divulgaciones"]]
        made = {**base, receipt_name(2): encode({**receipt, "divulgaciones": parts})}
        verdict = judge(logged(made, Forger(KEY, trust_of(EXCUSED).origin)), trust_of(EXCUSED))
        assert [line.topic for line in verdict.lines if line.sound is False] == [Topic.SECOND_LOOK]


@pytest.mark.norm("N-1b", "N-1l")
def test_an_officer_was_accredited_by_two_others() -> None:
    receipt = decode(members_of(DOSSIER)["v1/acreditacion.json"])
    officer = f"persona:{next(value for _, name, value in receipt['divulgaciones'] if name == 'run')}"
    good = accredited_by({})
    assert judge(good, trust_of(DOSSIER)).overall is not Overall.INVALID
    for changed in ({"propone": officer}, {"actor": officer}, {"propone": "persona:9000002-0"}, {"propone": None}):
        verdict = judge(accredited_by(changed), trust_of(DOSSIER))
        assert [line.topic for line in verdict.lines if line.sound is False] == [Topic.RESPONSIBLE], changed


def accredited_by(said: Mapping[str, Json]) -> bytes:
    """The dossier whose accreditation says that, logged anew."""
    receipt = decode(members_of(DOSSIER)["v1/acreditacion.json"])
    told = {name: value for _, name, value in receipt["divulgaciones"]} | dict(said)
    forger = Forger(KEY, trust_of(DOSSIER).origin)
    made = forger.of_told(receipt, told)
    return again(DOSSIER, {"v1/acreditacion.json": encode(made)})


@pytest.mark.norm("N-2.6c")
def test_a_code_is_of_the_instant_at_which_it_was_given() -> None:
    members, trust = members_of(LICENCE), trust_of(LICENCE)
    entry = verify_receipt(decode(members[receipt_name(1)]), None)
    certificates = x509.load_pem_x509_certificates(members["v1/certificados.pem"])
    signatures = SignatureTrust((certificates[2],), (certificates[1],))
    signed = verify_document(members["v1/documento.xml"], trust=signatures, instant=entry.at)
    told = decode(members["v1/autorizacion.json"])
    for step, good in ((told["paso"] + 1, True), (told["paso"] - 2, False), (True, False), (str(told["paso"]), False)):
        statement = encode({**told, "paso": step})
        of_statement = replace(signed, authorisation_digest=sha256(statement))
        if good:
            judge_authorisation(statement, of_statement, entry, trust)
            continue
        with pytest.raises(AuthorisationFault, match="de ese instante"):
            judge_authorisation(statement, of_statement, entry, trust)


@pytest.mark.norm("N-2.4a")
def test_the_call_of_a_consultation_is_to_the_register() -> None:
    asked = decode(members_of(CONSULTATION)["v1/consulta.json"])
    for party, good in (("rnpi", True), ("registro_civil", False)):
        told = with_other(asked, ("intercambio", "parte"), party)
        entry = told_otherwise("intercambio", to_base64url(sha256(encode(told["intercambio"]))))
        verdict = judge(again(CONSULTATION, {"v1/consulta.json": encode(told)}, entry=entry), trust_of(CONSULTATION))
        assert (verdict.overall is not Overall.INVALID) is good


def test_what_is_missing_does_not_hide_what_is_too_many() -> None:
    made = {name: content for name, content in members_of(EXCUSED).items() if name != "v1/origen.json"}
    made["v2/otro.json"] = b"{}"
    verdict = judge(logged(made, Forger(KEY, trust_of(EXCUSED).origin)), trust_of(EXCUSED))
    assert integrity(verdict) == "v2: falta o sobra v2/otro.json"


def test_an_answer_or_member_of_too_many_values_is_not_parsed() -> None:
    many = b'{"rut":[' + b"1," * 60_000 + b"1]}"
    with pytest.raises(NotCanonical, match="many"):
        decode(many)
    with pytest.raises(NotJson, match="many"):
        read_registration(many, run=Run(1), titles={})
    record = {"rut": 1, "dv": "9", "antecedentes": [], "codigo_busqueda": "\u0301" * 400}
    with pytest.raises(NotKnown, match="codigo_busqueda"):
        read_registration(raw(record), run=Run(1), titles={})
