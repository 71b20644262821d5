"""Professionals found by words of their names, and no name that can be read."""

import pytest
import sqlalchemy as sa

from lme_operator.core.database import Database, Deadline
from lme_operator.core.run import Run
from lme_operator.core.sealing import Sealer
from lme_operator.domain.identity import lock_people
from lme_operator.domain.professionals import record_professional, search
from lme_operator.domain.professionals.names import words_of
from tests.factories.people import professional_data

ANTONIA, PEDRO, ANA = Run(11111111), Run(22222222), Run(12121212)


def record(database: Database, sealer: Sealer, run: Run, *names: str | None) -> None:
    parts = dict(zip(("given_names", "paternal_surname", "maternal_surname"), names, strict=True))
    with database.unit_of_work(deadline=Deadline(5), locks=(lock_people(run, create=True),)) as work:
        record_professional(work, sealer, run, professional_data(**parts))


def find(database: Database, sealer: Sealer, words: str, **bound: int) -> tuple[Run, ...]:
    with database.reading(deadline=Deadline(5)) as connection:
        return search(connection, sealer, words, **bound)


@pytest.fixture
def recorded(database: Database, sealer: Sealer) -> Database:
    record(database, sealer, ANTONIA, "Antonia Paz", "Ñancupil", "Riquelme")
    record(database, sealer, PEDRO, "Pedro", "O'Higgins-Riquelme", None)
    record(database, sealer, ANA, "Ana Ana", "Ana", "Ñáñez")
    return database


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("ñancupil", {ANTONIA}),
        ("NANCUPIL", {ANTONIA}),
        ("n\u0303ancupil", {ANTONIA}),
        ("antonia ñancupil", {ANTONIA}),
        ("riquelme, antonia", {ANTONIA}),
        ("riquelme", {ANTONIA, PEDRO}),
        ("riquelme paz pedro", set()),
        ("ohiggins", {PEDRO}),
        ("o’higgins", {PEDRO}),
        ("higgins", set()),
        ("ana", {ANA}),
        ("nanez ana ana", {ANA}),
        ("ant", set()),
        ("", set()),
        ("a ñ 11111111-1 %", set()),
        ("' OR 1=1 --", set()),
        ("\0", set()),
        ("x" * 100_000, set()),
        (" ".join(f"palabra{letter}" for letter in "abcdefghijklmnopqrstuvwxyz"), set()),
    ],
)
def test_every_word_must_be_in_the_name(recorded: Database, sealer: Sealer, words: str, found: set[Run]) -> None:
    assert set(find(recorded, sealer, words)) == found


def test_the_name_in_force_finds_and_the_earlier_one_does_not(recorded: Database, sealer: Sealer) -> None:
    record(recorded, sealer, PEDRO, "Petra", "Higgins", "Riquelme")
    assert find(recorded, sealer, "pedro") == ()
    assert find(recorded, sealer, "petra riquelme") == (PEDRO,)
    assert find(recorded, sealer, "riquelme") == (PEDRO, ANTONIA)


def test_no_more_than_asked(recorded: Database, sealer: Sealer) -> None:
    assert find(recorded, sealer, "riquelme", at_most=1) == (PEDRO,)


@pytest.mark.norm("N-2.6b")
def test_no_name_can_be_read_nor_guessed_without_the_key(recorded: Database, sealer: Sealer) -> None:
    with recorded.reading(deadline=Deadline(5)) as connection:
        words = connection.execute(sa.text("SELECT word FROM professionals.name_word")).scalars().all()
    assert len(words) == 4 + 3 + 2
    assert all(len(word) == 32 for word in words)
    assert find(recorded, Sealer(bytes(32)), "riquelme") == ()


def test_words_of_names() -> None:
    assert words_of("María José", "De la Fuente") == {"maria", "jose", "de", "la", "fuente"}
    assert words_of("Straße 3º", "李 小龙") == {"strasse", "小龙"}
