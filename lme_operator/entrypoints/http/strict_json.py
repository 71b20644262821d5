"""JSON as RFC 8259 and nothing looser: what one reader accepts and another reads otherwise is refused here."""

import json
import math
import re
import unicodedata
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from lme_operator.core.canonical import Json
from lme_operator.core.decision import Finding
from lme_operator.core.refusal import Refusal
from lme_operator.entrypoints.http.refusals import BAD_JSON, INVALID_DATA

_DEPTH = 32
_EXACT = 1 << 53
_NUMBER_LENGTH = 32
_SHOWN_POINTER = 200


@dataclass(frozen=True, slots=True)
class _Flaw:
    """Stands in the parsed tree for what may not be there, until its place in the tree is known."""

    code: str
    cause: str
    remedy: str


_Parsed = Json
"""JSON in which a `_Flaw` may stand for a value."""

_REPEATED = _Flaw("campo_repetido", "Un campo de este objeto viene más de una vez.", "Envíe cada campo una sola vez.")
_NUMBER = _Flaw(
    "numero_fuera_de_rango", "El número es demasiado grande.", "Use números entre −9007199254740991 y 9007199254740991."
)
_CHARACTER = _Flaw(
    "caracter_no_permitido",
    "El texto contiene un carácter que no se puede guardar (nulo o mitad de un par sustituto).",
    "Escriba el texto de nuevo, sin ese carácter.",
)
_DEEP = _Flaw("demasiado_anidado", "El documento tiene demasiados niveles.", f"Use como máximo {_DEPTH} niveles.")


def parse_json(body: bytes) -> Json:
    """Parse `body`, every text in NFC.

    Raises `Refusal`: `json_invalido` when it is not JSON in UTF-8, `datos_invalidos` with pointers when it is, but a
    name is repeated, a number is not exact in every reader, a text cannot be stored, or it nests beyond 32 levels.
    """
    try:
        value = json.loads(
            body.decode("utf-8"),
            object_pairs_hook=_object,
            parse_int=_integer,
            parse_float=_float,
            parse_constant=_refuse_constant,
        )
    except RecursionError as error:
        raise _refused([("", _DEEP)]) from error
    except ValueError as error:
        raise Refusal(BAD_JSON) from error
    flaws: list[tuple[str, _Flaw]] = []
    value = _clean(value, "", 1, flaws.append)
    if flaws:
        raise _refused(flaws)
    return value


def pointer_to(path: Iterable[str | int]) -> str:
    """Write a path as a JSON pointer (RFC 6901), cut to what is sensible to show."""
    return "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in path)[:_SHOWN_POINTER]


def _clean(value: _Parsed, pointer: str, depth: int, report: Callable[[tuple[str, _Flaw]], None]) -> Json:
    """Return `value` with texts in NFC; report every flaw with its pointer."""
    flaw = _flaw(value, depth)
    if flaw is not None:
        report((pointer[:_SHOWN_POINTER], flaw))
        return None
    if isinstance(value, str):
        return unicodedata.normalize("NFC", value)
    if isinstance(value, list):
        return [_clean(item, f"{pointer}/{index}", depth + 1, report) for index, item in enumerate(value)]
    if isinstance(value, dict):
        return {name: _clean(item, pointer + pointer_to([name]), depth + 1, report) for name, item in value.items()}
    return value


def _flaw(value: _Parsed, depth: int) -> _Flaw | None:
    if isinstance(value, _Flaw):
        return value
    if isinstance(value, str) and not _storable(value):
        return _CHARACTER
    if isinstance(value, dict | list) and depth > _DEPTH:
        return _DEEP
    return None


def _object(pairs: list[tuple[str, _Parsed]]) -> _Parsed:
    names = dict(pairs)
    if len(names) != len(pairs):
        return _REPEATED
    return names if all(_storable(name) for name in names) else _CHARACTER


_UNSTORABLE = re.compile("[\0\ud800-\udfff]")


def _storable(text: str) -> bool:
    return _UNSTORABLE.search(text) is None


def _integer(text: str) -> _Parsed:
    if len(text) > _NUMBER_LENGTH or abs(int(text)) >= _EXACT:
        return _NUMBER
    return int(text)


def _float(text: str) -> _Parsed:
    number = float(text)
    return number if math.isfinite(number) and abs(number) < _EXACT else _NUMBER


def _refuse_constant(name: str) -> None:
    raise ValueError(name)


def _refused(flaws: list[tuple[str, _Flaw]]) -> Refusal:
    findings = (
        Finding(code=flaw.code, cause=flaw.cause, norm="RFC 8259", remedy=flaw.remedy, pointer=pointer)
        for pointer, flaw in flaws
    )
    return Refusal(INVALID_DATA, findings=tuple(findings))
