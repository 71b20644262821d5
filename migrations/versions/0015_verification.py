"""Licences found by their verification code, and the tries of whoever verifies them (N-3.0b).

The code itself stays sealed: the column holds its keyed hash. Licences of before have none, and cannot be verified by
it: none of them had legal effect.
"""

from alembic import op

from migrations.support import append_only

revision = "0015"
down_revision = "0014"


def upgrade() -> None:
    op.execute("""
        ALTER TABLE licences.licence ADD COLUMN code_hash bytea CHECK (octet_length(code_hash) = 32);
        CREATE UNIQUE INDEX licence_by_code ON licences.licence (code_hash);
        CREATE TABLE issuance.verification_try (
            lane bytea NOT NULL,
            number integer NOT NULL,
            at timestamptz NOT NULL,
            PRIMARY KEY (lane, number)
        );
        CREATE INDEX verification_tries_of_late ON issuance.verification_try (lane, at);
        CREATE TABLE issuance.verification_right (
            lane bytea NOT NULL,
            number integer NOT NULL,
            at timestamptz NOT NULL,
            PRIMARY KEY (lane, number),
            FOREIGN KEY (lane, number) REFERENCES issuance.verification_try (lane, number)
        );
    """)
    append_only("issuance.verification_try")
    append_only("issuance.verification_right")
