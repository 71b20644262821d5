"""The official document: ZONA_0 and ZONA_A of the LME (names and codes of LME 1.6.3), rendered and validated.

What the platform keeps and the LME has no field for goes into `descripcion` of the signatures of ZONA_AF: that text
is informative in LME 1.6.3, so its consumers and its schema go on working, and it lies inside ZONA_A, so the
professional signs it. The professional's `firma` (the first) carries how the patient was seen and the employer's
name; a second `firma`, the worker's, for which the form has always had a place, carries how the patient was
certified (N-2.4b). Each is words followed by canonical JSON. The employer's RUT is attribute `emp_rut` of `estado`.

The prepared document is what `write_exact` writes: both signatures' places are there, empty (formats v1).
"""

import re
import unicodedata
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import phonenumbers
from lxml import etree
from num2words import num2words

from lme_operator.core.canonical import Json, encode
from lme_operator.core.periods import SANTIAGO, first_instant, local_day
from lme_operator.core.run import Run
from lme_operator.domain.licences.document_codes import PLACES, REST, SHIFTS
from lme_operator.domain.licences.document_facts import DocumentFacts, describe_document
from lme_operator.domain.licences.document_schema import DocumentNotValid, OperatorIdentity, demand_valid
from lme_operator.domain.licences.order import Address, Issuer, LicenceOrder, Person, Rest
from lme_operator.domain.professionals.context import PracticeContext
from lme_operator.domain.signing import LME, write_exact

__all__ = [
    "FONASA",
    "DocumentFacts",
    "DocumentNotValid",
    "OperatorIdentity",
    "Payer",
    "describe_document",
    "render_document",
]

FONASA = 1
"""`codigo_entidad` of FONASA."""
_ELECTRONIC_FORM, _GRANTED = "3", "1"
_DEFAULT_NAMESPACE: Any = {None: LME}
_EMAIL = re.compile(r"[.a-zA-Z0-9_-]+@[a-zA-Z0-9_-]+(\.[a-zA-Z0-9_-]+)+")


@dataclass(frozen=True, slots=True)
class Payer:
    """Who pronounces on the licence, and whether the employer works in this operator's system.

    Neither is in the order: until a register of affiliation is asked, FONASA and no employer are assumed.
    """

    entity: int = FONASA
    employer_subscribed: bool = False


def render_document(
    order: LicenceOrder,
    *,
    issuer: Issuer,
    folio: str,
    operator: OperatorIdentity,
    context: PracticeContext,
    issued_at: datetime,
    payer: Payer | None = None,
    public_institution: bool = False,
) -> bytes:
    """Render the prepared document of `order`, valid under our schema; raise `DocumentNotValid`.

    Instants are written in Chile's time with their offset; the rest begins at the first instant of its day. Texts
    are put in NFC. The professional's e-mail is left out when the official pattern does not admit it.
    """
    root = etree.Element(f"{{{LME}}}LME", nsmap=_DEFAULT_NAMESPACE)
    provider = _provider(issuer, context, public_institution)
    try:
        _state(root, order, folio=folio, operator=operator, provider=provider, at=issued_at, payer=payer or Payer())
        section = _add(root, "ZONA_A", id="ZA")
        _worker(section, order, issued_at)
        _case(section, order)
        _rest(section, order.rest)
        _professional(section, issuer)
        _diagnosis(section, order)
        _signatures(section, order)
    except (ValueError, KeyError, phonenumbers.NumberParseException) as error:
        raise DocumentNotValid("texto, código o teléfono que el documento no admite") from error
    demand_valid(root)
    return write_exact(root)


def _add(parent: etree._Element, name: str, text: str | None = None, **attributes: str) -> etree._Element:
    element = etree.SubElement(parent, f"{{{LME}}}{name}", attributes)
    if text is not None:
        element.text = unicodedata.normalize("NFC", text)
    return element


