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
    op.execute(_APPEND)
    op.execute("REVOKE EXECUTE ON FUNCTION audit.append FROM PUBLIC")
    grant("EXECUTE", on="FUNCTION audit.append")
    # A queue, not a fact: what waits for the next batch. A row taken off without a batch is an alarm of the verifier.
    op.execute("CREATE TABLE audit.attempt_pending (attempt bigint PRIMARY KEY)")
    grant("SELECT, INSERT, DELETE", on="audit.attempt_pending")
    grant("SELECT", on="audit.attempt_pending", to=("lme_reader",))


# One trip to the server: the log's lock is held while nobody waits for a client. Each query of a volatile function at
# READ COMMITTED sees what was committed before that query, so the last row is read after the lock, whoever waited.
# The advisory lock is 'LME', 1; hashes are those of RFC 6962; `edge` is the right edge before the new leaf.
_APPEND = """
    CREATE FUNCTION audit.append(
        entry_id uuid, entry_leaf bytea, entry_key_id text, entry_sealed bytea, patience text
    ) RETURNS bigint LANGUAGE plpgsql AS $$
    DECLARE
        last audit.entry;
        size bigint := 0;
        edge bytea[] := '{}';
        carried bytea;
        kept integer;
    BEGIN
        PERFORM set_config('lock_timeout', patience, true);
        PERFORM pg_advisory_xact_lock(4999493, 1);
        SELECT * INTO last FROM audit.entry ORDER BY index DESC LIMIT 1;
        IF FOUND THEN
            size := last.index;
            kept := cardinality(last.edge);
            carried := sha256('\\x00'::bytea || last.leaf);
            WHILE (size & 1) = 1 LOOP
                carried := sha256('\\x01'::bytea || last.edge[kept] || carried);
                kept := kept - 1;
                size := size >> 1;
            END LOOP;
            edge := last.edge[1:kept] || carried;
            size := last.index + 1;
        END IF;
        INSERT INTO audit.entry (index, id, leaf, edge, key_id)
            VALUES (size, entry_id, entry_leaf, edge, entry_key_id);
        INSERT INTO audit.disclosure (index, sealed) VALUES (size, entry_sealed);
        RETURN size;
    END $$
"""
