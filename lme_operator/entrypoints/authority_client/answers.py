"""How `lme autoridad` tells people what the operator answered."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

import click

from lme_operator.core.periods import SANTIAGO


def show_suspended(body: Mapping[str, Any]) -> None:
    """A suspension taken in, or the one that replaces another."""
    click.echo(f"Suspensión {body['id']}")
    click.echo(f"  Recibida en:            {_when(body['recibida_en'])}")
    click.echo(f"  Efectiva desde:         {_effective(body)}")
    click.echo(f"  Profesional registrado: {'sí' if body['profesional_registrado'] else 'no'}")
    click.echo(f"  Sesiones cerradas:      {body['sesiones_cerradas']}")
    _show_receipt(body)


def show_lifted(body: Mapping[str, Any]) -> None:
    """A lifting taken in."""
    click.echo(f"Levantamiento {body['id']}")
    click.echo(f"  Suspensión:     {body['suspension']}")
    click.echo(f"  Recibido en:    {_when(body['recibida_en'])}")
    click.echo(f"  Efectivo desde: {_when(body['efectiva_desde'])}")
    _show_receipt(body)


def show_materialised(body: Mapping[str, Any]) -> None:
    """The proof that an order took effect."""
    until = body["bloquea_hasta"]
    click.echo(f"Suspensión {body['id']}: {body['estado'].replace('_', ' ')}")
    click.echo(f"  Ordenada el:            {_day(body['ordenada_el'])}")
    click.echo(f"  Recibida en:            {_when(body['recibida_en'])}")
    click.echo(f"  Efectiva desde:         {_effective(body)}")
    click.echo(f"  Bloquea hasta:          {'sin término' if until is None else _when(until)}")
    click.echo(f"  Profesional registrado: {'sí' if body['profesional_registrado'] else 'no'}")
    click.echo(f"  Sesiones cerradas:      {body['sesiones_cerradas']}")
    click.echo(f"  Avisos:                 {body['avisos']['estado']}, {body['avisos']['enviados']} enviados")
    _show_receipt(body)
    click.echo("  La orden firmada y el recibo completo, con --json.")


def show_consulted(body: Mapping[str, Any]) -> None:
    """Whether a person is or was suspended, and by what."""
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
