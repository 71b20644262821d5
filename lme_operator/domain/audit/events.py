"""The catalogue of events: each room defines the kinds of entry that it writes, with the clause that asks for them."""

import re
from dataclasses import dataclass

from lme_operator.core.citation import is_citation

_CODE = re.compile(r"[a-z][a-z0-9_]{2,63}", re.ASCII)


@dataclass(frozen=True, slots=True)
class EventKind:
    """A kind of entry: stable `code` (Spanish, snake case) and the clauses it answers to, written as `norma`."""

    code: str
    norm: tuple[str, ...]


_catalogue: dict[str, EventKind] = {}


def event(*, code: str, norm: tuple[str, ...]) -> EventKind:
    """Define a kind of event and enter it in the catalogue; a code is defined once."""
    if not is_event_code(code):
        raise ValueError(f"not an event code: {code!r}")
    if code in _catalogue:
        raise ValueError(f"event {code!r} is already defined")
    if not norm or not all(is_citation(citation) for citation in norm):
        raise ValueError(f"event {code!r} needs citations")
    kind = EventKind(code, norm)
    _catalogue[code] = kind
    return kind


def is_event_code(value: object) -> bool:
    """Whether `value` has the form of an event's code, whether or not the catalogue has it."""
    return isinstance(value, str) and _CODE.fullmatch(value) is not None


def events() -> tuple[EventKind, ...]:
    """Every kind defined so far, by code."""
    return tuple(_catalogue[code] for code in sorted(_catalogue))


ACT_REFUSED = event(code="acto_rechazado", norm=("N-2.4a", "registro@v1#rechazos"))
ACT_TURNED_AWAY = event(code="acto_no_atendido", norm=("N-3.0b", "registro@v1#rechazos"))
ATTEMPTS_SEALED = event(code="intentos_sellados", norm=("N-3.0b", "registro@v1#rechazos"))
