"""The fields of a licence's screens: who the patient is (A.1), and the leave with its diagnosis (A.3, A.4, A.6).

A screen is kept as it was typed, right or wrong (`as_typed`), and judged when the professional goes on (`judged`).
"""

import re
import unicodedata
from collections.abc import Mapping
from datetime import date
from typing import Annotated, Any, Literal, TypeVar

from pydantic import BeforeValidator, Field, TypeAdapter, ValidationError, create_model

from lme_operator.core.canonical import encode, sha256, to_base64url
from lme_operator.core.decision import Finding
from lme_operator.core.refusal import Refusal
from lme_operator.core.run import Run
from lme_operator.domain.licences.codes import communes
from lme_operator.entrypoints.http.refusals import INVALID_DATA
from lme_operator.entrypoints.http.types import Line, Name, Paragraph, refuse
from lme_operator.entrypoints.pages.fields import DayField, RunField, RutField, TelephoneField
from lme_operator.entrypoints.pages.forms import Asks, Fields, FormModel, parse_fields

Values = Mapping[str, tuple[str, ...]]
"""What was typed, by field."""

Screen = TypeVar("Screen", bound=FormModel)
Parsed = TypeVar("Parsed")
_WHO = ("run", "nombres", "apellido_paterno", "apellido_materno")
_FIGURES = re.compile(r"[0-9]{1,4}", re.ASCII)
_PLAIN = {"Á": "A", "É": "E", "Í": "I", "Ó": "O", "Ú": "U", "Ü": "U"}


def folded(text: str) -> str:
    """Text for comparing: without accents, capitals or repeated spaces; Ñ stays."""
    upper = unicodedata.normalize("NFC", " ".join(text.split())).upper()
    return "".join(_PLAIN.get(letter, letter) for letter in upper)


def _trimmed(text: object) -> object:
    return " ".join(text.split()) if isinstance(text, str) else text


def _stripped(text: object) -> object:
    return text.strip() if isinstance(text, str) else text


def _days(text: object) -> int:
    found = _FIGURES.fullmatch(unicodedata.normalize("NFKC", str(text)).strip())
    if found is None:
        raise refuse("entero_esperado", "Los días se escriben en cifras.", "Por ejemplo: 5.")
    return int(found[0])


def _commune(text: object) -> str:
    """The code of a commune, from its name as people write it or from the code itself."""
    sought = folded(str(text))
    for code, name in communes():
        if sought in (code, folded(name)):
            return code
    raise refuse("comuna_inexistente", "No hay una comuna con ese nombre.", "Elíjala de la lista.")


def _here(text: object) -> object:
    if text == "telemedicina":
        raise refuse(
            "telemedicina_no_disponible",
            "La telemedicina todavía no está disponible aquí.",
            "Emita por aquí sólo si el paciente está con usted.",
        )
    return text


def _document_number(text: object) -> str:
    return re.sub(r"[\s.\-]+", "", unicodedata.normalize("NFKC", str(text))).upper()


NameField = Annotated[Name, BeforeValidator(_trimmed)]
ShortField = Annotated[Line, BeforeValidator(_trimmed), Field(max_length=60)]
MediumField = Annotated[Line, BeforeValidator(_trimmed), Field(max_length=100)]
ReasonField = Annotated[Line, BeforeValidator(_trimmed), Field(max_length=128)]
ClinicalField = Annotated[Paragraph, BeforeValidator(_stripped), Field(max_length=511)]
DaysField = Annotated[int, BeforeValidator(_days)]
CommuneField = Annotated[str, BeforeValidator(_commune)]
ModeField = Annotated[Literal["presencial"], BeforeValidator(_here)]
"""The card is certified by looking at it: of whoever is attended at a distance nothing is certified yet (N-2.4b)."""
Flag = Literal["si", "no"]


class PatientForm(FormModel):
    """Screen 1: the worker, the employer, and the card that the patient shows (N-2.4b)."""

    run: RunField
    nombres: Annotated[NameField, Asks("Escriba los nombres.")]
    apellido_paterno: Annotated[NameField, Asks("Escriba el apellido.")]
    apellido_materno: NameField | None = None
    fecha_nacimiento: Annotated[DayField, Asks("Escriba la fecha de nacimiento.")]
    sexo: Annotated[Literal["F", "M"], Asks("Elija el sexo que dice la cédula.")]
    numero_documento: Annotated[
        str,
        BeforeValidator(_document_number),
        Field(max_length=20),
        Asks("Escriba el número de documento de la cédula que el paciente le muestra."),
    ]
    rut_empleador: RutField | None = None
    nombre_empleador: MediumField | None = None


