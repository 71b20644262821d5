"""`lme verificar`: the verdict of a stranger, offline. It reads two files and nothing else."""

import json
import os
import sys
import textwrap
import unicodedata
from pathlib import Path

import click

from lme_operator.core.canonical import NotCanonical
from lme_operator.core.thumbprint import read
from lme_operator.domain.audit.container import FILE_AT_MOST
from lme_operator.domain.audit.trust import FILE_AT_MOST as TRUST_AT_MOST
from lme_operator.domain.audit.trust import TrustFile
from lme_operator.domain.exports import Demand, Overall, Verdict, judge_evidence

_MARKS = {True: "✓", False: "✗", None: "?"}
_PENDING = "…"
_USUAL, _LEAST = 80, 20
"""Columns of a terminal that does not tell, and the fewest that are taken."""


@click.command(
    "verificar",
    epilog="Marcas: ✓ conforme · ✗ no conforme · ? no se pudo comprobar · … falta lo que un tercero aún no agrega."
    " Después de cada línea, entre corchetes, quién la prueba.\n\n"
    "Palabras: «válida» exige que los testigos del archivo de confianza la atestigüen y que al autor lo pruebe algo que"
    " el operador no puede hacer solo; «válida según el operador» es todo lo demás que está en orden.\n\n"
    "Sale con 0 si llega a lo que pide --exige; si no, con 4 si es válida según el operador, 3 si es indeterminada, 5"
    " si es inválida o ilegible; y con 2 si la orden o el archivo de confianza no se pudo leer.",
)
@click.argument("archivo", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--confianza",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Archivo de confianza del operador (confianza.json). Sin él no se comprueba el origen. Dice también qué"
    " testigos cuentan: obténgalo de quien supervisa, o compárelo con el suyo.",
)
@click.option(
    "--llave",
    "keys",
    multiple=True,
    metavar="HUELLA",
    callback=lambda _context, _option, keys: _readable(keys),
    help="Huella de una llave del profesional, como él la tiene en su constancia: sus 43 caracteres, o sus 12 palabras"
    " entre comillas (se puede repetir).",
)
@click.option(
    "--exige",
    type=click.Choice([demand.value for demand in Demand]),
    default=Demand.OPERATOR.value,
    show_default=True,
    help="Qué basta para salir con 0: la palabra del operador, los testigos, o también la prueba del autor.",
)
@click.option("--json", "as_json", is_flag=True, help="Escribe el veredicto como JSON.")
def verify(archivo: Path, confianza: Path | None, keys: tuple[str, ...], exige: str, as_json: bool) -> None:
    """Comprueba sin conexión un archivo de evidencia, o un recibo (.json).

    \b
    lme verificar evidencia.zip --confianza confianza.json
    lme verificar evidencia.zip --confianza confianza.json --llave "HUELLA" --exige autor
    """
    with archivo.open("rb") as file:
        verdict = judge_evidence(file.read(FILE_AT_MOST + 1), _trust(confianza), keys=keys)
    _show_json(verdict) if as_json else _show(verdict)
    code = verdict.exit_code(Demand(exige))
    if code == Overall.BY_OPERATOR.exit_code and not as_json:
        click.echo(_indented(f"Usted pidió «{exige}»: {verdict.lacks(Demand(exige))}."))
    sys.exit(code)


def _readable(keys: tuple[str, ...]) -> tuple[str, ...]:
    """Return the thumbprints as typed; a word that is none is told before anything is judged."""
    for said in keys:
        try:
            read(said)
        except ValueError as error:
            raise click.BadParameter(str(error)) from error
    return keys


def _trust(file: Path | None) -> TrustFile | None:
    if file is None:
        return None
    try:
        with file.open("rb") as opened:
            return TrustFile.parse(opened.read(TRUST_AT_MOST + 1))
    except NotCanonical as error:
        words = "no es un archivo de confianza, o se guardó con otro programa: descárguelo de nuevo"
        raise click.UsageError(f"{file} {words}.") from error


def _show(verdict: Verdict) -> None:
    click.echo(f"Veredicto: {verdict.overall.word}")
    for line in verdict.lines:
        mark = _PENDING if line.pending and line.sound else _MARKS[line.sound]
        click.echo(_indented(f"  {mark} {line.topic}: {line.answer} [{verdict.proof(line).value}]"))


def _indented(line: str) -> str:
    """Break a line for the terminal ourselves: what a file says must never stand where a line of ours begins."""
    if not sys.stdout.isatty():
        return line
    columns = os.get_terminal_size(sys.stdout.fileno()).columns or _USUAL
    # A wide character takes two columns: where there is one, half of them are sure not to be passed.
    wide = any(unicodedata.east_asian_width(character) in "WF" for character in line)
    width = max(columns // 2 if wide else columns, _LEAST)
    return textwrap.fill(line, width, subsequent_indent=" " * 6, break_on_hyphens=False)


def _show_json(verdict: Verdict) -> None:
    lines = [
        {
            "tema": line.topic,
            "respuesta": line.answer,
            "conforme": line.sound,
            "pendiente": line.pending,
            "prueba": verdict.proof(line).value,
        }
        for line in verdict.lines
    ]
    click.echo(json.dumps({"veredicto": verdict.overall.word, "lineas": lines}, ensure_ascii=False, indent=2))
