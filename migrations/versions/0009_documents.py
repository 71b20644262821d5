"""Documents kept as evidence of identity, each under a key of its own (N-2.1a, N-2.1c)."""

from alembic import op

from migrations.support import append_only, grant

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    op.execute(
        """
        CREATE TABLE identity.document_key (
            id uuid PRIMARY KEY,
            wrapped bytea NOT NULL
        );
        CREATE TABLE identity.document (
            id uuid PRIMARY KEY,
            kind text NOT NULL CHECK (kind ~ '^[a-z][a-z0-9_]{1,39}$'),
            brought_by text NOT NULL,
            details bytea NOT NULL,
            content bytea NOT NULL CHECK (octet_length(content) <= 33554432),
            preview bytea CHECK (octet_length(preview) <= 8388608),
            at timestamptz NOT NULL
        );
        -- Sealed bytes do not compress: trying costs time and gains nothing.
        ALTER TABLE identity.document ALTER COLUMN content SET STORAGE EXTERNAL;
        ALTER TABLE identity.document ALTER COLUMN preview SET STORAGE EXTERNAL;
        """
    )
    append_only("identity.document")
    # Destroying a document's key is its erasure: the owner's act alone, so no trigger forbids it.
    grant("SELECT, INSERT", on="identity.document_key")
