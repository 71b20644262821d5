"""How things are written for people in Chile: days, instants, periods. Legal instants carry their offset."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from math import ceil
from typing import Any

from lme_operator.core.periods import SANTIAGO, legal_instant
from lme_operator.core.thumbprint import to_words

_DAYS = ("lunes", "martes", "miércoles", "jueves", "viernes", "sábado", "domingo")
_MONTHS = (
    "enero", "febrero", "marzo", "abril", "mayo", "junio", "julio", "agosto", "septiembre", "octubre", "noviembre",
    "diciembre",
)  # fmt: skip

_SAID_IN_SECONDS = 90
"""A longer wait is said in minutes."""


def day(value: date | datetime) -> str:
    """`20-04-2026`, in Santiago."""
    return f"{_local(value):%d-%m-%Y}"


def day_in_prose(value: date | datetime) -> str:
    """`lunes 20 de abril de 2026`, in Santiago."""
    local = _local(value)
    return f"{_DAYS[local.weekday()]} {local.day} de {_MONTHS[local.month - 1]} de {local.year}"


def instant(value: datetime) -> str:
    """`20-04-2026 10:32`, in Santiago."""
    return f"{value.astimezone(SANTIAGO):%d-%m-%Y %H:%M}"


def clock_time(value: datetime) -> str:
    """`10:32`, in Santiago."""
    return f"{value.astimezone(SANTIAGO):%H:%M}"


def last_day(value: datetime) -> str:
    """The last day of a period that ends at the first instant of the day after."""
    return f"{_local(value) - timedelta(days=1):%d-%m-%Y}"


def waiting(seconds: int) -> str:
    """How long to wait, rounded up: `32 segundos`, `2 minutos`."""
    count, unit = (seconds, "segundo") if seconds <= _SAID_IN_SECONDS else (ceil(seconds / 60), "minuto")
    return f"{count} {unit}{'' if count == 1 else 's'}"


def in_fours(text: str) -> str:
    """A secret to be typed, in groups of four."""
    return " ".join(text[start : start + 4] for start in range(0, len(text), 4))


def _local(value: date | datetime) -> date:
    return value.astimezone(SANTIAGO).date() if isinstance(value, datetime) else value


FILTERS: dict[str, Callable[[Any], str]] = {
    "clock_time": clock_time,
    "day": day,
    "day_in_prose": day_in_prose,
    "instant": instant,
    "in_fours": in_fours,
    "in_words": to_words,
    "last_day": last_day,
    "legal_instant": legal_instant,
}
"""The filters of the templates."""