def _add_if(parent: etree._Element, name: str, text: str | None) -> None:
    if text:
        _add(parent, name, text)


def _yes_no(value: bool) -> str:
    return "1" if value else "2"


def _instant(at: datetime) -> str:
    return at.astimezone(SANTIAGO).isoformat(timespec="seconds")


def _provider(issuer: Issuer, context: PracticeContext, public: bool) -> tuple[str, Run]:
    if context.institution is None:
        return "3", issuer.run
    return ("1" if public else "2"), context.institution


def _state(
    root: etree._Element,
    order: LicenceOrder,
    *,
    folio: str,
    operator: OperatorIdentity,
    provider: tuple[str, Run],
    at: datetime,
    payer: Payer,
) -> None:
    zone = _add(root, "ZONA_0")
    state = _add(zone, "ZONA_01", id="Z01")
    _add(state, "id_licencia", folio)
    _add(state, "rut_operador", str(operator.rut))
    _add(state, "codigo_tipo_formulario", _ELECTRONIC_FORM)
    _add(state, "empleador_adscrito", _yes_no(payer.employer_subscribed))
    _add(state, "codigo_entidad", str(payer.entity))
    granted = _add(state, "estado", **({"emp_rut": str(order.employer.rut)} if order.employer else {}))
    _add(granted, "estado_licencia", _GRANTED)
    _add(granted, "fecha_estado", _instant(at))
    _add(state, "codigo_operador", str(operator.code))
    kind, rut = provider
    element = _add(state, "prestador")
    _add(element, "tipo_prestador", kind)
    _add(element, "rut_prestador", str(rut))
    _add(element, "codigo_interno_operador", str(rut.number))
    _add(_add(_add(zone, "ZONA_0F"), "firma"), "descripcion", f"Sello del operador {operator.rut}.")


def _person(parent: etree._Element, name: str, person: Person | Issuer) -> etree._Element:
    element = _add(parent, name)
    _add(element, "apellido_paterno", person.paternal_surname)
    _add_if(element, "apellido_materno", person.maternal_surname)
    _add(element, "nombres", person.given_names)
    _add(element, "rut", str(person.run))
    return element


def _patient(parent: etree._Element, name: str, person: Person, today: date) -> None:
    element = _person(parent, name, person)
    _add(element, "fecha_nacimiento", person.born_on.isoformat())
    _add(element, "edad", str(age_on(today, born_on=person.born_on)))
    _add(element, "sexo", person.sex)


def age_on(day: date, *, born_on: date) -> int:
    """Whole years of age on `day`; who was born on a 29 February comes of age on 1 March."""
    return day.year - born_on.year - ((day.month, day.day) < (born_on.month, born_on.day))


def _worker(section: etree._Element, order: LicenceOrder, issued_at: datetime) -> None:
    today = local_day(issued_at)
    zone = _add(section, "ZONA_A1")
    _patient(zone, "trabajador", order.worker, today)
    _add(zone, "fecha_emision", _instant(issued_at))
    _add(zone, "fecha_inicio_reposo", _instant(first_instant(order.rest_starts_on)))
    _add(zone, "tra_ndias", str(order.days))
    _add(zone, "tra_ndias_palabras", num2words(order.days, lang="es"))
    if order.child is not None:
        _patient(_add(section, "ZONA_A2"), "hijo", order.child, today)


def _case(section: etree._Element, order: LicenceOrder) -> None:
    zone = _add(section, "ZONA_A3")
    _add(zone, "codigo_tipo_licencia", str(order.kind))
    _add(zone, "codigo_recuperabilidad", _yes_no(order.recoverable))
    _add(zone, "codigo_inicio_tram_inv", _yes_no(order.disability_procedure))
    if order.accident_at is not None:
        _add(zone, "fecha_accidente", _instant(order.accident_at))
    if order.on_the_way is not None:
        _add(zone, "codigo_trayecto", _yes_no(order.on_the_way))
    if order.conceived_on is not None:
        _add(zone, "fecha_concepcion", order.conceived_on.isoformat())


