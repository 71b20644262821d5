"""The types of the API's fields: what a value looks like. Whether it makes sense is for the rooms to say.

Every refusal says in Spanish what happened and what to do. Integers may be written `55.0`; texts and booleans are not
integers. Texts come in NFC, without characters that cannot be seen.
"""

import re
import unicodedata
from collections.abc import Callable
from datetime import date, datetime
from typing import Annotated, Literal, TypeVar

import phonenumbers
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, Strict, WithJsonSchema
from pydantic_core import PydanticCustomError

from lme_operator.core.run import InvalidRun, Run
from lme_operator.entrypoints.http.spanish import OURS

_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)
_INSTANT = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,6})?(Z|[+-][0-9]{2}:[0-9]{2})", re.ASCII
)
_E164 = re.compile(r"\+[1-9][0-9]{6,14}", re.ASCII)
_NAME = re.compile(r"[^\W\d_]+(?:(?:['’ -]|\. ?)[^\W\d_]+)*\.?")
_When = TypeVar("_When", bound=date)
_RUN_REMEDY = "Escríbalo sin puntos, con guion y K mayúscula: 12345678-5."


class Model(BaseModel):
    """A frozen object of the API; unknown fields are refused."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Shown(BaseModel):
    """A frozen object of an answer."""

    model_config = ConfigDict(frozen=True)


def refuse(code: str, cause: str, remedy: str) -> PydanticCustomError:
    """Build the error of one of our types."""
    return PydanticCustomError(f"{OURS}{code}", "{cause} {remedy}", {"cause": cause, "remedy": remedy})


def _visible(text: str) -> str:
    for character in text:
        if character not in "\n\t" and unicodedata.category(character) in ("Cc", "Cf", "Cn", "Co", "Cs", "Zl", "Zp"):
            raise refuse(
                "caracter_invisible",
                f"El texto contiene un carácter que no se ve (U+{ord(character):04X}).",
                "Escríbalo de nuevo en vez de copiarlo.",
            )
    if not text.strip():
        raise refuse("texto_vacio", "El texto está en blanco.", "Escríbalo, o quite el campo si no es obligatorio.")
    if text != text.strip():
        raise refuse("espacios_sobrantes", "El texto comienza o termina con espacios.", "Quítelos.")
    return text


def _one_line(text: str) -> str:
    if "\n" in text or "\t" in text:
        raise refuse("varias_lineas", "El texto tiene saltos de línea o tabulaciones.", "Escríbalo en una sola línea.")
    return text


def _name(text: str) -> str:
    if not _NAME.fullmatch(text):
        raise refuse(
            "nombre_invalido",
            "Un nombre lleva letras, espacios, guion, apóstrofo o punto.",
            "Escríbalo como aparece en la cédula.",
        )
    return text


def _shape(pattern: str, code: str, cause: str, remedy: str) -> Callable[[str], str]:
    compiled = re.compile(pattern, re.ASCII)

    def check(text: str) -> str:
        if not compiled.fullmatch(text):
            raise refuse(code, cause, remedy)
        return text

    return check


def _run(value: object) -> Run:
    if not isinstance(value, str):
        raise refuse("run_forma_invalida", "Un RUN o RUT se escribe como texto.", _RUN_REMEDY)
    try:
        return Run.parse(value)
    except InvalidRun as error:
        if error.code == "digito":
            raise refuse(
                "run_digito_invalido",
                "El dígito verificador no corresponde al número.",
                "Revise el número y su dígito en la cédula o en el RUT.",
            ) from None
        raise refuse("run_forma_invalida", "El RUN o RUT no tiene la forma esperada.", _RUN_REMEDY) from None


def _day(value: object) -> date:
    if not isinstance(value, str) or not _DAY.fullmatch(value):
        raise refuse("fecha_invalida", "La fecha no tiene la forma esperada.", "Escríbala como 2026-04-20.")
    try:
        day = date.fromisoformat(value)
    except ValueError:
        raise refuse("fecha_inexistente", "Esa fecha no existe en el calendario.", "Revise el día y el mes.") from None
    return _in_our_times(day)


def _instant(value: object) -> datetime:
    if not isinstance(value, str) or not _INSTANT.fullmatch(value):
        raise refuse(
            "fecha_hora_invalida",
            "La fecha y hora no tienen la forma esperada.",
            "Escríbalas con su desfase: 2026-04-20T10:32:00-04:00.",
        )
    try:
        instant = datetime.fromisoformat(value)
    except ValueError:
        raise refuse("fecha_inexistente", "Esa fecha u hora no existe.", "Revise el día, el mes y la hora.") from None
    return _in_our_times(instant)


def _in_our_times(when: _When) -> _When:
    """Keep to years in which nothing that is added or subtracted later leaves the calendar."""
    if not 1800 <= when.year <= 2999:
        raise refuse("anio_fuera_de_rango", "Ese año no es posible.", "Revise las cuatro cifras del año.")
    return when


def _telephone(text: str) -> str:
    """E.164, of a country that exists and with as many digits as its numbers may have."""
    try:
        possible = phonenumbers.is_possible_number(phonenumbers.parse(text)) if _E164.fullmatch(text) else False
    except phonenumbers.NumberParseException:
        possible = False
    if not possible:
        raise refuse(
            "telefono_invalido",
            "El teléfono no tiene la forma esperada.",
            "Escríbalo con código de país y sin espacios: +56912345678.",
        )
    return text


def _integer(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int | float) or not float(value).is_integer():
        raise refuse("entero_esperado", "Aquí va un número entero.", "Escríbalo sin comillas ni decimales.")
    return int(value)


RunText = Annotated[
    Run,
    BeforeValidator(_run),
    WithJsonSchema({"type": "string", "pattern": "^[1-9][0-9]{0,7}-[0-9K]$", "examples": ["12345678-5"]}),
]
"""A RUN or RUT in canonical form with its right check digit."""

Day = Annotated[date, BeforeValidator(_day), WithJsonSchema({"type": "string", "format": "date"})]
"""A calendar date, strictly `2026-04-20`."""

Instant = Annotated[datetime, BeforeValidator(_instant), WithJsonSchema({"type": "string", "format": "date-time"})]
"""RFC 3339 with offset."""

Integer = Annotated[int, BeforeValidator(_integer), WithJsonSchema({"type": "integer"})]
Boolean = Annotated[bool, Strict()]

Line = Annotated[str, AfterValidator(_visible), AfterValidator(_one_line)]
"""A text of one line; give it its length with `Field(max_length=…)`."""

Paragraph = Annotated[str, AfterValidator(_visible)]
"""A text that may have several lines."""

Name = Annotated[str, Field(min_length=1, max_length=60), AfterValidator(_visible), AfterValidator(_name)]
"""Given names or a surname, as on the identity card."""

Commune = Annotated[
    str,
    AfterValidator(
        _shape(
            "[0-9]{5}", "comuna_invalida", "La comuna se indica con su código.", "Use las cinco cifras del CUT: 13101."
        )
    ),
    WithJsonSchema({"type": "string", "pattern": "^[0-9]{5}$", "examples": ["13101"]}),
]
Country = Annotated[
    str,
    AfterValidator(
        _shape("[A-Z]{2}", "pais_invalido", "El país se indica con su código.", "Use dos letras mayúsculas: CL.")
    ),
    WithJsonSchema({"type": "string", "pattern": "^[A-Z]{2}$", "examples": ["CL"]}),
]
Telephone = Annotated[
    str,
    AfterValidator(_telephone),
    WithJsonSchema({"type": "string", "pattern": r"^\+[1-9][0-9]{6,14}$", "examples": ["+56912345678"]}),
]
TotpCode = Annotated[
    str,
    AfterValidator(
        _shape(
            "[0-9]{6}",
            "codigo_forma_invalida",
            "El código tiene seis cifras.",
            "Escriba el que muestra ahora su aplicación.",
        )
    ),
    WithJsonSchema({"type": "string", "pattern": "^[0-9]{6}$"}),
]
ActivationCode = Annotated[
    str,
    AfterValidator(
        _shape(
            "[0-9]{8}",
            "codigo_activacion_forma_invalida",
            "El código de activación tiene ocho cifras.",
            "Escriba el que recibió por un canal distinto del de su clave.",
        )
    ),
    WithJsonSchema({"type": "string", "pattern": "^[0-9]{8}$"}),
]
Sex = Literal["M", "F"]
