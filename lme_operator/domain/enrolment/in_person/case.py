"""A case and who had it: what the store reads and a dossier shows."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from lme_operator.core.run import Run
from lme_operator.domain.professionals.context import PracticeContext


@dataclass(frozen=True, slots=True)
class Case:
    """A case: `holder` is the officer who has it now (an actor), `end` how it ended, None while it is open."""

    id: UUID
    run: Run
    context: PracticeContext
    protocols: tuple[str, ...]
    opened_by: str
    entry_id: UUID
    at: datetime
    holder: str
    end: str | None
    enrolment_id: UUID | None

    @property
    def open(self) -> bool:
        """Whether work on it goes on."""
        return self.end is None


@dataclass(frozen=True, slots=True)
class Holding:
    """Since when an officer has, or had, a case."""

    holder: str
    at: datetime
    entry_id: UUID
