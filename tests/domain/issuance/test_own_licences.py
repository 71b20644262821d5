"""What a professional reads of his own: the list, his earlier licences of a patient, and the story of each folio."""

from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
import sqlalchemy as sa
from psycopg.rows import tuple_row

from lme_operator.core.database import Database, Deadline
from lme_operator.core.refusal import Refusal
from lme_operator.core.run import Run
from lme_operator.domain.audit import verify_log
from lme_operator.domain.credentials import Session
from lme_operator.domain.issuance import IssuedLine, IssuedList, own_licences
from lme_operator.domain.licences import record_licence
from lme_operator.domain.professionals import PracticeContext
from tests.conftest import SettableClock
from tests.factories.machines import Machine
from tests.factories.orders import licence_order
from tests.factories.people import ORIGIN
from tests.factories.rnpi import ABSENT
from tests.factories.stage import Stage

PATIENT = Run(11111111)


@pytest.fixture
def stage(database: Database, tmp_path: Path) -> Stage:
    return Stage(database, tmp_path)


def issue(stage: Stage, session: Session, **changes: Any) -> UUID:
    return stage.issue(session, stage.prepare(session, licence_order(**changes)).id).id


def listed(stage: Stage, session: Session, after: str | None = None) -> IssuedList:
    return stage.issuance.issued(session=session, after=after, deadline=Deadline(10))


def patient(number: int) -> Any:
    return replace(licence_order().worker, run=Run(number), given_names="Otra", maternal_surname=None)


def test_list_tells_each_licence_and_whose_it_is(stage: Stage, owner_url: str) -> None:
    session = stage.doctor()
    assert listed(stage, session) == IssuedList((), None)
    first, second = issue(stage, session), issue(stage, session, worker=patient(9000001), days=2)
    one, two = listed(stage, session).lines
    found = stage.issuance.find(session=session, licence_id=first, deadline=Deadline(10))
    assert two == IssuedLine(
        first, found.folio, found.issued_at, 1, 5, date(2026, 4, 20), found.state, "María José Muñoz O'Higgins", PATIENT
    )
    assert (one.id, one.days, one.worker_name, one.worker_run) == (second, 2, "Otra Muñoz", Run(9000001))
    with psycopg.connect(owner_url.replace("+psycopg", ""), row_factory=tuple_row) as owner:
        rows = owner.execute("SELECT l::text FROM licences.licence l").fetchall()
    assert not [row for row in rows if "Otra" in str(row) or "9000001" in str(row) or "11111111" in str(row)]


