"""A preparation that will not be issued: discarded by whoever made it, once for ever, and its place is free again."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from uuid import UUID, uuid4

import psycopg
import pytest

from lme_operator.core.database import Database, Deadline
from lme_operator.core.refusal import Refusal
from lme_operator.domain.audit import verify_log
from lme_operator.domain.credentials import Session
from lme_operator.domain.issuance import TotpAuthorisation
from tests.factories.machines import Machine
from tests.factories.people import ORIGIN
from tests.factories.stage import Stage


@pytest.fixture
def stage(database: Database, tmp_path: Path) -> Stage:
    return Stage(database, tmp_path)


def cancel(stage: Stage, session: Session, preparation: UUID) -> None:
    stage.issuance.cancel(session=session, preparation_id=preparation, origin=ORIGIN, deadline=Deadline(10))


def refusal_of(stage: Stage, session: Session, preparation: UUID) -> str:
    with pytest.raises(Refusal) as refused:
        cancel(stage, session, preparation)
    return refused.value.kind.code


def test_cancelled_preparation_gives_its_place_back_and_its_folio_is_burnt(stage: Stage, owner_url: str) -> None:
    session = stage.doctor()
    prepared = [stage.prepare(session) for _ in range(5)]
    for _ in range(2):
        cancel(stage, session, prepared[0].id)
    later = stage.prepare(session)
    assert later.folio not in {one.folio for one in prepared}
    with pytest.raises(Refusal) as refused:
        stage.issue(session, prepared[0].id)
    assert refused.value.kind.code == "preparacion_descartada"
    assert stage.issue(session, prepared[1].id).folio == prepared[1].folio
    with psycopg.connect(owner_url.replace("+psycopg", "")) as owner:
        kept = owner.execute("SELECT preparation_id FROM issuance.preparation_cancelled").fetchall()
        folios = owner.execute("SELECT count(*) FROM issuance.preparation").fetchone()
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            owner.execute("DELETE FROM issuance.preparation_cancelled")
    assert (kept, folios) == ([(prepared[0].id,)], (6,))


@pytest.mark.norm("N-2.6b")
def test_only_who_prepared_it_discards_it_and_never_what_was_issued(stage: Stage) -> None:
    session = stage.doctor()
    prepared = stage.prepare(session)
    stranger = stage.doctor(15000002)
    assert refusal_of(stage, stranger, prepared.id) == "preparacion_inexistente"
    assert refusal_of(stage, session, uuid4()) == "preparacion_inexistente"
    stage.issue(session, prepared.id)
    assert refusal_of(stage, session, prepared.id) == "preparacion_ya_usada"


@pytest.mark.norm("N-2.4a")
def test_discarding_and_its_refusals_are_on_record(stage: Stage) -> None:
    session = stage.doctor()
    prepared = stage.prepare(session)
    cancel(stage, session, prepared.id)
    assert stage.log.seal_attempts(stage.database, Deadline(10)) is not None
    assert refusal_of(stage, session, uuid4()) == "preparacion_inexistente"
    with stage.database.reading(deadline=Deadline(10)) as connection:
        report = verify_log(connection, sealer=stage.people.sealer)
        last = stage.log.disclosed_at(connection, report.size - 1)
    assert report.fault is None
    assert (last["acto"], last["codigo"]) == ("preparacion_descartada", "preparacion_inexistente")


def test_who_was_suspended_may_not_discard_with_a_dead_session(stage: Stage) -> None:
    session = stage.doctor()
    prepared = stage.prepare(session)
    people = stage.people
    Machine.register(people.database, people.log, people.sealer).suspend(session.run)
    assert refusal_of(stage, session, prepared.id) == "sesion_terminada"
    cancel(stage, stage.enter(), prepared.id)


def test_issuing_and_discarding_at_once_do_one_of_both(stage: Stage) -> None:
    session = stage.doctor()
    for _ in range(5):
        prepared, code = stage.prepare(session), stage.next_code()

        def issue(prepared_id: UUID = prepared.id, code: str = code) -> str:
            return stage.issue(session, prepared_id, TotpAuthorisation(code)).folio

        def discard(prepared_id: UUID = prepared.id) -> str:
            cancel(stage, session, prepared_id)
            return "descartada"

        with ThreadPoolExecutor(2) as pool:
            done = [future for future in [pool.submit(issue), pool.submit(discard)] if future.exception() is None]
        assert len(done) == 1
        if done[0].result() != "descartada":
            assert refusal_of(stage, session, prepared.id) == "preparacion_ya_usada"
