"""The days of a rest as a drawing: where each day stands, and how it is marked by more than its colour."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from lme_operator.domain.licences.calendar import CalendarDay, RestCalendar
from lme_operator.entrypoints.console.doctor.words import days_words
from lme_operator.entrypoints.pages.formats import day as written

LEFT, TOP, WIDE, HIGH = 44, 22, 46, 30
"""In the drawing's own units: room for the month's name and the weekdays' initials, and the size of a day."""

_INITIALS = "LMMJVSD"
_MONTHS = ("ene", "feb", "mar", "abr", "may", "jun", "jul", "ago", "sep", "oct", "nov", "dic")
_MOST_WEEKS, _FIRST_WEEKS, _LAST_WEEKS = 9, 5, 3


@dataclass(frozen=True, slots=True)
class Cell:
    """A day: its place, its number, and what it is (`rest`, `weekend`, `holiday`, `overlap`, `return`)."""

    x: int
    y: int
    number: int
    marks: frozenset[str]


@dataclass(frozen=True, slots=True)
class Label:
    """A text beside or above the days."""

    x: int
    y: int
    text: str


@dataclass(frozen=True, slots=True)
class Calendar:
    """The drawing, its words (`headline` first), and the same week by week."""

    headline: str
    more: str
    cells: tuple[Cell, ...]
    labels: tuple[Label, ...]
    hidden_weeks: int
    gap: int
    height: int
    weeks: tuple[tuple[str, str], ...]
    marks: frozenset[str]

    @property
    def width(self) -> int:
        """Of the drawing."""
        return LEFT + 7 * WIDE


def draw(calendar: RestCalendar) -> Calendar:
    """Lay the days out, a row a week; of a long rest the first and the last weeks."""
    weeks = [calendar.days[at : at + 7] for at in range(0, len(calendar.days), 7)]
    hidden = len(weeks) - _FIRST_WEEKS - _LAST_WEEKS if len(weeks) > _MOST_WEEKS else 0
    rows = [*weeks[:_FIRST_WEEKS], *weeks[-_LAST_WEEKS:]] if hidden else weeks
    gap_after = _FIRST_WEEKS if hidden else len(rows)
    cells, labels = [], [Label(LEFT + WIDE // 2 + WIDE * at, 14, letter) for at, letter in enumerate(_INITIALS)]
    for number, week in enumerate(rows):
        y = TOP + HIGH * (number + (number >= gap_after and hidden > 0))
        labels += _month(week, y, first=number in (0, gap_after))
        cells += [
            Cell(LEFT + WIDE * at, y, day.date.day, _marks(day, calendar.return_day)) for at, day in enumerate(week)
        ]
    height = TOP + HIGH * (len(rows) + (1 if hidden else 0)) + 2
    headline, _, more = calendar.words.partition(". ")
    said = tuple((f"Semana del {written(week[0].date)}", _said(week, calendar.return_day)) for week in weeks)
    marks = frozenset().union(*(cell.marks for cell in cells))
    return Calendar(
        f"{headline}.", more, tuple(cells), tuple(labels), hidden, TOP + HIGH * gap_after, height, said, marks
    )


def _month(week: tuple[CalendarDay, ...], y: int, *, first: bool) -> Iterator[Label]:
    begins = next((day.date for day in week if day.date.day == 1), None)
    named = begins or (week[0].date if first else None)
    if named is not None:
        yield Label(LEFT - 8, y + 20, _MONTHS[named.month - 1])


def _marks(day: CalendarDay, return_day: date) -> frozenset[str]:
    marks = {
        "rest": day.rest,
        "weekend": day.weekend,
        "holiday": day.holiday is not None,
        "overlap": day.overlap,
        "return": day.date == return_day,
    }
    return frozenset(name for name, stands in marks.items() if stands)


def _said(week: tuple[CalendarDay, ...], return_day: date) -> str:
    """A week in words: how many days of rest, holidays by name, repeated days, the first working day."""
    rest, repeated = sum(day.rest for day in week), sum(day.overlap for day in week)
    said = [f"{days_words(rest)} de reposo" if rest else "sin reposo"]
    said += [f"feriado el {written(day.date)}, {day.holiday}" for day in week if day.holiday]
    said += [f"{days_words(repeated)} de otra licencia"] if repeated else []
    said += [f"primer día hábil, el {written(day.date)}" for day in week if day.date == return_day]
    return "; ".join(said)
