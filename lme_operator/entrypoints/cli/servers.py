"""Commands that become a server: web, worker, schedule. They import little: the server will import its own."""

import os
import sys
from typing import NoReturn

import click

from lme_operator.settings import Settings


@click.command("servir")
def serve() -> None:
    """Atiende la web y la API.

    Procesos e hilos vienen de los ajustes; un proceso que muere se repone solo. Se detiene con SIGTERM o Ctrl-C.

    \b
    Ejemplo:
      LME_PORT=8443 LME_WEB_WORKERS=4 lme servir
    """
    web = Settings.load().web
    _become(
        "granian", "--interface", "asgi", "--factory", "--host", web.host, "--port", str(web.port),
        "--workers", str(web.workers), "--backpressure", "4096", "--no-ws", "--http", "1",
        "--respawn-failed-workers", "--workers-kill-timeout", "10", "--log-level", "warning",
        "lme_operator.wiring:application",
    )  # fmt: skip


@click.command("trabajar")
@click.option("--colas", "queues", help="Solo estas colas, separadas por comas: registro, bandeja, externos.")
def work(queues: str | None) -> None:
    """Ejecuta las tareas de fondo.

    Usa LME_DATABASE_URL_WORKER y LME_BROKER_URL, el correo (LME_SMTP_URL) y los SMS (LME_SMS_URL). Una tarea
    interrumpida se entrega de nuevo. Con --colas unos equipos pueden quedar libres de lo que espera a terceros.

    \b
    Ejemplos:
      LME_BROKER_URL=redis://localhost lme trabajar
      lme trabajar --colas registro,bandeja
    """
    settings = Settings.load()
    _ = settings.mail.server_url, settings.sms.provider_url  # refused now, not at the first message
    _become(
        "celery", "--app", "celery_worker", "--quiet", "worker", "--loglevel", "WARNING", "--pool", "prefork",
        "--concurrency", str(settings.jobs.workers),
        "--without-gossip", "--without-mingle", "--without-heartbeat", *(("--queues", queues) if queues else ()),
    )  # fmt: skip


@click.command("agenda")
def schedule() -> None:
    """Entrega a tiempo las tareas periódicas (UTC). Basta una; con dos, cada tarea se entrega dos veces sin daño.

    \b
    Ejemplo:
      lme agenda
    """
    Settings.load()
    _become("celery", "--app", "celery_worker", "--quiet", "beat", "--loglevel", "WARNING", "--scheduler", _SCHEDULER)


_SCHEDULER = "celery.beat:Scheduler"
"""Celery's scheduler without a file: nothing of the schedule needs to be remembered."""


def _become(module: str, *arguments: str) -> NoReturn:
    """Replace this process: signals then reach the server itself."""
    sys.stdout.flush()
    os.execv(sys.executable, [sys.executable, "-m", module, *arguments])  # noqa: S606
