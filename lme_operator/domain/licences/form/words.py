"""The form's words for the document's codes, and how it writes names, addresses, telephones and days."""

import re
from collections.abc import Mapping
from datetime import date
from functools import cache

import phonenumbers

from lme_operator.domain.licences.codes import OUTSIDE_CHILE, communes
from lme_operator.domain.licences.order import Address, Issuer, Person

KINDS: Mapping[int, str] = {
    1: "Enfermedad o accidente común",
    2: "Prórroga de medicina preventiva",
    3: "Licencia maternal pre y postnatal",
    4: "Enfermedad grave de hijo o hija menor de un año",
    5: "Accidente del trabajo o del trayecto",
    6: "Enfermedad profesional",
    7: "Patología del embarazo",
}
"""The seven types of the form (A.3)."""
REST: Mapping[str, str] = {"total": "1 Reposo laboral total", "parcial": "2 Reposo laboral parcial"}
SHIFTS: Mapping[str, str] = {"manana": "A mañana", "tarde": "B tarde", "noche": "C noche"}
PLACES: Mapping[str, str] = {
    "domicilio": "1 Su domicilio",
    "hospital": "2 Hospital",
    "otro_domicilio": "3 Otro domicilio",
}
_MOBILE = re.compile(r"\+569([0-9]{4})([0-9]{4})", re.ASCII)
PROVIDERS: Mapping[str, str] = {
    "1": "Prestador institucional público",
    "2": "Prestador institucional privado",
    "3": "Persona natural",
}
SEXES: Mapping[str, str] = {"M": "Masculino", "F": "Femenino"}
CERTIFICATIONS: Mapping[str, str] = {"cedula_presencial": "Presencial, con cédula de identidad"}
MODES: Mapping[str, str] = {"presencial": "Presencial", "telemedicina": "Telemedicina"}


def yes_no(value: bool) -> str:
    """`1 Sí` or `2 No`, as the form's boxes."""
    return "1 Sí" if value else "2 No"


def day(value: date) -> str:
    """`20-04-2026`."""
    return f"{value:%d-%m-%Y}"


def surnames(person: Person | Issuer) -> str:
    """Both surnames, or the only one, in capitals."""
    return " ".join(part for part in (person.paternal_surname, person.maternal_surname) if part).upper()


def listed_name(person: Person | Issuer) -> str:
    """`APELLIDOS, NOMBRES`, as offices sort it."""
    return f"{surnames(person)}, {person.given_names.upper()}"


def full_name(person: Person | Issuer) -> str:
    """`NOMBRES APELLIDOS`."""
    return f"{person.given_names.upper()} {surnames(person)}"


def one_line(address: Address) -> str:
    """Street with its number, flat, city, commune; the country where it is another."""
    street = f"{address.street} {address.number or ''}".strip()
    place = "" if address.commune == OUTSIDE_CHILE else commune(address.commune)
    flat = f"depto. {address.flat}" if address.flat else ""
    city = "" if address.city in (None, place) else address.city
    country = "" if address.country == "CL" else f"({address.country})"
    return ", ".join(part for part in (street, flat, city, place, country) if part)


def telephone(e164: str) -> str:
    """`+56 9 1234 5678`; empty for none."""
    if not e164:
        return ""
    if mobile := _MOBILE.fullmatch(e164):
        return "+56 9 {} {}".format(*mobile.groups())
    return phonenumbers.format_number(phonenumbers.parse(e164), phonenumbers.PhoneNumberFormat.INTERNATIONAL)


def commune(cut: str) -> str:
    """The commune's name; its code if the list has it no more."""
    return _communes().get(cut, cut)


@cache
def _communes() -> Mapping[str, str]:
    return dict(communes())
