"""The room with a messenger of the tests, and the worker's database."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest

from lme_operator.core import outbox
from lme_operator.core.database import Database, Deadline
from lme_operator.core.outbox import Again, Promise
from lme_operator.core.sealing import Sealer
from lme_operator.domain.notices import Channel, Delivery, Message, Notices, Outgoing, Result, Sending

MAIL = Message(Channel.MAIL, "antonia@example.cl", "prueba", "Su código de verificación", "Su código es 123456.")
SMS = Message(Channel.SMS, "+56912345678", "prueba", None, "Su código es 654321. Vence en diez minutos.")


class Carrier:
    """A messenger that says what the test tells it, and remembers what it was given."""

    def __init__(self) -> None:
        self.says = Delivery(Result.ACCEPTED, "recibido", "250 2.0.0 en cola")
        self.given: list[Outgoing] = []

    def longest(self, channel: Channel) -> timedelta:  # noqa: ARG002 - the port's own shape
        return timedelta(seconds=10)

    def deliver(self, outgoing: Outgoing) -> Delivery:
        self.given.append(outgoing)
        return self.says


class Office:
    """Does by hand what the jobs do: hands promises over, begins, delivers, finishes."""

    def __init__(self, database: Database, notices: Notices, clock: Any) -> None:
        self.database, self.notices, self.clock = database, notices, clock

    def hand_over(self) -> list[Promise]:
        """What is due now, started."""
        with self.database.unit_of_work(deadline=Deadline(5)) as work:
            told = outbox.hand_over(work, again_after=timedelta(seconds=62), at_most=100)
        started = []
        for promise_id, _ in told:
            with self.database.unit_of_work(deadline=Deadline(5)) as work:
                promise = outbox.start(work, promise_id)
            assert promise is not None
            started.append(promise)
        return started

    def begin(self, promise: Promise) -> Sending | None:
        """Begin; None when there is nothing to send now, which is settled."""
        with self.database.unit_of_work(deadline=Deadline(5)) as work:
            assert outbox.hold(work, promise.id)
            begun = self.notices.begin(work, promise)
            if begun is None or isinstance(begun, Again):
                outbox.settle(work, promise.id, begun)
                return None
            return begun

    def finish(self, promise: Promise, sending: Sending, delivery: Delivery) -> None:
        with self.database.unit_of_work(deadline=Deadline(5)) as work:
            held = outbox.hold(work, promise.id, wait=True)
            said = self.notices.finish(work, sending, delivery)
            if held:
                outbox.settle(work, promise.id, said)

    def run(self) -> int:
        """Do whatever is due now; return how many attempts were made."""
        made = 0
        for promise in self.hand_over():
            sending = self.begin(promise)
            if sending is not None:
                made += 1
                self.finish(promise, sending, self.notices.deliver(sending))
        return made


@pytest.fixture
def carrier() -> Carrier:
    return Carrier()


@pytest.fixture
def worker(role_url: Callable[[str], str], clock: Any) -> Iterator[Database]:
    """The test's database as the worker sees it."""
    opened = Database(url=role_url("lme_worker"), clock=clock)
    yield opened
    opened.close()


@pytest.fixture
def notices(worker: Database, log: Any, sealer: Sealer, carrier: Carrier) -> Notices:
    return Notices(database=worker, log=log, sealer=sealer, messenger=carrier)


@pytest.fixture
def office(worker: Database, notices: Notices, clock: Any) -> Office:
    return Office(worker, notices, clock)
