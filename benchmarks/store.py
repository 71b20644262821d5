"""The benchmark's own PostgreSQL: the product's, on the disk of the temporary files, syncing for real.

Each sync can be made slower while it runs: a library of thirty lines, compiled with the machine's C compiler and
preloaded into PostgreSQL alone, waits before every fsync and fdatasync. Without a compiler that part is left out.
"""

import os
import shutil
import statistics
import struct
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg

from lme_operator.entrypoints.cli.postgres import Server
from lme_operator.entrypoints.cli.roles import (
    APPLICATION,
    DATABASE,
    OWNER,
    READER,
    WORKER,
    provision_database,
    provision_roles,
)
from lme_operator.entrypoints.cli.schema import migrate

_PASSWORD = "cifras"
_SOURCE = Path(__file__).with_name("slow_sync.c")


@dataclass(frozen=True)
class Store:
    """A server that runs; `slows` says whether its syncs can be made slower."""

    folder: Path
    server: Server
    slows: bool

    @property
    def pid(self) -> int:
        """PostgreSQL's first process."""
        return self.server.process.pid

    def url(self, role: str) -> str:
        """SQLAlchemy's address of the database for a role."""
        return self.server.url(role=role, password=_PASSWORD, database=DATABASE)

    def administer(self) -> "psycopg.Connection[tuple[object, ...]]":
        """Connect to the database as superuser."""
        with self.server.administer() as there:
            told = psycopg.conninfo.make_conninfo(there.info.dsn, password=there.info.password, dbname=DATABASE)
        return psycopg.connect(told, autocommit=True)

    def slow_sync(self, milliseconds: float) -> None:
        """Make each sync take so much longer, from now on."""
        fresh = self.folder / "espera.nueva"
        fresh.write_bytes(struct.pack("i", int(milliseconds * 1000)))
        fresh.chmod(0o644)
        fresh.rename(self.folder / "espera")

    def sync_ms(self) -> float:
        """The median of a commit's sync where the data are, without the added wait."""
        taken = []
        with tempfile.TemporaryFile(dir=self.folder) as file:
            for _ in range(50):
                file.write(b"x" * 8192)
                file.flush()
                start = time.perf_counter()
                os.fdatasync(file.fileno())
                taken.append((time.perf_counter() - start) * 1000)
        return statistics.median(taken)

    def grown(self) -> tuple[int, int]:
        """Bytes of the database, and bytes ever written to the log ahead (WAL)."""
        with self.administer() as there:
            row = there.execute(
                "SELECT pg_database_size(current_database()), pg_current_wal_lsn() - '0/0'::pg_lsn"
            ).fetchone()
        assert row is not None
        return int(str(row[0])), int(str(row[1]))


@contextmanager
def stored() -> Iterator[Store]:
    """Start the server, migrated, and stop and delete it at the end."""
    with tempfile.TemporaryDirectory(prefix="lme-cifras-") as name:
        folder = Path(name)
        folder.chmod(0o711)
        slow = _compiled(folder)
        server = Server(folder / "pg")
        try:
            with _preloaded(slow, folder / "espera"):
                server.start()
            with server.administer() as administrator:
                roles = dict.fromkeys((OWNER, APPLICATION, WORKER, READER), _PASSWORD)
                provision_roles(administrator, passwords=roles)
                provision_database(administrator, name=DATABASE, owner=OWNER)
            migrate(server.url(role=OWNER, password=_PASSWORD, database=DATABASE))
            yield Store(folder, server, slow is not None)
        finally:
            server.stop()


def _compiled(folder: Path) -> Path | None:
    compiler = shutil.which("cc")
    if compiler is None:
        return None
    library = folder / "slow_sync.so"
    subprocess.run([compiler, "-O2", "-shared", "-fPIC", "-o", str(library), str(_SOURCE), "-ldl"], check=True)
    library.chmod(0o755)
    return library


@contextmanager
def _preloaded(library: Path | None, wait: Path) -> Iterator[None]:
    if library is None:
        yield
        return
    os.environ |= {"LD_PRELOAD": str(library), "LME_SLOW_SYNC": str(wait)}
    try:
        yield
    finally:
        del os.environ["LD_PRELOAD"], os.environ["LME_SLOW_SYNC"]
