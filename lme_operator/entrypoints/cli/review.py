"""`lme revisar`: is everything that the operator needs in its place?"""

import click
from sqlalchemy.engine import Connection

from lme_operator.core.database import Deadline
from lme_operator.core.refusal import Fault
from lme_operator.domain.audit import Checkpoint, Standing, parse_note, verify_log
from lme_operator.entrypoints.cli import schema
from lme_operator.entrypoints.cli.composition import Composition, Exit, Operator, Stop, pass_composition
from lme_operator.entrypoints.cli.operations import edited_migrations
from lme_operator.entrypoints.cli.promises import describe_backlog
from lme_operator.entrypoints.jobs.broker import check_broker
from lme_operator.settings import VARIABLES, Settings

_SECONDS = 10.0
_WHOLE_SECONDS = 3600.0
_CODES = """\b
Códigos de salida:
  0  todo está bien
  3  ajustes incorrectos o incompletos
  4  las llaves faltan o no se pueden usar
  5  la base de datos no responde
  6  faltan migraciones, sobran (el programa es más antiguo que la base) o se editó una ya aplicada
  7  el registro de auditoría está vacío o alterado
  8  la mensajería de las tareas no responde
"""


@click.command(
    "revisar",
    help="Revisa ajustes, llaves, base de datos, migraciones, registro y mensajería, en ese orden.\n\n"
    "Se detiene en la primera falla, dice cuál es y no cambia nada.\n\n"
    f"{_CODES}\n\b\nVariables:\n"
    + "\n".join(f"  {name:<30}{words}" for name, (_, words) in VARIABLES.items())
    + "\n\n\b\nEjemplos:\n  lme revisar && lme servir\n  lme revisar --registro-completo",
)
@click.option("--registro-completo", "whole_log", is_flag=True, help="Comprueba cada entrada, no solo la última.")
@pass_composition
def review(composition: Composition, whole_log: bool) -> None:
    """Check each part in order; end with the exit code of the first that fails."""
    settings = Settings.load()
    _say("ajustes", f"entorno {settings.environment}, {settings.web.origin}")
    operator = composition.build_operator(settings, "application")
    _say("llaves", str(settings.keys))
    try:
        with operator.database.reading(deadline=Deadline(_WHOLE_SECONDS if whole_log else _SECONDS)) as connection:
            _say("base de datos", "responde")
            _say("migraciones", _migrations(connection, settings))
            _say("registro", _whole_log(operator, connection) if whole_log else _log_tail(operator, connection))
            _say("bandeja", describe_backlog(connection, at=operator.database.clock()))
    except Fault as fault:
        raise Stop("Base de datos: no responde, o el rol no tiene permisos sobre ella.", Exit.DATABASE) from fault
    try:
        check_broker(settings)
    except Exception as error:
        raise Stop(f"Mensajería: no responde ({type(error).__name__}).", Exit.BROKER) from error
    _say("mensajería", "responde")


def _migrations(connection: Connection, settings: Settings) -> str:
    applied, newest = schema.applied_revisions(connection), schema.newest_revisions()
    if applied != newest:
        raise Stop(
            f"Migraciones: la base está en {_list(applied)} y el programa en {_list(newest)}; ejecute «lme migrar».",
            Exit.MIGRATIONS,
        )
    try:
        kept = schema.require_unedited(connection)
    except schema.MigrationsEdited as edited:
        raise edited_migrations(edited, settings) from edited
    return _list(applied) if kept else f"{_list(applied)}, sin resúmenes: «lme migrar» los guarda"


def _log_tail(operator: Operator, connection: Connection) -> str:
    """The newest checkpoint, signed and by a key of the trust file."""
    note = parse_note(operator.log.checkpoint(connection))
    size = Checkpoint.parse(note.body).size
    if size == 0:
        raise Stop("Registro: está vacío; ejecute «lme inicializar».", Exit.LOG)
    try:
        signers = operator.trust.signers(note, index=size - 1)
    except ValueError as refused:
        raise Stop(f"Registro: su punto de control no es válido ({refused}).", Exit.LOG) from refused
    if signers.standing is Standing.UNKNOWN:
        raise Stop("Registro: firma su punto de control quien el archivo de confianza no nombra.", Exit.LOG)
    return f"{size} entradas"


def _whole_log(operator: Operator, connection: Connection) -> str:
    """Every entry, its place in the tree, its key and its disclosures."""
    report = verify_log(connection, trust=operator.trust, sealer=operator.sealer)
    if report.fault is not None:
        raise Stop(f"Registro: falla en el índice {report.fault.index}: {report.fault.kind}.", Exit.LOG)
    if report.size == 0:
        raise Stop("Registro: está vacío; ejecute «lme inicializar».", Exit.LOG)
    return f"{report.size} entradas, todas comprobadas"


def _list(revisions: frozenset[str]) -> str:
    return ", ".join(sorted(revisions)) or "nada"


def _say(name: str, found: str) -> None:
    click.echo(f"bien  {name:<14} {found}")
