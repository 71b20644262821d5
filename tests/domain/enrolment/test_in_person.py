"""Enrolment in person: each requirement demanded, one enrolment whatever the races, who answers for it."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from lme_operator.core.database import Database, Deadline
from lme_operator.core.refusal import Refusal
from lme_operator.core.run import Run
from lme_operator.domain.access import PasswordChangeDue
from lme_operator.domain.credentials import Session
from lme_operator.domain.enrolment import causes, in_force
from lme_operator.domain.enrolment.in_person import Enabled, ProvisionalOrder, Task
from lme_operator.domain.identity import DocumentStatus, FaceMatch
from lme_operator.domain.mandates import EndCause
from lme_operator.domain.notices import Channel
from lme_operator.domain.professionals import PracticeContext, find_professional
from tests.factories.desk import DOCTOR, Desk, act, declared
from tests.factories.identity import bill_pdf, photo
from tests.factories.machines import Machine
from tests.factories.people import INDIVIDUAL, ORIGIN, PASSWORD
from tests.factories.rnpi import ABSENT, ANOTHER, DOWN, OTHER_TITLE
from tests.factories.stage import Stage

OTHER = Run(15000022)
FOUNDER = Run(9000001)


@pytest.fixture
def desk(database: Database, tmp_path: Path) -> Desk:
    return Desk(Stage(database, tmp_path))


@pytest.fixture
def officer(desk: Desk) -> Session:
    return desk.officer()


def refused(do: Callable[[], object]) -> list[str]:
    """The codes that an act is refused with: its own, then its reasons."""
    with pytest.raises(Refusal) as refusal:
        do()
    return [refusal.value.kind.code, *(finding.code for finding in refusal.value.findings)]


def count(desk: Desk, table: str) -> int:
    with desk.stage.database.reading(deadline=Deadline(10)) as connection:
        return int(connection.exec_driver_sql(f"SELECT count(*) FROM {table}").scalar_one())


@pytest.mark.norm("N-1a", "N-1b", "N-1l")
def test_an_officer_enrols_a_professional_from_nothing(desk: Desk, officer: Session) -> None:
    enabled = desk.enrol(officer)
    with desk.stage.database.reading(deadline=Deadline(10)) as connection:
        at = desk.stage.database.clock()
        enrolment = in_force(connection, DOCTOR, INDIVIDUAL, at)
        known = find_professional(connection, desk.stage.people.sealer, DOCTOR)
        elsewhere = causes(connection, DOCTOR, PracticeContext(Run(76000100)), at)
    assert enrolment is not None
    assert (enrolment.id, enrolment.responsible) == (enabled.enrolment_id, f"persona:{officer.run}")
    assert enrolment.kind == "presencial"
    assert known is not None
    assert known.data == declared().professional()
    assert [finding.code for finding in elsewhere] == ["enrolado_en_otro_contexto"]


@pytest.mark.norm("N-2.1a", "N-2.1b", "N-2.1c", "N-2.1d", "N-2.2a")
@pytest.mark.parametrize(
    ("task", "reasons"),
    [
        (Task.DATA, None),
        (Task.DOCUMENT, ["falta_documento"]),
        (Task.RNPI, ["falta_rnpi"]),
        (Task.ADDRESS, ["falta_domicilio"]),
        (Task.MAIL, ["falta_correo"]),
        (Task.TELEPHONE, ["falta_telefono"]),
        (Task.IDENTITY, ["falta_identidad"]),
        (Task.FACTOR, ["falta_factor"]),
        (Task.TERMS, ["faltan_condiciones"]),
    ],
)
def test_each_requirement_missing_in_turn_refuses(
    desk: Desk, officer: Session, task: Task, reasons: list[str] | None
) -> None:
    case_id = desk.open(officer)
    if reasons is None:
        assert refused(lambda: desk.gather(officer, case_id, without=frozenset({task}))) == ["faltan_datos_declarados"]
        return
    desk.gather(officer, case_id, without=frozenset({task}))
    assert refused(lambda: desk.enable(officer, case_id)) == ["enrolamiento_incompleto", *reasons]
    assert count(desk, "enrolment.enrolment") == 0


@pytest.mark.norm("N-2.1a", "N-2.2a", "N-2.2b")
@pytest.mark.parametrize(
    ("status", "match", "reason"),
    [
        (DocumentStatus.NOT_IN_FORCE, FaceMatch.MATCH, "documento_no_vigente"),
        (DocumentStatus.NO_MATCH, FaceMatch.MATCH, "documento_no_coincide"),
        (DocumentStatus.NO_ANSWER, FaceMatch.MATCH, "documento_sin_respuesta"),
        (DocumentStatus.IN_FORCE, FaceMatch.NO_MATCH, "identidad_no_coincide"),
        (DocumentStatus.IN_FORCE, FaceMatch.NO_DATA, "identidad_sin_determinar"),
        (DocumentStatus.IN_FORCE, FaceMatch.NO_ANSWER, "identidad_sin_determinar"),
    ],
)
def test_what_third_parties_say_decides(
    desk: Desk, officer: Session, status: DocumentStatus, match: FaceMatch, reason: str
) -> None:
    desk.civil_registry.status, desk.biometrics.result = status, match
    case_id = desk.open(officer)
    desk.gather(officer, case_id)
    assert refused(lambda: desk.enable(officer, case_id)) == ["enrolamiento_incompleto", reason]


@pytest.mark.norm("N-2.2b")
def test_an_officer_answers_where_the_provider_cannot_tell(desk: Desk, officer: Session) -> None:
    desk.biometrics.result = FaceMatch.NO_DATA
    case_id = desk.open(officer)
    desk.gather(officer, case_id, without=frozenset({Task.FACTOR}))
    desk.own_eyes(officer, case_id)
    desk.factor(officer, case_id)
    assert not desk.enable(officer, case_id).replayed


@pytest.mark.norm("N-2.2b")
def test_an_officers_word_alone_is_no_verification(desk: Desk, officer: Session) -> None:
    case_id = desk.open(officer)
    desk.gather(officer, case_id, without=frozenset({Task.IDENTITY, Task.FACTOR}))
    assert refused(lambda: desk.own_eyes(officer, case_id)) == ["verificacion_biometrica_primero"]
    desk.face(officer, case_id)
    assert refused(lambda: desk.own_eyes(officer, case_id)) == ["verificacion_biometrica_primero"]


@pytest.mark.norm("N-2.2a")
def test_one_picture_twice_compares_nothing(desk: Desk, officer: Session) -> None:
    case_id = desk.open(officer)
    same = {"document_picture": photo("CEDULA"), "live_picture": photo("CEDULA"), **act(officer, case_id)}
    assert refused(lambda: desk.in_person.match_face(**same))[0] == "fotografias_iguales"
    assert desk.biometrics.asked == []


@pytest.mark.norm("N-2.2b")
def test_giving_a_case_up_does_not_forget_that_it_was_another_person(desk: Desk, officer: Session) -> None:
    desk.biometrics.result = FaceMatch.NO_MATCH
    first = desk.open(officer)
    desk.face(officer, first)
    desk.in_person.give_up(reason="Se fue.", **act(officer, first))
    desk.stage.people.next_code()
    desk.biometrics.result = FaceMatch.NO_DATA
    second = desk.open(officer)
    desk.face(officer, second)
    assert refused(lambda: desk.own_eyes(officer, second)) == ["identidad_ya_rechazada"]


@pytest.mark.norm("N-2.1d")
@pytest.mark.parametrize("whose", [0, 1])
def test_a_contact_of_the_office_is_nobodys_contact(desk: Desk, officer: Session, whose: int) -> None:
    """Whoever enrols would receive the password and the codes of who is enrolled."""
    case_id = desk.open(officer)
    mine = desk.stage.people.mandates.officers(deadline=Deadline(10))[0].mandate
    given = (declared(email=mine.email.upper()), declared(telephone=str(mine.telephone)))[whose]
    desk.data(officer, case_id, given)
    send = {"channel": (Channel.MAIL, Channel.SMS)[whose], **act(officer, case_id)}
    assert refused(lambda: desk.in_person.send_code(**send)) == ["contacto_del_operador"]


def provisional() -> ProvisionalOrder:
    return ProvisionalOrder("123/2026", date(2026, 4, 1), bill_pdf("AUTORIZACION"))


@pytest.mark.norm("N-2.1a")
def test_a_provisional_run_takes_two_officers_and_no_card(desk: Desk, officer: Session) -> None:
    case_id = desk.open(officer)
    desk.gather(officer, case_id, without=frozenset({Task.DOCUMENT}))
    desk.in_person.record_authorisation(order=provisional(), **act(officer, case_id))
    assert refused(lambda: desk.enable(officer, case_id)) == [
        "enrolamiento_incompleto", "autorizacion_de_una_sola_persona",
    ]  # fmt: skip
    other = desk.officer(9100002)
    desk.in_person.take(**act(other, case_id))
    desk.face(other, case_id)
    desk.factor(other, case_id)
    assert not desk.enable(other, case_id).replayed


@pytest.mark.norm("N-2.1a")
@pytest.mark.parametrize("status", [DocumentStatus.IN_FORCE, DocumentStatus.NOT_IN_FORCE, DocumentStatus.NO_MATCH])
def test_who_has_a_card_is_not_enrolled_as_provisional(desk: Desk, officer: Session, status: DocumentStatus) -> None:
    desk.civil_registry.status = status
    first = desk.open(officer)
    desk.card(officer, first)
    desk.in_person.give_up(reason="Se fue.", **act(officer, first))
    again = desk.open(officer)
    order = {"order": provisional(), **act(officer, again)}
    assert refused(lambda: desk.in_person.record_authorisation(**order)) == ["tiene_cedula"]


@pytest.mark.norm("N-2.1b", "N-4b")
def test_a_newer_answer_of_the_register_counts_more_than_the_piece(desk: Desk, officer: Session) -> None:
    case_id = desk.open(officer)
    desk.gather(officer, case_id)
    desk.stage.people.next_code()
    desk.rnpi.consult(DOCTOR, ABSENT)
    assert refused(lambda: desk.enable(officer, case_id)) == ["enrolamiento_incompleto", "rnpi_no_vigente"]


@pytest.mark.norm("N-2.2b")
def test_an_officer_does_not_overrule_a_provider_who_said_no(desk: Desk, officer: Session) -> None:
    desk.biometrics.result = FaceMatch.NO_MATCH
    case_id = desk.open(officer)
    desk.gather(officer, case_id)
    assert refused(lambda: desk.own_eyes(officer, case_id)) == ["identidad_ya_rechazada"]
    desk.biometrics.result = FaceMatch.NO_DATA
    desk.face(officer, case_id)
    assert refused(lambda: desk.own_eyes(officer, case_id)) == ["identidad_ya_rechazada"]
    desk.biometrics.result = FaceMatch.MATCH
    desk.face(officer, case_id)
    desk.factor(officer, case_id)
    assert not desk.enable(officer, case_id).replayed


@pytest.mark.norm("N-2.1b")
@pytest.mark.parametrize(
    ("says", "reason"),
    [
        (ABSENT, "rnpi_no_inscrito"),
        (OTHER_TITLE, "rnpi_titulo_no_habilita"),
        (DOWN, "rnpi_sin_respuesta"),
        (ANOTHER, "rnpi_inconsistente"),
    ],
)
def test_without_the_registers_yes_of_today_nobody_is_enrolled(
    desk: Desk, officer: Session, says: str, reason: str
) -> None:
    case_id = desk.open(officer)
    desk.gather(officer, case_id)
    desk.rnpi.registry.now = says
    desk.register(officer, case_id)
    assert reason in refused(lambda: desk.enable(officer, case_id))


@pytest.mark.norm("N-2.1b", "N-2.2a")
def test_a_case_of_days_asks_the_register_and_the_person_again(desk: Desk, officer: Session, clock: Any) -> None:
    case_id = desk.open(officer)
    desk.gather(officer, case_id)
    clock.advance(seconds=timedelta(days=1).total_seconds())
    again = desk.stage.people.enter_officer(officer.run)
    assert refused(lambda: desk.enable(again, case_id)) == ["enrolamiento_incompleto", "rnpi_de_otro_dia"]
    desk.register(again, case_id)
    assert not desk.enable(again, case_id).replayed


@pytest.mark.norm("N-2.1d")
def test_a_contact_of_another_professional_goes_to_a_person(desk: Desk, officer: Session) -> None:
    desk.enrol(officer)
    case_id = desk.open(officer, OTHER)
    desk.gather(officer, case_id, run=OTHER)
    shared = declared(OTHER, email=declared().email)
    desk.data(officer, case_id, shared)
    desk.contact(officer, case_id, Channel.MAIL)
    assert refused(lambda: desk.enable(officer, case_id)) == ["enrolamiento_incompleto", "contacto_compartido"]
    desk.in_person.decide_shared_contact(words="Es el correo de la consulta que comparten.", **act(officer, case_id))
    assert not desk.enable(officer, case_id).replayed


@pytest.mark.norm("N-2.1d")
def test_codes_are_of_the_contact_declared_and_of_this_case(desk: Desk, officer: Session) -> None:
    case_id = desk.open(officer)
    desk.data(officer, case_id, declared())
    desk.in_person.send_code(channel=Channel.MAIL, **act(officer, case_id))
    code = desk.stage.people.told(DOCTOR, "codigo_de_contacto")
    desk.data(officer, case_id, declared(email="otra@example.cl"))
    answer = {"channel": Channel.MAIL, "code": code, **act(officer, case_id)}
    assert refused(lambda: desk.in_person.answer_code(**answer)) == ["codigo_de_contacto_vencido"]
    wrong = {**answer, "channel": Channel.SMS}
    assert refused(lambda: desk.in_person.answer_code(**wrong)) == ["codigo_de_contacto_vencido"]


@pytest.mark.norm("N-2.2a")
def test_the_factor_is_registered_in_the_session_of_the_verification(desk: Desk, officer: Session) -> None:
    case_id = desk.open(officer)
    desk.gather(officer, case_id)
    again = desk.stage.people.enter_officer(officer.run)
    desk.factor(again, case_id)
    assert refused(lambda: desk.enable(again, case_id)) == ["enrolamiento_incompleto", "factor_de_otra_sesion"]


def test_a_qr_of_an_earlier_session_serves_no_more(desk: Desk, officer: Session) -> None:
    case_id = desk.open(officer)
    desk.gather(officer, case_id, without=frozenset({Task.FACTOR}))
    desk.in_person.offer_factor(**act(officer, case_id))
    again = desk.stage.people.enter_officer(officer.run)
    confirm = {"code": "123456", **act(again, case_id)}
    assert refused(lambda: desk.in_person.confirm_factor(**confirm)) == ["factor_no_ofrecido"]


@pytest.mark.norm("N-2.6d")
def test_enabling_takes_the_officers_own_factor(desk: Desk, officer: Session) -> None:
    case_id = desk.open(officer)
    desk.gather(officer, case_id)
    assert refused(lambda: desk.enable(officer, case_id, code="000000")) == ["codigo_incorrecto"]
    assert count(desk, "credentials.wrong_code") == 1
    assert count(desk, "enrolment.enrolment") == 0


@pytest.mark.norm("N-6b")
def test_nobody_suspended_is_enrolled_neither_at_the_start_nor_at_the_end(desk: Desk, officer: Session) -> None:
    machine = Machine.register(desk.stage.database, desk.stage.log, desk.stage.people.sealer)
    case_id = desk.open(officer)
    desk.gather(officer, case_id)
    machine.suspend(DOCTOR)
    assert refused(lambda: desk.enable(officer, case_id))[0] == "enrolamiento_durante_suspension"
    machine.suspend(OTHER)
    assert refused(lambda: desk.open(officer, OTHER))[0] == "enrolamiento_durante_suspension"
    assert count(desk, "enrolment.enrolment") == 0


@pytest.mark.norm("N-1l", "N-6d")
def test_who_acts_for_an_authority_is_enrolled_neither_at_the_start_nor_at_the_end(
    desk: Desk, officer: Session
) -> None:
    case_id = desk.open(officer)
    desk.gather(officer, case_id)
    desk.stage.people.officer(int(DOCTOR.number), authority="compin:13", email="ines@compin.example")
    assert refused(lambda: desk.enable(officer, case_id)) == ["actua_por_una_autoridad"]
    desk.stage.people.officer(int(OTHER.number), authority="compin:13", email="otra@compin.example")
    assert refused(lambda: desk.open(officer, OTHER)) == ["actua_por_una_autoridad"]
    assert count(desk, "enrolment.enrolment") == 0


@pytest.mark.norm("N-6b")
def test_a_suspension_that_lands_in_the_last_step_lets_nobody_through(desk: Desk, officer: Session) -> None:
    """Whichever of both takes the person's lock first decides: no enrolment stands after a suspension in the log."""
    machine = Machine.register(desk.stage.database, desk.stage.log, desk.stage.people.sealer)
    runs = [Run(15000100 + number) for number in range(12)]
    cases = {run: desk.open(officer, run) for run in runs}
    for run, case_id in cases.items():
        desk.gather(officer, case_id, run=run)
    enabled = []
    for run, case_id in cases.items():
        code = desk.stage.people.next_code()
        with ThreadPoolExecutor(2) as pool:
            ordered = pool.submit(machine.suspend, run)
            enabling = pool.submit(desk.enable, officer, case_id, code=code)
            suspended = ordered.result()
            try:
                made = enabling.result()
            except Refusal as refusal:
                assert refusal.kind.code == "enrolamiento_durante_suspension"  # noqa: PT017 - each round may go either way
                continue
            enabled.append(index_of(desk, made.entry_id) < suspended.receipt["indice"])
    assert all(enabled)
    assert count(desk, "enrolment.enrolment") == len(enabled)


