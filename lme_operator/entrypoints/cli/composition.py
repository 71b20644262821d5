"""What the command line is given from outside, and how it ends."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import click

from lme_operator.settings import Settings

if TYPE_CHECKING:
    from lme_operator.core.database import Database
    from lme_operator.core.sealing import Sealer
    from lme_operator.domain.access import Access
    from lme_operator.domain.audit import Log, TrustFile
    from lme_operator.domain.credentials import Credentials
    from lme_operator.domain.enrolment import Enrolment
    from lme_operator.domain.mandates import Mandates
    from lme_operator.domain.notices import Notices


class Exit(IntEnum):
    """Exit codes of the operations, the same in all; 2 is click's own, for a wrong command line."""

    DONE = 0
    FAILED = 1
    SETTINGS = 3
    KEYS = 4
    DATABASE = 5
    MIGRATIONS = 6
    LOG = 7
    BROKER = 8


class Stop(click.ClickException):
    """Ends the program with words for people and an exit code."""

    def __init__(self, words: str, code: Exit) -> None:
        super().__init__(words)
        self.exit_code = code  # type: ignore[misc]  # click documents setting it

    def show(self, file: Any = None) -> None:  # noqa: ANN401 - click's signature
        """Print the words alone."""
        click.echo(self.message, err=True, file=file)


class Operator(Protocol):
    """The operator as the command line uses it."""

    @property
    def database(self) -> "Database":
        """The database, as the role that was asked for."""

    @property
    def log(self) -> "Log":
        """The audit log."""

    @property
    def sealer(self) -> "Sealer":
        """Seals personal data."""

    @property
    def trust(self) -> "TrustFile":
        """The trust file that verifiers are given."""

    @property
    def enrolment(self) -> "Enrolment":
        """Enrols professionals."""

    @property
    def credentials(self) -> "Credentials":
        """The credentials of people."""

    @property
    def notices(self) -> "Notices":
        """The messages to people."""

    @property
    def access(self) -> "Access":
        """Entry, and keeping one's means of access."""

    @property
    def mandates(self) -> "Mandates":
        """People's mandates and machines' keys."""


class CreateKeys(Protocol):
    """The key ceremony: makes every key in `folder`, which must be empty or absent."""

    def __call__(self, folder: Path, *, at: datetime, operator: str, production: bool) -> None:
        """Make the keys."""


@dataclass(frozen=True, slots=True)
class Composition:
    """What `lme_operator.__main__` joins: the operator as a database role, the key ceremony, the parties played.

    The first two end the program with `Exit.KEYS` when keys cannot be used or made. The parties are played until the
    block ends, at the address that it is given.
    """

    build_operator: Callable[[Settings, str], Operator]
    create_keys: CreateKeys
    play_outsiders: Callable[[Settings], AbstractContextManager[str]]


pass_composition = click.make_pass_decorator(Composition)
