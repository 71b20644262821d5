"""The operator's people of a demonstration, made by the real acts, also when a start is cut short."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from lme_operator.core.database import Deadline
from lme_operator.core.run import Run
from lme_operator.domain.access import TotpCode
from lme_operator.domain.mandates import Role, roles_in_force
from lme_operator.domain.professionals import PracticeContext
from lme_operator.entrypoints.cli.operations import write_founding
from lme_operator.entrypoints.demonstration import staff
from lme_operator.entrypoints.demonstration.staff import (
    FOUNDERS,
    OFFICER,
    accredit_people,
    new_members,
    ready_access,
)
from lme_operator.wiring import Operator
from tests.factories.people import ORIGIN, code_at
from tests.factories.web import operator_of, web_settings


@pytest.fixture
def operator(tmp_path: Path, application_url: str, clock: Any) -> Iterator[Operator]:
    with operator_of(web_settings(tmp_path, application_url), clock) as operator:
        yield operator


@pytest.fixture
def contents(operator: Operator) -> dict[str, Any]:
    contents: dict[str, Any] = {"personas": new_members()}
    access = ready_access(contents)
    assert write_founding(operator, operator.settings, FOUNDERS, hand_over=lambda _given: None, ready=access)
    assert not write_founding(operator, operator.settings, FOUNDERS, hand_over=lambda _given: None, ready=access)
    return contents


def enter(operator: Operator, person: dict[str, Any], *, steps: int) -> None:
    operator.access.enter(
        run=Run.parse(person["run"]),
        password=person["clave"],
        second_factor=TotpCode(code_at(operator.clock(), person["totp"], steps=steps)),
        context=PracticeContext(operator=True),
        origin=ORIGIN,
        deadline=Deadline(5),
    )


@pytest.mark.norm("N-1l")
def test_everybody_enters_with_what_the_file_says(operator: Operator, contents: dict[str, Any], tmp_path: Path) -> None:
    shown = tmp_path / "codigos.json"
    accredit_people(operator, contents, shown_file=shown)
    spent = json.loads(shown.read_text())
    assert set(spent) == {"fundadora", "fundador", "funcionaria", "autoridad"}
    operator.clock.advance(seconds=60)  # type: ignore[attr-defined]
    for person in contents["personas"]:
        assert spent[person["apodo"]] < int(operator.clock().timestamp()) // 30
        enter(operator, person, steps=0)
    accredit_people(operator, contents, shown_file=shown)
    assert len(operator.mandates.officers(deadline=Deadline(5))) == 2


def test_start_cut_short_after_the_approval_goes_on(
    operator: Operator, contents: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown = tmp_path / "codigos.json"
    with monkeypatch.context() as cut:
        cut.setattr(staff._Ceremony, "change_initial_password", _cut)
        with pytest.raises(KeyboardInterrupt):
            accredit_people(operator, contents, shown_file=shown)
    with operator.database.reading(deadline=Deadline(5)) as connection:
        assert roles_in_force(connection, OFFICER.run, operator.clock()) == {Role.OFFICER}
    operator.clock.advance(seconds=60)  # type: ignore[attr-defined]  # the founders' codes of now are spent
    accredit_people(operator, contents, shown_file=shown)
    operator.clock.advance(seconds=60)  # type: ignore[attr-defined]
    for person in contents["personas"][-2:]:
        enter(operator, person, steps=0)


def _cut(*_: object) -> None:
    raise KeyboardInterrupt
