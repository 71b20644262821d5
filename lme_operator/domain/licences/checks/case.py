"""What a check looks at."""

from dataclasses import dataclass
from datetime import date, datetime

from lme_operator.core.decision import Finding
from lme_operator.core.periods import local_day
from lme_operator.domain.licences.order import LicenceOrder
from lme_operator.domain.norms import Norms

REVIEW = "emision@v1#revisar"


@dataclass(frozen=True, slots=True)
class Case:
    """One order to judge: `profession` 1 médico, 2 dentista, 3 matrona; `at` the instant of the act."""

    order: LicenceOrder
    profession: int
    at: datetime
    norms: Norms

    @property
    def today(self) -> date:
        """The legal day of the act."""
        return local_day(self.at)

    def limit(self, name: str) -> int | None:
        """The number of a switchable parameter, or None when it is off."""
        parameter = self.norms.parameter(name, at=self.at)
        return parameter.number if parameter.active else None


def finding(code: str, pointer: str, cause: str, remedy: str) -> Finding:
    """Build a finding of review about the field at `pointer`."""
    return Finding(code=code, cause=cause, norm=REVIEW, remedy=remedy, pointer=pointer)
