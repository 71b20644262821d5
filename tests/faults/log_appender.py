"""A process that appends to the log, for the tests of faults.

`python -m tests.faults.log_appender URL COUNT` appends, writes the ids as one JSON line, and stands still after the
commit, before any receipt is rendered, until it is killed.
"""

import json
import sys
import time
from datetime import UTC, datetime
from threading import BrokenBarrierError
from typing import Protocol

from lme_operator.core.database import Database, Deadline
from lme_operator.core.sealing import Sealer
from lme_operator.domain.audit import Log
from tests.factories.log import ORIGIN, PROBE, Key


class Gate(Protocol):
    """Where the processes meet before they start."""

    def wait(self, timeout: float | None = None) -> int: ...


_gate: list[Gate] = []


def meet_at(gate: Gate) -> None:
    """Initialise a process of a pool."""
    _gate.append(gate)


def append_many(url: str, count: int) -> tuple[list[str], list[float]]:
    """Append `count` entries, a transaction each; return their ids and the seconds that each took."""
    # Patient: the test is about order, on a machine that may be busy with other tests.
    log = Log(sealer=Sealer(bytes(range(32))), signer=Key(1), origin=ORIGIN, patience_ms=10_000)
    database = Database(url=url, clock=lambda: datetime.now(UTC), pool_size=1, priority_pool_size=1)
    with database.reading(deadline=Deadline(30)):
        pass
    for gate in _gate:
        try:
            gate.wait(60)
        except BrokenBarrierError as error:
            raise RuntimeError("the other processes did not come") from error
    ids, seconds = [], []
    for number in range(count):
        begun = time.perf_counter()
        with database.unit_of_work(deadline=Deadline(30)) as work:
            data = {"run": "11111111-1", "numero": number}
            ids.append(str(log.append(work, kind=PROBE, actor="sistema:prueba", data=data)))
        seconds.append(time.perf_counter() - begun)
    database.close()
    return ids, seconds


if __name__ == "__main__":
    sys.stdout.write(json.dumps(append_many(sys.argv[1], int(sys.argv[2]))[0]) + "\n")
    sys.stdout.flush()
    time.sleep(600)
