"""The program `lme` (`python -m lme_operator`): joins the command line with the wiring and the keeper of keys.

Both are imported when a command asks for them: `lme --ayuda` and `lme verificar` need neither.
"""

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from lme_operator.entrypoints.cli import Composition, Exit, Stop, program

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from lme_operator.settings import Settings
    from lme_operator.wiring import Operator


def main() -> None:
    """Run the command line and exit with its code."""
    program(prog_name="lme", obj=compose())


def compose() -> Composition:
    """Return what the command line is given."""
    return Composition(build_operator=_build_operator, create_keys=_create_keys, play_outsiders=_play_outsiders)


def _build_operator(settings: "Settings", role: str) -> "Operator":
    from lme_operator.gateways.key_store import KeysUnusable  # noqa: PLC0415 - see above
    from lme_operator.wiring import build_operator  # noqa: PLC0415 - see above

    try:
        return build_operator(settings, role=role)
    except KeysUnusable as unusable:
        raise Stop(f"Llaves: {unusable}", Exit.KEYS) from unusable


def _create_keys(folder: Path, *, at: datetime, operator: str, production: bool) -> None:
    from lme_operator.gateways.key_store import KeysUnusable, create_keys  # noqa: PLC0415 - see above

    try:
        create_keys(folder, at=at, operator=operator, production=production)
    except KeysUnusable as unusable:
        raise Stop(f"Llaves: {unusable}", Exit.KEYS) from unusable


def _play_outsiders(settings: "Settings") -> "AbstractContextManager[str]":
    from lme_operator.gateways.outsiders import play_outsiders  # noqa: PLC0415 - see above

    return play_outsiders(settings)


if __name__ == "__main__":
    main()
