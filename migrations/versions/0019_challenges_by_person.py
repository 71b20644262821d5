"""The challenges of a person are found by their person: the table keeps every one there was."""

from alembic import op

revision = "0019"
down_revision = "0018"


def upgrade() -> None:
    op.execute("CREATE INDEX challenge_of_person ON credentials.challenge (run, expires_at)")
