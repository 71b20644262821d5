"""Runs the migrations on the connection handed over by `lme migrar` or by the tests, in one transaction.

Two operators who migrate at once: the second waits, finds everything done, and does nothing. A migration that would
stop the live system waiting for a lock gives up instead (`lock_timeout`).
"""

from alembic import context
from sqlalchemy import text

_MIGRATING = 0x4C4D45  # the advisory lock of migrations: "LME"

connection = context.config.attributes["connection"]
context.configure(connection=connection, transactional_ddl=True)
with context.begin_transaction():
    connection.execute(text("SET LOCAL lock_timeout = '60s'"))
    connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _MIGRATING})
    connection.execute(text("SET LOCAL lock_timeout = '3s'"))
    connection.execute(text("SET LOCAL statement_timeout = '300s'"))
    context.run_migrations()
