"""Security keys as the professional's factor, registered before the officer: alone, beside codes, his already."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from lme_operator.core.canonical import decode
from lme_operator.core.database import Database, Deadline
from lme_operator.core.periods import legal_instant
from lme_operator.core.refusal import Refusal
from lme_operator.core.run import Run
from lme_operator.core.thumbprint import to_words
from lme_operator.domain.access import KeyAnswer, PasswordChangeDue, retiring
from lme_operator.domain.audit import open_strict
from lme_operator.domain.credentials import Session, causes
from lme_operator.domain.credentials.keys import KeyPurpose
from lme_operator.domain.enrolment.in_person import Piece, Task
from lme_operator.domain.exports import Overall, judge_evidence
from lme_operator.domain.exports.author import BY_KEY
from lme_operator.domain.issuance import WebauthnAuthorisation
from lme_operator.domain.notices import Channel
from tests.domain.enrolment.test_constancia import text_of
from tests.factories.authenticator import SoftwareAuthenticator
from tests.factories.desk import DOCTOR, Desk, act
from tests.factories.people import INDIVIDUAL, ORIGIN, PASSWORD
from tests.factories.stage import Stage

WITHOUT_FACTOR = frozenset({Task.FACTOR})


@pytest.fixture
def desk(database: Database, tmp_path: Path) -> Desk:
    return Desk(Stage(database, tmp_path))


@pytest.fixture
def officer(desk: Desk) -> Session:
    return desk.officer()


@pytest.fixture
def case_id(desk: Desk, officer: Session) -> Any:
    made = desk.open(officer)
    desk.gather(officer, made, without=WITHOUT_FACTOR)
    return made


def keys(desk: Desk, officer: Session, case_id: Any, device: SoftwareAuthenticator) -> Piece:
    begun = desk.in_person.begin_keys(**act(officer, case_id))
    answers = [(one.attempt, device.create(one.options)) for one in begun]
    return desk.in_person.take_keys(answers=answers, **act(officer, case_id))


def refused(do: Callable[[], object]) -> list[str]:
    with pytest.raises(Refusal) as refusal:
        do()
    return [refusal.value.kind.code, *(finding.code for finding in refusal.value.findings)]


def enter(desk: Desk, device: SoftwareAuthenticator, password: str) -> Session:
    """By the key registered at the desk."""
    access, by = desk.stage.people.access, {"origin": ORIGIN, "deadline": Deadline(10)}
    asked = access.key_entry_options(run=DOCTOR, password=password, **by)  # type: ignore[arg-type]
    answer = KeyAnswer(asked.attempt, device.get(asked.options))
    return access.enter_by_key(run=DOCTOR, answer=answer, context=INDIVIDUAL, **by).session  # type: ignore[arg-type]


def first_entry(desk: Desk, device: SoftwareAuthenticator) -> Session:
    """Enter with what was told, change the password, and enter."""
    people = desk.stage.people
    password, activation = people.told(DOCTOR, "clave_inicial"), people.told(DOCTOR, "codigo_de_activacion")
    with pytest.raises(PasswordChangeDue) as due:
        enter(desk, device, password)
    people.access.change_password(
        session=due.value.entered.session, current=password, new=PASSWORD, activation=activation, origin=ORIGIN,
        deadline=Deadline(10),
    )  # fmt: skip
    return enter(desk, device, PASSWORD)


@pytest.mark.norm("N-2.2a", "N-2.6a", "N-2.6c")
def test_keys_alone_enable_enter_and_sign(desk: Desk, officer: Session, case_id: Any) -> None:
    device, stage = SoftwareAuthenticator(), desk.stage
    keys(desk, officer, case_id, device)
    enabled = desk.enable(officer, case_id)
    file = desk.in_person.evidence_file(enrolment_id=enabled.enrolment_id, deadline=Deadline(10))
    assert file is not None
    assert judge_evidence(file, stage.trust).overall is Overall.BY_OPERATOR
    pieces = {piece["tarea"]: piece["contenido"] for piece in decode(open_strict(file)["v1/expediente.json"])["piezas"]}
    shown = pieces["factor"]
    assert (shown["tipo"], [key["proposito"] for key in shown["llaves"]]) == ("llave", ["entrada", "firma"])
    session = first_entry(desk, device)
    with stage.database.reading(deadline=Deadline(10)) as connection:
        (signing,) = stage.people.credentials.signing_keys(connection, DOCTOR, "firma")
        told = stage.log.disclosed(connection, signing.entry_id)
    assert (told["enrolamiento"], told["actor"]) == (str(enabled.enrolment_id), f"persona:{officer.run}")
    prepared = stage.prepare(session)
    issued = stage.issue(session, prepared.id, WebauthnAuthorisation(device.sign(prepared.digest)))
    verdict = judge_evidence(stage.evidence(session, issued.id), stage.trust)
    said = {line.topic.value: line.answer for line in verdict.lines}
    assert (verdict.overall, said["firma del profesional"]) == (Overall.BY_OPERATOR, BY_KEY)


@pytest.mark.norm("N-2.6a")
def test_only_key_of_entry_is_not_retired(desk: Desk, officer: Session, case_id: Any) -> None:
    device, access = SoftwareAuthenticator(), desk.stage.people.access
    keys(desk, officer, case_id, device)
    desk.enable(officer, case_id)
    session, by = first_entry(desk, device), {"origin": ORIGIN, "deadline": Deadline(10)}
    owned = {one.key.purpose: one.key.id for one in access.own_keys(session=session, deadline=Deadline(10))}

    def retire(purpose: KeyPurpose) -> None:
        asked = access.confirm_options(session=session, act=retiring(owned[purpose]), **by)  # type: ignore[arg-type]
        factor = KeyAnswer(asked.attempt, device.get(asked.options))
        access.retire_key(session=session, key_id=owned[purpose], factor=factor, **by)  # type: ignore[arg-type]

    assert refused(lambda: retire("entrada")) == ["ultimo_factor"]
    retire("firma")
    with desk.stage.database.reading(deadline=Deadline(10)) as connection:
        found = causes(connection, DOCTOR, desk.stage.database.clock(), desk.stage.people.credentials.norms)
    assert [cause.code for cause in found] == ["sin_factor_de_firma"]


@pytest.mark.norm("N-2.2a")
@pytest.mark.parametrize("keys_first", [True, False])
def test_keys_and_codes_stand_beside_each_other(
    desk: Desk, officer: Session, case_id: Any, *, keys_first: bool
) -> None:
    steps: list[Callable[[], object]] = [
        lambda: keys(desk, officer, case_id, SoftwareAuthenticator()),
        lambda: desk.factor(officer, case_id),
    ]
    for step in steps if keys_first else reversed(steps):
        step()
    desk.enable(officer, case_id)
    with desk.stage.database.reading(deadline=Deadline(10)) as connection:
        counts = [
            connection.exec_driver_sql(f"SELECT count(*) FROM credentials.{table} WHERE run = '{DOCTOR}'").scalar_one()
            for table in ("key", "totp")
        ]
    assert counts == [2, 1]


@pytest.mark.needs("pdftotext")
@pytest.mark.norm("N-2.2a", "N-1l")
def test_key_that_an_officer_put_beside_the_application_is_told_to_its_owner(
    desk: Desk, officer: Session, case_id: Any, tmp_path: Path
) -> None:
    """Whoever enters with codes would never meet it: constancia, mail and the list of his keys name it."""
    clock, people, device = desk.stage.database.clock, desk.stage.people, SoftwareAuthenticator()
    clock.advance(seconds=60)  # type: ignore[attr-defined]
    taken = keys(desk, officer, case_id, device)
    clock.advance(seconds=60)  # type: ignore[attr-defined]
    desk.factor(officer, case_id)
    enabled = desk.enable(officer, case_id)
    pdf = desk.in_person.constancia(enrolment_id=enabled.enrolment_id, deadline=Deadline(10))
    assert pdf is not None
    (mail,) = (told.text for told in people.messages(DOCTOR) if told.kind == "clave_inicial")
    ends = [key["huella"][-8:] for key in taken.content["llaves"]]
    shown = " ".join(text_of(pdf, tmp_path).split())
    for key in taken.content["llaves"]:
        assert (key["huella"] in shown, to_words(key["huella"]) in shown) == (True, True)
    for text in (shown, mail):
        assert "Aplicación de códigos" in text
        assert [end in text for end in ends] == [True, True]
        assert text.count("sólo en el dispositivo") == 2
        assert text.count(legal_instant(taken.at)) == 2
    clock.advance(seconds=60)  # type: ignore[attr-defined]
    owned = people.access.own_keys(session=first_entry(desk, device), deadline=Deadline(10))
    assert sorted(one.key.thumbprint_end for one in owned if one.before_entry) == sorted(ends)


@pytest.mark.norm("N-2.2a", "N-2.6c")
def test_thumbprint_of_a_key_registered_at_the_desk_goes_to_both_contacts(
    desk: Desk, officer: Session, case_id: Any
) -> None:
    """So that the officer, who saw everything on his screen, is not all that stands between a doctor and his key."""
    people = desk.stage.people

    def told() -> dict[Channel, str]:
        return {one.channel: one.text for one in people.messages(DOCTOR) if one.kind == "llave_registrada"}

    taken = keys(desk, officer, case_id, SoftwareAuthenticator())
    with pytest.raises(Refusal):
        desk.in_person.enable(code="000000", **act(officer, case_id))
    assert told() == {}
    enabled = desk.enable(officer, case_id)
    texts = told()
    entry, signing = (key["huella"] for key in taken.content["llaves"])
    assert [f"Huella: {one}\nEn palabras: {to_words(one)}\n" in texts[Channel.MAIL] for one in (entry, signing)] == [
        True,
        True,
    ]
    assert "ante el funcionario que lo enroló" in texts[Channel.SMS]
    assert (to_words(signing) in texts[Channel.SMS], to_words(entry) in texts[Channel.SMS]) == (True, False)
    assert [DOCTOR.display in text for text in texts.values()] == [False, False]
    with desk.stage.database.reading(deadline=Deadline(10)) as connection:
        causes = connection.exec_driver_sql(
            "SELECT DISTINCT on_account_of FROM notices.message WHERE kind = 'llave_registrada'"
        )
        assert list(causes.scalars()) == [enabled.entry_id]


def test_who_signs_with_codes_alone_is_told_of_no_key(desk: Desk, officer: Session, case_id: Any) -> None:
    desk.factor(officer, case_id)
    desk.enable(officer, case_id)
    assert "llave_registrada" not in {one.kind for one in desk.stage.people.messages(DOCTOR)}


@pytest.mark.norm("N-2.2a")
def test_keys_from_before_the_identity_or_another_session_prove_nothing(
    desk: Desk, officer: Session, case_id: Any
) -> None:
    keys(desk, officer, case_id, SoftwareAuthenticator())
    desk.stage.database.clock.advance(seconds=1)  # type: ignore[attr-defined]
    desk.face(officer, case_id)
    assert "factor_de_otra_sesion" in refused(lambda: desk.enable(officer, case_id))
    desk.stage.database.clock.advance(seconds=1)  # type: ignore[attr-defined]
    desk.factor(officer, case_id)
    view = desk.in_person.view(case_id=case_id, deadline=Deadline(10))
    piece = view.task(Task.FACTOR).piece
    assert piece is not None
    assert "llaves" not in piece.content
    begun = desk.in_person.begin_keys(**act(officer, case_id))
    device = SoftwareAuthenticator()
    answers = [(one.attempt, device.create(one.options)) for one in begun]
    desk.stage.database.clock.advance(seconds=30)  # type: ignore[attr-defined]
    later = desk.stage.people.enter_officer(officer.run)
    assert refused(lambda: desk.in_person.take_keys(answers=answers, **act(later, case_id))) == ["desafio_vencido"]


@pytest.mark.norm("N-2.2a")
def test_one_key_of_two_or_one_from_elsewhere_is_no_factor(desk: Desk, officer: Session, case_id: Any) -> None:
    begun = desk.in_person.begin_keys(**act(officer, case_id))
    device, elsewhere = SoftwareAuthenticator(), SoftwareAuthenticator(origin="https://otra.example")
    one = [(begun[1].attempt, device.create(begun[1].options))]
    assert refused(lambda: desk.in_person.take_keys(answers=one, **act(officer, case_id))) == ["factor_no_demostrado"]
    bad = [(each.attempt, elsewhere.create(each.options)) for each in begun]
    assert refused(lambda: desk.in_person.take_keys(answers=bad, **act(officer, case_id))) == ["llave_rechazada"]
    assert refused(lambda: desk.enable(officer, case_id)) == ["enrolamiento_incompleto", "falta_factor"]
    assert desk.in_person.begun_keys(session=officer, case_id=case_id, deadline=Deadline(10)) == begun


@pytest.mark.norm("N-2.5a")
def test_case_of_the_first_version_knows_no_keys(desk: Desk, officer: Session) -> None:
    """A case follows the version that it pinned."""
    old = tuple(replace(one, version="v1") for one in desk.in_person.protocols)
    case_id = (
        replace(desk.in_person, protocols=old)
        .open(session=officer, run=DOCTOR, origin=ORIGIN, deadline=Deadline(10))
        .id
    )
    desk.gather(officer, case_id)
    assert refused(lambda: desk.in_person.begin_keys(**act(officer, case_id))) == ["llaves_no_previstas"]
    enabled = desk.enable(officer, case_id)
    with desk.stage.database.reading(deadline=Deadline(10)) as connection:
        step = connection.exec_driver_sql("SELECT protocol FROM enrolment.enrolment WHERE kind = 'presencial'")
        assert step.scalar_one() == "enrolamiento-presencial@v1#habilitar"
    file = desk.in_person.evidence_file(enrolment_id=enabled.enrolment_id, deadline=Deadline(10))
    assert file is not None
    assert judge_evidence(file, desk.stage.trust).overall is Overall.BY_OPERATOR


@pytest.mark.norm("N-2.2a", "N-2.6b")
def test_who_has_a_key_already_shows_that_he_has_it(desk: Desk, officer: Session) -> None:
    people, device = desk.stage.people, SoftwareAuthenticator()
    doctor = Run(9100002)
    desk.officer(doctor.number)
    session = people.enter(doctor, code=people.next_code()).session
    options = people.access.register_key_options(
        session=session, purpose="entrada", code=people.next_code(), origin=ORIGIN, deadline=Deadline(10)
    )
    people.access.register_key(
        session=session, attempt=options.attempt, credential=device.create(options.options), origin=ORIGIN,
        deadline=Deadline(10),
    )  # fmt: skip
    case_id = desk.open(officer, doctor)
    desk.gather(officer, case_id, run=doctor, without=WITHOUT_FACTOR)
    assert refused(lambda: desk.in_person.begin_keys(**act(officer, case_id))) == ["llaves_no_previstas"]
    asked = desk.in_person.begin_own_key(**act(officer, case_id))
    answer: Any = {"attempt": asked.attempt, "answer": device.get(asked.options), **act(officer, case_id)}
    stranger = SoftwareAuthenticator(origin="https://otra.example", keys=device.keys)
    bad = {**answer, "answer": stranger.get(asked.options)}
    assert refused(lambda: desk.in_person.confirm_own_key(**bad)) == ["llave_rechazada"]
    desk.in_person.confirm_own_key(**answer)
    enabled = desk.enable(officer, case_id)
    file = desk.in_person.evidence_file(enrolment_id=enabled.enrolment_id, deadline=Deadline(10))
    assert file is not None
    assert judge_evidence(file, desk.stage.trust).overall is Overall.BY_OPERATOR
    assert people.messages(doctor)[0].kind == "enrolamiento"
