"""One PostgreSQL for the whole run, migrated once; each test gets a copy and works as the application role.

`PG_BIN=/usr/lib/postgresql/15/bin pytest` runs the same tests on another PostgreSQL. Under xdist the controller starts
the server and the workers share it.
"""

import functools
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest
from jinja2 import BytecodeCache, Environment
from jinja2.bccache import Bucket
from psycopg.conninfo import make_conninfo
from sqlalchemy.engine import make_url
from werkzeug.routing import Rule

from lme_operator.core.database import Database, Deadline
from lme_operator.core.sealing import Sealer
from lme_operator.entrypoints.cli.postgres import Server
from lme_operator.entrypoints.cli.roles import (
    APPLICATION,
    DATABASE,
    OWNER,
    READER,
    WORKER,
    close_database,
    provision_database,
    provision_roles,
)
from lme_operator.entrypoints.cli.schema import migrate

_PASSWORD = "pruebas"
_FAST = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "max_wal_size": "256MB"}
_ENOUGH_MEMORY = 2 << 30


def _memory() -> str | None:
    """The memory's own file system where there is room, which halves the run; else the temporary files."""
    memory = Path("/dev/shm")
    return str(memory) if os.access(memory, os.W_OK) and shutil.disk_usage(memory).free > _ENOUGH_MEMORY else None


PATIENT = 60.0
"""Seconds that a test waits for a connection: a race of many threads says who won, however busy the machine is."""

_DURABLE = "LME_TEST_DURABLE" in os.environ
"""Benchmarks pay for each sync; tests need not."""


@dataclass(frozen=True)
class RunningServer:
    """How a worker reaches the server of the run: the URL of the template for the owner, and its administrator."""

    owner_url: str
    administrator: str

    def url(self, role: str, database: str) -> str:
        address = make_url(self.owner_url).set(username=role, database=database)
        return address.render_as_string(hide_password=False)

    def administer(self) -> "psycopg.Connection[tuple[object, ...]]":
        return psycopg.connect(self.administrator, autocommit=True)


class _ServerOfTheRun:
    """Starts PostgreSQL when the first test wants it, and stops it at the end of the run."""

    def __init__(self) -> None:
        self._ends = ExitStack()

    @functools.cached_property
    def running(self) -> RunningServer:
        with ExitStack() as ends:
            running = self._start(ends)
            self._ends = ends.pop_all()
        return running

    def stop(self) -> None:
        self._ends.close()

    def _start(self, ends: ExitStack) -> RunningServer:
        folder = Path(ends.enter_context(tempfile.TemporaryDirectory(prefix="lme-pruebas-", dir=_memory())))
        folder.chmod(0o711)
        server = Server(folder / "pg", settings={} if _DURABLE else _FAST)
        ends.callback(server.stop)
        server.start()
        with server.administer() as administrator:
            _light_passwords(administrator)
            provision_roles(administrator, passwords=dict.fromkeys((OWNER, APPLICATION, WORKER, READER), _PASSWORD))
            provision_database(administrator, name=DATABASE, owner=OWNER)
            address = make_conninfo(administrator.info.dsn, password=administrator.info.password)
        owner_url = server.url(role=OWNER, password=_PASSWORD, database=DATABASE)
        migrate(owner_url)
        return RunningServer(owner_url, address)


def _light_passwords(administrator: "psycopg.Connection[tuple[object, ...]]") -> None:
    """Derive the roles' passwords in one round where the server can: each connection derives them again."""
    if administrator.info.server_version >= 160000:
        administrator.execute("SET scram_iterations = 1")


_server = pytest.StashKey[_ServerOfTheRun]()


def pytest_configure(config: pytest.Config) -> None:
    config.stash[_server] = _ServerOfTheRun()
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)  # each process that a test starts would compile everything anew


