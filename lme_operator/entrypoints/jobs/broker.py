"""The messenger between the web, the schedule and the workers: PostgreSQL by default, Redis or RabbitMQ by URL."""

from typing import Any

import psycopg
from kombu import Connection
from pgmq.install import install_pgmq_from_sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from lme_operator.settings import Settings

_POSTGRESQL = ("postgresql://", "postgres://")
_PATIENCE = 5  # seconds for a connection: a worker whose broker is gone must still be able to stop
_INSTALLING = 0x4C4D45  # advisory lock, in the broker's own database


def transport(settings: Settings) -> dict[str, Any]:
    """Celery's options for the broker of the settings.

    PostgreSQL's address goes as key=value: kombu's transport would lose the socket and sslmode of a URL. Workers are
    woken by NOTIFY; without it, or with long polls, a worker does five tasks a second.
    """
    url = settings.jobs.broker_url
    if not url.startswith(_POSTGRESQL):
        return {
            "broker_url": url,
            "broker_transport_options": {"visibility_timeout": settings.jobs.visibility_seconds},
        }
    return {
        "broker_url": "pgmq://",
        "broker_transport_options": {
            "conn_string": make_conninfo(**{name: str(value) for name, value in conninfo_to_dict(url).items()}),
            "init_extension": False,
            "use_notify": True,
            "wait_time_seconds": 0,
            "pool_timeout": _PATIENCE,
            "visibility_timeout": settings.jobs.visibility_seconds,
        },
    }


def prepare_broker(settings: Settings) -> None:
    """Install the queues' functions in the broker's database, once; nothing to do for Redis or RabbitMQ."""
    url = settings.jobs.broker_url
    if not url.startswith(_POSTGRESQL):
        return
    with psycopg.connect(url, connect_timeout=2) as connection:
        connection.execute("SELECT pg_advisory_xact_lock(%s)", [_INSTALLING])
        if not _installed(connection):
            install_pgmq_from_sql(conn=connection)


def check_broker(settings: Settings) -> None:
    """Open and close a connection to the broker; raise its client's own error when it does not serve."""
    url = settings.jobs.broker_url
    if not url.startswith(_POSTGRESQL):
        with Connection(url) as broker:
            broker.ensure_connection(max_retries=1, timeout=5)
        return
    with psycopg.connect(url, connect_timeout=2) as connection:
        if not _installed(connection):
            raise LookupError("the queues' functions are not installed: lme migrar")


def _installed(connection: "psycopg.Connection[tuple[object, ...]]") -> bool:
    return connection.execute("SELECT to_regnamespace('pgmq') IS NOT NULL").fetchone() == (True,)
