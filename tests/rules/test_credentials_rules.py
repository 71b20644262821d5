"""Passwords, due dates, waits: pure rules."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lme_operator.core.periods import local_day
from lme_operator.core.run import Run
from lme_operator.domain.credentials.rules import (
    add_months,
    due_at,
    normalise_password,
    password_findings,
    patience_until,
    variant_key,
)

RUN = Run(12345678)
NAMES = ("María José", "O'Higgins", "Ñancupil")


def codes(text: str) -> list[str]:
    return [finding.code for finding in password_findings(text, run=RUN, names=NAMES)]


@pytest.mark.parametrize(
    "text",
    [
        "volantin azul sobre el cerro",
        "volantín azul ñandú 🙂",
        "x7#kP2!qLm9z",
        "tres teteras miran el lago" * 4,
        "           una frase",
    ],
)
def test_password_of_any_composition_is_accepted(text: str) -> None:
    assert codes(text) == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", ["clave_corta", "clave_comun"]),
        ("once letras", ["clave_corta"]),
        ("a1" * 65, ["clave_larga", "clave_comun"]),
        ("ñ" * 600, ["clave_larga"]),
        ("x" * 1_000_000, ["clave_larga"]),
        ("clave \ud800 rota y larga", ["clave_larga"]),
        ("mi run es 12.345.678-5", ["clave_personal"]),
        ("12 345 678 es mio", ["clave_personal"]),
        ("la casa de MARIA de noche", ["clave_personal"]),
        ("nancupilnancupil", ["clave_personal"]),
        ("ohiggins y la mar", ["clave_personal"]),
        ("Contraseña2026!", ["clave_comun"]),
        ("PASSWORDPASSWORD", ["clave_comun"]),
        ("ｐａｓｓｗｏｒｄ1234", ["clave_comun"]),
        ("345678901234", ["clave_comun"]),
        ("qwertyuiopas", ["clave_comun"]),
        ("zyxwvutsrqponm", ["clave_comun"]),
        ("abcabcabcabcabc", ["clave_comun"]),
        ("LicenciaMedica#1", ["clave_comun"]),
    ],
)
def test_password_refused_with_every_reason(text: str, expected: list[str]) -> None:
    assert codes(text) == expected


def test_password_of_sixty_four_and_of_128_characters_is_accepted_129_not() -> None:
    text = "volantin azul sobre el cerro y la mar" * 4
    assert codes(text[:64]) == codes(text[:128]) == []
    assert codes(text[:129]) == ["clave_larga"]


def test_password_in_two_unicode_forms_is_one() -> None:
    assert normalise_password("ñandú") == normalise_password("n\u0303andu\u0301")


@given(st.text(alphabet="abcdeñóü ", min_size=8, max_size=40), st.text(alphabet="0123456789!.", max_size=6))
def test_variant_key_ignores_case_accents_and_digits_at_the_ends(text: str, end: str) -> None:
    word = f"x{text}x"
    assert variant_key(end + word.upper() + end) == variant_key(word)


@given(st.text(max_size=200))
def test_any_text_is_judged_without_failing(text: str) -> None:
    codes(text)


@pytest.mark.norm("N-2.3b")
@pytest.mark.parametrize(
    ("day", "expected"),
    [
        (date(2026, 4, 20), date(2026, 10, 20)),
        (date(2026, 8, 31), date(2027, 2, 28)),
        (date(2027, 8, 30), date(2028, 2, 29)),
        (date(2026, 12, 1), date(2027, 6, 1)),
    ],
)
def test_six_months_are_calendar_months(day: date, expected: date) -> None:
    assert add_months(day, 6) == expected


@pytest.mark.norm("N-2.3b")
@given(st.integers(min_value=1_577_836_800, max_value=2_524_608_000))
def test_nothing_is_ever_older_than_six_months_when_due(seconds: int) -> None:
    at = datetime.fromtimestamp(seconds, UTC)
    due = due_at(at, 6)
    assert local_day(due) == add_months(local_day(at), 6)
    assert due > at


def test_wait_doubles_from_the_fifth_wrong_code_up_to_an_hour() -> None:
    last = datetime(2026, 4, 20, tzinfo=UTC)
    waits = []
    for failures in (0, 4, 5, 6, 7, 50):
        until = patience_until(failures, last, free=5, first_wait=timedelta(seconds=30), longest=timedelta(hours=1))
        waits.append(None if until is None else (until - last).total_seconds())
    assert waits == [None, None, 30, 60, 120, 3600]
    assert patience_until(9, None, free=5, first_wait=timedelta(1), longest=timedelta(1)) is None
