"""How often a person of an authority looks people up: counted, so that nobody's list is made by asking."""

from alembic import op

from migrations.support import append_only

revision = "0018"
down_revision = "0017"


def upgrade() -> None:
    op.execute("""
        CREATE TABLE suspensions.search (
            id uuid PRIMARY KEY,
            asker text NOT NULL,
            at timestamptz NOT NULL
        );
        CREATE INDEX ON suspensions.search (asker, at);
    """)
    append_only("suspensions.search")
