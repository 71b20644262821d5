"""People of authorities, and the orders that they give at the console: kept as confirmed, for nothing signed them."""

from alembic import op

from migrations.support import append_only

revision = "0017"
down_revision = "0016"


def upgrade() -> None:
    op.execute("""
        ALTER TABLE mandates.proposal
            ADD COLUMN role text NOT NULL DEFAULT 'enrolador' CHECK (role IN ('enrolador', 'autoridad')),
            ADD COLUMN authority text,
            ADD CHECK ((role = 'autoridad') = (authority IS NOT NULL));
        ALTER TABLE mandates.mandate
            DROP CONSTRAINT mandate_role_check,
            ADD CONSTRAINT mandate_role_check CHECK (role IN ('fundador', 'enrolador', 'autoridad')),
            ADD COLUMN authority text,
            ADD CHECK ((role = 'autoridad') = (authority IS NOT NULL));
        CREATE TABLE suspensions.declared_order (
            id uuid PRIMARY KEY,
            mandate_id uuid NOT NULL REFERENCES mandates.mandate (id),
            digest bytea NOT NULL CHECK (octet_length(digest) = 32),
            content bytea NOT NULL,
            received_at timestamptz NOT NULL
        );
        ALTER TABLE suspensions.suspension
            ALTER COLUMN message_id DROP NOT NULL,
            ADD COLUMN declared_id uuid REFERENCES suspensions.declared_order (id),
            ADD CHECK (num_nonnulls(message_id, declared_id) = 1);
        ALTER TABLE suspensions.lifting
            ALTER COLUMN message_id DROP NOT NULL,
            ADD COLUMN declared_id uuid REFERENCES suspensions.declared_order (id),
            ADD CHECK (num_nonnulls(message_id, declared_id) = 1);
    """)
    append_only("suspensions.declared_order")
