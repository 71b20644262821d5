"""What each copy says, in words and in the form's order; the template only lays it out.

Section A.6 is composed for complete copies alone: for the others no function here reads the diagnosis.
"""

from dataclasses import dataclass

from num2words import num2words

from lme_operator.core.canonical import Json
from lme_operator.core.periods import legal_instant, local_day
from lme_operator.domain.licences.document import age_on
from lme_operator.domain.licences.form import words
from lme_operator.domain.licences.form.glyphs import printable
from lme_operator.domain.licences.form.said import Printed
from lme_operator.domain.licences.order import Issuer, Person
from lme_operator.domain.professionals import PROFESSIONS

CONFIDENTIAL = "Información confidencial"
INDIVIDUAL = "3"
"""The kind of provider that is the professional himself: the form does not name it again."""


@dataclass(frozen=True, slots=True)
class Field:
    """A label and its value in a row; `width` is its part of the row."""

    label: str
    value: str
    width: float = 1.0

    def data(self) -> Json:
        """As the template reads it."""
        return {"rotulo": self.label, "valor": printable(self.value), "ancho": self.width}


@dataclass(frozen=True, slots=True)
class Section:
    """A section of the form: its title, a note beside it, and its rows."""

    title: str
    rows: tuple[tuple[Field, ...], ...]
    note: str = ""

    def data(self) -> Json:
        """As the template reads it."""
        rows = [[field.data() for field in row] for row in self.rows]
        return {"titulo": self.title, "nota": self.note, "filas": rows}


def sections(printed: Printed) -> tuple[Section, ...]:
    """The sections A.1 to A.6 of a copy; A.2 only where there is a child."""
    child = printed.document.order.child
    return (
        _worker(printed),
        *(() if child is None else (Section("A.2 Identificación del hijo o hija", (_child(child),)),)),
        _kind(printed),
        _rest(printed),
        _professional(printed),
        _signature(printed),
        _diagnosis(printed) if printed.copy.complete else _no_diagnosis(),
    )


def receipt(printed: Printed) -> tuple[Section, ...]:
    """The comprobante's four parts, a field a line, in the order in which offices read it."""
    order, issuer = printed.document.order, printed.document.issuer
    parts = (
        (
            "1. Datos Profesional",
            ("Profesional", words.listed_name(issuer)),
            ("RUN", issuer.run.display),
            ("Profesión", PROFESSIONS[issuer.kind]),
            ("Especialidad", issuer.speciality),
        ),
        (
            "2. Datos Trabajador",
            ("Nombre", words.listed_name(order.worker)),
            ("RUN", order.worker.run.display),
            ("Edad", str(age_of(printed, order.worker))),
            ("Sexo", words.SEXES[order.worker.sex]),
            ("Tipo Licencia", f"{order.kind}. {words.KINDS[order.kind]}"),
        ),
        (
            "3. Datos Reposo",
            ("Fecha Inicio", words.day(order.rest_starts_on)),
            ("Fecha Término", words.day(order.last_day)),
            ("N° Días", str(order.days)),
            ("Tipo Reposo", words.REST[order.rest.kind].removeprefix("1 ").removeprefix("2 ")),
        ),
        (
            "4. Estado de la licencia",
            ("Estado", printed.state.words),
            *((("Sobre el estado", detail),) if (detail := printed.state.detail) else ()),
            ("Fecha de emisión", legal_instant(printed.document.issued_at)),
            ("Firma", printed.authorship.words),
        ),
    )
    return tuple(Section(title, tuple((Field(label, value),) for label, value in fields)) for title, *fields in parts)


def _person(person: Person | Issuer) -> tuple[Field, ...]:
    return (
        Field("Apellido paterno", person.paternal_surname.upper(), 3),
        Field("Apellido materno", (person.maternal_surname or "").upper(), 3),
        Field("Nombres", person.given_names.upper(), 4),
    )


def age_of(printed: Printed, person: Person) -> int:
    """Whole years on the day of issue."""
    return age_on(local_day(printed.document.issued_at), born_on=person.born_on)


def _child(child: Person) -> tuple[Field, ...]:
    return (
        Field("Apellidos", words.surnames(child), 3),
        Field("Nombres", child.given_names.upper(), 3),
        Field("RUN", child.run.display, 2),
        Field("Fecha de nacimiento", words.day(child.born_on), 2),
    )


def _worker(printed: Printed) -> Section:
    order = printed.document.order
    rows = [
        _person(order.worker),
        (
            Field("RUN", order.worker.run.display, 2),
            Field("Edad", str(age_of(printed, order.worker)), 1),
            Field("Sexo", words.SEXES[order.worker.sex], 1.6),
            Field("Fecha de emisión", legal_instant(printed.document.issued_at), 4.4),
        ),
        (
            Field("Fecha de inicio del reposo", words.day(order.rest_starts_on), 2.6),
            Field("Último día de reposo", words.day(order.last_day), 2.2),
            Field("N° de días", str(order.days), 1.2),
            Field("N° de días en palabras", num2words(order.days, lang="es"), 4),
        ),
    ]
    if order.employer is not None:
        name = order.employer.name or ""
        rows.append((Field("RUT del empleador", order.employer.rut.display, 2.6), Field("Empleador", name, 7.4)))
    return Section("A.1 Identificación del trabajador", tuple(rows))


