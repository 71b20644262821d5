"""Documents kept as evidence of identity, each under a key of its own (N-2.1a, N-2.1c)."""

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    """Nothing yet."""
