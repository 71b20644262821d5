"""Which enrolment is in force, and what stands against acting without one."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from lme_operator.core.decision import Finding
from lme_operator.core.run import Run
from lme_operator.domain.enrolment.records import enrolments
from lme_operator.domain.professionals import PracticeContext

NOT_ENROLLED = Finding(
    code="sin_enrolamiento",
    cause="No tiene un enrolamiento vigente.",
    norm="N-1a",
    remedy="Enrólese con un funcionario habilitado del operador o con el administrador de su institución.",
)
ENROLLED_ELSEWHERE = Finding(
    code="enrolado_en_otro_contexto",
    cause="Su enrolamiento vigente no lo habilita para actuar en este contexto.",
    norm="N-1f",
    remedy="Entre en el contexto en que está enrolado, o enrólese también en este.",
)


@dataclass(frozen=True, slots=True)
class EnrolmentInForce:
    """An enrolment in force: in which context, of which kind, who answers for it, by which protocol."""

    id: UUID
    run: Run
    context: PracticeContext
    kind: str
    responsible: str
    protocol: str
    entry_id: UUID
    at: datetime
    until: datetime | None


def in_force(connection: Connection, run: Run, context: PracticeContext, at: datetime) -> EnrolmentInForce | None:
    """Return the person's enrolment in force in `context` at `at`, the oldest if there are several (N-1f)."""
    row = connection.execute(
        sa.select(enrolments)
        .where(_in_force(run, at), enrolments.c.context == context.code)
        .order_by(enrolments.c.at, enrolments.c.id)
        .limit(1)
    ).one_or_none()
    if row is None:
        return None
    return EnrolmentInForce(
        id=row.id,
        run=run,
        context=context,
        kind=row.kind,
        responsible=row.responsible,
        protocol=row.protocol,
        entry_id=row.entry_id,
        at=row.at,
        until=row.until,
    )


def causes(connection: Connection, run: Run, context: PracticeContext, at: datetime) -> tuple[Finding, ...]:
    """Return what stands against acting in `context` at `at`: no enrolment at all (N-1a), or none here (N-1f)."""
    contexts = connection.execute(sa.select(enrolments.c.context).where(_in_force(run, at))).scalars().all()
    if not contexts:
        return (NOT_ENROLLED,)
    return () if context.code in contexts else (ENROLLED_ELSEWHERE,)


def enrolled(connection: Connection, at: datetime) -> tuple[Run, ...]:
    """Return everybody with an enrolment in force at `at`, in any context."""
    in_time = sa.and_(enrolments.c.at <= at, sa.or_(enrolments.c.until.is_(None), enrolments.c.until > at))
    rows = connection.execute(sa.select(enrolments.c.run).where(in_time).distinct().order_by(enrolments.c.run))
    return tuple(Run.parse(run) for run in rows.scalars())


def _in_force(run: Run, at: datetime) -> sa.ColumnElement[bool]:
    return sa.and_(
        enrolments.c.run == str(run),
        enrolments.c.at <= at,
        sa.or_(enrolments.c.until.is_(None), enrolments.c.until > at),
    )
