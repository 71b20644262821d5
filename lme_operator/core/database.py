"""Engine, deadline and `unit_of_work`: the only place that opens, commits or rolls back a transaction.

Connections are in the driver's autocommit: a transaction is opened by us, in one trip with its time limits and the
idempotency key's lock, and whoever only looks at something opens none.

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
from psycopg.pq import TransactionStatus
from sqlalchemy import exc
from sqlalchemy.engine import Connection, Engine

from lme_operator.core import clock as clocks
from lme_operator.core.clock import Clock
from lme_operator.core.idempotency import IdempotentRequest, Outcome, find_outcome, lock_number
from lme_operator.core.ids import uuid7
from lme_operator.core.questions import Question, translated
from lme_operator.core.refusal import IDEMPOTENCY_RUNNING, PERSON_BUSY, Fault, Refusal

_STEP_MS = 250
"""What only reads keeps the limits of its connection while they are right within so much, never too long."""
_LIMITS = "limits"


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
    statement: sa.Executable | Question
    prepare: sa.Executable | None = None
    nowait: bool = False
    parameters: Mapping[str, Any] | None = None


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
        with self._transaction(deadline, priority=priority, writes=False) as connection:
            yield connection

    @contextmanager
    def looking(self, *, deadline: Deadline, priority: bool = False) -> Iterator[Connection]:
        """Lend a connection to read with, outside any transaction; raise `Fault` when the database fails.

        At READ COMMITTED each statement sees for itself anyway; what is saved is two trips. Not for cursors.
        """
        with _faults(_Phase()), self._connection(priority=priority) as connection:
            _limit(connection, deadline)
            yield connection

    def find_outcome(self, request: IdempotentRequest, *, deadline: Deadline) -> Outcome | None:
        """Return what an equal request made before; raise `Refusal` if its key was used with another body.

        For who asks third parties before acting: what was done is told whatever they would say today. Nothing is
        locked, so whoever acts looks the key up again in `unit_of_work`.
        """
        with self.looking(deadline=deadline) as connection:
            return find_outcome(connection, request)

    @contextmanager
    def after_commit(self, *, deadline: Deadline, priority: bool = False) -> Iterator[Connection]:
        """Lend a connection to render what this request has committed.

        Whatever fails here is `Fault('resultado_desconocido')`: the act stands, and nobody may be told otherwise.
        """
        try:
            with self.looking(deadline=deadline, priority=priority) as connection:
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
                _at_once(connection, "SAVEPOINT business")
                try:
                    yield work  # the commit releases the savepoint too: no trip of its own with the log's lock held
                except Refusal as refusal:
                    _at_once(connection, "ROLLBACK TO SAVEPOINT business")
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
        self,
        deadline: Deadline,
        *,
        priority: bool,
        idempotency: IdempotentRequest | None = None,
        writes: bool = True,
    ) -> Iterator[Connection]:
        phase = _Phase()
        with _faults(phase), self._connection(priority=priority) as connection:
            transaction = connection.begin()
            key = None if idempotency is None else lock_number(idempotency)
            if not _begin(connection, deadline, key, writes=writes):
                raise _TurnedAway(Refusal(IDEMPOTENCY_RUNNING, retry_after=1))
            try:
                yield connection
                _require_sound(connection)
            except BaseException:
                if transaction.is_active:
                    transaction.rollback()
                raise
            phase.committing = True
            transaction.commit()

    def _connection(self, *, priority: bool) -> Connection:
        return (self._priority if priority else self._engine).connect()


@dataclass(slots=True)
class _Phase:
    """Whether the commit has been asked for: from then on a failure leaves the outcome unknown."""

    committing: bool = False


class _TurnedAway(Exception):
    """A lock was taken by another; nothing was done."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal.kind.code)
        self.refusal = refusal


def _take(connection: Connection, lock: Lock) -> list[sa.Row[Any]]:
    try:
        if isinstance(lock.statement, Question):
            return lock.statement.all(connection, lock.parameters)
        return list(connection.execute(lock.statement, lock.parameters).all())
    except exc.OperationalError as error:
        if lock.nowait and isinstance(error.orig, psycopg.errors.LockNotAvailable):
            raise _TurnedAway(Refusal(PERSON_BUSY, retry_after=1)) from error
        raise


@contextmanager
def _faults(phase: _Phase) -> Iterator[None]:
    """Turn the database's failures into a `Fault`."""
    try:
        yield
    except (exc.TimeoutError, exc.OperationalError, exc.InternalError, exc.InterfaceError) as error:
        raise _fault(phase) from error
    except exc.ProgrammingError as error:
        if isinstance(error.orig, psycopg.errors.InsufficientPrivilege):
            raise _fault(phase) from error
        raise


def _fault(phase: _Phase) -> Fault:
    if phase.committing:
        return Fault("resultado_desconocido", outcome_unknown=True)
    return Fault("servicio_no_disponible")


def _require_sound(connection: Connection) -> None:
    """Refuse to commit after a failure that somebody swallowed: the server would roll back, and say nothing."""
    if _driver(connection).info.transaction_status == TransactionStatus.INERROR:
        raise Fault("servicio_no_disponible")


def _begin(connection: Connection, deadline: Deadline, key: int | None, *, writes: bool) -> bool:
    """Begin, with the limits of the deadline; return False if the key's advisory lock is another's. One trip."""
    ms = deadline.milliseconds()
    mode = "READ WRITE" if writes else "READ ONLY"
    commands = (
        f"BEGIN ISOLATION LEVEL READ COMMITTED {mode};"
        f" SET LOCAL lock_timeout = {ms}; SET LOCAL statement_timeout = {ms}"
    )
    if key is None:
        _at_once(connection, commands)
        return True
    return bool(_at_once(connection, f"{commands}; SELECT pg_try_advisory_xact_lock({key})"))


def _limit(connection: Connection, deadline: Deadline) -> None:
    """Keep each statement of who only reads within the deadline: the limits stay with the connection."""
    left = deadline.milliseconds()
    ms = left - left % _STEP_MS or left
    if connection.info.get(_LIMITS) != ms:
        _at_once(connection, f"SET lock_timeout = {ms}; SET statement_timeout = {ms}")
        connection.info[_LIMITS] = ms


def _at_once(connection: Connection, commands: str) -> Any:  # noqa: ANN401 - of any command
    """Run commands of our own making in one trip, below SQLAlchemy; return the last one's first value, if it has."""
    try:
        cursor = _driver(connection).cursor().execute(commands.encode())
        while cursor.nextset():
            pass
        return None if cursor.description is None else cursor.fetchone()[0]  # type: ignore[index]
    except psycopg.Error as error:
        raise translated(connection, commands, error) from error


def _driver(connection: Connection) -> "psycopg.Connection[tuple[Any, ...]]":
    driver = connection.connection.driver_connection
    assert isinstance(driver, psycopg.Connection)  # noqa: S101 - the one driver there is
    return driver


def _engine(url: str, size: int, timeout: float) -> Engine:
    """Build an engine of `size` connections. A dead server is noticed by the socket within two seconds."""
    return sa.create_engine(
        url,
        pool_size=size,
        max_overflow=0,
        pool_timeout=timeout,
        pool_use_lifo=True,
        pool_pre_ping=False,
        isolation_level="AUTOCOMMIT",
        connect_args={"connect_timeout": 2, "tcp_user_timeout": 2000, "options": "-c timezone=UTC"},
    )
