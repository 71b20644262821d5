"""What the room says: what for it asked, what came of it, and what the register holds of a person."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from uuid import UUID

from lme_operator.core.canonical import Json
from lme_operator.core.periods import local_day
from lme_operator.core.run import Run


class Purpose(StrEnum):
    """What for the register is asked. Whoever waits goes before the night sweep."""

    ENTRY = "ingreso"
    ISSUE = "emision"
    ENROLMENT = "enrolamiento"
    SWEEP = "barrido"


class Result(StrEnum):
    """What came of a consultation."""

    IN_FORCE = "vigente"
    OTHER_TITLE = "otro_titulo"
    ABSENT = "no_inscrito"
    INCONSISTENT = "inconsistente"
    IMPOSSIBLE = "imposible"


class Cause(StrEnum):
    """Whose fault it is that there was no answer: another's, or ours. When in doubt it is ours."""

    FOREIGN = "ajena"
    OWN = "propia"


NEGATIVE = frozenset({Result.OTHER_TITLE, Result.ABSENT})
DEFINITIVE = NEGATIVE | {Result.IN_FORCE}
"""Answers of the register about the person; the others say nothing of anybody's inscription."""


@dataclass(frozen=True, slots=True)
class Registration:
    """A person as inscribed. `kind`: 1 médico, 2 dentista, 3 matrona, None when no title lets him issue.

    `titles` as the register writes them; what it leaves out or marks 'No Informada' is None or empty. `observations`
    is free text for a person to read. `loaded_on` is the day of the register's own data.
    """

    run: Run
    registry_number: str
    given_names: str
    paternal_surname: str
    maternal_surname: str | None
    sex: str | None
    birth_date: date | None
    nationality: str | None
    titles: tuple[str, ...]
    kind: int | None
    observations: str
    loaded_on: date | None

    def render(self) -> dict[str, Json]:
        """Return it as JSON, in the words of evidence files."""
        return {
            "run": str(self.run),
            "nro_registro": self.registry_number,
            "nombres": self.given_names,
            "apellido_paterno": self.paternal_surname,
            "apellido_materno": self.maternal_surname,
            "sexo": self.sex,
            "fecha_nacimiento": _text(self.birth_date),
            "nacionalidad": self.nationality,
            "titulos": list(self.titles),
            "profesion": self.kind,
            "observaciones": self.observations,
            "fecha_carga": _text(self.loaded_on),
        }

    @classmethod
    def parse(cls, value: Json) -> "Registration":
        """Read what `render` wrote."""
        return cls(
            run=Run.parse(value["run"]),
            registry_number=value["nro_registro"],
            given_names=value["nombres"],
            paternal_surname=value["apellido_paterno"],
            maternal_surname=value["apellido_materno"],
            sex=value["sexo"],
            birth_date=_date(value["fecha_nacimiento"]),
            nationality=value["nacionalidad"],
            titles=tuple(value["titulos"]),
            kind=value["profesion"],
            observations=value["observaciones"],
            loaded_on=_date(value["fecha_carga"]),
        )


@dataclass(frozen=True, slots=True)
class Answer:
    """One consultation, as far as it may be read without opening what is sealed.

    `cause` is None unless it was impossible; `reason` a code; `at` the instant of its record, `entry_id` its log entry;
    `asked_at` when the call began, None if none was made.
    """

    id: UUID
    run: Run
    purpose: Purpose
    result: Result
    cause: Cause | None
    reason: str
    at: datetime
    entry_id: UUID
    asked_at: datetime | None

    @property
    def definitive(self) -> bool:
        """Whether the register said something of the person."""
        return self.result in DEFINITIVE

    def on_day_of(self, at: datetime) -> bool:
        """Whether it was asked on the local day of `at`, whenever it was recorded."""
        return self.day == local_day(at)

    @property
    def day(self) -> date:
        """The local day of the call; of the record if none was made."""
        return local_day(self.asked_at or self.at)

    def recent(self, at: datetime, *, within: timedelta) -> bool:
        """Whether it was recorded in the time `within` before `at`: one of the future, by another's clock, was not."""
        return timedelta(0) <= at - self.at <= within


@dataclass(frozen=True, slots=True)
class Consultation(Answer):
    """A consultation with what the register holds of the person; None when it showed nothing of that person."""

    registration: Registration | None

    @property
    def for_review(self) -> bool:
        """Whether the register has observations that a person must read. By themselves they decide nothing."""
        return self.registration is not None and bool(self.registration.observations)


@dataclass(frozen=True, slots=True)
class LastAnswers:
    """The last that was asked about a person, and the last that the register answered; None when there is none.

    The last answer is a negative until a positive that departed after it and was recorded after it (N-4b): of calls
    that crossed, the negative stands. `inconsistent`: an answer about another person since then, if there is one.
    """

    latest: Answer | None
    definitive: Answer | None
    inconsistent: Answer | None = None

    @property
    def standing(self) -> Answer | None:
        """What the register said last: a negative, else what it said of another person, else in force."""
        if self.definitive is not None and self.definitive.result is not Result.IN_FORCE:
            return self.definitive
        return self.inconsistent or self.definitive


@dataclass(frozen=True, slots=True)
class Swept:
    """What a sweep did: how many it asked about, how many of those may not issue now, how many it left for later.

    `stopped` is why it did not go on: `plazo`, `cuota`, `circuito_abierto`, `fuera_de_hora`; None when it ended.
    """

    asked: int
    negative: int
    left: int
    stopped: str | None


def _text(day: date | None) -> str | None:
    return None if day is None else day.isoformat()


def _date(text: str | None) -> date | None:
    return None if text is None else date.fromisoformat(text)
