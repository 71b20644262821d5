"""`lme autoridad`: what an authority's system does, from the command line and by the same signed API (N-6d)."""

import json
import sys
from collections.abc import Callable, Mapping
from datetime import date, datetime
from enum import IntEnum
from typing import Any
from uuid import UUID

import click

from lme_operator.core.run import Run
from lme_operator.entrypoints.authority_client.access import (
    Access,
    DayType,
    InstantType,
    RunType,
    reaching,
    repeatable,
    resolving,
)
from lme_operator.entrypoints.authority_client.answers import (
    show_consulted,
    show_lifted,
    show_materialised,
    show_suspended,
)
from lme_operator.entrypoints.authority_client.requests import Reply, Unreachable

_BASE = "/api/v1/autoridad"
_WRONG_USAGE = frozenset(
    {
        "datos_invalidos",
        "fecha_de_resolucion_imposible",
        "json_invalido",
        "solicitud_invalida",
        "idempotency_key_invalida",
    }
)


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
@resolving
@repeatable
@reaching
def suspend(*, run: Run, terms: Mapping[str, Any], clave: str, access: Access, as_json: bool) -> None:
    """Suspende la facultad de un profesional de emitir licencias. Rige apenas responde.

    \b
    lme autoridad suspender --run 15000001-7 --resolucion 1234/2026 --fecha-resolucion 2026-04-17 \\
        --desde 2026-04-20 --hasta 2026-05-19 --fundamento "Artículo 2, Ley 20.585"
    lme autoridad suspender --run 15000001-7 --resolucion 77 --fecha-resolucion 2026-04-17 --desde 2026-04-20 \\
        --definitiva --fundamento "Artículo 5" \\
        --direccion https://lme.operador.example --llave compin.pem --keyid compin-13
    """
    reply = _ask(access, "/suspensiones", {"run": str(run), **terms}, clave)
    _finish(reply, as_json, show_suspended)


@authority.command("reemplazar")
@click.argument("suspension", type=click.UUID)
@click.option("--correccion", "kind", flag_value="correccion", help="Desde ahora vale sólo el período nuevo.")
@click.option("--renovacion", "kind", flag_value="renovacion", help="El período nuevo se suma, sin intervalo.")
@resolving
@repeatable
@reaching
def replace(
    *, suspension: UUID, kind: str | None, terms: Mapping[str, Any], clave: str, access: Access, as_json: bool
) -> None:
    """Corrige o renueva una suspensión propia: SUSPENSION es el id que se recibió al ordenarla.

    \b
    lme autoridad reemplazar 019da… --correccion --resolucion 1250/2026 --fecha-resolucion 2026-04-18 \\
        --desde 2026-04-20 --hasta 2026-05-04 --fundamento "Error en el período"
    lme autoridad reemplazar 019da… --renovacion --resolucion 1400/2026 --fecha-resolucion 2026-05-15 \\
        --desde 2026-05-20 --hasta 2026-06-18 --fundamento "No entregó los antecedentes"
    """
    if kind is None:
        raise click.UsageError("indique --correccion o --renovacion.")
    reply = _ask(access, f"/suspensiones/{suspension}/reemplazo", {"clase": kind, **terms}, clave)
    _finish(reply, as_json, show_suspended)


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
    _finish(reply, as_json, show_lifted)


@authority.command("materializacion")
@click.argument("suspension", type=click.UUID)
@reaching
def materialisation(*, suspension: UUID, access: Access, as_json: bool) -> None:
    """Muestra la prueba de que una suspensión propia se hizo efectiva en tiempo y forma.

    \b
    lme autoridad materializacion 019da…
    lme autoridad materializacion 019da… --json > prueba.json
    """
    _finish(_ask(access, f"/suspensiones/{suspension}/materializacion", None, None), as_json, show_materialised)


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
    _finish(_ask(access, "/consultas/profesional", body, None), as_json, show_consulted)


def _ask(access: Access, path: str, body: Mapping[str, Any] | None, key: str | None) -> Reply:
    """Send `body`, or without one ask what is at `path`."""
    client = access.client()
    try:
        return client.get(_BASE + path) if body is None else client.post(_BASE + path, body, key=key)
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
