"""What every use case of founders needs: who acts, under the lock, and how an act is told."""

from dataclasses import dataclass
from uuid import UUID

from lme_operator.core.canonical import Json
from lme_operator.core.database import Database, Work
from lme_operator.core.idempotency import IdempotentRequest, remember_outcome
from lme_operator.core.origin import Origin
from lme_operator.core.refusal import Refusal
from lme_operator.core.run import Run
from lme_operator.core.sealing import Sealer
from lme_operator.domain import credentials as credentials_room
from lme_operator.domain.audit import EventKind, Log, LogEvidence
from lme_operator.domain.credentials import Credentials, Session, require_live, state
from lme_operator.domain.identity import DocumentStore
from lme_operator.domain.mandates import people_store
from lme_operator.domain.mandates.people import Role
from lme_operator.domain.mandates.refusals import NO_MANDATE
from lme_operator.domain.notices import Notices

_PASSWORD_CAUSES = frozenset({state.INITIAL_PASSWORD.code, state.EXPIRED_PASSWORD.code})


@dataclass(frozen=True, slots=True)
class MandatesBase:
    """Database, log, seals, credentials, who sends messages, and where papers are kept."""

    database: Database
    log: Log
    sealer: Sealer
    credentials: Credentials
    notices: Notices
    documents: DocumentStore

    def _require_founder(self, work: Work, session: Session) -> None:
        """Look under the lock: the session lives, is the operator's and full, and its person a founder."""
        require_live(work, session)
        norms = self.credentials.norms
        causes = people_store.mandate_causes(work.connection, session.run, Role.FOUNDER, work.at)
        held_up = credentials_room.causes(work.connection, session.run, work.at, norms)
        causes += tuple(found for found in held_up if found.code in _PASSWORD_CAUSES)
        if causes or not session.context.operator:
            raise Refusal(NO_MANDATE, findings=causes)

    def _parameter(self, name: str, work: Work) -> int:
        return self.credentials.norms.parameter(name, at=work.at).number

    def _evidence(self, kind: EventKind, session: Session, run: Run, origin: Origin) -> LogEvidence:
        return LogEvidence(self.log, kind, actor_of(session.run), {"run": str(run), "ip": origin.ip})

    def _remember(self, work: Work, idempotency: IdempotentRequest | None, kind: EventKind, result_id: UUID) -> None:
        if idempotency is not None:
            remember_outcome(work.connection, idempotency, kind=kind.code, result_id=result_id, at=work.at)

    def _append(self, work: Work, kind: EventKind, session: Session, facts: dict[str, Json], entry_id: UUID) -> None:
        data = {**facts, "sesion": str(session.id)}
        self.log.append(work, kind=kind, actor=actor_of(session.run), data=data, entry_id=entry_id)


def actor_of(run: Run) -> str:
    """Name a person as an actor of the log."""
    return f"persona:{run}"
