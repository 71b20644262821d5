"""Who acts and in which context, at the top of every page; and where he may go from there (N-2.6b)."""

from dataclasses import dataclass

from sqlalchemy.engine import Connection

from lme_operator.core.database import Database, Deadline
from lme_operator.core.sealing import Sealer
from lme_operator.domain.credentials import Session
from lme_operator.domain.mandates import Role, latest_mandate, roles_in_force
from lme_operator.domain.professionals import PracticeContext, find_institution, find_professional


@dataclass(frozen=True, slots=True)
class MenuItem:
    """A place of the console: its address, its name, what it is for, and whose it is (None: everybody's).

    `professional`: of who practises, and of nobody who acts for the operator.
    """

    path: str
    words: str
    purpose: str = ""
    role: Role | None = None
    professional: bool = False


MENU = (
    MenuItem("/consola", "Inicio"),
    MenuItem("/consola/licencias", "Licencias", professional=True),
    MenuItem(
        "/consola/enrolamientos",
        "Enrolamientos",
        "Enrole a un profesional que está presente, o continúe un enrolamiento en curso.",
        Role.OFFICER,
    ),
    MenuItem(
        "/consola/profesionales",
        "Profesionales",
        "Busque a un profesional: si puede emitir hoy, quién lo enroló y lo que respalda cada paso.",
        Role.OFFICER,
    ),
    MenuItem(
        "/consola/acreditaciones",
        "Acreditaciones",
        "Proponga, apruebe y termine la acreditación de los funcionarios que enrolan.",
        Role.FOUNDER,
    ),
    MenuItem(
        "/consola/autoridad",
        "Suspensiones",
        "Busque a un profesional, ordene su suspensión, compruebe que rige y levante la que ordenó su autoridad.",
        Role.AUTHORITY,
    ),
)


_ROLES = {
    Role.FOUNDER: "Fundador del operador",
    Role.OFFICER: "Funcionario enrolador",
    Role.AUTHORITY: "Persona de la autoridad",
}


@dataclass(frozen=True, slots=True)
class Header:
    """The person (by name where it is known), the context in words, the roles held now, and the menu."""

    name: str
    run: str
    context: str
    roles: frozenset[Role]
    menu: tuple[MenuItem, ...]


@dataclass(frozen=True, slots=True)
class Headers:
    """Finds what the top of a page says of a session."""

    database: Database
    sealer: Sealer

    def find(self, session: Session, deadline: Deadline) -> Header:
        """Return the header of this session."""
        run, at = session.run, self.database.clock()
        with self.database.reading(deadline=deadline) as connection:
            context = context_words(connection, session.context)
            if session.context.operator:
                held = latest_mandate(connection, self.sealer, run)
                name, roles = (None if held is None else held.name), roles_in_force(connection, run, at)
                context = " y ".join(_ROLES[role] for role in Role if role in roles) or context
                if held is not None and held.authority is not None and Role.AUTHORITY in roles:
                    context = held.authority.name
            else:
                known = find_professional(connection, self.sealer, run)
                name, roles = (None if known is None else known.data.full_name), frozenset()
        practises = not session.context.operator
        menu = tuple(
            item for item in MENU if (item.role is None or item.role in roles) and (practises or not item.professional)
        )
        return Header(name or run.display, run.display, context, roles, menu if session.stage == "plena" else ())


def context_words(connection: Connection, context: PracticeContext) -> str:
    """Say a context as people know it."""
    if context.operator:
        return "Operador"
    if context.institution is None:
        return "Práctica individual"
    return find_institution(connection, context.institution) or f"Institución {context.institution.display}"
