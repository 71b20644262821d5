"""Machines' keys: two people approve, they rotate with overlap, they end; a nonce counts once."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
import sqlalchemy as sa
from cryptography.hazmat.primitives.asymmetric.ec import SECP384R1, generate_private_key
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key as generate_rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from lme_operator.core.canonical import decode, encode
from lme_operator.core.database import Database, Deadline
from lme_operator.core.refusal import Fault, Refusal
from lme_operator.core.run import Run
from lme_operator.core.sealing import Sealer
from lme_operator.domain.audit import Log
from lme_operator.domain.audit.attempts import place
from lme_operator.domain.mandates import (
    Approvers,
    Claim,
    MachineKey,
    Mandates,
    Proof,
    find_machine_key,
    lock_machine_key,
    read_message,
)
from lme_operator.entrypoints.machines.signed_requests import SIGNATURE_FALSE
from tests.conftest import SettableClock
from tests.factories.machines import APPROVERS, ORIGIN, Machine, key_order, new_key
from tests.factories.people import People


@pytest.fixture
def mandates(people: People) -> Mandates:
    return people.mandates


def register(
    mandates: Mandates, *, keyid: str = "suseso-1", approvers: Approvers = APPROVERS, **changes: object
) -> None:
    order = key_order(new_key(), keyid=keyid, at=mandates.database.clock(), **changes)
    mandates.register_machine_key(order, approvers=approvers, origin=ORIGIN, deadline=Deadline(10))


def code_of(error: pytest.ExceptionInfo[Refusal]) -> str:
    return error.value.kind.code


@pytest.mark.norm("N-2.6d")
def test_register_demands_two_different_people_and_logs(mandates: Mandates, database: Database, owner_url: str) -> None:
    with pytest.raises(Refusal) as error:
        register(mandates, approvers=Approvers(Run(11000001), Run(11000001)))
    assert code_of(error) == "aprobacion_de_una_sola_persona"
    register(mandates)
    with database.reading(deadline=Deadline(10)) as connection:
        key = find_machine_key(connection, "suseso-1", database.clock())
    assert key is not None
    assert (key.actor, key.algorithm) == ("organizacion:compin:13", "ed25519")
    with sa.create_engine(owner_url).connect() as connection:
        kinds = connection.execute(sa.text("SELECT leaf FROM audit.entry ORDER BY index")).scalars().all()
    assert [b"acto_rechazado" in kinds[0], b"llave_de_maquina_registrada" in kinds[1]] == [True, True]


def test_register_refuses_a_key_or_keyid_taken(mandates: Mandates) -> None:
    register(mandates)
    with pytest.raises(Refusal) as error:
        register(mandates)
    assert code_of(error) == "llave_de_maquina_ya_registrada"
    key = new_key()
    at = mandates.database.clock()
    mandates.register_machine_key(
        key_order(key, keyid="una-llave", at=at), approvers=APPROVERS, origin=ORIGIN, deadline=Deadline(10)
    )
    other = key_order(key, keyid="otro-dueno", at=at, organisation="suseso", compin="")
    with pytest.raises(Refusal) as error:
        mandates.register_machine_key(other, approvers=APPROVERS, origin=ORIGIN, deadline=Deadline(10))
    assert code_of(error) == "llave_de_maquina_ya_registrada"


@pytest.mark.parametrize("kind", ["rsa", "p384", "basura"])
def test_register_refuses_other_algorithms(mandates: Mandates, kind: str) -> None:
    other = generate_rsa(65537, 2048) if kind == "rsa" else generate_private_key(SECP384R1())
    der = other.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    if kind == "basura":
        der = b"no es una llave"
    order = replace(key_order(new_key(), keyid="llave-1", at=mandates.database.clock()), public_key=der, kind="otro")
    with pytest.raises(Refusal) as error:
        mandates.register_machine_key(order, approvers=APPROVERS, origin=ORIGIN, deadline=Deadline(10))
    assert code_of(error) == "llave_no_admitida"
    assert [finding.pointer for finding in error.value.findings] == ["/tipo", "/publica"]


def test_find_machine_key_rotates_with_overlap_and_ends(mandates: Mandates, clock: SettableClock) -> None:
    start = clock()
    register(mandates, keyid="vieja", valid_until=start + timedelta(days=30))
    register(mandates, keyid="nueva", valid_from=start + timedelta(days=20))

    def signers(at: datetime) -> list[str]:
        with mandates.database.reading(deadline=Deadline(10)) as connection:
            return [keyid for keyid in ("vieja", "nueva") if find_machine_key(connection, keyid, at)]

    days = [signers(start + timedelta(days=day)) for day in (0, 19, 20, 29, 30)]
    assert days == [["vieja"], ["vieja"], ["vieja", "nueva"], ["vieja", "nueva"], ["nueva"]]
    mandates.end_machine_key(
        "nueva",
        ends_at=start + timedelta(days=40),
        cause="cambio de equipo",
        approvers=APPROVERS,
        origin=ORIGIN,
        deadline=Deadline(10),
    )
    assert signers(start + timedelta(days=40)) == []
    mandates.end_machine_key(
        "nueva", ends_at=None, cause="compromiso", approvers=APPROVERS, origin=ORIGIN, deadline=Deadline(10)
    )
    assert signers(start + timedelta(days=39)) == []


def test_end_machine_key_demands_two_people_and_a_known_key(mandates: Mandates) -> None:
    register(mandates)
    alone = Approvers(Run(11000001), Run(11000001))
    for keyid, approvers, code in (
        ("suseso-1", alone, "aprobacion_de_una_sola_persona"),
        ("otra", APPROVERS, "firma_clave_desconocida"),
    ):
        with pytest.raises(Refusal) as error:
            mandates.end_machine_key(
                keyid, ends_at=None, cause="fin", approvers=approvers, origin=ORIGIN, deadline=Deadline(10)
            )
        assert code_of(error) == code


@pytest.mark.norm("N-2.6c")
def test_accept_keeps_the_message_sealed_and_spends_its_nonce(
    database: Database, log: Log, sealer: Sealer, owner_url: str
) -> None:
    machine = Machine.register(database, log, sealer)
    at, proof = database.clock(), Proof(encode({"run": "15000001-9"}))
    claim = Claim(keyid=machine.keyid, nonce=uuid4().hex, created=at, expires=None, algorithm=None)

    def accept() -> object:
        return machine.mandates.accept(
            claim,
            prove=lambda _key: proof,
            kind="autoridad",
            permission="suspensiones",
            arrived_at=at,
            origin=ORIGIN,
            deadline=Deadline(10),
        )

    message = accept()
    with pytest.raises(Refusal) as error:
        accept()
    assert code_of(error) == "firma_repetida"
    with database.reading(deadline=Deadline(10)) as connection:
        assert read_message(connection, sealer, message.id) == proof  # type: ignore[attr-defined]
    with sa.create_engine(owner_url).connect() as connection:
        stored = connection.execute(sa.text("SELECT content FROM mandates.signed_message")).scalars().all()
        attempts = connection.execute(sa.text("SELECT kind FROM audit.attempt ORDER BY id")).scalars().all()
    assert len(stored) == 1
    assert b"15000001" not in bytes(stored[0])
    assert attempts == ["mensaje_de_maquina_guardado", "firma_de_maquina_rechazada"]


@dataclass
class Stranger:
    """Sends signatures that nobody made, and reads what was kept of them."""

    mandates: Mandates
    owner_url: str

    def knock(self, keyid: str, *, ip: str = "203.0.113.9") -> str:
        def prove(_key: MachineKey) -> Proof:
            raise Refusal(SIGNATURE_FALSE)

        at = self.mandates.database.clock()
        with pytest.raises(Refusal) as error:
            self.mandates.accept(
                Claim(keyid=keyid, nonce=uuid4().hex, created=at, expires=None, algorithm=None),
                prove=prove,
                kind="autoridad",
                permission="suspensiones",
                arrived_at=at,
                origin=replace(ORIGIN, ip=ip),
                deadline=Deadline(10),
            )
        return error.value.kind.code

    def kept(self) -> list[dict[str, str]]:
        with sa.create_engine(self.owner_url).connect() as connection:
            rows = connection.execute(sa.text("SELECT sealed, leaf_hash FROM audit.attempt ORDER BY id")).all()
        sealer = self.mandates.log.sealer
        return [decode(sealer.open(row.sealed, where=place(row.leaf_hash)))["datos"] for row in rows]


@pytest.fixture
def stranger(mandates: Mandates, owner_url: str) -> Stranger:
    return Stranger(mandates, owner_url)


@pytest.mark.norm("N-2.6b", "N-3.0b")
def test_strangers_leave_one_attempt_a_minute_without_address_or_keyid(
    stranger: Stranger, clock: SettableClock
) -> None:
    """Rows cost disk for ever: a flood of junk signatures, each with a keyid of its own, leaves one."""
    with ThreadPoolExecutor(8) as pool:
        codes = set(pool.map(lambda number: stranger.knock(f"RUN 15000001-{number}"), range(40)))
    assert codes == {"firma_clave_desconocida"}
    assert len(stranger.kept()) == 1
    assert "203.0.113.9" not in str(stranger.kept())
    assert "15000001" not in str(stranger.kept())
    stranger.knock("otra", ip="203.0.113.10")
    clock.advance(seconds=60)
    stranger.knock("otra")
    assert len(stranger.kept()) == 3


def test_addresses_of_one_ipv6_network_are_one_source(stranger: Stranger) -> None:
    for number in range(5):
        stranger.knock("otra", ip=f"2001:db8::{number}")
    assert len(stranger.kept()) == 1


def test_false_signatures_under_a_known_key_leave_one_attempt_that_names_the_key(stranger: Stranger) -> None:
    register(stranger.mandates)
    assert {stranger.knock("suseso-1") for _ in range(5)} == {"firma_no_valida"}
    assert [(one["keyid"], one["codigo"]) for one in stranger.kept()] == [("suseso-1", "firma_no_valida")]
    assert "203.0.113.9" not in str(stranger.kept())


def test_refusals_of_strangers_write_in_the_ordinary_pool(stranger: Stranger, monkeypatch: pytest.MonkeyPatch) -> None:
    """Blocks have connections of their own: whoever cannot block writes nothing through them."""
    register(stranger.mandates)
    priorities, real = [], Database.unit_of_work

    def unit_of_work(self: Database, **options: Any) -> Any:
        priorities.append(options.get("priority", False))
        return real(self, **options)

    monkeypatch.setattr(Database, "unit_of_work", unit_of_work)
    stranger.knock("otra")
    stranger.knock("suseso-1")
    assert priorities == [False, False]


def test_ending_a_key_waits_for_the_orders_that_rest_on_it(mandates: Mandates) -> None:
    """By index, no order comes after the ending of its key."""
    register(mandates)
    with (
        mandates.database.unit_of_work(deadline=Deadline(10), locks=[lock_machine_key("suseso-1")]),
        pytest.raises(Fault),
    ):
        mandates.end_machine_key(
            "suseso-1", ends_at=None, cause="fin", approvers=APPROVERS, origin=ORIGIN, deadline=Deadline(0.3)
        )


@pytest.mark.parametrize("table", ["machine_key", "machine_key_end", "signed_message", "spent_nonce", "refusal_window"])
@pytest.mark.parametrize("statement", ["DELETE FROM mandates.{}", "UPDATE mandates.{} SET {}"])
def test_application_cannot_change_or_delete(application_url: str, table: str, statement: str) -> None:
    columns = {"signed_message": "received_at = received_at", "refusal_window": "starts_at = starts_at"}
    column = columns.get(table, "at = at")
    with sa.create_engine(application_url).connect() as connection, pytest.raises(sa.exc.ProgrammingError):
        connection.execute(sa.text(statement.format(table, column)))


def test_claim_window_is_sixty_seconds_either_way(database: Database, log: Log, sealer: Sealer) -> None:
    machine = Machine.register(database, log, sealer)
    arrived = datetime(2026, 4, 20, 14, 0, 0, 500_000, tzinfo=UTC)
    with database.reading(deadline=Deadline(10)) as connection:
        key = find_machine_key(connection, machine.keyid, database.clock())
    assert key is not None
    for seconds, accepted in ((-60, True), (-61, False), (60, True), (61, False)):
        claim = Claim(machine.keyid, "n" * 16, arrived + timedelta(seconds=seconds), None, None)
        if accepted:
            claim.require_acceptable(key, at=database.clock(), arrived_at=arrived)
        else:
            with pytest.raises(Refusal):
                claim.require_acceptable(key, at=database.clock(), arrived_at=arrived)
