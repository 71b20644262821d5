"""Promises to the outside, and the messages sent to people (N-2.4b, N-2.6e)."""

from alembic import op

from migrations.support import APPLICATION, READER, WORKER, append_only, grant

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    op.execute("CREATE SCHEMA notices")
    op.execute(f"GRANT USAGE ON SCHEMA notices TO {APPLICATION}, {WORKER}, {READER}")
    _outbox()
    _notices()


def _outbox() -> None:
    """A promise is a fact; how far its effect has come is bookkeeping, which the worker alone may change."""
    op.execute("""
        CREATE TABLE core.outbox (
            id uuid PRIMARY KEY,
            effect text NOT NULL,
            subject uuid NOT NULL,
            on_account_of uuid,
            at timestamptz NOT NULL,
            due_at timestamptz NOT NULL,
            sent_at timestamptz,
            tries smallint NOT NULL CHECK (tries >= 0),
            done_at timestamptz,
            parked_at timestamptz CHECK (done_at IS NULL OR parked_at IS NULL),
            fault text
        );
        CREATE INDEX outbox_open ON core.outbox (due_at) WHERE done_at IS NULL;
        CREATE FUNCTION core.keep_promise() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF TG_OP <> 'UPDATE' OR OLD.done_at IS NOT NULL
                OR (NEW.id, NEW.effect, NEW.subject, NEW.on_account_of, NEW.at)
                    IS DISTINCT FROM (OLD.id, OLD.effect, OLD.subject, OLD.on_account_of, OLD.at) THEN
                RAISE EXCEPTION '% on core.outbox refused: a promise stays, and what is done stays done', TG_OP
                    USING ERRCODE = 'insufficient_privilege';
            END IF;
            RETURN NEW;
        END $$;
        CREATE TRIGGER keep_promise BEFORE UPDATE OR DELETE ON core.outbox
            FOR EACH ROW EXECUTE FUNCTION core.keep_promise();
        CREATE TRIGGER refuse_truncate BEFORE TRUNCATE ON core.outbox
            FOR EACH STATEMENT EXECUTE FUNCTION core.refuse_change();
    """)
    grant("SELECT, INSERT", on="core.outbox")
    grant("UPDATE (due_at, sent_at, tries, done_at, parked_at, fault)", on="core.outbox", to=(WORKER,))
    grant("SELECT", on="core.outbox", to=(READER,))


def _notices() -> None:
    """An outcome is written once as known, and at most once before as unknown: what is learnt late is not lost."""
    op.execute("""
        CREATE TABLE notices.message (
            id uuid PRIMARY KEY,
            run text CHECK (run ~ '^[1-9][0-9]{0,7}-[0-9K]$'),
            channel text NOT NULL CHECK (channel IN ('correo', 'sms')),
            kind text NOT NULL,
            content bytea NOT NULL,
            on_account_of uuid,
            at timestamptz NOT NULL,
            expires_at timestamptz NOT NULL CHECK (expires_at > at)
        );
        CREATE INDEX message_of ON notices.message (run, at);
        CREATE TABLE notices.attempt (
            id uuid PRIMARY KEY,
            message_id uuid NOT NULL REFERENCES notices.message (id),
            number smallint NOT NULL CHECK (number > 0),
            at timestamptz NOT NULL,
            until timestamptz NOT NULL CHECK (until > at),
            UNIQUE (message_id, number)
        );
        CREATE TABLE notices.outcome (
            attempt_id uuid NOT NULL REFERENCES notices.attempt (id),
            known boolean NOT NULL CHECK (known = (result <> 'desconocido')),
            result text NOT NULL CHECK (result IN ('aceptado', 'rechazado', 'postergado', 'desconocido')),
            reason text NOT NULL,
            answer bytea NOT NULL,
            at timestamptz NOT NULL,
            PRIMARY KEY (attempt_id, known)
        );
    """)
    for table in ("message", "attempt", "outcome"):
        append_only(f"notices.{table}")
