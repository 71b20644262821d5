"""Replay: what was done is told again, but its result is shown only to who may read it now (N-2.4a, N-2.6b, N-4b).

The idempotency key proves that the same was asked before, and nothing about who holds the credentials today. So an act
that was done is never told as refused, and whoever may not read it any more hears its id and folio, and why no more.
"""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.engine import Connection

from lme_operator.core.decision import Finding
from lme_operator.core.sealing import Sealer
from lme_operator.domain.credentials import Session
from lme_operator.domain.issuance import preparations
from lme_operator.domain.issuance.own_licences import OwnLicences
from lme_operator.domain.issuance.prepare import Prepared
from lme_operator.domain.licences import Licence, document_sealer


@dataclass(frozen=True, slots=True)
class Reduced:
    """An act that was done, as told to who may not read its result now. `reasons`: why; none where it was erased."""

    id: UUID
    folio: str
    reasons: tuple[Finding, ...]


@dataclass(frozen=True, slots=True)
class Replays:
    """Tells a professional what an earlier equal request of his made."""

    sealer: Sealer
    own_licences: OwnLicences

    def preparation(self, connection: Connection, session: Session, preparation_id: UUID) -> Prepared | Reduced:
        """Return a preparation as it was shown, alive or not; raise `Refusal(preparacion_inexistente)`."""
        folio = preparations.folio_of(connection, session, preparation_id)
        reasons = self.own_licences.hindrances(connection, session)
        own = None if reasons else document_sealer(connection, self.sealer, preparation_id)
        made = None if own is None else preparations.find(connection, own, preparation_id)
        return Reduced(preparation_id, str(folio), reasons) if made is None else Prepared.of(made, replayed=True)

    def licence(self, connection: Connection, session: Session, licence_id: UUID) -> Licence | Reduced:
        """Return a licence that was issued; raise `Refusal(licencia_inexistente)`."""
        licence = self.own_licences.own(connection, session, licence_id)
        reasons = self.own_licences.hindrances(connection, session)
        return Reduced(licence.id, str(licence.folio), reasons) if reasons else licence
