"""Machines' keys and signed messages; authorities' suspensions, their liftings and replacements (N-6a to N-6d)."""

from alembic import op

from migrations.support import APPLICATION, WORKER, append_only, grant

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.execute(
        """
        CREATE TABLE mandates.machine_key (
            id uuid PRIMARY KEY,
            keyid text NOT NULL UNIQUE,
            organisation text NOT NULL,
            organisation_name text NOT NULL,
            compin text NOT NULL,
            kind text NOT NULL CHECK (kind IN ('autoridad', 'auditoria', 'mediador', 'sistema_clinico')),
            permissions text[] NOT NULL,
            algorithm text NOT NULL CHECK (algorithm IN ('ed25519', 'ecdsa-p256-sha256')),
            public_key bytea NOT NULL UNIQUE,
            valid_from timestamptz NOT NULL,
            valid_until timestamptz NOT NULL CHECK (valid_until > valid_from),
            first_approver text NOT NULL,
            second_approver text NOT NULL CHECK (second_approver <> first_approver),
            entry_id uuid NOT NULL UNIQUE,
            at timestamptz NOT NULL
        );
        CREATE TABLE mandates.machine_key_end (
            id uuid PRIMARY KEY,
            key_id uuid NOT NULL REFERENCES mandates.machine_key (id),
            ends_at timestamptz NOT NULL,
            cause text NOT NULL,
            first_approver text NOT NULL,
            second_approver text NOT NULL CHECK (second_approver <> first_approver),
            entry_id uuid NOT NULL UNIQUE,
            at timestamptz NOT NULL
        );
        CREATE INDEX machine_key_end_of_key ON mandates.machine_key_end (key_id, ends_at);
        CREATE TABLE mandates.spent_nonce (
            keyid text NOT NULL,
            nonce text NOT NULL,
            at timestamptz NOT NULL,
            PRIMARY KEY (keyid, nonce)
        );
        CREATE TABLE mandates.signed_message (
            id uuid PRIMARY KEY,
            key_id uuid NOT NULL REFERENCES mandates.machine_key (id),
            digest bytea NOT NULL CHECK (octet_length(digest) = 32),
            content bytea NOT NULL,
            received_at timestamptz NOT NULL
        );
        CREATE TABLE mandates.refusal_window (
            source bytea NOT NULL CHECK (octet_length(source) = 32),
            starts_at timestamptz NOT NULL,
            PRIMARY KEY (source, starts_at)
        );
        """
    )
    op.execute(
        """
        CREATE TABLE suspensions.suspension (
            id uuid PRIMARY KEY,
            run text NOT NULL REFERENCES identity.person (run),
            organisation text NOT NULL,
            compin text NOT NULL,
            authority_name text NOT NULL,
            resolution_number text NOT NULL,
            resolution_date date NOT NULL,
            first_day date NOT NULL,
            last_day date CHECK (last_day >= first_day),
            ends_at timestamptz,
            provisional boolean NOT NULL,
            details bytea NOT NULL,
            content_hash bytea NOT NULL CHECK (octet_length(content_hash) = 32),
            replaces uuid UNIQUE REFERENCES suspensions.suspension (id),
            replacement text CHECK (replacement IN ('correccion', 'renovacion')),
            received_at timestamptz NOT NULL,
            effective_from timestamptz CHECK (effective_from >= at),
            registered boolean NOT NULL,
            sessions_closed integer NOT NULL CHECK (sessions_closed >= 0),
            message_id uuid NOT NULL REFERENCES mandates.signed_message (id),
            entry_id uuid NOT NULL UNIQUE,
            at timestamptz NOT NULL,
            CHECK ((replaces IS NULL) = (replacement IS NULL)),
            CHECK ((effective_from IS NULL) = (ends_at IS NOT NULL AND ends_at <= at))
        );
        CREATE INDEX suspension_of_person ON suspensions.suspension (run);
        CREATE INDEX suspension_of_authority ON suspensions.suspension (organisation, compin, id);
        CREATE UNIQUE INDEX suspension_once ON suspensions.suspension
            (organisation, compin, resolution_number, resolution_date, run) WHERE replaces IS NULL;
        CREATE TABLE suspensions.lifting (
            id uuid PRIMARY KEY,
            suspension_id uuid NOT NULL REFERENCES suspensions.suspension (id),
            resolution_number text NOT NULL,
            first_free_day date,
            details bytea NOT NULL,
            content_hash bytea NOT NULL CHECK (octet_length(content_hash) = 32),
            received_at timestamptz NOT NULL,
            effective_from timestamptz NOT NULL CHECK (effective_from >= at),
            message_id uuid NOT NULL REFERENCES mandates.signed_message (id),
            entry_id uuid NOT NULL UNIQUE,
            at timestamptz NOT NULL,
            UNIQUE (suspension_id, resolution_number)
        );
        """
    )
    for table in (
        "mandates.machine_key",
        "mandates.machine_key_end",
        "mandates.signed_message",
        "mandates.refusal_window",
        "suspensions.suspension",
        "suspensions.lifting",
    ):
        append_only(table)
    # A lock on a key's row needs the right to change it; the trigger lets nothing change.
    grant("UPDATE (id)", on="mandates.machine_key", to=(APPLICATION, WORKER))
    # A nonce older than the window proves nothing any more; only the owner may sweep it.
    grant("SELECT, INSERT", on="mandates.spent_nonce")
