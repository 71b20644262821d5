"""Only the authority that ordered lifts or replaces, and each suspension ends in its own way (M33, M37, M38)."""

from datetime import UTC, date, datetime, timedelta
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa

from lme_operator.core.database import Database, Deadline
from lme_operator.core.refusal import Refusal
from lme_operator.core.run import Run
from lme_operator.domain.suspensions import CORRECTION, RENEWAL, Authority, Sheet
from tests.conftest import SettableClock
from tests.domain.suspensions.test_receive import findings, shown
from tests.factories.machines import APPROVERS, ORIGIN, Machine, terms

DOCTOR = Run(15000001)
COMPIN = Authority("compin", "13", "COMPIN Región Metropolitana")
SUSESO = Authority("suseso", "", "Superintendencia de Seguridad Social")


def refused(machine: Machine, act: str, *arguments: object, **named: object) -> str:
    with pytest.raises(Refusal) as error:
        getattr(machine, act)(*arguments, **named)
    return error.value.kind.code


def last_entry(owner_url: str) -> bytes:
    with sa.create_engine(owner_url).connect() as connection:
        return bytes(
            connection.execute(sa.text("SELECT leaf FROM audit.entry ORDER BY index DESC LIMIT 1")).scalar_one()
        )


@pytest.mark.norm("N-6d")
def test_lift_frees_at_once_and_gives_a_receipt(compin: Machine, database: Database, clock: SettableClock) -> None:
    received = compin.suspend(DOCTOR)
    clock.advance(seconds=10)
    lifted = compin.lift(received.id)
    assert lifted.effective_from == clock()
    assert findings(database, DOCTOR, clock()) == []
    assert findings(database, DOCTOR, clock() - timedelta(seconds=1)) == ["suspension_vigente"]
    assert shown(lifted.receipt)["suspension"] == str(received.id)


def test_lift_from_a_day_on(compin: Machine, database: Database) -> None:
    lifted = compin.lift(compin.suspend(DOCTOR).id, day=date(2026, 5, 4))
    freed = datetime(2026, 5, 4, 4, tzinfo=UTC)
    assert lifted.effective_from == freed
    assert findings(database, DOCTOR, freed - timedelta(microseconds=1)) == ["suspension_vigente"]
    assert findings(database, DOCTOR, freed) == []


def test_lift_never_acts_before_it_was_received(compin: Machine, database: Database, clock: SettableClock) -> None:
    received = compin.suspend(DOCTOR)
    clock.advance(seconds=3 * 86400)
    assert compin.lift(received.id, day=date(2026, 4, 20)).effective_from == clock()
    assert findings(database, DOCTOR, clock() - timedelta(days=1)) == ["suspension_vigente"]


@pytest.mark.norm("N-6d")
def test_another_authority_cannot_lift_replace_or_read_and_it_is_logged(
    compin: Machine, suseso: Machine, database: Database, owner_url: str
) -> None:
    """Threats M33 and M37."""
    received = compin.suspend(DOCTOR)
    assert refused(suseso, "lift", received.id) == "suspension_de_otra_autoridad"
    assert b"acto_rechazado" in last_entry(owner_url)
    assert refused(suseso, "replace", received.id, CORRECTION, terms("2")) == "suspension_de_otra_autoridad"
    for reading in (suseso.suspensions.detail, suseso.suspensions.materialisation):
        with pytest.raises(Refusal) as error:
            reading(received.id, authority=SUSESO, deadline=Deadline(10))
        assert error.value.kind.code == "suspension_de_otra_autoridad"
        assert b"acto_rechazado" in last_entry(owner_url)
    assert findings(database, DOCTOR, database.clock()) == ["suspension_vigente"]


def test_another_regional_compin_is_another_authority(compin: Machine, database: Database) -> None:
    other = Machine.register(
        database, compin.suspensions.log, compin.suspensions.sealer, keyid="compin-05", compin="05"
    )
    assert refused(other, "lift", compin.suspend(DOCTOR).id) == "suspension_de_otra_autoridad"


def test_second_key_of_the_same_authority_can_lift(compin: Machine, database: Database) -> None:
    """Keys rotate; the authority stays."""
    received = compin.suspend(DOCTOR)
    rotated = Machine.register(
        database, compin.suspensions.log, compin.suspensions.sealer, keyid="compin-13-b", organisation_name="COMPIN RM"
    )
    assert rotated.lift(received.id).suspension_id == received.id


@pytest.mark.norm("N-6d")
def test_key_ended_since_the_message_came_in_orders_nothing(
    compin: Machine, database: Database, owner_url: str, clock: SettableClock
) -> None:
    received = compin.suspend(DOCTOR, terms("1"))
    by = [compin.orderer() for _ in range(3)]
    clock.advance(seconds=1)
    compin.mandates.end_machine_key(
        compin.keyid, ends_at=None, cause="compromiso", approvers=APPROVERS, origin=ORIGIN, deadline=Deadline(10)
    )
    codes = {
        refused(compin, "suspend", DOCTOR, by=by[0]),
        refused(compin, "replace", received.id, CORRECTION, terms("2"), by=by[1]),
        refused(compin, "lift", received.id, by=by[2]),
    }
    assert codes == {"firma_clave_no_vigente"}
    assert b"acto_rechazado" in last_entry(owner_url)
    assert findings(database, DOCTOR, clock()) == ["suspension_vigente"]


