"""The data that a professional declares, as a piece and as what the other rooms keep."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from lme_operator.core.canonical import Json
from lme_operator.domain.professionals import PostalAddress, ProfessionalData


@dataclass(frozen=True, slots=True, kw_only=True)
class Declared:
    """What the professional says of himself. `kind`: 1 médico, 2 dentista, 3 matrona; `telephone` in E.164."""

    given_names: str
    paternal_surname: str
    maternal_surname: str | None
    birth_date: date
    kind: int
    speciality: str
    college_registry: str | None
    email: str
    telephone: str
    address: PostalAddress

    def content(self) -> dict[str, Json]:
        """Return the content of the piece `datos`."""
        return {
            "nombres": self.given_names,
            "apellido_paterno": self.paternal_surname,
            "apellido_materno": self.maternal_surname,
            "fecha_nacimiento": self.birth_date.isoformat(),
            "profesion": self.kind,
            "especialidad": self.speciality,
            "registro_colegio": self.college_registry,
            "correo": self.email,
            "telefono": self.telephone,
            "direccion": {
                "calle": self.address.street,
                "numero": self.address.number,
                "depto": self.address.flat,
                "comuna": self.address.commune,
                "ciudad": self.address.city,
                "pais": self.address.country,
            },
        }

    @classmethod
    def of(cls, content: Mapping[str, Json]) -> "Declared":
        """Read what `content` wrote."""
        place = content["direccion"]
        return cls(
            given_names=content["nombres"],
            paternal_surname=content["apellido_paterno"],
            maternal_surname=content["apellido_materno"],
            birth_date=date.fromisoformat(content["fecha_nacimiento"]),
            kind=content["profesion"],
            speciality=content["especialidad"],
            college_registry=content["registro_colegio"],
            email=content["correo"],
            telephone=content["telefono"],
            address=PostalAddress(
                place["calle"], place["numero"], place["depto"], place["comuna"], place["ciudad"], place["pais"]
            ),
        )

    def professional(self) -> ProfessionalData:
        """Return what is kept of the professional once enrolled."""
        return ProfessionalData(
            kind=self.kind,
            given_names=self.given_names,
            paternal_surname=self.paternal_surname,
            maternal_surname=self.maternal_surname,
            speciality=self.speciality,
            college_registry=self.college_registry,
            email=self.email,
            telephone=self.telephone,
            address=self.address,
        )
