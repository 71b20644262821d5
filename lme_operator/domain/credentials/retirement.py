"""Retiring a key: it serves no more, and what it signed before stands."""

from uuid import UUID

import sqlalchemy as sa

from lme_operator.core.database import Work
from lme_operator.core.refusal import Refusal, refusal
from lme_operator.core.run import Run
from lme_operator.domain.credentials.keys import IN_USE, SigningKey, key_of, signing_keys
from lme_operator.domain.credentials.records import keys, keys_retired
from lme_operator.domain.credentials.state import has_totp
from lme_operator.domain.identity import locked_epoch

KEY_UNKNOWN = refusal(
    code="llave_inexistente",
    status=404,
    citation="N-2.6a",
    words="Esa llave no está entre las suyas, o ya la retiró.",
    remedy="Revise la lista de sus llaves.",
)
LAST_ENTRY_FACTOR = refusal(
    code="ultimo_factor",
    status=409,
    citation="N-2.6a",
    words="Es el único factor con que puede entrar: sin ella no podría entrar de nuevo.",
    remedy="Registre otra antes de retirarla.",
)


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
