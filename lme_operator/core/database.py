"""Engine, deadline and `unit_of_work`: the only place that opens, commits or rolls back a transaction.

A use case is one transaction at READ COMMITTED. Its locks are taken first, all of them, in one fixed order, and only
then the clock is read: whoever waited for a lock decides with what was committed meanwhile, at an instant after it.
Only `domain.audit` takes one more lock (the log's), last.

A `Refusal` raised inside rolls the business back to a savepoint, lets its evidence be written, commits, and goes on
to the caller. Anything else rolls back everything. A database failure becomes a `Fault`; if it happened while
committing, the outcome is unknown and the caller is told to repeat with the same key.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from enum import IntEnum
from typing import Any, Protocol
from uuid import UUID

import psycopg
import sqlalchemy as sa
from sqlalchemy import exc
from sqlalchemy.engine import Connection, Engine

from lme_operator.core import clock as clocks
from lme_operator.core.clock import Clock
from lme_operator.core.idempotency import IdempotentRequest, Outcome, find_outcome, lock_number
from lme_operator.core.ids import uuid7
from lme_operator.core.refusal import IDEMPOTENCY_RUNNING, PERSON_BUSY, Fault, Refusal

_BEGIN = sa.text(
    "SELECT set_config('lock_timeout', :ms, true), set_config('statement_timeout', :ms, true),"
    " CASE WHEN CAST(:key AS bigint) IS NULL THEN true ELSE pg_try_advisory_xact_lock(CAST(:key AS bigint)) END"
)


class Deadline:
    """When an answer is due. One a request; it drives every time limit below it."""

    def __init__(self, seconds: float) -> None:
        self._due = clocks.monotonic() + seconds

    @property
    def remaining(self) -> float:
        """Seconds left, never negative."""
        return max(0.0, self._due - clocks.monotonic())

    def milliseconds(self) -> int:
        """Milliseconds left; raise `Fault('servicio_no_disponible')` when there are none."""
        left = int(self.remaining * 1000)
        if left <= 0:
            raise Fault("servicio_no_disponible")
        return left


class LockRank(IntEnum):
    """The one order of locks (the idempotency key comes before them, the log after)."""

    INSTITUTION = 1
    AGREEMENT = 2
    PERSON = 3


@dataclass(frozen=True, slots=True)
class Lock:
    """Rows to lock in one pass: an optional `prepare` (insert what is missing), then `statement` (SELECT … FOR …).

    `nowait` says that the statement carries NOWAIT: if the row is taken the act is refused, it does not queue.
    """

    rank: LockRank
    statement: sa.Executable
    prepare: sa.Executable | None = None
    nowait: bool = False


class Evidence(Protocol):
    """Who keeps the evidence of what was refused (`domain.audit` does)."""

    def refused(self, work: "Work", refusal: Refusal) -> None:
        """Record a refusal by rule, inside the transaction whose business was rolled back."""

    def turned_away(self, connection: Connection, at: datetime, refusal: Refusal) -> None:
        """Count a refusal for a taken lock, in a transaction of its own."""


@dataclass(slots=True)
class Work:
    """A unit of work under way: its connection, its instant, the rows locked, the outcome of an earlier equal request.

    `at` is the only time that the use case knows. When `replayed` is set the act was done before: the use case must
    return that outcome and do nothing else.
    """

    connection: Connection
    at: datetime
    deadline: Deadline
    locked: dict[LockRank, list[sa.Row[Any]]] = field(default_factory=dict)
    replayed: Outcome | None = None

    def new_id(self) -> UUID:
        """Return a fresh sortable id of this instant."""
        return uuid7(self.at)

    def execute(self, statement: sa.Executable, parameters: Mapping[str, Any] | None = None) -> sa.CursorResult[Any]:
        """Run one statement in this transaction."""
        return self.connection.execute(statement, parameters)


class Database:
    """One engine for a role, and a small one apart for blocks, that nobody's flood can exhaust."""

    def __init__(
        self, *, url: str, clock: Clock, pool_size: int = 16, priority_pool_size: int = 4, pool_timeout: float = 1.0
    ) -> None:
        self.clock = clock
        self._engine = _engine(url, pool_size, pool_timeout)
        self._priority = _engine(url, priority_pool_size, pool_timeout)

    def close(self) -> None:
        """Close idle connections."""
        self._engine.dispose()
        self._priority.dispose()

    @contextmanager
    def reading(self, *, deadline: Deadline, priority: bool = False) -> Iterator[Connection]:
        """Open a read-only transaction; raise `Fault` when the database fails."""
        with self._transaction(deadline, priority=priority) as connection:
            yield connection

    @contextmanager
    def after_commit(self, *, deadline: Deadline, priority: bool = False) -> Iterator[Connection]:
        """Open a read-only transaction to render what this request has committed.

        Whatever fails here is `Fault('resultado_desconocido')`: the act stands, and nobody may be told otherwise.
        """
        try:
            with self.reading(deadline=deadline, priority=priority) as connection:
                yield connection
        except Fault as fault:
            raise Fault("resultado_desconocido", outcome_unknown=True) from fault

    @contextmanager
    def unit_of_work(
        self,
        *,
        deadline: Deadline,
        idempotency: IdempotentRequest | None = None,
        locks: Sequence[Lock] = (),
        evidence: Evidence | None = None,
        priority: bool = False,
    ) -> Iterator[Work]:
        """Open the transaction of one use case; commit at the end.

        Raises `Refusal` (`solicitud_en_curso`, `idempotency_key_reutilizada`, `emision_en_curso`, or the use case's
        own) and `Fault`. A refusal's `evidence` is written in the same transaction; without it everything rolls back.
        Set `priority` for what must never queue behind issuing: blocks.
        """
        refused: Refusal | None = None
        try:
            with self._transaction(deadline, priority=priority, idempotency=idempotency) as connection:
                work = self._locked_work(connection, deadline, idempotency, locks)
                if evidence is None:
                    yield work
                    return
                savepoint = connection.begin_nested()
                try:
                    yield work  # the commit releases the savepoint too: no trip of its own with the log's lock held
                except Refusal as refusal:
                    savepoint.rollback()
                    refused = refusal
                    evidence.refused(work, refusal)
        except _TurnedAway as turned:
            if evidence is not None:
                with self._transaction(deadline, priority=priority) as connection:
                    evidence.turned_away(connection, self.clock(), turned.refusal)
            raise turned.refusal from None
        if refused is not None:
            raise refused

    def _locked_work(
        self,
        connection: Connection,
        deadline: Deadline,
        idempotency: IdempotentRequest | None,
        locks: Sequence[Lock],
    ) -> Work:
        """Look the key up, take every lock in order, then read the clock."""
        if idempotency is not None:
            outcome = find_outcome(connection, idempotency)
            if outcome is not None:
                return Work(connection, self.clock(), deadline, replayed=outcome)
        locked: dict[LockRank, list[sa.Row[Any]]] = {}
        for lock in sorted(locks, key=lambda lock: lock.rank):
            if lock.prepare is not None:
                connection.execute(lock.prepare)
            locked[lock.rank] = _take(connection, lock)
        return Work(connection, self.clock(), deadline, locked)

    @contextmanager
    def _transaction(
        self, deadline: Deadline, *, priority: bool, idempotency: IdempotentRequest | None = None
    ) -> Iterator[Connection]:
        committing = False
        try:
            with (self._priority if priority else self._engine).connect() as connection:
                transaction = connection.begin()
                key = None if idempotency is None else lock_number(idempotency)
                granted = connection.execute(_BEGIN, {"ms": f"{deadline.milliseconds()}ms", "key": key}).one()[2]
                if not granted:
                    raise _TurnedAway(Refusal(IDEMPOTENCY_RUNNING, retry_after=1))
                try:
                    yield connection
                except BaseException:
                    if transaction.is_active:
                        transaction.rollback()
                    raise
                committing = True
                transaction.commit()
        except (exc.TimeoutError, exc.OperationalError, exc.InternalError, exc.InterfaceError) as error:
            raise _fault(committing) from error
        except exc.ProgrammingError as error:
            if isinstance(error.orig, psycopg.errors.InsufficientPrivilege):
                raise _fault(committing) from error
            raise


class _TurnedAway(Exception):
    """A lock was taken by another; nothing was done."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal.kind.code)
        self.refusal = refusal


def _take(connection: Connection, lock: Lock) -> list[sa.Row[Any]]:
    try:
        return list(connection.execute(lock.statement).all())
    except exc.OperationalError as error:
        if lock.nowait and isinstance(error.orig, psycopg.errors.LockNotAvailable):
            raise _TurnedAway(Refusal(PERSON_BUSY, retry_after=1)) from error
        raise


def _fault(committing: bool) -> Fault:
    if committing:
        return Fault("resultado_desconocido", outcome_unknown=True)
    return Fault("servicio_no_disponible")


def _engine(url: str, size: int, timeout: float) -> Engine:
    """Build an engine of `size` connections. A dead server is noticed by the socket within two seconds."""
    return sa.create_engine(
        url,
        pool_size=size,
        max_overflow=0,
        pool_timeout=timeout,
        pool_pre_ping=False,
        isolation_level="READ COMMITTED",
        connect_args={"connect_timeout": 2, "tcp_user_timeout": 2000, "options": "-c timezone=UTC"},
    )
