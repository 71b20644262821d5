"""Where the processor time of a worker goes: the product with a clock around its parts.

Each thread keeps a stack of the parts it is in and reads its own processor time (`CLOCK_THREAD_CPUTIME_ID`) at every
change, so the parts exclude each other and waiting (for the database, for the interpreter's lock) costs nobody. What
no part claims is HTTP's: granian, the front, Flask, reading and writing JSON. A change of part costs some 0.6 µs and a
licence has some 250, so the clock itself adds about 0.2 ms; the figures of speed come from a server without it.

`application` is what granian runs. Every half second each worker leaves its totals in LME_HOME/partes-PID.json.
"""

import json
import os
import threading
import time
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine.base import NestedTransaction

import lme_operator.core.database as databases
import lme_operator.domain.issuance.issue as issuing
import lme_operator.domain.issuance.prepare as preparing
import lme_operator.domain.signing.signer as signing
import lme_operator.entrypoints.api.professional.licences as doors
import lme_operator.entrypoints.http.front as fronts
from lme_operator import wiring
from lme_operator.core.questions import Question
from lme_operator.domain.access import Access
from lme_operator.domain.audit import Log
from lme_operator.domain.credentials import Credentials
from lme_operator.domain.rnpi import Rnpi
from lme_operator.domain.signing import Signer, xades
from lme_operator.domain.standing import Standing

HTTP, DATABASE, CHECKS, XML = "http", "base", "revision", "xml"
KEY, XADES, VERIFY, WEBAUTHN = "llave_y_certificado", "xades", "verificacion", "webauthn"
LOG, REST = "registro", "resto"
_OUTSIDE = "fuera"
_SECONDS = 0.5

_PARTS: tuple[tuple[str, Any, tuple[str, ...]], ...] = (
    (HTTP, fronts, ("call",)),
    (DATABASE, sa.Connection, ("execute", "commit", "rollback", "begin", "begin_nested", "close")),
    (DATABASE, sa.RootTransaction, ("commit", "rollback", "close")),
    (DATABASE, NestedTransaction, ("commit", "rollback")),
    (DATABASE, sa.Engine, ("connect",)),
    (DATABASE, Question, ("all",)),
    (DATABASE, databases, ("_at_once",)),
    (CHECKS, Access, ("authenticate",)),
    (CHECKS, Standing, ("judge",)),
    (CHECKS, Rnpi, ("ensure",)),
    (CHECKS, preparing, ("check_order",)),
    (XML, preparing, ("render_document",)),
    (XML, issuing, ("describe_document",)),
    (XML, doors, ("document_fields",)),
    (KEY, Signer, ("sign",)),
    (XADES, xades, ("sign",)),
    (VERIFY, signing, ("verify_document",)),
    (WEBAUTHN, Credentials, ("accept_assertion",)),
    (LOG, Log, ("append", "receipt")),
    (REST, doors._Doors, ("prepare", "issue")),  # noqa: SLF001 - the use case as a route calls it
)


class _Thread(threading.local):
    """What this thread is doing, since when, and how long it has done each thing (nanoseconds)."""

    def __init__(self) -> None:
        self.within = [_OUTSIDE]
        self.since = time.thread_time_ns()
        self.spent: defaultdict[str, int] = defaultdict(int)
        _threads.append(self.spent)

    def turn(self) -> None:
        now = time.thread_time_ns()
        self.spent[self.within[-1]] += now - self.since
        self.since = now


_threads: list[defaultdict[str, int]] = []
_here = _Thread()


def _timed(part: str, function: Callable[..., Any]) -> Callable[..., Any]:
    def within(*arguments: Any, **named: Any) -> Any:  # noqa: ANN401 - whatever is wrapped
        here = _here
        here.turn()
        here.within.append(part)
        try:
            return function(*arguments, **named)
        finally:
            here.turn()
            here.within.pop()

    return within


def _watch() -> None:
    for part, holder, names in _PARTS:
        for name in names:
            setattr(holder, name, _timed(part, getattr(holder, name)))


def _tell() -> None:
    place = Path(os.environ["LME_HOME"]) / f"partes-{os.getpid()}.json"
    while True:
        time.sleep(_SECONDS)
        totals: defaultdict[str, int] = defaultdict(int)
        for spent in list(_threads):
            for part, nanoseconds in list(spent.items()):
                totals[part] += nanoseconds
        fresh = place.with_suffix(".nuevo")
        fresh.write_text(json.dumps(totals))
        fresh.rename(place)


def told(home: Path) -> dict[str, float]:
    """What every worker has left in `home`, together, in milliseconds; wait a second for what has just happened."""
    time.sleep(2 * _SECONDS)
    totals: defaultdict[str, float] = defaultdict(float)
    for place in home.glob("partes-*.json"):
        for part, nanoseconds in json.loads(place.read_text()).items():
            totals[part] += nanoseconds / 1e6
    totals.pop(_OUTSIDE, None)
    return dict(totals)


def application() -> fronts.Front:
    """The product, watched."""
    _watch()
    threading.Thread(target=_tell, daemon=True).start()
    return wiring.application()
