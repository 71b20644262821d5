"""Attempts: what strangers try, reads, and acts turned away. Too many to be entries, so they enter in batches.

An attempt is kept at once, sealed; once a second those waiting become one batch entry with the Merkle root over
them. The leaf is the canonical JSON of the attempt, salted by its nonce.
"""

import secrets
from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from lme_operator.core.canonical import Json, decode, encode, format_instant, to_base64url
from lme_operator.core.sealing import Sealer
from lme_operator.domain.audit import merkle
from lme_operator.domain.audit.events import EventKind
from lme_operator.domain.audit.records import attempts, batched_attempts, entries, pending_attempts


def place(leaf_hash: bytes) -> str:
    """Where an attempt is sealed: bound to its own content."""
    return f"audit.attempt.sealed:{to_base64url(leaf_hash)}"


def compose_attempt(*, at: datetime, kind: EventKind, data: Mapping[str, Json]) -> bytes:
    """Compose the record of an attempt: canonical JSON, with a fresh nonce."""
    nonce = to_base64url(secrets.token_bytes(16))
    return encode({"v": 1, "tipo": kind.code, "instante": format_instant(at), "nonce": nonce, "datos": dict(data)})


def batch_root(leaf_hashes: Sequence[bytes]) -> bytes:
    """Return the Merkle root over the attempts of a batch, in the order of their ids."""
    edge: merkle.Edge = ()
    for position, leaf_hash in enumerate(leaf_hashes):
        edge = merkle.extend(edge, position, leaf_hash)
    return merkle.root_of(edge)


def batch_data(taken: Sequence[tuple[int, bytes]]) -> dict[str, Json]:
    """Return what a batch entry says of its attempts (id and leaf hash of each)."""
    return {
        "raiz": to_base64url(batch_root([leaf_hash for _, leaf_hash in taken])),
        "cantidad": len(taken),
        "primero": taken[0][0],
        "ultimo": taken[-1][0],
    }


def batch_holds(connection: Connection, entry_id: UUID, said: Mapping[str, Json], sealer: Sealer) -> bool:
    """Whether the attempts of a batch are still those that its entry (its values `said`) sealed."""
    rows = connection.execute(
        sa.select(attempts)
        .join(batched_attempts, batched_attempts.c.attempt == attempts.c.id)
        .where(batched_attempts.c.entry_id == entry_id)
        .order_by(attempts.c.id)
    ).all()
    if not rows:
        return False
    data = batch_data([(row.id, row.leaf_hash) for row in rows])
    if any(said.get(name) != value for name, value in data.items()):
        return False
    return all(_attempt_holds(row.at, row.kind, row.sealed, row.leaf_hash, sealer) for row in rows)


def some_attempt_lost(connection: Connection) -> bool:
    """Whether an attempt is in no batch and not waiting for one, or a batch has lost its entry or an attempt."""
    adrift = sa.exists(
        sa.select(attempts.c.id)
        .where(~sa.exists().where(batched_attempts.c.attempt == attempts.c.id))
        .where(~sa.exists().where(pending_attempts.c.attempt == attempts.c.id))
    )
    orphan = sa.exists(
        sa.select(batched_attempts.c.attempt).where(
            ~sa.exists().where(entries.c.id == batched_attempts.c.entry_id)
            | ~sa.exists().where(attempts.c.id == batched_attempts.c.attempt)
        )
    )
    return connection.execute(sa.select(adrift | orphan)).scalar_one() is True


def _attempt_holds(at: datetime, kind: str, sealed: bytes, leaf_hash: bytes, sealer: Sealer) -> bool:
    try:
        record = sealer.open(sealed, where=place(leaf_hash))
        value = decode(record)
    except ValueError:
        return False
    says = (value.get("tipo"), value.get("instante"))
    return merkle.leaf_hash(record) == leaf_hash and says == (kind, format_instant(at))
