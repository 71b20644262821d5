"""Attempts are kept at once and enter the log in batches; refusals of known people are entries of their own."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa

from lme_operator.core.canonical import from_base64url
from lme_operator.core.database import Database, Deadline, Work
from lme_operator.core.decision import Finding
from lme_operator.core.idempotency import IdempotentRequest
from lme_operator.core.refusal import IDEMPOTENCY_RUNNING, Refusal, refusal
from lme_operator.core.sealing import Sealer
from lme_operator.domain.audit import Log, LogEvidence, TrustFile, merkle, verify_log, verify_receipt
from tests.factories.log import PROBE

AT = datetime(2026, 4, 20, 14, 0, tzinfo=UTC)
ACTOR = "persona:11111111-1"
NOT_TODAY = refusal(code="hoy_no", status=403, citation="N-2.4a", words="Hoy no.", remedy="Vuelva mañana.")


def attempts(database: Database, log: Log, count: int) -> None:
    for number in range(count):
        with database.unit_of_work(deadline=Deadline(10)) as work:
            log.attempt(work.connection, at=AT, kind=PROBE, data={"run": log.keyed("11111111-1", purpose="run"),
                                                                  "numero": number})  # fmt: skip


def batches(database: Database) -> dict[int, UUID]:
    with database.reading(deadline=Deadline(10)) as connection:
        rows = connection.execute(sa.text("SELECT attempt, entry_id FROM audit.attempt_batch")).all()
    assert len({row.attempt for row in rows}) == len(rows)
    return {row.attempt: row.entry_id for row in rows}


@pytest.mark.norm("N-3.0b")
def test_attempts_waiting_enter_as_one_entry(
    database: Database, log: Log, sealer: Sealer, deadline: Deadline, trust: TrustFile
) -> None:
    attempts(database, log, 5)
    entry = log.seal_attempts(database, deadline)
    assert entry is not None
    assert log.seal_attempts(database, deadline) is None
    assert batches(database) == dict.fromkeys(range(1, 6), entry)
    with database.reading(deadline=deadline) as connection:
        verified = verify_receipt(log.receipt(connection, entry), trust)
        hashes = connection.execute(sa.text("SELECT leaf_hash FROM audit.attempt ORDER BY id")).scalars().all()
        assert verify_log(connection, trust=trust, sealer=sealer).fault is None
    edge: merkle.Edge = ()
    for position, hash_ in enumerate(hashes):
        edge = merkle.extend(edge, position, hash_)
    assert from_base64url(verified.disclosed["raiz"]) == merkle.root_of(edge)
    assert (verified.kind, verified.disclosed["cantidad"]) == ("intentos_sellados", 5)


@pytest.mark.norm("N-3.0b")
def test_each_attempt_enters_one_batch_whoever_seals(
    database: Database, log: Log, sealer: Sealer, deadline: Deadline
) -> None:
    with ThreadPoolExecutor(8) as pool:
        writers = [pool.submit(attempts, database, log, 25) for _ in range(4)]
        sealers = [pool.submit(_seal_often, database, log) for _ in range(4)]
        for task in (*writers, *sealers):
            task.result()
    log.seal_attempts(database, deadline)
    assert batches(database).keys() == set(range(1, 101))
    with database.reading(deadline=deadline) as connection:
        assert verify_log(connection, sealer=sealer).fault is None


def _seal_often(database: Database, log: Log) -> None:
    for _ in range(20):
        log.seal_attempts(database, Deadline(10))


def test_an_empty_second_writes_nothing(database: Database, log: Log, deadline: Deadline) -> None:
    assert log.seal_attempts(database, deadline) is None
    with database.reading(deadline=deadline) as connection:
        assert connection.execute(sa.text("SELECT count(*) FROM audit.entry")).scalar_one() == 0


@pytest.mark.norm("N-2.6b")
def test_a_strangers_datum_is_kept_only_as_a_keyed_hash(log: Log) -> None:
    first, again = (log.keyed("11111111-1", purpose="run") for _ in range(2))
    assert first == again != log.keyed("11111111-1", purpose="ip")
    assert "11111111" not in first


def evidence_of(log: Log) -> LogEvidence:
    return LogEvidence(log, PROBE, ACTOR, {"folio": "1-9"})


@pytest.mark.norm("N-2.4a", "N-3.0b")
def test_a_refusal_leaves_its_entry_and_nothing_of_the_business(
    database: Database, log: Log, deadline: Deadline, trust: TrustFile
) -> None:
    reasons = (Finding("a", "Porque a.", "N-2.4a", "Haga a."), Finding("b", "Porque b.", "N-1a", "Haga b."))

    def act() -> None:
        with database.unit_of_work(deadline=deadline, evidence=evidence_of(log)) as work:
            log.append(work, kind=PROBE, actor=ACTOR, data={})
            raise Refusal(NOT_TODAY, findings=reasons)

    with pytest.raises(Refusal):
        act()
    with database.reading(deadline=deadline) as connection:
        [id_] = connection.execute(sa.text("SELECT id FROM audit.entry")).scalars().all()
        verified = verify_receipt(log.receipt(connection, id_), trust)
    assert (verified.kind, verified.index) == ("acto_rechazado", 0)
    assert verified.disclosed == {
        "actor": ACTOR,
        "acto": "suceso_de_prueba",
        "codigo": "hoy_no",
        "folio": "1-9",
        "motivos": [
            {"codigo": "a", "causa": "Porque a.", "norma": "N-2.4a"},
            {"codigo": "b", "causa": "Porque b.", "norma": "N-1a"},
        ],
    }


@pytest.mark.norm("N-3.0b")
def test_an_act_turned_away_is_counted_and_never_an_entry(
    database: Database, log: Log, deadline: Deadline, sealer: Sealer
) -> None:
    same = IdempotentRequest.of(who=ACTOR, route="/", key="k", body=b"")

    def act() -> None:
        with database.unit_of_work(deadline=deadline, idempotency=same, evidence=evidence_of(log)):
            pytest.fail("the first is still running")

    with database.unit_of_work(deadline=deadline, idempotency=same), pytest.raises(Refusal) as refused:
        act()
    assert refused.value.kind is IDEMPOTENCY_RUNNING
    with database.reading(deadline=deadline) as connection:
        assert _kinds(connection) == (["acto_no_atendido"], 0)
    log.seal_attempts(database, deadline)
    with database.reading(deadline=deadline) as connection:
        assert verify_log(connection, sealer=sealer).fault is None


def _kinds(connection: Any) -> tuple[list[str], int]:
    kinds = connection.execute(sa.text("SELECT kind FROM audit.attempt")).scalars().all()
    return list(kinds), connection.execute(sa.text("SELECT count(*) FROM audit.entry")).scalar_one()


def test_evidence_implements_what_the_unit_of_work_asks(database: Database, log: Log, deadline: Deadline) -> None:
    with database.unit_of_work(deadline=deadline, evidence=LogEvidence(log, PROBE, ACTOR)) as work:
        assert isinstance(work, Work)
