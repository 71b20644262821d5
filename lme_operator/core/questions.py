"""Questions: selects compiled once and asked without SQLAlchemy's machinery of execution and results.

What is asked several times at each act costs a third so (17 µs of processor a question against 51, measured); the
text, its casts and its errors are SQLAlchemy's still. Only for columns whose values the driver itself gives as the
rooms take them: no type decorators.
"""

from collections import namedtuple
from collections.abc import Mapping
from functools import cached_property
from typing import Any

import psycopg
import sqlalchemy as sa
from sqlalchemy import exc
from sqlalchemy.dialects.postgresql import psycopg as dialect
from sqlalchemy.engine import Connection

_DIALECT = dialect.dialect()  # type: ignore[no-untyped-call]


class Question:
    """A select built once, to be asked of any connection; its answers are named tuples."""

    def __init__(self, select: "sa.Select[Any] | sa.CompoundSelect[Any]") -> None:
        self._select = select

    def all(self, connection: Connection, values: Mapping[str, Any] | None = None) -> list[Any]:
        """Return every row."""
        if connection.dispatch.before_cursor_execute or connection.engine.dispatch.before_cursor_execute:
            return list(connection.execute(self._select, values).all())  # somebody listens to what is asked
        text, fixed = self._compiled
        if (values or {}).keys() != self._asked:
            raise KeyError(f"the question takes {sorted(self._asked)}, not {sorted(values or {})}")
        driver = connection.connection.driver_connection
        assert isinstance(driver, psycopg.Connection)  # noqa: S101 - the one driver of `core.database`
        try:
            rows = driver.cursor().execute(text, {**fixed, **(values or {})}).fetchall()
        except psycopg.Error as error:
            raise translated(connection, text, error) from error
        return [self._row(*row) for row in rows]

    def first(self, connection: Connection, values: Mapping[str, Any] | None = None) -> Any | None:  # noqa: ANN401
        """Return the only row, or None; `LookupError` when there are several."""
        rows = self.all(connection, values)
        if len(rows) > 1:
            raise LookupError("more than one row")
        return rows[0] if rows else None

    @cached_property
    def _compiled(self) -> tuple[str, dict[str, Any]]:
        compiled = self._select.compile(dialect=_DIALECT)
        fixed = {name: bind.value for name, bind in compiled.binds.items() if not bind.required}
        return str(compiled), fixed

    @cached_property
    def _asked(self) -> frozenset[str]:
        """The values to give: a slip in a name would be a NULL, and find nothing."""
        binds = self._select.compile(dialect=_DIALECT).binds
        return frozenset(name for name, bind in binds.items() if bind.required)

    @cached_property
    def _row(self) -> type[Any]:
        return namedtuple("Row", [column.key or "" for column in self._select.selected_columns], rename=True)


def translated(connection: Connection, text: str, error: psycopg.Error) -> Exception:
    """Return the driver's error as SQLAlchemy's; where the server is lost SQLAlchemy hears it and empties its pool."""
    driver = connection.connection.driver_connection
    if driver is None or driver.closed:
        try:
            connection.exec_driver_sql("SELECT 1")
        except exc.DBAPIError as lost:
            return lost
    return exc.DBAPIError.instance(text, None, error, psycopg.Error)