def _kind(printed: Printed) -> Section:
    order = printed.document.order
    rows = [
        (
            Field("Tipo de licencia", f"{order.kind} {words.KINDS[order.kind]}", 5.4),
            Field("Recuperabilidad laboral", words.yes_no(order.recoverable), 2),
            Field("Inicio de trámite de invalidez", words.yes_no(order.disability_procedure), 2.6),
        )
    ]
    of_kind = [
        *((Field("Fecha y hora del accidente", legal_instant(at)),) if (at := order.accident_at) else ()),
        *((Field("Accidente de trayecto", words.yes_no(way)),) if (way := order.on_the_way) is not None else ()),
        *((Field("Fecha de concepción", words.day(on)),) if (on := order.conceived_on) else ()),
    ]
    return Section("A.3 Tipo de licencia", (*rows, *((tuple(of_kind),) if of_kind else ())))


def _rest(printed: Printed) -> Section:
    order, complete = printed.document.order, printed.copy.complete
    rest = order.rest
    shifts = ", ".join(words.SHIFTS[shift] for shift in rest.shifts)
    rows: list[tuple[Field, ...]] = [
        (
            Field("Tipo de reposo", words.REST[rest.kind], 3.4),
            *((Field("Jornada", shifts, 2.6),) if shifts else ()),
            Field("Teléfono", " · ".join(words.telephone(number) for number in rest.telephones), 4),
        )
    ]
    for place in rest.places:
        rows.append(
            (Field("Lugar", words.PLACES[place.kind], 2.4), Field("Dirección", words.one_line(place.address), 7.6))
        )
        if complete and place.justification:
            rows.append((Field("Justificación", place.justification),))
    certified = order.certification
    rows.append(
        (
            Field("Certificación del trabajador", words.CERTIFICATIONS[certified.mode], 6),
            *((Field("N° de documento", certified.document_number, 4),) if complete else ()),
        )
    )
    return Section("A.4 Características del reposo", tuple(rows))


def _professional(printed: Printed) -> Section:
    issuer, document = printed.document.issuer, printed.document
    provider = f"{words.PROVIDERS[document.provider_kind]}, RUT {document.provider_rut.display}"
    attention = document.order.attention
    rows: list[tuple[Field, ...]] = [
        _person(issuer),
        (
            Field("RUN", issuer.run.display, 2),
            Field("Profesión", f"{issuer.kind} {PROFESSIONS[issuer.kind]}", 3),
            Field("Especialidad", issuer.speciality, 3),
            Field("Registro del colegio", issuer.college_registry or "", 2),
        ),
        (Field("Correo electrónico", issuer.email, 6), Field("Teléfono", words.telephone(issuer.telephone), 4)),
        (Field("Dirección", words.one_line(issuer.address)),),
    ]
    if document.provider_kind != INDIVIDUAL:
        rows.append((Field("Emitida por", provider),))
    if printed.copy.complete:
        place = ", ".join(part for part in (attention.establishment, words.commune(attention.commune)) if part)
        rows.append(
            (Field("Modalidad de atención", words.MODES[attention.mode], 2.4), Field("Lugar de atención", place, 7.6))
        )
    return Section("A.5 Identificación del profesional", tuple(rows))


def _signature(printed: Printed) -> Section:
    """The signature's block, which on paper was ink."""
    signer = Field("Firmada electrónicamente por", words.full_name(printed.document.issuer), 5.6)
    rows = (
        (signer, Field("Fecha y hora de la firma", legal_instant(printed.signed_at), 4.4)),
        (Field("Clase de firma", printed.authorship.words, 5.6), Field("Certificado N°", printed.serial, 4.4)),
    )
    return Section("A.5 Firma del profesional", rows)


def _diagnosis(printed: Printed) -> Section:
    diagnosis = printed.document.order.diagnosis
    rows = [(Field("Diagnóstico principal", diagnosis.main, 8.4), Field("Código CIE-10", diagnosis.cie10, 1.6))]
    if diagnosis.other or diagnosis.other_cie10:
        other = Field("Otro diagnóstico", diagnosis.other or "", 8.4)
        rows.append((other, Field("Código CIE-10", diagnosis.other_cie10 or "", 1.6)))
    texts = (
        ("Antecedentes clínicos", diagnosis.clinical_notes),
        ("Exámenes de apoyo", diagnosis.supporting_exams),
    )
    return Section(
        "A.6 Diagnóstico",
        (*rows, *((Field(label, text),) for label, text in texts if text)),
        note=CONFIDENTIAL,
    )


def _no_diagnosis() -> Section:
    return Section(
        "A.6 Diagnóstico", ((Field("Sección reservada al trabajador y a quien se pronuncia", CONFIDENTIAL),),)
    )
