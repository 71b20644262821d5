"""The RNPI from memory: its wire format without sockets, and `Rnpi` over it. What tests of other rooms start from."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field

from lme_operator.core.clock import Clock
from lme_operator.core.outside import Failure, OutsideExchange
from lme_operator.core.run import Run
from lme_operator.domain.rnpi import Rnpi
from lme_operator.gateways.rnpi.records import person_of, record_of
from tests.factories.people import People, norms

_OTHER_TITLE = "Kinesiólogo(a)"


@dataclass
class StaticRegistry:
    """Answers 'in force' about everybody unless told otherwise of a person, and keeps whom it was asked about."""

    clock: Clock | None = None
    asked: list[Run] = field(default_factory=list)
    _answers: dict[Run, Callable[[Run], OutsideExchange]] = field(default_factory=dict)

    def ask(self, *, run: Run, budget: float) -> OutsideExchange:  # noqa: ARG002
        self.asked.append(run)
        return self._answers.get(run, self._in_force)(run)

    def vigente(self, run: Run) -> None:
        self._answers.pop(run, None)

    def no_inscrito(self, run: Run) -> None:
        self._answers[run] = lambda _run: self._made(status=404, body=b'{"detail":"Not found."}')

    def otro_titulo(self, run: Run) -> None:
        self._answers[run] = lambda run: self._in_force(run, title=_OTHER_TITLE)

    def caido(self, run: Run) -> None:
        self._answers[run] = lambda _run: self._made(status=503, body=b"")

    def mudo(self, run: Run) -> None:
        self._answers[run] = lambda _run: self._made(status=None, body=b"", failure=Failure.TIMED_OUT)

    def prohibido(self, run: Run) -> None:
        self._answers[run] = lambda _run: self._made(status=403, body=b'{"detail":"Forbidden"}')

    def _in_force(self, run: Run, title: str | None = None) -> OutsideExchange:
        record = record_of(person_of(run))
        if title is not None:
            record["codigo_busqueda"] = title
            record["antecedentes"] = [{**antecedent, "cod_antecedente": title} for antecedent in record["antecedentes"]]
        return self._made(status=200, body=json.dumps(record).encode())

    def _made(self, *, status: int | None, body: bytes, failure: Failure | None = None) -> OutsideExchange:
        return outside("rnpi", self._now(), status=status, body=body, failure=failure)

    def _now(self) -> Clock:
        if self.clock is None:
            raise LookupError("a static registry needs the test's clock: rnpi_of gives it")
        return self.clock


@dataclass
class StaticControls:
    """Our own control hosts, `reachable` of three."""

    clock: Clock
    reachable: int = 3

    def probe(self, *, budget: float) -> tuple[OutsideExchange, ...]:  # noqa: ARG002
        return tuple(
            outside("control", self.clock, status=204 if number < self.reachable else None, body=b"",
                    failure=None if number < self.reachable else Failure.TIMED_OUT)
            for number in range(3)
        )  # fmt: skip


def outside(
    party: str, clock: Clock, *, status: int | None, body: bytes, failure: Failure | None = None
) -> OutsideExchange:
    """The record of a call made now."""
    return OutsideExchange(
        party=party,
        method="GET",
        url=f"https://{party}.example/",
        request_headers=(),
        request_digest=None,
        started_at=clock(),
        milliseconds=15,
        budget_ms=1000,
        address="192.0.2.81",
        status=status,
        headers=(("content-type", "application/json"),) if body else (),
        body=body,
        failure=failure,
    )


def rnpi_of(people: People, *, registry: StaticRegistry | None = None, controls: StaticControls | None = None) -> Rnpi:
    """The room over registers from memory, by the test's clock."""
    clock = people.database.clock
    registry = registry or StaticRegistry()
    registry.clock = registry.clock or clock
    return Rnpi(
        database=people.database,
        log=people.log,
        sealer=people.sealer,
        norms=norms(),
        registry=registry,
        controls=controls or StaticControls(clock),
    )
