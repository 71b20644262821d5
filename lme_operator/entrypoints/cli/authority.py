"""`lme autoridad`: what an authority's system does, from the command line and by the same signed API (N-6d)."""

import json
import sys
from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from enum import IntEnum
from typing import Any
from uuid import UUID

import click

from lme_operator.core.periods import SANTIAGO
from lme_operator.core.run import Run
from lme_operator.entrypoints.cli.authority_access import (
    Access,
    DayType,
    InstantType,
    RunType,
    reaching,
    repeatable,
)
from lme_operator.entrypoints.cli.machine_client import Reply, Unreachable

_BASE = "/api/v1/autoridad"
_WRONG_USAGE = frozenset({"datos_invalidos", "json_invalido", "solicitud_invalida", "idempotency_key_invalida"})


class End(IntEnum):
    """Exit codes; 2 is also click's own, for a wrong command line."""

    DONE = 0
    REFUSED = 1
    WRONG_USAGE = 2
    UNREACHABLE = 3


@click.group("autoridad")
def authority() -> None:
    """Órdenes y consultas de SUSESO y las COMPIN, firmadas con su llave (Ley 20.585).

    Sin --direccion, --llave ni --keyid se usa la demostración de LME_HOME (demo.json).
    Sale con 0 si se hizo, 1 si una regla lo rechazó, 2 si los datos están mal y 3 si el operador no responde.
    """


@authority.command("suspender")
@click.option("--run", type=RunType(), required=True, help="RUN del profesional, registrado aquí o no.")
@click.option("--resolucion", required=True, help="Número de la resolución.")
@click.option("--fecha-resolucion", type=DayType(), required=True, help="Fecha de la resolución.")
@click.option("--desde", type=DayType(), required=True, help="Primer día suspendido.")
@click.option("--hasta", type=DayType(), help="Último día suspendido.")
@click.option("--definitiva", is_flag=True, help="Sin fecha de término, en vez de --hasta.")
@click.option("--fundamento", required=True, help="Fundamento de la sanción.")
@click.option("--provisional", is_flag=True, help="Es una medida provisional.")
@repeatable
@reaching
def suspend(
    *,
    run: Run,
    resolucion: str,
    fecha_resolucion: date,
    desde: date,
    hasta: date | None,
    definitiva: bool,
    fundamento: str,
    provisional: bool,
    clave: str,
    access: Access,
    as_json: bool,
) -> None:
    """Suspende la facultad de un profesional de emitir licencias. Rige apenas responde.

    \b
    lme autoridad suspender --run 15000001-7 --resolucion 1234/2026 --fecha-resolucion 2026-04-17 \\
        --desde 2026-04-20 --hasta 2026-05-19 --fundamento "Artículo 2, Ley 20.585"
    lme autoridad suspender --run 15000001-7 --resolucion 77 --fecha-resolucion 2026-04-17 --desde 2026-04-20 \\
        --definitiva --fundamento "Artículo 5" \\
        --direccion https://lme.operador.example --llave compin.pem --keyid compin-13
    """
    if (hasta is None) is not definitiva:
        raise click.UsageError("indique --hasta con el último día, o --definitiva.")
    body = {
        "run": str(run),
        "numero_resolucion": resolucion,
        "fecha_resolucion": fecha_resolucion.isoformat(),
        "desde": desde.isoformat(),
        "hasta": None if hasta is None else hasta.isoformat(),
        "fundamento": fundamento,
        "provisional": provisional,
    }
    reply = _ask(access, "/suspensiones", body, clave)
    _finish(reply, as_json, _show_suspended)


@authority.command("levantar")
@click.argument("suspension", type=click.UUID)
@click.option("--resolucion", required=True, help="Número de la resolución que levanta.")
@click.option("--motivo", required=True, help="Por qué se levanta.")
@click.option("--desde", type=DayType(), help="Primer día libre; por omisión, de inmediato.")
@repeatable
@reaching
def lift(
    *,
    suspension: UUID,
    resolucion: str,
    motivo: str,
    desde: date | None,
    clave: str,
    access: Access,
    as_json: bool,
) -> None:
    """Levanta una suspensión propia: SUSPENSION es el id que se recibió al ordenarla.

    \b
    lme autoridad levantar 019da… --resolucion 1300/2026 --motivo "Entregó los antecedentes"
    lme autoridad levantar 019da… --resolucion 1300/2026 --motivo "Se acogió el recurso" --desde 2026-05-04
    """
    body: dict[str, Any] = {"numero_resolucion": resolucion, "motivo": motivo}
    if desde is not None:
        body["desde"] = desde.isoformat()
    reply = _ask(access, f"/suspensiones/{suspension}/levantamiento", body, clave)
    _finish(reply, as_json, _show_lifted)


