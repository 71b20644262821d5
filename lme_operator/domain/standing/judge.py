"""Gather every room's causes and facts, and decide."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.engine import Connection

from lme_operator.core.canonical import Json, format_instant
from lme_operator.core.decision import Decision
from lme_operator.core.run import Run
from lme_operator.domain import credentials, enrolment, rnpi, suspensions
from lme_operator.domain.norms import Norms
from lme_operator.domain.professionals import PracticeContext, agreement_causes
from lme_operator.domain.standing.rules import Act, decide


@dataclass(frozen=True, slots=True)
class Judgement:
    """A decision about one act, and the facts that it rested on, each with its norm (`facultades.json`)."""

    act: Act
    decision: Decision
    enrolment_id: UUID | None
    facts: tuple[Json, ...]


@dataclass(frozen=True, slots=True)
class Standing:
    """Asks each room for its causes. It stores nothing."""

    norms: Norms

    def judge(self, connection: Connection, *, run: Run, act: Act, context: PracticeContext, at: datetime) -> Judgement:
        """Decide whether `run` may do `act` in `context` at `at`; all causes, not the first.

        To decide an act call it under the person's lock, in its own transaction; elsewhere it only informs.
        """
        enrolled = enrolment.voice(connection, run, context, at)
        suspended = suspensions.causes(connection, run, at)
        accredited = credentials.voice(connection, run, at, self.norms)
        registered = rnpi.voice(connection, run, at, self.norms)
        enabled = (*enrolled.causes, *agreement_causes(connection, context, at))
        causes = (*enabled, *suspended, *registered.causes, *accredited.causes)
        here, password_due = enrolled.in_force, accredited.password_due_at
        facts: tuple[Json, ...] = (
            {
                "hecho": "enrolamiento_vigente",
                "norma": "N-1a",
                "valor": None if here is None else str(here.id),
            },
            {
                "hecho": "clave_vigente_hasta",
                "norma": "N-2.3b",
                "valor": None if password_due is None else format_instant(password_due),
            },
            {"hecho": "suspensiones_vigentes", "norma": "N-6a", "valor": len(suspended)},
            registered.fact,
        )
        return Judgement(act, decide(act, causes), None if here is None else here.id, facts)
