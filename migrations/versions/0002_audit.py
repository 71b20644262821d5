"""The log: entries, their sealed disclosures, attempts and the batches that hold them."""

from alembic import op

from migrations.support import append_only, grant

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    # No foreign keys here: checking one locks (and so rewrites) a row of the log with each append. The verifier
    # proves more than they would.
    op.execute("""
        CREATE TABLE audit.entry (
            index bigint PRIMARY KEY CHECK (index >= 0),
            id uuid NOT NULL UNIQUE,
            leaf bytea NOT NULL,
            edge bytea[] NOT NULL CHECK (cardinality(edge) = bit_count(index::bit(64))),
            key_id text NOT NULL
        )
    """)
    op.execute("""
        CREATE TABLE audit.disclosure (
            index bigint PRIMARY KEY CHECK (index >= 0),
            sealed bytea NOT NULL
        )
    """)
    op.execute("""
        CREATE TABLE audit.attempt (
            id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
            at timestamptz NOT NULL,
            kind text NOT NULL,
            sealed bytea NOT NULL,
            leaf_hash bytea NOT NULL CHECK (octet_length(leaf_hash) = 32)
        )
    """)
    op.execute("""
        CREATE TABLE audit.attempt_batch (
            attempt bigint PRIMARY KEY,
            entry_id uuid NOT NULL
        )
    """)
    op.execute("CREATE INDEX attempt_batch_entry ON audit.attempt_batch (entry_id)")
    for table in ("entry", "disclosure", "attempt", "attempt_batch"):
        append_only(f"audit.{table}")
    # A queue, not a fact: what waits for the next batch. A row taken off without a batch is an alarm of the verifier.
    op.execute("CREATE TABLE audit.attempt_pending (attempt bigint PRIMARY KEY)")
    grant("SELECT, INSERT, DELETE", on="audit.attempt_pending")
    grant("SELECT", on="audit.attempt_pending", to=("lme_reader",))
