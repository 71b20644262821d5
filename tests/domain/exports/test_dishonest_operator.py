"""What an operator who holds every key, or a thief of the log's, may write: the verdict is not fooled."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from lme_operator.core.canonical import Json, decode, encode, format_instant, parse_instant, sha256, to_base64url
from lme_operator.core.database import Database, Deadline
from lme_operator.core.ids import uuid7
from lme_operator.core.periods import SANTIAGO
from lme_operator.core.run import Run
from lme_operator.domain.audit import (
    ACT_REFUSED,
    MANIFEST_DATUM,
    EventKind,
    KeyEnd,
    KeyRole,
    TrustFile,
    build,
    digest_of,
    manifest,
    manifest_name,
    note_key_id,
    open_strict,
    parse_note,
    receipt_name,
)
from lme_operator.domain.audit.note import COSIGNATURE, Note, SignatureLine
from lme_operator.domain.exports import Overall, Verdict, judge_evidence
from lme_operator.domain.issuance import LICENCE_ISSUED, WebauthnAuthorisation
from lme_operator.domain.licences.document import describe_document
from lme_operator.domain.signing import Signer, cut_signatures
from tests.factories.authenticator import SoftwareAuthenticator
from tests.factories.log import Key
from tests.factories.stage import DOCTOR, Stage

WITNESS = Key(3, "testigo.example")
WITNESSED_AT = datetime(2026, 4, 20, 14, tzinfo=UTC)
POWERS, ORIGIN, STATEMENT = "v1/facultades.json", "v1/origen.json", "v1/autorizacion.json"
CERTIFICATES, DOCUMENT = "v1/certificados.pem", "v1/documento.xml"
Change = Callable[[Any], Any]


@pytest.fixture
def stage(database: Database, tmp_path: Path) -> Stage:
    return Stage(database, tmp_path)


@pytest.fixture
def file(stage: Stage) -> bytes:
    """The evidence file of a licence authorised by TOTP, of which every part is the operator's word."""
    session = stage.doctor()
    return stage.evidence(session, stage.issue(session, stage.prepare(session).id).id)


def by_device(stage: Stage) -> bytes:
    device = SoftwareAuthenticator()
    session = stage.register(stage.doctor(), device)
    prepared = stage.prepare(session)
    issued = stage.issue(session, prepared.id, WebauthnAuthorisation(device.sign(prepared.digest)))
    return stage.evidence(session, issued.id)


def with_register(powers: Any, *, norma: str | None = None, **valor: Any) -> Any:
    """The powers with another fact of the register, which is the last."""
    *others, fact = powers["hechos"]
    changed = {**fact["valor"], **valor} if "valor" not in valor else valor["valor"]
    return {**powers, "hechos": [*others, {**fact, "norma": norma or fact["norma"], "valor": changed}]}


def disclosed(members: Mapping[str, bytes], version: int = 1) -> dict[str, Any]:
    return {name: value for _, name, value in decode(members[receipt_name(version)])["divulgaciones"]}


def add(
    stage: Stage,
    members: Mapping[str, bytes],
    said: Mapping[str, Json],
    *,
    version: int = 1,
    kind: EventKind = LICENCE_ISSUED,
) -> bytes:
    """Log a version with true manifest and receipt, at the stage's instant; return the evidence file."""
    listed = manifest(members, version=version)
    data = {**said, MANIFEST_DATUM: digest_of(listed)}
    actor = str(data.pop("actor", f"persona:{Run(DOCTOR)}"))
    with stage.database.unit_of_work(deadline=Deadline(5)) as work:
        entry = stage.log.append(work, kind=kind, actor=actor, data=data)
    with stage.database.reading(deadline=Deadline(5)) as connection:
        receipt = encode(stage.log.receipt(connection, entry))
    return build({**members, manifest_name(version): listed, receipt_name(version): receipt})


def again(
    stage: Stage, file: bytes, said: Mapping[str, Json] | None = None, changed: Mapping[str, bytes] | None = None
) -> bytes:
    """The licence logged anew, with other data in the entry and other members."""
    members = open_strict(file)
    return add(stage, {**members, **(changed or {})}, {**disclosed(members), **(said or {})})


