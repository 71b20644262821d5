"""What was refused leaves evidence: `core.database.Evidence`, kept in the log."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy.engine import Connection

from lme_operator.core.canonical import Json
from lme_operator.core.database import Work
from lme_operator.core.refusal import Refusal
from lme_operator.domain.audit.events import ACT_REFUSED, ACT_TURNED_AWAY, EventKind
from lme_operator.domain.audit.log import Log


@dataclass(frozen=True, slots=True)
class LogEvidence:
    """Evidence about one act that may be refused: its `kind`, who asks for it, and what identifies it."""

    log: Log
    kind: EventKind
    actor: str
    data: Mapping[str, Json] = field(default_factory=dict)

    def refused(self, work: Work, refusal: Refusal) -> None:
        """Append `acto_rechazado` with the code and every reason, in the transaction whose business was rolled back."""
        reasons = [{"codigo": found.code, "causa": found.cause, "norma": found.norm} for found in refusal.findings]
        self.log.append(
            work,
            kind=ACT_REFUSED,
            actor=self.actor,
            data={**self.data, "acto": self.kind.code, "codigo": refusal.kind.code, "motivos": reasons},
        )

    def turned_away(self, connection: Connection, at: datetime, refusal: Refusal) -> None:
        """Count an act turned away for a taken lock. Never an entry of its own: a flood would delay blocks."""
        self.log.attempt(
            connection,
            at=at,
            kind=ACT_TURNED_AWAY,
            data={**self.data, "actor": self.actor, "acto": self.kind.code, "codigo": refusal.kind.code},
        )