@authority.command("consultar")
@click.option("--run", type=RunType(), required=True, help="RUN de la persona.")
@click.option("--instante", type=InstantType(), help="Instante pasado; por omisión, ahora.")
@reaching
def consult(
    *,
    run: Run,
    instante: datetime | None,
    access: Access,
    as_json: bool,
) -> None:
    """Dice si una persona está suspendida, o lo estaba en un instante, por quién y desde cuándo.

    \b
    lme autoridad consultar --run 15000001-7
    lme autoridad consultar --run 15000001-7 --instante 2026-04-20T10:32:00-04:00 --json
    """
    body = {"run": str(run)} | ({} if instante is None else {"instante": instante.isoformat()})
    _finish(_ask(access, "/consultas/profesional", body, None), as_json, _show_consulted)


def _ask(access: Access, path: str, body: Mapping[str, Any], key: str | None) -> Reply:
    try:
        return access.client().post(_BASE + path, body, key=key)
    except Unreachable as unreachable:
        click.echo(str(unreachable), err=True)
        if unreachable.key is not None:
            click.echo(f"No se sabe si se hizo. Repita lo mismo con --clave {unreachable.key}", err=True)
        sys.exit(End.UNREACHABLE)


def _finish(reply: Reply, as_json: bool, show: Callable[[Mapping[str, Any]], None]) -> None:
    """Show the answer, or every reason why not, and end with the exit code."""
    if as_json:
        click.echo(json.dumps(reply.body, ensure_ascii=False, indent=2))
    elif reply.done:
        show(reply.body)
    if reply.done:
        return
    if not as_json:
        _show_problem(reply)
    sys.exit(End.WRONG_USAGE if reply.code in _WRONG_USAGE else End.REFUSED)


def _show_problem(reply: Reply) -> None:
    click.echo(f"{reply.body.get('title', f'El operador respondió {reply.status}.')} [{reply.code}]", err=True)
    for field in reply.body.get("errores", ()):
        click.echo(f"  {field['puntero']}: {field['mensaje']}", err=True)
    for reason in reply.body.get("motivos", ()):
        click.echo(f"  {reason['causa']} ({reason['norma']})", err=True)
    if "detail" in reply.body:
        click.echo(reply.body["detail"], err=True)


def _show_suspended(body: Mapping[str, Any]) -> None:
    click.echo(f"Suspensión {body['id']}")
    click.echo(f"  Recibida en:            {_when(body['recibida_en'])}")
    click.echo(f"  Efectiva desde:         {_effective(body)}")
    click.echo(f"  Profesional registrado: {'sí' if body['profesional_registrado'] else 'no'}")
    click.echo(f"  Sesiones cerradas:      {body['sesiones_cerradas']}")
    _show_receipt(body)


def _show_lifted(body: Mapping[str, Any]) -> None:
    click.echo(f"Levantamiento {body['id']}")
    click.echo(f"  Suspensión:     {body['suspension']}")
    click.echo(f"  Recibido en:    {_when(body['recibida_en'])}")
    click.echo(f"  Efectivo desde: {_when(body['efectiva_desde'])}")
    _show_receipt(body)


def _show_consulted(body: Mapping[str, Any]) -> None:
    state = "SUSPENDIDA" if body["bloqueado"] else "sin suspensión"
    click.echo(f"{body['run']} en {_when(body['instante'])}: {state}")
    for cause in body["causas"]:
        until = "sin término" if cause["hasta"] is None else f"hasta el {_day(cause['hasta'])} inclusive"
        number = "" if cause["numero_resolucion"] is None else f", resolución {cause['numero_resolucion']}"
        click.echo(f"  {cause['autoridad']}{number}: desde el {_day(cause['desde'])} {until}")
        click.echo(f"    Efectiva desde: {_effective(cause)}")
        _show_receipt(cause, indent="    ")


def _show_receipt(body: Mapping[str, Any], indent: str = "  ") -> None:
    receipt = body["recibo"]
    click.echo(f"{indent}Recibo: entrada {receipt['indice']} del registro, raíz {receipt['raiz']}")


def _effective(suspension: Mapping[str, Any]) -> str:
    instant = suspension["efectiva_desde"]
    return "nunca: su último día ya había pasado al recibirla" if instant is None else _when(instant)


def _when(instant: str) -> str:
    """An instant in Chile's time, and exactly."""
    local = datetime.fromisoformat(instant).astimezone(SANTIAGO)
    hours = (local.utcoffset() or timedelta()) // timedelta(hours=1)
    return f"{local:%d-%m-%Y %H:%M:%S} (UTC{hours:+d}; {instant})"


def _day(day: str) -> str:
    return f"{date.fromisoformat(day):%d-%m-%Y}"