def signed_again(stage: Stage, file: bytes, *, statement: Change = dict, document: Change = bytes) -> bytes:
    """The licence signed anew at the same instant, over another statement or another document, and logged."""
    members = open_strict(file)
    said = disclosed(members)
    prepared = document(cut_signatures(members[DOCUMENT]))
    digest = to_base64url(sha256(prepared))
    words = encode(statement({**decode(members[STATEMENT]), "documento": digest}))
    signed = Signer(stage.keys).sign(
        prepared,
        run=Run(DOCTOR),
        authorisation=words,
        key_thumbprint=None,
        context=said["contexto"],
        at=parse_instant(decode(members[POWERS])["instante"]),
    )
    changed = {STATEMENT: words, DOCUMENT: signed.document, CERTIFICATES: signed.certificates_pem}
    return again(stage, file, {"documento": digest, "certificado": signed.serial}, changed)


def compromised(trust: TrustFile, *, until: int = 1000) -> TrustFile:
    """The trust file after the log's key was stolen, with a witness."""
    keys = (
        replace(key, until_index=until, end=KeyEnd.COMPROMISE) if key.role is KeyRole.LOG else key for key in trust.keys
    )
    return replace(trust, keys=(*keys, WITNESS.trusted(KeyRole.WITNESS)))


def cosigned(file: bytes, version: int = 1, *, at: datetime = WITNESSED_AT) -> bytes:
    """The file with the witness's cosignature in the receipt of that version, made at that instant."""
    seconds = int(at.timestamp())
    members = open_strict(file)
    receipt = decode(members[receipt_name(version)])
    note = parse_note(receipt["punto_de_control"])
    signature = WITNESS.sign(f"cosignature/v1\ntime {seconds}\n{note.body}".encode())
    key_id = note_key_id(WITNESS.key_id, WITNESS.public, algorithm=COSIGNATURE)
    line = SignatureLine(WITNESS.key_id, key_id, seconds.to_bytes(8, "big") + signature)
    receipt["punto_de_control"] = Note(note.body, (*note.lines, line)).render()
    return build({**members, receipt_name(version): encode(receipt)})


def answer(verdict: Verdict, topic: str) -> str:
    return next(line.answer for line in verdict.lines if line.topic == topic)


def refused(stage: Stage, file: bytes) -> str:
    """Judge; return what the professional's line says."""
    verdict = judge_evidence(file, stage.trust)
    assert verdict.overall.word == "inválida", verdict.lines
    return answer(verdict, "firma del profesional")


def test_the_same_logged_anew_at_the_same_instant_is_valid(stage: Stage, file: bytes) -> None:
    """What the tests below change is what their verdicts refuse."""
    assert judge_evidence(again(stage, file), stage.trust).overall is Overall.BY_OPERATOR
    assert judge_evidence(signed_again(stage, file), stage.trust).overall is Overall.BY_OPERATOR


@pytest.mark.norm("N-2.6c")
def test_a_stolen_log_key_cannot_date_a_licence_back(stage: Stage, file: bytes) -> None:
    assert judge_evidence(file, compromised(stage.trust)).overall.word == "indeterminada"
    assert judge_evidence(cosigned(file), compromised(stage.trust)).overall is Overall.BY_OPERATOR
    assert judge_evidence(cosigned(file), compromised(stage.trust, until=0)).overall.word == "indeterminada"


@pytest.mark.norm("N-2.6c")
def test_the_keys_registration_must_be_as_firm_as_the_licence(stage: Stage) -> None:
    verdict = judge_evidence(cosigned(by_device(stage)), compromised(stage.trust))
    assert verdict.overall.word == "indeterminada"
    assert [line.topic for line in verdict.lines if not line.sound] == ["autor"]


@pytest.mark.norm("N-2.4b")
def test_a_later_version_of_unknown_kind_is_refused(stage: Stage, file: bytes) -> None:
    members = {**open_strict(file), "v2/anulacion.json": b"{}"}
    verdict = judge_evidence(add(stage, members, {}, version=2, kind=ACT_REFUSED), stage.trust)
    assert verdict.overall.word == "inválida"
    assert answer(verdict, "integridad") == "v2: novedad desconocida o repetida (acto_rechazado)"


