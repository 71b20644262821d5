"""The dossier of an enrolment judged by a stranger: valid as made; whatever an operator changes is refused."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from lme_operator.core.canonical import Json, decode, encode, sha256, to_base64url
from lme_operator.core.database import Database, Deadline
from lme_operator.core.run import Run
from lme_operator.domain.audit import (
    MANIFEST_DATUM,
    build,
    digest_of,
    manifest,
    manifest_name,
    open_strict,
    receipt_name,
)
from lme_operator.domain.enrolment.in_person import ENROLLED_IN_PERSON, Task
from lme_operator.domain.exports import Overall, Proof, Verdict, judge_evidence
from lme_operator.domain.identity import FaceMatch
from lme_operator.domain.rnpi import Purpose
from tests.factories.desk import DOCTOR, Desk
from tests.factories.rnpi import IN_FORCE
from tests.factories.stage import Stage

CASE, ENABLING, PLACE, REGISTER = "v1/expediente.json", "v1/habilitacion.json", "v1/origen.json", "v1/rnpi.zip"
ACCREDITATION = "v1/acreditacion.json"


@pytest.fixture(scope="module")
def desk(shared_database: Database, tmp_path_factory: pytest.TempPathFactory) -> Desk:
    """One for all whose acts only add to the log."""
    return Desk(Stage(shared_database, tmp_path_factory.mktemp("mesa")))


@pytest.fixture(scope="module")
def file(desk: Desk) -> bytes:
    return dossier_of(desk)


@pytest.fixture
def own_desk(database: Database, tmp_path: Path) -> Desk:
    """A desk at which nobody was enrolled yet."""
    return Desk(Stage(database, tmp_path))


def dossier_of(desk: Desk, number: int = 15000021, officer: int = 9100001) -> bytes:
    enabled = desk.enrol(desk.officer(officer), Run(number))
    made = desk.in_person.evidence_file(enrolment_id=enabled.enrolment_id, deadline=Deadline(10))
    assert made is not None
    return made


def answers(verdict: Verdict) -> Mapping[str, str]:
    return {line.topic: line.answer for line in verdict.lines}


def logged_again(
    desk: Desk, file: bytes, changed: Mapping[str, bytes | None], said: Mapping[str, Json] | None = None
) -> bytes:
    """The dossier with other members, logged anew by the operator himself, at the instant of the first."""
    members = {name: content for name, content in {**open_strict(file), **changed}.items() if content is not None}
    receipt = decode(members[receipt_name(1)])
    data = {name: value for _, name, value in receipt["divulgaciones"]} | dict(said or {})
    listed = manifest(members)
    actor = data.pop("actor")
    with desk.stage.database.unit_of_work(deadline=Deadline(5)) as work:
        entry = desk.stage.log.append(
            work, kind=ENROLLED_IN_PERSON, actor=actor, data={**data, MANIFEST_DATUM: digest_of(listed)}
        )
    with desk.stage.database.reading(deadline=Deadline(5)) as connection:
        again = encode(desk.stage.log.receipt(connection, entry))
    return build({**members, manifest_name(1): listed, receipt_name(1): again})


@pytest.mark.norm("N-1l", "N-2.4a", "N-2.5a")
def test_the_dossier_is_valid_and_says_who_answers(desk: Desk, file: bytes) -> None:
    verdict = judge_evidence(file, desk.stage.trust)
    said = answers(verdict)
    assert verdict.overall is Overall.BY_OPERATOR, verdict.lines
    judged, declared_by_operator = said["requisitos"].split("; declarado por el operador: ")
    assert judged == "cumplidos, juzgados de nuevo pieza por pieza"
    assert "qué respondieron terceros" in declared_by_operator
    assert "90 días el comprobante" in declared_by_operator
    assert said["responsable"].startswith("9100001-6, acreditado, con su segundo factor")
    assert said["RNPI"].startswith("respondió «vigente»")
    said_by = {line.topic.value: verdict.proof(line) for line in verdict.lines}
    assert said_by["requisitos"] is Proof.OFFICER
    assert said_by["responsable"] is said_by["RNPI"] is Proof.OPERATOR


def test_without_trust_file_it_cannot_be_told(file: bytes) -> None:
    assert judge_evidence(file, None).overall.word == "indeterminada"


def test_the_same_logged_anew_is_valid(desk: Desk, file: bytes) -> None:
    """What the tests below change is what their verdicts refuse."""
    assert judge_evidence(logged_again(desk, file, {}), desk.stage.trust).overall is Overall.BY_OPERATOR


@pytest.mark.norm("N-2.4a")
def test_no_flipped_byte_is_accepted(desk: Desk, file: bytes) -> None:
    for at in range(0, len(file), 499):
        altered = file[:at] + bytes([file[at] ^ 1]) + file[at + 1 :]
        assert judge_evidence(altered, desk.stage.trust).overall.word == "inválida", at


def piece(case: Json, task: str, **changes: Json) -> Json:
    """The case with a piece's content changed, its digest made right again."""
    pieces = []
    for told in case["piezas"]:
        if told["tarea"] == task:
            content = {**told["contenido"], **changes}
            told = {**told, "contenido": content, "digesto": to_base64url(sha256(encode(content)))}  # noqa: PLW2901
        pieces.append(told)
    return {**case, "piezas": pieces}


