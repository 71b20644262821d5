"""From a preparation to the licence that it became: who does not know whether he issued finds out, doing nothing."""

from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from lme_operator.domain.credentials import Session
from lme_operator.domain.issuance.records import preparations, redemptions


def issued_from(connection: Connection, session: Session, preparation_id: UUID) -> UUID | None:
    """Return the licence of a preparation of this person in this context."""
    found: UUID | None = connection.execute(
        sa.select(redemptions.c.licence_id)
        .join(preparations, preparations.c.id == redemptions.c.preparation_id)
        .where(
            preparations.c.id == preparation_id,
            preparations.c.run == str(session.run),
            preparations.c.context == session.context.code,
        )
    ).scalar_one_or_none()
    return found
