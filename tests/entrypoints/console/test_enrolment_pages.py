"""The officer's pages: a whole enrolment by forms; bad input said beside its field, nothing lost; whose case it is."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.factories.counter import CASES, Counter, counter_of, text_of


@pytest.fixture
def counter(tmp_path: Path, application_url: str, clock: Any) -> Iterator[Counter]:
    with counter_of(tmp_path, application_url, clock) as opened:
        yield opened


@pytest.mark.norm("N-1a", "N-1b")
def test_an_officer_enrols_a_professional_by_the_pages_alone(counter: Counter) -> None:
    counter.officer()
    assert "No hay enrolamientos en curso" in text_of(counter.look(CASES))
    case = counter.enrol()
    page = text_of(counter.look(f"{case}/constancia"))
    assert "Constancia N°" in page
    assert "Clave inicial" in page
