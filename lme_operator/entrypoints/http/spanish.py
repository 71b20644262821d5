"""pydantic's findings in Spanish (usted): what happened and what to do, with a stable code and a JSON pointer.

No text of pydantic passes: a kind of error without words of its own gets the general ones. What was sent is never
repeated, save the name of a field that nobody knows.
"""

from typing import Any

from pydantic import ValidationError

from lme_operator.core.canonical import Json
from lme_operator.core.decision import Finding
from lme_operator.entrypoints.http.strict_json import pointer_to

OURS = "lme."
"""Kinds of error that our own types raise carry their words with them."""
_GENERAL = ("valor_invalido", "El valor no es válido.", "Revíselo en /api/docs.")
_TEXT = ("texto_esperado", "Aquí va un texto.", "Escríbalo entre comillas.")
_INTEGER = ("entero_esperado", "Aquí va un número entero.", "Escríbalo sin comillas ni decimales.")
_BOOLEAN = ("logico_esperado", "Aquí va verdadero o falso.", "Escriba true o false, sin comillas.")
_OBJECT = ("objeto_esperado", "Aquí va un objeto con campos.", "Escríbalo entre llaves.")
_LIST = ("lista_esperada", "Aquí va una lista.", "Escríbala entre corchetes.")
_DATE = ("fecha_invalida", "La fecha no se puede leer.", "Escríbala como 2026-04-20.")
_CHOICE = ("valor_no_admitido", "El valor no está entre los admitidos.", "Use uno de éstos: {expected}.")
_IDENTIFIER = ("identificador_invalido", "El identificador no es un UUID.", "Cópielo como lo recibió.")

_WORDS: dict[str, tuple[str, str, str]] = {
    "missing": ("campo_faltante", "Falta este campo.", "Inclúyalo."),
    "extra_forbidden": ("campo_desconocido", "Este campo no existe.", "Quítelo, o revise cómo se escribe."),
    "string_type": _TEXT,
    "string_too_short": ("texto_muy_corto", "El texto es muy corto.", "Escriba al menos {characters}."),
    "string_too_long": ("texto_muy_largo", "El texto es muy largo.", "Escriba como máximo {characters}."),
    "string_pattern_mismatch": ("forma_invalida", "El texto no tiene la forma esperada.", "Revísela en /api/docs."),
    "int_type": _INTEGER,
    "int_from_float": _INTEGER,
    "int_parsing": _INTEGER,
    "bool_type": _BOOLEAN,
    "greater_than_equal": ("numero_muy_bajo", "El número es muy bajo.", "Use {ge} o más."),
    "less_than_equal": ("numero_muy_alto", "El número es muy alto.", "Use {le} o menos."),
    "model_type": _OBJECT,
    "model_attributes_type": _OBJECT,
    "dict_type": _OBJECT,
    "list_type": _LIST,
    "tuple_type": _LIST,
    "too_short": (
        "lista_muy_corta",
        "La lista tiene menos elementos de los necesarios.",
        "Incluya {min_length} o más.",
    ),
    "too_long": ("lista_muy_larga", "La lista tiene demasiados elementos.", "Incluya {max_length} o menos."),
    "literal_error": _CHOICE,
    "enum": _CHOICE,
    "union_tag_invalid": ("valor_no_admitido", "El tipo no está entre los admitidos.", "Use uno: {expected_tags}."),
    "union_tag_not_found": ("campo_faltante", "Falta decir de qué tipo es.", "Incluya el campo «tipo»."),
    "date_type": _DATE,
    "date_parsing": _DATE,
    "date_from_datetime_parsing": _DATE,
    "uuid_type": _IDENTIFIER,
    "uuid_parsing": _IDENTIFIER,
    "none_required": ("valor_no_admitido", "Aquí no va ningún valor.", "Quite el campo."),
}


def findings_of(error: ValidationError, value: Json) -> tuple[Finding, ...]:
    """Every finding of `error` about `value`, each with the pointer of its field.

    A finding about a whole (a list too short, because its item did not parse) is dropped when a part says why.
    """
    errors: list[dict[str, Any]] = [dict(one) for one in error.errors(include_url=False, include_input=False)]
    wholes = {one["loc"][:end] for one in errors for end in range(len(one["loc"]))}
    return tuple(_finding(one, value) for one in errors if one["loc"] not in wholes)


def unknown_field(name: str) -> Finding:
    """A field, or query parameter, that the route does not have."""
    code, cause, remedy = _WORDS["extra_forbidden"]
    return Finding(code=code, cause=cause, norm="RFC 9457", remedy=remedy, pointer=pointer_to([name] if name else []))


def _finding(error: dict[str, Any], value: Json) -> Finding:
    context, kind = error.get("ctx", {}), str(error["type"])
    path, found = _place(error["loc"], value)
    if kind in ("too_short", "too_long") and isinstance(found, str):
        kind = f"string_{kind}"
    if kind.startswith(OURS):
        code, cause, remedy = kind.removeprefix(OURS), context["cause"], context["remedy"]
    else:
        code, cause, remedy = _WORDS.get(kind, _GENERAL)
        remedy = remedy.format_map(
            {name: _spanish_choice(one) for name, one in context.items()} | {"characters": _characters(context)}
        )
    return Finding(code=code, cause=cause, norm="RFC 9457", remedy=remedy, pointer=pointer_to(path))


def _characters(context: dict[str, Any]) -> str:
    """The length that a text may have, counted in words."""
    length = context.get("min_length", context.get("max_length"))
    return "un carácter" if length == 1 else f"{length} caracteres"


def _spanish_choice(value: object) -> str:
    """pydantic lists choices as `'a', 'b' or 'c'`."""
    return str(value).replace("'", "").replace(" or ", " o ")


def _place(location: tuple[str | int, ...], value: Json) -> tuple[list[str | int], Json]:
    """The path in what was sent, and what is there: pydantic also puts the tag of a union's branch into it."""
    path: list[str | int] = []
    for part in location:
        try:
            value = value[part]
        except (KeyError, IndexError, TypeError):
            continue
        path.append(part)
    if location and (not path or path[-1] != location[-1]):
        return [*path, location[-1]], None
    return path, value
