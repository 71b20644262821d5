"""Finding a professional, and one person's card: no RUN in an address, contacts masked, no secret, every proof."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from lme_operator.core.run import Run
from tests.factories.browsing import heading
from tests.factories.counter import PEOPLE, Counter, counter_of, text_of
from tests.factories.desk import DOCTOR, declared
from tests.factories.machines import Machine
from tests.factories.people import professional_data

OTHER = Run(15000035)
FOUND = f"{PEOPLE}/resultados"


@pytest.fixture
def counter(tmp_path: Path, application_url: str, clock: Any) -> Iterator[Counter]:
    with counter_of(tmp_path, application_url, clock) as opened:
        yield opened


@pytest.fixture
def case(counter: Counter) -> str:
    """The address of the case by which the professional was enrolled."""
    counter.officer()
    return counter.enrol()


@pytest.fixture
def someone(counter: Counter) -> Run:
    """Who is enrolled already, and an officer who looks."""
    counter.officer()
    name = {"given_names": "Amanda Sofía", "paternal_surname": "Tapia", "maternal_surname": "Núñez"}
    return counter.web.enrol(DOCTOR, **name)


def search(counter: Counter, sought: str) -> Any:
    answer = counter.post(PEOPLE, buscado=sought)
    assert (answer.status_code, answer.location) == (303, FOUND), text_of(answer)
    return counter.get(FOUND)


def card(counter: Counter) -> str:
    """The address of the first card in the list."""
    found: str = re.findall(rf'href="({PEOPLE}/[0-9a-f-]{{36}})"', counter.get(PEOPLE).text)[0]
    return found


@pytest.mark.norm("N-2.6b")
@pytest.mark.parametrize("sought", ["15.000.021-1", "150000211", "TAPIA", "nunez Sofía", "amanda TAPIA núñez"])
def test_a_professional_is_found_by_run_or_words_and_no_address_tells(
    counter: Counter, someone: Run, sought: str
) -> None:  # fmt: skip
    page = search(counter, sought)
    assert "Amanda Sofía Tapia Núñez" in page.text
    cookie = counter.client.get_cookie("lme-busqueda", domain="localhost")
    assert cookie is not None
    assert sought.casefold() not in cookie.value.casefold()
    links = re.findall(r'(?:href|action)="([^"]+)"', page.text)
    assert not [link for link in links if "15000021" in link.replace(".", "")]
    assert counter.get(card(counter)).status_code == 200


@pytest.mark.parametrize(
    ("sought", "words"),
    [
        ("Nadie Deestenombre", "Nadie tiene todas esas palabras en su nombre."),
        ("Tap", "Nadie tiene todas esas palabras en su nombre."),
        ("15.000.035-1", "Nadie con ese RUN está enrolado aquí."),
        ("'; DROP TABLE x --", "Nadie tiene todas esas palabras en su nombre."),
    ],
)
def test_nothing_found_says_why_and_what_to_do(counter: Counter, someone: Run, sought: str, words: str) -> None:
    sought = OTHER.display if sought.startswith("15.") else sought
    assert words in text_of(search(counter, sought))


@pytest.mark.parametrize("sought", ["", "   ", "15.000.021-9", "12345"])
def test_what_cannot_be_sought_is_said_beside_the_field(counter: Counter, someone: Run, sought: str) -> None:
    answer = counter.post(PEOPLE, buscado=sought)
    assert answer.status_code == 422
    assert "<title>Error: " in answer.text
    assert 'href="#campo-buscado"' in answer.text


def test_who_was_never_enrolled_leads_to_the_cases(counter: Counter, someone: Run) -> None:
    pending = counter.open(OTHER)
    page = search(counter, OTHER.display)
    assert "No está enrolado." in text_of(page)
    assert f'href="{pending}"' in page.text


def test_results_are_of_who_sought_them_and_for_a_while(counter: Counter, someone: Run) -> None:
    assert counter.get(FOUND).location == PEOPLE
    search(counter, "TAPIA")
    assert counter.get(FOUND).status_code == 200
    counter.client.set_cookie("lme-busqueda", "x" * 40, domain="localhost")
    assert counter.get(FOUND).location == PEOPLE


@pytest.mark.norm("N-2.6b")
def test_a_card_masks_the_contact_until_it_is_asked_for_and_tells_no_secret(counter: Counter, case: str) -> None:
    address, people = card(counter), counter.web.people
    page = counter.get(address)
    assert heading(page) == "Amanda Sofía Tapia Núñez"
    telephone = "+56 9 8021 4321"
    for hidden in (declared().email, telephone, "Los Aromos 123"):
        assert hidden not in page.text
    for kind in ("clave_inicial", "codigo_de_activacion"):
        assert people.told(DOCTOR, kind) not in page.text
    shown = counter.post(f"{address}/contacto").text
    for whole in (declared().email, telephone, "Los Aromos 123, Santiago"):
        assert whole in shown


@pytest.mark.norm("N-1l", "N-2.4a")
def test_a_card_tells_who_enrolled_what_was_done_and_gives_the_proofs(counter: Counter, case: str) -> None:
    page = counter.get(card(counter))
    text = text_of(page)
    for words in (
        "No puede emitir", "Todavía no ha cambiado la clave inicial", "Carla Ignacia Mella Ruiz",
        "enrolamiento-presencial@v2#habilitar", "Se abrió un enrolamiento.", "Quedó habilitado.",
        "Todavía es la inicial",
        "Ninguna autoridad ha comunicado una suspensión.", "Código de activación",
    ):  # fmt: skip
        assert words in text, words
    assert f'href="{case}/constancia"' in page.text
    file = counter.get(re.findall(r'href="(/consola/consultas-rnpi/[^"]+)"', page.text)[0])
    assert file.data.startswith(b"PK")
    assert "attachment" in file.headers["Content-Disposition"]


@pytest.mark.norm("N-6a")
def test_a_suspension_is_on_the_card_and_stands_against_issuing(counter: Counter, case: str) -> None:
    operator = counter.web.operator
    Machine.register(operator.database, operator.log, operator.sealer).suspend(DOCTOR)
    page = text_of(counter.get(card(counter)))
    assert "Suspensión de la facultad de emitir licencias" in page
    assert "Vigente" in page


def test_a_card_of_someone_enrolled_otherwise_says_so(counter: Counter) -> None:
    counter.web.enrol(Run(15000077), given_names="Víctor", maternal_surname=None)
    counter.officer()
    page = text_of(counter.get(card(counter)))
    assert f"Víctor {professional_data().paternal_surname}" in page
    assert "de demostración" in page
    assert "El sistema" in page
    assert "Todavía no se ha consultado." in page


def test_enrolled_are_listed_by_turns(counter: Counter) -> None:
    for number in range(15000100, 15000126):
        counter.web.clock.advance(seconds=1)
        counter.web.enrol(Run(number))
    counter.officer()
    page = counter.get(PEOPLE)
    assert Run(15000125).display in page.text
    assert Run(15000100).display not in page.text
    following = re.findall(rf'href="({PEOPLE}\?despues=[^"]+)"', page.text)
    assert Run(15000100).display in counter.get(following[0]).text


@pytest.mark.parametrize("page", ["", "/contacto"])
def test_a_card_of_nobody_is_not_found(counter: Counter, page: str) -> None:
    counter.officer()
    address = f"{PEOPLE}/019dab33-28f0-7b4f-af49-bbcc289465c4{page}"
    assert (counter.post(address) if page else counter.get(address)).status_code == 404
