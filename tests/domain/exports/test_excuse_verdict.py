"""A licence passed under N-4c, judged by a stranger: only a failure that truly excused this very act serves."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from lme_operator.core.canonical import decode, encode, format_instant
from lme_operator.core.database import Database, Deadline
from lme_operator.core.outside import Failure, OutsideExchange
from lme_operator.core.run import Run
from lme_operator.domain.audit import open_strict
from lme_operator.domain.exports import Verdict, judge_evidence
from lme_operator.domain.rnpi import CONSULTED, Consultation
from tests.domain.exports.test_dishonest_operator import POWERS, add, again, disclosed, with_register
from tests.domain.issuance.test_register import NEXT_MORNING, excused, issue
from tests.factories.rnpi import ABSENT, DOWN, said
from tests.factories.stage import DOCTOR, Stage

REGISTER = "v1/rnpi.zip"


@pytest.fixture
def stage(database: Database, tmp_path: Path) -> Stage:
    return Stage(database, tmp_path)


@pytest.fixture
def file(stage: Stage) -> bytes:
    """The evidence file of a licence that passed because the register was down."""
    session = excused(stage)
    return stage.evidence(session, issue(stage, session).id)


def register_line(verdict: Verdict) -> tuple[str, bool | None]:
    return next((line.answer, line.sound) for line in verdict.lines if line.topic == "RNPI")


def of(consultation: Consultation) -> dict[str, Any]:
    return {"consulta": str(consultation.id), "instante": format_instant(consultation.at)}


def resting_on(stage: Stage, file: bytes, evidence: bytes, **valor: Any) -> tuple[str, bool | None]:
    """The register's line of the licence logged anew by the operator, resting on that evidence."""
    powers = with_register(decode(open_strict(file)[POWERS]), **valor)
    forged = again(stage, file, changed={POWERS: encode(powers), REGISTER: evidence})
    return register_line(judge_evidence(forged, stage.trust))


def evidence_of(stage: Stage, consultation: Consultation) -> bytes:
    return stage.people.rnpi.room.evidence_file(consultation.id, deadline=Deadline(5))


@pytest.mark.norm("N-4c")
def test_a_failure_that_excused_this_act_serves(stage: Stage, file: bytes) -> None:
    answer, sound = resting_on(stage, file, open_strict(file)[REGISTER])
    assert sound is True
    assert answer.startswith("no respondió, 0 s antes, por causa ajena (http_503)")
    assert "según la política que la consulta declara" in answer


@pytest.mark.norm("N-4b", "N-4c")
def test_a_failure_after_a_negative_excuses_nothing(stage: Stage, file: bytes) -> None:
    rnpi = stage.people.rnpi
    absent = rnpi.consult(Run(DOCTOR), ABSENT)
    after = rnpi.consult(Run(DOCTOR), DOWN)
    for last in ({}, {"ultima_vigente": of(absent)}):
        assert resting_on(stage, file, evidence_of(stage, after), **of(after), **last)[1] is False


@pytest.mark.norm("N-4c")
def test_the_powers_name_that_failure_and_the_answer_before_it(stage: Stage, file: bytes) -> None:
    evidence = open_strict(file)[REGISTER]
    last = decode(open_strict(file)[POWERS])["hechos"][-1]["valor"]["ultima_vigente"]
    wrong: list[dict[str, Any]] = [
        {"ultima_vigente": {**last, "consulta": str(uuid4())}},
        {"ultima_vigente": {**last, "instante": "2026-04-19T14:00:00.000000Z"}},
        {"instante": "2026-04-21T12:59:59.000000Z"},
        {"consulta": str(uuid4())},
    ]
    for valor in wrong:
        assert resting_on(stage, file, evidence, **valor)[1] is False, valor


@pytest.mark.norm("N-4c")
@pytest.mark.parametrize(("before", "serves"), [(15, True), (61, False), (600, False)])
def test_a_failure_excuses_for_seconds(stage: Stage, clock: Any, before: int, serves: bool) -> None:
    session = excused(stage)
    earlier = stage.people.rnpi.consult(Run(DOCTOR), DOWN)
    clock.advance(seconds=before)
    file = stage.evidence(session, issue(stage, session).id)
    assert resting_on(stage, file, evidence_of(stage, earlier), **of(earlier))[1] is serves


@pytest.mark.norm("N-4c")
def test_a_member_that_nobody_asks_for_in_its_evidence_is_refused(stage: Stage, file: bytes) -> None:
    members = open_strict(open_strict(file)[REGISTER])
    for name in ("v1/nota.txt", "v1/documento.xml"):
        evidence = add(stage, {**members, name: b"x"}, disclosed(members), kind=CONSULTED)
        assert resting_on(stage, file, evidence) == ("la evidencia no es de una consulta al RNPI", False)
    same = add(stage, members, disclosed(members), kind=CONSULTED)
    assert resting_on(stage, file, same)[1] is True


@dataclass
class Open:
    """A register whose circuit was opened by the failure of `other`."""

    other: Consultation
    clock: Callable[[], Any]

    def ask(self, *, run: Run, budget: float) -> OutsideExchange:  # noqa: ARG002
        detail = f"http_503 {format_instant(self.other.at)}"
        return replace(said(Failure.CIRCUIT_OPEN, run, self.clock), detail=detail)


@pytest.mark.norm("N-4c")
def test_an_open_circuit_is_as_indeterminate_as_its_own_evidence(stage: Stage, clock: Any) -> None:
    stage.doctor()
    clock.set(NEXT_MORNING)
    rnpi = stage.people.rnpi
    rnpi.instead = Open(rnpi.consult(Run(12345678), DOWN), clock)
    stage.issuance = replace(stage.issuance, rnpi=rnpi.room)
    session = stage.enter()
    file = stage.evidence(session, issue(stage, session).id)
    alone = judge_evidence(open_strict(file)[REGISTER], stage.trust)
    assert alone.overall.word == judge_evidence(file, stage.trust).overall.word == "indeterminada"
    assert register_line(judge_evidence(file, stage.trust))[1] is None
