"""`lme demo`: a whole operator on this machine, with people and machines ready to act; nothing has legal effect."""

import contextlib
import fcntl
import http.client
import json
import secrets
import shutil
import socket
import sys
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import click
from sqlalchemy.engine import make_url

from lme_operator.core.clock import monotonic, system_clock
from lme_operator.entrypoints.cli.composition import Composition, Exit, Operator, Stop, pass_composition
from lme_operator.entrypoints.cli.operations import migrate_everything, write_founding
from lme_operator.entrypoints.cli.postgres import Server, ServerFailed
from lme_operator.entrypoints.cli.roles import (
    BROKER,
    DATABASE,
    OWNER,
    ROLES,
    provision_database,
    provision_roles,
)
from lme_operator.entrypoints.cli.supervisor import Program, Supervisor, until_told_to_stop
from lme_operator.entrypoints.demonstration.files import write_private
from lme_operator.entrypoints.demonstration.people import changed_passwords, prepare_secrets, register
from lme_operator.entrypoints.demonstration.staff import FOUNDERS, ready_access
from lme_operator.entrypoints.demonstration.story import tell_story, write_example
from lme_operator.settings import Settings, addresses_file

_OURS = (
    "postgres", "llaves", "registros", "demo.json", "confianza.json", "licencia-de-ejemplo.json", "codigos.json",
    "reloj", "candado", "buzon",
)  # fmt: skip
"""What a demonstration writes in LME_HOME; nothing else is ever erased."""
_READY_SECONDS = 60.0
_PORT_SECONDS = 15.0


@click.command("demo")
@click.option("--borrar", "erase", is_flag=True, help="Borra los datos de la demostración y termina.")
@pass_composition
def demonstrate(composition: Composition, erase: bool) -> None:
    """Inicia una demostración completa en este computador; Ctrl-C la detiene y los datos quedan.

    PostgreSQL, web, tareas y agenda, con personas y organizaciones inventadas. Sus claves quedan en demo.json, dentro
    de LME_HOME. Nada de lo que se emite tiene validez legal.

    \b
    Ejemplos:
      lme demo
      LME_HOME=/tmp/otra LME_PORT=8030 lme demo
      lme demo --borrar
    """
    settings = Settings.load()
    if not (settings.demonstration.people and settings.database.embedded):
        raise Stop("Ajustes: la demostración solo existe en el entorno development.", Exit.SETTINGS)
    settings.home.mkdir(mode=0o700, parents=True, exist_ok=True)
    with _alone(settings.home):
        if erase:
            _erase(settings.home)
            click.echo(f"Se borraron los datos de la demostración en {settings.home}.")
            return
        for port in (settings.web.port, settings.web.port + 1, settings.web.port + 2):
            _wait_for_port(settings, port)
        supervisor = Supervisor(say=lambda words: click.echo(words, err=True))
        try:
            with until_told_to_stop():
                _start(composition, supervisor)
                supervisor.keep()
        except ServerFailed as failed:
            raise Stop(f"PostgreSQL: {failed}", Exit.DATABASE) from failed
        finally:
            click.echo("\nDeteniendo…")
            supervisor.stop()
            click.echo("Todo detenido. Los datos quedan en " + str(settings.home))


def _start(composition: Composition, supervisor: Supervisor) -> None:
    """Start everything, in order, and tell the story once the web answers."""
    begun = monotonic()
    home = Settings.load().home
    server = Server(home / "postgres")
    supervisor.add(server)
    _provision(server, home)
    settings = Settings.load()
    migrate_everything(settings)
    if not settings.keys.exists():
        composition.create_keys(settings.keys, at=system_clock(), operator=settings.operator.name, production=False)
    operator = composition.build_operator(settings, "application")
    confianza = settings.home / "confianza.json"
    confianza.write_bytes(operator.trust.render())
    contents = prepare_secrets(settings.home / "demo.json", address=settings.web.origin, trust=confianza)
    write_founding(operator, settings, FOUNDERS, hand_over=lambda _given: None, ready=ready_access(contents))
    logs = settings.home / "registros"
    logs.mkdir(mode=0o700, exist_ok=True)
    outsiders, web, work, schedule = (
        Program(name, command, log=logs / f"{name}.log")
        for name, command in (
            ("externos", "externos"), ("web", "servir"), ("tareas", "trabajar"), ("agenda", "agenda")
        )
    )  # fmt: skip
    for child in (outsiders, web, work, schedule):
        supervisor.add(child)
    changed = _populate(operator, settings, contents)
    _wait_for_web(settings, web, supervisor)
    click.echo(tell_story(settings, contents, changed, at=operator.database.clock(), seconds=monotonic() - begun))


