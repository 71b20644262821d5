"""An official document as its form shows it: sections A.1 to A.6 in their order, each field with its name."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date

from num2words import num2words

from lme_operator.core.periods import local_day
from lme_operator.core.run import Run
from lme_operator.domain.issuance import Earlier
from lme_operator.domain.licences import Address, Issuer, ReadDocument
from lme_operator.domain.licences.document import age_on
from lme_operator.domain.licences.form import KINDS, SEXES
from lme_operator.domain.licences.form.words import telephone
from lme_operator.domain.licences.order import LicenceOrder, Person, Rest
from lme_operator.domain.professionals import PROFESSIONS
from lme_operator.entrypoints.console.doctor import words
from lme_operator.entrypoints.console.doctor.base import LEAVE, PATIENT
from lme_operator.entrypoints.console.doctor.order import commune_name
from lme_operator.entrypoints.pages.formats import day, day_in_prose

_DOUBLE, _WHOLE = 17, 60
"""From how many letters on a field needs two places, or the whole line."""


@dataclass(frozen=True, slots=True)
class Box:
    """A field of the form."""

    label: str
    value: str

    @property
    def size(self) -> str:
        """How much of a line it needs."""
        return "whole" if len(self.value) > _WHOLE else "double" if len(self.value) > _DOUBLE else "single"


@dataclass(frozen=True, slots=True)
class Section:
    """A section of the form; `change`: where its draft is changed, if it has one."""

    code: str
    title: str
    boxes: tuple[Box, ...]
    change: str | None = None
    confidential: bool = False


def shown_document(read: ReadDocument, *, change: str | None) -> tuple[Section, ...]:
    """The sections of a document; `change` is the address of the draft that it was made of, while there is one."""
    order = read.order
    patient, leave = (None, None) if change is None else (f"{change}/{PATIENT}", f"{change}/{LEAVE}")
    return (
        Section("A.1", "Identificación del trabajador", tuple(_worker(read)), patient),
        Section("A.1", "Días de reposo", tuple(_days(read)), leave),
        Section("A.3", "Tipo de licencia", tuple(_case(order)), leave),
        Section("A.4", "Características del reposo", tuple(_rest(order.rest)), leave),
        Section("A.5", "Identificación del profesional", tuple(_issuer(read.issuer))),
        Section("A.6", "Diagnóstico", tuple(_diagnosis(order)), leave and f"{leave}#campo-diagnostico", True),
        Section("", "Atención y certificación", tuple(_attention(order)), leave),
    )


def _worker(read: ReadDocument) -> Iterator[Box]:
    order, today = read.order, local_day(read.issued_at)
    yield from _person(order.worker)
    yield Box("Fecha de nacimiento", day(order.worker.born_on))
    yield Box("Edad", f"{age_on(today, born_on=order.worker.born_on)} años")
    yield Box("Sexo", SEXES[order.worker.sex])
    if order.employer is not None:
        yield Box("RUT del empleador", order.employer.rut.display)
        yield from _if("Empleador", order.employer.name)
    else:
        yield Box("Empleador", "Sin empleador: trabajador independiente")


def _days(read: ReadDocument) -> Iterator[Box]:
    order = read.order
    yield Box("Fecha de emisión", day(read.issued_at))
    yield Box("Inicio del reposo", day(order.rest_starts_on))
    yield Box("Término del reposo", day(order.last_day))
    yield Box("Días", f"{order.days} ({num2words(order.days, lang='es')})")


def _person(person: Person | Issuer) -> Iterator[Box]:
    yield Box("RUN", person.run.display)
    yield Box("Apellido paterno", person.paternal_surname)
    yield from _if("Apellido materno", person.maternal_surname)
    yield Box("Nombres", person.given_names)


def _case(order: LicenceOrder) -> Iterator[Box]:
    yield Box("Tipo", f"{order.kind}. {KINDS[order.kind]}")
    yield Box("Recuperable", _yes(order.recoverable))
    yield Box("Trámite de invalidez", _yes(order.disability_procedure))


def _rest(rest: Rest) -> Iterator[Box]:
    yield Box("Reposo", words.RESTS[rest.kind])
    if rest.shifts:
        yield Box("Jornada", " y ".join(words.SHIFTS[shift].lower() for shift in rest.shifts).capitalize())
    for place in rest.places:
        yield Box("Lugar", words.PLACES[place.kind])
        yield Box("Dirección", address_line(place.address))
        yield from _if("Justificación", place.justification)
    for number in rest.telephones:
        yield Box("Teléfono", telephone(number))


def _issuer(issuer: Issuer) -> Iterator[Box]:
    yield from _person(issuer)
    yield Box("Profesión", PROFESSIONS[issuer.kind])
    yield Box("Especialidad", issuer.speciality)
    yield from _if("Registro del colegio", issuer.college_registry)
    yield from _if("Correo", issuer.email)
    yield from _if("Teléfono", issuer.telephone and telephone(issuer.telephone))
    yield Box("Dirección", address_line(issuer.address))


def _diagnosis(order: LicenceOrder) -> Iterator[Box]:
    diagnosis = order.diagnosis
    yield Box("Diagnóstico principal", f"{diagnosis.main} ({diagnosis.cie10})")
    other = diagnosis.other and f"{diagnosis.other}{f' ({diagnosis.other_cie10})' if diagnosis.other_cie10 else ''}"
    yield from _if("Otro diagnóstico", other)
    yield from _if("Antecedentes clínicos", diagnosis.clinical_notes)
    yield from _if("Exámenes de apoyo", diagnosis.supporting_exams)


def _attention(order: LicenceOrder) -> Iterator[Box]:
    attention = order.attention
    yield Box("Atención", words.MODES[attention.mode])
    yield Box("Comuna", commune_name(attention.commune))
    yield from _if("Establecimiento", attention.establishment)
    yield from _if("Plataforma", attention.platform)
    yield Box("Certificación del paciente", f"Cédula, documento {order.certification.document_number}")


def address_line(address: Address) -> str:
    """An address in one line."""
    street = " ".join(part for part in (address.street, address.number) if part)
    commune = commune_name(address.commune)
    city = None if address.city == commune else address.city
    return ", ".join(part for part in (street, address.flat, commune, city) if part)


def warnings_of(order: LicenceOrder, today: date) -> tuple[str, ...]:
    """What deserves a second look before signing, and is no fault."""
    found = []
    if order.rest_starts_on < today:
        past = words.days_words((today - order.rest_starts_on).days)
        found.append(f"El reposo comienza {past} antes de hoy, el {day_in_prose(order.rest_starts_on)}.")
    if order.last_day < today:
        found.append(f"El reposo ya terminó, el {day_in_prose(order.last_day)}.")
    return tuple(found)


def overlaps_of(order: LicenceOrder, earlier: Iterable[Earlier]) -> tuple[str, ...]:
    """The own earlier licences of the patient on some of the same days; the same rest for another employer is none.

    The very same rest for the same employer would be the same licence twice: it is said as that.
    """
    found = []
    for one in earlier:
        other = one.document.order
        same = (order.rest_starts_on, order.days) == (other.rest_starts_on, other.days)
        twice = same and employer_run(order) == employer_run(other)
        if same and not twice:
            continue
        if order.rest_starts_on > other.last_day or other.rest_starts_on > order.last_day:
            continue
        days = f"del {day(other.rest_starts_on)} al {day(other.last_day)}"
        if twice:
            whom = "también sin empleador" if order.employer is None else "para el mismo empleador"
            found.append(f"Esta licencia ya existe: usted le emitió la {one.folio}, {days}, {whom}. Sería la segunda.")
        else:
            found.append(f"Coincide en algunos días con la licencia {one.folio}, que usted le emitió {days}.")
    return tuple(found)


def employer_run(order: LicenceOrder) -> Run | None:
    """The RUT of the employer; None without one."""
    return None if order.employer is None else order.employer.rut


def _yes(value: bool) -> str:
    return "Sí" if value else "No"


def _if(label: str, value: str | None) -> Iterator[Box]:
    if value:
        yield Box(label, value)
