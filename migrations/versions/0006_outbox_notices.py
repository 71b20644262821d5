"""Promises to the outside, and the messages sent to people (N-2.4b, N-2.6e)."""

from alembic import op

from migrations.support import APPLICATION, READER, WORKER

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    op.execute("CREATE SCHEMA notices")
    op.execute(f"GRANT USAGE ON SCHEMA notices TO {APPLICATION}, {WORKER}, {READER}")
