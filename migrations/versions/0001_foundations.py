"""Schemas, the guard of append-only tables, and outcomes of idempotent requests."""

from alembic import op

from migrations.support import APPLICATION, READER, WORKER, append_only, grant

revision = "0001"
down_revision = None

_SCHEMAS = (
    "core", "audit", "identity", "professionals", "credentials",
    "mandates", "suspensions", "licences", "enrolment", "issuance",
)  # fmt: skip
_ROLES = f"{APPLICATION}, {WORKER}, {READER}"


def upgrade() -> None:
    op.execute("REVOKE ALL ON SCHEMA public FROM PUBLIC")
    op.execute(f"GRANT USAGE ON SCHEMA public TO {_ROLES}")
    grant("SELECT", on="public.alembic_version", to=(APPLICATION, WORKER, READER))
    for schema in _SCHEMAS:
        op.execute(f"CREATE SCHEMA {schema}")
        op.execute(f"GRANT USAGE ON SCHEMA {schema} TO {_ROLES}")
    op.execute("""
        CREATE FUNCTION core.refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            RAISE EXCEPTION '% on %.% refused: facts are superseded, never changed',
                TG_OP, TG_TABLE_SCHEMA, TG_TABLE_NAME
                USING ERRCODE = 'insufficient_privilege';
        END $$
    """)
    op.execute("""
        CREATE TABLE core.outcome (
            scope bytea PRIMARY KEY CHECK (octet_length(scope) = 32),
            body_digest bytea NOT NULL CHECK (octet_length(body_digest) = 32),
            kind text NOT NULL,
            result_id uuid NOT NULL,
            at timestamptz NOT NULL
        )
    """)
    append_only("core.outcome")
