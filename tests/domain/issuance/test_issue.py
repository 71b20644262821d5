"""Issuing at the level of the domain: the thin thread, and each way of being refused."""

from pathlib import Path

import pytest

from lme_operator.core.database import Database, Deadline
from lme_operator.core.refusal import Refusal
from lme_operator.domain.exports import judge_evidence
from tests.factories.stage import DOCTOR, Stage


@pytest.fixture
def stage(database: Database, tmp_path: Path) -> Stage:
    return Stage.build(database=database, folder=tmp_path)


@pytest.mark.norm("N-1a", "N-2.4a", "N-2.4b", "N-2.6c")
def test_licence_issued_with_totp_is_judged_valid(stage: Stage) -> None:
    stage.enrol()
    session = stage.enter()
    prepared = stage.prepare(session)
    issued = stage.issue(session, prepared.id)
    verdict = judge_evidence(stage.evidence(session, issued.id), stage.trust)
    assert verdict.overall.word == "válida", verdict
    assert any("declarada por el operador" in line.answer for line in verdict.lines)