@pytest.mark.norm("N-2.6b")
def test_list_goes_on_from_where_it_ended_whatever_is_issued_meanwhile(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(own_licences, "_PAGE", 2)
    session = stage.doctor()
    issued = [issue(stage, session, days=days) for days in range(1, 6)]
    page = listed(stage, session)
    later = issue(stage, session)
    seen = [line.id for line in page.lines]
    while page.after is not None:
        page = listed(stage, session, page.after)
        seen += [line.id for line in page.lines]
    assert seen == issued[::-1]
    assert listed(stage, session).lines[0].id == later
    monkeypatch.setattr(own_licences, "_PAGE", 6)
    assert listed(stage, session).after is None


@pytest.mark.parametrize("after", ["", "x", "AAAA", "A" * 33, "f" + "_" * 31, "ñ", "1-9", "A" * 4000, "="])
def test_a_place_that_is_none_of_the_list_is_refused(stage: Stage, after: str) -> None:
    with pytest.raises(Refusal, match=r"^pagina_inexistente$"):
        listed(stage, stage.doctor(), after)


def test_a_place_before_all_is_empty(stage: Stage) -> None:
    session = stage.doctor()
    issue(stage, session)
    assert listed(stage, session, "A" * 32) == IssuedList((), None)


@pytest.mark.norm("N-2.6b")
def test_another_person_or_context_reads_nothing(stage: Stage) -> None:
    session = stage.doctor()
    licence, prepared = issue(stage, session), stage.prepare(session)
    elsewhere = replace(session, context=PracticeContext(operator=True))
    for other in (elsewhere, stage.doctor(15000002)):
        assert listed(stage, other).lines == ()
        assert stage.issuance.earlier(session=other, worker=PATIENT, deadline=Deadline(10)) == ()
        with pytest.raises(Refusal, match=r"^licencia_inexistente$"):
            stage.issuance.history(session=other, licence_id=licence, deadline=Deadline(10))
        with pytest.raises(Refusal, match=r"^preparacion_inexistente$"):
            stage.issuance.prepared(session=other, preparation_id=prepared.id, deadline=Deadline(10))


@pytest.mark.norm("N-4b", "N-6a")
def test_who_is_suspended_reads_and_who_the_register_denies_does_not(stage: Stage) -> None:
    session = stage.doctor()
    licence = issue(stage, session)
    people = stage.people
    Machine.register(people.database, people.log, people.sealer).suspend(session.run)
    session = stage.enter()
    issuance, deadline = stage.issuance, Deadline(10)
    assert [line.id for line in listed(stage, session).lines] == [licence]
    assert len(issuance.earlier(session=session, worker=PATIENT, deadline=deadline)) == 1
    assert len(issuance.history(session=session, licence_id=licence, deadline=deadline)) == 2
    people.rnpi.consult(session.run, ABSENT)
    for read in (
        lambda: listed(stage, session),
        lambda: issuance.earlier(session=session, worker=PATIENT, deadline=deadline),
        lambda: issuance.history(session=session, licence_id=licence, deadline=deadline),
        lambda: issuance.prepared(session=session, preparation_id=uuid4(), deadline=deadline),
    ):
        with pytest.raises(Refusal, match=r"^no_puede_leer$"):
            read()


def test_earlier_licences_of_a_patient_come_whole_and_newest_first(stage: Stage) -> None:
    session = stage.doctor()
    first = issue(stage, session, days=3)
    issue(stage, session, worker=patient(9000001))
    second = issue(stage, session, days=7)
    found = stage.issuance.earlier(session=session, worker=PATIENT, deadline=Deadline(10))
    assert [one.id for one in found] == [second, first]
    assert found[1].document.order == licence_order(days=3)
    assert found[1].folio == found[1].document.folio
    assert stage.issuance.earlier(session=session, worker=Run(9000002), deadline=Deadline(10)) == ()


def test_no_more_earlier_ones_than_the_newest(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(own_licences, "_EARLIER", 2)
    session = stage.doctor()
    issued = [issue(stage, session, days=days) for days in range(1, 4)]
    found = stage.issuance.earlier(session=session, worker=PATIENT, deadline=Deadline(10))
    assert [one.id for one in found] == issued[:0:-1]


def test_an_erased_document_stays_in_the_list_without_its_patient(stage: Stage, owner_url: str) -> None:
    session = stage.doctor()
    licence = issue(stage, session)
    with psycopg.connect(owner_url.replace("+psycopg", "")) as owner:
        owner.execute("DELETE FROM licences.document_key")
    (line,) = listed(stage, session).lines
    assert (line.id, line.worker_name, line.worker_run) == (licence, None, None)
    assert stage.issuance.earlier(session=session, worker=PATIENT, deadline=Deadline(10)) == ()


def test_one_of_before_the_list_told_has_no_patient(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    """Licences of last version's code carry the code alone."""

    def without(work: Any, own: Any, licence: Any, **given: Any) -> None:
        record_licence(work, own, replace(licence, patient=None), **given)

    monkeypatch.setattr("lme_operator.domain.issuance.issue.record_licence", without)
    session = stage.doctor()
    licence = issue(stage, session)
    (line,) = listed(stage, session).lines
    assert (line.id, line.worker_name, line.worker_run) == (licence, None, None)
    assert stage.issuance.find(session=session, licence_id=licence, deadline=Deadline(10)).verification_code


def test_prepared_is_shown_while_it_may_be_issued(stage: Stage, clock: SettableClock) -> None:
    session = stage.doctor()

    def shown(preparation: UUID) -> Any:
        return stage.issuance.prepared(session=session, preparation_id=preparation, deadline=Deadline(10))

    def refusal_of(preparation: UUID) -> str:
        with pytest.raises(Refusal) as refused:
            shown(preparation)
        return refused.value.kind.code

    spent, discarded, old = (stage.prepare(session) for _ in range(3))
    assert shown(old.id) == old
    stage.issue(session, spent.id)
    assert refusal_of(spent.id) == "preparacion_ya_usada"
    stage.issuance.cancel(session=session, preparation_id=discarded.id, origin=ORIGIN, deadline=Deadline(10))
    assert refusal_of(discarded.id) == "preparacion_descartada"
    assert refusal_of(uuid4()) == "preparacion_inexistente"
    clock.set(old.expires_at)
    assert refusal_of(old.id) == "preparacion_vencida"


@pytest.mark.norm("N-2.4a")
def test_story_of_a_folio(stage: Stage, clock: SettableClock) -> None:
    session = stage.doctor()
    discarded = stage.prepare(session)
    stage.issuance.cancel(session=session, preparation_id=discarded.id, origin=ORIGIN, deadline=Deadline(10))
    clock.advance(seconds=5)
    prepared = stage.prepare(session)
    issued = stage.issue(session, prepared.id)
    story = stage.issuance.history(session=session, licence_id=issued.id, deadline=Deadline(10))
    who = f"persona:{session.run}"
    assert [(one.at, one.what, one.by) for one in story] == [
        (prepared.issued_at, "licencia_preparada", who),
        (issued.issued_at, "licencia_emitida", who),
    ]
    assert [one.detail for one in story] == [None, "autorizada con código, declarado por el operador"]
    assert story[0].entry is None
    assert story[1].entry == issued.receipt["indice"]
    with stage.database.reading(deadline=Deadline(10)) as connection:
        assert verify_log(connection, sealer=stage.people.sealer).fault is None


_MANY = """
    INSERT INTO licences.licence (id, folio, run, context, enrolment_id, preparation_id, kind, days, rest_starts_on,
                                  worker, details, entry_id, at)
    SELECT gen_random_uuid(), 2000000 + n, run, context, enrolment_id, gen_random_uuid(), kind, days, rest_starts_on,
           worker, details, gen_random_uuid(), at + n * interval '1 second'
    FROM licences.licence, generate_series(1, %s) AS n
    WHERE folio < 2000000
"""
_STRANGERS = _MANY.replace("2000000 + n, run", "3000000 + n, (n %% 500)::text").replace(
    "worker, details, gen", "sha256(n::text::bytea), details, gen"
)


@pytest.mark.parametrize("of", ["list", "next page", "patient"])
def test_reading_costs_the_page_and_not_the_table(stage: Stage, owner_url: str, of: str) -> None:
    session = stage.doctor()
    issue(stage, session)
    with psycopg.connect(owner_url.replace("+psycopg", ""), autocommit=True) as owner:
        owner.execute(_STRANGERS, [20000])
        owner.execute(_MANY.replace("worker, details, gen", "sha256(n::text::bytea), details, gen"), [3000])
        owner.execute("ANALYZE licences.licence")
    said: list[tuple[str, Any]] = []

    def keep(*called: Any) -> None:
        said.append((called[2], called[3]))

    engine = stage.database._engine
    sa.event.listen(engine, "before_cursor_execute", keep)
    try:
        if of == "patient":
            stage.issuance.earlier(session=session, worker=PATIENT, deadline=Deadline(10))
        else:
            after = own_licences._write_cursor(session.at, uuid4()) if of == "next page" else None
            page = listed(stage, session, after)
            assert len(page.lines) == (50 if after is None else 0)
    finally:
        sa.event.remove(engine, "before_cursor_execute", keep)
    statement, parameters = next(one for one in said if "FROM licences.licence" in one[0])
    with stage.database.reading(deadline=Deadline(10)) as connection:
        plan = connection.exec_driver_sql(f"EXPLAIN (ANALYZE, BUFFERS) {statement}", parameters).scalars().all()
    text = "\n".join(plan)
    index = "licence_by_worker" if of == "patient" else "licence_of_issuer"
    assert index in text, text
    assert "Seq Scan on licence" not in text
    assert "Sort" not in text or of == "patient", text
