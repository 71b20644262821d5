"""Read what the RNPI writes: its JSON as documented, each date in its own field's form. Pure.

Nothing is guessed: a field in another form than its own makes the whole answer unreadable, and that closes rather
than opens. Wherever the register writes 'No Informada' it says that it does not know.
"""

import json
import re
import unicodedata
from collections.abc import Mapping
from datetime import date
from typing import Any

from lme_operator.core.canonical import NotCanonical, has_too_many_values, nfc
from lme_operator.core.run import Run, check_digit
from lme_operator.domain.rnpi.answers import Registration

_LONGEST = 500
_MOST_TITLES = 50
_BIRTH = re.compile(r"(?P<day>[0-9]{1,2})-(?P<month>[0-9]{1,2})-(?P<year>[0-9]{4})", re.ASCII)
_LOADED = re.compile(r"(?P<day>[0-9]{2})/(?P<month>[0-9]{2})/(?P<year>[0-9]{4})", re.ASCII)
_UNKNOWN = "no informada"
_TITLE = "T"


class NotJson(ValueError):
    """Not JSON at all: a page, half an answer, bytes in another encoding."""


class NotKnown(ValueError):
    """JSON of another shape than the documented one."""


class AnotherPerson(ValueError):
    """The record is of another RUT."""


def is_own_not_found(body: bytes) -> bool:
    """Whether `body` is how the API itself says 404: a JSON object with `detail`, not some proxy's page."""
    try:
        value = _json(body)
    except ValueError:
        return False
    return isinstance(value, dict) and isinstance(value.get("detail"), str)


def read_registration(body: bytes, *, run: Run, titles: Mapping[str, int]) -> Registration:
    """Read the record of `run`; `titles` maps titles that may issue, normalised, to their kind.

    Raises `NotJson`, `NotKnown`, `AnotherPerson`.
    """
    record = _json(body)
    if not isinstance(record, dict):
        raise NotKnown("not a record")
    _check_person(record, run)
    held = _titles(record)
    kinds = [titles[name] for name in map(normalise_title, held) if name in titles]
    return Registration(
        run=run,
        registry_number=_required(record, "nro_registro"),
        given_names=_required(record, "nombres"),
        paternal_surname=_required(record, "apellido_paterno"),
        maternal_surname=_optional(record, "apellido_materno"),
        sex=_optional(record, "sexo"),
        birth_date=_day(record, "fecha_nacimiento", _BIRTH),
        nationality=_optional(record, "nacionalidad"),
        titles=held,
        kind=min(kinds, default=None),
        observations=_optional(record, "observaciones") or "",
        loaded_on=_day(record, "fecha_carga", _LOADED),
    )


def normalise_title(text: str) -> str:
    """Return a title in lower case, without accents and with single spaces: how titles are compared."""
    apart = unicodedata.normalize("NFD", text.lower())
    return " ".join("".join(one for one in apart if not unicodedata.combining(one)).split())


def _json(body: bytes) -> Any:  # noqa: ANN401 - any JSON at all
    if has_too_many_values(body):
        raise NotJson("too many values")
    try:
        return json.loads(body.decode("utf-8"), object_pairs_hook=_once)
    except (ValueError, RecursionError) as error:
        raise NotJson("not JSON") from error


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    record = dict(pairs)
    if len(record) != len(pairs):
        raise ValueError("a name twice")
    return record


def _check_person(record: Mapping[str, Any], run: Run) -> None:
    """The number comes as a number or as text, the check digit apart; both must be those asked for."""
    number, digit = record.get("rut"), record.get("dv")
    if isinstance(number, bool) or not isinstance(number, int | str) or not isinstance(digit, str | int):
        raise NotKnown("rut")
    if (str(number).strip(), str(digit).strip().upper()) != (str(run.number), check_digit(run.number)):
        raise AnotherPerson("rut")


def _titles(record: Mapping[str, Any]) -> tuple[str, ...]:
    """The group's name and every title of the record (`tipo_antecedente` T), each once, in the order given."""
    antecedents = record.get("antecedentes")
    if not isinstance(antecedents, list) or not all(isinstance(one, dict) for one in antecedents):
        raise NotKnown("antecedentes")
    named = [_optional(one, "cod_antecedente") for one in antecedents if one.get("tipo_antecedente") == _TITLE]
    found = dict.fromkeys(name for name in (_optional(record, "codigo_busqueda"), *named) if name is not None)
    if len(found) > _MOST_TITLES:
        raise NotKnown("antecedentes")
    return tuple(found)


def _required(record: Mapping[str, Any], name: str) -> str:
    text = _optional(record, name)
    if text is None:
        raise NotKnown(name)
    return text


def _optional(record: Mapping[str, Any], name: str) -> str | None:
    """A text in NFC without spaces around it; None when it is absent, empty or not known."""
    value = record.get(name)
    if value is None:
        return None
    if not isinstance(value, str) or len(value) > _LONGEST:
        raise NotKnown(name)
    try:
        text = nfc(value.strip())
    except NotCanonical as error:
        raise NotKnown(name) from error
    return None if not text or text.lower() == _UNKNOWN else text


def _day(record: Mapping[str, Any], name: str, form: re.Pattern[str]) -> date | None:
    text = _optional(record, name)
    if text is None:
        return None
    found = form.fullmatch(text)
    if found is None:
        raise NotKnown(name)
    try:
        return date(int(found["year"]), int(found["month"]), int(found["day"]))
    except ValueError as error:
        raise NotKnown(name) from error
