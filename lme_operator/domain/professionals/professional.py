"""What is known of a professional: civil data, profession, contact. Each field sealed to its row."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from lme_operator.core.canonical import decode, encode
from lme_operator.core.database import Work
from lme_operator.core.questions import Question
from lme_operator.core.run import Run
from lme_operator.core.sealing import Sealer
from lme_operator.domain.professionals.names import record_names
from lme_operator.domain.professionals.records import professionals

_SEALED = (
    "given_names", "paternal_surname", "maternal_surname", "speciality", "college_registry", "email", "telephone",
    "address",
)  # fmt: skip


PROFESSIONS: Mapping[int, str] = {1: "Médico cirujano", 2: "Cirujano dentista", 3: "Matrona o matrón"}
"""The professions that issue, by the code that the official document gives them."""


@dataclass(frozen=True, slots=True)
class PostalAddress:
    """`commune` is the five-digit CUT; `country` an ISO 3166 alpha-2 code."""

    street: str
    number: str | None
    flat: str | None
    commune: str
    city: str | None
    country: str = "CL"


@dataclass(frozen=True, slots=True)
class ProfessionalData:
    """`kind`: 1 médico, 2 dentista, 3 matrona. `telephone` in E.164. One surname is enough."""

    kind: int
    given_names: str
    paternal_surname: str
    maternal_surname: str | None
    speciality: str
    college_registry: str | None
    email: str
    telephone: str
    address: PostalAddress

    @property
    def names(self) -> tuple[str, ...]:
        """Given names and surnames, as written."""
        return tuple(name for name in (self.given_names, self.paternal_surname, self.maternal_surname) if name)

    @property
    def full_name(self) -> str:
        """Given names, then surnames."""
        return " ".join(self.names)


@dataclass(frozen=True, slots=True)
class Professional:
    """The facts in force of one professional. `recorded_at` is when these data were last given or confirmed."""

    run: Run
    data: ProfessionalData
    recorded_at: datetime


def record_professional(work: Work, sealer: Sealer, run: Run, data: ProfessionalData) -> UUID:
    """Write the professional's data, which supersede those before. The person's row must exist."""
    row_id = work.new_id()
    sealed = {
        name: None if text is None else sealer.seal(text.encode(), where=_place(name, row_id))
        for name, text in _texts(data).items()
    }
    work.execute(professionals.insert().values(id=row_id, run=str(run), kind=data.kind, recorded_at=work.at, **sealed))
    record_names(work, sealer, row_id, data.names)
    return row_id


_LATEST = Question(
    sa.select(professionals)
    .where(professionals.c.run == sa.bindparam("run", type_=sa.Text))
    .order_by(professionals.c.sequence.desc())
    .limit(1)
)


def find_professional(connection: Connection, sealer: Sealer, run: Run) -> Professional | None:
    """Return the latest data of the professional, opened; None if there are none."""
    row = _LATEST.first(connection, {"run": str(run)})
    if row is None:
        return None
    opened: dict[str, Any] = {name: _open(sealer, row, name) for name in _SEALED}
    opened["address"] = PostalAddress(**decode(opened["address"].encode()))
    return Professional(run, ProfessionalData(kind=row.kind, **opened), row.recorded_at)


def _texts(data: ProfessionalData) -> Mapping[str, str | None]:
    texts: dict[str, str | None] = {name: getattr(data, name) for name in _SEALED if name != "address"}
    texts["address"] = encode(asdict(data.address)).decode()
    return texts


def _open(sealer: Sealer, row: sa.Row[Any], name: str) -> str | None:
    sealed = getattr(row, name)
    return None if sealed is None else sealer.open(sealed, where=_place(name, row.id)).decode()


def _place(name: str, row_id: UUID) -> str:
    return f"professionals.professional.{name}:{row_id}"
