"""From what was typed to the order, with everything that is wrong in it; and from an own earlier licence to a draft."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta

from lme_operator.core.decision import Finding
from lme_operator.domain.licences import Address, LicenceOrder, ReadDocument
from lme_operator.domain.licences.codes import cie10, cie10_term, communes, is_cie10
from lme_operator.domain.licences.form.words import telephone
from lme_operator.domain.licences.order import (
    Attention,
    Diagnosis,
    Employer,
    PatientCertification,
    Person,
    Rest,
    RestPlace,
)
from lme_operator.entrypoints.console.doctor.fields import (
    LeaveForm,
    PatientForm,
    Values,
    first_of,
    folded,
    judged,
    without_employer,
)
from lme_operator.entrypoints.console.doctor.words import MOST_DIAGNOSES
from lme_operator.entrypoints.pages.formats import day

_CODE_FIRST = re.compile(r"\s*(?P<category>[A-Za-z][0-9][0-9A-Za-z])\.?(?P<sub>[0-9A-Za-z]{1,2})?(?:[\s,:–-]+|$)")
_NUMBER_LAST = re.compile(r"(?P<street>.*?[^\s,])[\s,]+(?:(?:N°|Nº|#)\s*)?(?P<number>[0-9]{1,6}(?:-?[A-Za-z])?)")
_FIELD_OF = {
    "/trabajador/fecha_nacimiento": "fecha_nacimiento",
    "/certificacion_paciente/numero_documento": "numero_documento",
    "/tipo": "tipo",
    "/fecha_inicio_reposo": "fecha_inicio",
    "/dias": "dias",
    "/reposo/jornadas": "jornadas",
    "/reposo/lugares": "lugar",
    "/reposo/lugares/0/justificacion": "justificacion",
    "/reposo/lugares/0/direccion/comuna": "comuna",
    "/diagnostico/codigo_cie10": "diagnostico",
    "/diagnostico/codigo_otro": "otro_diagnostico",
    "/diagnostico/otro": "otro_diagnostico",
    "/atencion/lugar/comuna": "comuna_atencion",
}


@dataclass(frozen=True, slots=True)
class Written:
    """A diagnosis as it was written: `code` None when no code could be made of it."""

    words: str
    code: str | None


@dataclass(frozen=True, slots=True)
class ReadOrder:
    """The order, or why there is none yet: findings that point at fields of the screens."""

    order: LicenceOrder | None
    findings: tuple[Finding, ...]

    def of(self, fields: Iterable[str]) -> tuple[Finding, ...]:
        """The findings about these fields."""
        known = set(fields)
        return tuple(one for one in self.findings if (one.pointer or "").removeprefix("/") in known)


def read_order(values: Values) -> ReadOrder:
    """Judge both screens as a whole: every fault of both, at once."""
    patient, of_patient = judged(PatientForm, values)
    leave, of_leave = judged(LeaveForm, values)
    written, of_diagnosis = read_diagnosis(first_of(values, "diagnostico"), first_of(values, "codigo_cie10"))
    findings = (*of_patient, *without_employer(values), *of_leave, *of_diagnosis)
    if patient is None or leave is None or findings:
        return ReadOrder(None, tuple(dict.fromkeys(findings)))
    return ReadOrder(_order(patient, leave, written), ())


def at_fields(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Findings about an order, pointing at the fields of our screens instead; those of none point nowhere."""
    return tuple(replace(one, pointer=_field_pointer(one.pointer)) for one in findings)


def _field_pointer(pointer: str | None) -> str | None:
    name = _FIELD_OF.get(pointer or "")
    return None if name is None else f"/{name}"


def read_diagnosis(text: str, chosen: str) -> tuple[Written, tuple[Finding, ...]]:
    """What was written: `M54.5`, `M54.5 lumbago agudo`, or words of which one diagnosis was chosen or is the name.

    Words that merely find one are no choice: `gripe` finds a vaccination too.
    """
    written = split_code(text)
    if written.code is not None or not text.strip():
        return replace(written, words=written.words or _term(written.code or "") or ""), ()
    found = cie10(text, limit=MOST_DIAGNOSES)
    named = [one for one in found if folded(one.term) == folded(text)]
    of_words = next((one for one in (*found, *named) if one.code == chosen or [one] == named), None)
    if of_words is not None:
        return Written(of_words.term, of_words.code), ()
    if found:
        cause, remedy = "Falta elegir uno de los diagnósticos que coinciden.", "Están debajo del campo."
    else:
        cause, remedy = "No hay un diagnóstico de la CIE-10 con esas palabras.", "Escriba otras, o el código."
    return written, (Finding("cie10_sin_elegir", cause, "RFC 9457", remedy, "/diagnostico"),)


def _term(code: str) -> str | None:
    """The term of a code; of its category, for a code that the list lacks."""
    return cie10_term(code) or cie10_term(code[:3])


def split_code(text: str) -> Written:
    """Part a code at the beginning from the words after it."""
    found = _CODE_FIRST.match(text)
    if found is None:
        return Written(text.strip(), None)
    code = found["category"].upper() + (f".{found['sub'].upper()}" if found["sub"] else "")
    if not is_cie10(code):
        return Written(text.strip(), None)
    return Written(text[found.end() :].strip(), code)


