"""Signatures of an accredited provider's certificate that endorse a key (N-2.6a, N-2.6c)."""

from alembic import op

from migrations.support import append_only

revision = "0020"
down_revision = "0019"


def upgrade() -> None:
    op.execute("""
        CREATE TABLE credentials.key_endorsement (
            key_id uuid PRIMARY KEY REFERENCES credentials.key (id),
            cms bytea NOT NULL CHECK (length(cms) BETWEEN 1 AND 64000),
            entry_id uuid NOT NULL UNIQUE,
            at timestamptz NOT NULL
        );
    """)
    append_only("credentials.key_endorsement")
