"""Queries of the log."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql
from sqlalchemy.engine import Connection

from lme_operator.core.questions import Question
from lme_operator.domain.audit import merkle
from lme_operator.domain.audit.merkle import Edge
from lme_operator.domain.audit.records import attempts, batched_attempts, disclosures, entries, pending_attempts

LOG_LOCK = (4999493, 1)
"""Advisory lock of the log, (int, int) form ('LME', 1); orders writers, held until commit."""

BATCH_LOCK = (4999493, 2)
"""Advisory lock of whoever seals attempts: one at a time, the others leave."""

# One trip, so that the lock is never held while a client computes; see the migration for what it does.
_APPEND = sa.text("SELECT audit.append(:entry_id, :leaf, :key_id, :sealed, :patience)")
_TRY_BATCH_LOCK = sa.select(sa.func.pg_try_advisory_xact_lock(*BATCH_LOCK))
_COLUMNS = (entries.c.index, entries.c.leaf, entries.c.edge, entries.c.key_id)
_LAST = sa.select(*_COLUMNS).order_by(entries.c.index.desc()).limit(1)


@dataclass(frozen=True, slots=True)
class StoredEntry:
    """A row of the log. `edge` is the edge before this leaf."""

    index: int
    leaf: bytes
    edge: Edge
    key_id: str

    @property
    def edge_after(self) -> Edge:
        """The edge of the tree that ends with this leaf."""
        return merkle.extend(self.edge, self.index, merkle.leaf_hash(self.leaf))

    @property
    def root(self) -> bytes:
        """The root of the tree that ends with this leaf."""
        return merkle.root_of(self.edge_after)


def append(connection: Connection, *, entry_id: UUID, leaf: bytes, key_id: str, sealed: bytes, patience_ms: int) -> int:
    """Take the log's lock (waiting so long at most), insert entry and sealed disclosures; return the index."""
    values = {"entry_id": entry_id, "leaf": leaf, "key_id": key_id, "sealed": sealed, "patience": f"{patience_ms}ms"}
    index: int = connection.execute(_APPEND, values).scalar_one()
    return index


def last_entry(connection: Connection) -> StoredEntry | None:
    """Return the last row."""
    row = connection.execute(_LAST).one_or_none()
    return None if row is None else _stored(row)


@dataclass(frozen=True, slots=True)
class FoundEntry:
    """A row of the log with its sealed disclosures; `written`: as `has_written` of the transaction that asked."""

    entry: StoredEntry
    sealed: bytes
    written: bool


_HAS_WRITTEN = sa.text("SELECT pg_current_xact_id_if_assigned() IS NOT NULL")
_BY_ID = Question(
    sa.select(*_COLUMNS, disclosures.c.sealed, sa.literal_column("pg_current_xact_id_if_assigned() IS NOT NULL"))
    .join(disclosures, disclosures.c.index == entries.c.index)
    .where(entries.c.id == sa.bindparam("id"))
)


def find_entry(connection: Connection, entry_id: UUID) -> FoundEntry | None:
    """Return the row of this id."""
    row = _BY_ID.first(connection, {"id": entry_id})
    return None if row is None else FoundEntry(_stored(row), row[4], row[5])


def indices_of(connection: Connection, entry_ids: Sequence[UUID]) -> dict[UUID, int]:
    """Return the index of each of these entries that there is."""
    rows = connection.execute(sa.select(entries.c.id, entries.c.index).where(entries.c.id.in_(entry_ids)))
    return {row[0]: row[1] for row in rows}


def entries_at(connection: Connection, indices: Iterable[int]) -> dict[int, StoredEntry]:
    """Return the rows of these indices."""
    rows = connection.execute(
        sa.select(*_COLUMNS).where(
            entries.c.index == sa.func.any(sa.bindparam("indices", type_=postgresql.ARRAY(sa.BigInteger)))
        ),
        {"indices": sorted(indices)},
    )
    return {entry.index: entry for entry in map(_stored, rows)}


def has_written(connection: Connection) -> bool:
    """Whether this transaction wrote something, so that it may see rows that are not committed."""
    return connection.execute(_HAS_WRITTEN).scalar_one() is True


def insert_attempt(connection: Connection, *, at: datetime, kind: str, sealed: bytes, leaf_hash: bytes) -> None:
    """Insert an attempt and queue it for the next batch, in one statement."""
    made = attempts.insert().values(at=at, kind=kind, sealed=sealed, leaf_hash=leaf_hash).returning(attempts.c.id).cte()
    connection.execute(pending_attempts.insert().from_select(["attempt"], sa.select(made.c.id)))


def try_batch_lock(connection: Connection) -> bool:
    """Take the lock of sealing, without waiting."""
    return connection.execute(_TRY_BATCH_LOCK).scalar_one() is True


def take_pending_attempts(connection: Connection, *, at_most: int) -> list[tuple[int, bytes]]:
    """Take the oldest attempts off the queue; return id and leaf hash of each, by id."""
    oldest = sa.select(pending_attempts.c.attempt).order_by(pending_attempts.c.attempt).limit(at_most)
    taken = (
        pending_attempts.delete()
        .where(pending_attempts.c.attempt.in_(oldest))
        .returning(pending_attempts.c.attempt)
        .cte()
    )
    rows = connection.execute(
        sa.select(attempts.c.id, attempts.c.leaf_hash)
        .join(taken, taken.c.attempt == attempts.c.id)
        .order_by(attempts.c.id)
    )
    return [(row.id, row.leaf_hash) for row in rows]


def insert_batch(connection: Connection, *, entry_id: UUID, attempt_ids: Sequence[int]) -> None:
    """Record which attempts the batch entry `entry_id` holds."""
    connection.execute(
        batched_attempts.insert(), [{"attempt": attempt, "entry_id": entry_id} for attempt in attempt_ids]
    )


def _stored(row: Sequence[Any]) -> StoredEntry:
    """Read the columns by place: `row.index` would be the tuple's own method."""
    index, leaf, edge, key_id = row[:4]
    return StoredEntry(index, leaf, tuple(edge), key_id)