def _order(patient: PatientForm, leave: LeaveForm, diagnosis: Written) -> LicenceOrder:
    """What does not go with what was chosen is left out: the screen does not show it either."""
    other = split_code(leave.otro_diagnostico or "")
    employer = patient.rut_empleador
    return LicenceOrder(
        worker=Person(
            patient.run, patient.nombres, patient.apellido_paterno, patient.apellido_materno,
            patient.fecha_nacimiento, patient.sexo,
        ),
        child=None,
        employer=None if employer is None else Employer(employer, patient.nombre_empleador),
        kind=int(leave.tipo),
        rest_starts_on=leave.fecha_inicio,
        days=leave.dias,
        rest=Rest(
            kind=leave.reposo,
            shifts=leave.jornadas if leave.reposo == "parcial" else (),
            places=(_place(leave),),
            telephones=(leave.telefono,),
        ),
        recoverable=leave.recuperable == "si",
        disability_procedure=leave.invalidez == "si",
        accident_at=None,
        on_the_way=None,
        conceived_on=None,
        diagnosis=Diagnosis(
            main=diagnosis.words,
            cie10=diagnosis.code or "",
            other=other.words or _term(other.code or ""),
            other_cie10=other.code,
            clinical_notes=leave.antecedentes,
            supporting_exams=leave.examenes,
        ),
        attention=Attention(
            mode=leave.modalidad,
            commune=leave.comuna_atencion,
            establishment=leave.establecimiento,
            reference=None,
            platform=None,
        ),
        certification=PatientCertification("cedula_presencial", patient.numero_documento),
    )  # fmt: skip


def _place(leave: LeaveForm) -> RestPlace:
    numbered = _NUMBER_LAST.fullmatch(leave.calle)
    street, number = (leave.calle, None) if numbered is None else (numbered["street"], numbered["number"])
    address = Address(street, number, leave.depto, leave.comuna, None, "CL")
    return RestPlace(leave.lugar, address, leave.justificacion if leave.lugar == "otro_domicilio" else None)


def values_of(read: ReadDocument) -> dict[str, tuple[str, ...]]:
    """An own earlier licence as a draft: everything but the card, which is looked at each time."""
    return {**patient_of(read), **_leave_of(read.order)}


def patient_of(read: ReadDocument) -> dict[str, tuple[str, ...]]:
    """Who the patient and the employer are, and where the patient rests and answers."""
    worker, employer = read.order.worker, read.order.employer
    return _filled(
        run=worker.run.display,
        nombres=worker.given_names,
        apellido_paterno=worker.paternal_surname,
        apellido_materno=worker.maternal_surname,
        fecha_nacimiento=day(worker.born_on),
        sexo=worker.sex,
        rut_empleador=None if employer is None else employer.rut.display,
        nombre_empleador=None if employer is None else employer.name,
        **_whereabouts(read.order.rest),
    )


def continued(read: ReadDocument) -> dict[str, tuple[str, ...]]:
    """The licence that continues an earlier one: it begins the day after its last, and its days are still unsaid."""
    starts = read.order.rest_starts_on + timedelta(days=read.order.days)
    return {**values_of(read), **_filled(fecha_inicio=day(starts), prorroga_de=read.folio), "dias": ()}


def for_other_employer(read: ReadDocument) -> dict[str, tuple[str, ...]]:
    """The same leave for another employer of the patient: that one alone is still unsaid."""
    return {**values_of(read), **_filled(otro_empleador_de=read.folio), "rut_empleador": (), "nombre_empleador": ()}


def attention_of(order: LicenceOrder) -> dict[str, tuple[str, ...]]:
    """Where the professional attends."""
    attention = order.attention
    return _filled(comuna_atencion=commune_name(attention.commune), establecimiento=attention.establishment)


def commune_name(code: str) -> str:
    """The name of a commune; its code if it is in force no more."""
    return dict(communes()).get(code, code)


def _whereabouts(rest: Rest) -> Mapping[str, str | None]:
    place = rest.places[0]
    return {
        "lugar": place.kind,
        "justificacion": place.justification,
        "calle": " ".join(part for part in (place.address.street, place.address.number) if part),
        "depto": place.address.flat,
        "comuna": commune_name(place.address.commune),
        "telefono": telephone(rest.telephones[0]),
    }


def _leave_of(order: LicenceOrder) -> dict[str, tuple[str, ...]]:
    diagnosis = order.diagnosis
    return {
        **_filled(
            tipo=str(order.kind),
            fecha_inicio=day(order.rest_starts_on),
            dias=str(order.days),
            reposo=order.rest.kind,
            diagnostico=f"{diagnosis.cie10} {diagnosis.main}",
            otro_diagnostico=" ".join(part for part in (diagnosis.other_cie10, diagnosis.other) if part),
            antecedentes=diagnosis.clinical_notes,
            examenes=diagnosis.supporting_exams,
            recuperable="si" if order.recoverable else "no",
            invalidez="si" if order.disability_procedure else "no",
            modalidad=order.attention.mode,
        ),
        **attention_of(order),
        "jornadas": order.rest.shifts,
    }


def _filled(**values: str | None) -> dict[str, tuple[str, ...]]:
    return {name: (value,) if value else () for name, value in values.items()}
