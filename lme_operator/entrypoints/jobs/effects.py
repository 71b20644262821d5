"""How promised effects are done: each from its row, in steps that may be cut off anywhere.

A start is counted and committed first, so that an effect that kills its process is parked in the end. An effect of our
own database is done in the transaction that marks it done. One that calls an outside party is begun in a transaction,
called outside any, and finished in another: nothing is locked while somebody else is waited for.
"""

import time
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any, Generic, Protocol, TypeVar
from uuid import UUID

from lme_operator.core import outbox
from lme_operator.core.clock import monotonic
from lme_operator.core.database import Database, Deadline, Lock, Work
from lme_operator.core.outbox import Again, Promise
from lme_operator.core.refusal import Fault
from lme_operator.domain.audit import Log
from lme_operator.domain.issuance import Issuance
from lme_operator.domain.notices import Notices
from lme_operator.domain.rnpi import Rnpi
from lme_operator.entrypoints.http.logs import log_failure

JOB_SECONDS = 10.0
"""The deadline of each transaction of a job."""

_WRITING_SECONDS = 20.0
"""How long an outcome that is known is kept in hand while the database is away."""
_WRITING_PAUSE = 0.5


class JobsOperator(Protocol):
    """What the jobs need of the operator."""

    @property
    def database(self) -> Database:
        """The database, as the worker's role."""

    @property
    def log(self) -> Log:
        """The audit log."""

    @property
    def notices(self) -> Notices:
        """Messages to people."""

    @property
    def rnpi(self) -> Rnpi:
        """The register of professionals."""

    @property
    def issuance(self) -> Issuance:
        """Licences."""


def _no_locks(_operator: JobsOperator, _promise: Promise) -> Sequence[Lock]:
    return ()


@dataclass(frozen=True, slots=True)
class Inside:
    """An effect of our own database. `perform` may say `Again`; `locks` are taken first, as any use case takes them."""

    perform: Callable[[JobsOperator, Work, Promise], Again | None]
    locks: Callable[[JobsOperator, Promise], Sequence[Lock]] = _no_locks

    def fulfil(self, operator: JobsOperator, promise: Promise) -> None:
        """Do it and mark it, in one transaction; nothing if another is doing it."""
        with _transaction(operator, self.locks(operator, promise)) as work:
            if outbox.hold(work, promise.id):
                outbox.settle(work, promise.id, self.perform(operator, work, promise))


_Call = TypeVar("_Call")
_Said = TypeVar("_Said")


@dataclass(frozen=True, slots=True)
class Outside(Generic[_Call, _Said]):
    """An effect that calls an outside party.

    `begin` puts on record what is about to be called, or says that there is nothing to do (None) or not yet (`Again`).
    `call` runs in no transaction and raises for nothing that the party does. `finish` writes what the party said; it
    runs again when the database failed under it, and may run when another has settled the promise meanwhile.
    """

    begin: Callable[[JobsOperator, Work, Promise], _Call | Again | None]
    call: Callable[[JobsOperator, _Call], _Said]
    finish: Callable[[JobsOperator, Work, Promise, _Call, _Said], Again | None]
    locks: Callable[[JobsOperator, Promise], Sequence[Lock]] = _no_locks

    def fulfil(self, operator: JobsOperator, promise: Promise) -> None:
        """Begin, call, finish; nothing if another is beginning it."""
        with _transaction(operator, self.locks(operator, promise)) as work:
            if not outbox.hold(work, promise.id):
                return
            begun = self.begin(operator, work, promise)
            if begun is None or isinstance(begun, Again):
                outbox.settle(work, promise.id, begun)
                return
        self._write_down(operator, promise, begun, self.call(operator, begun))

    def _write_down(self, operator: JobsOperator, promise: Promise, begun: _Call, said: _Said) -> None:
        """Finish, and do not let what is known be lost to a database that comes back in a moment."""
        due = monotonic() + _WRITING_SECONDS
        while True:
            try:
                self._finish(operator, promise, begun, said)
            except Fault:
                if monotonic() > due:
                    raise
                time.sleep(_WRITING_PAUSE)
            else:
                return

    def _finish(self, operator: JobsOperator, promise: Promise, begun: _Call, said: _Said) -> None:
        with _transaction(operator, self.locks(operator, promise)) as work:
            held = outbox.hold(work, promise.id, wait=True)
            again = self.finish(operator, work, promise, begun, said)
            if held:
                outbox.settle(work, promise.id, again)


Subscription = Inside | Outside[Any, Any]


def fulfil(operator: JobsOperator, promise_id: UUID, subscription_of: Callable[[str], Subscription]) -> None:
    """Do a promised effect, if it is still to be done; what fails is put off, and parked when it fails too often."""
    with _transaction(operator) as work:
        promise = outbox.start(work, promise_id)
    if promise is None:
        return
    try:
        subscription_of(promise.effect).fulfil(operator, promise)
    except Fault as fault:
        log_failure(fault)
        _stumble(operator, promise, fault=fault.code, counts=False)
    except Exception as error:  # noqa: BLE001 - whatever it is, it must not stop the others
        log_failure(error)
        _stumble(operator, promise, fault=type(error).__name__, counts=True)


def _stumble(operator: JobsOperator, promise: Promise, *, fault: str, counts: bool) -> None:
    with _transaction(operator) as work:
        outbox.stumble(work, promise, fault=fault, counts=counts)


def _transaction(operator: JobsOperator, locks: Sequence[Lock] = ()) -> AbstractContextManager[Work]:
    return operator.database.unit_of_work(deadline=Deadline(JOB_SECONDS), locks=locks)
