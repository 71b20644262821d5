"""Licences passed while the RNPI could not be asked, and what came of looking at each again (N-4c)."""

from alembic import op

from migrations.support import append_only

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    op.execute("""
        CREATE TABLE issuance.exception_pass (
            licence_id uuid PRIMARY KEY REFERENCES licences.licence (id),
            run text NOT NULL REFERENCES identity.person (run),
            consultation_id uuid NOT NULL,
            at timestamptz NOT NULL
        );
        CREATE INDEX exception_pass_of ON issuance.exception_pass (run);
        CREATE TABLE issuance.recheck (
            licence_id uuid PRIMARY KEY REFERENCES issuance.exception_pass (licence_id),
            consultation_id uuid NOT NULL,
            conforming boolean NOT NULL,
            entry_id uuid NOT NULL UNIQUE,
            at timestamptz NOT NULL
        );
    """)
    append_only("issuance.exception_pass")
    append_only("issuance.recheck")
