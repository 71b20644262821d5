"""The program `lme`: what people who operate the system type.

It begins in `lme_operator.__main__`, which hands it the `Composition`: the command line is an entrypoint, and
entrypoints know neither the wiring nor the gateways.
"""

import importlib
from collections.abc import Mapping
from typing import Any

import click

from lme_operator.entrypoints.cli.composition import Composition, Exit, Stop
from lme_operator.entrypoints.cli.spanish import dress, speak_spanish
from lme_operator.settings import SettingsRefused

__all__ = ["Composition", "Exit", "Stop", "program"]

_COMMANDS: Mapping[str, str] = {
    "inicializar": "cli.operations:found",
    "migrar": "cli.operations:migrate",
    "servir": "cli.servers:serve",
    "trabajar": "cli.servers:work",
    "agenda": "cli.servers:schedule",
    "externos": "demonstration.outsiders:play",
    "bandeja": "cli.promises:show_promises",
    "revisar": "cli.review:review",
    "demo": "demonstration.launcher:demonstrate",
    "codigo": "demonstration.code:show_code",
    "verificar": "cli.verify:verify",
    "autoridad": "authority_client.orders:authority",
}
"""Command → module of the entrypoints and object, imported when used: a command that needs no web starts without it."""


class _Program(click.Group):
    """A group whose commands are imported one by one."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 - click's
        if cmd_name not in _COMMANDS:
            return None
        module, name = _COMMANDS[cmd_name].split(":")
        return dress(getattr(importlib.import_module(f"lme_operator.entrypoints.{module}"), name))

    def invoke(self, ctx: click.Context) -> Any:  # noqa: ANN401 - click's signature
        """Run the command; settings that are wrong end it with every reason."""
        try:
            return super().invoke(ctx)
        except SettingsRefused as refused:
            raise Stop("\n".join(f"Ajustes: {reason}" for reason in refused.reasons), Exit.SETTINGS) from refused


speak_spanish()


@click.group(cls=_Program, context_settings={"help_option_names": ["-h", "--help", "--ayuda"]})
def program() -> None:
    """Operador de licencias médicas electrónicas.

    Los ajustes se leen de config/ y de las variables LME_… («lme revisar --ayuda» las enumera).
    """


dress(program)