def _rest(section: etree._Element, rest: Rest) -> None:
    zone = _add(section, "ZONA_A4")
    _add(zone, "codigo_tipo_reposo", REST[rest.kind])
    for shift in rest.shifts:
        _add(zone, "codigo_jornada_reposo", SHIFTS[shift])
    for place in rest.places:
        element = _add(zone, "lugar_reposo")
        _add(element, "codigo_lugar_reposo", PLACES[place.kind])
        _address(element, "direccion_reposo", place.address)
        _add_if(element, "justifica_domicilio", place.justification)
    for telephone in rest.telephones:
        _telephone(zone, "telefono_reposo", telephone)


def _address(parent: etree._Element, name: str, address: Address) -> None:
    element = _add(parent, name)
    _add(element, "calle", address.street)
    _add_if(element, "numero", address.number)
    _add_if(element, "depto", address.flat)
    _add(element, "comuna", address.commune)
    _add_if(element, "ciudad", address.city)
    _add(element, "pais", address.country)


def _telephone(parent: etree._Element, name: str, e164: str) -> None:
    """Write an E.164 number as the form has it: country and area apart (a mobile number has no area)."""
    number = phonenumbers.parse(e164)
    national = phonenumbers.national_significant_number(number)
    area = national[: phonenumbers.length_of_national_destination_code(number)]
    codes = ({"codigo_area": area} if area else {}) | {"codigo_pais": str(number.country_code)}
    _add(_add(parent, name, **codes), "telefono", national[len(area) :])


def _professional(section: etree._Element, issuer: Issuer) -> None:
    zone = _add(section, "ZONA_A5")
    _person(zone, "profesional", issuer)
    _add(zone, "prof_especialidad", issuer.speciality)
    _add(zone, "codigo_tipo_profesional", str(issuer.kind))
    _add_if(zone, "prof_registro_colegio", issuer.college_registry)
    if _EMAIL.fullmatch(issuer.email):
        _add(zone, "prof_email", issuer.email)
    if issuer.telephone:
        _telephone(zone, "prof_telefono", issuer.telephone)
    _address(zone, "prof_direccion", issuer.address)


def _diagnosis(section: etree._Element, order: LicenceOrder) -> None:
    diagnosis = order.diagnosis
    zone = _add(section, "ZONA_A6")
    _add(zone, "diagnostico_principal", diagnosis.main)
    _add_if(zone, "diagnostico_otro", diagnosis.other)
    _add_if(zone, "antecedentes_clinicos", diagnosis.clinical_notes)
    _add_if(zone, "examenes_apoyo", diagnosis.supporting_exams)
    codes = _add(section, "ZONA_AC")
    _add(codes, "coddiagnostico_principal", diagnosis.cie10)
    _add_if(codes, "coddiagnostico_otro", diagnosis.other_cie10)


def _signatures(section: etree._Element, order: LicenceOrder) -> None:
    attention, certification = order.attention, order.certification
    of_act: dict[str, Json] = {
        "atencion": _present(
            modalidad=attention.mode,
            comuna=attention.commune,
            establecimiento=attention.establishment,
            referencia=attention.reference,
            plataforma=attention.platform,
        )
    }
    if order.employer is not None and order.employer.name:
        of_act["empleador"] = {"nombre": order.employer.name}
    of_patient = _present(modo=certification.mode, numero_documento=certification.document_number)
    zone = _add(section, "ZONA_AF")
    for words, data in (("Profesional que otorga la licencia.", of_act), ("Certificación del trabajador.", of_patient)):
        _add(_add(zone, "firma"), "descripcion", f"{words} {encode(data).decode()}")


def _present(**values: str | None) -> dict[str, Json]:
    return {name: value for name, value in values.items() if value}
