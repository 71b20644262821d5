"""Retiring a key: it serves no more, and what it signed before stands."""

from uuid import UUID

import sqlalchemy as sa

from lme_operator.core.database import Work
from lme_operator.core.refusal import Refusal
from lme_operator.core.run import Run
from lme_operator.domain.credentials.keys import IN_USE, SigningKey, key_of, signing_keys
from lme_operator.domain.credentials.records import keys, keys_retired
from lme_operator.domain.credentials.refusals import KEY_UNKNOWN, LAST_ENTRY_FACTOR
from lme_operator.domain.credentials.state import has_totp
from lme_operator.domain.identity import locked_epoch


def retire_key(work: Work, run: Run, key_id: UUID, *, entry_id: UUID) -> SigningKey:
    """Write that a key of the person serves no more, under the lock; the caller raises the epoch.

    Raises `Refusal`: `llave_inexistente`, `ultimo_factor` when it is all that the person can enter with. (N-2.6a)
    """
    if locked_epoch(work, run) is None:
        raise LookupError("the person is not locked")
    row = work.execute(sa.select(keys).where(keys.c.id == key_id, keys.c.run == str(run), IN_USE)).one_or_none()
    if row is None:
        raise Refusal(KEY_UNKNOWN)
    key = key_of(row)
    others = [one for one in signing_keys(work.connection, run, "entrada") if one.id != key.id]
    if key.purpose == "entrada" and not (others or has_totp(work.connection, run)):
        raise Refusal(LAST_ENTRY_FACTOR)
    work.execute(keys_retired.insert().values(key_id=key.id, entry_id=entry_id, at=work.at))
    return key