def index_of(desk: Desk, entry_id: Any) -> int:
    with desk.stage.database.reading(deadline=Deadline(10)) as connection:
        index: int = desk.stage.log.receipt(connection, entry_id)["indice"]
        return index


@pytest.mark.norm("N-1b")
def test_an_officer_dismissed_meanwhile_enables_nobody(desk: Desk, officer: Session) -> None:
    people = desk.stage.people
    case_id = desk.open(officer)
    desk.gather(officer, case_id)
    founder = people.enter_officer(people.founders()[0])
    people.mandates.end_officer(
        session=founder, run=officer.run, cause=EndCause.DISMISSAL, origin=ORIGIN, deadline=Deadline(10)
    )  # fmt: skip
    assert refused(lambda: desk.enable(officer, case_id))[0] in ("sesion_terminada", "sin_acreditacion_vigente")
    assert count(desk, "enrolment.enrolment") == 0


@pytest.mark.norm("N-1b")
def test_who_is_no_officer_opens_nothing(desk: Desk, officer: Session) -> None:
    people = desk.stage.people
    founder = people.enter_officer(people.founders()[0])
    assert refused(lambda: desk.open(founder))[0] == "sin_acreditacion_vigente"
    doctor = people.enter(people.enrol(15000023), code=people.next_code()).session
    assert refused(lambda: desk.open(doctor))[0] == "sin_acreditacion_vigente"
    assert refused(lambda: desk.open(officer, officer.run)) == ["enrolamiento_de_si_mismo"]