class LeaveForm(FormModel):
    """Screen 2: type, days, place, diagnosis and attention."""

    tipo: Annotated[Literal["1", "2", "3", "4", "5", "6", "7"], Asks("Elija el tipo de licencia.")]
    fecha_inicio: Annotated[DayField, Asks("Escriba el primer día de reposo.")]
    dias: Annotated[DaysField, Asks("Escriba los días de reposo.")]
    reposo: Annotated[Literal["total", "parcial"], Asks("Elija si el reposo es total o parcial.")]
    jornadas: tuple[Literal["manana", "tarde", "noche"], ...] = ()
    lugar: Annotated[Literal["domicilio", "hospital", "otro_domicilio"], Asks("Elija dónde se cumple el reposo.")]
    justificacion: ReasonField | None = None
    calle: Annotated[MediumField, Asks("Escriba la calle y el número.")]
    depto: ShortField | None = None
    comuna: Annotated[CommuneField, Asks("Escriba la comuna.")]
    telefono: TelephoneField
    diagnostico: Annotated[ClinicalField, Asks("Escriba el diagnóstico o su código.")]
    codigo_cie10: Annotated[Line, Field(max_length=12)] | None = None
    otro_diagnostico: ClinicalField | None = None
    antecedentes: ClinicalField | None = None
    examenes: ClinicalField | None = None
    recuperable: Annotated[Flag, Asks("Elija si es recuperable.")]
    invalidez: Annotated[Flag, Asks("Elija si hay un trámite de invalidez.")]
    modalidad: Annotated[ModeField, Asks("Elija cómo atendió al paciente.")]
    comuna_atencion: Annotated[CommuneField, Asks("Escriba la comuna donde atiende.")]
    establecimiento: MediumField | None = None


def as_typed(screen: type[FormModel], **more: tuple[Any, Any]) -> type[FormModel]:
    """The same fields, each taken as it comes: whatever was typed is kept, however long, and only then judged."""
    fields: dict[str, Any] = dict.fromkeys(screen.model_fields, (tuple[str, ...], ()))
    made: type[FormModel] = create_model(f"{screen.__name__}AsTyped", __base__=FormModel, **fields | more)
    return made


def typed(form: FormModel, screen: type[FormModel]) -> dict[str, tuple[str, ...]]:
    """What an `as_typed` form holds of its screen; a field left blank is there, with nothing in it."""
    return {name: getattr(form, name) for name in screen.model_fields}


def without_patient(values: Values) -> bool:
    """Whether nobody wrote yet for whom it is."""
    return not any(values.get(name) for name in PatientForm.model_fields)


def taken_for_granted(screen: type[FormModel], values: Values) -> str:
    """A digest of what a screen does not ask and yet goes by: screen 2, who the patient is; screen 1, the leave.

    A page carries it: what was written beside it is not for whoever another page made of it meanwhile (N-2.4b).
    """
    names = _WHO if screen is LeaveForm else tuple(LeaveForm.model_fields)
    return to_base64url(sha256(encode([list(values.get(name, ())) for name in names])))


def judged(screen: type[Screen], values: Values) -> tuple[Screen | None, tuple[Finding, ...]]:
    """The screen's values parsed, or every reason why not, each pointing at its field."""
    texts = {name: value for name, value in values.items() if name in screen.model_fields}
    try:
        parsed: Any = parse_fields(screen, Fields(texts, {}, "", ""))
    except Refusal as refusal:
        if refusal.kind != INVALID_DATA:
            raise
        return None, refusal.findings
    return parsed, ()


def without_employer(values: Values) -> tuple[Finding, ...]:
    """The fault of an employer who has a name and no RUT: the document has no place for him, and would lose him."""
    name = first_of(values, "nombre_empleador").strip()
    if not name or first_of(values, "rut_empleador").strip():
        return ()
    cause, remedy = "Falta el RUT del empleador que nombró.", "Escríbalo, o borre el nombre si trabaja por su cuenta."
    return (Finding("campo_faltante", cause, "RFC 9457", remedy, "/rut_empleador"),)


_RUN: TypeAdapter[Run] = TypeAdapter(RunField)
_DAY: TypeAdapter[date] = TypeAdapter(DayField)
_COUNT: TypeAdapter[int] = TypeAdapter(DaysField)


def first_of(values: Values, name: str) -> str:
    """What stands in a field; nothing, where nothing was typed."""
    return next(iter(values.get(name, ())), "")


def run_of(values: Values) -> Run | None:
    """The patient's RUN, once one is written."""
    return _one(_RUN, values, "run")


def days_of(values: Values) -> tuple[date, int] | None:
    """The first day of rest and how many they are, once both are written."""
    starts, days = _one(_DAY, values, "fecha_inicio"), _one(_COUNT, values, "dias")
    return None if starts is None or days is None else (starts, days)


def _one(adapter: TypeAdapter[Parsed], values: Values, name: str) -> Parsed | None:
    try:
        return adapter.validate_python(first_of(values, name))
    except ValidationError:
        return None
