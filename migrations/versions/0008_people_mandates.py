"""People's mandates under two people; codes sent to contacts; activation of a first password (N-1l, N-2.1d, N-2.3a)."""

from alembic import op

from migrations.support import append_only

revision = "0008"
down_revision = "0007"

_APPEND_ONLY = (
    "mandates.proposal", "mandates.proposal_proof", "mandates.mandate", "mandates.mandate_end",
    "credentials.activation", "credentials.contact_code", "credentials.contact_code_answered",
    "credentials.wrong_answer",
)  # fmt: skip


def upgrade() -> None:
    _mandates()
    _codes()
    for table in _APPEND_ONLY:
        append_only(table)


def _mandates() -> None:
    """A proposal stands once the officer has proven his code; the mandate points at it, so it serves once."""
    op.execute("""
        CREATE TABLE mandates.proposal (
            id uuid PRIMARY KEY,
            run text NOT NULL REFERENCES identity.person (run),
            name bytea NOT NULL,
            email bytea NOT NULL,
            telephone bytea NOT NULL,
            identity bytea NOT NULL,
            since timestamptz NOT NULL,
            until timestamptz CHECK (until > since),
            document_id uuid,
            document_digest bytea CHECK (octet_length(document_digest) = 32),
            secret bytea,
            epoch integer NOT NULL,
            proposed_by text NOT NULL CHECK (proposed_by <> 'persona:' || run),
            at timestamptz NOT NULL,
            sequence bigint GENERATED ALWAYS AS IDENTITY
        );
        CREATE INDEX proposal_latest ON mandates.proposal (run, sequence);
        CREATE TABLE mandates.proposal_proof (
            proposal_id uuid PRIMARY KEY REFERENCES mandates.proposal (id),
            step bigint NOT NULL CHECK (step >= 0),
            entry_id uuid NOT NULL UNIQUE,
            at timestamptz NOT NULL,
            expires_at timestamptz NOT NULL CHECK (expires_at > at)
        );
        CREATE TABLE mandates.mandate (
            id uuid PRIMARY KEY,
            run text NOT NULL REFERENCES identity.person (run),
            role text NOT NULL CHECK (role IN ('fundador', 'enrolador')),
            name bytea NOT NULL,
            email bytea NOT NULL,
            telephone bytea,
            since timestamptz NOT NULL CHECK (since >= at),
            until timestamptz CHECK (until > since),
            proposal_id uuid UNIQUE REFERENCES mandates.proposal_proof (proposal_id),
            proposed_by text NOT NULL,
            approved_by text NOT NULL,
            entry_id uuid NOT NULL UNIQUE,
            at timestamptz NOT NULL,
            sequence bigint GENERATED ALWAYS AS IDENTITY,
            CHECK (role = 'fundador' OR (
                proposal_id IS NOT NULL AND proposed_by <> approved_by
                AND proposed_by <> 'persona:' || run AND approved_by <> 'persona:' || run
            ))
        );
        CREATE UNIQUE INDEX founder_once ON mandates.mandate (run) WHERE role = 'fundador';
        CREATE INDEX mandate_of ON mandates.mandate (run, sequence);
        CREATE TABLE mandates.mandate_end (
            mandate_id uuid PRIMARY KEY REFERENCES mandates.mandate (id),
            cause text NOT NULL
                CHECK (cause IN ('cambio_de_funciones', 'renuncia', 'despido', 'fallecimiento', 'otro')),
            detail bytea,
            ended_by text NOT NULL,
            entry_id uuid NOT NULL,
            at timestamptz NOT NULL
        );
    """)


def _codes() -> None:
    """Codes are kept by keyed hash. That of a contact may be pretended to for a stranger, so its RUN has no row."""
    op.execute("""
        CREATE TABLE credentials.activation (
            id uuid PRIMARY KEY,
            password_id uuid NOT NULL UNIQUE REFERENCES credentials.password (id),
            code bytea NOT NULL CHECK (octet_length(code) = 32),
            at timestamptz NOT NULL,
            expires_at timestamptz NOT NULL CHECK (expires_at > at)
        );
        CREATE TABLE credentials.contact_code (
            id uuid PRIMARY KEY,
            run text NOT NULL CHECK (run ~ '^[1-9][0-9]{0,7}-[0-9K]$'),
            purpose text NOT NULL,
            channel text NOT NULL CHECK (channel IN ('correo', 'sms')),
            address bytea NOT NULL CHECK (octet_length(address) = 32),
            code bytea NOT NULL CHECK (octet_length(code) = 32),
            epoch integer NOT NULL,
            at timestamptz NOT NULL,
            expires_at timestamptz NOT NULL CHECK (expires_at > at),
            sequence bigint GENERATED ALWAYS AS IDENTITY
        );
        CREATE INDEX contact_code_of ON credentials.contact_code (run, at);
        CREATE INDEX contact_code_to ON credentials.contact_code (address, at);
        CREATE TABLE credentials.contact_code_answered (
            code_id uuid PRIMARY KEY REFERENCES credentials.contact_code (id),
            at timestamptz NOT NULL
        );
        CREATE TABLE credentials.wrong_answer (
            id uuid PRIMARY KEY,
            code_id uuid NOT NULL,
            at timestamptz NOT NULL
        );
        CREATE INDEX wrong_answer_of ON credentials.wrong_answer (code_id);
    """)