@pytest.mark.norm("N-1l")
def test_a_case_changes_hands_and_nothing_is_rewritten(desk: Desk, officer: Session) -> None:
    case_id = desk.open(officer)
    desk.gather(officer, case_id)
    before = desk.in_person.view(case_id=case_id, deadline=Deadline(10))
    other = desk.officer(9100002)
    assert refused(lambda: desk.enable(other, case_id)) == ["enrolamiento_de_otro_funcionario"]
    desk.in_person.take(**act(other, case_id))
    assert refused(lambda: desk.enable(officer, case_id)) == ["enrolamiento_de_otro_funcionario"]
    after = desk.in_person.view(case_id=case_id, deadline=Deadline(10))
    assert [task.piece for task in after.tasks] == [task.piece for task in before.tasks]
    assert [held.holder for held in after.holdings] == [f"persona:{officer.run}", f"persona:{other.run}"]
    assert not desk.enable(other, case_id).replayed
    with desk.stage.database.reading(deadline=Deadline(10)) as connection:
        enrolment = in_force(connection, DOCTOR, INDIVIDUAL, desk.stage.database.clock())
    assert enrolment is not None
    assert enrolment.responsible == f"persona:{other.run}"


@pytest.mark.norm("N-2.4a")
def test_a_case_given_up_is_kept_and_over(desk: Desk, officer: Session) -> None:
    case_id = desk.open(officer)
    desk.data(officer, case_id, declared())
    desk.in_person.give_up(reason="No volvió.", **act(officer, case_id))
    assert refused(lambda: desk.card(officer, case_id)) == ["enrolamiento_terminado"]
    assert desk.in_person.view(case_id=case_id, deadline=Deadline(10)).case.end == "desistido"
    assert desk.open(officer) != case_id


