"""What every migration needs: append-only tables and grants to the roles that are not the owner.

The owner can still drop a trigger; that is why nobody but `lme migrar` connects as owner, and why the log's hash chain
stands on top (N-2.4a).
"""

from collections.abc import Iterable

from alembic import op

APPLICATION, WORKER, READER = "lme_application", "lme_worker", "lme_reader"


def append_only(table: str) -> None:
    """Make `table` (`schema.name`) append-only: application and worker may SELECT and INSERT, the reader SELECT.

    UPDATE, DELETE and TRUNCATE are refused to everybody, the owner too. A table with a column that may change after
    all gets `grant` and a trigger that says what may change, and not this.
    """
    op.execute(
        f"CREATE TRIGGER refuse_change BEFORE UPDATE OR DELETE ON {table}"
        " FOR EACH ROW EXECUTE FUNCTION core.refuse_change()"
    )
    op.execute(
        f"CREATE TRIGGER refuse_truncate BEFORE TRUNCATE ON {table}"
        " FOR EACH STATEMENT EXECUTE FUNCTION core.refuse_change()"
    )
    grant("SELECT, INSERT", on=table)
    grant("SELECT", on=table, to=(READER,))


def grant(privileges: str, *, on: str, to: Iterable[str] = (APPLICATION, WORKER)) -> None:
    """Grant `privileges` (`SELECT, INSERT`, `UPDATE (epoch)`) on the table `on` to the roles `to`."""
    op.execute(f"GRANT {privileges} ON {on} TO {', '.join(to)}")
