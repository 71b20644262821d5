"""What officers look at: one person's card, documents, files; every look leaves its trace, and tells no secret."""

from pathlib import Path
from typing import Any

import pytest

from lme_operator.core.canonical import decode
from lme_operator.core.database import Database, Deadline
from lme_operator.core.refusal import Refusal
from lme_operator.core.run import Run
from lme_operator.domain.audit.attempts import place
from lme_operator.domain.credentials import Session
from lme_operator.domain.enrolment.in_person import Task
from lme_operator.domain.identity import FaceMatch
from lme_operator.domain.mandates import EndCause
from tests.factories.desk import DOCTOR, Desk, act, declared
from tests.factories.machines import Machine
from tests.factories.people import ORIGIN
from tests.factories.stage import Stage


@pytest.fixture
def desk(database: Database, tmp_path: Path) -> Desk:
    return Desk(Stage(database, tmp_path))


@pytest.fixture
def officer(desk: Desk) -> Session:
    return desk.officer()


def look(session: Session) -> dict[str, Any]:
    return {"session": session, "origin": ORIGIN, "deadline": Deadline(10)}


def traces(desk: Desk) -> list[tuple[str, dict[str, Any]]]:
    """Every attempt since the beginning: its kind and what it says."""
    with desk.stage.database.reading(deadline=Deadline(10)) as connection:
        rows = connection.exec_driver_sql("SELECT kind, sealed, leaf_hash FROM audit.attempt ORDER BY id").all()
    opened = [(row.kind, desk.stage.people.sealer.open(row.sealed, where=place(row.leaf_hash))) for row in rows]
    return [(kind, decode(record)["datos"]) for kind, record in opened]


def test_a_card_tells_the_whole_history_and_no_secret(desk: Desk, officer: Session) -> None:
    given_up = desk.open(officer)
    desk.in_person.give_up(reason="El profesional no trajo su cédula.", **act(officer, given_up))
    desk.stage.people.next_code()  # time passes: cases of one instant have no order
    case_id = desk.open(officer)
    desk.gather(officer, case_id)
    desk.data(officer, case_id, declared())
    enabled = desk.enable(officer, case_id)
    people = desk.stage.people
    Machine.register(desk.stage.database, desk.stage.log, people.sealer).suspend(DOCTOR)
    card = desk.in_person.card(enrolment_id=enabled.enrolment_id, **look(officer))
    assert (card.run, card.professional.data.full_name if card.professional else "") == (
        DOCTOR,
        declared().professional().full_name,
    )
    assert [(one.kind, one.responsible, one.dossier) for one in card.enrolments] == [
        ("presencial", f"persona:{officer.run}", True)
    ]
    assert [(history.case.id, history.end.kind if history.end else None) for history in card.cases] == [
        (case_id, "habilitado"),
        (given_up, "desistido"),
    ]
    assert card.cases[1].end is not None
    assert card.cases[1].end.reason == "El profesional no trajo su cédula."
    assert [piece.task for piece in card.cases[0].pieces].count(Task.DATA) == 2
    assert (card.access.totp, [finding.code for finding in card.access.findings]) == (True, ["clave_inicial"])
    assert [one.result.value for one in card.consultations] == ["vigente"]
    assert len(card.suspensions) == 1
    assert {message.kind for message in card.messages} == {
        "clave_inicial", "codigo_de_activacion", "codigo_de_contacto",
    }  # fmt: skip
    for secret in (
        people.told(DOCTOR, "clave_inicial"), people.told(DOCTOR, "codigo_de_activacion"), declared().email,
        declared().telephone,
    ):  # fmt: skip
        assert secret not in repr((card.messages, card.contact))


@pytest.mark.norm("N-2.6b")
def test_every_look_leaves_its_trace_without_naming_strangers(desk: Desk, officer: Session) -> None:
    enabled = desk.enrol(officer)
    case = desk.in_person.cases_of(run=DOCTOR, deadline=Deadline(10))[0]
    consultation = desk.in_person.card(enrolment_id=enabled.enrolment_id, **look(officer)).consultations[0]
    before = len(traces(desk))
    room = desk.in_person
    room.card(enrolment_id=enabled.enrolment_id, **look(officer))
    shown = room.card(enrolment_id=enabled.enrolment_id, whole_contact=True, **look(officer)).contact
    room.search(sought=DOCTOR, **look(officer))
    room.search(sought=declared().paternal_surname, **look(officer))
    room.look_into(case_id=case.id, **look(officer))
    room.paper(case_id=case.id, task=Task.IDENTITY, number=1, **look(officer))
    room.take_constancia(enrolment_id=enabled.enrolment_id, **look(officer))
    room.take_evidence(enrolment_id=enabled.enrolment_id, **look(officer))
    room.take_consultation(consultation_id=consultation.id, **look(officer))
    assert shown is not None
    assert (shown.email, shown.telephone, shown.address) == (
        declared().email,
        declared().telephone,
        declared().address,
    )
    left = traces(desk)[before:]
    assert [kind for kind, _ in left] == [
        "ficha_consultada", "contacto_consultado", "profesionales_buscados", "profesionales_buscados",
        "enrolamiento_consultado", "documento_consultado", "evidencia_descargada", "evidencia_descargada",
        "evidencia_descargada",
    ]  # fmt: skip
    for _, data in left:
        assert (data["actor"], data["sesion"], data["ip"]) == (f"persona:{officer.run}", str(officer.id), ORIGIN.ip)
        assert str(DOCTOR) not in repr(data)
        assert declared().paternal_surname.casefold() not in repr(data).casefold()


