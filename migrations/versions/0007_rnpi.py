"""What the RNPI said and when (N-4a to N-4c)."""

from alembic import op

from migrations.support import APPLICATION, READER, WORKER

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    op.execute("CREATE SCHEMA rnpi")
    op.execute(f"GRANT USAGE ON SCHEMA rnpi TO {APPLICATION}, {WORKER}, {READER}")
