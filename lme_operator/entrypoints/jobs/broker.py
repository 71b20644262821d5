"""The messenger between the web, the schedule and the workers: PostgreSQL by default, Redis or RabbitMQ by URL."""

from typing import Any

import psycopg
from kombu import Connection
from pgmq.install import install_pgmq_from_sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from lme_operator.settings import Settings

_POSTGRESQL = ("postgresql://", "postgres://")


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
            "visibility_timeout": settings.jobs.visibility_seconds,
        },
    }


def prepare_broker(settings: Settings) -> None:
    """Install the queues' functions in the broker's database, once; nothing to do for Redis or RabbitMQ."""
    url = settings.jobs.broker_url
    if not url.startswith(_POSTGRESQL):
        return
    with psycopg.connect(url, connect_timeout=2) as connection:
        connection.execute("SELECT pg_advisory_xact_lock(%s)", [0x4C4D45])
        if connection.execute("SELECT to_regnamespace('pgmq') IS NULL").fetchone() == (True,):
            install_pgmq_from_sql(conn=connection)


def check_broker(settings: Settings) -> None:
    """Open and close a connection to the broker; raise its client's own error when it does not answer."""
    options = transport(settings)
    with Connection(options["broker_url"], transport_options=options["broker_transport_options"]) as connection:
        connection.ensure_connection(max_retries=1, timeout=5)
        with connection.channel():
            pass
