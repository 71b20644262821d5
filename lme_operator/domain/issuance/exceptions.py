"""Licences passed while the RNPI could not be asked for a cause not ours, and their second look (N-4c).

Such a licence carries the evidence of the failed attempt. The first answer of the register afterwards looks at each
again, and what it says becomes version 2 of the licence's evidence (consulta-rnpi@v1#recontrol).
"""

from collections.abc import Collection
from dataclasses import dataclass, field
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.engine import Connection

from lme_operator.core.canonical import Json, encode, format_instant
from lme_operator.core.database import Work
from lme_operator.core.refusal import PERSON_BUSY, Refusal
from lme_operator.core.run import Run
from lme_operator.domain.issuance.records import exception_passes, rechecks
from lme_operator.domain.issuance.rules import Excused, SecondLook
from lme_operator.domain.rnpi import Consultation
from lme_operator.domain.standing import Judgement

EXCEPTION = "N-4c"
"""The norm under which the register's fact stands when the register could not be asked."""


@dataclass(frozen=True, slots=True)
class Excuse:
    """A failed attempt to ask the register, and its evidence file."""

    consultation_id: UUID
    file: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Passed:
    """A licence passed under the exception, not looked at again yet."""

    licence_id: UUID
    consultation_id: UUID


def of_judgement(judgement: Judgement, excuse: Excuse | None) -> Excuse | None:
    """Return the excuse that the judgement rests on, None when it rests on an answer.

    Raises `Refusal(emision_en_curso)` when meanwhile another attempt took the place of the one whose proof is at hand.
    """
    fact = next(fact for fact in judgement.facts if fact["hecho"] == "rnpi_del_dia")
    if fact["norma"] != EXCEPTION:
        return None
    if excuse is None or fact["valor"]["consulta"] != str(excuse.consultation_id):
        raise Refusal(PERSON_BUSY, retry_after=1)
    return excuse


def record_pass(work: Work, licence_id: UUID, run: Run, excuse: Excuse) -> None:
    """Remember a licence that is to be looked at again."""
    work.execute(
        exception_passes.insert().values(
            licence_id=licence_id, run=str(run), consultation_id=excuse.consultation_id, at=work.at
        )
    )


def excused(connection: Connection, licence_ids: Collection[UUID]) -> dict[UUID, Excused]:
    """Return those of these licences that passed under the exception, and what came of looking again."""
    rows = connection.execute(
        sa.select(exception_passes.c.licence_id, rechecks.c.at, rechecks.c.conforming)
        .outerjoin(rechecks, rechecks.c.licence_id == exception_passes.c.licence_id)
        .where(exception_passes.c.licence_id.in_(licence_ids))
    )
    return {row.licence_id: Excused(None if row.at is None else SecondLook(row.at, row.conforming)) for row in rows}


def pending(connection: Connection, run: Run) -> tuple[Passed, ...]:
    """Return the person's licences passed and not looked at again, oldest first."""
    rows = connection.execute(
        sa.select(exception_passes)
        .outerjoin(rechecks, rechecks.c.licence_id == exception_passes.c.licence_id)
        .where(exception_passes.c.run == str(run), rechecks.c.licence_id.is_(None))
        .order_by(exception_passes.c.licence_id)
    )
    return tuple(Passed(row.licence_id, row.consultation_id) for row in rows)


def record_recheck(work: Work, passed: Passed, answer: Consultation, *, conforming: bool, entry_id: UUID) -> bool:
    """Write what came of looking again; False when it was written before."""
    written = work.execute(
        insert(rechecks)
        .values(
            licence_id=passed.licence_id,
            consultation_id=answer.id,
            conforming=conforming,
            entry_id=entry_id,
            at=work.at,
        )
        .on_conflict_do_nothing()
        .returning(rechecks.c.licence_id)
    )
    return written.one_or_none() is not None


def render_recheck(passed: Passed, answer: Consultation, *, conforming: bool, at: str) -> bytes:
    """Write `recontrol.json`, the member of version 2."""
    value: Json = {
        "v": 1,
        "licencia": str(passed.licence_id),
        "excepcion": str(passed.consultation_id),
        "consulta": str(answer.id),
        "resultado": answer.result.value,
        "respondida_en": format_instant(answer.at),
        "conforme": conforming,
        "instante": at,
    }
    return encode(value)
