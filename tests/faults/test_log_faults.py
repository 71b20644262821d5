"""The log under real processes: many writers, a killed writer, a held lock, a right taken away (targets T08, T09)."""

import json
import multiprocessing
import signal
import subprocess
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from uuid import UUID

import psycopg
import pytest
import sqlalchemy as sa

from lme_operator.core.canonical import encode
from lme_operator.core.database import Database, Deadline
from lme_operator.core.refusal import Fault
from lme_operator.core.sealing import Sealer
from lme_operator.domain.audit import LOG_LOCK, Checkpoint, Log, parse_note, read_receipt, verify_log, verify_receipt
from tests.factories.log import ORIGIN, PROBE, Key, trust_in
from tests.faults.log_appender import append_many, meet_at

ROOT = Path(__file__).parents[2]
TRUST = trust_in(Key(1).trusted())


@pytest.fixture
def log(sealer: Sealer) -> Log:
    return Log(sealer=sealer, signer=Key(1), origin=ORIGIN)


def line(process: "subprocess.Popen[str]") -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


@pytest.mark.norm("N-2.4a")
def test_sixteen_processes_append_without_gap_fork_or_alarm(
    database: Database, log: Log, sealer: Sealer, application_url: str
) -> None:
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.faults.log_appender"])
    gate = context.Barrier(16)
    with ProcessPoolExecutor(16, mp_context=context, initializer=meet_at, initargs=(gate,)) as pool:
        done = list(pool.map(append_many, [application_url] * 16, [500] * 16))
    with database.reading(deadline=Deadline(60)) as connection:
        rows = connection.execute(sa.text("SELECT index, id, sha256(leaf) AS leaf, edge FROM audit.entry")).all()
        note = log.checkpoint(connection)
        report = verify_log(connection, trust=TRUST, sealer=sealer, checkpoints=[note])
        deadlocks = connection.execute(
            sa.text("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()")
        ).scalar_one()
    assert sorted(row[0] for row in rows) == list(range(8000))
    assert len({row.leaf for row in rows}) == len({b"".join(row.edge) for row in rows}) == 8000
    assert {row.id for row in rows} == {UUID(id_) for ids, _ in done for id_ in ids}
    assert (report.size, report.fault, deadlocks) == (8000, None, 0)
    assert Checkpoint.parse(parse_note(note).body).root == report.root


@pytest.mark.norm("N-2.6c")
def test_a_process_killed_between_commit_and_checkpoint_changes_no_byte(
    database: Database, log: Log, sealer: Sealer, application_url: str
) -> None:
    arguments = [sys.executable, "-m", "tests.faults.log_appender", application_url, "3"]
    killed = subprocess.Popen(arguments, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    ids = [UUID(id_) for id_ in json.loads(line(killed))]
    killed.send_signal(signal.SIGKILL)
    killed.communicate()
    assert killed.returncode == -signal.SIGKILL
    other_process = Log(sealer=sealer, signer=Key(1), origin=ORIGIN)
    rendered = []
    for renderer in (log, other_process):
        with database.reading(deadline=Deadline(10)) as connection:
            rendered.append([encode(renderer.receipt(connection, id_)) for id_ in ids])
        with database.unit_of_work(deadline=Deadline(10)) as work:
            renderer.append(work, kind=PROBE, actor="sistema:prueba", data={})
    assert rendered[0] == rendered[1]
    assert [verify_receipt(read_receipt(receipt), TRUST).id for receipt in rendered[0]] == ids


@pytest.mark.norm("N-2.4a")
def test_a_process_killed_before_the_commit_frees_the_log(database: Database, log: Log, application_url: str) -> None:
    """A writer that dies holding the log's lock leaves nothing behind, and nobody waits for it."""
    script = (
        "import psycopg, sys, time\n"
        "c = psycopg.connect(sys.argv[1])\n"
        f"c.execute('SELECT pg_advisory_xact_lock({LOG_LOCK[0]}, {LOG_LOCK[1]})')\n"
        "print('tomado', flush=True)\n"
        "time.sleep(600)\n"
    )
    url = _plain(application_url)
    holder = subprocess.Popen([sys.executable, "-c", script, url], stdout=subprocess.PIPE, text=True)
    try:
        assert line(holder) == "tomado"
        with pytest.raises(Fault):
            _append(database, log)
    finally:
        holder.kill()
        holder.communicate()
    deadline = time.monotonic() + 5
    while time.monotonic() < deadline:
        try:
            _append(database, log)
            break
        except Fault:
            time.sleep(0.05)
    assert _count(database) == 1


@pytest.mark.norm("N-2.4a")
def test_with_the_logs_lock_held_acts_fail_fast_and_recover_alone(database: Database, log: Log, owner_url: str) -> None:
    _append(database, log)
    with psycopg.connect(_plain(owner_url)) as holder:
        holder.execute("SELECT pg_advisory_xact_lock(%s, %s)", LOG_LOCK)
        for _ in range(5):
            begun = time.monotonic()
            with pytest.raises(Fault, match="servicio_no_disponible"):
                _act(database, log)
            assert time.monotonic() - begun < 1
        assert (_count(database), _business(database)) == (1, 0)
    _act(database, log)
    assert (_count(database), _business(database)) == (2, 1)


@pytest.mark.norm("N-2.4a")
def test_without_the_right_to_insert_no_act_happens(database: Database, log: Log, owner_url: str) -> None:
    _append(database, log)
    with psycopg.connect(_plain(owner_url), autocommit=True) as owner:
        for table in ("entry", "disclosure"):
            owner.execute(f"REVOKE INSERT ON audit.{table} FROM lme_application")
            with pytest.raises(Fault, match="servicio_no_disponible"):
                _act(database, log)
            assert (_count(database), _business(database)) == (1, 0)
            owner.execute(f"GRANT INSERT ON audit.{table} TO lme_application")
    _act(database, log)
    assert (_count(database), _business(database)) == (2, 1)


def _plain(url: str) -> str:
    return url.replace("postgresql+psycopg://", "postgresql://")


def _append(database: Database, log: Log) -> None:
    with database.unit_of_work(deadline=Deadline(5)) as work:
        log.append(work, kind=PROBE, actor="sistema:prueba", data={})


def _act(database: Database, log: Log) -> None:
    """An act that writes a row of its own before its entry: here, the outcome of a request."""
    with database.unit_of_work(deadline=Deadline(5)) as work:
        row = {"scope": work.new_id().bytes * 2, "digest": bytes(32), "id": work.new_id(), "at": work.at}
        work.execute(sa.text("INSERT INTO core.outcome VALUES (:scope, :digest, 'prueba', :id, :at)"), row)
        log.append(work, kind=PROBE, actor="sistema:prueba", data={})


def _count(database: Database) -> int:
    with database.reading(deadline=Deadline(5)) as connection:
        return int(connection.execute(sa.text("SELECT count(*) FROM audit.entry")).scalar_one())


def _business(database: Database) -> int:
    with database.reading(deadline=Deadline(5)) as connection:
        return int(connection.execute(sa.text("SELECT count(*) FROM core.outcome")).scalar_one())
