"""Who acts and in which context, at the top of every page; and where he may go from there (N-2.6b)."""

from dataclasses import dataclass

from sqlalchemy.engine import Connection

from lme_operator.core.database import Database, Deadline
from lme_operator.core.sealing import Sealer
from lme_operator.domain.credentials import Session
from lme_operator.domain.professionals import PracticeContext, find_institution, find_professional


@dataclass(frozen=True, slots=True)
class MenuItem:
    """A place of the console: its address and its name."""

    path: str
    words: str


@dataclass(frozen=True, slots=True)
class Header:
    """The person (by name where it is known), the context in words, and the menu."""

    name: str
    run: str
    context: str
    menu: tuple[MenuItem, ...]


@dataclass(frozen=True, slots=True)
class Headers:
    """Finds what the top of a page says of a session."""

    database: Database
    sealer: Sealer

    def find(self, session: Session, deadline: Deadline) -> Header:
        """Return the header of this session."""
        with self.database.reading(deadline=deadline) as connection:
            known = find_professional(connection, self.sealer, session.run)
            name = session.run.display if known is None else known.data.full_name
            return Header(name, session.run.display, context_words(connection, session.context), _MENU)


_MENU = (MenuItem("/consola", "Inicio"),)


def context_words(connection: Connection, context: PracticeContext) -> str:
    """Say a context as people know it."""
    if context.operator:
        return "Funcionario del operador"
    if context.institution is None:
        return "Práctica individual"
    return find_institution(connection, context.institution) or f"Institución {context.institution.display}"
