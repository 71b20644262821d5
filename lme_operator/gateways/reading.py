"""What an answer in JSON is worth before its party's own rules: a whole object, or why there is none."""

import json
from collections.abc import Mapping
from typing import Any

from lme_operator.core.canonical import Json
from lme_operator.core.outside import OutsideExchange


class NothingSaid(Exception):
    """The exchange holds no answer that can be relied on; `reason` is a code, for people and records."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def read_object(exchange: OutsideExchange) -> Mapping[str, Json]:
    """Return the JSON object of a whole answer 200; raise `NothingSaid` for everything else.

    A name twice in one object is refused: two readers could take it for two answers.
    """
    if exchange.failure is not None:
        raise NothingSaid(exchange.failure.value)
    if exchange.status != 200:
        raise NothingSaid(f"estado_http_{exchange.status}")
    try:
        value = json.loads(exchange.body, object_pairs_hook=_once, parse_constant=_refuse)
    except (ValueError, RecursionError) as error:
        raise NothingSaid("respuesta_ilegible") from error
    if not isinstance(value, dict):
        raise NothingSaid("respuesta_ilegible")
    return value


def read_text(answer: Mapping[str, Json], name: str, *, longest: int = 200) -> str:
    """Return a member that must be a text of some length; raise `NothingSaid`."""
    text = answer.get(name)
    if not isinstance(text, str) or not 0 < len(text) <= longest:
        raise NothingSaid("respuesta_ilegible")
    return text


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) != len(pairs):
        raise ValueError("a name twice")
    return value


def _refuse(constant: str) -> None:
    raise ValueError(constant)
