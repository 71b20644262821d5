"""Preparations that their professional discarded: the burnt folio stays on record (N-2.4a)."""

from alembic import op

from migrations.support import append_only

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    op.execute("""
        CREATE TABLE issuance.preparation_cancelled (
            preparation_id uuid PRIMARY KEY REFERENCES issuance.preparation (id),
            at timestamptz NOT NULL
        )
    """)
    append_only("issuance.preparation_cancelled")
