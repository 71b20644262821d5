"""The evidence file of a licence as it is delivered: every version with its receipt, rendered after commit."""

from uuid import UUID

from sqlalchemy.engine import Connection

from lme_operator.core.canonical import encode
from lme_operator.core.sealing import Sealer
from lme_operator.domain.audit import Log, build, receipt_name
from lme_operator.domain.licences import evidence_versions


def render_evidence(connection: Connection, log: Log, own: Sealer, licence_id: UUID) -> bytes:
    """Render the evidence file with every version's receipt; the same bytes each time."""
    members: dict[str, bytes] = {}
    for version in evidence_versions(connection, own, licence_id):
        members.update(version.members)
        members[receipt_name(version.version)] = encode(log.receipt(connection, version.entry_id))
    return build(members)