def without(case: Json, task: str) -> Json:
    return {**case, "piezas": [told for told in case["piezas"] if told["tarea"] != task]}


CASES: list[Callable[[Json], Json]] = [
    lambda case: piece(case, "documento", estado="no_vigente"),
    lambda case: piece(case, "identidad", resultado="no_coincide"),
    lambda case: piece(case, "rnpi", resultado="no_inscrito"),
    lambda case: piece(case, "rnpi", consulta=str(uuid4())),
    lambda case: piece(case, "datos", apellido_paterno="Otro"),
    lambda case: piece(case, "domicilio", coincide=False),
    lambda case: piece(case, "correo", compartido=True),
    lambda case: without(case, "telefono"),
    lambda case: without(case, "factor"),
    lambda case: {**case, "piezas": [*case["piezas"], case["piezas"][0]]},
    lambda case: {**case, "run": "15000022-K"},
    lambda case: {**case, "contexto": "institucion:76000100-7"},
    lambda case: {**case, "protocolos": ["otro@v1:00"]},
    lambda case: {**case, "funcionarios": []},
    lambda case: {**case, "funcionarios": [{**case["funcionarios"][0], "funcionario": "persona:9100002-4"}]},
    lambda case: {**case, "archivos": case["archivos"][1:]},
    lambda case: {**case, "parametros": {**case["parametros"], "condiciones": "otras"}},
    lambda case: {**case, "parametros": {**case["parametros"], "documento_consulta_dias": True}},
    lambda case: {**case, "v": 2},
    lambda case: {**case, "nuevo": 1},
    lambda case: [case],
]


@pytest.mark.norm("N-1b", "N-2.1a", "N-2.1b", "N-2.1c", "N-2.1d", "N-2.2a", "N-2.4a")
@pytest.mark.parametrize("change", CASES)
def test_a_case_that_was_changed_is_refused(desk: Desk, file: bytes, change: Callable[[Json], Json]) -> None:
    changed = encode(change(decode(open_strict(file)[CASE])))
    assert judge_evidence(logged_again(desk, file, {CASE: changed}), desk.stage.trust).overall.word == "inválida"


def content_of(case: Json, task: str) -> Any:
    return next(told["contenido"] for told in case["piezas"] if told["tarea"] == task)


def asked(case: Json, task: str, **changes: Json) -> Json:
    """The case with another record of the call of a piece."""
    return piece(case, task, consulta={**content_of(case, task)["consulta"], **changes})


