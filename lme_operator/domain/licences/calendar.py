"""The calendar of a rest: which days it covers, weekends, holidays, overlaps, and when work may begin again.

Days are calendar dates: no clock, no zone. That work is from Monday to Friday is a presumption of ours, so the day
after is called the first working day, not the day of return. Holidays are the national ones; those of a region or of
an election are not known here.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache

import holidays

_DAYS = ("lunes", "martes", "miércoles", "jueves", "viernes", "sábado", "domingo")
_SATURDAY = 5
_MOST_DAYS = 3660
_NAMED_AT_MOST = 5
_ONE = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class CalendarDay:
    """One day as the calendar draws it: `overlap` with the rest of an earlier licence, `holiday` its name."""

    date: date
    rest: bool
    weekend: bool
    holiday: str | None
    overlap: bool

    @property
    def working(self) -> bool:
        """Whether people are presumed to work on it, rest apart."""
        return not self.weekend and self.holiday is None


@dataclass(frozen=True, slots=True)
class RestCalendar:
    """`days`: whole weeks, Monday to Sunday, from the rest's first day to `return_day`, the first working day after.

    `last_day` is the last of rest; `words` say the same as the drawing.
    """

    days: tuple[CalendarDay, ...]
    last_day: date
    return_day: date
    words: str


def rest_calendar(starts_on: date, days: int, *, earlier: Iterable[tuple[date, date]] = ()) -> RestCalendar:
    """Lay out a rest of `days` calendar days from `starts_on`, the first included.

    `earlier`: first and last day of other rests of the same person. Raises `ValueError` for less than one day, more
    than ten years, or days that no calendar has.
    """
    if not 1 <= days <= _MOST_DAYS:
        raise ValueError("days of rest")
    try:
        last_day = starts_on + (days - 1) * _ONE
        return_day = next_working_day(last_day)
        first, end = starts_on - starts_on.weekday() * _ONE, return_day + (6 - return_day.weekday()) * _ONE
    except OverflowError as error:
        raise ValueError("days of rest") from error
    others = tuple(earlier)
    shown = tuple(
        _day(first + number * _ONE, rest=(starts_on, last_day), others=others)
        for number in range((end - first).days + 1)
    )
    return RestCalendar(shown, last_day, return_day, _words(shown, starts_on, last_day, return_day))


def next_working_day(day: date) -> date:
    """Return the first day after `day` that is neither Saturday, Sunday nor a national holiday; may overflow."""
    day += _ONE
    while day.weekday() >= _SATURDAY or holiday_name(day) is not None:
        day += _ONE
    return day


def holiday_name(day: date) -> str | None:
    """Return the name of the national holiday in Chile on `day`, in Spanish; None on any other day."""
    return _holidays(day.year).get(day)


@lru_cache(maxsize=16)
def _holidays(year: int) -> dict[date, str]:
    return dict(holidays.country_holidays("CL", years=year, language="es"))


def _day(day: date, *, rest: tuple[date, date], others: tuple[tuple[date, date], ...]) -> CalendarDay:
    rests = rest[0] <= day <= rest[1]
    return CalendarDay(
        date=day,
        rest=rests,
        weekend=day.weekday() >= _SATURDAY,
        holiday=holiday_name(day),
        overlap=rests and any(first <= day <= last for first, last in others),
    )


def _words(shown: tuple[CalendarDay, ...], first: date, last: date, after: date) -> str:
    if first == last:
        said = [f"Reposo el {_prose(first)} (1 día)."]
    else:
        said = [f"Reposo del {_prose(first)} al {_prose(last)} ({(last - first).days + 1} días)."]
    said.append(f"Primer día hábil siguiente: {_prose(after)}.")
    free = [(day.date, day.holiday) for day in shown if day.holiday and first <= day.date < after]
    if 0 < len(free) <= _NAMED_AT_MOST:
        said.append("Feriados: " + ", ".join(f"{_prose(day)} ({name})" for day, name in free) + ".")
    elif free:
        said.append(f"Hay {len(free)} feriados entre el inicio y ese día.")
    repeated = [day.date for day in shown if day.overlap]
    if len(repeated) == 1:
        said.append(f"Coincide con una licencia anterior en 1 día: {_prose(repeated[0])}.")
    elif repeated:
        said.append(
            f"Coincide con una licencia anterior en {len(repeated)} días,"
            f" entre el {_prose(repeated[0])} y el {_prose(repeated[-1])}."
        )
    return " ".join(said)


def _prose(day: date) -> str:
    return f"{_DAYS[day.weekday()]} {day:%d-%m-%Y}"
