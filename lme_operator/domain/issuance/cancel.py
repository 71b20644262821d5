"""Cancel: a preparation that will not be issued gives its place back; its folio stays on record, unused."""

from dataclasses import dataclass
from uuid import UUID

from lme_operator.core.database import Database, Deadline
from lme_operator.core.origin import Origin
from lme_operator.core.refusal import Refusal
from lme_operator.domain.audit import Log, LogEvidence
from lme_operator.domain.credentials import Session, require_live
from lme_operator.domain.identity import lock_people
from lme_operator.domain.issuance import preparations
from lme_operator.domain.issuance.events import PREPARATION_DISCARDED
from lme_operator.domain.issuance.refusals import PREPARATION_UNKNOWN, PREPARATION_USED


@dataclass(frozen=True, slots=True, kw_only=True)
class Cancelling:
    """The use case: whoever prepared a licence discards it, also when he may not issue any more."""

    database: Database
    log: Log

    def __call__(self, *, session: Session, preparation_id: UUID, origin: Origin, deadline: Deadline) -> None:
        """Discard a preparation; again, or one that has died, is the same as once.

        Raises `Refusal`: `preparacion_inexistente`, `preparacion_ya_usada`, `sesion_terminada`, `emision_en_curso`.
        """
        actor = f"persona:{session.run}"
        about = {"contexto": session.context.code, "preparacion": str(preparation_id), "ip": origin.ip}
        with self.database.unit_of_work(
            deadline=deadline,
            locks=(lock_people(session.run, nowait=True),),
            evidence=LogEvidence(self.log, PREPARATION_DISCARDED, actor, about),
        ) as work:
            require_live(work, session)
            if preparations.holder(work.connection, preparation_id) != (session.run, session.context.code):
                raise Refusal(PREPARATION_UNKNOWN)
            if preparations.is_redeemed(work.connection, preparation_id):
                raise Refusal(PREPARATION_USED)
            if preparations.cancel(work, preparation_id):
                data = {"actor": actor, **about}
                self.log.attempt(work.connection, at=work.at, kind=PREPARATION_DISCARDED, data=data)
