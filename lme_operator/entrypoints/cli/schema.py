"""The schema of the database: bring it to the newest migration, and say whether it is there and as it was written.

A migration that was applied is never edited: the database keeps what the file said then. So beside `alembic_version`
the owner keeps a digest of each file as it was when applied, and whoever migrates or reviews is told of a difference.
"""

from collections.abc import Mapping
from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy.engine import Connection

from lme_operator.core.canonical import sha256
from lme_operator.entrypoints.cli.roles import APPLICATION, READER, WORKER

_MIGRATIONS = Path(__file__).resolve().parents[3] / "migrations"
_MAKE = sa.text("""
    CREATE TABLE IF NOT EXISTS public.migration_digest (
        revision text PRIMARY KEY,
        digest bytea NOT NULL CHECK (octet_length(digest) = 32),
        adopted boolean NOT NULL
    )
""")
_GRANT = sa.text(f"GRANT SELECT ON public.migration_digest TO {APPLICATION}, {WORKER}, {READER}")
_KEEP = sa.text("""
    INSERT INTO public.migration_digest (revision, digest, adopted) VALUES (:revision, :digest, :adopted)
    ON CONFLICT DO NOTHING RETURNING revision
""")
_IS_THERE = sa.text("SELECT to_regclass('public.migration_digest') IS NOT NULL")
_KEPT = sa.text("SELECT revision, digest FROM public.migration_digest ORDER BY revision")


class MigrationsEdited(Exception):
    """Files of migrations that are not what they were when they were applied: `names`, in order."""

    def __init__(self, names: tuple[str, ...]) -> None:
        super().__init__(", ".join(names))
        self.names = names


def migrate(owner_url: str) -> tuple[str, ...]:
    """Apply, as the owner, the migrations that are missing. Safe to repeat and to run twice at once.

    Returns those applied before digests were kept, if this is the run that adopts their files as they are now.
    Changes nothing and raises `MigrationsEdited` when a file of an applied one was edited, and alembic's `CommandError`
    when the database has migrations that this program does not know.
    """
    engine = sa.create_engine(owner_url, poolclass=sa.NullPool, connect_args={"options": "-c timezone=UTC"})
    configuration = _configuration()
    with engine.begin() as connection:
        require_unedited(connection)
        before = _history(applied_revisions(connection))
        configuration.attributes["connection"] = connection
        command.upgrade(configuration, "heads")
        return _keep_digests(connection, applied_before=before)


def require_unedited(connection: Connection) -> bool:
    """Raise `MigrationsEdited` if an applied migration was edited; False where no digest was ever kept."""
    if not connection.execute(_IS_THERE).scalar_one():
        return False
    files = _files()
    kept = [(files[row.revision], row.digest) for row in connection.execute(_KEPT) if row.revision in files]
    edited = tuple(file.stem for file, digest in kept if sha256(file.read_bytes()) != digest)
    if edited:
        raise MigrationsEdited(edited)
    return True


def newest_revisions() -> frozenset[str]:
    """The newest migrations of this program."""
    return frozenset(ScriptDirectory.from_config(_configuration()).get_heads())


def applied_revisions(connection: Connection) -> frozenset[str]:
    """The migrations that the database says it has."""
    return frozenset(MigrationContext.configure(connection).get_current_heads())


def _keep_digests(connection: Connection, *, applied_before: frozenset[str]) -> tuple[str, ...]:
    """Keep the digests that are missing; return those adopted by this very call, under the lock of the migrations."""
    connection.execute(_MAKE)
    connection.execute(_GRANT)
    adopted = []
    for revision, file in sorted(_files().items()):
        before = revision in applied_before
        row = {"revision": revision, "digest": sha256(file.read_bytes()), "adopted": before}
        if connection.execute(_KEEP, row).first() is not None and before:
            adopted.append(revision)
    return tuple(adopted)


def _history(heads: frozenset[str]) -> frozenset[str]:
    """The migrations `heads` and all that came before them, as far as this program knows them."""
    scripts, known = ScriptDirectory.from_config(_configuration()), heads & _files().keys()
    return frozenset(script.revision for head in known for script in scripts.iterate_revisions(head, "base"))


def _files() -> Mapping[str, Path]:
    """The file of each migration of this program."""
    scripts = ScriptDirectory.from_config(_configuration()).walk_revisions()
    return {script.revision: Path(script.path) for script in scripts}


def _configuration() -> Config:
    configuration = Config()
    configuration.set_main_option("script_location", str(_MIGRATIONS))
    configuration.set_main_option("path_separator", "os")
    configuration.set_main_option("prepend_sys_path", str(_MIGRATIONS.parent))
    return configuration