def test_enabling_twice_gives_the_same_enrolment(desk: Desk, officer: Session) -> None:
    case_id = desk.open(officer)
    desk.gather(officer, case_id)
    first = desk.enable(officer, case_id)
    assert desk.enable(officer, case_id) == replace(first, replayed=True)
    assert refused(lambda: desk.open(officer)) == ["ya_enrolado"]


@pytest.mark.norm("N-1a", "N-2.2a")
def test_fifty_at_once_open_one_case(desk: Desk, officer: Session) -> None:
    def try_it(_: int) -> str:
        try:
            desk.open(officer)
        except Refusal as refusal:
            return refusal.kind.code
        return "abierto"

    with ThreadPoolExecutor(16) as pool:
        outcomes = list(pool.map(try_it, range(50)))
    assert sorted(set(outcomes)) == ["abierto", "enrolamiento_en_curso"]
    assert outcomes.count("abierto") == 1


@pytest.mark.norm("N-1a", "N-1l")
def test_fifty_at_once_enable_one_enrolment(desk: Desk, officer: Session) -> None:
    case_id = desk.open(officer)
    desk.gather(officer, case_id)
    code = desk.stage.people.next_code()

    def try_it(_: int) -> Enabled | str:
        try:
            return desk.enable(officer, case_id, code=code)
        except Refusal as refusal:
            return refusal.kind.code

    with ThreadPoolExecutor(16) as pool:
        outcomes = list(pool.map(try_it, range(50)))
    made = [outcome for outcome in outcomes if isinstance(outcome, Enabled)]
    assert len({outcome.enrolment_id for outcome in made}) == 1
    assert sum(not outcome.replayed for outcome in made) == 1
    assert count(desk, "enrolment.enrolment") == 1
    assert set(outcomes) - set(made) <= {"enrolamiento_terminado"}


