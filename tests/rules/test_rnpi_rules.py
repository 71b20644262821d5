"""What a consultation amounts to, and what it lets a person do: by table."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from lme_operator.core.outside import Failure, OutsideExchange
from lme_operator.core.periods import SANTIAGO
from lme_operator.core.run import Run
from lme_operator.domain.rnpi.answers import Answer, Cause, LastAnswers, Purpose, Registration, Result
from lme_operator.domain.rnpi.reading import AnotherPerson, NotJson, NotKnown, normalise_title, read_registration
from lme_operator.domain.rnpi.rules import (
    Attempt,
    Opening,
    Policy,
    Says,
    classify,
    judge,
    may_be_foreign,
    reached,
    still_answers,
)
from tests.factories import rnpi
from tests.factories.people import norms

RUN = Run(15000001)
AT = datetime(2026, 4, 20, 14, 0, tzinfo=UTC)
POLICY = Policy.of(norms(), Purpose.ENTRY, at=AT)
RETRY, AGAIN = timedelta(seconds=15), timedelta(minutes=10)


def clock() -> datetime:
    return AT


def witnesses(count: int = 2) -> tuple[OutsideExchange, ...]:
    return tuple(rnpi.witness(number, clock) for number in range(1, count + 1))


def judged(exchange: OutsideExchange, controls: tuple[OutsideExchange, ...] = ()) -> tuple[str, str | None, str]:
    found = classify(Attempt(RUN, exchange, controls=controls), POLICY)
    return found.result.value, None if found.cause is None else found.cause.value, found.reason


ANSWERS: list[tuple[OutsideExchange, tuple[str, str | None, str]]] = [
    (rnpi.said(rnpi.IN_FORCE, RUN, clock), ("vigente", None, "inscrito")),
    (rnpi.said(rnpi.OTHER_TITLE, RUN, clock), ("otro_titulo", None, "titulo_no_habilita")),
    (rnpi.said(rnpi.ABSENT, RUN, clock), ("no_inscrito", None, "no_figura")),
    (rnpi.said(rnpi.ANOTHER, RUN, clock), ("inconsistente", None, "otra_persona")),
    (rnpi.exchange(body=rnpi.record(RUN, dv="0"), at=clock), ("inconsistente", None, "otra_persona")),
    (rnpi.exchange(body=rnpi.record(RUN, rut=str(RUN.number)), at=clock), ("vigente", None, "inscrito")),
]


@pytest.mark.norm("N-4a", "N-2.1b")
@pytest.mark.parametrize(("exchange", "expected"), ANSWERS)
def test_answer_is_read_whoever_else_is_within_reach(
    exchange: OutsideExchange, expected: tuple[str, str | None, str]
) -> None:
    assert judged(exchange) == judged(exchange, witnesses()) == expected


OWN = [
    *(rnpi.said(f"http_{status}", RUN, clock) for status in (400, 401, 403, 405, 406, 415, 429, 201, 204, 301, 302)),
    *(
        rnpi.said(failure, RUN, clock)
        for failure in (
            Failure.NAME_NOT_RESOLVED,
            Failure.CERTIFICATE_UNKNOWN,
            Failure.CERTIFICATE_OF_ANOTHER,
            Failure.TLS,
            Failure.OUR_OWN,
            Failure.UNREACHABLE,
            Failure.TOO_LARGE,
            Failure.NOT_HTTP,
        )
    ),
    rnpi.exchange(body=b"<html>404</html>", at=clock, status=404),
    rnpi.exchange(body={"error": "otro servicio"}, at=clock, status=404),
    rnpi.exchange(body=b'{"detail": "No enc', at=clock, status=404, failure=Failure.TRUNCATED),
    rnpi.exchange(body={"detail": "No."}, at=clock, status=401, failure=Failure.TRUNCATED),
    rnpi.exchange(body=b"", at=clock, status=None, failure=Failure.TIMED_OUT, budget_ms=1090, left_ms=1089),
    rnpi.exchange(body=b"", at=clock, status=None, failure=Failure.TIMED_OUT, budget_ms=4300, left_ms=3999),
    rnpi.exchange(body=b"", at=clock, status=None, failure=Failure.TIMED_OUT, budget_ms=4300, left_ms=None),
    rnpi.exchange(body=[], at=clock),
    rnpi.exchange(body=rnpi.record(RUN, nro_registro=""), at=clock),
    rnpi.exchange(body=rnpi.record(RUN, antecedentes="ninguno"), at=clock),
    rnpi.exchange(body=rnpi.record(RUN, rut=None), at=clock),
]


@pytest.mark.norm("N-4c")
@pytest.mark.parametrize("exchange", OWN, ids=lambda one: f"{one.status}-{one.failure}")
def test_failure_of_ours_stays_ours_however_many_witnesses(exchange: OutsideExchange) -> None:
    """401, 403, 429, our names, our trust store, too little time: M41."""
    assert judged(exchange, witnesses())[:2] == ("imposible", "propia")


FOREIGN = [
    *(rnpi.said(f"http_{status}", RUN, clock) for status in (500, 502, 503, 504, 599)),
    *(
        rnpi.said(failure, RUN, clock)
        for failure in (
            Failure.REFUSED,
            Failure.RESET,
            Failure.TIMED_OUT,
            Failure.TRUNCATED,
            Failure.CERTIFICATE_EXPIRED,
        )
    ),
    rnpi.exchange(body=b"<!doctype html><p>Mantenci\xc3\xb3n", at=clock),
    rnpi.exchange(body='{"nombres": "Íñigo"}'.encode("latin-1"), at=clock),
    rnpi.exchange(body=b'{"rut": 1', at=clock, failure=Failure.TRUNCATED),
    rnpi.exchange(body=b"[" * 100_000, at=clock),
    rnpi.exchange(body=b'{"rut": 1, "rut": 2}', at=clock),
]


@pytest.mark.norm("N-4c")
@pytest.mark.parametrize("exchange", FOREIGN, ids=lambda one: f"{one.status}-{one.failure}")
@pytest.mark.parametrize(("count", "cause"), [(0, "propia"), (1, "propia"), (2, "ajena"), (3, "ajena")])
def test_failure_is_another_s_only_with_enough_witnesses(exchange: OutsideExchange, count: int, cause: str) -> None:
    assert judged(exchange, witnesses(count))[:2] == ("imposible", cause)
    assert may_be_foreign(Attempt(RUN, exchange), POLICY)


@pytest.mark.norm("N-4c")
@pytest.mark.parametrize(("purpose", "wait_ms"), [(Purpose.ENTRY, 4000), (Purpose.ISSUE, 3000)])
@pytest.mark.parametrize(("short_by", "cause"), [(1, Cause.OWN), (0, Cause.FOREIGN)])
def test_time_out_is_another_s_only_after_the_whole_wait_of_its_purpose(
    purpose: Purpose, wait_ms: int, short_by: int, cause: Cause
) -> None:
    """A sound register that is slow, asked in a hurry, and a name that we are slow to resolve open nothing."""
    policy = Policy.of(norms(), purpose, at=AT)
    late = rnpi.exchange(
        body=b"", at=clock, status=None, failure=Failure.TIMED_OUT, budget_ms=9000, left_ms=wait_ms - short_by
    )
    assert policy.render()["espera_ms"] == wait_ms
    assert classify(Attempt(RUN, late, controls=witnesses()), policy).cause is cause


@pytest.mark.norm("N-4c")
def test_witness_counts_once_a_host_and_only_with_our_mark() -> None:
    twice = (rnpi.witness(1, clock), rnpi.witness(1, clock))
    assert reached(twice) == 1
    others = (
        rnpi.witness(2, clock, body=b"<html>portal cautivo</html>"),
        rnpi.witness(3, clock, status=302),
        rnpi.witness(4, clock, failure=Failure.TRUNCATED),
    )
    assert reached((*twice, *others)) == 1
    assert reached((*twice, rnpi.witness(5, clock, body=b"lme-testigo\n"))) == 2
    same = ("https://testigo1.example:444/", "https://TESTIGO1.example/otra", "https://testigo1.example./")
    assert reached((*twice, *(rnpi.witness(2, clock, url=url) for url in same))) == 1


def test_open_circuit_repeats_the_cause_of_what_opened_it() -> None:
    opened = rnpi.exchange(body=b"", at=clock, status=None, failure=Failure.CIRCUIT_OPEN, detail="http_503 …")
    for cause in Cause:
        opening = Opening(UUID(int=1), UUID(int=2), cause, "http_503")
        found = classify(Attempt(RUN, opened, opening=opening), POLICY)
        assert (found.result, found.cause, found.reason) == (Result.IMPOSSIBLE, cause, "circuito_abierto")
    assert classify(Attempt(RUN, opened, controls=witnesses()), POLICY).cause is Cause.OWN


def test_what_was_not_asked_is_ours() -> None:
    found = classify(Attempt(RUN, None, "cuota_agotada", witnesses()), POLICY)
    assert (found.result, found.cause, found.reason) == (Result.IMPOSSIBLE, Cause.OWN, "cuota_agotada")


def read(**changes: Any) -> Registration:
    body = json.dumps(rnpi.record(RUN, **changes)).encode()
    return read_registration(body, run=RUN, titles=POLICY.kinds)


def test_record_is_read_field_by_field() -> None:
    found = read()
    assert (found.given_names, found.paternal_surname, found.maternal_surname) == (
        "Elena Beatriz",
        "Ñancupil",
        "Ibáñez",
    )
    assert found.birth_date is not None
    assert found.birth_date.isoformat() == "1979-05-18"
    assert found.loaded_on is not None
    assert found.loaded_on.isoformat() == "2026-04-07"
    assert (found.kind, found.titles, found.observations) == (1, ("Médico Cirujano",), "")
    assert Registration.parse(found.render()) == found


def test_no_informada_is_not_known() -> None:
    unknown = dict.fromkeys(("sexo", "nacionalidad", "apellido_materno", "fecha_carga"), "No Informada")
    found = read(**unknown, fecha_nacimiento="no informada", observaciones=None)
    assert (found.sex, found.nationality, found.maternal_surname, found.birth_date, found.loaded_on) == (None,) * 5


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("fecha_nacimiento", "18/5/1979"),
        ("fecha_nacimiento", "18-5-79"),
        ("fecha_nacimiento", "5-18-1979"),
        ("fecha_nacimiento", "1979-05-18"),
        ("fecha_nacimiento", "٣-5-1979"),
        ("fecha_carga", "4/7/2026"),
        ("fecha_carga", "04/27/2026"),
        ("nombres", "No Informada"),
        ("nombres", 5),
        ("apellido_paterno", ""),
        ("nro_registro", None),
        ("observaciones", "x" * 501),
        ("antecedentes", [1]),
        ("rut", True),
    ],
)
def test_field_in_another_form_is_not_guessed(name: str, text: Any) -> None:
    with pytest.raises(NotKnown):
        read(**{name: text})


@pytest.mark.parametrize(("name", "value"), [("rut", 15000002), ("rut", "15.000.001"), ("dv", "K"), ("dv", 9)])
def test_record_of_another_person_is_not_ours(name: str, value: Any) -> None:
    with pytest.raises(AnotherPerson):
        read(**{name: value})


def test_page_is_no_record() -> None:
    with pytest.raises(NotJson):
        read_registration(b"<html>", run=RUN, titles={})


@pytest.mark.parametrize(
    ("title", "kind"),
    [
        ("Médico Cirujano", 1),
        ("MEDICO  CIRUJANO", 1),
        ("Médica Cirujana", 1),
        ("Cirujano(a) Dentista", 2),
        ("Matrón", 3),
        ("Enfermera", None),
        ("Médico Veterinario", None),
        ("Técnico Médico Cirujano", None),
    ],
)
@pytest.mark.norm("N-2.1b")
def test_title_that_may_issue_is_known_by_its_whole_name(title: str, kind: int | None) -> None:
    one = {"cod_antecedente": title, "tipo_antecedente": "T"}
    assert read(codigo_busqueda="No Informada", antecedentes=[one]).kind == kind
    assert read(codigo_busqueda=title, antecedentes=[]).kind == kind
    assert read(codigo_busqueda="Otro", antecedentes=[{**one, "tipo_antecedente": "E"}]).kind is None


def test_second_title_serves() -> None:
    titles = [{"cod_antecedente": name, "tipo_antecedente": "T"} for name in ("Kinesióloga", "Médica Cirujana")]
    assert read(codigo_busqueda="Kinesiólogo(a)", antecedentes=titles).kind == 1


def test_titles_are_compared_without_accents_or_case() -> None:
    assert normalise_title("  Médica\tCIRUJANA ") == "medica cirujana"


_made = iter(range(1, 10_000))


def answer(result: Result, *, cause: Cause | None = None, at: datetime = AT) -> Answer:
    number = UUID(int=next(_made))
    return Answer(number, RUN, Purpose.ENTRY, result, cause, "", at, number, at)


def after(*answers: Answer) -> LastAnswers:
    definitive = [one for one in answers if one.definitive]
    odd = [one for one in answers if one.result is Result.INCONSISTENT]
    return LastAnswers(
        answers[-1] if answers else None, definitive[-1] if definitive else None, odd[-1] if odd else None
    )


YESTERDAY, EARLIER, JUST_NOW = AT - timedelta(days=1), AT - timedelta(hours=2), AT - timedelta(seconds=5)
POSITIVE = answer(Result.IN_FORCE, at=YESTERDAY)
NEGATIVE = answer(Result.ABSENT, at=YESTERDAY)
OUTAGE = answer(Result.IMPOSSIBLE, cause=Cause.FOREIGN, at=JUST_NOW)
OUR_FAULT = answer(Result.IMPOSSIBLE, cause=Cause.OWN, at=JUST_NOW)


@pytest.mark.norm("N-4a", "N-4b", "N-4c")
@pytest.mark.parametrize(
    ("last", "says"),
    [
        (after(), Says.NEVER_ASKED),
        (after(OUTAGE), Says.NEVER_ASKED),
        (after(answer(Result.IN_FORCE, at=EARLIER)), Says.NOTHING_AGAINST),
        (after(answer(Result.IN_FORCE, at=EARLIER), OUTAGE), Says.NOTHING_AGAINST),
        (after(answer(Result.IN_FORCE, at=EARLIER), OUR_FAULT), Says.NOTHING_AGAINST),
        (after(NEGATIVE, answer(Result.IN_FORCE, at=EARLIER)), Says.NOTHING_AGAINST),
        (after(POSITIVE), Says.STALE),
        (after(POSITIVE, answer(Result.IMPOSSIBLE, cause=Cause.FOREIGN, at=YESTERDAY)), Says.STALE),
        (after(POSITIVE, OUTAGE), Says.EXCEPTION),
        (after(POSITIVE, OUR_FAULT), Says.OUR_FAULT),
        (after(POSITIVE, OUR_FAULT, OUTAGE), Says.EXCEPTION),
        (after(POSITIVE, answer(Result.IMPOSSIBLE, cause=Cause.FOREIGN, at=EARLIER)), Says.LATE),
        (after(NEGATIVE), Says.NEGATIVE),
        (after(NEGATIVE, OUTAGE), Says.NEGATIVE),
        (after(answer(Result.OTHER_TITLE, at=JUST_NOW)), Says.NEGATIVE),
        (after(POSITIVE, answer(Result.ABSENT, at=EARLIER), OUTAGE), Says.NEGATIVE),
        (after(POSITIVE, answer(Result.INCONSISTENT, at=JUST_NOW)), Says.INCONSISTENT),
        (after(answer(Result.IN_FORCE, at=EARLIER), answer(Result.INCONSISTENT, at=JUST_NOW)), Says.INCONSISTENT),
        (after(NEGATIVE, answer(Result.INCONSISTENT, at=JUST_NOW)), Says.NEGATIVE),
        (after(POSITIVE, answer(Result.INCONSISTENT, at=EARLIER), OUTAGE), Says.INCONSISTENT),
        (after(POSITIVE, answer(Result.INCONSISTENT, at=YESTERDAY), OUTAGE), Says.INCONSISTENT),
        (
            after(answer(Result.IN_FORCE, at=EARLIER), answer(Result.INCONSISTENT, at=EARLIER), OUTAGE),
            Says.INCONSISTENT,
        ),
    ],
)
def test_what_the_last_answers_let_a_person_do(last: LastAnswers, says: Says) -> None:
    assert judge(last, at=AT, retry=RETRY) is says


@pytest.mark.norm("N-4c")
@pytest.mark.parametrize(
    ("age", "says"), [(0, Says.EXCEPTION), (15, Says.EXCEPTION), (16, Says.LATE), (-1, Says.LATE), (-600, Says.LATE)]
)
def test_exception_dies_with_the_age_of_the_attempt(age: int, says: Says) -> None:
    failed = answer(Result.IMPOSSIBLE, cause=Cause.FOREIGN, at=AT - timedelta(seconds=age))
    assert judge(after(POSITIVE, failed), at=AT, retry=RETRY) is says


@pytest.mark.norm("N-4c")
def test_attempt_of_the_future_is_no_reason_not_to_ask() -> None:
    """Clocks of hosts disagree."""
    ahead = answer(Result.IMPOSSIBLE, cause=Cause.FOREIGN, at=AT + timedelta(seconds=2))
    assert serves(after(POSITIVE, ahead)) is None
    assert serves(after(answer(Result.ABSENT, at=AT + timedelta(seconds=2)))) is None


@pytest.mark.norm("N-4a")
def test_day_of_an_answer_is_that_of_its_call() -> None:
    asked = datetime(2026, 4, 20, 23, 59, 59, tzinfo=SANTIAGO)
    late = replace(answer(Result.IN_FORCE, at=asked + timedelta(seconds=3)), asked_at=asked)
    assert judge(after(late), at=asked, retry=RETRY) is Says.NOTHING_AGAINST
    assert judge(after(late), at=asked + timedelta(seconds=5), retry=RETRY) is Says.STALE


CLOCK_CHANGES = [
    # (an evening, the same evening later, after midnight): twice the clock goes back, twice forward.
    ("2026-04-04T23:30:00-03:00", "2026-04-04T23:30:00-04:00", "2026-04-05T00:10:00-04:00"),
    ("2027-04-03T23:30:00-03:00", "2027-04-03T23:30:00-04:00", "2027-04-04T00:10:00-04:00"),
    ("2026-09-05T23:30:00-04:00", "2026-09-05T23:59:59-04:00", "2026-09-06T01:00:00-03:00"),
    ("2027-09-04T23:30:00-04:00", "2027-09-04T23:59:59-04:00", "2027-09-05T01:00:00-03:00"),
]


@pytest.mark.norm("N-4a")
@pytest.mark.parametrize(("asked", "same_day", "next_day"), CLOCK_CHANGES)
def test_day_turns_at_chilean_midnight_also_when_the_clock_changes(asked: str, same_day: str, next_day: str) -> None:
    at = [datetime.fromisoformat(text) for text in (asked, same_day, next_day)]
    assert [one.astimezone(SANTIAGO).isoformat() for one in at] == [asked, same_day, next_day]
    last = after(answer(Result.IN_FORCE, at=at[0]))
    says = [judge(last, at=one, retry=RETRY) for one in at]
    assert says == [Says.NOTHING_AGAINST, Says.NOTHING_AGAINST, Says.STALE]


def serves(last: LastAnswers, purpose: Purpose = Purpose.ENTRY) -> Answer | None:
    return still_answers(last, purpose=purpose, at=AT, retry=RETRY, negative_again=AGAIN)


@pytest.mark.norm("N-4a", "N-4b")
def test_who_is_not_asked_again() -> None:
    today, older = answer(Result.IN_FORCE, at=EARLIER), answer(Result.ABSENT, at=EARLIER)
    fresh = answer(Result.ABSENT, at=AT - timedelta(minutes=9))
    assert serves(after(today)) is today
    assert serves(after(today, OUTAGE)) is today
    assert serves(after(POSITIVE)) is None
    assert serves(after(NEGATIVE)) is None
    assert serves(after(older)) is None
    assert serves(after(fresh)) is fresh
    assert serves(after(POSITIVE, OUTAGE)) is OUTAGE
    assert serves(after(POSITIVE, OUTAGE), Purpose.ENROLMENT) is None
    assert serves(after(POSITIVE, answer(Result.IMPOSSIBLE, cause=Cause.FOREIGN, at=EARLIER))) is None
    odd = answer(Result.INCONSISTENT, at=EARLIER)
    assert serves(after(today, odd)) is None
    assert serves(after(today, odd, OUTAGE)) is OUTAGE
    assert serves(after(today, odd, answer(Result.IMPOSSIBLE, cause=Cause.FOREIGN, at=EARLIER))) is None


@pytest.mark.parametrize("reason", ["http_500", "http_599"])
def test_any_server_error_is_listed(reason: str) -> None:
    assert POLICY.lists(reason)
    assert not POLICY.lists("http_5000")
    assert not POLICY.lists("http_404")
