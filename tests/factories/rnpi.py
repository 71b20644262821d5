"""An RNPI that answers from memory, for tests of what happens after a consultation."""

import json
from collections import deque
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any

from lme_operator.core.clock import Clock
from lme_operator.core.database import Database, Deadline
from lme_operator.core.outside import Failure, OutsideExchange
from lme_operator.core.run import Run
from lme_operator.core.sealing import Sealer
from lme_operator.domain.audit import Log
from lme_operator.domain.norms import Norms
from lme_operator.domain.rnpi import WITNESS_MARK, Consultation, Controls, Purpose, Registry, Rnpi
from lme_operator.gateways.rnpi.records import person_of, record_of
from tests.factories.people import norms

IN_FORCE, ABSENT, OTHER_TITLE, ANOTHER = "vigente", "no_inscrito", "otro_titulo", "otra_persona"
DOWN, OURS = "http_503", "http_401"


def record(run: Run, **changes: Any) -> dict[str, Any]:
    """What the RNPI holds of a made-up person, in its own form."""
    return {**record_of(person_of(run)), **changes}


def exchange(*, body: Any = None, at: Clock, **changes: Any) -> OutsideExchange:
    """The record of a call that was answered 200 with `body` (JSON, or bytes as they are)."""
    made: dict[str, Any] = {
        "party": "rnpi",
        "method": "GET",
        "url": "https://rnpi.example/",
        "request_headers": (("Accept", "application/json"),),
        "request_digest": None,
        "started_at": at(),
        "milliseconds": 40,
        "budget_ms": 9000,
        "left_ms": 8990,
        "address": "192.0.2.81",
        "status": 200,
        "headers": (("Content-Type", "application/json"),),
        "body": body if isinstance(body, bytes) else json.dumps(body).encode(),
        "failure": None,
    }
    return OutsideExchange(**{**made, **changes})


def said(what: str | Failure, run: Run, at: Clock) -> OutsideExchange:
    """The exchange of a day: one of the words above, `http_NNN`, or a failure of the way."""
    return replace(_said(what, run, at), url=f"https://rnpi.example/api/prestadores/rut/{run.number}.json/")


def _said(what: str | Failure, run: Run, at: Clock) -> OutsideExchange:
    if isinstance(what, Failure):
        return exchange(body=b"", at=at, status=None, address=None, headers=(), failure=what)
    if what.startswith("http_"):
        return exchange(body={"detail": "No."}, at=at, status=int(what[5:]))
    if what == ABSENT:
        return exchange(body={"detail": "No encontrado."}, at=at, status=404)
    nurse = {"cod_antecedente": "Enfermera", "tipo_antecedente": "T"}
    changes: dict[str, dict[str, Any]] = {
        IN_FORCE: {},
        OTHER_TITLE: {"codigo_busqueda": "Enfermera(o)", "antecedentes": [nurse]},
        ANOTHER: {"rut": run.number + 1},
    }
    return exchange(body=record(run, **changes[what]), at=at)


def witness(number: int, at: Clock, **changes: Any) -> OutsideExchange:
    """The record of a call to a control host of ours that answered with its mark."""
    told = {"body": WITNESS_MARK, "url": f"https://testigo{number}.example/", "party": f"testigo-{number}"}
    return exchange(at=at, **{**told, **changes})


@dataclass
class StaticRegistry:
    """Answers `now` about everybody, or what `next` has in turn, or what `about` says of one; keeps who was asked."""

    clock: Clock
    now: str | Failure = IN_FORCE
    next: deque[str | Failure] = field(default_factory=deque)
    about: dict[Run, str | Failure] = field(default_factory=dict)
    asked: list[tuple[Run, float]] = field(default_factory=list)

    def ask(self, *, run: Run, budget: float) -> OutsideExchange:
        self.asked.append((run, budget))
        what = self.next.popleft() if self.next else self.about.get(run, self.now)
        return said(what, run, self.clock)


@dataclass
class StaticControls:
    """Two control hosts, `reachable` of them within reach."""

    clock: Clock
    reachable: int = 2
    probed: int = 0

    def probe(self, *, budget: float) -> tuple[OutsideExchange, ...]:  # noqa: ARG002
        self.probed += 1
        down = {"status": None, "body": b"", "failure": Failure.UNREACHABLE}
        return tuple(witness(number, self.clock, **({} if number <= self.reachable else down)) for number in (1, 2))


@cache
def _norms_of_a_still_clock() -> Norms:
    """Those of the protocol, but who asks again at the same instant is not told the same: a test's clock stands."""
    known = (parameter for history in norms()._history.values() for parameter in history)
    return Norms(tuple(replace(one, value=0) if one.name == "rnpi.repeticion_segundos" else one for one in known))


@dataclass
class StaticRnpi:
    """The room over parties in memory. `registry.now` says what the RNPI answers; `instead` answers in its place."""

    database: Database
    log: Log
    sealer: Sealer
    registry: StaticRegistry = field(init=False)
    controls: StaticControls = field(init=False)
    instead: Registry | None = None
    elsewhere: Controls | None = None

    def __post_init__(self) -> None:
        self.registry = StaticRegistry(self.database.clock)
        self.controls = StaticControls(self.database.clock)

    @property
    def room(self) -> Rnpi:
        """The room itself."""
        return Rnpi(
            database=self.database,
            log=self.log,
            sealer=self.sealer,
            norms=_norms_of_a_still_clock(),
            registry=self.instead or self.registry,
            controls=self.elsewhere or self.controls,
        )

    def consult(self, run: Run, what: str | Failure | None = None, *, purpose: Purpose = Purpose.ENTRY) -> Consultation:
        """Ask now; from now on the register answers `what`, if given."""
        self.registry.now = what or self.registry.now
        return self.room.consult(run=run, purpose=purpose, deadline=Deadline(10))

    def refresh(self, run: Run, what: str | Failure | None = None, *, purpose: Purpose = Purpose.ENTRY) -> Consultation:
        """Ask if need be; from now on the register answers `what`, if given."""
        self.registry.now = what or self.registry.now
        return self.room.refresh(run=run, purpose=purpose, deadline=Deadline(10))
