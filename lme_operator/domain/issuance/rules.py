"""The state of a licence: derived each time from what happened to it, and stored nowhere."""

from dataclasses import dataclass
from datetime import datetime

from lme_operator.core.periods import local_day
from lme_operator.domain.licences.state import State, StateCode


@dataclass(frozen=True, slots=True)
class SecondLook:
    """What came of looking again, at this instant, with the register's answer."""

    at: datetime
    conforming: bool


@dataclass(frozen=True, slots=True)
class Excused:
    """A licence that passed while the RNPI could not be asked; `second_look` is None until it answered (N-4c)."""

    second_look: SecondLook | None


def state_of(excused: Excused | None, *, operator: str, site: str) -> State:
    """Return the state of a licence; `excused` is None for one that rests on an answer of the register.

    `operator` (its name) at `site` (`https://…`) is whom to ask. Whatever the second look says, the licence was allowed
    when it was issued, and its worker must not pay for it: it is never called doubtful nor invalid (N-4c).
    """
    if excused is None:
        return State(StateCode.GRANTED, "Otorgada")
    look = excused.second_look
    if look is None:
        return State(
            StateCode.GRANTED_BY_EXCEPTION,
            "Otorgada conforme al numeral 4 (RNPI no disponible)",
            "Cuando se emitió, el Registro Nacional de Prestadores Individuales (RNPI) no respondía, y la norma "
            "permite emitir así. Cuando responda, el operador la revisará.",
        )
    if look.conforming:
        return State(
            StateCode.CONFIRMED,
            "Otorgada conforme al numeral 4, confirmada",
            "El RNPI no estaba disponible cuando se emitió. Después respondió y confirmó al profesional: el operador "
            f"lo comprobó el {local_day(look.at):%d-%m-%Y}.",
        )
    return State(
        StateCode.UNDER_REVIEW,
        "En revisión",
        "Fue emitida válidamente conforme al numeral 4 (RNPI no disponible), y el operador la revisa. El trabajador no "
        f"tiene que hacer nada. Si tiene dudas, pregunte a {operator}, {site}",
    )
