"""Issuing and the RNPI: its answer of the day, or the proof that it could not be asked, and the second look."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from lme_operator.core.canonical import decode
from lme_operator.core.database import Database, Deadline
from lme_operator.core.refusal import Refusal
from lme_operator.core.run import Run
from lme_operator.domain.audit import open_strict
from lme_operator.domain.credentials import Session
from lme_operator.domain.exports import judge_evidence
from lme_operator.domain.issuance import Issued
from lme_operator.domain.standing import Act, Standing
from tests.factories.people import INDIVIDUAL, ORIGIN, norms
from tests.factories.rnpi import ABSENT, ANOTHER, DOWN, IN_FORCE, OTHER_TITLE, OURS
from tests.factories.stage import DOCTOR, Stage

NEXT_MORNING = datetime(2026, 4, 21, 13, 0, tzinfo=UTC)


BY_OPERATOR = "válida según el operador"


@pytest.fixture
def stage(database: Database, tmp_path: Path) -> Stage:
    return Stage(database, tmp_path)


def refused(do: Callable[[], object]) -> list[str]:
    with pytest.raises(Refusal) as refusal:
        do()
    return [refusal.value.kind.code, *(finding.code for finding in refusal.value.findings)]


def issue(stage: Stage, session: Session) -> Issued:
    return stage.issue(session, stage.prepare(session).id)


def lines(stage: Stage, file: bytes) -> Mapping[str, str]:
    verdict = judge_evidence(file, stage.trust)
    return {line.topic: line.answer for line in verdict.lines} | {"veredicto": verdict.overall.word}


def register_fact(file: bytes) -> Any:
    return next(
        fact for fact in decode(open_strict(file)["v1/facultades.json"])["hechos"] if fact["norma"] in ("N-4a", "N-4c")
    )


def recheck(stage: Stage) -> int:
    """What the outbox promised, done."""
    with stage.database.reading(deadline=Deadline(5)) as connection:
        subjects = (
            connection.exec_driver_sql("SELECT subject FROM core.outbox WHERE effect = 'issuance.recheck' ORDER BY at")
            .scalars()
            .all()
        )
    return sum(stage.issuance.recheck(consultation_id=subject, deadline=Deadline(5)) for subject in subjects)


def excused(stage: Stage, session_of: int = DOCTOR) -> Session:
    """A professional known in force yesterday, who enters today while the register is down."""
    stage.doctor(session_of)
    stage.database.clock.set(NEXT_MORNING)  # type: ignore[attr-defined]
    stage.people.rnpi.registry.now = DOWN
    return stage.enter(session_of)


@pytest.mark.norm("N-4a")
def test_the_first_entry_of_the_day_asks_and_its_answer_is_in_the_evidence(stage: Stage) -> None:
    registry = stage.people.rnpi.registry
    session = stage.doctor()
    assert [run for run, _ in registry.asked] == [Run(DOCTOR)]
    again = stage.enter()
    issued = issue(stage, again)
    assert len(registry.asked) == 1
    file = stage.evidence(again, issued.id)
    assert register_fact(file)["valor"]["resultado"] == "vigente"
    assert "vigente ese día" in lines(stage, file)["RNPI"]
    assert lines(stage, file)["veredicto"] == BY_OPERATOR
    assert session.run == again.run


@pytest.mark.norm("N-4a")
def test_the_day_turns_inside_a_session_and_the_register_is_asked_again(stage: Stage, clock: Any) -> None:
    registry = stage.people.rnpi.registry
    clock.set(datetime(2026, 4, 21, 3, 50, tzinfo=UTC))  # 23:50 of the 20th in Santiago
    session = stage.doctor()
    issue(stage, session)
    clock.set(datetime(2026, 4, 21, 4, 5, tzinfo=UTC))  # 00:05 of the 21st
    registry.now = ABSENT
    assert refused(lambda: stage.prepare(session)) == ["no_puede_emitir", "rnpi_no_vigente"]
    assert len(registry.asked) == 2


@pytest.mark.norm("N-4b")
@pytest.mark.parametrize("says", [ABSENT, OTHER_TITLE])
def test_who_is_not_in_force_has_a_restricted_session(stage: Stage, says: str) -> None:
    session = stage.doctor()
    issued = issue(stage, session)
    stage.database.clock.set(NEXT_MORNING)  # type: ignore[attr-defined]
    stage.people.rnpi.registry.now = says
    restricted = stage.enter()
    assert refused(lambda: stage.prepare(restricted)) == ["no_puede_emitir", "rnpi_no_vigente"]
    assert refused(lambda: stage.evidence(restricted, issued.id)) == ["no_puede_leer", "rnpi_no_vigente"]
    with stage.database.reading(deadline=Deadline(5)) as connection:
        judge = Standing(norms()).judge
        at = stage.database.clock()
        allowed = {
            act
            for act in Act
            if judge(connection, run=restricted.run, act=act, context=INDIVIDUAL, at=at).decision.allowed
        }
    assert allowed == {Act.BLOCK_SELF, Act.SEE_RESULT}
    stage.people.access.block_self(session=restricted, origin=ORIGIN, deadline=Deadline(5))


@pytest.mark.norm("N-4b", "N-4c")
def test_a_negative_holds_through_an_outage_until_a_positive(stage: Stage, clock: Any) -> None:
    stage.people.rnpi.registry.now = ABSENT
    stage.doctor()
    clock.set(NEXT_MORNING)
    stage.people.rnpi.registry.now = DOWN
    session = stage.enter()
    assert refused(lambda: stage.prepare(session)) == ["no_puede_emitir", "rnpi_no_vigente"]
    clock.advance(seconds=900)
    stage.people.rnpi.registry.now = IN_FORCE
    assert issue(stage, stage.enter()).state.code == "otorgada"


@pytest.mark.norm("N-4c")
def test_out_of_reach_for_anothers_cause_a_licence_passes_with_its_proof(stage: Stage) -> None:
    session = excused(stage)
    issued = issue(stage, session)
    file = stage.evidence(session, issued.id)
    assert register_fact(file)["norma"] == "N-4c"
    assert "v1/rnpi.zip" in open_strict(file)
    said = lines(stage, file)
    assert said["veredicto"] == "indeterminada"
    assert said["recontrol"] == "falta el segundo control del operador: pídale la versión siguiente"
    assert "por excepción, N-4c" in said["RNPI"]
    assert lines(stage, open_strict(file)["v1/rnpi.zip"])["veredicto"] == BY_OPERATOR


@pytest.mark.norm("N-4c")
@pytest.mark.parametrize("says", [OURS, "http_403", "http_429", ANOTHER])
def test_our_own_failures_and_answers_of_another_person_stay_closed(stage: Stage, says: str) -> None:
    session = excused(stage)
    stage.database.clock.advance(seconds=60)  # type: ignore[attr-defined]
    stage.people.rnpi.registry.now = says
    assert refused(lambda: stage.prepare(session)) == ["no_puede_emitir", "rnpi_sin_consulta"]


@pytest.mark.norm("N-4c")
def test_without_our_own_hosts_within_reach_the_cause_is_ours(stage: Stage) -> None:
    stage.people.rnpi.controls.reachable = 1
    assert refused(lambda: stage.prepare(excused(stage))) == ["no_puede_emitir", "rnpi_sin_consulta"]


@pytest.mark.norm("N-4c")
def test_who_was_never_known_in_force_has_no_exception(stage: Stage) -> None:
    stage.people.rnpi.registry.now = DOWN
    assert refused(lambda: stage.prepare(stage.doctor())) == ["no_puede_emitir", "rnpi_sin_consulta"]


@pytest.mark.norm("N-4c")
def test_the_register_is_tried_again_at_each_issue_and_the_first_answer_ends_it(stage: Stage, clock: Any) -> None:
    session = excused(stage)
    registry = stage.people.rnpi.registry
    before = len(registry.asked)
    prepared = stage.prepare(session)
    clock.advance(seconds=60)
    registry.now = ABSENT
    assert refused(lambda: stage.issue(session, prepared.id)) == ["no_puede_emitir", "rnpi_no_vigente"]
    assert len(registry.asked) > before
    registry.now = DOWN
    clock.advance(seconds=60)
    assert refused(lambda: stage.prepare(session)) == ["no_puede_emitir", "rnpi_no_vigente"]


@pytest.mark.norm("N-4c")
@pytest.mark.parametrize(
    ("says", "conforming", "word"), [(IN_FORCE, True, BY_OPERATOR), (ABSENT, False, "indeterminada")]
)
def test_what_passed_is_looked_at_again_at_the_first_answer(
    stage: Stage, clock: Any, says: str, conforming: bool, word: str
) -> None:
    session = excused(stage)
    first, second = issue(stage, session), issue(stage, session)
    assert recheck(stage) == 0
    clock.advance(seconds=60)
    stage.people.rnpi.consult(session.run, says)
    assert recheck(stage) == 2
    assert recheck(stage) == 0
    stage.people.rnpi.consult(session.run, IN_FORCE)
    reader = stage.enter()
    for issued in (first, second):
        file = stage.evidence(reader, issued.id)
        assert decode(open_strict(file)["v2/recontrol.json"])["conforme"] is conforming
        said = lines(stage, file)
        review = "" if conforming else "; en revisión: pregunte al operador"
        assert said["recontrol"] == f"el RNPI respondió después «{says}»{review}"
        assert said["veredicto"] == word


@pytest.mark.norm("N-4c", "N-2.4a")
def test_no_byte_of_a_licence_passed_by_exception_changes_unnoticed(stage: Stage, clock: Any) -> None:
    session = excused(stage)
    issued = issue(stage, session)
    clock.advance(seconds=60)
    stage.people.rnpi.consult(session.run, IN_FORCE)
    recheck(stage)
    file = stage.evidence(stage.enter(), issued.id)
    for at in range(0, len(file), 997):
        altered = file[:at] + bytes([file[at] ^ 1]) + file[at + 1 :]
        assert judge_evidence(altered, stage.trust).overall.word == "inválida", at
