"""Finding professionals by words of their names, without readable names."""

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    """Nothing yet."""
