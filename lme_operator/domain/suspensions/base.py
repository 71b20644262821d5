"""What every use case of the room needs, and the suspension that it is about."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.engine import Connection

from lme_operator.core.canonical import Json
from lme_operator.core.database import Database
from lme_operator.core.refusal import Refusal
from lme_operator.core.run import Run
from lme_operator.core.sealing import Sealer
from lme_operator.domain.audit import EventKind, Log, LogEvidence
from lme_operator.domain.credentials import Credentials
from lme_operator.domain.norms import Norms
from lme_operator.domain.suspensions import store
from lme_operator.domain.suspensions.orders import Authority
from lme_operator.domain.suspensions.refusals import ANOTHER_AUTHORITY, SUSPENSION_UNKNOWN
from lme_operator.domain.suspensions.rules import Suspension


@dataclass(frozen=True, slots=True, kw_only=True)
class SuspensionsBase:
    """Database, log, sealer, norm, and the credentials of people who order."""

    database: Database
    log: Log
    sealer: Sealer
    norms: Norms
    credentials: Credentials

    def _evidence(self, kind: EventKind, authority: Authority, data: dict[str, Json]) -> LogEvidence:
        return LogEvidence(self.log, kind, authority.actor, data)


def about(run: Run, suspension_id: UUID) -> dict[str, Json]:
    """Say what an order is about, as data of the log."""
    return {"run": str(run), "suspension": str(suspension_id)}


def known(connection: Connection, suspension_id: UUID) -> Suspension:
    """Return a suspension; raise `Refusal(suspension_inexistente)`."""
    suspension = store.find(connection, suspension_id)
    if suspension is None:
        raise Refusal(SUSPENSION_UNKNOWN)
    return suspension


def own(connection: Connection, suspension_id: UUID, authority: Authority) -> Suspension:
    """Return a suspension of the authority's own; raise `Refusal` as `known`, or `suspension_de_otra_autoridad`."""
    suspension = known(connection, suspension_id)
    if not suspension.authority.is_same(authority):
        raise Refusal(ANOTHER_AUTHORITY)
    return suspension