def _provision(server: Server, home: Path) -> None:
    """Make roles and databases, and leave the address of each role where settings look for it."""
    file = addresses_file(home)
    known = json.loads(file.read_text(encoding="utf-8")) if file.exists() else {}
    passwords = {
        role: (make_url(known[_key(role)]).password if _key(role) in known else None) or secrets.token_hex(24)
        for role in ROLES
    }
    with server.administer() as administrator:
        provision_roles(administrator, passwords=passwords)
        provision_database(administrator, name=DATABASE, owner=OWNER)
        provision_database(administrator, name=BROKER, owner=BROKER)
    addresses = {
        _key(role): server.url(role=role, password=passwords[role], database=BROKER if role == BROKER else DATABASE)
        for role in ROLES
    }
    write_private(file, json.dumps(addresses, indent=2).encode())


def _key(role: str) -> str:
    return role.removeprefix("lme_")


def _populate(operator: Operator, settings: Settings, contents: Mapping[str, Any]) -> frozenset[str]:
    """Register people and machines while the web starts; return who changed the password. What is there stays."""
    register(operator, contents, shown_file=settings.home / "codigos.json")
    write_example(settings.home / "licencia-de-ejemplo.json", at=operator.database.clock())
    changed = changed_passwords(operator, contents)
    operator.database.close()
    return changed


@contextlib.contextmanager
def _alone(home: Path) -> Iterator[None]:
    """Hold the folder: one demonstration at a time in each."""
    with (home / "candado").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise Stop(f"Ya hay una demostración en marcha en {home}; deténgala o elija otra carpeta con LME_HOME.",
                       Exit.FAILED) from error  # fmt: skip
        yield


def _erase(home: Path) -> None:
    for name in _OURS:
        path = home / name
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)
    with contextlib.suppress(OSError):
        home.rmdir()


def _wait_for_port(settings: Settings, port: int) -> None:
    """Wait for a port that an earlier run is still letting go; refuse one that somebody else holds.

    The two after the web's are of the outside parties that are played.
    """
    due = monotonic() + (_PORT_SECONDS if addresses_file(settings.home).exists() else 0)
    while True:
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((settings.web.host, port))
            except OSError as error:
                if monotonic() > due:
                    raise Stop(f"El puerto {port} está ocupado; elija otros con LME_PORT, que usa tres seguidos.",
                               Exit.FAILED) from error  # fmt: skip
            else:
                return
        time.sleep(0.2)


def _wait_for_web(settings: Settings, web: Program, supervisor: Supervisor) -> None:
    """Wait until the web says that it is ready; if it does not come, show what it wrote."""
    due = monotonic() + _READY_SECONDS
    while monotonic() < due:
        connection = http.client.HTTPConnection("127.0.0.1", settings.web.port, timeout=2)
        with contextlib.suppress(OSError, http.client.HTTPException):
            connection.request("GET", "/salud/lista")
            if connection.getresponse().status == http.HTTPStatus.OK:
                return
        connection.close()
        supervisor.look()
        time.sleep(0.05)
    sys.stderr.write(web.log.read_text(encoding="utf-8", errors="replace")[-4000:])
    raise Stop(f"La web no respondió en {_READY_SECONDS:.0f} segundos; arriba está el final de {web.log}.", Exit.FAILED)