ANSWERS: list[Callable[[Json], Json]] = [
    lambda case: piece(case, "documento", consulta={"nada": "no se llamó a nadie"}),
    lambda case: piece(case, "identidad", consulta=None),
    lambda case: asked(case, "documento", parte="biometria"),
    lambda case: asked(case, "identidad", parte="registro_civil"),
    lambda case: asked(case, "documento", estado_http=500),
    lambda case: asked(case, "identidad", estado_http=None),
    lambda case: asked(case, "documento", falla="tiempo_agotado"),
    lambda case: asked(case, "identidad", cuerpo=""),
    lambda case: asked(case, "documento", inicio="2026-04-19T14:00:00.000000Z"),
    lambda case: asked(case, "identidad", inicio="2026-04-20T23:00:00.000000Z"),
    lambda case: asked(case, "identidad", nota="x"),
    lambda case: piece(case, "identidad", puntaje=799),
    lambda case: piece(case, "identidad", puntaje=None),
    lambda case: piece(case, "identidad", umbral=None),
    lambda case: piece(case, "identidad", puntaje=True, umbral=0),
    lambda case: piece(case, "identidad", puntaje=9999),
    lambda case: piece(case, "identidad", presentacion="rechazada"),
    lambda case: piece(case, "identidad", presentacion=""),
    lambda case: piece(case, "identidad", referencia=""),
    lambda case: piece(case, "identidad", medio="vista"),
    lambda case: piece(
        case,
        "identidad",
        medio="funcionario",
        declaracion="Lo vi.",
        biometria={"pieza": str(uuid4()), "resultado": "sin_datos"},
    ),
    lambda case: piece(case, "condiciones", texto="Otras."),
]


@pytest.mark.norm("N-2.1a", "N-2.2a", "N-2.4a")
@pytest.mark.parametrize("change", ANSWERS)
def test_an_answer_that_cannot_be_what_its_piece_says_is_refused(
    desk: Desk, file: bytes, change: Callable[[Json], Json]
) -> None:
    changed = encode(change(decode(open_strict(file)[CASE])))
    verdict = judge_evidence(logged_again(desk, file, {CASE: changed}), desk.stage.trust)
    assert verdict.overall.word == "inválida"
    assert [line.topic for line in verdict.lines if line.sound is False] == ["requisitos"]


@pytest.mark.norm("N-2.2b")
def test_the_officers_word_rests_on_the_providers_answer_in_the_dossier(own_desk: Desk) -> None:
    session = own_desk.officer()
    case_id = own_desk.open(session)
    own_desk.biometrics.result, own_desk.biometrics.score = FaceMatch.NO_DATA, None
    own_desk.gather(session, case_id, without=frozenset({Task.FACTOR}))
    own_desk.own_eyes(session, case_id)
    own_desk.factor(session, case_id)
    enabled = own_desk.enable(session, case_id)
    file = own_desk.in_person.evidence_file(enrolment_id=enabled.enrolment_id, deadline=Deadline(10))
    assert file is not None
    assert judge_evidence(file, own_desk.stage.trust).overall is Overall.BY_OPERATOR
    changed = {**decode(open_strict(file)[CASE]), "reemplazadas": []}
    verdict = judge_evidence(logged_again(own_desk, file, {CASE: encode(changed)}), own_desk.stage.trust)
    assert verdict.overall.word == "inválida"
    assert "La respuesta del proveedor" in answers(verdict)["requisitos"]


@pytest.mark.norm("N-2.1b", "N-2.2a")
def test_the_register_piece_says_what_its_consultation_says(desk: Desk, file: bytes) -> None:
    case = decode(open_strict(file)[CASE])
    shown = content_of(case, "rnpi")["registro"]
    impostor = piece(case, "datos", apellido_paterno="Impostor")
    wrong = [
        piece(impostor, "rnpi", registro={**shown, "apellido_paterno": "Impostor"}),
        piece(case, "rnpi", registro={**shown, "nro_registro": "1"}),
        piece(case, "rnpi", registro=None),
        piece(case, "rnpi", observaciones="Otra.", observaciones_revisadas="No importa."),
        piece(case, "rnpi", instante="2026-04-20T14:00:00.000001Z"),
        piece(case, "rnpi", entrada=str(uuid4())),
        piece(case, "rnpi", motivo="otro"),
        piece(case, "rnpi", causa="ajena"),
    ]
    for changed in wrong:
        verdict = judge_evidence(logged_again(desk, file, {CASE: encode(changed)}), desk.stage.trust)
        assert verdict.overall.word == "inválida"
        assert answers(verdict)["RNPI"] == "la pieza no dice lo que dice la consulta"


