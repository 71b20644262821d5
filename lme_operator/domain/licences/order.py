"""The licence order: what a professional asks to issue, parsed once into frozen values (api.md, 'The licence order').

Days are calendar dates; instants aware. Codes are those of the official document (LME 1.6.3).
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from lme_operator.core.run import Run


@dataclass(frozen=True, slots=True)
class Person:
    """A worker or child as on the form. One surname is enough."""

    run: Run
    given_names: str
    paternal_surname: str
    maternal_surname: str | None
    born_on: date
    sex: str
    """`M` or `F`."""


@dataclass(frozen=True, slots=True)
class Address:
    """`commune` is the five-digit CUT; `country` an ISO 3166 alpha-2 code."""

    street: str
    number: str | None
    flat: str | None
    commune: str
    city: str | None
    country: str


@dataclass(frozen=True, slots=True)
class RestPlace:
    """Where the rest is kept: `kind` is `domicilio`, `hospital` or `otro_domicilio`."""

    kind: str
    address: Address
    justification: str | None


@dataclass(frozen=True, slots=True)
class Rest:
    """`kind` is `total` or `parcial`; `shifts` (`manana`, `tarde`, `noche`) only when partial; `telephones` E.164."""

    kind: str
    shifts: tuple[str, ...]
    places: tuple[RestPlace, ...]
    telephones: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Employer:
    """The employer, if there is one."""

    rut: Run
    name: str | None


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """Section A.6, confidential. `cie10` is the code of the main diagnosis."""

    main: str
    cie10: str
    other: str | None
    other_cie10: str | None
    clinical_notes: str | None
    supporting_exams: str | None


@dataclass(frozen=True, slots=True)
class Attention:
    """How the patient was seen: `mode` is `presencial` or `telemedicina`."""

    mode: str
    commune: str
    establishment: str | None
    reference: str | None
    platform: str | None


@dataclass(frozen=True, slots=True)
class PatientCertification:
    """How the patient was identified (N-2.4b): `mode` `cedula_presencial` with the card's document number."""

    mode: str
    document_number: str


@dataclass(frozen=True, slots=True)
class LicenceOrder:
    """One licence asked for. `days` of rest from `rest_starts_on`, the first day included."""

    worker: Person
    child: Person | None
    employer: Employer | None
    kind: int
    rest_starts_on: date
    days: int
    rest: Rest
    recoverable: bool
    disability_procedure: bool
    accident_at: datetime | None
    on_the_way: bool | None
    conceived_on: date | None
    diagnosis: Diagnosis
    attention: Attention
    certification: PatientCertification

    @property
    def last_day(self) -> date:
        """The last day of rest."""
        return self.rest_starts_on + timedelta(days=self.days - 1)


@dataclass(frozen=True, slots=True)
class Issuer:
    """The professional as the document shows him (section A.5): `kind` 1 médico, 2 dentista, 3 matrona."""

    run: Run
    given_names: str
    paternal_surname: str
    maternal_surname: str | None
    speciality: str
    kind: int
    college_registry: str | None
    email: str
    telephone: str
    address: Address
