"""What stands of a person's credentials: causes against operating, and due dates. Asked at each act; stored nowhere."""

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from lme_operator.core.decision import Finding
from lme_operator.core.questions import Question
from lme_operator.core.run import Run
from lme_operator.domain.credentials.keys import IN_USE
from lme_operator.domain.credentials.records import keys, own_blocks, passwords, totps
from lme_operator.domain.credentials.rules import due_at
from lme_operator.domain.norms import Norms

INITIAL_PASSWORD = Finding(
    code="clave_inicial",
    cause="Todavía no ha cambiado la clave inicial que se le entregó.",
    norm="N-2.3a",
    remedy="Cambie su clave; después entre con la nueva.",
)
EXPIRED_PASSWORD = Finding(
    code="clave_vencida",
    cause="Su clave venció: debe renovarse al menos cada seis meses.",
    norm="N-2.3b",
    remedy="Cambie su clave; después entre con la nueva.",
)
NO_SIGNING_FACTOR = Finding(
    code="sin_factor_de_firma",
    cause="No tiene con qué firmar: ni aplicación de códigos ni llave de seguridad para firmar.",
    norm="N-2.6a",
    remedy="Registre una llave de seguridad para firmar.",
)
OWN_BLOCK = Finding(
    code="bloqueo_propio",
    cause="Usted bloqueó sus medios de acceso.",
    norm="N-2.7a",
    remedy="Acredite de nuevo su identidad en persona para levantar el bloqueo.",
)


_RUN: "sa.BindParameter[str]" = sa.bindparam("run", type_=sa.Text)
_LATEST_PASSWORD = (
    sa.select(passwords.c.initial, passwords.c.at)
    .where(passwords.c.run == _RUN)
    .order_by(passwords.c.sequence.desc())
    .limit(1)
    .subquery()
)
_STANDING = Question(
    sa.select(
        sa.select(_LATEST_PASSWORD.c.initial).scalar_subquery().label("initial"),
        sa.select(_LATEST_PASSWORD.c.at).scalar_subquery().label("password_at"),
        sa.exists().where(totps.c.run == _RUN).label("totp"),
        sa.exists().where(keys.c.run == _RUN, keys.c.purpose == "firma", IN_USE).label("key"),
        sa.exists().where(own_blocks.c.run == _RUN).label("blocked"),
    )
)
"""Built once: it is asked several times in each act."""


@dataclass(frozen=True, slots=True)
class Voice:
    """What credentials say at an instant: `causes` against operating, and until when the password serves."""

    causes: tuple[Finding, ...]
    password_due_at: datetime | None


def voice(connection: Connection, run: Run, at: datetime, norms: Norms) -> Voice:
    """Return every cause of this room against the person at `at` (which acts each hinders, `standing` says).

    And the instant from which the password is overdue (N-2.3b), None without one. One query.
    """
    row = _STANDING.all(connection, {"run": str(run)})[0]
    standing = (
        (row.initial is not False, INITIAL_PASSWORD),
        (row.password_at is not None and is_expired(row.password_at, at, norms), EXPIRED_PASSWORD),
        (not (row.totp or row.key), NO_SIGNING_FACTOR),
        (row.blocked, OWN_BLOCK),
    )
    found = tuple(finding for stands, finding in standing if stands)
    return Voice(found, None if row.password_at is None else password_due(row.password_at, norms))


def causes(connection: Connection, run: Run, at: datetime, norms: Norms) -> tuple[Finding, ...]:
    """Return every cause of this room against the person at `at`."""
    return voice(connection, run, at, norms).causes


def has_totp(connection: Connection, run: Run) -> bool:
    """Whether the person has an application of codes."""
    found: bool = connection.execute(sa.select(sa.exists().where(totps.c.run == str(run)))).scalar_one()
    return found


def has_access(connection: Connection, run: Run) -> bool:
    """Whether the person has a password, initial or not: means of access that nobody else may replace unasked."""
    found: bool = connection.execute(sa.select(sa.exists().where(passwords.c.run == str(run)))).scalar_one()
    return found


def password_due_at(connection: Connection, run: Run, norms: Norms) -> datetime | None:
    """Return the instant from which the person's password is overdue (N-2.3b); None without a password."""
    set_at = connection.execute(sa.select(_LATEST_PASSWORD.c.at), {"run": str(run)}).scalar_one_or_none()
    return None if set_at is None else password_due(set_at, norms)


def password_due(set_at: datetime, norms: Norms) -> datetime:
    """Return the instant from which a password set at `set_at` is overdue."""
    return due_at(set_at, norms.parameter("clave.vigencia_meses", at=set_at).number)


def data_due(recorded_at: datetime, norms: Norms) -> datetime:
    """Return the instant from which personal data given at `recorded_at` are overdue (N-3.2c)."""
    return due_at(recorded_at, norms.parameter("datos.vigencia_meses", at=recorded_at).number)


def is_expired(set_at: datetime, at: datetime, norms: Norms) -> bool:
    """Whether a password set at `set_at` is overdue at `at`, by the months that the norm asks for at `at`."""
    return at >= due_at(set_at, norms.parameter("clave.vigencia_meses", at=at).number)
