"""The founding: the first entries of the log name the operator, its keys, and the two people who answer for them.

Everything later rests on it: whoever reads the log from its first entry knows whose it is and who could sign.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from lme_operator.core.canonical import Json
from lme_operator.core.database import Database, Deadline, Lock, LockRank, Work
from lme_operator.core.run import Run
from lme_operator.domain.audit import Checkpoint, EventKind, Log, TrustFile, event, parse_note

OPERATOR_FOUNDED = event(code="operador_fundado", norm=("N-2.4a", "registro@v1#ceremonia"))
FOUNDER_NAMED = event(code="fundador_designado", norm=("N-2.4a", "registro@v1#ceremonia"))

_FOUNDING = 0x4C4D46
"""The advisory lock of the founding, in the bigint form: two ceremonies at once make one."""


@dataclass(frozen=True, slots=True)
class Founder:
    """A person who founds the operator and answers for its keys."""

    run: Run
    name: str


def found_operator(
    database: Database,
    log: Log,
    *,
    name: str,
    rut: Run,
    code: str,
    trust: TrustFile,
    founders: Sequence[Founder],
    deadline: Deadline,
) -> bool:
    """Write the first entries of an empty log; return False, and change nothing, where it has entries already.

    Raises `ValueError` unless the founders are two different people. (N-2.4a, `registro@v1#ceremonia`)
    """
    if len({founder.run for founder in founders}) != 2 or len(founders) != 2:
        raise ValueError("an operator is founded by two people")
    lock = Lock(LockRank.INSTITUTION, sa.select(sa.func.pg_advisory_xact_lock(sa.cast(_FOUNDING, sa.BigInteger))))
    with database.unit_of_work(deadline=deadline, locks=(lock,)) as work:
        if Checkpoint.parse(parse_note(log.checkpoint(work.connection)).body).size:
            return False
        keys: list[Json] = [dict(key.render()) for key in trust.keys]
        _append(log, work, OPERATOR_FOUNDED, {"nombre": name, "rut": str(rut), "codigo": code, "llaves": keys})
        for founder in founders:
            _append(log, work, FOUNDER_NAMED, {"run": str(founder.run), "nombre": founder.name})
    return True


def _append(log: Log, work: Work, kind: EventKind, data: dict[str, Json]) -> None:
    log.append(work, kind=kind, actor="sistema:inicializar", data=data)