@pytest.mark.norm("N-2.1b")
def test_an_answer_of_another_day_does_not_enable(own_desk: Desk, clock: Any) -> None:
    old = own_desk.rnpi.consult(DOCTOR, IN_FORCE, purpose=Purpose.ENROLMENT)
    evidence = own_desk.rnpi.room.evidence_file(old.id, deadline=Deadline(5))
    clock.advance(seconds=40 * 86400)
    file = dossier_of(own_desk)
    changed = piece(decode(open_strict(file)[CASE]), "rnpi", consulta=str(old.id))
    again = logged_again(own_desk, file, {CASE: encode(changed), REGISTER: evidence})
    verdict = judge_evidence(again, own_desk.stage.trust)
    assert verdict.overall.word == "inválida"
    assert answers(verdict)["RNPI"] == "la consulta no es del día en que se habilitó"


ENABLINGS: list[Callable[[Any], Json]] = [
    lambda told: {**told, "suspensiones_vigentes": 1},
    lambda told: {**told, "suspensiones_vigentes": False},
    lambda told: {**told, "funcionario": f"persona:{Run(15000021)}"},
    lambda told: {**told, "instante": "2026-04-20T14:00:00.000000Z"},
    lambda told: {**told, "declaracion": "No vi a nadie."},
    lambda told: {**told, "factor": {"tipo": "ninguno", "paso": 0}},
    lambda told: {**told, "acreditacion": str(uuid4())},
    lambda told: {name: value for name, value in told.items() if name != "declaracion"},
]


@pytest.mark.norm("N-1l", "N-6b")
@pytest.mark.parametrize("change", ENABLINGS)
def test_an_enabling_that_was_changed_is_refused(desk: Desk, file: bytes, change: Callable[[Any], Json]) -> None:
    told = change(decode(open_strict(file)[ENABLING]))
    again = logged_again(desk, file, {ENABLING: encode(told)}, {"acreditacion": told.get("acreditacion")})
    assert judge_evidence(again, desk.stage.trust).overall.word == "inválida"


@pytest.mark.norm("N-1b")
def test_members_of_another_dossier_do_not_serve(desk: Desk, file: bytes) -> None:
    other = open_strict(dossier_of(desk, 15000022, 9100002))
    for name in (ACCREDITATION, REGISTER, ENABLING, PLACE, CASE):
        again = logged_again(desk, file, {name: other[name]})
        assert judge_evidence(again, desk.stage.trust).overall.word == "inválida", name


def test_a_paper_changed_missing_or_too_many_is_refused(desk: Desk, file: bytes) -> None:
    for changed in ({"v1/archivo-1.pdf": b"%PDF-1.7 otro"}, {"v1/archivo-1.pdf": None}, {"v1/archivo-9.pdf": b"x"}):
        again = logged_again(desk, file, changed)
        assert judge_evidence(again, desk.stage.trust).overall.word == "inválida", changed


@pytest.mark.parametrize("member", [CASE, ENABLING, PLACE, REGISTER, ACCREDITATION, "v1/constancia.pdf"])
def test_a_dossier_without_one_of_its_parts_is_undecided(desk: Desk, file: bytes, member: str) -> None:
    verdict = judge_evidence(logged_again(desk, file, {member: None}), desk.stage.trust)
    assert (verdict.overall, verdict.lines[0].answer) == (Overall.INDETERMINATE, f"falta {member}")
