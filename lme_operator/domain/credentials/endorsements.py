"""Endorsements of keys: the CMS of an accredited provider's certificate, kept as it came."""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from lme_operator.core.database import Work
from lme_operator.core.questions import Question
from lme_operator.core.run import Run
from lme_operator.domain.credentials.keys import IN_USE, SigningKey, key_of
from lme_operator.domain.credentials.records import key_endorsements, keys
from lme_operator.domain.identity import locked_epoch


@dataclass(frozen=True, slots=True)
class KeptEndorsement:
    """The CMS, in DER, and the log entry that says when it came."""

    cms: bytes = field(repr=False)
    entry_id: UUID
    at: datetime


_OF_KEY = Question(sa.select(key_endorsements).where(key_endorsements.c.key_id == sa.bindparam("key", type_=sa.Uuid)))
"""Built once: it is asked at every licence that a key signs."""


def find_endorsement(connection: Connection, key_id: UUID) -> KeptEndorsement | None:
    """Return what endorses the key, if anything does."""
    row = _OF_KEY.first(connection, {"key": key_id})
    return None if row is None else KeptEndorsement(row.cms, row.entry_id, row.at)


def endorsed_at(connection: Connection, key_ids: Collection[UUID]) -> dict[UUID, datetime]:
    """Return since when each of these keys is endorsed, of those that are."""
    rows = connection.execute(
        sa.select(key_endorsements.c.key_id, key_endorsements.c.at).where(key_endorsements.c.key_id.in_(key_ids))
    )
    return {row.key_id: row.at for row in rows}


def endorsable_key(connection: Connection, run: Run, key_id: UUID) -> SigningKey | None:
    """Return the person's signing key of this id, if it serves."""
    mine = (keys.c.id == key_id, keys.c.run == str(run), keys.c.purpose == "firma", IN_USE)
    row = connection.execute(sa.select(keys).where(*mine)).one_or_none()
    return None if row is None else key_of(row)


def record_endorsement(work: Work, run: Run, key_id: UUID, cms: bytes, *, entry_id: UUID) -> None:
    """Keep the endorsement of a key of the person, under the lock; a key has one."""
    if locked_epoch(work, run) is None:
        raise LookupError("the person is not locked")
    work.execute(key_endorsements.insert().values(key_id=key_id, cms=cms, entry_id=entry_id, at=work.at))