@pytest.mark.norm("N-2.6c")
def test_every_version_counts_for_the_origin_and_names_its_own_witnesses(stage: Stage, file: bytes) -> None:
    members = {**open_strict(cosigned(file)), "v2/anulacion.json": b"{}"}
    two = add(stage, members, {}, version=2, kind=ACT_REFUSED)
    verdict = judge_evidence(two, compromised(stage.trust))
    assert [line.sound for line in verdict.lines if line.topic == "origen"] == [None]
    assert "v2" in answer(verdict, "origen")
    first, second = answer(verdict, "registro").split("; ")
    indices = [decode(open_strict(two)[receipt_name(version)])["indice"] for version in (1, 2)]
    since = "atestiguada desde 20-04-2026 10:00:00 (UTC−4) por testigo.example"
    assert first == f"v1 incluida (entrada {indices[0]}), {since}"
    assert second == f"v2 incluida (entrada {indices[1]}), atestación pendiente"


@pytest.mark.norm("N-2.4b")
def test_a_member_that_nobody_asks_for_is_refused(stage: Stage, file: bytes) -> None:
    verdict = judge_evidence(again(stage, file, changed={"v1/nota.txt": b"x"}), stage.trust)
    assert verdict.overall.word == "inválida"
    assert verdict.lines[0].answer == "sobra v1/nota.txt"


@pytest.mark.norm("N-2.4a", "N-2.6c")
def test_a_document_logged_again_later_is_refused(stage: Stage, file: bytes) -> None:
    stage.database.clock.advance(seconds=500)  # type: ignore[attr-defined]
    later = again(stage, file, {"licencia": str(uuid7(stage.database.clock())), "riesgo": "aprobada"})
    assert refused(stage, later) == "El instante de la firma no es el del registro."


def with_fact(index: int, **fields: Json) -> Change:
    def change(powers: dict[str, Any]) -> dict[str, Any]:
        facts = [dict(fact) for fact in powers["hechos"]]
        facts[index] |= fields
        return {**powers, "hechos": facts}

    return change


def with_risk(**fields: Json) -> Change:
    return lambda powers: {**powers, "riesgo": {**powers["riesgo"], **fields}}


POWERS_CHANGED: list[Change] = [
    lambda powers: {**powers, "v": True},
    lambda powers: {**powers, "v": 1},
    lambda powers: {**powers, "v": 3},
    lambda powers: with_register(powers, norma="N-4b"),
    lambda powers: with_register(powers, valor=None),
    lambda powers: with_register(powers, resultado="no_inscrito"),
    lambda powers: with_register(powers, resultado="imposible"),
    lambda powers: with_register(powers, consulta="otra"),
    lambda powers: with_register(powers, instante="2026-04-19T14:00:00.000000Z"),
    lambda powers: with_register(powers, instante="2026-04-20T23:00:00.000000Z"),
    lambda powers: with_register(powers, norma="N-4c"),
    lambda powers: with_register(powers, norma="N-4c", resultado="imposible"),
    lambda powers: {**powers, "nota": "x"},
    lambda powers: {name: value for name, value in powers.items() if name != "epoca"},
    lambda powers: {**powers, "acto": "borrador"},
    lambda powers: {**powers, "contexto": "institucion:76123456-0"},
    lambda powers: {**powers, "epoca": "0"},
    lambda powers: {**powers, "epoca": True},
    lambda powers: {**powers, "epoca": -1},
    lambda powers: {**powers, "instante": "1999-01-01T00:00:00.000000Z"},
    lambda powers: {**powers, "hechos": powers["hechos"][:2]},
    lambda powers: {**powers, "hechos": powers["hechos"][::-1]},
    lambda powers: {**powers, "hechos": [*powers["hechos"], powers["hechos"][0]]},
    lambda powers: {**powers, "hechos": {"suspensiones_vigentes": 0}},
    lambda powers: {**powers, "hechos": [1, 2, 3]},
    with_fact(0, valor=None),
    with_fact(0, valor="alguno"),
    with_fact(0, norma="N-6a"),
    with_fact(0, nota="x"),
    with_fact(1, valor=None),
    with_fact(1, valor="pronto"),
    with_fact(1, valor="1999-01-01T00:00:00.000000Z"),
    with_fact(2, valor=3),
    with_fact(2, valor=False),
    with_fact(2, valor=None),
    lambda powers: {**powers, "riesgo": None},
    lambda powers: {**powers, "riesgo": {}},
    with_risk(decision="aprobada"),
    with_risk(decision=None),
    with_risk(norma="N-1a"),
    with_risk(nota="x"),
    lambda powers: [powers],
]


