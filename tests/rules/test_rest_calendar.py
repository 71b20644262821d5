"""The calendar of a rest: days are calendar dates, and the words say what the drawing shows."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lme_operator.domain.licences.calendar import CalendarDay, holiday_name, next_working_day, rest_calendar

MONDAY = date(2026, 4, 20)


def test_a_week_of_rest() -> None:
    calendar = rest_calendar(MONDAY, 5)
    assert (calendar.last_day, calendar.return_day) == (date(2026, 4, 24), date(2026, 4, 27))
    assert calendar.words == (
        "Reposo del lunes 20-04-2026 al viernes 24-04-2026 (5 días). Primer día hábil siguiente: lunes 27-04-2026."
    )
    assert [day.date for day in calendar.days] == [MONDAY + timedelta(days=number) for number in range(14)]
    assert [day.rest for day in calendar.days] == [True] * 5 + [False] * 9
    assert [day.date.day for day in calendar.days if day.weekend] == [25, 26, 2, 3]
    assert [(day.date, day.holiday) for day in calendar.days if day.holiday] == [
        (date(2026, 5, 1), "Día Nacional del Trabajo")
    ]


def test_one_day_has_its_own_words() -> None:
    assert rest_calendar(MONDAY, 1).words == (
        "Reposo el lunes 20-04-2026 (1 día). Primer día hábil siguiente: martes 21-04-2026."
    )


@pytest.mark.parametrize(
    ("starts_on", "days", "last_day", "return_day"),
    [
        (date(2026, 12, 28), 5, date(2027, 1, 1), date(2027, 1, 4)),
        (date(2026, 12, 31), 1, date(2026, 12, 31), date(2027, 1, 4)),
        (date(2028, 2, 28), 1, date(2028, 2, 28), date(2028, 2, 29)),
        (date(2028, 2, 29), 1, date(2028, 2, 29), date(2028, 3, 1)),
        (date(2028, 2, 29), 366, date(2029, 2, 28), date(2029, 3, 1)),
        (date(2026, 9, 14), 4, date(2026, 9, 17), date(2026, 9, 21)),
        (date(2027, 9, 13), 4, date(2027, 9, 16), date(2027, 9, 20)),
        (date(2026, 4, 2), 1, date(2026, 4, 2), date(2026, 4, 6)),
        (date(2026, 4, 20), 365, date(2027, 4, 19), date(2027, 4, 20)),
        (date(2026, 4, 25), 1, date(2026, 4, 25), date(2026, 4, 27)),
    ],
    ids=["over the year's end", "new year", "leap eve", "leap day", "from a leap day", "eighteenth", "bridge",
         "holy week", "a year", "a Saturday"],
)  # fmt: skip
def test_last_day_and_first_working_day_after(starts_on: date, days: int, last_day: date, return_day: date) -> None:
    calendar = rest_calendar(starts_on, days)
    assert (calendar.last_day, calendar.return_day) == (last_day, return_day)


@pytest.mark.parametrize("day", [date(2026, 4, 4), date(2026, 9, 5), date(2027, 4, 3), date(2027, 9, 4)])
def test_nights_when_clocks_change_are_days_like_others(day: date) -> None:
    calendar = rest_calendar(day - timedelta(days=2), 5)
    assert [one.date for one in calendar.days if one.rest] == [day + timedelta(days=number) for number in range(-2, 3)]


def test_holidays_are_named_while_few_and_counted_when_many() -> None:
    assert rest_calendar(date(2026, 9, 14), 5).words.endswith(
        "Feriados: viernes 18-09-2026 (Día de la Independencia), sábado 19-09-2026 (Día de las Glorias del Ejército)."
    )
    assert rest_calendar(MONDAY, 365).words.endswith("Hay 16 feriados entre el inicio y ese día.")


def test_overlap_with_earlier_rests_is_marked_and_said() -> None:
    earlier = [(date(2026, 4, 13), date(2026, 4, 21)), (date(2026, 4, 24), date(2026, 4, 30))]
    calendar = rest_calendar(MONDAY, 5, earlier=iter(earlier))
    assert [day.date.day for day in calendar.days if day.overlap] == [20, 21, 24]
    assert calendar.words.endswith(
        "Coincide con una licencia anterior en 3 días, entre el lunes 20-04-2026 y el viernes 24-04-2026."
    )
    one = rest_calendar(MONDAY, 5, earlier=earlier[1:])
    assert one.words.endswith("Coincide con una licencia anterior en 1 día: viernes 24-04-2026.")
    assert not any(day.overlap for day in rest_calendar(date(2026, 4, 22), 2, earlier=earlier).days)


@pytest.mark.parametrize(
    ("starts_on", "days"),
    [(MONDAY, 0), (MONDAY, -1), (MONDAY, 3661), (date(9999, 12, 31), 1), (date(9999, 12, 31), 2), (date(1, 1, 1), 0)],
)
def test_what_is_no_rest_is_refused(starts_on: date, days: int) -> None:
    with pytest.raises(ValueError, match=r"^days of rest$"):
        rest_calendar(starts_on, days)


def test_the_first_days_of_all() -> None:
    assert rest_calendar(date(1, 1, 1), 1).days[0].date == date(1, 1, 1)


@given(st.dates(date(1990, 1, 1), date(2090, 1, 1)), st.integers(1, 365))
def test_whole_weeks_and_as_many_days_as_asked(starts_on: date, days: int) -> None:
    calendar = rest_calendar(starts_on, days)
    dates = [day.date for day in calendar.days]
    assert len(dates) % 7 == 0
    assert (dates[0].weekday(), dates[-1].weekday()) == (0, 6)
    assert [day.date for day in calendar.days if day.rest] == [starts_on + timedelta(days=n) for n in range(days)]
    by_date = {day.date: day for day in calendar.days}
    between = [by_date[day] for day in dates if calendar.last_day < day < calendar.return_day]
    assert by_date[calendar.return_day].working
    assert not any(day.working for day in between)


def test_a_day_works_unless_weekend_or_holiday() -> None:
    assert CalendarDay(MONDAY, rest=True, weekend=False, holiday=None, overlap=False).working
    assert holiday_name(date(2026, 9, 18)) == "Día de la Independencia"
    assert holiday_name(date(2026, 12, 31)) is None
    assert next_working_day(date(2026, 9, 17)) == date(2026, 9, 21)
