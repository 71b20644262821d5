"""A storm over the outbox: workers killed every two seconds, the messenger emptied, the mail server away.

Every message is counted where it arrives, by its Message-ID, on a real SMTP socket; every effect of our own raises
one epoch by one.
"""

import asyncio
import os
import signal
import socket
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from email import message_from_bytes
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import psycopg
import sqlalchemy as sa
from aiosmtpd.controller import Controller

from lme_operator.core import outbox
from lme_operator.core.clock import system_clock
from lme_operator.core.database import Deadline
from lme_operator.core.run import Run
from lme_operator.domain.identity import find_epoch, lock_people
from lme_operator.domain.notices import Channel, Message, State
from lme_operator.entrypoints.cli.postgres import tied_to_us
from lme_operator.entrypoints.jobs.broker import prepare_broker
from lme_operator.gateways.key_store import create_keys
from lme_operator.settings import Settings
from lme_operator.wiring import Operator, build_operator

ROOT = Path(__file__).parents[2]
RAISE = outbox.effect("prueba.subir_epoca")
PERSON = Run(11111111)
_APPLICATION = ("--app", "tests.faults.outbox_worker", "--quiet")
_KILL_EVERY = 2.0
_BEFORE, _AFTER = 0.03, 0.05
"""Seconds that the server takes before and after a message is its own: most kills fall in one of them."""


class CountingServer:
    """A mail server that counts each Message-ID that it takes."""

    def __init__(self) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port: int = probe.getsockname()[1]
        self.taken: Counter[str] = Counter()
        self._running: Controller | None = None

    def open(self) -> None:
        self._running = Controller(
            self, hostname="127.0.0.1", port=self.port, server_hostname="cuenta.localhost", ready_timeout=30
        )
        self._running.start()

    def close(self) -> None:
        if self._running is not None:
            self._running.stop()
            self._running = None

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802 - aiosmtpd's name
        await asyncio.sleep(_BEFORE)
        self.taken[str(message_from_bytes(envelope.content)["Message-ID"])] += 1
        await asyncio.sleep(_AFTER)
        return "250 2.0.0 contado"


@dataclass
class Storm:
    """The operator, its processes, and what befalls them."""

    home: Path
    operator: Operator
    server: CountingServer
    broker_url: str
    environment: dict[str, str]
    workers: "list[subprocess.Popen[bytes]]" = field(default_factory=list)
    schedules: "list[subprocess.Popen[bytes]]" = field(default_factory=list)
    killed: int = 0
    emptied: int = 0

    def promise_effect(self) -> None:
        """Promise one effect of our own."""
        lock = lock_people(PERSON, create=True)
        with self.operator.database.unit_of_work(deadline=Deadline(30), locks=(lock,)) as work:
            outbox.promise(work, effect=RAISE, subject=uuid4())

    def promise(self, count: int) -> list[UUID]:
        """Promise `count` messages and as many effects of our own, each in the transaction of an act of its own."""
        messages = []
        for number in range(count):
            message = Message(Channel.MAIL, f"persona{number}@example.cl", "prueba", "Aviso", f"Aviso {number}.")
            with self.operator.database.unit_of_work(deadline=Deadline(30)) as work:
                messages.append(self.operator.notices.promise(work, run=PERSON, message=message))
            self.promise_effect()
        return messages

    def start(self, *arguments: str) -> "subprocess.Popen[bytes]":
        with (self.home / "tareas.log").open("ab") as log:
            return subprocess.Popen(
                [*tied_to_us(signal.SIGKILL), sys.executable, "-m", "celery", *_APPLICATION, *arguments],
                cwd=ROOT, env=self.environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                start_new_session=True,
            )  # fmt: skip

    def start_worker(self) -> None:
        self.workers.append(
            self.start(
                "worker", "--loglevel", "WARNING", "--pool", "prefork", "--concurrency", "2",
                "--without-gossip", "--without-mingle", "--without-heartbeat",
            )
        )  # fmt: skip

    def start_schedule(self) -> None:
        self.schedules.append(self.start("beat", "--loglevel", "WARNING", "--scheduler", "celery.beat:Scheduler"))

    def kill_oldest(self) -> None:
        """SIGKILL to a worker and all its processes; another is started in its place."""
        _kill(self.workers.pop(0))
        self.killed += 1
        self.start_worker()

    def waiting(self) -> int:
        """Tasks that the messenger holds."""
        with psycopg.connect(self.broker_url, autocommit=True) as connection:
            row = connection.execute("SELECT sum(queue_length) FROM pgmq.metrics_all()").fetchone()
        return int(row[0] or 0) if row else 0

    def empty_broker(self) -> None:
        """Forget every task that waits."""
        with psycopg.connect(self.broker_url, autocommit=True) as connection:
            rows = connection.execute("SELECT pgmq.purge_queue(queue_name) FROM pgmq.list_queues()").fetchall()
        self.emptied = sum(int(row[0]) for row in rows)

    def advance(self, *, seconds: float) -> None:
        """Move the clock of every process."""
        file = self.home / "reloj"
        now = float(file.read_text("ascii")) if file.exists() else 0.0
        fresh = self.home / "reloj.nuevo"
        fresh.write_text(str(now + seconds), "ascii")
        fresh.rename(file)

    def open_promises(self) -> int:
        with self.operator.database.reading(deadline=Deadline(30)) as connection:
            table = outbox.outbox
            count = sa.select(sa.func.count()).where(table.c.done_at.is_(None))
            return int(connection.execute(count).scalar_one())

    def parked(self) -> int:
        with self.operator.database.reading(deadline=Deadline(30)) as connection:
            return len(outbox.parked(connection))

    def states(self, messages: list[UUID]) -> dict[UUID, State]:
        with self.operator.database.reading(deadline=Deadline(60)) as connection:
            return {message: self.operator.notices.state(connection, message).state for message in messages}

    def raised(self) -> int:
        """How often the effect of our own was done, but for the first, by which the workers said that they work."""
        with self.operator.database.reading(deadline=Deadline(30)) as connection:
            return (find_epoch(connection, PERSON) or 0) - 1

    def stop(self) -> None:
        for process in (*self.workers, *self.schedules):
            _kill(process)


