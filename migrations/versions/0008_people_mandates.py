"""People's mandates under two people; codes sent to contacts; activation of a first password (N-1l, N-2.1d, N-2.3a)."""

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    """Nothing yet."""
