"""The licence order as it is sent. Shapes only: what the values mean is judged by `domain.licences.checks`."""

from datetime import date
from typing import Annotated, Any, Literal

from pydantic import Field

from lme_operator.domain.licences.order import (
    Address,
    Attention,
    Diagnosis,
    Employer,
    LicenceOrder,
    PatientCertification,
    Person,
    Rest,
    RestPlace,
)
from lme_operator.entrypoints.http.types import (
    Boolean,
    Commune,
    Country,
    Day,
    Instant,
    Integer,
    Line,
    Model,
    Name,
    Paragraph,
    RunText,
    Sex,
    Telephone,
)

Short = Annotated[Line, Field(min_length=1, max_length=60)]
Medium = Annotated[Line, Field(min_length=1, max_length=100)]
Clinical = Annotated[Paragraph, Field(min_length=1, max_length=511)]


class PersonModel(Model, title="Persona"):
    """A worker or child."""

    run: RunText
    nombres: Name
    apellido_paterno: Name
    apellido_materno: Name | None = None
    fecha_nacimiento: Day
    sexo: Sex

    def value(self) -> Person:
        """As the rooms know it."""
        return Person(
            run=self.run,
            given_names=self.nombres,
            paternal_surname=self.apellido_paterno,
            maternal_surname=self.apellido_materno,
            born_on=self.fecha_nacimiento,
            sex=self.sexo,
        )


class EmployerModel(Model, title="Empleador"):
    """The employer."""

    rut: RunText
    nombre: Medium | None = None


class AddressModel(Model, title="Direccion"):
    """An address."""

    calle: Medium
    numero: Short | None = None
    depto: Short | None = None
    comuna: Commune
    ciudad: Short | None = None
    pais: Country


class RestPlaceModel(Model, title="LugarDeReposo"):
    """Where the rest is kept."""

    tipo: Literal["domicilio", "hospital", "otro_domicilio"]
    direccion: AddressModel
    justificacion: Annotated[Line, Field(min_length=1, max_length=128)] | None = None

    def value(self) -> RestPlace:
        """As the rooms know it."""
        address = Address(
            street=self.direccion.calle,
            number=self.direccion.numero,
            flat=self.direccion.depto,
            commune=self.direccion.comuna,
            city=self.direccion.ciudad,
            country=self.direccion.pais,
        )
        return RestPlace(kind=self.tipo, address=address, justification=self.justificacion)


class TelephoneModel(Model, title="Telefono"):
    """A telephone."""

    numero: Telephone


class RestModel(Model, title="Reposo"):
    """Total or partial rest, and where."""

    tipo: Literal["total", "parcial"]
    jornadas: Annotated[tuple[Literal["manana", "tarde", "noche"], ...], Field(max_length=3)] = ()
    lugares: Annotated[tuple[RestPlaceModel, ...], Field(min_length=1, max_length=2)]
    telefonos: Annotated[tuple[TelephoneModel, ...], Field(min_length=1, max_length=2)]

    def value(self) -> Rest:
        """As the rooms know it."""
        return Rest(
            kind=self.tipo,
            shifts=self.jornadas,
            places=tuple(place.value() for place in self.lugares),
            telephones=tuple(telephone.numero for telephone in self.telefonos),
        )


class DiagnosisModel(Model, title="Diagnostico"):
    """Section A.6."""

    principal: Clinical
    codigo_cie10: Annotated[Line, Field(min_length=3, max_length=12)]
    otro: Clinical | None = None
    codigo_otro: Annotated[Line, Field(min_length=3, max_length=12)] | None = None
    antecedentes_clinicos: Clinical | None = None
    examenes_apoyo: Clinical | None = None

    def value(self) -> Diagnosis:
        """As the rooms know it."""
        return Diagnosis(
            main=self.principal,
            cie10=self.codigo_cie10,
            other=self.otro,
            other_cie10=self.codigo_otro,
            clinical_notes=self.antecedentes_clinicos,
            supporting_exams=self.examenes_apoyo,
        )


