"""Finding professionals by words of their names, without readable names."""

from alembic import op

from migrations.support import append_only

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    op.execute(
        """
        CREATE TABLE professionals.name_word (
            word bytea NOT NULL CHECK (octet_length(word) = 32),
            professional_id uuid NOT NULL REFERENCES professionals.professional (id),
            PRIMARY KEY (word, professional_id)
        )
        """
    )
    append_only("professionals.name_word")