@dataclass(frozen=True)
class Count:
    """What became of the messages."""

    accepted: int
    unknown: int
    unknown_arrived: int
    twice: int
    lost: int
    other: int

    def table(self, storm: Storm, *, messages: int, seconds: float) -> str:
        rows = (
            ("avisos prometidos", messages),
            ("enviados una vez, y así consta", self.accepted),
            ("marcados «desconocido»", self.unknown),
            ("  de ellos, llegaron", self.unknown_arrived),
            ("enviados dos veces", self.twice),
            ("dados por enviados y no llegados", self.lost),
            ("en otro estado", self.other),
            ("efectos propios hechos una vez", storm.raised()),
            ("trabajadores muertos", storm.killed),
            ("mensajes que olvidó la mensajería", storm.emptied),
            ("segundos", round(seconds)),
        )
        return "\n".join(f"{words:<36}{number:>6}" for words, number in rows)


def weather(storm: Storm, *, messages: list[UUID], kills: int, seconds_away: float, jump: float) -> tuple[Count, float]:
    """Let the storm pass: a kill every two seconds, the mail server away early on, the messenger emptied when full.

    After the mail server is back the clock jumps by `jump` seconds, for the pauses of those that it turned away. After
    so many kills what is left is waited for.
    """
    began = time.monotonic()
    plan: list[tuple[float, Callable[[], None]]] = [
        (1.0, storm.server.close),
        (1.0 + seconds_away, storm.server.open),
        (1.5 + seconds_away, lambda: storm.advance(seconds=jump)),
    ]
    while storm.open_promises() > storm.parked():
        passed = time.monotonic() - began
        assert passed < 600, f"{storm.open_promises()} open"
        if storm.killed < min(kills, int(passed / _KILL_EVERY)):
            storm.kill_oldest()
        if not storm.emptied and storm.waiting() >= len(messages) // 4:
            storm.empty_broker()
        while plan and passed >= plan[0][0]:
            plan.pop(0)[1]()
        time.sleep(0.1)
    return _count(storm, messages), time.monotonic() - began


def _count(storm: Storm, messages: list[UUID]) -> Count:
    states = storm.states(messages)
    sender = storm.operator.settings.mail.sender.rpartition("@")[2]
    taken = {message: storm.server.taken[f"<{message}@{sender}>"] for message in messages}
    accepted = [message for message, state in states.items() if state is State.ACCEPTED]
    unknown = [message for message, state in states.items() if state is State.UNKNOWN]
    return Count(
        accepted=len([message for message in accepted if taken[message] == 1]),
        unknown=len(unknown),
        unknown_arrived=sum(taken[message] for message in unknown),
        twice=sum(count > 1 for count in taken.values()),
        lost=sum(taken[message] == 0 for message in accepted),
        other=len(messages) - len(accepted) - len(unknown),
    )


@contextmanager
def brew(folder: Path, role_url: Callable[[str], str], broker_url: str, *, workers: int) -> Iterator[Storm]:
    """Start `workers` and two schedules over a mail server that counts."""
    create_keys(folder / "llaves", at=system_clock(), operator="Operador de pruebas", production=False)
    server = CountingServer()
    given = {
        "LME_ENV": "testing",
        "LME_HOME": str(folder),
        "LME_DATABASE_URL_APPLICATION": role_url("lme_application"),
        "LME_DATABASE_URL_WORKER": role_url("lme_worker"),
        "LME_BROKER_URL": broker_url,
        "LME_SMTP_URL": f"smtp://127.0.0.1:{server.port}",
    }
    clean = {name: value for name, value in os.environ.items() if not name.startswith("LME_")}
    settings = Settings.load(given)
    prepare_broker(settings)
    moving = settings.demonstration.model_copy(update={"movable_clock": True})
    operator = build_operator(settings.model_copy(update={"demonstration": moving}), role="application")
    storm = Storm(folder, operator, server, broker_url, {**clean, **given, "PYTHONPATH": os.pathsep.join(sys.path)})
    server.open()
    try:
        for _ in range(2):
            storm.start_schedule()
        for _ in range(workers):
            storm.start_worker()
        storm.promise_effect()
        while storm.open_promises():
            time.sleep(0.1)
        yield storm
    finally:
        storm.stop()
        server.close()
        operator.database.close()


def _kill(process: "subprocess.Popen[bytes]") -> None:
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
