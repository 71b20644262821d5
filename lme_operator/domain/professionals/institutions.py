"""Institutions (prestadores institucionales) and their agreements (convenios) with the operator."""

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.engine import Connection

from lme_operator.core.database import Lock, LockRank, Work
from lme_operator.core.decision import Finding
from lme_operator.core.run import Run
from lme_operator.domain.professionals.context import PracticeContext
from lme_operator.domain.professionals.records import agreements, institutions


def lock_institution(rut: Run) -> Lock:
    """Hold the institution's row FOR SHARE: acts in its name go side by side, its end waits for them."""
    statement = sa.select(institutions.c.id).where(institutions.c.id == str(rut)).with_for_update(read=True)
    return Lock(rank=LockRank.INSTITUTION, statement=statement)


def lock_agreements(rut: Run) -> Lock:
    """Hold the rows of the institution's agreements FOR SHARE, in one order."""
    statement = (
        sa.select(agreements.c.id)
        .where(agreements.c.institution == str(rut))
        .order_by(agreements.c.id)
        .with_for_update(read=True)
    )
    return Lock(rank=LockRank.AGREEMENT, statement=statement)


NO_AGREEMENT = Finding(
    code="sin_convenio",
    cause="La institución no tiene un convenio vigente con el operador.",
    norm="N-1c",
    remedy="Consulte al administrador de su institución, o entre en el contexto de su práctica individual.",
)


def agreement_causes(connection: Connection, context: PracticeContext, at: datetime) -> tuple[Finding, ...]:
    """Return what stands against acting in `context` at `at`: an institution without agreement (N-1c)."""
    if context.institution is None or agreement_in_force(connection, context.institution, at=at):
        return ()
    return (NO_AGREEMENT,)


def record_institution(work: Work, rut: Run, *, name: str) -> None:
    """Write the institution, once; a second time changes nothing."""
    work.execute(insert(institutions).values(id=str(rut), name=name, recorded_at=work.at).on_conflict_do_nothing())


def find_institution(connection: Connection, rut: Run) -> str | None:
    """Return the institution's name; None if it is not known here."""
    name: str | None = connection.execute(
        sa.select(institutions.c.name).where(institutions.c.id == str(rut))
    ).scalar_one_or_none()
    return name


def record_agreement(work: Work, rut: Run, *, since: datetime) -> UUID:
    """Write an agreement in force from `since` (N-1c)."""
    agreement_id = work.new_id()
    work.execute(agreements.insert().values(id=agreement_id, institution=str(rut), since=since, recorded_at=work.at))
    return agreement_id


def agreement_in_force(connection: Connection, rut: Run, *, at: datetime) -> bool:
    """Whether the institution has an agreement in force at instant `at` (N-1c)."""
    found: bool = connection.execute(
        sa.select(sa.exists().where(agreements.c.institution == str(rut), agreements.c.since <= at))
    ).scalar_one()
    return found
