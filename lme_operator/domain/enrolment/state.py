"""Which enrolment is in force, and what stands against acting without one."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from lme_operator.core.decision import Finding
from lme_operator.core.questions import Question
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


@dataclass(frozen=True, slots=True)
class Voice:
    """What enrolments say at an instant: `causes` against acting in a context, and the one in force there, if any."""

    causes: tuple[Finding, ...]
    in_force: EnrolmentInForce | None


_RUN: "sa.BindParameter[str]" = sa.bindparam("run", type_=sa.Text)
_AT: "sa.BindParameter[datetime]" = sa.bindparam("at", type_=sa.DateTime(timezone=True))
_IN_TIME = sa.and_(enrolments.c.at <= _AT, sa.or_(enrolments.c.until.is_(None), enrolments.c.until > _AT))
_IN_FORCE = Question(
    sa.select(enrolments).where(enrolments.c.run == _RUN, _IN_TIME).order_by(enrolments.c.at, enrolments.c.id)
)
"""Built once: it is asked at every act."""


def voice(connection: Connection, run: Run, context: PracticeContext, at: datetime) -> Voice:
    """Return the person's enrolment in force in `context` at `at`, the oldest if there are several (N-1f).

    And what stands against acting there: no enrolment at all (N-1a), or none here (N-1f). One query.
    """
    rows = _IN_FORCE.all(connection, {"run": str(run), "at": at})
    here = next((row for row in rows if row.context == context.code), None)
    if here is None:
        return Voice((ENROLLED_ELSEWHERE if rows else NOT_ENROLLED,), None)
    found = EnrolmentInForce(
        id=here.id,
        run=run,
        context=context,
        kind=here.kind,
        responsible=here.responsible,
        protocol=here.protocol,
        entry_id=here.entry_id,
        at=here.at,
        until=here.until,
    )
    return Voice((), found)


def in_force(connection: Connection, run: Run, context: PracticeContext, at: datetime) -> EnrolmentInForce | None:
    """Return the person's enrolment in force in `context` at `at`, the oldest if there are several (N-1f)."""
    return voice(connection, run, context, at).in_force


def causes(connection: Connection, run: Run, context: PracticeContext, at: datetime) -> tuple[Finding, ...]:
    """Return what stands against acting in `context` at `at`: no enrolment at all (N-1a), or none here (N-1f)."""
    return voice(connection, run, context, at).causes


def enrolled(connection: Connection, at: datetime) -> tuple[Run, ...]:
    """Return everybody with an enrolment in force at `at`, in any context."""
    rows = connection.execute(
        sa.select(enrolments.c.run).where(_IN_TIME).distinct().order_by(enrolments.c.run), {"at": at}
    )
    return tuple(Run.parse(run) for run in rows.scalars())
