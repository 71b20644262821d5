"""Persons and their lock row, professionals and institutions, credentials and sessions, enrolments."""

from alembic import op

from migrations.support import APPLICATION, READER, WORKER, append_only, grant

revision = "0003"
down_revision = "0002"

_APPEND_ONLY = (
    "professionals.professional", "enrolment.enrolment",
    "credentials.password", "credentials.totp", "credentials.totp_use",
    "credentials.key", "credentials.key_use", "credentials.challenge", "credentials.challenge_spent",
    "credentials.attempt", "credentials.attempt_right", "credentials.wrong_code", "credentials.own_block",
    "credentials.session", "credentials.session_epoch", "credentials.session_seen", "credentials.session_end",
)  # fmt: skip


def upgrade() -> None:
    _identity()
    _professionals()
    _enrolment()
    _credentials()
    _sessions()
    for table in _APPEND_ONLY:
        append_only(table)


def _identity() -> None:
    op.execute("""
        CREATE TABLE identity.person (
            run text PRIMARY KEY CHECK (run ~ '^[1-9][0-9]{0,7}-[0-9K]$'),
            epoch integer NOT NULL DEFAULT 0 CHECK (epoch >= 0)
        );
        CREATE FUNCTION identity.keep_person() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF TG_OP <> 'UPDATE' OR NEW.run <> OLD.run OR NEW.epoch <> OLD.epoch + 1 THEN
                RAISE EXCEPTION '% on identity.person refused: an epoch rises by one, a RUN stays', TG_OP
                    USING ERRCODE = 'insufficient_privilege';
            END IF;
            RETURN NEW;
        END $$;
        CREATE TRIGGER keep_person BEFORE UPDATE OR DELETE ON identity.person
            FOR EACH ROW EXECUTE FUNCTION identity.keep_person();
        CREATE TRIGGER refuse_truncate BEFORE TRUNCATE ON identity.person
            FOR EACH STATEMENT EXECUTE FUNCTION core.refuse_change();
    """)
    grant("SELECT, INSERT, UPDATE (epoch)", on="identity.person")
    grant("SELECT", on="identity.person", to=(READER,))


def _professionals() -> None:
    op.execute("""
        CREATE TABLE professionals.professional (
            id uuid PRIMARY KEY,
            run text NOT NULL REFERENCES identity.person (run),
            kind smallint NOT NULL CHECK (kind IN (1, 2, 3)),
            given_names bytea NOT NULL,
            paternal_surname bytea NOT NULL,
            maternal_surname bytea,
            speciality bytea NOT NULL,
            college_registry bytea,
            email bytea NOT NULL,
            telephone bytea NOT NULL,
            address bytea NOT NULL,
            recorded_at timestamptz NOT NULL,
            sequence bigint GENERATED ALWAYS AS IDENTITY
        );
        CREATE INDEX professional_latest ON professionals.professional (run, sequence);
        CREATE TABLE professionals.institution (
            id text PRIMARY KEY CHECK (id ~ '^[1-9][0-9]{0,7}-[0-9K]$'),
            name text NOT NULL,
            recorded_at timestamptz NOT NULL
        );
        CREATE TABLE professionals.agreement (
            id uuid PRIMARY KEY,
            institution text NOT NULL REFERENCES professionals.institution (id),
            since timestamptz NOT NULL,
            recorded_at timestamptz NOT NULL
        );
        CREATE INDEX agreement_of ON professionals.agreement (institution);
    """)
    # The grant of UPDATE (id) makes FOR SHARE and FOR UPDATE possible; the trigger lets nothing change.
    for table in ("professionals.institution", "professionals.agreement"):
        append_only(table)
        grant("UPDATE (id)", on=table, to=(APPLICATION, WORKER))


def _enrolment() -> None:
    op.execute("""
        CREATE TABLE enrolment.enrolment (
            id uuid PRIMARY KEY,
            run text NOT NULL REFERENCES identity.person (run),
            context text NOT NULL,
            kind text NOT NULL,
            responsible text NOT NULL,
            protocol text NOT NULL,
            entry_id uuid NOT NULL UNIQUE,
            at timestamptz NOT NULL,
            until timestamptz CHECK (until > at)
        );
        CREATE INDEX enrolment_of ON enrolment.enrolment (run, at);
    """)


