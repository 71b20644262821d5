"""Keys that their owner retired, and challenges that a key of entry answers for an act inside a session (N-2.6a)."""

from alembic import op

from migrations.support import append_only

revision = "0016"
down_revision = "0015"


def upgrade() -> None:
    op.execute("""
        CREATE TABLE credentials.key_retired (
            key_id uuid PRIMARY KEY REFERENCES credentials.key (id),
            entry_id uuid NOT NULL UNIQUE,
            at timestamptz NOT NULL
        );
        ALTER TABLE credentials.challenge
            DROP CONSTRAINT challenge_purpose_check,
            ADD CONSTRAINT challenge_purpose_check
                CHECK (purpose IN ('entrada', 'confirmacion', 'registro-entrada', 'registro-firma'));
    """)
    append_only("credentials.key_retired")
