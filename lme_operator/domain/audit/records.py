"""Tables of the log. All but `attempt_pending`, which is a queue and no fact, only ever grow."""

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

metadata = sa.MetaData(schema="audit")

entries = sa.Table(
    "entry",
    metadata,
    sa.Column("index", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("id", sa.Uuid, nullable=False, unique=True),
    sa.Column("leaf", sa.LargeBinary, nullable=False),
    sa.Column("edge", postgresql.ARRAY(sa.LargeBinary), nullable=False),
    sa.Column("key_id", sa.Text, nullable=False),
)
"""`edge` is the tree's right edge before this leaf: this row alone gives the leaf's proof and the root after it."""

disclosures = sa.Table(
    "disclosure",
    metadata,
    sa.Column("index", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("sealed", sa.LargeBinary, nullable=False),
)

attempts = sa.Table(
    "attempt",
    metadata,
    sa.Column("id", sa.BigInteger, sa.Identity(always=True), primary_key=True),
    sa.Column("at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("sealed", sa.LargeBinary, nullable=False),
    sa.Column("leaf_hash", sa.LargeBinary, nullable=False),
)

pending_attempts = sa.Table(
    "attempt_pending",
    metadata,
    sa.Column("attempt", sa.BigInteger, primary_key=True, autoincrement=False),
)

batched_attempts = sa.Table(
    "attempt_batch",
    metadata,
    sa.Column("attempt", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("entry_id", sa.Uuid, nullable=False),
)
