"""Cases of enrolment in person, their pieces of evidence and dossiers (N-1b, N-2.2a, N-2.4a)."""

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    """Nothing yet."""