def test_unknown_suspension(compin: Machine) -> None:
    assert refused(compin, "lift", uuid4()) == "suspension_inexistente"
    assert refused(compin, "replace", uuid4(), CORRECTION, terms()) == "suspension_inexistente"


@pytest.mark.norm("N-6a", "N-6d")
def test_lifting_one_of_two_leaves_the_other(compin: Machine, suseso: Machine, database: Database) -> None:
    """Threat M38: the union of sanctions decides."""
    mine = compin.suspend(DOCTOR)
    suseso.suspend(DOCTOR, terms("9", last_day=None))
    compin.lift(mine.id)
    assert findings(database, DOCTOR, database.clock()) == ["suspension_vigente"]


def test_the_sheet_tells_the_lifting_that_ends_it_first(compin: Machine, clock: SettableClock) -> None:
    received = compin.suspend(DOCTOR)
    assert sheet_of(compin, received.id).lifting is None
    compin.lift(received.id, day=date(2026, 5, 4))
    sheet = sheet_of(compin, received.id)
    assert sheet.lifting is not None
    assert (sheet.lifting.resolution_number, sheet.suspension.state(sheet.at)) == ("900/2026", "vigente")
    assert (sheet.registered, sheet.ordered_by, sheet.lifting.ordered_by) == (None, None, None)
    clock.advance(seconds=5)
    sooner = compin.lift(received.id, number="901/2026", reason="Se acogió su reposición.")
    sheet = sheet_of(compin, received.id)
    assert sheet.lifting is not None
    assert (sheet.lifting.reason, sheet.lifting.receipt) == ("Se acogió su reposición.", sooner.receipt)
    assert sheet.suspension.state(sheet.at) == "levantada"


def sheet_of(machine: Machine, suspension: UUID) -> Sheet:
    return machine.suspensions.sheet(suspension, authority=COMPIN, deadline=Deadline(10))


def test_lift_twice(compin: Machine, clock: SettableClock) -> None:
    received = compin.suspend(DOCTOR)
    first = compin.lift(received.id)
    clock.advance(seconds=5)
    again = compin.lift(received.id)
    assert (again.replayed, again.id, again.receipt) == (True, first.id, first.receipt)
    assert refused(compin, "lift", received.id, reason="Otro motivo") == "levantamiento_ya_recibido"
    assert refused(compin, "lift", received.id, number="901/2026") == "suspension_terminada"


def test_lift_outside_the_period(compin: Machine, clock: SettableClock) -> None:
    received = compin.suspend(DOCTOR)
    assert refused(compin, "lift", received.id, day=date(2026, 6, 1)) == "levantamiento_sin_efecto"
    clock.advance(seconds=40 * 86400)
    assert refused(compin, "lift", received.id) == "suspension_terminada"


@pytest.mark.norm("N-6d")
def test_correction_supersedes(compin: Machine, database: Database, clock: SettableClock) -> None:
    received = compin.suspend(DOCTOR)
    clock.advance(seconds=60)
    corrected = compin.replace(received.id, CORRECTION, terms(last_day=date(2026, 4, 25)))
    assert findings(database, DOCTOR, clock()) == ["suspension_vigente"]
    assert findings(database, DOCTOR, datetime(2026, 4, 26, 4, tzinfo=UTC)) == []
    assert shown(corrected.receipt)["reemplaza"] == str(received.id)
    old = compin.suspensions.detail(received.id, authority=COMPIN, deadline=Deadline(10))
    assert (old.suspension.state(old.at), old.suspension.replaced_by) == ("reemplazada", corrected.id)
    assert refused(compin, "lift", received.id) == "suspension_terminada"
    assert refused(compin, "replace", received.id, CORRECTION, terms("5")) == "suspension_ya_reemplazada"
    again = compin.replace(received.id, CORRECTION, terms(last_day=date(2026, 4, 25)))
    assert (again.replayed, again.receipt) == (True, corrected.receipt)


@pytest.mark.norm("N-6a")
def test_renewal_leaves_no_gap(compin: Machine, database: Database) -> None:
    received = compin.suspend(DOCTOR, terms(last_day=date(2026, 5, 4)))
    gap = terms("2", first_day=date(2026, 5, 6), last_day=date(2026, 5, 20))
    assert refused(compin, "replace", received.id, RENEWAL, gap) == "renovacion_con_intervalo"
    compin.replace(received.id, RENEWAL, terms("2", first_day=date(2026, 5, 5), last_day=date(2026, 5, 20)))
    day = datetime(2026, 4, 20, 14, tzinfo=UTC)
    blocked = [bool(findings(database, DOCTOR, day + timedelta(hours=hours))) for hours in range(24 * 30)]
    assert all(blocked)
    assert findings(database, DOCTOR, datetime(2026, 5, 21, 4, tzinfo=UTC)) == []


def test_replace_what_is_over(compin: Machine, clock: SettableClock) -> None:
    received = compin.suspend(DOCTOR)
    clock.advance(seconds=40 * 86400)
    assert refused(compin, "replace", received.id, RENEWAL, terms("2")) == "suspension_terminada"
