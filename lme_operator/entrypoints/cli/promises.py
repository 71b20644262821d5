"""`lme bandeja`: what was promised and could not be done, and taking it up again."""

from datetime import datetime
from uuid import UUID

import click
from sqlalchemy.engine import Connection

from lme_operator.core import outbox
from lme_operator.core.database import Deadline
from lme_operator.core.periods import SANTIAGO
from lme_operator.core.refusal import Fault
from lme_operator.entrypoints.cli.composition import Composition, Exit, Stop, pass_composition
from lme_operator.settings import Settings

_SECONDS = 10.0


@click.command("bandeja")
@click.option("--reponer", "released", type=click.UUID, help="Vuelve a intentar una detenida, por su id.")
@pass_composition
def show_promises(composition: Composition, released: UUID | None) -> None:
    """Muestra lo prometido que quedó detenido, y lo repone.

    Una tarea que falla se reintenta con pausas; después de varios inicios sin término queda detenida, sin estorbar a
    las demás, hasta que alguien corrija la causa y la reponga. Un aviso de resultado desconocido no se envía de nuevo.

    \b
    Ejemplos:
      lme bandeja
      lme bandeja --reponer 019da000-0000-7000-8000-000000000001
    """
    operator = composition.build_operator(Settings.load(), "worker")
    try:
        if released is not None:
            with operator.database.unit_of_work(deadline=Deadline(_SECONDS)) as work:
                if not outbox.release(work, released):
                    raise Stop("Bandeja: no hay ninguna tarea detenida con ese id.", Exit.FAILED)
            click.echo("Repuesta: se intentará de nuevo en un segundo.")
        with operator.database.reading(deadline=Deadline(_SECONDS)) as connection:
            click.echo(describe_backlog(connection, at=operator.database.clock()))
            for one in outbox.parked(connection):
                click.echo(f"{one.promise.id}  {one.promise.effect}  {_local(one.parked_at)}  {one.fault}")
    except Fault as fault:
        raise Stop("Base de datos: no responde, o el rol no tiene permisos sobre ella.", Exit.DATABASE) from fault


def describe_backlog(connection: Connection, *, at: datetime) -> str:
    """How the outbox stands, in a line."""
    found = outbox.backlog(connection, at=at)
    since = "" if found.oldest is None else f", la más antigua desde el {_local(found.oldest)}"
    return f"tareas pendientes: {found.due}{since}; detenidas: {found.parked}"


def _local(at: datetime) -> str:
    return f"{at.astimezone(SANTIAGO):%d-%m-%Y %H:%M:%S}"
