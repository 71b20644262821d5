"""Half-open periods of instants, and the days of America/Santiago.

A legal day is a calendar date in America/Santiago. A period given in days, both inclusive, is stored as
[first instant of the first day, first instant of the day after the last): clock changes cannot open a gap.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

SANTIAGO = ZoneInfo("America/Santiago")


def local_day(at: datetime) -> date:
    """Return the calendar date in America/Santiago at instant `at`."""
    return at.astimezone(SANTIAGO).date()


def first_instant(day: date) -> datetime:
    """Return the first instant (UTC) of `day` in America/Santiago.

    On the night when clocks go forward at midnight, 00:00 does not exist: the day begins at 01:00 local, the same
    instant as 24:00 of the eve. `fold=0` reads the missing midnight with the old offset, which is that very instant.
    """
    return datetime.combine(day, time.min, tzinfo=SANTIAGO).astimezone(UTC)


def legal_instant(at: datetime) -> str:
    """Write an instant as legal acts have it: local time with its offset, `20-04-2026 10:32:07 (UTC−4)`."""
    local = at.astimezone(SANTIAGO)
    offset = local.utcoffset()
    hours = 0 if offset is None else int(offset.total_seconds() // 3600)
    return f"{local:%d-%m-%Y %H:%M:%S} (UTC{'+' if hours > 0 else '−'}{abs(hours)})"


@dataclass(frozen=True, slots=True)
class Period:
    """Half-open [start, end); `end` None never ends."""

    start: datetime
    end: datetime | None

    def __post_init__(self) -> None:
        if self.end is not None and self.end <= self.start:
            raise ValueError("period ends before it starts")

    @classmethod
    def of_days(cls, *, first: date, last: date | None) -> "Period":
        """Build the period that covers the days `first` to `last`, both inclusive; `last` None is for ever."""
        return cls(first_instant(first), None if last is None else first_instant(last + timedelta(days=1)))

    def covers(self, at: datetime) -> bool:
        """Whether `at` falls inside."""
        return self.start <= at and (self.end is None or at < self.end)
