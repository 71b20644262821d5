"""How often and how long the register may be asked (consulta-rnpi@v1#cuota). Pure.

Who enters or issues may use the whole quota; enrolments a part of it, so that no officer spends what the others need
to work; the night sweep only what is not kept for all of them.
"""

from dataclasses import dataclass
from datetime import datetime

from lme_operator.core.periods import SANTIAGO
from lme_operator.domain.norms import Norms
from lme_operator.domain.rnpi.answers import Purpose


@dataclass(frozen=True, slots=True)
class Calls:
    """Calls already made, or under way: of the local day and of the last minute, in all and to enrol."""

    today: int
    last_minute: int
    enrolling_today: int
    enrolling_last_minute: int


def allows(made: Calls, norms: Norms, purpose: Purpose, *, at: datetime) -> bool:
    """Whether one more call for `purpose` fits in the quota of the day and of the minute."""
    today = norms.parameter("rnpi.cuota_diaria", at=at).number
    minute = norms.parameter("rnpi.cuota_minuto", at=at).number
    if purpose is Purpose.SWEEP:
        today -= norms.parameter("rnpi.cuota_reservada", at=at).number
        minute = min(minute, norms.parameter("rnpi.cuota_minuto_barrido", at=at).number)
    if purpose is Purpose.ENROLMENT:
        own_today = norms.parameter("rnpi.cuota_diaria_enrolamiento", at=at).number
        own_minute = norms.parameter("rnpi.cuota_minuto_enrolamiento", at=at).number
        if made.enrolling_today >= own_today or made.enrolling_last_minute >= own_minute:
            return False
    return made.today < today and made.last_minute < minute


def longest_wait_ms(norms: Norms, purpose: Purpose, *, at: datetime) -> int:
    """Return how long the register is waited for at most, its name known, in milliseconds (consulta-rnpi@v1#diaria)."""
    values = norms.parameter("rnpi.espera_ms", at=at).value
    if not isinstance(values, tuple):
        raise TypeError("rnpi.espera_ms is not a list")
    waits = dict(str(value).split(":", 1) for value in values)
    return int(waits[purpose.value])


def longest_call(norms: Norms, purpose: Purpose, *, at: datetime) -> float:
    """Return how many seconds a call for `purpose` may take at most: the wait, and before it some time for the name."""
    name_ms = norms.parameter("rnpi.nombre_ms", at=at).number
    return (longest_wait_ms(norms, purpose, at=at) + name_ms) / 1000


def is_sweeping_hour(norms: Norms, *, at: datetime) -> bool:
    """Whether the local hour of `at` is one of the sweep's: from the first of `rnpi.barrido_horas` to the second."""
    hours = norms.parameter("rnpi.barrido_horas", at=at).value
    if not isinstance(hours, tuple):
        raise TypeError("rnpi.barrido_horas is not a list")
    first, end = (int(hour) for hour in hours)
    return first <= at.astimezone(SANTIAGO).hour < end
