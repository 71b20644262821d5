"""The schema: migrates from nothing, twice, by two operators at once, and keeps its guards."""

import multiprocessing
import shutil
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

import psycopg
import pytest
import sqlalchemy as sa

from lme_operator.core.database import Database, Deadline
from lme_operator.entrypoints.cli import schema
from lme_operator.entrypoints.cli.roles import APPLICATION, OWNER, READER, WORKER, provision_database
from lme_operator.entrypoints.cli.schema import (
    MigrationsEdited,
    applied_revisions,
    migrate,
    newest_revisions,
    require_unedited,
)

WITHOUT_GUARD = {
    "audit.attempt_pending": "a queue of ids, no fact: the log's verifier misses a row taken off without a batch",
    "core.outbox": "how far a promise has come is bookkeeping; a trigger keeps what was promised, and what is done",
    "identity.document_key": "destroying the key is erasing the document",
    "enrolment.dossier_key": "destroying the key is erasing the dossier",
    "identity.person": "the lock row: its epoch rises",
    "issuance.draft": "typed and not issued is no fact; a trigger keeps whose it is",
    "licences.document_key": "destroying the key is erasing the document",
    "mandates.spent_nonce": "swept by the owner once older than the window",
}
MAY_CHANGE = {
    ("audit.attempt_pending", "attempt"),
    *(("core.outbox", column) for column in ("due_at", "sent_at", "tries", "done_at", "parked_at", "fault")),
    *(
        ("issuance.draft", column)
        for column in ("id", "run", "context", "content", "preparation_id", "started_at", "saved_at")
    ),
    ("identity.person", "epoch"),
    ("mandates.machine_key", "id"),
    ("professionals.agreement", "id"),
    ("professionals.institution", "id"),
}
"""What may be updated or deleted: queue, bookkeeping, drafts, epochs, and ids (a lock needs it; triggers forbid it)."""

_UNGUARDED = sa.text("""
    SELECT format('%I.%I', n.nspname, c.relname) AS table
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE c.relkind IN ('r', 'p') AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'public')
      AND (SELECT count(*) FROM pg_trigger t WHERE t.tgrelid = c.oid AND t.tgenabled = 'O'
           AND t.tgname IN ('refuse_change', 'refuse_truncate')) < 2
""")
_CHANGEABLE = sa.text("""
    SELECT format('%I.%I', n.nspname, c.relname) AS table, a.attname AS column
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace JOIN pg_attribute a ON a.attrelid = c.oid,
         unnest(ARRAY['lme_application', 'lme_worker', 'lme_reader']) AS role
    WHERE c.relkind IN ('r', 'p') AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'public')
      AND a.attnum > 0 AND NOT a.attisdropped
      AND (has_column_privilege(role, c.oid, a.attnum, 'UPDATE') OR has_table_privilege(role, c.oid, 'DELETE')
           OR has_table_privilege(role, c.oid, 'TRUNCATE'))
""")


def test_one_newest_migration() -> None:
    assert len(newest_revisions()) == 1


def test_the_application_sees_the_newest_migration(database: Database, deadline: Deadline) -> None:
    with database.reading(deadline=deadline) as connection:
        assert applied_revisions(connection) == newest_revisions()


def test_migrating_again_and_twice_at_once_changes_nothing(server: Any, owner_url: str) -> None:
    with server.administer() as administrator:
        provision_database(administrator, name="vacia", owner=OWNER)
    empty = server.url(OWNER, "vacia")
    with ProcessPoolExecutor(2, mp_context=multiprocessing.get_context("spawn")) as pool:
        list(pool.map(migrate, [empty, empty]))
    assert migrate(owner_url) == ()