@pytest.mark.norm("N-1a", "N-2.3b", "N-6a")
def test_powers_that_do_not_allow_this_act_are_refused(stage: Stage, file: bytes) -> None:
    powers = decode(open_strict(file)[POWERS])
    for change in POWERS_CHANGED:
        changed = change(powers)
        assert "acultades" in refused(stage, again(stage, file, changed={POWERS: encode(changed)})), changed
    due = with_fact(1, valor=powers["instante"])(powers)
    assert "clave" in refused(stage, again(stage, file, changed={POWERS: encode(due)}))
    assert "forma exacta" in refused(stage, again(stage, file, changed={POWERS: b"{ }"}))


@pytest.mark.norm("N-2.4b", "N-6a")
def test_the_entry_says_the_decision_of_risk_and_the_preparation(stage: Stage, file: bytes) -> None:
    assert "riesgo" in refused(stage, again(stage, file, {"riesgo": "aprobada"}))
    assert "preparación" in refused(stage, again(stage, file, {"preparacion": str(uuid7(stage.database.clock()))}))
    for name in ("preparacion", "licencia"):
        assert name in refused(stage, again(stage, file, {name: None}))


@pytest.mark.norm("N-2.4b", "N-3.0b")
def test_an_origin_that_is_not_this_acts_is_refused(stage: Stage, file: bytes) -> None:
    origin = decode(open_strict(file)[ORIGIN])
    at = parse_instant(origin["emision"]["instante"])
    later, before = format_instant(at + timedelta(microseconds=1)), format_instant(at - timedelta(microseconds=1))
    wrong: list[Any] = [
        {},
        [],
        {**origin, "v": 2},
        {**origin, "nota": "x"},
        {**origin, "emision": {}},
        {**origin, "emision": {**origin["emision"], "ip": None}},
        {**origin, "emision": {**origin["emision"], "lugar_declarado": 1}},
        {**origin, "emision": {**origin["emision"], "instante": later}},
        {**origin, "emision": {**origin["emision"], "instante": before}},
        {**origin, "preparacion": {**origin["preparacion"], "instante": later}},
        {**origin, "preparacion": {**origin["preparacion"], "instante": 5}},
        {**origin, "preparacion": {**origin["preparacion"], "nota": "x"}},
    ]
    for value in wrong:
        refused(stage, again(stage, file, changed={ORIGIN: encode(value)}))


@pytest.mark.norm("N-2.4b", "N-2.6c")
def test_certificates_are_those_of_the_two_signatures_and_their_authority(stage: Stage, file: bytes) -> None:
    pem = open_strict(file)[CERTIFICATES]
    one, seal, authority = (
        certificate.public_bytes(Encoding.PEM) for certificate in x509.load_pem_x509_certificates(pem)
    )
    for wrong in (authority + one + one, seal + one + authority, one + seal + seal, pem + b"\n", one + seal, pem + one):
        refused(stage, again(stage, file, changed={CERTIFICATES: wrong}))
    name = stage.keys.seal_certificate.subject.rfc4514_string()
    assert answer(judge_evidence(file, stage.trust), "sello") == f"válido, {name}"


@pytest.mark.norm("N-2.6c")
def test_a_statement_of_another_preparation_or_instant_is_refused(stage: Stage, file: bytes) -> None:
    at = stage.database.clock()
    other, later = str(UUID(int=5)), format_instant(at + timedelta(seconds=1))
    wrong: list[Change] = [
        lambda words: {**words, "preparacion": other},
        lambda words: {**words, "instante": later},
        lambda words: {**words, "v": True},
    ]
    for change in wrong:
        assert "autorización" in refused(stage, signed_again(stage, file, statement=change))


@pytest.mark.norm("N-2.4b")
@pytest.mark.parametrize("away", [timedelta(hours=-24), timedelta(seconds=60)])
def test_a_document_made_on_another_day_or_later_is_refused(stage: Stage, file: bytes, away: timedelta) -> None:
    def moved(prepared: bytes) -> bytes:
        made = describe_document(prepared).issued_at
        at = stage.database.clock() if away > timedelta(0) else made
        old = f"<fecha_emision>{made.astimezone(SANTIAGO).isoformat(timespec='seconds')}<".encode()
        new = f"<fecha_emision>{(at + away).astimezone(SANTIAGO).isoformat(timespec='seconds')}<".encode()
        assert old in prepared
        return prepared.replace(old, new)

    assert "fecha de emisión" in refused(stage, signed_again(stage, file, document=moved))
