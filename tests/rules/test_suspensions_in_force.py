"""Which suspensions are in force: overlaps, liftings, replacements, and the nights on which clocks change."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lme_operator.core.periods import Period
from lme_operator.core.run import Run
from lme_operator.domain.suspensions.orders import Authority
from lme_operator.domain.suspensions.rules import Suspension, blocking, finding, in_force

DAY = timedelta(days=1)
START = datetime(2026, 4, 1, 4, tzinfo=UTC)
COMPIN = Authority("compin", "13", "COMPIN Región Metropolitana")


def at(day: float) -> datetime:
    return START + day * DAY


def suspension(
    number: int,
    start: float,
    end: float | None,
    *,
    recorded: float = 0,
    lifted: float | None = None,
    corrected: float | None = None,
) -> Suspension:
    """A suspension over the instants [start, end), in days from `START`."""
    return Suspension(
        id=UUID(int=number),
        run=Run(15000001),
        authority=COMPIN,
        resolution_number=str(number),
        resolution_date=date(2026, 3, 31),
        first_day=date(2026, 4, 1),
        last_day=None if end is None else date(2026, 4, 30),
        provisional=False,
        replaces=None,
        replacement=None,
        replaced_by=None,
        received_at=at(recorded),
        recorded_at=at(recorded),
        effective_from=at(max(start, recorded)),
        ends_at=None if end is None else at(end),
        lifted_from=None if lifted is None else at(lifted),
        corrected_at=None if corrected is None else at(corrected),
        registered=True,
        sessions_closed=0,
        message_id=UUID(int=1),
        declared_id=None,
        entry_id=UUID(int=2),
    )


OVERLAPS: dict[str, tuple[list[tuple[float, float | None]], float, list[int]]] = {
    "una, antes": ([(0, 10)], -1, []),
    "una, primer instante": ([(0, 10)], 0, [1]),
    "una, dentro": ([(0, 10)], 5, [1]),
    "una, primer instante libre": ([(0, 10)], 10, []),
    "definitiva": ([(0, None)], 4000, [1]),
    "dos que se solapan, ambas": ([(0, 10), (5, 15)], 7, [1, 2]),
    "dos que se solapan, queda la segunda": ([(0, 10), (5, 15)], 12, [2]),
    "una dentro de otra, al terminar la corta": ([(0, 30), (5, 10)], 15, [1]),
    "contiguas, en la juntura": ([(0, 10), (10, 20)], 10, [2]),
    "con intervalo, en el intervalo": ([(0, 10), (12, 20)], 11, []),
    "tres autoridades a la vez": ([(0, 10), (0, 20), (0, None)], 1, [1, 2, 3]),
}


@pytest.mark.norm("N-6a")
@pytest.mark.parametrize("name", OVERLAPS)
def test_in_force_is_the_union_of_overlapping_suspensions(name: str) -> None:
    periods, when, expected = OVERLAPS[name]
    facts = [suspension(number, start, end) for number, (start, end) in enumerate(periods, start=1)]
    assert [one.id.int for one in in_force(facts, at(when))] == expected


@pytest.mark.norm("N-6d")
@pytest.mark.parametrize(
    ("lifted", "when", "blocked"),
    [(5, 4.9, True), (5, 5, False), (5, 8, False), (None, 9.9, True), (20, 9.9, True), (20, 10, False)],
)
def test_lifting_ends_only_the_suspension_that_it_lifts(lifted: float | None, when: float, blocked: bool) -> None:
    assert bool(in_force([suspension(1, 0, 10, lifted=lifted)], at(when))) is blocked
    other = suspension(2, 0, 30)
    assert in_force([suspension(1, 0, 10, lifted=lifted), other], at(when))[-1] == other


@pytest.mark.parametrize(
    ("fact", "when", "state"),
    [
        (suspension(1, 5, 10), 1, "por_comenzar"),
        (suspension(1, 5, 10), 5, "vigente"),
        (suspension(1, 5, 10), 10, "cumplida"),
        (suspension(1, 5, 10, lifted=3), 4, "levantada"),
        (suspension(1, 5, 10, lifted=7), 6, "vigente"),
        (suspension(1, 5, 10, lifted=7), 12, "levantada"),
        (suspension(1, 5, 10, corrected=6), 6, "reemplazada"),
        (suspension(1, 0, 3, recorded=8), 8, "cumplida"),
    ],
)
def test_state_names_what_happened(fact: Suspension, when: float, state: str) -> None:
    assert fact.state(at(when)) == state


def test_window_is_empty_when_lifted_before_it_begins_or_received_after_it_ended() -> None:
    assert suspension(1, 5, 10, lifted=3).window is None
    assert suspension(1, 0, 3, recorded=8).window is None
    assert suspension(1, 0, 3, recorded=8).over(at(8))


def test_correction_leaves_only_the_new_period() -> None:
    old, new = suspension(1, 0, 30, corrected=5), suspension(2, 10, 20, recorded=5)
    assert [bool(in_force([old, new], at(when))) for when in (4, 6, 12, 25)] == [True, False, True, False]


def test_renewal_adds_without_a_gap() -> None:
    old, new = suspension(1, 0, 15), suspension(2, 15, 30, recorded=14)
    assert all(in_force([old, new], at(when)) for when in (14, 14.999, 15, 29.999))
    assert not in_force([old, new], at(30))


@pytest.mark.norm("N-6a")
@pytest.mark.parametrize(
    ("first", "last", "hours"),
    [
        (date(2026, 4, 4), date(2026, 4, 4), 25),  # clocks go back at 24:00: 23:00 comes twice, the day has 25 hours
        (date(2026, 9, 6), date(2026, 9, 6), 23),  # clocks go forward at 24:00 of the eve: the day begins at 01:00
        (date(2027, 4, 3), date(2027, 4, 3), 25),
        (date(2027, 9, 5), date(2027, 9, 5), 23),
    ],
)
def test_period_of_days_has_no_hole_on_the_nights_of_clock_change(first: date, last: date, hours: int) -> None:
    period = Period.of_days(first=first, last=last)
    assert period.end is not None
    assert (period.end - period.start) == timedelta(hours=hours)
    before, after = Period.of_days(first=first - DAY, last=first - DAY), Period.of_days(first=last + DAY, last=None)
    assert (before.end, period.end) == (period.start, after.start)
    fact = replace(suspension(1, 0, 10), effective_from=period.start, ends_at=period.end)
    minutes = [period.start + timedelta(minutes=minute) for minute in range(-1, hours * 60 + 1)]
    blocked = [bool(in_force([fact], minute)) for minute in minutes]
    assert blocked == [False, *[True] * (hours * 60), False]


@pytest.mark.norm("N-6c")
@given(
    st.lists(
        st.tuples(
            st.integers(0, 20), st.integers(-10, 20), st.one_of(st.none(), st.integers(1, 20)), st.integers(0, 20)
        ),
        max_size=5,
    ),
    st.integers(0, 20),
    st.integers(0, 40),
)
def test_past_does_not_change_when_more_is_recorded(
    drawn: list[tuple[int, int, int | None, int]], known: int, earlier: int
) -> None:
    """'Was X blocked at T?' has one answer for ever: what is recorded after T acts after T."""
    when = min(known, earlier)
    facts = [
        suspension(number, recorded + start, None if days is None else recorded + start + days, recorded=recorded)
        for number, (recorded, start, days, _) in enumerate(drawn)
    ]
    liftings = [recorded + later for recorded, _, _, later in drawn]
    then = [
        replace(fact, lifted_from=at(lifted) if lifted <= when else None)
        for fact, lifted in zip(facts, liftings, strict=True)
        if fact.recorded_at <= at(when)
    ]
    now = [replace(fact, lifted_from=at(lifted)) for fact, lifted in zip(facts, liftings, strict=True)]
    blocked_then = {one.id for one in in_force(then, at(when))}
    assert {one.id for one in in_force(now, at(when))} == blocked_then


@pytest.mark.norm("N-6a")
@pytest.mark.parametrize(
    ("fact", "when", "blocks"),
    [
        (suspension(1, 0, 10, recorded=2), 1, True),  # recorded by a clock that is ahead: it counts all the same
        (suspension(1, 0, None, recorded=2), -3, True),
        (suspension(1, 0, 10, recorded=2), 10, False),
        (suspension(1, 0, 2, recorded=3), 1, True),  # over for the clock that recorded it, not for this one
        (suspension(1, 0, 2, recorded=3), 3, False),
        (suspension(1, 0, 10, recorded=2, lifted=4), 3, True),  # lifted by a clock ahead: the doubt is against acting
        (suspension(1, 0, 10, recorded=2, lifted=4), 4, False),
        (suspension(1, 0, 10, recorded=2, corrected=4), 3, True),
        (suspension(1, 0, 10, recorded=2, corrected=4), 4, False),
    ],
)
def test_blocking_never_waits_for_the_clock_that_recorded(fact: Suspension, when: float, blocks: bool) -> None:
    assert bool(blocking([fact], at(when))) is blocks


@pytest.mark.norm("N-6a")
def test_blocking_waits_for_the_first_day_ordered() -> None:
    fact = replace(suspension(1, 5, 10), first_day=date(2026, 4, 6))
    first = datetime(2026, 4, 6, 4, tzinfo=UTC)
    assert [bool(blocking([fact], when)) for when in (first - timedelta(microseconds=1), first)] == [False, True]


def test_finding_says_who_why_and_until_when() -> None:
    said = finding(suspension(7, 0, 30))
    assert (said.code, said.norm) == ("suspension_vigente", "N-6a")
    assert "COMPIN Región Metropolitana" in said.cause
    assert "hasta el 30-04-2026 inclusive" in said.cause
    assert "sin fecha de término" in finding(suspension(7, 0, None)).cause
