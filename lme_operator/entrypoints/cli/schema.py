"""The schema of the database: bring it to the newest migration, and say whether it is there."""

from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy.engine import Connection

_MIGRATIONS = Path(__file__).resolve().parents[3] / "migrations"


def migrate(owner_url: str) -> None:
    """Apply, as the owner, the migrations that are missing. Safe to repeat and to run twice at once."""
    engine = sa.create_engine(owner_url, poolclass=sa.NullPool, connect_args={"options": "-c timezone=UTC"})
    with engine.connect() as connection:
        configuration = _configuration()
        configuration.attributes["connection"] = connection
        command.upgrade(configuration, "heads")


def newest_revisions() -> frozenset[str]:
    """The newest migrations of this program."""
    return frozenset(ScriptDirectory.from_config(_configuration()).get_heads())


def applied_revisions(connection: Connection) -> frozenset[str]:
    """The migrations that the database says it has."""
    return frozenset(MigrationContext.configure(connection).get_current_heads())


def _configuration() -> Config:
    configuration = Config()
    configuration.set_main_option("script_location", str(_MIGRATIONS))
    configuration.set_main_option("path_separator", "os")
    configuration.set_main_option("prepend_sys_path", str(_MIGRATIONS.parent))
    return configuration