@pytest.fixture
def own_migrations(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the migrations that a test may edit."""
    copy = tmp_path / "migrations"
    shutil.copytree(schema._MIGRATIONS, copy, ignore=shutil.ignore_patterns("__pycache__"))
    monkeypatch.setattr(schema, "_MIGRATIONS", copy)
    return copy / "versions"


@pytest.fixture
def empty_url(server: Any, database_name: str) -> Iterator[str]:
    """An empty database, as its owner."""
    name = f"{database_name}_vacia"
    with server.administer() as administrator:
        provision_database(administrator, name=name, owner=OWNER)
    yield server.url(OWNER, name)
    with server.administer() as administrator:
        administrator.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.mark.norm("N-2.4a")
def test_an_applied_migration_that_was_edited_is_named_and_nothing_changes(
    empty_url: str, own_migrations: Path
) -> None:
    *older, newest = sorted(own_migrations.glob("*.py"))
    kept = newest.read_bytes()
    newest.unlink()
    assert migrate(empty_url) == ()
    newest.write_bytes(kept)
    second = older[1]
    second.write_bytes(second.read_bytes() + b"# edited\n")
    with pytest.raises(MigrationsEdited) as edited:
        migrate(empty_url)
    assert edited.value.names == (second.stem,)
    with sa.create_engine(empty_url, poolclass=sa.NullPool).connect() as connection:
        assert applied_revisions(connection) == {older[-1].stem[:4]}
        with pytest.raises(MigrationsEdited):
            require_unedited(connection)


def test_digests_missing_from_an_older_database_are_adopted_once(owner_url: str, own_migrations: Path) -> None:
    engine = sa.create_engine(owner_url, poolclass=sa.NullPool)
    with engine.begin() as owner:
        owner.execute(sa.text("DROP TABLE public.migration_digest"))
        assert not require_unedited(owner)
    assert migrate(owner_url) == tuple(sorted(file.stem[:4] for file in own_migrations.glob("*.py")))
    assert migrate(owner_url) == ()
    with engine.connect() as owner:
        assert require_unedited(owner)
        assert set(owner.execute(sa.text("SELECT adopted FROM public.migration_digest")).scalars()) == {True}


@pytest.mark.norm("N-2.4a")
@pytest.mark.parametrize("role", [OWNER, APPLICATION, WORKER, READER])
@pytest.mark.parametrize("change", ["UPDATE {} SET kind = 'x'", "DELETE FROM {}", "TRUNCATE {}"])
def test_a_fact_cannot_be_changed_by_anybody(role_url: Callable[[str], str], role: str, change: str) -> None:
    with sa.create_engine(role_url(APPLICATION), poolclass=sa.NullPool).begin() as connection:
        connection.execute(
            sa.text("INSERT INTO core.outcome VALUES (:b, :b, 'k', gen_random_uuid(), now())"), {"b": bytes(32)}
        )
    with sa.create_engine(role_url(role), poolclass=sa.NullPool).connect() as connection:
        with pytest.raises(sa.exc.ProgrammingError) as refused:
            connection.execute(sa.text(change.format("core.outcome")))
        assert isinstance(refused.value.orig, psycopg.errors.InsufficientPrivilege)


@pytest.mark.norm("N-2.4a")
def test_every_table_keeps_its_guards_after_the_newest_migration(role_url: Callable[[str], str]) -> None:
    with sa.create_engine(role_url(READER), poolclass=sa.NullPool).connect() as connection:
        unguarded = {row.table for row in connection.execute(_UNGUARDED)}
        changeable = {(row.table, row.column) for row in connection.execute(_CHANGEABLE)}
    assert unguarded <= WITHOUT_GUARD.keys()
    assert changeable <= MAY_CHANGE


@pytest.mark.norm("N-2.4a")
def test_no_role_but_the_owner_may_create_or_own_anything(role_url: Callable[[str], str]) -> None:
    for role in (APPLICATION, WORKER, READER):
        with sa.create_engine(role_url(role), poolclass=sa.NullPool).connect() as connection:
            for statement in ("CREATE TABLE public.t (a int)", "CREATE TABLE core.t (a int)", "CREATE SCHEMA s"):
                with pytest.raises(sa.exc.ProgrammingError), connection.begin_nested():
                    connection.execute(sa.text(statement))
            owned = connection.execute(
                sa.text("SELECT count(*) FROM pg_class WHERE relowner = (SELECT oid FROM pg_roles WHERE rolname = :r)"),
                {"r": role},
            ).scalar_one()
            assert owned == 0