_LONG = ("tests/faults/", "tests/journeys/", "tests/entrypoints/cli/")
"""Where tests take seconds each: they wait for processes, for a browser, or for real time to pass."""


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Deal the modules of long tests among the workers, to be the first of each one's share of the run."""
    shares: list[list[pytest.Item]] = [[] for _ in range(getattr(config, "workerinput", {}).get("workercount", 1))]
    size = -(-len(items) // len(shares))
    modules: dict[str, list[pytest.Item]] = {}
    for item in items:
        modules.setdefault(item.nodeid.partition("::")[0], []).append(item)
    for name in sorted(modules, key=lambda name: not name.startswith(_LONG)):
        if name.startswith(_LONG):
            shares.sort(key=len)
            shares[0].extend(modules[name])
        else:
            for item in modules[name]:
                next(share for share in shares if len(share) < size).append(item)
    items[:] = [item for share in shares for item in share]


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    running = node.config.stash[_server].running
    node.workerinput["server"] = (running.owner_url, running.administrator)


def pytest_unconfigure(config: pytest.Config) -> None:
    config.stash[_server].stop()


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Skip a test whose Debian program is missing, saying so; in CI that is a failure."""
    for mark in item.iter_markers("needs"):
        for program in mark.args:
            if shutil.which(program) is None:
                reason = f"falta el programa {program}"
                if os.environ.get("CI") == "true":
                    pytest.fail(reason)
                pytest.skip(reason)


class _Compiled(BytecodeCache):
    """Templates as they were compiled first, for every environment of this process."""

    def __init__(self) -> None:
        self._known: dict[str, bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        if bucket.key in self._known:
            bucket.bytecode_from_string(self._known[bucket.key])

    def dump_bytecode(self, bucket: Bucket) -> None:
        self._known[bucket.key] = bucket.bytecode_to_string()


@pytest.fixture(scope="session", autouse=True)
def _compiled_once() -> Iterator[None]:
    """Each test makes an application of its own: its addresses and templates, always the same, are compiled once."""
    compiled, builders = _Compiled(), dict[tuple[object, ...], Any]()
    make, compile_builder = Environment.__init__, Rule._compile_builder

    def make_environment(environment: Environment, **options: Any) -> None:
        make(environment, **{"bytecode_cache": compiled, **options})

    def builder(rule: Rule, append_unknown: bool = True) -> Any:
        key = (rule.rule, rule.host, rule.subdomain, append_unknown)
        if rule.defaults:
            return compile_builder(rule, append_unknown)
        if key not in builders:
            builders[key] = compile_builder(rule, append_unknown)
        return builders[key]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Environment, "__init__", make_environment)
        patch.setattr(Rule, "_compile_builder", builder)
        yield


@pytest.fixture(scope="session")
def server(request: pytest.FixtureRequest) -> RunningServer:
    """The PostgreSQL of the run."""
    given = getattr(request.config, "workerinput", {}).get("server")
    return RunningServer(*given) if given else request.config.stash[_server].running


@pytest.fixture
def database_name(server: RunningServer) -> Iterator[str]:
    """A fresh copy of the migrated database, dropped after the test."""
    with fresh_database(server) as name:
        yield name


@contextmanager
def fresh_database(server: RunningServer) -> Iterator[str]:
    """A copy of the migrated database, dropped at the end; its name. Copied as files: half the time of page by page."""
    name = f"prueba_{os.getpid()}_{next(_numbers)}"
    with server.administer() as administrator:
        administrator.execute(f"CREATE DATABASE {name} TEMPLATE {DATABASE} OWNER {OWNER} STRATEGY file_copy")
        close_database(administrator, name=name, roles=(APPLICATION, WORKER, READER))
    yield name
    with server.administer() as administrator, suppress(psycopg.OperationalError):
        administrator.execute(f"DROP DATABASE {name} WITH (FORCE)")


def _count() -> Iterator[int]:
    number = 0
    while True:
        number += 1
        yield number


_numbers = _count()


@pytest.fixture
def role_url(server: RunningServer, database_name: str) -> Callable[[str], str]:
    """`role_url("lme_worker")`: the URL of the test's database for any login role."""
    return lambda role: server.url(role, database_name)


@pytest.fixture
def owner_url(role_url: Callable[[str], str]) -> str:
    """The test's database as its owner: only for migrations and to plant violations."""
    return role_url(OWNER)


@pytest.fixture
def application_url(role_url: Callable[[str], str]) -> str:
    """The test's database as the application sees it."""
    return role_url(APPLICATION)


class SettableClock:
    """A clock that stands still until the test moves it."""

    def __init__(self, at: datetime) -> None:
        self._at = at

    def __call__(self) -> datetime:
        return self._at

    def set(self, at: datetime) -> None:
        self._at = at.astimezone(UTC)

    def advance(self, *, seconds: float) -> None:
        self._at += timedelta(seconds=seconds)


_START = datetime(2026, 4, 20, 14, 0, tzinfo=UTC)


@pytest.fixture
def clock() -> SettableClock:
    """Monday 2026-04-20, 10:00 in Santiago."""
    return SettableClock(_START)


@pytest.fixture
def database(application_url: str, clock: SettableClock) -> Iterator[Database]:
    """The test's database, opened as the application role."""
    opened = Database(url=application_url, clock=clock, pool_timeout=PATIENT)
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def shared_database(server: RunningServer) -> Iterator[Database]:
    """One for a module, with a clock of its own: for tests that disturb nobody and need much to stand on."""
    with fresh_database(server) as name:
        opened = Database(url=server.url(APPLICATION, name), clock=SettableClock(_START), pool_timeout=PATIENT)
        yield opened
        opened.close()


@pytest.fixture
def deadline() -> Deadline:
    """Ten seconds: ample, and a test that hangs still ends."""
    return Deadline(10)


@pytest.fixture(scope="session")
def sealer() -> Sealer:
    """Seals under a key of the tests."""
    return Sealer(bytes(range(32)))


@pytest.fixture(scope="session")
def log_signer() -> Any:
    """The log's Ed25519 key of the tests: the same in every run, so vectors can be compared."""
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    return TestLogSigner(Ed25519PrivateKey.from_private_bytes(bytes(range(32, 64))))


class TestLogSigner:
    """Implements `audit.LogSigner` over a key in memory."""

    __test__ = False
    key_id = "registro-pruebas"

    def __init__(self, key: Any) -> None:
        self._key = key
        self.public: bytes = key.public_key().public_bytes_raw()

    def sign(self, note_body: bytes) -> bytes:
        signature: bytes = self._key.sign(note_body)
        return signature


@pytest.fixture
def log(sealer: Sealer, log_signer: Any) -> Any:
    """The audit log, signed by the key of the tests."""
    from lme_operator.domain.audit import Log

    return Log(sealer=sealer, signer=log_signer, origin="operador.example/PRUEBAS/registro")