def test_people_are_found_by_run_and_by_words_and_listed_by_turns(desk: Desk, officer: Session) -> None:
    for number in (15000021, 15000035, 15000049):
        desk.enrol(officer, Run(number))
    room, person = desk.in_person, declared()
    assert [line.enrolment.run for line in room.search(sought=DOCTOR, **look(officer))] == [DOCTOR]
    assert room.search(sought=Run(15999999), **look(officer)) == ()
    found = room.search(sought=f"{person.paternal_surname.upper()} {person.given_names}", **look(officer))
    assert DOCTOR in [line.enrolment.run for line in found]
    assert room.search(sought="Nadie Deestenombre", **look(officer)) == ()
    first = room.enrolled(after=None, at_most=2, deadline=Deadline(10))
    second = room.enrolled(after=first.after, at_most=2, deadline=Deadline(10))
    assert [line.enrolment.run.number for line in first.lines + second.lines] == [15000049, 15000035, 15000021]
    assert (second.after, first.lines[0].name is not None) == (None, True)


@pytest.mark.norm("N-2.6b", "N-1b")
def test_who_is_no_officer_sees_nothing_and_leaves_evidence(desk: Desk, officer: Session) -> None:
    enabled = desk.enrol(officer)
    people = desk.stage.people
    founder = people.enter_officer(people.founders()[0])
    people.mandates.end_officer(
        session=founder, run=officer.run, cause=EndCause.RESIGNATION, detail=None, origin=ORIGIN, deadline=Deadline(10)
    )
    for session in (founder, officer):
        with pytest.raises(Refusal) as refusal:
            desk.in_person.card(enrolment_id=enabled.enrolment_id, **look(session))
        assert refusal.value.kind.code == "sin_acreditacion_vigente"
    assert "ficha_consultada" not in [kind for kind, _ in traces(desk)]


def test_what_does_not_exist_is_said_to_be_unknown(desk: Desk, officer: Session) -> None:
    case_id, room = desk.open(officer), desk.in_person
    for see in (
        lambda: room.card(enrolment_id=case_id, **look(officer)),
        lambda: room.paper(case_id=case_id, task=Task.ADDRESS, number=0, **look(officer)),
        lambda: room.take_evidence(enrolment_id=case_id, **look(officer)),
        lambda: room.take_constancia(enrolment_id=case_id, **look(officer)),
    ):
        with pytest.raises(Refusal) as refusal:
            see()
        assert refusal.value.kind.code == "enrolamiento_desconocido"


def test_a_factor_offered_is_shown_again_in_that_session_alone_until_it_is_proven(desk: Desk, officer: Session) -> None:
    case_id, room = desk.open(officer), desk.in_person
    assert room.offered_factor(session=officer, case_id=case_id, deadline=Deadline(10)) is None
    made = room.offer_factor(**act(officer, case_id))
    assert made is not None
    assert room.offered_factor(session=officer, case_id=case_id, deadline=Deadline(10)) == made
    again = desk.stage.people.enter_officer(officer.run)
    assert room.offered_factor(session=again, case_id=case_id, deadline=Deadline(10)) is None
    desk.factor(again, case_id)
    assert room.offered_factor(session=again, case_id=case_id, deadline=Deadline(10)) is None


def test_an_officers_own_verification_rests_on_the_pictures_that_were_compared(desk: Desk, officer: Session) -> None:
    desk.biometrics.result = FaceMatch.NO_DATA
    case_id, room = desk.open(officer), desk.in_person
    desk.face(officer, case_id)
    compared = room.view(case_id=case_id, deadline=Deadline(10)).task(Task.IDENTITY).piece
    desk.own_eyes(officer, case_id)
    own = room.view(case_id=case_id, deadline=Deadline(10)).task(Task.IDENTITY).piece
    assert compared is not None
    assert own is not None
    assert own.content["medio"] == "funcionario"
    assert own.content["archivos"] == compared.content["archivos"]
