"""Cases of enrolment in person, their pieces of evidence and dossiers (N-1b, N-2.2a, N-2.4a)."""

from alembic import op

from migrations.support import APPLICATION, READER, WORKER, append_only, grant

revision = "0010"
down_revision = "0009"

_APPEND_ONLY = (
    "enrolment.in_person_case", "enrolment.case_holder", "enrolment.case_end", "enrolment.piece",
    "enrolment.factor_offer", "enrolment.contact", "enrolment.dossier",
)  # fmt: skip


def upgrade() -> None:
    op.execute("""
        CREATE TABLE enrolment.in_person_case (
            id uuid PRIMARY KEY,
            run text NOT NULL REFERENCES identity.person (run),
            context text NOT NULL,
            protocols text[] NOT NULL,
            opened_by text NOT NULL,
            entry_id uuid NOT NULL UNIQUE,
            at timestamptz NOT NULL
        );
        CREATE INDEX in_person_case_of ON enrolment.in_person_case (run);
        CREATE TABLE enrolment.case_holder (
            id uuid PRIMARY KEY,
            case_id uuid NOT NULL REFERENCES enrolment.in_person_case (id),
            holder text NOT NULL,
            entry_id uuid NOT NULL,
            at timestamptz NOT NULL,
            sequence bigint GENERATED ALWAYS AS IDENTITY
        );
        CREATE INDEX case_holder_latest ON enrolment.case_holder (case_id, sequence);
        CREATE TABLE enrolment.case_end (
            case_id uuid PRIMARY KEY REFERENCES enrolment.in_person_case (id),
            kind text NOT NULL CHECK (kind IN ('habilitado', 'desistido')),
            enrolment_id uuid UNIQUE REFERENCES enrolment.enrolment (id),
            ended_by text NOT NULL,
            reason bytea,
            entry_id uuid NOT NULL UNIQUE,
            at timestamptz NOT NULL,
            CHECK ((kind = 'habilitado') = (enrolment_id IS NOT NULL))
        );
        CREATE TABLE enrolment.piece (
            id uuid PRIMARY KEY,
            case_id uuid NOT NULL REFERENCES enrolment.in_person_case (id),
            task text NOT NULL,
            gathered_by text NOT NULL,
            session_id uuid NOT NULL,
            content bytea NOT NULL,
            entry_id uuid NOT NULL UNIQUE,
            at timestamptz NOT NULL,
            sequence bigint GENERATED ALWAYS AS IDENTITY
        );
        CREATE INDEX piece_latest ON enrolment.piece (case_id, task, sequence);
        CREATE TABLE enrolment.factor_offer (
            id uuid PRIMARY KEY,
            case_id uuid NOT NULL REFERENCES enrolment.in_person_case (id),
            session_id uuid NOT NULL,
            secret bytea NOT NULL,
            at timestamptz NOT NULL,
            sequence bigint GENERATED ALWAYS AS IDENTITY
        );
        CREATE INDEX factor_offer_latest ON enrolment.factor_offer (case_id, sequence);
        CREATE TABLE enrolment.contact (
            id uuid PRIMARY KEY,
            run text NOT NULL REFERENCES identity.person (run),
            channel text NOT NULL,
            address_key bytea NOT NULL CHECK (octet_length(address_key) = 32),
            at timestamptz NOT NULL
        );
        CREATE INDEX contact_of ON enrolment.contact (channel, address_key);
        CREATE TABLE enrolment.dossier (
            enrolment_id uuid PRIMARY KEY REFERENCES enrolment.enrolment (id),
            case_id uuid NOT NULL UNIQUE REFERENCES enrolment.in_person_case (id),
            members bytea NOT NULL,
            at timestamptz NOT NULL
        );
        CREATE TABLE enrolment.dossier_key (
            id uuid PRIMARY KEY,
            wrapped bytea NOT NULL
        );
    """)
    for table in _APPEND_ONLY:
        append_only(table)
    # No guard: destroying the key is erasing the dossier. Nobody but the owner may, until there is an act for it.
    grant("SELECT, INSERT", on="enrolment.dossier_key", to=(APPLICATION, WORKER))
    grant("SELECT", on="enrolment.dossier_key", to=(READER,))
