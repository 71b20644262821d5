"""The same form sent twice: led where the first was, and only whoever the page still admits (N-2.6b)."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from lme_operator.core.database import Deadline
from lme_operator.domain.mandates import EndCause
from tests.factories.browsing import Browsing, heading
from tests.factories.counter import CASES, PEOPLE, Counter, counter_of
from tests.factories.desk import DOCTOR
from tests.factories.people import OPERATOR, ORIGIN, OTHER_PASSWORD, PASSWORD
from tests.factories.web import Web


@pytest.fixture
def counter(tmp_path: Path, application_url: str, clock: Any) -> Iterator[Counter]:
    with counter_of(tmp_path, application_url, clock) as opened:
        yield opened


@pytest.fixture
def leaving(web: Web) -> tuple[Browsing, str, dict[str, Any]]:
    """A browser that has just left, still with its cookie; its token and the form that it sent."""
    doctor = Browsing(web).entered(web.enrol())
    token = doctor.client.get_cookie("lme")
    assert token is not None
    form: dict[str, Any] = {"proof": doctor.own_proof(), "act": str(uuid4())}
    assert doctor.send("/consola/salir", **form).location == "/consola/entrar"
    return doctor, token.value, form


def again(leaving: tuple[Browsing, str, dict[str, Any]], **changes: Any) -> Any:
    browsing, token, form = leaving
    browsing.client.set_cookie("lme", token)
    return browsing.send("/consola/salir", **{**form, **changes})


def test_second_click_of_leaving_leads_where_the_first_did(leaving: tuple[Browsing, str, dict[str, Any]]) -> None:
    assert again(leaving).location == "/consola/entrar"


@pytest.mark.norm("N-2.6b")
def test_repeated_form_needs_its_proof_its_origin_and_its_place(leaving: tuple[Browsing, str, dict[str, Any]]) -> None:
    assert again(leaving, proof="").status_code == 403
    assert again(leaving, headers={"Origin": "https://otro.example"}).status_code == 403
    elsewhere = again(leaving, headers={"User-Agent": "otro navegador"})
    assert (elsewhere.status_code, heading(elsewhere)) == (401, "Su sesión terminó")


def test_second_click_of_a_new_password_leads_where_the_first_did(web: Web) -> None:
    doctor = Browsing(web).entered(web.enrol())
    token, proof, act = doctor.client.get_cookie("lme"), doctor.own_proof(), str(uuid4())
    assert token is not None
    new: dict[str, Any] = {"actual": PASSWORD, "nueva": OTHER_PASSWORD, "repetida": OTHER_PASSWORD}
    for _ in range(2):
        doctor.client.set_cookie("lme", token.value)
        assert doctor.send("/consola/clave", proof=proof, act=act, **new).location == "/consola/entrar"


@pytest.mark.norm("N-1l", "N-2.6b")
def test_repeated_form_of_who_is_no_officer_any_more_is_refused(counter: Counter) -> None:
    officer = counter.officer()
    people = counter.web.people
    form: dict[str, Any] = {"proof": counter.own_proof(), "act": str(uuid4()), "run": DOCTOR.display}
    assert counter.send(f"{CASES}/nuevo", **form).status_code == 303
    assert counter.send(f"{CASES}/nuevo", **form).status_code == 303
    founder = people.enter(people.founders()[0], context=OPERATOR, code=people.next_code()).session
    people.mandates.end_officer(
        session=founder, run=officer, cause=EndCause.DISMISSAL, origin=ORIGIN, deadline=Deadline(10)
    )
    assert counter.send(f"{CASES}/nuevo", **form).status_code == 401


@pytest.mark.norm("N-2.6b", "N-3.0b")
def test_what_is_shown_twice_leaves_its_trace_twice(counter: Counter) -> None:
    counter.officer()
    counter.enrol()
    card = counter.get(PEOPLE).text.split(f'href="{PEOPLE}/')[1].split('"')[0]
    form: dict[str, Any] = {"proof": counter.own_proof(), "act": str(uuid4())}

    def attempts() -> int:
        with counter.web.operator.database.reading(deadline=Deadline(5)) as connection:
            found: int = connection.exec_driver_sql("SELECT count(*) FROM audit.attempt").scalar_one()
        return found

    before = attempts()
    counter.send(f"{PEOPLE}/{card}/contacto", **form)
    once = attempts() - before
    counter.send(f"{PEOPLE}/{card}/contacto", **form)
    assert once > 0
    assert attempts() - before == 2 * once


@pytest.mark.norm("N-2.6b")
def test_second_click_of_entering_gives_its_session_to_that_browser_alone(web: Web) -> None:
    run, code = web.enrol(), web.code()
    browsing = Browsing(web)
    form: dict[str, Any] = {
        "proof": browsing.proof(), "act": str(uuid4()), "run": run.display, "clave": PASSWORD, "codigo": code,
        "contexto": "individual",
    }  # fmt: skip
    visit = browsing.client.get_cookie("lme-visita")
    assert visit is not None

    def send(**changes: Any) -> Any:
        bare = Browsing(web)
        bare.client.set_cookie("lme-visita", visit.value)
        return bare.send("/consola/entrar", **{**form, **changes})

    first, second = send(), send()
    assert first.location == second.location == "/consola"
    assert first.headers.getlist("Set-Cookie") == second.headers.getlist("Set-Cookie")
    for changes in ({"proof": ""}, {"headers": {"User-Agent": "otro navegador"}}):
        assert "lme=" not in str(send(**changes).headers.getlist("Set-Cookie")).replace("lme=;", "")
