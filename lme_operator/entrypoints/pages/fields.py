"""The types of forms' fields: people write as they like, dots, spaces and capitals are ours to settle."""

import json
import re
import unicodedata
from datetime import date
from typing import Annotated, Any

import phonenumbers
from email_validator import EmailNotValidError, validate_email
from pydantic import AfterValidator, BeforeValidator, Field

from lme_operator.core.run import InvalidRun, Run
from lme_operator.entrypoints.http.types import Line, Paragraph, refuse
from lme_operator.entrypoints.pages.forms import Asks

_IGNORED = re.compile(r"[\s.·\-‐‑–—]+")
_RUN = re.compile(r"0*([1-9][0-9]{0,7})([0-9K])", re.ASCII)
_DIGITS = re.compile(r"[0-9]+", re.ASCII)
_DAY = re.compile(r"(?P<day>[0-9]{1,2})([-/. ]?)(?P<month>[0-9]{1,2})\2(?P<year>[0-9]{4})", re.ASCII)
_YEAR_FIRST = re.compile(r"(?P<year>[0-9]{4})-(?P<month>[0-9]{2})-(?P<day>[0-9]{2})", re.ASCII)


def _settled(text: str) -> str:
    """Without spaces, dots and hyphens, wide figures made narrow, in capitals."""
    return _IGNORED.sub("", unicodedata.normalize("NFKC", text)).upper()


def _run(name: str) -> BeforeValidator:
    def parse(text: object) -> Run:
        found = _RUN.fullmatch(_settled(str(text)))
        try:
            if found is not None:
                return Run.parse(f"{found[1]}-{found[2]}")
        except InvalidRun:
            pass
        raise refuse("run_digito_invalido", f"El {name} no es válido.", "Revise los números y el dígito verificador.")

    return BeforeValidator(parse)


def _digits(count: int) -> AfterValidator:
    def check(text: str) -> str:
        settled = _settled(text)
        if not _DIGITS.fullmatch(settled) or len(settled) != count:
            raise refuse("codigo_forma_invalida", f"El código tiene {count} cifras.", "Escríbalo completo.")
        return settled

    return AfterValidator(check)


RunField = Annotated[Run, _run("RUN"), Asks("Escriba el RUN.")]
"""A person's RUN."""

RutField = Annotated[Run, _run("RUT"), Asks("Escriba el RUT.")]
"""An institution's RUT."""

SixDigits = Annotated[str, _digits(6), Asks("Escriba el código de 6 dígitos.", secret=True)]
"""A code of an application, or of a message."""

EightDigits = Annotated[str, _digits(8), Asks("Escriba el código de activación, de 8 dígitos.", secret=True)]
"""The activation of a first password."""

PasswordField = Annotated[str, Field(max_length=1024), Asks("Escriba su clave.", secret=True)]
"""Any characters, as they were typed (OWASP ASVS 6.2)."""


def _day(text: object) -> date:
    """`20-04-2026` as people write it: with hyphens, slashes, dots or nothing, or the year first."""
    found = _DAY.fullmatch(unicodedata.normalize("NFKC", str(text)).strip()) or _YEAR_FIRST.fullmatch(str(text).strip())
    if found is None:
        raise refuse("fecha_invalida", "La fecha no se puede leer.", "Escríbala como 20-04-2026.")
    try:
        when = date(int(found["year"]), int(found["month"]), int(found["day"]))
    except ValueError:
        raise refuse("fecha_inexistente", "Esa fecha no existe.", "Revise el día y el mes.") from None
    if not 1800 <= when.year <= 2999:
        raise refuse("anio_fuera_de_rango", "Ese año no es posible.", "Revise las cuatro cifras del año.")
    return when


def _telephone(text: object) -> str:
    """E.164, with the country code or, for Chile, without."""
    try:
        number = phonenumbers.parse(unicodedata.normalize("NFKC", str(text)), "CL")
        possible = phonenumbers.is_possible_number_with_reason(number) == phonenumbers.ValidationResult.IS_POSSIBLE
    except phonenumbers.NumberParseException:
        possible = False
    if not possible:
        raise refuse("telefono_invalido", "Ese teléfono no existe.", "Escríbalo completo: +56 9 1234 5678.")
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def _mail(text: object) -> str:
    """An address as it will be written to, its domain in lower case."""
    try:
        return validate_email(str(text).strip(), check_deliverability=False, test_environment=True).normalized
    except EmailNotValidError:
        raise refuse(
            "correo_invalido", "El correo no tiene la forma de una dirección.", "Escríbalo completo: nombre@dominio.cl."
        ) from None


def _trimmed(text: object) -> object:
    return text.strip() if isinstance(text, str) else text


DayField = Annotated[date, BeforeValidator(_day)]
"""A calendar date."""

TelephoneField = Annotated[str, BeforeValidator(_telephone), Asks("Escriba el teléfono.")]
"""A telephone, in E.164 once read."""

MailField = Annotated[str, BeforeValidator(_mail), Asks("Escriba el correo.")]
"""A mail address."""

LineField = Annotated[Line, BeforeValidator(_trimmed), Field(max_length=200)]
"""A text of one line."""

ParagraphField = Annotated[Paragraph, BeforeValidator(_trimmed), Field(max_length=2000)]
"""A text of several lines."""


KEY_SCRIPTS = ("simplewebauthn-14.0.0.min.js", "llave.js")
"""What a page with a `key_form` runs."""

_NO_ANSWER = ("llave_sin_respuesta", "Falta la respuesta de su llave de seguridad.", "Inténtelo de nuevo.")


def _answer(text: object) -> dict[str, Any]:
    """What `llave.js` wrote of one ceremony; the rooms judge it."""
    found = _json(text)
    if not isinstance(found, dict):
        raise refuse(*_NO_ANSWER)
    return found


def _answers(text: object) -> list[dict[str, Any]]:
    """The same of several."""
    found = _json(text)
    if not isinstance(found, list) or not all(isinstance(one, dict) for one in found):
        raise refuse(*_NO_ANSWER)
    return found


def _json(text: object) -> object:
    try:
        return json.loads(str(text))
    except (ValueError, RecursionError):
        raise refuse(*_NO_ANSWER) from None


CredentialField = Annotated[
    dict[str, Any], BeforeValidator(_answer), Asks("Falta la respuesta de su llave de seguridad.", secret=True)
]
"""What an authenticator answered: `PublicKeyCredential.toJSON()`."""

CredentialsField = Annotated[
    list[dict[str, Any]], BeforeValidator(_answers), Asks("Falta la respuesta de su llave de seguridad.", secret=True)
]
"""What it answered to several ceremonies, in their order."""
