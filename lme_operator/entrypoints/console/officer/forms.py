"""The forms of enrolment: what an officer writes, read with the rules of the API's own fields."""

from typing import Annotated, Literal

from pydantic import BeforeValidator, Field

from lme_operator.domain.enrolment.in_person import Declared
from lme_operator.domain.identity import CardKind
from lme_operator.domain.licences.codes import is_commune
from lme_operator.domain.professionals import PostalAddress
from lme_operator.entrypoints.http.types import Name
from lme_operator.entrypoints.pages.fields import (
    DayField,
    LineField,
    MailField,
    ParagraphField,
    RunField,
    SixDigits,
    TelephoneField,
)
from lme_operator.entrypoints.pages.form_state import field_wrong
from lme_operator.entrypoints.pages.forms import Asks, FormModel, SentFile

NameField = Annotated[Name, BeforeValidator(str.strip)]
Short = Annotated[LineField, Field(max_length=60)]
Medium = Annotated[LineField, Field(max_length=100)]


class NewCaseForm(FormModel):
    """Whom to enrol."""

    run: RunField


class DataForm(FormModel):
    """What the professional declares."""

    nombres: Annotated[NameField, Asks("Escriba los nombres.")]
    apellido_paterno: Annotated[NameField, Asks("Escriba el apellido paterno, o el único que tiene.")]
    apellido_materno: NameField | None = None
    fecha_nacimiento: Annotated[DayField, Asks("Escriba la fecha de nacimiento.")]
    profesion: Annotated[Literal["1", "2", "3"], Asks("Elija la profesión.")]
    especialidad: Annotated[Medium, Asks("Escriba la especialidad.")]
    registro_colegio: Short | None = None
    calle: Annotated[Medium, Asks("Escriba la calle.")]
    numero: Short | None = None
    depto: Short | None = None
    comuna: Annotated[str, Asks("Elija la comuna.")]
    ciudad: Short | None = None
    correo: MailField
    telefono: TelephoneField

    def declared(self) -> Declared:
        """As the room knows it; raise `Refusal(datos_invalidos)` for a commune that does not exist."""
        if not is_commune(self.comuna):
            raise field_wrong("comuna", "Elija una comuna de la lista.", code="comuna_inexistente")
        return Declared(
            given_names=self.nombres,
            paternal_surname=self.apellido_paterno,
            maternal_surname=self.apellido_materno,
            birth_date=self.fecha_nacimiento,
            kind=int(self.profesion),
            speciality=self.especialidad,
            college_registry=self.registro_colegio,
            email=self.correo,
            telephone=self.telefono,
            address=PostalAddress(self.calle, self.numero, self.depto, self.comuna, self.ciudad),
        )


class CardForm(FormModel):
    """A cédula."""

    clase: Annotated[Literal["cedula", "cedula_ext"], Asks("Elija qué cédula muestra.")]
    numero_documento: Annotated[Short, Asks("Escriba el número de documento.")]
    vence_en: Annotated[DayField, Asks("Escriba la fecha de vencimiento.")]

    @property
    def kind(self) -> CardKind:
        """As the room knows it."""
        return CardKind.CITIZEN if self.clase == "cedula" else CardKind.FOREIGNER


class AuthorisationForm(FormModel):
    """The ministry's authorisation of who has a provisional RUT."""

    numero: Annotated[Short, Asks("Escriba el número de la autorización.")]
    fecha: Annotated[DayField, Asks("Escriba la fecha de la autorización.")]
    archivo: Annotated[SentFile, Asks("Elija el archivo de la autorización.")]


class RemarksForm(FormModel):
    """Why the remarks of an inscription do not hinder."""

    motivo: Annotated[ParagraphField, Asks("Escriba por qué no impiden el enrolamiento.")]


class AddressForm(FormModel):
    """A proof of address."""

    clase: Annotated[str, Asks("Elija qué documento es.")]
    emisor: Annotated[Medium, Asks("Escriba quién emite el documento.")]
    fecha: Annotated[DayField, Asks("Escriba la fecha del documento.")]
    coincide: Annotated[Literal["si", "no"], Asks("Diga si el documento respalda la dirección declarada.")]
    archivo: Annotated[SentFile, Asks("Elija el archivo del comprobante.")]


class CodeForm(FormModel):
    """A code that the professional reads aloud."""

    codigo: SixDigits


class DecisionForm(FormModel):
    """A decision, in writing."""

    motivo: Annotated[ParagraphField, Asks("Escriba su decisión y en qué se funda.")]


class PicturesForm(FormModel):
    """The two pictures that are compared."""

    foto_documento: Annotated[SentFile, Asks("Elija la fotografía del documento.")]
    foto_persona: Annotated[SentFile, Asks("Elija la fotografía de la persona.")]


class SeenForm(FormModel):
    """What the officer saw."""

    resultado: Annotated[
        Literal["coincide", "no_coincide", "no_se_puede_determinar"], Asks("Elija lo que vio con uno de los botones.")
    ]
    declaracion: Annotated[ParagraphField, Asks("Escriba qué comparó y qué vio.")]


class EmptyForm(FormModel):
    """No field: the button is all there is."""


class ReasonForm(FormModel):
    """Why a case ends."""

    motivo: Annotated[ParagraphField, Asks("Escriba por qué no se enrola.")]


class EnableForm(FormModel):
    """The officer's own code."""

    codigo: SixDigits
