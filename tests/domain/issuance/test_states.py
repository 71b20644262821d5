"""The state of a licence follows from what happened to it, and every reader is told the same."""

import json
import re
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import Any
from uuid import uuid4

import pypdf
import pytest
import sqlalchemy as sa

from lme_operator.core.database import Database, Deadline
from lme_operator.core.origin import Origin
from lme_operator.domain.issuance.rules import Excused, SecondLook, state_of
from lme_operator.domain.licences.form import Copy
from lme_operator.domain.licences.state import State, StateCode
from tests.factories.licence_states import LOOKS, Outage
from tests.factories.stage import DOCTOR, Stage

LATE = datetime(2026, 4, 22, 3, 30, tzinfo=UTC)
"""Still the 21st in Santiago."""


@pytest.fixture
def stage(database: Database, tmp_path: Path) -> Stage:
    return Stage(database, tmp_path)


@pytest.fixture
def outage(stage: Stage) -> Outage:
    return Outage(stage.people, stage.issuance, stage.people.enrol(DOCTOR))


def derived(excused: Excused | None) -> State:
    return state_of(excused, operator="Operador Uno", site="https://lme.example")


@pytest.mark.norm("N-4c")
def test_each_state_has_its_words_and_none_blames_the_worker() -> None:
    plain, passed = derived(None), derived(Excused(None))
    confirmed = derived(Excused(SecondLook(LATE, conforming=True)))
    doubted = derived(Excused(SecondLook(LATE, conforming=False)))
    assert (plain.code, plain.words, plain.detail) == ("otorgada", "Otorgada", None)
    assert (passed.code, passed.words) == ("otorgada_numeral_4", "Otorgada conforme al numeral 4 (RNPI no disponible)")
    assert (confirmed.code, confirmed.words) == (
        "otorgada_numeral_4_confirmada",
        "Otorgada conforme al numeral 4, confirmada",
    )
    assert "21-04-2026" in str(confirmed.detail), "the day in Santiago"
    assert (doubted.code, doubted.words) == ("en_revision", "En revisión")
    assert "emitida válidamente conforme al numeral 4" in str(doubted.detail)
    assert "El trabajador no tiene que hacer nada" in str(doubted.detail)
    assert str(doubted.detail).endswith("pregunte a Operador Uno, https://lme.example")
    told = [plain, passed, confirmed, doubted]
    assert {one.code for one in told} == set(StateCode) == set(LOOKS)
    for one in told:
        assert not re.search("indeterminada|inválida|no inscrito", f"{one.words} {one.detail}", re.IGNORECASE)


@pytest.mark.norm("N-4c", "M-7")
@pytest.mark.parametrize("code", LOOKS)
def test_every_reader_is_told_the_state_of_today(stage: Stage, outage: Outage, code: str) -> None:
    issued = outage.issue(code)
    session = outage.enter()
    found = stage.issuance.find(session=session, licence_id=issued.id, deadline=Deadline(10))
    (line,) = stage.issuance.issued(session=session, deadline=Deadline(10)).lines
    origin = Origin("198.51.100.7", "Navegador de pruebas", str(uuid4()))
    verified = stage.issuance.verify(code=issued.verification_code, folio=None, origin=origin, deadline=Deadline(10))
    assert verified is not None
    assert found.state.code == code
    assert found.state == line.state == verified.state
    form = stage.issuance.form(session=session, licence_id=issued.id, copy=Copy.RECEIPT, deadline=Deadline(10))
    paper = pypdf.PdfReader(BytesIO(form.content))
    ((content,),) = paper.attachments.values()
    data, text = json.loads(content), " ".join("".join(page.extract_text() for page in paper.pages).split())
    assert (data["estado"], data["estado_glosa"]) == (code, found.state.words)
    assert data.get("estado_detalle") == found.state.detail
    assert f"Estado : {found.state.words} " in text
    assert (found.state.detail or "Estado") in text
    assert len(paper.pages) == 1


@pytest.mark.norm("N-4c")
def test_each_line_of_the_list_has_its_own_state_and_all_cost_one_query(stage: Stage, outage: Outage) -> None:
    told = [(outage.issue(code).id, code) for code in LOOKS]
    session, said = outage.enter(), list[str]()

    def keep(*called: Any) -> None:
        said.append(called[2])

    engine = stage.database._engine
    sa.event.listen(engine, "before_cursor_execute", keep)
    try:
        listed = stage.issuance.issued(session=session, deadline=Deadline(10))
    finally:
        sa.event.remove(engine, "before_cursor_execute", keep)
    assert [(line.id, line.state.code) for line in listed.lines] == told[::-1]
    assert len([statement for statement in said if "exception_pass" in statement]) == 1


def test_a_licence_issued_in_an_outage_says_so_at_once(outage: Outage) -> None:
    assert outage.issue("otorgada_numeral_4").state.words == "Otorgada conforme al numeral 4 (RNPI no disponible)"
