"""`lme verificar`: the verdict of a stranger, offline. It reads two files and nothing else."""

import json
import sys
from pathlib import Path

import click

from lme_operator.core.canonical import NotCanonical
from lme_operator.domain.audit.trust import TrustFile
from lme_operator.domain.exports import Verdict, judge_evidence

_MARKS = {True: "✓", False: "✗", None: "?"}
_PENDING = "…"
_LARGEST = 50_000_000


@click.command(
    "verificar",
    epilog="Marcas: ✓ conforme · ✗ no conforme · ? no se pudo comprobar · … falta lo que un tercero aún no agrega, y"
    " eso no cambia el veredicto.\n\n"
    "Sale con 0 si es válida, 3 si es indeterminada, 5 si es inválida y 2 si no se pudo leer.",
)
@click.argument("archivo", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--confianza",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Archivo de confianza del operador (confianza.json). Sin él no se comprueba el origen.",
)
@click.option("--json", "as_json", is_flag=True, help="Escribe el veredicto como JSON.")
def verify(archivo: Path, confianza: Path | None, as_json: bool) -> None:
    """Comprueba un archivo de evidencia sin conexión.

    \b
    lme verificar evidencia.zip --confianza confianza.json
    lme verificar evidencia.zip --confianza confianza.json --json
    """
    if archivo.stat().st_size > _LARGEST:
        raise click.UsageError(f"{archivo} es demasiado grande para ser un archivo de evidencia.")
    verdict = judge_evidence(archivo.read_bytes(), _trust(confianza))
    _show_json(verdict) if as_json else _show(verdict)
    sys.exit(verdict.overall.exit_code)


def _trust(file: Path | None) -> TrustFile | None:
    if file is None:
        return None
    try:
        return TrustFile.parse(file.read_bytes())
    except NotCanonical as error:
        raise click.UsageError(f"{file} no es un archivo de confianza: {error}.") from error


def _show(verdict: Verdict) -> None:
    click.echo(f"Veredicto: {verdict.overall.word}")
    for line in verdict.lines:
        click.echo(f"  {_PENDING if line.pending else _MARKS[line.sound]} {line.topic}: {line.answer}")


def _show_json(verdict: Verdict) -> None:
    lines = [
        {"tema": line.topic, "respuesta": line.answer, "conforme": line.sound, "pendiente": line.pending}
        for line in verdict.lines
    ]
    click.echo(json.dumps({"veredicto": verdict.overall.word, "lineas": lines}, ensure_ascii=False, indent=2))
