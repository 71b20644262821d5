"""Issuing at the level of the domain: the thin thread, and each way of being refused."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import psycopg
import pytest

from lme_operator.core.canonical import decode, sha256
from lme_operator.core.database import Database, Deadline
from lme_operator.core.refusal import Fault, Refusal
from lme_operator.core.run import Run
from lme_operator.domain.audit import open_strict, verify_log
from lme_operator.domain.exports import Overall, Proof, judge_evidence
from lme_operator.domain.exports.scale import Topic
from lme_operator.domain.issuance import TotpAuthorisation, WebauthnAuthorisation
from lme_operator.domain.licences.document import describe_document
from lme_operator.domain.professionals import PracticeContext, record_agreement, record_institution
from tests.factories.authenticator import SoftwareAuthenticator
from tests.factories.machines import Machine
from tests.factories.orders import licence_order
from tests.factories.people import ORIGIN, OTHER_PASSWORD, PASSWORD
from tests.factories.stage import Stage

COUNTED = ("licences.licence", "licences.evidence", "issuance.redemption", "issuance.preparation", "core.outcome")


@pytest.fixture
def stage(database: Database, tmp_path: Path) -> Stage:
    return Stage(database, tmp_path)


def counts(owner_url: str) -> dict[str, int]:
    with psycopg.connect(owner_url.replace("+psycopg", "")) as connection:
        return {
            table: connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0]  # type: ignore[index]
            for table in COUNTED
        }


def refused(act: Callable[[], Any]) -> Refusal:
    with pytest.raises(Refusal) as caught:
        act()
    return caught.value


def reasons(refusal: Refusal) -> set[str]:
    return {finding.code for finding in refusal.findings}


@pytest.mark.norm("N-1a", "N-2.4a", "N-2.4b", "N-2.6c")
def test_licence_issued_with_totp_is_valid_and_says_who_declares(stage: Stage) -> None:
    session = stage.doctor()
    issued = stage.issue(session, stage.prepare(session).id)
    verdict = judge_evidence(stage.evidence(session, issued.id), stage.trust)
    assert verdict.overall is Overall.BY_OPERATOR
    assert {verdict.proof(line) for line in verdict.lines if line.topic is Topic.SIGNATURE} == {Proof.OPERATOR}


def test_prepared_document_is_what_is_issued(stage: Stage) -> None:
    session = stage.doctor()
    prepared = stage.prepare(session)
    facts = describe_document(prepared.document)
    assert sha256(prepared.document) == prepared.digest
    assert (facts.folio, facts.issuer, facts.days) == (prepared.folio, session.run, 5)
    issued = stage.issue(session, prepared.id)
    document = stage.issuance.document(session=session, licence_id=issued.id, deadline=Deadline(10))
    assert describe_document(document).folio == issued.folio == prepared.folio


@pytest.mark.norm("N-1a")
def test_nobody_issues_after_the_enrolment_ends(stage: Stage) -> None:
    stage.people.enrol(15000001, until=stage.database.clock() + timedelta(minutes=10))
    session = stage.enter()
    prepared = stage.prepare(session)
    stage.database.clock.advance(seconds=600)  # type: ignore[attr-defined]
    assert reasons(refused(lambda: stage.prepare(session))) == {"sin_enrolamiento"}
    assert reasons(refused(lambda: stage.issue(session, prepared.id))) == {"sin_enrolamiento"}


@pytest.mark.norm("N-1f")
def test_enrolment_in_one_context_does_not_serve_in_another(stage: Stage) -> None:
    institution = PracticeContext(Run(76123456))
    stage.people.enrol(15000001, contexts=(institution,))
    session = stage.enter()
    assert reasons(refused(lambda: stage.prepare(session))) == {"enrolado_en_otro_contexto"}


@pytest.mark.norm("N-1c")
def test_nobody_issues_for_an_institution_without_agreement(stage: Stage) -> None:
    institution = PracticeContext(Run(76123456))
    stage.people.enrol(15000001, contexts=(institution,))
    session = stage.enter(context=institution)
    assert reasons(refused(lambda: stage.prepare(session))) == {"sin_convenio"}
    with stage.database.unit_of_work(deadline=Deadline(5)) as work:
        record_institution(work, Run(76123456), name="Clínica de pruebas")
        record_agreement(work, Run(76123456), since=work.at)
    issued = stage.issue(session, stage.prepare(session).id)
    assert judge_evidence(stage.evidence(session, issued.id), stage.trust).overall is Overall.BY_OPERATOR


@pytest.mark.norm("N-2.4a")
def test_database_lost_after_the_commit_is_never_told_as_nothing_stored(stage: Stage, owner_url: str) -> None:
    session = stage.doctor()
    prepared = stage.prepare(session)
    before = counts(owner_url)
    looking = Database.looking

    def lost_once_issued(*given: Any, **named: Any) -> Any:
        if counts(owner_url)["licences.licence"] > before["licences.licence"]:
            raise Fault("servicio_no_disponible")
        return looking(*given, **named)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Database, "looking", lost_once_issued)
        with pytest.raises(Fault) as caught:
            stage.issue(session, prepared.id)
    assert caught.value.outcome_unknown
    assert counts(owner_url)["licences.licence"] == before["licences.licence"] + 1


@pytest.mark.norm("N-2.3b")
def test_nobody_issues_with_a_password_older_than_six_months(stage: Stage) -> None:
    """Session and preparation opened while the password was still in force, minutes before."""
    stage.people.enrol(15000001)
    due = datetime(2026, 10, 20, 3, 0, tzinfo=UTC)  # the first instant in Santiago of the day six months later
    stage.database.clock.set(due - timedelta(minutes=5))  # type: ignore[attr-defined]
    session = stage.enter()
    order = licence_order(rest_starts_on=date(2026, 10, 19))
    prepared = stage.prepare(session, order)
    stage.database.clock.set(due)  # type: ignore[attr-defined]
    assert reasons(refused(lambda: stage.prepare(session, order))) == {"clave_vencida"}
    assert reasons(refused(lambda: stage.issue(session, prepared.id))) == {"clave_vencida"}


@pytest.mark.norm("N-2.7a")
def test_nobody_issues_after_the_own_block(stage: Stage, owner_url: str) -> None:
    session = stage.doctor()
    prepared = stage.prepare(session)
    stage.people.access.block_self(session=session, origin=ORIGIN, deadline=Deadline(10))
    before = counts(owner_url)
    assert refused(lambda: stage.issue(session, prepared.id)).kind.code == "sesion_terminada"
    session = stage.enter()
    assert reasons(refused(lambda: stage.prepare(session))) == {"bloqueo_propio"}
    assert counts(owner_url) == before


@pytest.mark.norm("N-6a")
def test_nobody_issues_after_a_suspension_recorded_by_a_clock_ahead(stage: Stage) -> None:
    """Before the order, and entering again after it on a host whose clock is behind: no licence follows it."""
    session = stage.doctor()
    prepared, clock = stage.prepare(session), stage.database.clock
    authority = Machine.register(stage.database, stage.log, stage.people.sealer)
    clock.advance(seconds=90)  # type: ignore[attr-defined]
    authority.suspend(session.run)
    clock.advance(seconds=-90)  # type: ignore[attr-defined]
    assert refused(lambda: stage.issue(session, prepared.id)).kind.code == "sesion_terminada"
    session = stage.enter()
    assert reasons(refused(lambda: stage.prepare(session))) == {"suspension_vigente"}


def test_preparation_of_before_a_password_change_is_dead(stage: Stage) -> None:
    session = stage.doctor()
    prepared = stage.prepare(session)
    stage.people.access.change_password(
        session=session, current=PASSWORD, new=OTHER_PASSWORD, origin=ORIGIN, deadline=Deadline(10)
    )
    fresh = stage.people.enter(session.run, password=OTHER_PASSWORD, code=stage.next_code()).session
    assert refused(lambda: stage.issue(fresh, prepared.id)).kind.code == "preparacion_vencida"


@pytest.mark.parametrize(("seconds", "lives"), [(899, True), (900, False)])
def test_preparation_lives_its_minutes(stage: Stage, seconds: int, lives: bool) -> None:
    session = stage.doctor()
    prepared = stage.prepare(session)
    stage.database.clock.advance(seconds=seconds - 30)  # type: ignore[attr-defined]
    if lives:
        assert stage.issue(session, prepared.id).folio == prepared.folio
    else:
        assert refused(lambda: stage.issue(session, prepared.id)).kind.code == "preparacion_vencida"


def test_preparation_dies_at_local_midnight(stage: Stage) -> None:
    stage.people.enrol(15000001)
    stage.database.clock.set(datetime(2026, 4, 21, 3, 50, tzinfo=UTC))  # type: ignore[attr-defined]
    session = stage.enter()
    prepared = stage.prepare(session)
    assert prepared.expires_at == datetime(2026, 4, 21, 4, 0, tzinfo=UTC)


def test_preparation_serves_once(stage: Stage, owner_url: str) -> None:
    session = stage.doctor()
    prepared = stage.prepare(session)
    stage.issue(session, prepared.id)
    before = counts(owner_url)
    assert refused(lambda: stage.issue(session, prepared.id)).kind.code == "preparacion_ya_usada"
    assert counts(owner_url) == before


def test_assertion_sent_again_is_told_as_used_and_not_as_a_copied_key(stage: Stage) -> None:
    device = SoftwareAuthenticator()
    session = stage.register(stage.doctor(), device)
    prepared = stage.prepare(session)
    signed = WebauthnAuthorisation(device.sign(prepared.digest))
    stage.issue(session, prepared.id, signed)
    assert refused(lambda: stage.issue(session, prepared.id, signed)).kind.code == "preparacion_ya_usada"


@pytest.mark.norm("N-2.6b")
def test_preparation_of_another_person_does_not_exist(stage: Stage) -> None:
    prepared = stage.prepare(stage.doctor())
    other = stage.doctor(15000002)
    assert refused(lambda: stage.issue(other, prepared.id)).kind.code == "preparacion_inexistente"
    assert refused(lambda: stage.issue(other, uuid4())).kind.code == "preparacion_inexistente"


@pytest.mark.norm("N-2.6b")
def test_licence_of_another_person_does_not_exist(stage: Stage) -> None:
    session = stage.doctor()
    issued = stage.issue(session, stage.prepare(session).id)
    other = stage.doctor(15000002)
    assert refused(lambda: stage.evidence(other, issued.id)).kind.code == "licencia_inexistente"


def test_sixth_live_preparation_is_refused(stage: Stage) -> None:
    session = stage.doctor()
    for _ in range(5):
        stage.prepare(session)
    assert refused(lambda: stage.prepare(session)).kind.code == "demasiadas_preparaciones"


def test_same_key_gives_the_same_answer(stage: Stage, owner_url: str) -> None:
    session = stage.doctor()
    first, again = (stage.prepare(session, key="llave-1") for _ in range(2))
    assert replace(again, replayed=False) == first
    issued = stage.issue(session, first.id, TotpAuthorisation(stage.next_code()), key="llave-2")
    before = counts(owner_url)
    repeated = stage.issue(session, first.id, TotpAuthorisation("000000"), key="llave-2")
    assert repeated.replayed
    assert replace(repeated, replayed=False) == issued
    assert counts(owner_url) == before


def test_faults_of_an_order_come_all_at_once_and_nothing_is_stored(stage: Stage, owner_url: str) -> None:
    session = stage.doctor()
    before = counts(owner_url)
    order = licence_order(days=0, rest_starts_on=datetime(2027, 1, 1, tzinfo=UTC).date())
    refusal = refused(lambda: stage.prepare(session, order))
    assert refusal.kind.code == "orden_con_faltas"
    assert reasons(refusal) == {"dias_insuficientes", "inicio_muy_posterior"}
    assert counts(owner_url) == before


@pytest.mark.norm("N-2.6a", "N-2.6d")
@pytest.mark.parametrize("code", ["000000", "abc", "", "12345", "１２３４５６"])
def test_wrong_code_signs_nothing(stage: Stage, owner_url: str, code: str) -> None:
    session = stage.doctor()
    prepared = stage.prepare(session)
    before = counts(owner_url)
    assert refused(lambda: stage.issue(session, prepared.id, TotpAuthorisation(code))).kind.code == "codigo_incorrecto"
    assert counts(owner_url) == before


@pytest.mark.norm("N-2.6a")
def test_code_of_the_entry_does_not_sign(stage: Stage) -> None:
    session = stage.doctor()
    used = TotpAuthorisation(stage.people.code())
    prepared = stage.prepare(session)
    assert refused(lambda: stage.issue(session, prepared.id, used)).kind.code == "codigo_ya_usado"


@pytest.mark.norm("N-2.6c")
def test_assertion_over_another_document_signs_nothing(stage: Stage) -> None:
    device = SoftwareAuthenticator()
    session = stage.register(stage.doctor(), device)
    one, other = stage.prepare(session), stage.prepare(session)
    wrong = WebauthnAuthorisation(device.sign(other.digest))
    assert refused(lambda: stage.issue(session, one.id, wrong)).kind.code == "llave_rechazada"


@pytest.mark.norm("N-2.6c")
def test_wrong_assertions_cost_time_and_the_preparation_survives_them(stage: Stage) -> None:
    device = SoftwareAuthenticator()
    session = stage.register(stage.doctor(), device)
    prepared = stage.prepare(session)
    said = [
        refused(lambda: stage.issue(session, prepared.id, WebauthnAuthorisation(device.sign(bytes(32))))).kind.code
        for _ in range(6)
    ]
    assert said == ["llave_rechazada"] * 5 + ["demasiados_codigos"]
    stage.database.clock.advance(seconds=30)  # type: ignore[attr-defined]
    assert stage.issue(session, prepared.id, WebauthnAuthorisation(device.sign(prepared.digest)))


@pytest.mark.norm("N-2.6c")
def test_unregistered_device_signs_nothing(stage: Stage) -> None:
    device, stranger = SoftwareAuthenticator(), SoftwareAuthenticator()
    session = stage.register(stage.doctor(), device)
    stage.register(stage.doctor(15000002), stranger)
    session = stage.enter()
    prepared = stage.prepare(session)
    wrong = WebauthnAuthorisation(stranger.sign(prepared.digest))
    assert refused(lambda: stage.issue(session, prepared.id, wrong)).kind.code == "llave_rechazada"


@pytest.mark.norm("N-2.4a")
def test_each_refusal_of_a_known_person_is_an_entry_of_the_log(stage: Stage, owner_url: str) -> None:
    session = stage.doctor()
    prepared = stage.prepare(session)
    refused(lambda: stage.issue(session, prepared.id, TotpAuthorisation("000000")))
    with stage.database.reading(deadline=Deadline(5)) as connection:
        report = verify_log(connection, trust=stage.trust, sealer=stage.log.sealer)
        last = connection.exec_driver_sql("SELECT id FROM audit.entry ORDER BY index DESC LIMIT 1").scalar_one()
        said = stage.log.disclosed(connection, last)
    assert report.fault is None
    assert (said["acto"], said["codigo"], said["actor"]) == (
        "licencia_emitida", "codigo_incorrecto", f"persona:{session.run}",
    )  # fmt: skip


@pytest.mark.norm("N-2.4a")
@pytest.mark.parametrize("malformed", [True, False])
def test_assertion_of_no_known_key_leaves_evidence_and_replays(stage: Stage, malformed: bool) -> None:
    """Judged in the act: refused with its entry, and not asked again of an act that was done."""
    session = stage.doctor()
    prepared, device = stage.prepare(session), SoftwareAuthenticator()
    unknown = device.sign(prepared.digest, key=device.make_key(b"nadie"))
    wrong = WebauthnAuthorisation({} if malformed else unknown)
    assert refused(lambda: stage.issue(session, prepared.id, wrong)).kind.code == "llave_rechazada"
    with stage.database.reading(deadline=Deadline(5)) as connection:
        last = connection.exec_driver_sql("SELECT id FROM audit.entry ORDER BY index DESC LIMIT 1").scalar_one()
        said = stage.log.disclosed(connection, last)
    assert (said["acto"], said["codigo"]) == ("licencia_emitida", "llave_rechazada")
    issued = stage.issue(session, prepared.id, key="llave-1")
    assert stage.issue(session, prepared.id, wrong, key="llave-1").id == issued.id


@pytest.mark.norm("N-3.0a")
def test_risk_decision_never_claims_to_have_passed(stage: Stage) -> None:
    session = stage.doctor()
    issued = stage.issue(session, stage.prepare(session).id)
    powers = decode(open_strict(stage.evidence(session, issued.id))["v1/facultades.json"])
    assert powers["riesgo"]["decision"] == "sin motor de riesgo"
