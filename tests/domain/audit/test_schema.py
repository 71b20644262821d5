"""The tables of the log keep their guards: unique indices, triggers, and rights to insert and select alone."""

from collections.abc import Callable

import psycopg
import pytest
import sqlalchemy as sa
from sqlalchemy import exc

from lme_operator.domain.audit.records import metadata
from tests.domain.audit.conftest import Append

FACTS = ("entry", "disclosure", "attempt", "attempt_batch")
_RIGHTS = sa.text("""
    SELECT a.grantee::regrole::text AS role, c.relname AS table,
           string_agg(a.privilege_type, ',' ORDER BY a.privilege_type) AS rights
    FROM pg_class c CROSS JOIN LATERAL aclexplode(c.relacl) a
    WHERE c.relnamespace = 'audit'::regnamespace AND c.relkind = 'r'
    GROUP BY 1, 2
""")
ROLES = ("lme_application", "lme_worker", "lme_reader")


@pytest.fixture
def connect(role_url: Callable[[str], str]) -> Callable[[str], sa.Connection]:
    return lambda role: sa.create_engine(role_url(role), poolclass=sa.NullPool).connect()


@pytest.mark.norm("N-2.4a")
@pytest.mark.parametrize("role", [*ROLES, "lme_owner"])
def test_nobody_updates_deletes_or_truncates_the_log(
    connect: Callable[[str], sa.Connection], append: Append, role: str
) -> None:
    append(1)
    with connect(role) as connection:
        for table in FACTS:
            column = metadata.tables[f"audit.{table}"].columns.keys()[-1]
            for change in (f"UPDATE {{}} SET {column} = {column}", "DELETE FROM {}", "TRUNCATE {}"):
                if table in ("attempt", "attempt_batch") and role == "lme_owner" and "TRUNCATE" not in change:
                    continue  # no rows here, so no row for the trigger to refuse
                with pytest.raises(exc.ProgrammingError) as refused, connection.begin_nested():
                    connection.execute(sa.text(change.format(f"audit.{table}")))
                assert isinstance(refused.value.orig, psycopg.errors.InsufficientPrivilege)


@pytest.mark.norm("N-2.4a")
def test_rights_on_the_log_are_insert_and_select_alone(connect: Callable[[str], sa.Connection]) -> None:
    with connect("lme_reader") as connection:
        rows = connection.execute(_RIGHTS).all()
    found = {(row.role, row.table): row.rights for row in rows if row.role != "lme_owner"}
    expected = {(role, table): "INSERT,SELECT" for role in ROLES[:2] for table in FACTS}
    expected |= {("lme_reader", table): "SELECT" for table in (*FACTS, "attempt_pending")}
    expected |= {(role, "attempt_pending"): "DELETE,INSERT,SELECT" for role in ROLES[:2]}
    assert found == expected


@pytest.mark.norm("N-2.4a")
def test_no_index_no_id_twice(connect: Callable[[str], sa.Connection], append: Append) -> None:
    append(2)
    again = "INSERT INTO audit.entry SELECT {}, leaf, edge, key_id FROM audit.entry WHERE index = 1"
    with connect("lme_owner") as connection:
        for columns in ("index, gen_random_uuid()", "index + 0, id"):
            with pytest.raises(exc.IntegrityError) as refused, connection.begin_nested():
                connection.execute(sa.text(again.format(columns)))
            assert isinstance(refused.value.orig, psycopg.errors.UniqueViolation)
        with pytest.raises(exc.IntegrityError, match="entry_check"), connection.begin_nested():
            connection.execute(sa.text(again.format("index + 2, gen_random_uuid()")))


@pytest.mark.norm("N-2.4a")
def test_what_is_read_back_is_what_was_hashed(connect: Callable[[str], sa.Connection], append: Append) -> None:
    """The leaf is stored as bytes, never as columns that a database could round or reorder."""
    append(3)
    with connect("lme_reader") as connection:
        types = connection.execute(
            sa.text(
                "SELECT data_type FROM information_schema.columns WHERE (table_name, column_name) IN"
                " (('entry', 'leaf'), ('disclosure', 'sealed'), ('attempt', 'leaf_hash'))"
            )
        ).scalars()
        assert set(types) == {"bytea"}
        edge, leaf_hash = connection.execute(
            sa.text(
                "SELECT edge, sha256('\\x00' || (SELECT leaf FROM audit.entry WHERE index = 0))"
                " FROM audit.entry WHERE index = 1"
            )
        ).one()
    assert edge == [leaf_hash]