class AttentionPlaceModel(Model, title="LugarDeAtencion"):
    """Where the patient was seen."""

    comuna: Commune
    establecimiento: Medium | None = None


class AttentionModel(Model, title="Atencion"):
    """How the patient was seen."""

    modalidad: Literal["presencial", "telemedicina"]
    lugar: AttentionPlaceModel
    referencia: Medium | None = None
    plataforma: Medium | None = None

    def value(self) -> Attention:
        """As the rooms know it."""
        return Attention(
            mode=self.modalidad,
            commune=self.lugar.comuna,
            establishment=self.lugar.establecimiento,
            reference=self.referencia,
            platform=self.plataforma,
        )


class CertificationModel(Model, title="CertificacionDelPaciente"):
    """How the patient was identified."""

    modo: Literal["cedula_presencial"]
    numero_documento: Annotated[Line, Field(min_length=1, max_length=20)]


class OrderModel(Model, title="OrdenDeLicencia"):
    """The licence order (api.md)."""

    trabajador: PersonModel
    hijo: PersonModel | None = None
    empleador: EmployerModel | None = None
    tipo: Annotated[Integer, Field(ge=1, le=7)]
    fecha_inicio_reposo: Day
    dias: Annotated[Integer, Field(ge=0, le=9999)]
    reposo: RestModel
    recuperabilidad: Boolean
    inicio_tramite_invalidez: Boolean
    fecha_hora_accidente: Instant | None = None
    trayecto: Boolean | None = None
    fecha_concepcion: Day | None = None
    diagnostico: DiagnosisModel
    atencion: AttentionModel
    certificacion_paciente: CertificationModel

    def value(self) -> LicenceOrder:
        """As the rooms know it."""
        return LicenceOrder(
            worker=self.trabajador.value(),
            child=None if self.hijo is None else self.hijo.value(),
            employer=None if self.empleador is None else Employer(self.empleador.rut, self.empleador.nombre),
            kind=self.tipo,
            rest_starts_on=self.fecha_inicio_reposo,
            days=self.dias,
            rest=self.reposo.value(),
            recoverable=self.recuperabilidad,
            disability_procedure=self.inicio_tramite_invalidez,
            accident_at=self.fecha_hora_accidente,
            on_the_way=self.trayecto,
            conceived_on=self.fecha_concepcion,
            diagnosis=self.diagnostico.value(),
            attention=self.atencion.value(),
            certification=PatientCertification(
                mode=self.certificacion_paciente.modo, document_number=self.certificacion_paciente.numero_documento
            ),
        )


EXAMPLE = {
    "trabajador": {
        "run": "12345678-5",
        "nombres": "María José",
        "apellido_paterno": "Ñancupil",
        "apellido_materno": "O'Ryan",
        "fecha_nacimiento": "1988-03-14",
        "sexo": "F",
    },
    "empleador": {"rut": "76123456-0", "nombre": "Comercial Los Robles SpA"},
    "tipo": 1,
    "fecha_inicio_reposo": "2026-04-20",
    "dias": 5,
    "reposo": {
        "tipo": "total",
        "lugares": [
            {
                "tipo": "domicilio",
                "direccion": {"calle": "Los Aromos", "numero": "123", "comuna": "13101", "pais": "CL"},
            }
        ],
        "telefonos": [{"numero": "+56912345678"}],
    },
    "recuperabilidad": True,
    "inicio_tramite_invalidez": False,
    "diagnostico": {"principal": "Lumbago no especificado", "codigo_cie10": "M54.5"},
    "atencion": {"modalidad": "presencial", "lugar": {"comuna": "13101", "establecimiento": "Consulta particular"}},
    "certificacion_paciente": {"modo": "cedula_presencial", "numero_documento": "A012345678"},
}
"""An order for the documentation; a test issues it."""


def example_on(day: date) -> dict[str, Any]:
    """The example with a rest that begins on `day`."""
    return {**EXAMPLE, "fecha_inicio_reposo": day.isoformat()}
