"""What the RNPI said and when (N-4a to N-4c)."""

from alembic import op

from migrations.support import APPLICATION, READER, WORKER, append_only

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    op.execute("CREATE SCHEMA rnpi")
    op.execute(f"GRANT USAGE ON SCHEMA rnpi TO {APPLICATION}, {WORKER}, {READER}")
    op.execute("""
        CREATE TABLE rnpi.flight (
            id uuid PRIMARY KEY,
            run text NOT NULL CHECK (run ~ '^[1-9][0-9]{0,7}-[0-9K]$'),
            slot integer NOT NULL CHECK (slot > 0),
            purpose text NOT NULL CHECK (purpose IN ('ingreso', 'emision', 'enrolamiento', 'barrido')),
            day date NOT NULL,
            at timestamptz NOT NULL,
            expires_at timestamptz NOT NULL CHECK (expires_at > at),
            UNIQUE (run, slot)
        );
        CREATE INDEX flight_by_instant ON rnpi.flight (at, day);
        CREATE TABLE rnpi.consultation (
            id uuid PRIMARY KEY,
            position bigint GENERATED ALWAYS AS IDENTITY,
            run text NOT NULL CHECK (run ~ '^[1-9][0-9]{0,7}-[0-9K]$'),
            purpose text NOT NULL CHECK (purpose IN ('ingreso', 'emision', 'enrolamiento', 'barrido')),
            result text NOT NULL
                CHECK (result IN ('vigente', 'otro_titulo', 'no_inscrito', 'inconsistente', 'imposible')),
            cause text CHECK (cause IN ('ajena', 'propia')),
            reason text NOT NULL,
            flight_id uuid UNIQUE REFERENCES rnpi.flight (id),
            asked_at timestamptz,
            for_review boolean NOT NULL,
            members bytea NOT NULL,
            registration bytea,
            entry_id uuid NOT NULL UNIQUE,
            at timestamptz NOT NULL,
            CHECK ((cause IS NULL) = (result <> 'imposible')),
            CHECK ((flight_id IS NULL) = (asked_at IS NULL)),
            CHECK ((registration IS NULL) = (result NOT IN ('vigente', 'otro_titulo')))
        );
        CREATE INDEX consultation_of_person ON rnpi.consultation (run, position DESC);
        CREATE INDEX consultation_answered ON rnpi.consultation (run, position DESC)
            WHERE result IN ('vigente', 'otro_titulo', 'no_inscrito');
        CREATE INDEX consultation_failed ON rnpi.consultation (asked_at) WHERE cause IS NOT NULL;
    """)
    append_only("rnpi.flight")
    append_only("rnpi.consultation")
