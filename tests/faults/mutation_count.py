"""Mutants of four kinds of honest file, judged: how many are accepted, make the verifier raise, or take too long.

A file made by the operator that says something else in a place where he only declares is no forgery but another honest
file. Those places are listed here, each with its reason; there too a value must keep its type.
"""

import re
import time
from collections.abc import Iterator
from dataclasses import dataclass, field

from lme_operator.core.canonical import Json
from lme_operator.domain.exports import Overall
from lme_operator.domain.exports.verdict import Reader, judge_whole
from lme_operator.domain.signing import Signer
from tests.factories.forger import Forger
from tests.factories.honest_files import honest_files
from tests.factories.mutants import Mutations, differences, told
from tests.factories.mutations import Path
from tests.factories.stage import LOG_ORIGIN, Stage

SEED, SECONDS_AT_MOST = 9, 0.5

DECLARED = {
    r"LEAME\.txt": "explains the file to people; nothing is judged by it",
    r"v1/constancia\.pdf": "the operator's own paper, given to the professional, who has his copy",
    r"v1/origen\.json/(\w+/)?(ip|dispositivo|id_solicitud|lugar_declarado)": "where the operator says an act came from",
    r"v1/autorizacion\.json/(paso|declaracion)": "which code of that minute, in the operator's own words",
    r"v1/habilitacion\.json/factor/paso": "which of the codes that served at that instant",
    r"v1/facultades\.json/epoca": "a counter of the operator's",
    r"v1/facultades\.json/hechos/[01]/valor": "the enrolment's id and the password's term, facts of the operator's",
    r"v1/facultades\.json/hechos/3/valor/(consulta|instante)": "which consultation of that day; under N-4a it is apart",
    r"consulta\.json/politica/": "the parameters that the operator says were in force",
    r"controles\.json/testigos": "what the operator's own control hosts answered to himself",
    r"entrada/(id|norma|por_cuenta_de)": "the entry's id, cause, and the clauses under which the operator files it",
    r"recibo\.json/indice": "where in the log; the receipt proves that it is there",
    r"(datos|dice)/": "data that this edition of the verifier asks nothing of; later editions log more",
    r"v1/expediente\.json/piezas/": "what an officer recorded beyond what the rules read, with its digest",
}
"""Where a file may say another thing and be as honest, as the start or the end of a path, and why."""
_DEMANDED = (
    "run", "folio", "contexto", "documento", "licencia", "preparacion", "riesgo", "autorizacion", "consulta",
    "resultado", "conforme", "enrolamiento", "caso", "funcionario", "acreditacion", "protocolos", "ip", "proposito",
    "causa", "motivo", "dia", "intercambio", "mandato", "desde", "hasta", "propone",
)  # fmt: skip
"""Data of entries that a verdict reads: other values of these are no other honest file."""


@dataclass
class Count:
    """What came of the mutants of one kind; each fault with the number that makes it again, and what was done."""

    kind: str
    judged: int = 0
    accepts: list[str] = field(default_factory=list)
    crashes: list[str] = field(default_factory=list)
    over_time: list[str] = field(default_factory=list)

    @property
    def faults(self) -> list[str]:
        """Every fault."""
        return [*self.accepts, *self.crashes, *self.over_time]

    def row(self) -> str:
        """One line for people."""
        figures = f"{len(self.accepts)}, {len(self.crashes)}, {len(self.over_time)}"
        return f"{self.kind}: {self.judged} mutants; accepts, crashes, over-time: {figures}"


def count_mutants(stage: Stage, *, each: int) -> Iterator[Count]:
    """Judge so many mutants of each kind, with the trust file and without it."""
    forger, signer = Forger(stage.keys.log, LOG_ORIGIN), Signer(stage.keys)
    for honest in honest_files(stage):
        mutations, count = Mutations(honest, forger=forger, signer=signer), Count(honest.kind)
        tellings = [told(honest.file), told(honest.other)]
        for number in range(each):
            mutant = mutations.mutant(SEED, number)
            what = f"{honest.kind} {number}: {'; '.join(mutant.done)}"
            count.judged += 1
            for trust in (stage.trust, None):
                began = time.process_time()
                try:
                    overall = judge_whole(mutant.file, Reader(trust)).overall
                except Exception as error:  # noqa: BLE001 - whatever it raises is what is counted
                    count.crashes.append(f"{what}: {error!r}")
                    continue
                if time.process_time() - began > SECONDS_AT_MOST:
                    count.over_time.append(what)
                if overall in (Overall.VALID, Overall.BY_OPERATOR) and not is_as_honest(mutant.file, tellings):
                    count.accepts.append(what)
        yield count


def is_as_honest(file: bytes, tellings: list[Json]) -> bool:
    """Whether it tells what one of the honest files tells, but for what is only declared."""
    tells = told(file)
    return any(
        all(_is_declared(path, here, there) for path, here, there in differences(telling, tells))
        for telling in tellings
    )


def _is_declared(path: Path, here: Json, there: Json) -> bool:
    place = "/".join(map(str, path))
    if not any(re.search(f"(^|/){pattern}", place) for pattern in DECLARED):
        return False
    if "dice" in path and path[-1] in _DEMANDED and ... not in (here, there):
        return False
    return "piezas" in path or ... in (here, there) or None in (here, there) or type(here) is type(there)
