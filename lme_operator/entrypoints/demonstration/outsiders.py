"""`lme externos`: plays the outside parties of a demonstration."""

import threading

import click

from lme_operator.entrypoints.cli.composition import Composition, Exit, Stop, pass_composition
from lme_operator.entrypoints.cli.supervisor import until_told_to_stop
from lme_operator.settings import Settings


@click.command("externos")
@pass_composition
def play(composition: Composition) -> None:
    """Simula los servicios externos de una demostración: RNPI, Registro Civil, biometría, correo y SMS.

    Atiende en los tres puertos que siguen al de la web. El correo y los SMS no salen de este computador: quedan en la
    carpeta «buzon» de LME_HOME y se ven en /pruebas/bandeja. «lme demo» la inicia por sí sola.

    \b
    Ejemplo:
      LME_PORT=8030 lme externos
    """
    settings = Settings.load()
    try:
        with until_told_to_stop(), composition.play_outsiders(settings) as address:
            click.echo(f"Servicios externos simulados: {address}")
            threading.Event().wait()
    except OSError as error:
        raise Stop(f"Servicios externos: no se pueden simular: {error}", Exit.FAILED) from error