def _credentials() -> None:
    op.execute("""
        CREATE TABLE credentials.password (
            id uuid PRIMARY KEY,
            run text NOT NULL REFERENCES identity.person (run),
            hash bytea NOT NULL,
            variant bytea NOT NULL,
            initial boolean NOT NULL,
            at timestamptz NOT NULL,
            sequence bigint GENERATED ALWAYS AS IDENTITY
        );
        CREATE INDEX password_latest ON credentials.password (run, sequence);
        CREATE TABLE credentials.totp (
            id uuid PRIMARY KEY,
            run text NOT NULL REFERENCES identity.person (run),
            secret bytea NOT NULL,
            at timestamptz NOT NULL,
            sequence bigint GENERATED ALWAYS AS IDENTITY
        );
        CREATE INDEX totp_latest ON credentials.totp (run, sequence);
        CREATE TABLE credentials.totp_use (
            totp_id uuid NOT NULL REFERENCES credentials.totp (id),
            step bigint NOT NULL CHECK (step >= 0),
            purpose text NOT NULL,
            at timestamptz NOT NULL,
            PRIMARY KEY (totp_id, step)
        );
        CREATE TABLE credentials.key (
            id uuid PRIMARY KEY,
            run text NOT NULL REFERENCES identity.person (run),
            purpose text NOT NULL CHECK (purpose IN ('entrada', 'firma')),
            credential_id bytea NOT NULL UNIQUE,
            public_key bytea NOT NULL,
            thumbprint text NOT NULL UNIQUE,
            aaguid text NOT NULL,
            backed_up boolean NOT NULL,
            sign_count bigint NOT NULL CHECK (sign_count >= 0),
            entry_id uuid NOT NULL UNIQUE,
            at timestamptz NOT NULL
        );
        CREATE INDEX key_of ON credentials.key (run, purpose);
        CREATE TABLE credentials.key_use (
            id uuid PRIMARY KEY,
            key_id uuid NOT NULL REFERENCES credentials.key (id),
            sign_count bigint NOT NULL CHECK (sign_count >= 0),
            at timestamptz NOT NULL
        );
        CREATE INDEX key_use_latest ON credentials.key_use (key_id, sign_count);
        CREATE TABLE credentials.challenge (
            id uuid PRIMARY KEY,
            run text NOT NULL REFERENCES identity.person (run),
            purpose text NOT NULL CHECK (purpose IN ('entrada', 'registro-entrada', 'registro-firma')),
            challenge bytea NOT NULL CHECK (octet_length(challenge) = 32),
            epoch integer NOT NULL,
            session_id uuid,
            at timestamptz NOT NULL,
            expires_at timestamptz NOT NULL CHECK (expires_at > at)
        );
        CREATE TABLE credentials.challenge_spent (
            challenge_id uuid PRIMARY KEY REFERENCES credentials.challenge (id),
            at timestamptz NOT NULL
        );
        CREATE TABLE credentials.attempt (
            lane bytea NOT NULL CHECK (octet_length(lane) = 32),
            number integer NOT NULL CHECK (number > 0),
            cleared boolean NOT NULL,
            at timestamptz NOT NULL,
            PRIMARY KEY (lane, number)
        );
        CREATE INDEX attempt_recent ON credentials.attempt (lane, at);
        CREATE TABLE credentials.attempt_right (
            lane bytea NOT NULL,
            number integer NOT NULL,
            at timestamptz NOT NULL,
            PRIMARY KEY (lane, number),
            FOREIGN KEY (lane, number) REFERENCES credentials.attempt (lane, number)
        );
        CREATE TABLE credentials.wrong_code (
            id uuid PRIMARY KEY,
            run text NOT NULL REFERENCES identity.person (run),
            purpose text NOT NULL,
            at timestamptz NOT NULL
        );
        CREATE INDEX wrong_code_recent ON credentials.wrong_code (run, at);
        CREATE TABLE credentials.own_block (
            id uuid PRIMARY KEY,
            run text NOT NULL REFERENCES identity.person (run),
            session_id uuid NOT NULL,
            entry_id uuid NOT NULL UNIQUE,
            at timestamptz NOT NULL
        );
        CREATE INDEX own_block_of ON credentials.own_block (run);
    """)


def _sessions() -> None:
    op.execute("""
        CREATE TABLE credentials.session (
            id uuid PRIMARY KEY,
            run text NOT NULL REFERENCES identity.person (run),
            token_digest bytea NOT NULL UNIQUE CHECK (octet_length(token_digest) = 32),
            context text NOT NULL,
            stage text NOT NULL CHECK (stage IN ('plena', 'cambio_clave')),
            source bytea NOT NULL CHECK (octet_length(source) = 32),
            origin bytea NOT NULL,
            idle interval NOT NULL,
            at timestamptz NOT NULL,
            expires_at timestamptz NOT NULL CHECK (expires_at > at),
            sequence bigint GENERATED ALWAYS AS IDENTITY
        );
        CREATE INDEX session_latest ON credentials.session (run, sequence);
        CREATE TABLE credentials.session_epoch (
            session_id uuid NOT NULL REFERENCES credentials.session (id),
            epoch integer NOT NULL,
            at timestamptz NOT NULL,
            PRIMARY KEY (session_id, epoch)
        );
        CREATE TABLE credentials.session_seen (
            session_id uuid NOT NULL REFERENCES credentials.session (id),
            at timestamptz NOT NULL,
            PRIMARY KEY (session_id, at)
        );
        CREATE TABLE credentials.session_end (
            session_id uuid PRIMARY KEY REFERENCES credentials.session (id),
            at timestamptz NOT NULL
        );
    """)
