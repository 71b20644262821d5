"""An authority's order: taken in once, at once, and about anybody."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta

import psycopg
import pytest
import sqlalchemy as sa

from lme_operator.core.canonical import from_base64url, sha256, to_base64url
from lme_operator.core.database import Database, Deadline
from lme_operator.core.refusal import Fault, Refusal
from lme_operator.core.run import Run
from lme_operator.core.sealing import Sealer
from lme_operator.domain.audit import Log
from lme_operator.domain.credentials import find_session
from lme_operator.domain.professionals import find_professional
from lme_operator.domain.suspensions import Authority, causes
from tests.conftest import SettableClock
from tests.factories.machines import Machine, terms
from tests.factories.people import People

STRANGER = Run(15000001)


def findings(database: Database, run: Run, at: datetime) -> list[str]:
    with database.reading(deadline=Deadline(10)) as connection:
        return [finding.code for finding in causes(connection, run, at)]


def shown(receipt: object) -> dict[str, object]:
    return {name: value for _, name, value in receipt["divulgaciones"]}  # type: ignore[index]


@pytest.mark.norm("N-6a", "N-6c")
def test_receive_blocks_from_the_lock_on_and_kills_the_session(
    compin: Machine, people: People, database: Database, clock: SettableClock
) -> None:
    run = people.enrol()
    entered = people.enter(run)
    clock.advance(seconds=5)
    received = compin.suspend(run)
    assert (received.registered_professional, received.sessions_closed) == (True, 1)
    assert received.effective_from == clock()
    assert findings(database, run, clock()) == ["suspension_vigente"]
    with database.reading(deadline=Deadline(10)) as connection:
        assert find_session(connection, entered.token, at=clock()) is None
    said = shown(received.receipt)
    assert said["run"] == str(run)
    assert said["numero_resolucion"] == "1234/2026"
    assert said["sesiones_cerradas"] == 1


@pytest.mark.norm("N-6a")
def test_order_blocks_though_the_clock_steps_back(compin: Machine, database: Database, clock: SettableClock) -> None:
    """What is committed counts on every host, also on one whose clock is behind; the record keeps its instants."""
    clock.advance(seconds=90)
    received = compin.suspend(STRANGER)
    recorded = clock()
    clock.advance(seconds=-90)
    assert findings(database, STRANGER, clock()) == ["suspension_vigente"]
    authority = Authority("compin", "13", "")
    said = compin.suspensions.consult(STRANGER, instant=None, authority=authority, deadline=Deadline(10))
    assert said.blocked
    past = compin.suspensions.consult(STRANGER, instant=clock(), authority=authority, deadline=Deadline(10))
    assert (past.blocked, received.effective_from) == (False, recorded)
    detail = compin.suspensions.detail(received.id, authority=authority, deadline=Deadline(10))
    assert detail.suspension.state(detail.at) == "vigente"


@pytest.mark.norm("N-6d")
def test_lifting_by_a_clock_behind_acts_after_the_order_and_not_before(
    compin: Machine, database: Database, clock: SettableClock
) -> None:
    clock.advance(seconds=90)
    received = compin.suspend(STRANGER)
    recorded = clock()
    clock.advance(seconds=-60)
    lifted = compin.lift(received.id)
    assert lifted.effective_from == recorded
    assert findings(database, STRANGER, clock()) == ["suspension_vigente"]
    assert findings(database, STRANGER, recorded) == []


@pytest.mark.norm("N-6a", "N-6c")
def test_order_whose_last_day_went_by_is_kept_and_touches_nothing(
    compin: Machine, people: People, database: Database, clock: SettableClock
) -> None:
    run = people.enrol()
    entered = people.enter(run)
    received = compin.suspend(run, terms(first_day=date(2026, 4, 1), last_day=date(2026, 4, 19)))
    assert (received.effective_from, received.sessions_closed) == (None, 0)
    assert findings(database, run, clock()) == []
    with database.reading(deadline=Deadline(10)) as connection:
        assert find_session(connection, entered.token, at=clock()) is not None
    assert shown(received.receipt)["efectiva_desde"] is None
    proof = compin.suspensions.materialisation(
        received.id, authority=Authority("compin", "13", ""), deadline=Deadline(10)
    )
    assert (proof.suspension.state(proof.at), proof.suspension.window) == ("cumplida", None)


@pytest.mark.norm("N-6b")
def test_receive_keeps_an_order_about_somebody_unknown_here(compin: Machine, database: Database) -> None:
    received = compin.suspend(STRANGER)
    assert (received.registered_professional, received.sessions_closed) == (False, 0)
    assert findings(database, STRANGER, database.clock()) == ["suspension_vigente"]


@pytest.mark.norm("N-6b")
def test_nobody_enrols_while_suspended(
    compin: Machine, people: People, database: Database, clock: SettableClock
) -> None:
    """Threat M22: the order came before the person; the enrolment is refused until the suspension ends."""
    compin.suspend(STRANGER, terms(last_day=date(2026, 4, 25)))
    compin.suspend(STRANGER, terms("otra", last_day=date(2026, 4, 22)))
    with pytest.raises(Refusal) as error:
        people.enrol(STRANGER.number)
    assert error.value.kind.code == "enrolamiento_durante_suspension"
    assert [finding.norm for finding in error.value.findings] == ["N-6a", "N-6a"]
    with database.reading(deadline=Deadline(10)) as connection:
        assert find_professional(connection, people.sealer, STRANGER) is None
    clock.set(datetime(2026, 4, 26, 4, tzinfo=UTC))
    assert people.enrol(STRANGER.number) == STRANGER


@pytest.mark.norm("N-6a")
@pytest.mark.parametrize(
    ("now", "blocked"),
    [
        (datetime(2026, 4, 24, 3, 59, 59, tzinfo=UTC), False),
        (datetime(2026, 4, 24, 4, tzinfo=UTC), True),
        (datetime(2026, 5, 1, 3, 59, 59, 999999, tzinfo=UTC), True),
        (datetime(2026, 5, 1, 4, tzinfo=UTC), False),
    ],
)
def test_future_period_blocks_exactly_its_local_days(
    compin: Machine, database: Database, now: datetime, blocked: bool
) -> None:
    received = compin.suspend(STRANGER, terms(first_day=date(2026, 4, 24), last_day=date(2026, 4, 30)))
    assert received.effective_from == datetime(2026, 4, 24, 4, tzinfo=UTC)
    assert bool(findings(database, STRANGER, now)) is blocked


def test_definitive_suspension_never_ends(compin: Machine, database: Database) -> None:
    compin.suspend(STRANGER, terms(last_day=None))
    assert findings(database, STRANGER, database.clock() + timedelta(days=365 * 90)) == ["suspension_vigente"]


@pytest.mark.norm("N-6a")
def test_receive_twice_is_one_order(compin: Machine, suseso: Machine, database: Database, clock: SettableClock) -> None:
    first = compin.suspend(STRANGER)
    clock.advance(seconds=90)
    again = compin.suspend(STRANGER)
    assert again.replayed
    assert (again.id, again.receipt, again.effective_from) == (first.id, first.receipt, first.effective_from)
    with pytest.raises(Refusal) as error:
        compin.suspend(STRANGER, terms(last_day=date(2026, 6, 1)))
    assert error.value.kind.code == "resolucion_ya_recibida"
    others = [
        compin.suspend(STRANGER, terms("77/2026")),
        compin.suspend(STRANGER, terms(resolution_date=date(2026, 4, 16))),
        compin.suspend(Run(15000002)),
        suseso.suspend(STRANGER),
    ]
    assert len({first.id, *(other.id for other in others)}) == 5
    assert len(findings(database, STRANGER, clock())) == 4


def test_same_number_from_another_regional_compin_is_another_order(
    compin: Machine, database: Database, log: Log, sealer: Sealer
) -> None:
    other = Machine.register(database, log, sealer, keyid="compin-05-a", compin="05")
    assert compin.suspend(STRANGER).id != other.suspend(STRANGER, terms(last_day=None)).id


def test_same_idempotency_key_gives_the_same_answer_and_refuses_another_body(compin: Machine) -> None:
    first = compin.suspend(STRANGER, by=compin.orderer("clave"))
    again = compin.suspend(STRANGER, by=compin.orderer("clave"))
    assert (again.replayed, again.receipt) == (True, first.receipt)
    with pytest.raises(Refusal) as error:
        compin.suspend(STRANGER, by=compin.orderer("clave", body=b"otro"))
    assert error.value.kind.code == "idempotency_key_reutilizada"


@pytest.mark.norm("N-6c")
def test_equal_orders_at_once_are_one(compin: Machine, database: Database, owner_url: str) -> None:
    orderers = [compin.orderer() for _ in range(12)]
    with ThreadPoolExecutor(12) as pool:
        answers = list(pool.map(lambda by: compin.suspend(STRANGER, by=by), orderers))
    assert len({answer.id for answer in answers}) == 1
    assert sum(not answer.replayed for answer in answers) == 1
    with sa.create_engine(owner_url).connect() as connection:
        epoch = connection.execute(
            sa.text("SELECT epoch FROM identity.person WHERE run = :run"), {"run": str(STRANGER)}
        ).scalar_one()
    assert epoch == 1


def test_order_waits_for_the_person_and_takes_its_instant_after(
    compin: Machine, people: People, application_url: str, clock: SettableClock
) -> None:
    run = people.enrol()
    by = compin.orderer()
    dsn = sa.engine.make_url(application_url).set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(dsn) as issuing, ThreadPoolExecutor(1) as pool:
        issuing.execute("SELECT 1 FROM identity.person WHERE run = %s FOR NO KEY UPDATE", [str(run)])
        pending = pool.submit(compin.suspend, run, by=by)
        assert not pending.done()
        clock.advance(seconds=1)
        issuing.rollback()
        received = pending.result(timeout=10)
    assert received.effective_from is not None
    assert received.received_at < received.effective_from


def test_nothing_is_stored_when_the_log_cannot_be_written(compin: Machine, owner_url: str, database: Database) -> None:
    by = compin.orderer()
    with sa.create_engine(owner_url).begin() as owner:
        owner.execute(sa.text("REVOKE INSERT ON audit.entry FROM lme_application"))
    with pytest.raises(Fault):
        compin.suspend(STRANGER, by=by)
    assert findings(database, STRANGER, database.clock()) == []
    with sa.create_engine(owner_url).begin() as owner:
        owner.execute(sa.text("GRANT INSERT ON audit.entry TO lme_application"))
    assert not compin.suspend(STRANGER, by=by).replayed


@pytest.mark.norm("N-6c")
def test_materialisation_proves_who_ordered_what_and_when(compin: Machine, clock: SettableClock) -> None:
    received = compin.suspend(STRANGER)
    clock.advance(seconds=60)
    proof = compin.suspensions.materialisation(
        received.id, authority=Authority("compin", "13", ""), deadline=Deadline(10)
    )
    assert proof.suspension.state(proof.at) == "vigente"
    assert proof.receipt == received.receipt
    assert shown(proof.receipt)["mensaje"] == to_base64url(sha256(proof.message))
    assert from_base64url(str(shown(proof.receipt)["mensaje"])) == sha256(proof.message)


def test_details_are_sealed_at_rest(compin: Machine, owner_url: str) -> None:
    received = compin.suspend(STRANGER, terms(grounds="Fundamento reservado"))
    with sa.create_engine(owner_url).connect() as connection:
        row = connection.execute(sa.text("SELECT details FROM suspensions.suspension")).scalar_one()
    assert b"reservado" not in bytes(row)
    detail = compin.suspensions.detail(received.id, authority=Authority("compin", "13", ""), deadline=Deadline(10))
    assert (detail.grounds, detail.document) == ("Fundamento reservado", None)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE suspensions.suspension SET last_day = NULL",
        "DELETE FROM suspensions.suspension",
        "UPDATE suspensions.lifting SET effective_from = at",
        "DELETE FROM suspensions.lifting",
        "TRUNCATE suspensions.suspension CASCADE",
    ],
)
@pytest.mark.norm("N-6d")
def test_nobody_edits_an_order(compin: Machine, role_url: Callable[[str], str], statement: str) -> None:
    """Threat M33: the operator's own people have no way to undo what an authority ordered; nor has the owner."""
    compin.lift(compin.suspend(STRANGER).id)
    for role in ("lme_application", "lme_worker", "lme_owner"):
        with sa.create_engine(role_url(role)).connect() as connection, pytest.raises(sa.exc.ProgrammingError):
            connection.execute(sa.text(statement))