@pytest.mark.norm("N-2.3a")
def test_the_first_password_needs_what_went_by_the_other_channel(desk: Desk, officer: Session) -> None:
    people = desk.stage.people
    case_id = desk.open(officer)
    desk.gather(officer, case_id, without=frozenset({Task.FACTOR}))
    secret = desk.factor(officer, case_id)
    desk.enable(officer, case_id)
    mail, sms = people.messages(DOCTOR)[1], people.messages(DOCTOR)[0]
    assert {mail.channel, sms.channel} == {Channel.MAIL, Channel.SMS}
    password, activation = people.told(DOCTOR, "clave_inicial"), people.told(DOCTOR, "codigo_de_activacion")
    assert str(DOCTOR) not in mail.text + sms.text
    people.database.clock.advance(seconds=60)  # type: ignore[attr-defined]
    with pytest.raises(PasswordChangeDue) as due:
        people.enter(DOCTOR, password=password, code=people.code(secret))
    change: dict[str, Any] = {
        "session": due.value.entered.session, "current": password, "new": PASSWORD, "origin": ORIGIN,
        "deadline": Deadline(10),
    }  # fmt: skip
    assert refused(lambda: people.access.change_password(**change, activation=None))[0] != "clave_no_aceptada"
    people.access.change_password(**change, activation=activation)
    people.database.clock.advance(seconds=60)  # type: ignore[attr-defined]
    assert people.enter(DOCTOR, code=people.code(secret)).session.stage == "plena"


