"""The log over a real database: append, receipt, checkpoint, proofs."""

from uuid import uuid4

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from lme_operator.core.canonical import encode
from lme_operator.core.database import Database, Deadline
from lme_operator.core.refusal import Fault
from lme_operator.core.sealing import Sealer
from lme_operator.domain.audit import Checkpoint, Log, TrustFile, merkle, parse_note, read_receipt, verify_receipt
from tests.domain.audit.conftest import Append
from tests.factories.log import ORIGIN, PROBE, Key


@pytest.mark.norm("N-2.6c", "N-2.4a")
def test_each_entry_has_a_receipt_that_verifies_alone_and_is_always_the_same(
    database: Database, log: Log, trust: TrustFile, deadline: Deadline, append: Append
) -> None:
    ids = append(9)
    with database.reading(deadline=deadline) as connection:
        first = [encode(log.receipt(connection, id_)) for id_ in ids]
    append(3)
    with database.reading(deadline=deadline) as connection:
        assert [encode(log.receipt(connection, id_)) for id_ in ids] == first
    for index, receipt in enumerate(first):
        verified = verify_receipt(read_receipt(receipt), trust)
        assert (verified.id, verified.index, verified.size) == (ids[index], index, index + 1)
        assert verified.disclosed == {"actor": "sistema:prueba", "run": "11111111-1", "numero": index}


def test_a_receipt_discloses_only_what_its_receiver_may_know(
    database: Database, log: Log, trust: TrustFile, deadline: Deadline, append: Append
) -> None:
    [id_] = append(1)
    with database.reading(deadline=deadline) as connection:
        receipt = log.receipt(connection, id_, disclose={"numero"})
        assert log.disclosed(connection, id_).keys() == {"actor", "run", "numero"}
    assert verify_receipt(receipt, trust).disclosed == {"numero": 0}
    assert b"11111111" not in encode(receipt)


@pytest.mark.norm("N-2.6b")
def test_no_personal_datum_stands_in_the_tables(database: Database, deadline: Deadline, append: Append) -> None:
    append(2)
    with database.reading(deadline=deadline) as connection:
        for table in ("entry", "disclosure"):
            for (row,) in connection.execute(sa.text(f"SELECT t::text FROM audit.{table} t")):
                assert b"11111111-1".hex() not in row
                assert "11111111-1" not in row


def test_checkpoint_of_each_size_and_proofs_between_them(
    database: Database, log: Log, trust: TrustFile, deadline: Deadline, append: Append
) -> None:
    checkpoints = []
    ids = []
    for _ in range(14):
        with database.reading(deadline=deadline) as connection:
            note = parse_note(log.checkpoint(connection))
        checkpoint = Checkpoint.parse(note.body)
        trust.signers(note, index=max(0, checkpoint.size - 1))
        checkpoints.append(checkpoint)
        ids += append(1)
    assert [checkpoint.size for checkpoint in checkpoints] == list(range(14))
    with database.reading(deadline=deadline) as connection:
        for new in checkpoints:
            _check_proofs(connection, log, checkpoints, new)


def _check_proofs(connection: Connection, log: Log, checkpoints: list[Checkpoint], new: Checkpoint) -> None:
    leaves = connection.execute(sa.text("SELECT leaf FROM audit.entry ORDER BY index")).scalars().all()
    for old in checkpoints[: new.size + 1]:
        proof = log.consistency(connection, old=old.size, new=new.size)
        assert merkle.is_consistent(old=old.size, old_root=old.root, new=new.size, new_root=new.root, proof=proof)
    for index in range(new.size):
        proof = log.inclusion(connection, index=index, size=new.size)
        leaf = merkle.leaf_hash(leaves[index])
        assert merkle.root_from_inclusion(leaf=leaf, index=index, size=new.size, proof=proof) == new.root


@pytest.mark.norm("N-2.4a")
def test_nothing_uncommitted_is_ever_signed(database: Database, log: Log, deadline: Deadline, append: Append) -> None:
    append(1)
    with database.unit_of_work(deadline=deadline) as work:
        id_ = log.append(work, kind=PROBE, actor="sistema:prueba", data={})
        with pytest.raises(RuntimeError, match="after the commit"):
            log.receipt(work.connection, id_)
        with pytest.raises(RuntimeError, match="after the commit"):
            log.checkpoint(work.connection)


def test_a_rolled_back_act_leaves_neither_entry_nor_gap(
    database: Database, log: Log, deadline: Deadline, append: Append
) -> None:
    append(1)

    def fail_after_the_entry() -> None:
        with database.unit_of_work(deadline=deadline) as work:
            log.append(work, kind=PROBE, actor="sistema:prueba", data={})
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail_after_the_entry()
    append(1)
    with database.reading(deadline=deadline) as connection:
        indices = connection.execute(sa.text("SELECT index FROM audit.entry ORDER BY index")).scalars().all()
    assert indices == [0, 1]


def test_several_entries_in_one_act_and_on_account_of_another(
    database: Database, log: Log, trust: TrustFile, deadline: Deadline
) -> None:
    with database.unit_of_work(deadline=deadline) as work:
        cause = log.append(work, kind=PROBE, actor="persona:11111111-1", data={"a": 1})
        given = work.new_id()
        effect = log.append(work, kind=PROBE, actor="sistema:prueba", data={}, on_account_of=cause, entry_id=given)
    assert effect == given
    with database.reading(deadline=deadline) as connection:
        verified = verify_receipt(log.receipt(connection, effect), trust)
    assert (verified.on_account_of, verified.index, verified.at) == (cause, 1, database.clock())


def test_an_unknown_entry_has_no_receipt(database: Database, log: Log, deadline: Deadline, append: Append) -> None:
    append(1)
    with database.reading(deadline=deadline) as connection:
        for ask in (log.receipt, log.disclosed):
            with pytest.raises(LookupError):
                ask(connection, uuid4())


def test_receipts_survive_a_change_of_key(
    *, database: Database, log: Log, sealer: Sealer, key: Key, deadline: Deadline, append: Append
) -> None:
    [id_] = append(1)
    rotated = Log(sealer=sealer, signer=Key(2), origin=ORIGIN, retired=(key,))
    careless = Log(sealer=sealer, signer=Key(2), origin=ORIGIN)
    with database.reading(deadline=deadline) as connection:
        assert rotated.receipt(connection, id_) == log.receipt(connection, id_)
        with pytest.raises(Fault, match="servicio_no_disponible"):
            careless.receipt(connection, id_)
    with database.unit_of_work(deadline=deadline) as work:
        later = rotated.append(work, kind=PROBE, actor="sistema:prueba", data={})
    with database.reading(deadline=deadline) as connection:
        lines = [parse_note(rotated.receipt(connection, entry)["punto_de_control"]).lines for entry in (id_, later)]
    assert lines[0][0].key_id != lines[1][0].key_id


def test_a_log_needs_a_name_that_notes_can_carry(sealer: Sealer, key: Key) -> None:
    for origin in ("", "con espacio", "con+mas", "con\nsalto"):
        with pytest.raises(ValueError, match="name for a log"):
            Log(sealer=sealer, signer=key, origin=origin)
