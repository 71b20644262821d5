"""First access by two channels: the initial password is changed with its activation; a lost one is issued again."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

import pytest

from lme_operator.core.database import Database, Deadline
from lme_operator.core.refusal import Refusal
from lme_operator.core.run import Run
from lme_operator.core.sealing import Sealer
from lme_operator.domain.access import PasswordChangeDue
from lme_operator.domain.credentials import Session, count_live_sessions
from lme_operator.domain.mandates import EndCause
from tests.conftest import SettableClock
from tests.factories.people import FOUNDERS, OPERATOR, ORIGIN, OTHER_PASSWORD, PASSWORD, People

ANA = FOUNDERS[0].run


@pytest.fixture
def people(database: Database, log: object, sealer: Sealer) -> People:
    return People(database, log, sealer)


def limited(people: People, run: Run, password: str = PASSWORD) -> Session:
    """The session that serves to change the password alone."""
    with pytest.raises(PasswordChangeDue) as due:
        people.enter(run, password=password, code=people.next_code())
    return due.value.entered.session


def change(
    people: People, session: Session, activation: str | None, *, current: str = PASSWORD, **changes: Any
) -> None:
    people.access.change_password(
        session=session,
        current=current,
        activation=activation,
        origin=ORIGIN,
        deadline=Deadline(5),
        **{"new": OTHER_PASSWORD, **changes},
    )


def refused(act: Callable[[], object]) -> Refusal:
    with pytest.raises(Refusal) as error:
        act()
    return error.value


def other(code: str) -> str:
    return f"{(int(code) + 1) % 10**8:08}"


@pytest.mark.norm("N-2.3a")
def test_initial_password_changes_with_its_activation_alone(people: People) -> None:
    run, activation = people.first_access()
    session = limited(people, run)
    for wrong, code in (
        (None, "falta_codigo_activacion"),
        ("", "codigo_activacion_incorrecto"),
        (other(activation), "codigo_activacion_incorrecto"),
        (activation + " ", "codigo_activacion_incorrecto"),
    ):
        refusal = refused(partial(change, people, session, wrong))
        assert (refusal.kind.code, refusal.findings[0].pointer) == (code, "/codigo_activacion")
    change(people, session, activation)
    assert people.enter(run, password=OTHER_PASSWORD, code=people.next_code()).session.stage == "plena"


@pytest.mark.norm("N-2.3a")
def test_activation_bears_five_wrong_answers_and_they_survive_the_refusal(people: People) -> None:
    run, activation = people.first_access()
    session = limited(people, run)
    for _ in range(5):
        assert refused(lambda: change(people, session, other(activation))).kind.code == "codigo_activacion_incorrecto"
    refusal = refused(lambda: change(people, session, activation))
    assert refusal.kind.code == "codigo_activacion_vencido"
    assert "nuevo primer acceso" in refusal.kind.remedy


@pytest.mark.norm("N-2.3a")
def test_activation_expires(people: People, clock: SettableClock) -> None:
    run, activation = people.first_access()
    clock.advance(seconds=72 * 3600)
    assert refused(lambda: change(people, limited(people, run), activation)).kind.code == "codigo_activacion_vencido"
    assert refused(lambda: change(people, limited(people, run), None)).kind.code == "codigo_activacion_vencido"


def test_wrong_current_password_burns_no_try_of_the_activation(people: People) -> None:
    run, activation = people.first_access()
    session = limited(people, run)
    for _ in range(6):
        refusal = refused(lambda: change(people, session, other(activation), current="no es la clave"))
        assert refusal.kind.code == "clave_actual_incorrecta"
    change(people, session, activation)


def test_ten_guesses_at_once_count_as_ten(people: People) -> None:
    run, activation = people.first_access()
    session = limited(people, run)
    guesses = [other(activation)] * 9 + [activation]

    def guess(code: str) -> str:
        try:
            change(people, session, code)
        except Refusal as refusal:
            return refusal.kind.code
        return "hecho"

    with ThreadPoolExecutor(9) as pool:
        wrong = list(pool.map(guess, guesses[:9]))
    assert wrong.count("codigo_activacion_incorrecto") == 5
    assert set(wrong) == {"codigo_activacion_incorrecto", "codigo_activacion_vencido"}


def test_activation_of_an_earlier_password_is_useless(people: People) -> None:
    run, first = people.first_access()
    officer = people.enter_officer(people.officer())
    people.access.reissue_first_access(
        session=officer, run=run, code=people.next_code(), origin=ORIGIN, deadline=Deadline(5)
    )
    password, second = people.told(run, "clave_inicial"), people.told(run, "codigo_de_activacion")
    assert refused(lambda: people.enter(run, code=people.next_code())).kind.code == "credenciales_invalidas"
    session = limited(people, run, password)
    if first != second:
        refusal = refused(lambda: change(people, session, first, current=password))
        assert refusal.kind.code == "codigo_activacion_incorrecto"
    change(people, session, second, current=password)


@pytest.mark.norm("N-2.3a", "N-2.6d")
def test_officer_issues_again_what_expired_to_the_contacts_on_record(
    people: People, clock: SettableClock, database: Database
) -> None:
    run, _ = people.first_access()
    clock.advance(seconds=80 * 3600)
    stale = limited(people, run)
    officer = people.enter_officer(people.officer())
    issued = people.access.reissue_first_access(
        session=officer, run=run, code=people.next_code(), origin=ORIGIN, deadline=Deadline(5)
    )
    addresses = {message.kind: message.address for message in people.messages(run)}
    assert addresses == {"clave_inicial": "antonia@example.cl", "codigo_de_activacion": "+56912345678"}
    with database.reading(deadline=Deadline(5)) as connection:
        assert people.log.disclosed(connection, issued.entry_id)["actor"] == f"persona:{officer.run}"
        assert count_live_sessions(connection, stale.run, database.clock()) == 0
    password, activation = people.told(run, "clave_inicial"), people.told(run, "codigo_de_activacion")
    change(people, limited(people, run, password), activation, current=password)


@pytest.mark.norm("N-2.3a")
def test_founder_issues_again_that_of_an_officer(people: People) -> None:
    people.founders()
    run = accredited_only(people)
    ana = people.enter_officer(ANA)
    before = people.told(run, "clave_inicial")
    people.access.reissue_first_access(
        session=ana, run=run, code=people.next_code(), origin=ORIGIN, deadline=Deadline(5)
    )
    assert people.told(run, "clave_inicial") != before
    people.first_entry(run, context=OPERATOR)


def accredited_only(people: People) -> Run:
    """An officer who has not entered yet."""
    original, people.first_entry = people.first_entry, lambda *_, **__: None  # type: ignore[method-assign]
    try:
        return people.officer()
    finally:
        people.first_entry = original  # type: ignore[method-assign]


@pytest.mark.norm("N-2.6b", "N-2.6d")
def test_first_access_is_issued_again_by_nobody_else_nor_without_need(people: People) -> None:
    run, activation = people.first_access()
    officer = people.officer()
    doctor = people.enter(people.enrol(22222222), code=people.next_code()).session
    by_officer, by_founder = people.enter_officer(officer), people.enter_officer(ANA)

    def issue(session: Session, subject: Run, code: str | None = None) -> Refusal:
        return refused(
            lambda: people.access.reissue_first_access(
                session=session, run=subject, code=code or people.next_code(), origin=ORIGIN, deadline=Deadline(5)
            )
        )

    assert issue(doctor, run).kind.code == "sin_mandato"
    assert issue(by_founder, run).kind.code == "sin_mandato"
    assert issue(by_officer, officer).kind.code == "sin_mandato"
    assert issue(by_officer, run, "000000").kind.code == "codigo_incorrecto"
    assert issue(by_officer, Run(22222222)).kind.code == "primer_acceso_no_pendiente"
    assert issue(by_founder, Run(33333333)).kind.code == "primer_acceso_no_pendiente"
    assert issue(by_founder, ANA).kind.code == "sin_mandato"
    people.mandates.end_officer(
        session=by_founder, run=officer, cause=EndCause.DISMISSAL, origin=ORIGIN, deadline=Deadline(5)
    )
    assert issue(by_officer, run).kind.code == "sesion_terminada"
    change(people, limited(people, run), activation)


def test_who_blocked_himself_gets_no_new_first_access(people: People) -> None:
    run, _ = people.first_access()
    people.access.block_self(session=limited(people, run), origin=ORIGIN, deadline=Deadline(5))
    officer = people.enter_officer(people.officer())
    refusal = refused(
        lambda: people.access.reissue_first_access(
            session=officer, run=run, code=people.next_code(), origin=ORIGIN, deadline=Deadline(5)
        )
    )
    assert refusal.kind.code == "primer_acceso_no_pendiente"
