"""Drafts: what a professional has typed and not issued, sealed, his alone to change and to erase.

A draft is no fact: it may change and go. Who holds it, in which context and since when, may not.
"""

from alembic import op

from migrations.support import APPLICATION, WORKER, grant

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    op.execute("""
        CREATE TABLE issuance.draft (
            id uuid PRIMARY KEY,
            run text NOT NULL REFERENCES identity.person (run),
            context text NOT NULL,
            content bytea NOT NULL CHECK (octet_length(content) <= 131072),
            preparation_id uuid UNIQUE REFERENCES issuance.preparation (id),
            started_at timestamptz NOT NULL,
            saved_at timestamptz NOT NULL CHECK (saved_at >= started_at)
        );
        CREATE INDEX draft_of ON issuance.draft (run, saved_at);
        CREATE INDEX draft_by_age ON issuance.draft (saved_at);
        CREATE FUNCTION issuance.refuse_draft_change() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF (NEW.id, NEW.run, NEW.context, NEW.started_at)
                IS DISTINCT FROM (OLD.id, OLD.run, OLD.context, OLD.started_at) THEN
                RAISE EXCEPTION 'a draft keeps its holder' USING ERRCODE = 'insufficient_privilege';
            END IF;
            RETURN NEW;
        END $$;
        CREATE TRIGGER keep_holder BEFORE UPDATE ON issuance.draft
            FOR EACH ROW EXECUTE FUNCTION issuance.refuse_draft_change();
        CREATE INDEX licence_of_issuer ON licences.licence (run, context, at, id);
    """)
    grant("SELECT, INSERT, DELETE, UPDATE (content, preparation_id, saved_at)", on="issuance.draft", to=(APPLICATION,))
    grant("SELECT, DELETE", on="issuance.draft", to=(WORKER,))