@pytest.mark.norm("N-2.2a", "N-2.6b")
def test_who_has_means_of_access_keeps_them(desk: Desk, officer: Session) -> None:
    """An officer who is also a doctor, or whoever has an account already: nobody puts a password or factor on it."""
    people = desk.stage.people
    doctor = Run(9100002)
    desk.officer(doctor.number)
    case_id = desk.open(officer, doctor)
    desk.gather(officer, case_id, run=doctor, without=frozenset({Task.FACTOR}))
    assert desk.in_person.offer_factor(**act(officer, case_id)) is None
    wrong = {"code": "000000", **act(officer, case_id)}
    assert refused(lambda: desk.in_person.confirm_factor(**wrong)) == ["codigo_incorrecto"]
    before = count(desk, "credentials.password"), count(desk, "credentials.totp")
    desk.in_person.confirm_factor(code=people.next_code(), **act(officer, case_id))
    desk.enable(officer, case_id)
    assert (count(desk, "credentials.password"), count(desk, "credentials.totp")) == before
    assert people.messages(doctor)[0].kind == "enrolamiento"
    assert people.enter(doctor, code=people.next_code()).session.stage == "plena"


@pytest.mark.norm("N-2.6b")
def test_an_officer_who_guesses_codes_keeps_nobody_from_acting(desk: Desk, officer: Session) -> None:
    """Wrong codes at his screen are bounded among themselves; the owner, who is inside, goes on."""
    people = desk.stage.people
    doctor = Run(9100002)
    desk.officer(doctor.number)
    case_id = desk.open(officer, doctor)
    desk.gather(officer, case_id, run=doctor, without=frozenset({Task.FACTOR}))
    session = people.enter_officer(doctor)
    wrong = {"code": "000000", **act(officer, case_id)}
    for _ in range(5):
        assert refused(lambda: desk.in_person.confirm_factor(**wrong)) == ["codigo_incorrecto"]
    assert refused(lambda: desk.in_person.confirm_factor(**wrong)) == ["demasiados_codigos"]
    people.access.register_key_options(
        session=session, purpose="firma", code=people.code(steps=1), origin=ORIGIN, deadline=Deadline(10)
    )


@pytest.mark.norm("N-2.6b")
def test_an_account_made_meanwhile_is_not_overwritten(desk: Desk, officer: Session) -> None:
    case_id = desk.open(officer)
    desk.gather(officer, case_id)
    desk.stage.people.enrol(DOCTOR.number, contexts=(PracticeContext(Run(76000100)),))
    assert refused(lambda: desk.enable(officer, case_id)) == ["enrolamiento_cambio"]


def test_refusals_of_officers_leave_evidence(desk: Desk, officer: Session) -> None:
    case_id = desk.open(officer)
    before = count(desk, "audit.entry")
    refused(lambda: desk.open(officer))
    assert count(desk, "audit.entry") == before + 1
    refused(lambda: desk.in_person.take(**act(desk.stage.people.enter_officer(FOUNDER), case_id)))
    assert count(desk, "audit.entry") == before + 2
