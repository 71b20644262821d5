"""Cases as a whole by their pages: first checks, whose it is, handing over, ending; lists by turns."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from lme_operator.core.database import Deadline
from lme_operator.core.run import Run
from lme_operator.domain.enrolment.in_person import Task
from lme_operator.domain.professionals import PracticeContext
from tests.factories.browsing import heading
from tests.factories.counter import CASES, PEOPLE, Counter, counter_of, text_of
from tests.factories.desk import DOCTOR, declared
from tests.factories.machines import Machine
from tests.factories.people import ORIGIN

TASKS = (
    "datos", "documento", "documento/provisorio", "rnpi", "domicilio", "correo", "telefono", "contacto", "identidad",
    "factor", "condiciones", "terminar",
)  # fmt: skip


@pytest.fixture
def counter(tmp_path: Path, application_url: str, clock: Any) -> Iterator[Counter]:
    with counter_of(tmp_path, application_url, clock) as opened:
        yield opened


def second(counter: Counter) -> Counter:
    """Another officer, who has entered."""
    other = counter.another()
    other.officer(9100002, name="Hugo Andrés Paredes Lillo")
    return other


@pytest.mark.parametrize("written", ["15.000.021-1", "15000021-1", " 150000211 ", "15 000 021 – 1", "１５０００02 1-1"])
def test_a_run_is_read_as_people_write_it(counter: Counter, written: str) -> None:
    counter.officer()
    answer = counter.post(f"{CASES}/nuevo", run=written)
    assert answer.status_code == 303, text_of(answer)
    assert DOCTOR.display in counter.get(CASES).text
    assert str(DOCTOR) not in answer.location


@pytest.mark.parametrize("written", ["", "15.000.021-9", "abc", "0", "15000021", "999999999-9"])
def test_a_wrong_run_comes_back_with_its_reason_and_never_with_the_right_digit(counter: Counter, written: str) -> None:
    counter.officer()
    answer = counter.post(f"{CASES}/nuevo", run=written)
    assert answer.status_code == 422
    assert "<title>Error: " in answer.text
    assert f'value="{written}"' in answer.text
    assert "15.000.021-1" not in answer.text


@pytest.mark.norm("N-6b")
def test_who_is_suspended_is_refused_at_once_with_the_authoritys_reason(counter: Counter) -> None:
    counter.officer()
    operator = counter.web.operator
    Machine.register(operator.database, operator.log, operator.sealer).suspend(DOCTOR)
    answer = counter.post(f"{CASES}/nuevo", run=DOCTOR.display)
    assert (answer.status_code, heading(answer)) == (403, "No se puede enrolar")
    assert "Suspensión de la facultad de emitir licencias" in text_of(answer)
    assert "No hay enrolamientos en curso" in text_of(counter.get(CASES))


@pytest.mark.norm("N-6b")
def test_a_suspension_that_lands_before_enabling_is_said_in_the_review(counter: Counter) -> None:
    counter.officer()
    case = counter.open()
    counter.gather(case)
    operator = counter.web.operator
    Machine.register(operator.database, operator.log, operator.sealer).suspend(DOCTOR)
    assert "Suspensión de la facultad" in text_of(counter.get(f"{case}/revisar"))
    answer = counter.enable(case)
    assert answer.status_code == 403
    assert "Suspensión de la facultad" in text_of(answer)


def test_who_is_enrolled_already_leads_to_the_card(counter: Counter) -> None:
    run = counter.web.enrol()
    counter.officer()
    answer = counter.post(f"{CASES}/nuevo", run=run.display)
    assert (answer.status_code, heading(answer)) == (409, "No se puede enrolar")
    card = re.findall(rf'href="({PEOPLE}/[^"]+)"', answer.text)
    assert counter.get(card[-1]).status_code == 200


def test_nobody_enrols_himself(counter: Counter) -> None:
    own = counter.officer()
    answer = counter.post(f"{CASES}/nuevo", run=own.display)
    assert answer.status_code == 403
    assert "Nadie se enrola a sí mismo." in text_of(answer)


@pytest.mark.norm("N-1l")
def test_a_case_of_another_is_read_but_not_worked_on_until_it_is_received(counter: Counter) -> None:
    counter.officer()
    case = counter.open()
    counter.data(case)
    other = second(counter)
    met = other.post(f"{CASES}/nuevo", run=DOCTOR.display)
    assert (met.status_code, heading(met)) == (409, "Ya hay un enrolamiento en curso")
    assert "Recibir el caso" in met.text
    assert "Carla Ignacia Mella Ruiz" in met.text
    for task in TASKS:
        page = other.get(f"{case}/{task}")
        assert "lo tiene Carla Ignacia Mella Ruiz" in text_of(page)
        assert f'action="{case}/{task}"' not in page.text
        assert declared().email not in page.text
    assert declared().email in other.get(f"{case}/revisar").text
    assert other.data(case).status_code == 409
    assert other.post(f"{case}/recibir").status_code == 303
    assert other.data(case).status_code == 303
    assert counter.data(case).status_code == 409
    page = text_of(counter.get(case))
    assert "Quién lo ha tenido" in page
    assert page.index("Carla Ignacia Mella Ruiz, desde") < page.index("Hugo Andrés Paredes Lillo, desde")


def test_ending_without_enrolling_asks_why_and_frees_the_run(counter: Counter) -> None:
    counter.officer()
    case = counter.open()
    answer = counter.post(f"{case}/terminar", motivo="")
    assert answer.status_code == 422
    assert "Escriba por qué no se enrola." in answer.text
    assert counter.post(f"{case}/terminar", motivo="No trajo su cédula.").location == CASES
    assert "Terminó sin enrolar" in text_of(counter.get(case))
    assert counter.data(case).status_code == 409
    assert counter.post(f"{case}/terminar", motivo="Otra vez.").status_code == 409
    assert counter.open() != case


@pytest.mark.parametrize("act", ["recibir", "correo/envio", "identidad/propia", "rnpi/observaciones", "factor/qr"])
def test_what_only_takes_forms_leads_back_to_its_page(counter: Counter, act: str) -> None:
    counter.officer()
    case = counter.open()
    answer = counter.get(f"{case}/{act}")
    assert answer.status_code == 405
    back = re.findall(r'class="button" href="([^"]+)"', answer.text)
    assert back == [f"{case}/{act}".rpartition("/")[0]]
    assert counter.get(back[0]).status_code == 200


@pytest.mark.norm("N-2.2a")
def test_who_has_means_of_access_already_keeps_them(counter: Counter) -> None:
    counter.web.enrol(DOCTOR, contexts=(PracticeContext(Run(76000100)),))
    counter.officer()
    case = counter.open()
    counter.gather(case, without=frozenset({Task.FACTOR}))
    page = text_of(counter.get(f"{case}/factor"))
    assert "ya tiene clave y segundo factor" in page
    assert "Mostrar el código QR" not in page
    assert counter.post(f"{case}/factor", codigo="000000").status_code == 403
    answer = counter.post(f"{case}/factor", codigo=counter.web.people.next_code())
    assert answer.location == f"{case}/revisar", text_of(answer)
    assert "La aplicación de códigos que ya usaba" in text_of(counter.get(f"{case}/revisar"))
    assert counter.enable(case).status_code == 303
    page = text_of(counter.get(f"{case}/constancia"))
    assert "conserva la clave y la aplicación de códigos" in page
    assert "Clave inicial" not in page


@pytest.mark.norm("N-1a")
def test_pressing_enable_twice_enrols_once(counter: Counter) -> None:
    counter.officer()
    case = counter.open()
    counter.gather(case)
    proof, act, code = counter.own_proof(), str(uuid4()), counter.web.people.next_code()
    first, again = (counter.send(f"{case}/revisar", proof=proof, act=act, codigo=code) for _ in range(2))
    assert first.location == again.location == f"{case}/constancia"
    later = counter.post(f"{case}/revisar", codigo="000000")
    assert later.location == f"{case}/constancia"
    with counter.web.operator.database.reading(deadline=Deadline(5)) as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM enrolment.enrolment").scalar_one() == 1
    assert "Este enrolamiento terminó" in text_of(counter.get(case))
    assert counter.card(case).status_code == 409


def test_open_cases_are_listed_by_turns_with_who_has_them(counter: Counter) -> None:
    counter.officer()
    other = second(counter)
    officer = counter.web.people.enter_officer(Run(9100001))
    for number in range(15000100, 15000126):
        counter.web.clock.advance(seconds=1)
        counter.web.operator.in_person.open(session=officer, run=Run(number), origin=ORIGIN, deadline=Deadline(10))
    page = other.get(CASES)
    assert page.text.count("Carla Ignacia Mella Ruiz") == 25
    assert "Sin datos todavía" in page.text
    following = re.findall(rf'href="({CASES}\?despues=[^"]+)"', page.text)
    rest = other.get(following[0])
    assert Run(15000100).display in rest.text
    assert "Volver al principio" in rest.text
    assert "?despues=" not in rest.text
    assert other.get(f"{CASES}?despues=nada").status_code == 422


@pytest.mark.parametrize(
    "page", ["", "/datos", "/revisar", "/constancia", "/expediente.zip", "/identidad/foto-persona"]
)
def test_a_case_that_is_none_is_not_found(counter: Counter, page: str) -> None:
    counter.officer()
    assert counter.get(f"{CASES}/{uuid4()}{page}").status_code == 404
