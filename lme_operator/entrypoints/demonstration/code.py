"""`lme codigo`: the one-time code of a demonstration person, each one once."""

import json
import time

import click
import pyotp

from lme_operator.core.clock import movable_clock
from lme_operator.entrypoints.cli.composition import Exit, Stop
from lme_operator.entrypoints.demonstration.files import write_private
from lme_operator.entrypoints.demonstration.people import plain
from lme_operator.settings import Settings

_STEP = 30


@click.command("codigo")
@click.argument("apodo")
def show_code(apodo: str) -> None:
    """Muestra un código de un solo uso de una persona de la demostración, que no se haya mostrado antes.

    APODO es el de demo.json, con o sin acentos. Si el código de este momento ya se mostró, espera el siguiente: a lo
    más 30 segundos.

    \b
    Ejemplo:
      lme codigo medica
    """
    settings = Settings.load()
    file, shown_file = settings.home / "demo.json", settings.home / "codigos.json"
    if settings.clock_file is None or not file.exists():
        raise Stop("No hay una demostración en LME_HOME; iníciela con «make demo».", Exit.SETTINGS)
    people = {plain(person["apodo"]): person for person in json.loads(file.read_text(encoding="utf-8"))["personas"]}
    apodo = plain(apodo)
    if apodo not in people:
        raise click.BadParameter(f"no hay nadie con ese apodo; hay: {', '.join(people)}.", param_hint="APODO")
    clock = movable_clock(settings.clock_file)
    shown: dict[str, int] = json.loads(shown_file.read_text(encoding="utf-8")) if shown_file.exists() else {}
    spent = shown.get(apodo, 0)
    if int(clock().timestamp()) // _STEP in (spent - 1, spent):
        click.echo("Esperando el código siguiente…", err=True)
        while int(clock().timestamp()) // _STEP in (spent - 1, spent):
            time.sleep(0.2)
    at = clock()
    write_private(shown_file, json.dumps({**shown, apodo: int(at.timestamp()) // _STEP}).encode())
    click.echo(pyotp.TOTP(people[apodo]["totp"]).at(at))
