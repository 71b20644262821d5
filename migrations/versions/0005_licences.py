"""Preparations (one-shot), licences, their evidence and document keys."""

from alembic import op

from migrations.support import append_only, grant

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    op.execute(
        """
        CREATE SEQUENCE licences.folio_number START 1000001 MAXVALUE 99999999 NO CYCLE;
        CREATE TABLE licences.document_key (
            id uuid PRIMARY KEY,
            wrapped bytea NOT NULL
        );
        CREATE TABLE issuance.preparation (
            id uuid PRIMARY KEY,
            run text NOT NULL,
            context text NOT NULL,
            epoch integer NOT NULL,
            folio integer NOT NULL UNIQUE,
            digest bytea NOT NULL CHECK (octet_length(digest) = 32),
            document bytea NOT NULL,
            origin bytea NOT NULL,
            at timestamptz NOT NULL,
            expires_at timestamptz NOT NULL CHECK (expires_at > at)
        );
        CREATE INDEX preparation_alive ON issuance.preparation (run, expires_at);
        CREATE TABLE licences.licence (
            id uuid PRIMARY KEY,
            folio integer NOT NULL UNIQUE,
            run text NOT NULL,
            context text NOT NULL,
            enrolment_id uuid NOT NULL,
            preparation_id uuid NOT NULL UNIQUE,
            kind smallint NOT NULL,
            days smallint NOT NULL,
            rest_starts_on date NOT NULL,
            worker bytea NOT NULL,
            details bytea NOT NULL,
            entry_id uuid NOT NULL UNIQUE,
            at timestamptz NOT NULL
        );
        CREATE INDEX licence_by_issuer ON licences.licence (run, at);
        CREATE INDEX licence_by_worker ON licences.licence (worker, at);
        CREATE TABLE licences.evidence (
            licence_id uuid NOT NULL REFERENCES licences.licence (id),
            version smallint NOT NULL CHECK (version > 0),
            members bytea NOT NULL,
            entry_id uuid NOT NULL UNIQUE,
            at timestamptz NOT NULL,
            PRIMARY KEY (licence_id, version)
        );
        CREATE TABLE issuance.redemption (
            preparation_id uuid PRIMARY KEY REFERENCES issuance.preparation (id),
            licence_id uuid NOT NULL UNIQUE,
            at timestamptz NOT NULL
        );
        """
    )
    for table in ("issuance.preparation", "issuance.redemption", "licences.licence", "licences.evidence"):
        append_only(table)
    # Destroying a document's key is its erasure: the owner's act alone, so no trigger forbids it.
    grant("SELECT, INSERT", on="licences.document_key")
    op.execute("GRANT USAGE ON SEQUENCE licences.folio_number TO lme_application")
