"""The verifier finds every alteration of the log, names its index and kind, and cries wolf at none (threats M28–M30).

The alterations are made as the owner of the database, with triggers and constraints off. In those marked as rewritten
whole, the insider computes every later edge again: only a checkpoint kept by others shows them.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from lme_operator.core.canonical import decode, encode
from lme_operator.core.database import Database, Deadline
from lme_operator.core.sealing import Sealer
from lme_operator.domain.audit import (
    Checkpoint,
    KeyEnd,
    Log,
    LogFault,
    LogReport,
    TrustFile,
    merkle,
    verify_log,
)
from lme_operator.domain.audit.entry import Disclosure, encode_disclosures
from lme_operator.domain.audit.log import disclosures_place
from lme_operator.domain.audit.note import sign_checkpoint
from tests.domain.audit.conftest import Append
from tests.factories.log import ORIGIN, PROBE, Key, trust_in

SIZE = 26
POSITIONS = (0, 1, 2, 7, 12, 15, 16, 24, 25)


@dataclass(frozen=True)
class Insider:
    """Alters rows as the owner of the database."""

    connection: Connection
    sealer: Sealer

    def run(self, sql: str, **values: Any) -> None:
        self.connection.execute(sa.text(sql), values)

    def leaf(self, at: int) -> dict[str, Any]:
        row = self.connection.execute(sa.text("SELECT leaf FROM audit.entry WHERE index = :at"), {"at": at})
        value: dict[str, Any] = decode(bytes(row.scalar_one()))
        return value

    def write(self, at: int, leaf: bytes) -> None:
        self.run("UPDATE audit.entry SET leaf = :leaf WHERE index = :at", at=at, leaf=leaf)

    def change(self, at: int, **fields: Any) -> None:
        self.write(at, encode({**self.leaf(at), **fields}))

    def shift(self, table: str, after: int, by: int) -> None:
        self.run(f"UPDATE audit.{table} SET index = index + 1000 WHERE index > :after", after=after)
        self.run(f"UPDATE audit.{table} SET index = index - 1000 + :by WHERE index >= 1000", by=by)

    def remove(self, at: int) -> None:
        for table in ("entry", "disclosure"):
            self.run(f"DELETE FROM audit.{table} WHERE index = :at", at=at)

    def chain_again(self) -> None:
        """Compute every edge again from the leaves, as a patient insider would."""
        edge: merkle.Edge = ()
        rows = self.connection.execute(sa.text("SELECT index, leaf FROM audit.entry ORDER BY index")).all()
        for position, row in enumerate(rows):
            values = {"at": row[0], "edge": list(edge)}
            self.connection.execute(_SET_EDGE, values)
            edge = merkle.extend(edge, position, merkle.leaf_hash(row[1]))


_SET_EDGE = sa.text("UPDATE audit.entry SET edge = :edge WHERE index = :at").bindparams(
    sa.bindparam("edge", type_=sa.ARRAY(sa.LargeBinary))
)
_EDGE = sa.text("SELECT edge FROM audit.entry WHERE index = :at")


def change_kind(insider: Insider, at: int) -> None:
    insider.change(at, tipo="licencia_anulada")


def change_instant(insider: Insider, at: int) -> None:
    insider.change(at, instante="2026-04-20T13:59:59.000000Z")


def change_actor(insider: Insider, at: int) -> None:
    insider.change(at, actor=insider.leaf(at)["datos"]["numero"])


def change_datum(insider: Insider, at: int) -> None:
    entry = insider.leaf(at)
    insider.write(at, encode({**entry, "datos": {**entry["datos"], "run": entry["actor"]}}))


def drop_datum(insider: Insider, at: int) -> None:
    entry = insider.leaf(at)
    insider.write(at, encode({**entry, "datos": {"numero": entry["datos"]["numero"]}}))


def change_cause(insider: Insider, at: int) -> None:
    insider.change(at, por_cuenta_de="019db000-0000-7000-8000-000000000000")


def change_norm(insider: Insider, at: int) -> None:
    insider.change(at, norma=["N-1a"])


def change_nonce(insider: Insider, at: int) -> None:
    insider.change(at, nonce="A" * 22)


def break_canonical_form(insider: Insider, at: int) -> None:
    insider.write(at, encode(insider.leaf(at)) + b" ")


def empty_leaf(insider: Insider, at: int) -> None:
    insider.write(at, b"")


def flip_bit_of_leaf(insider: Insider, at: int) -> None:
    leaf = encode(insider.leaf(at))
    position = leaf.index(b'"nonce":"') + 9
    insider.write(at, leaf[:position] + bytes([leaf[position] ^ 1]) + leaf[position + 1 :])


def change_id_of_leaf(insider: Insider, at: int) -> None:
    insider.change(at, id="019db000-0000-7000-8000-000000000000")


def change_id_of_row(insider: Insider, at: int) -> None:
    insider.run("UPDATE audit.entry SET id = gen_random_uuid() WHERE index = :at", at=at)


def repeat_id(insider: Insider, at: int) -> None:
    """The row and leaf of `at` take the id of another entry."""
    other = str(UUID(insider.leaf(0 if at else 1)["id"]))
    insider.run("UPDATE audit.entry SET id = :id WHERE index = :at", at=at, id=other)
    insider.change(at, id=other)


def delete_row(insider: Insider, at: int) -> None:
    insider.remove(at)


def delete_and_renumber(insider: Insider, at: int) -> None:
    insider.remove(at)
    for table in ("entry", "disclosure"):
        insider.shift(table, at, -1)


def repeat_row(insider: Insider, at: int) -> None:
    insider.run("INSERT INTO audit.entry SELECT * FROM audit.entry WHERE index = :at", at=at)


def insert_and_renumber(insider: Insider, at: int) -> None:
    """A forged entry takes the place of `at`, well chained to what is before."""
    entry = {**insider.leaf(at), "id": "019db000-0000-7000-8000-000000000000"}
    edge = insider.connection.execute(_EDGE, {"at": at}).scalar_one()
    for table in ("entry", "disclosure"):
        insider.shift(table, at - 1, 1)
    insider.run(
        "INSERT INTO audit.entry SELECT :at, :id, :leaf, edge, key_id FROM audit.entry WHERE index = :next",
        at=at, id=entry["id"], leaf=encode(entry), next=at + 1,
    )  # fmt: skip
    insider.connection.execute(_SET_EDGE, {"at": at, "edge": edge})


def swap_leaves(insider: Insider, at: int) -> None:
    other = 3 if at != 3 else 4
    first, second = insider.leaf(at), insider.leaf(other)
    insider.write(at, encode(second))
    insider.write(other, encode(first))


def swap_rows(insider: Insider, at: int) -> None:
    """Two whole rows change places, disclosures too; each keeps its edge."""
    other = 3 if at != 3 else 4
    for table in ("entry", "disclosure"):
        insider.run(f"UPDATE audit.{table} SET index = 1000 WHERE index = :at", at=at)
        insider.run(f"UPDATE audit.{table} SET index = :at WHERE index = :other", at=at, other=other)
        insider.run(f"UPDATE audit.{table} SET index = :other WHERE index = 1000", other=other)


def change_index(insider: Insider, at: int) -> None:
    insider.run("UPDATE audit.entry SET index = index + 1000 WHERE index = :at", at=at)


def change_edge(insider: Insider, at: int) -> None:
    edge = list(insider.connection.execute(_EDGE, {"at": at}).scalar_one())
    edge = [bytes(32), *edge[1:]] if edge else [bytes(32)]
    insider.connection.execute(_SET_EDGE, {"at": at, "edge": edge})


def shorten_edge(insider: Insider, at: int) -> None:
    edge = list(insider.connection.execute(_EDGE, {"at": at}).scalar_one())
    insider.connection.execute(_SET_EDGE, {"at": at, "edge": edge[:-1] if edge else [bytes(32)]})


def change_key(insider: Insider, at: int) -> None:
    insider.run("UPDATE audit.entry SET key_id = 'otra' WHERE index = :at", at=at)


def delete_disclosures(insider: Insider, at: int) -> None:
    insider.run("DELETE FROM audit.disclosure WHERE index = :at", at=at)


def flip_bit_of_disclosures(insider: Insider, at: int) -> None:
    insider.run("UPDATE audit.disclosure SET sealed = set_bit(sealed, 200, 1 - get_bit(sealed, 200))"
                " WHERE index = :at", at=at)  # fmt: skip


def move_disclosures(insider: Insider, at: int) -> None:
    insider.run(
        "UPDATE audit.disclosure SET sealed = (SELECT sealed FROM audit.disclosure WHERE index = :other)"
        " WHERE index = :at", at=at, other=3 if at != 3 else 4,
    )  # fmt: skip


def forge_disclosures(insider: Insider, at: int) -> None:
    """The insider even holds the data key."""
    id_ = UUID(insider.leaf(at)["id"])
    forged = [Disclosure(bytes(16), name, "otro") for name in ("actor", "run", "numero")]
    sealed = insider.sealer.seal(encode_disclosures(forged), where=disclosures_place(id_))
    insider.run("UPDATE audit.disclosure SET sealed = :sealed WHERE index = :at", at=at, sealed=sealed)


def hide_disclosures(insider: Insider, at: int) -> None:
    id_ = UUID(insider.leaf(at)["id"])
    sealed = insider.sealer.seal(encode_disclosures([]), where=disclosures_place(id_))
    insider.run("UPDATE audit.disclosure SET sealed = :sealed WHERE index = :at", at=at, sealed=sealed)


def cut_tail(insider: Insider, at: int) -> None:
    for table in ("entry", "disclosure"):
        insider.run(f"DELETE FROM audit.{table} WHERE index >= :at", at=at)


def cut_tail_of_entries(insider: Insider, at: int) -> None:
    insider.run("DELETE FROM audit.entry WHERE index >= :at", at=at)


def rewrite_whole(insider: Insider, at: int) -> None:
    insider.change(at, tipo="licencia_anulada")
    insider.chain_again()


def delete_and_rewrite_whole(insider: Insider, at: int) -> None:
    delete_and_renumber(insider, at)
    insider.chain_again()


def swap_and_rewrite_whole(insider: Insider, at: int) -> None:
    swap_rows(insider, at)
    insider.chain_again()


EXACT: dict[Callable[[Insider, int], None], str] = {
    change_kind: "cadena|raiz",
    change_instant: "cadena|raiz",
    change_actor: "divulgacion",
    change_datum: "divulgacion",
    drop_datum: "divulgacion",
    change_cause: "cadena|raiz",
    change_norm: "cadena|raiz",
    change_nonce: "cadena|raiz",
    break_canonical_form: "entrada",
    empty_leaf: "entrada",
    flip_bit_of_leaf: "cadena|raiz|entrada",
    change_id_of_leaf: "id",
    change_id_of_row: "id",
    delete_row: "hueco|cola",
    change_index: "hueco",
    change_edge: "borde",
    shorten_edge: "borde",
    change_key: "llave",
    delete_disclosures: "divulgacion",
    flip_bit_of_disclosures: "divulgacion",
    move_disclosures: "divulgacion",
    forge_disclosures: "divulgacion",
    hide_disclosures: "divulgacion",
    cut_tail: "cola",
    cut_tail_of_entries: "cola",
}
"""Named at exactly that index, as one of these kinds."""

FOUND = (
    repeat_id,
    repeat_row,
    delete_and_renumber,
    insert_and_renumber,
    swap_leaves,
    swap_rows,
    rewrite_whole,
    delete_and_rewrite_whole,
    swap_and_rewrite_whole,
)
"""Found, though the place is not always to be told: whole stretches say the same wrong thing."""


@dataclass(frozen=True)
class Altered:
    """Makes an alteration in a transaction that is never committed, and verifies what it sees."""

    insider: Insider
    trust: TrustFile
    checkpoints: tuple[str, ...]

    def verify(self, alter: Callable[[Insider, int], None], at: int) -> LogReport:
        savepoint = self.insider.connection.begin_nested()
        alter(self.insider, at)
        report = verify_log(
            self.insider.connection, trust=self.trust, sealer=self.insider.sealer, checkpoints=self.checkpoints
        )
        savepoint.rollback()
        return report


@pytest.fixture
def altered(
    *,
    append: Append,
    owner_of: Callable[[], Connection],
    database: Database,
    log: Log,
    trust: TrustFile,
    sealer: Sealer,
) -> Altered:
    append(SIZE)
    with database.reading(deadline=Deadline(10)) as reading:
        checkpoint = log.checkpoint(reading)
    return Altered(Insider(owner_of(), sealer), trust, (checkpoint,))


@pytest.mark.norm("N-2.4a")
def test_every_alteration_is_found_and_named(altered: Altered) -> None:
    wrong = []
    for alter, kinds in EXACT.items():
        for at in POSITIONS:
            fault = altered.verify(alter, at).fault
            if fault is None or fault.index != at or fault.kind not in kinds.split("|"):
                wrong.append((alter.__name__, at, fault))
    assert wrong == []


@pytest.mark.norm("N-2.4a")
def test_every_alteration_of_whole_stretches_is_found(altered: Altered) -> None:
    wrong = []
    for alter in FOUND:
        for at in POSITIONS:
            fault = altered.verify(alter, at).fault
            if fault is None or not (fault.index == SIZE - 1 or min(at, 3) - 1 <= fault.index <= at + 1):
                wrong.append((alter.__name__, at, fault))
    assert wrong == []


def test_more_than_twenty_kinds_at_several_positions() -> None:
    assert len(EXACT) + len(FOUND) >= 30
    assert len(POSITIONS) >= 9


def test_a_true_log_gives_no_alarm(
    *, append: Append, database: Database, log: Log, trust: TrustFile, sealer: Sealer, deadline: Deadline
) -> None:
    notes: list[str] = []
    for size in range(20):
        with database.reading(deadline=deadline) as connection:
            notes.append(log.checkpoint(connection))
            for arguments in ({}, {"trust": trust}, {"trust": trust, "sealer": sealer}):
                report = verify_log(connection, checkpoints=notes, **arguments)
                root = Checkpoint.parse(notes[-1].split("\n\n")[0] + "\n").root
                assert report == LogReport(size, root, None)
        append(1)


def test_checkpoints_of_others_are_judged(
    *, append: Append, database: Database, log: Log, key: Key, trust: TrustFile, deadline: Deadline
) -> None:
    append(5)
    root = bytes(32)
    notes = {
        "raiz": sign_checkpoint(Checkpoint(ORIGIN, 3, root), key),
        "cola": sign_checkpoint(Checkpoint(ORIGIN, 9, root), key),
        "punto_de_control": sign_checkpoint(Checkpoint("otro.example/registro", 3, root), key),
    }
    indices = {"raiz": 2, "cola": 5, "punto_de_control": 2}
    with database.reading(deadline=deadline) as connection:
        for kind, note in notes.items():
            report = verify_log(connection, trust=trust, checkpoints=[note])
            assert report.fault == LogFault(indices[kind], kind)
        forged = sign_checkpoint(Checkpoint(ORIGIN, 3, root), Key(7))
        fault = verify_log(connection, trust=trust, checkpoints=[log.checkpoint(connection), forged]).fault
        assert fault == LogFault(2, "punto_de_control")


def test_entries_under_a_compromised_key_are_told_apart(
    append: Append, database: Database, key: Key, deadline: Deadline
) -> None:
    append(5)
    compromised = trust_in(replace(key.trusted(), until_index=2, end=KeyEnd.COMPROMISE))
    retired = trust_in(replace(key.trusted(), until_index=2, end=KeyEnd.ROTATION))
    with database.reading(deadline=deadline) as connection:
        report = verify_log(connection, trust=compromised)
        assert (report.fault, report.indeterminate_from) == (None, 3)
        assert verify_log(connection, trust=retired).fault == LogFault(3, "llave")


def test_an_attempt_taken_away_or_altered_is_found(
    database: Database, log: Log, sealer: Sealer, deadline: Deadline, owner_of: Callable[[], Connection]
) -> None:
    at = datetime(2026, 4, 20, 14, 0, tzinfo=UTC)
    for _ in range(2):
        with database.unit_of_work(deadline=deadline) as work:
            for number in range(3):
                log.attempt(work.connection, at=at, kind=PROBE, data={"numero": number})
        log.seal_attempts(database, deadline)
    with database.unit_of_work(deadline=deadline) as work:
        log.attempt(work.connection, at=at, kind=PROBE, data={})
    connection = owner_of()
    alterations = {
        "UPDATE audit.attempt SET at = at + interval '1 s' WHERE id = 5": LogFault(1, "lote"),
        "UPDATE audit.attempt SET kind = 'otra' WHERE id = 5": LogFault(1, "lote"),
        "UPDATE audit.attempt SET leaf_hash = sha256('') WHERE id = 2": LogFault(0, "lote"),
        "UPDATE audit.attempt SET sealed = sha256('') WHERE id = 2": LogFault(0, "lote"),
        "DELETE FROM audit.attempt WHERE id = 6": LogFault(1, "lote"),
        "DELETE FROM audit.attempt_batch WHERE attempt = 6": LogFault(1, "lote"),
        "DELETE FROM audit.attempt_batch WHERE attempt <= 3": LogFault(0, "lote"),
        "UPDATE audit.attempt_batch SET entry_id = gen_random_uuid() WHERE attempt = 1": LogFault(0, "lote"),
        "INSERT INTO audit.attempt_batch VALUES (7, gen_random_uuid())": LogFault(2, "intento"),
        "DELETE FROM audit.attempt_pending": LogFault(2, "intento"),
    }
    for sql, fault in alterations.items():
        savepoint = connection.begin_nested()
        assert verify_log(connection, sealer=sealer).fault is None
        connection.execute(sa.text(sql))
        assert verify_log(connection, sealer=sealer).fault == fault, sql
        savepoint.rollback()
