"""What the commands of `lme autoridad` share: where to go, with which key, and how RUN, days and instants are."""

import json
import os
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from functools import wraps
from pathlib import Path
from typing import Any
from uuid import uuid4

import click
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePrivateKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from lme_operator.core.clock import Clock, movable_clock, system_clock
from lme_operator.core.periods import SANTIAGO
from lme_operator.core.run import InvalidRun, Run
from lme_operator.entrypoints.authority_client.requests import MachineClient
from lme_operator.entrypoints.machines.signed_requests import RequestSigner
from lme_operator.settings import ROOT, Settings


@dataclass(frozen=True, slots=True)
class Access:
    """Where, with which key and at what time."""

    address: str
    keyid: str
    key: Ed25519PrivateKey | EllipticCurvePrivateKey
    clock: Clock

    def client(self) -> MachineClient:
        """A client that signs with the key."""
        return MachineClient(self.address, RequestSigner(self.keyid, self.key), self.clock)


class RunType(click.ParamType[Run]):
    """A RUN in its canonical form."""

    name = "run"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Run:  # noqa: ANN401
        """Read a RUN in its canonical form."""
        try:
            return value if isinstance(value, Run) else Run.parse(value)
        except InvalidRun as error:
            reason = "su dígito verificador no corresponde" if error.code == "digito" else "se escribe 12345678-5"
            self.fail(f"no es un RUN: {reason}.", param, ctx)


class DayType(click.ParamType[date]):
    """A calendar day."""

    name = "día"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> date:  # noqa: ANN401
        """Read a day, 2026-04-20."""
        try:
            return value if isinstance(value, date) else date.fromisoformat(value)
        except ValueError:
            self.fail("no es un día del calendario: se escribe 2026-04-20.", param, ctx)


class InstantType(click.ParamType[datetime]):
    """An instant; without offset it is Chile's time."""

    name = "instante"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> datetime:  # noqa: ANN401
        """Read an instant with its offset; without one it is Chile's time."""
        try:
            at = value if isinstance(value, datetime) else datetime.fromisoformat(value)
        except ValueError:
            self.fail("no es un instante: se escribe 2026-04-20T10:32:00-04:00.", param, ctx)
        return at if at.tzinfo else at.replace(tzinfo=SANTIAGO)


def reaching(command: Callable[..., None]) -> Callable[..., None]:
    """Add the options that say where to go and with which key; the command receives `access` and `as_json`."""

    @wraps(command)
    def reach(*, direccion: str | None, llave: Path | None, keyid: str | None, **rest: Any) -> None:  # noqa: ANN401
        command(access=_access(direccion, llave, keyid), **rest)

    for option in (
        click.option("--json", "as_json", is_flag=True, help="Escribe la respuesta completa como JSON."),
        click.option("--keyid", help="Identificador con que el operador registró la llave."),
        click.option(
            "--llave",
            type=click.Path(exists=True, dir_okay=False, path_type=Path),
            help="Llave privada de la autoridad: archivo PEM, Ed25519 o ECDSA P-256.",
        ),
        click.option("--direccion", help="Dirección del operador, por ejemplo https://lme.operador.example"),
    ):
        reach = option(reach)
    return reach


def repeatable(command: Callable[..., None]) -> Callable[..., None]:
    """Add the option that repeats an order safely: the command receives `clave`."""
    words = "Idempotency-Key, para repetir la misma orden sin duplicarla. Por omisión, una nueva."
    return click.option("--clave", default=lambda: str(uuid4()), help=words, metavar="TEXTO")(command)


def resolving(command: Callable[..., None]) -> Callable[..., None]:
    """Add the options that say what the resolution says; the command receives `terms`, as the API takes them."""

    @wraps(command)
    def resolve(
        *,
        resolucion: str,
        fecha_resolucion: date,
        desde: date,
        hasta: date | None,
        definitiva: bool,
        fundamento: str,
        provisional: bool,
        **rest: Any,  # noqa: ANN401 - the command's own
    ) -> None:
        if (hasta is None) is not definitiva:
            raise click.UsageError("indique --hasta con el último día, o --definitiva.")
        terms = {
            "numero_resolucion": resolucion,
            "fecha_resolucion": fecha_resolucion.isoformat(),
            "desde": desde.isoformat(),
            "hasta": None if hasta is None else hasta.isoformat(),
            "fundamento": fundamento,
            "provisional": provisional,
        }
        command(terms=terms, **rest)

    for option in (
        click.option("--provisional", is_flag=True, help="Es una medida provisional."),
        click.option("--fundamento", required=True, help="Fundamento de la sanción."),
        click.option("--definitiva", is_flag=True, help="Sin fecha de término, en vez de --hasta."),
        click.option("--hasta", type=DayType(), help="Último día suspendido."),
        click.option("--desde", type=DayType(), required=True, help="Primer día suspendido."),
        click.option("--fecha-resolucion", type=DayType(), required=True, help="Fecha de la resolución."),
        click.option("--resolucion", required=True, help="Número de la resolución."),
    ):
        resolve = option(resolve)
    return resolve


def _access(address: str | None, file: Path | None, keyid: str | None) -> Access:
    """Where and with which key: as told, the rest from the demonstration of LME_HOME."""
    if address is not None and file is not None and keyid is not None:
        return Access(address, keyid, _key(file.read_bytes(), str(file)), system_clock)
    home = Path(os.environ.get("LME_HOME") or ROOT / ".lme")
    demonstration = home / "demo.json"
    if not demonstration.exists():
        raise click.UsageError("indique --direccion, --llave y --keyid (no hay demo.json en LME_HOME).")
    contents = json.loads(demonstration.read_text(encoding="utf-8"))
    machines = [one for one in contents["maquinas"] if one["tipo"] == "autoridad" and keyid in (None, one["keyid"])]
    if not machines:
        raise click.UsageError(f"no hay una autoridad con el keyid {keyid} en {demonstration}.")
    machine, clock_file = machines[0], Settings.load().clock_file
    return Access(
        address=address or contents["direccion"],
        keyid=machine["keyid"],
        key=_key(file.read_bytes() if file else machine["clave_privada"].encode(), str(file or demonstration)),
        clock=system_clock if clock_file is None else movable_clock(clock_file),
    )


def _key(pem: bytes, where: str) -> Ed25519PrivateKey | EllipticCurvePrivateKey:
    try:
        key = load_pem_private_key(pem, password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise click.UsageError(f"{where} no contiene una llave privada PEM sin contraseña.") from error
    if isinstance(key, Ed25519PrivateKey) or (
        isinstance(key, EllipticCurvePrivateKey) and isinstance(key.curve, SECP256R1)
    ):
        return key
    raise click.UsageError(f"la llave de {where} no es Ed25519 ni ECDSA P-256.")
