"""An order that a person of an authority confirms: what is asked under the lock, whatever the page saw before."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest

from lme_operator.core.database import Database, Deadline
from lme_operator.core.idempotency import IdempotentRequest
from lme_operator.core.refusal import Refusal
from lme_operator.core.run import Run
from lme_operator.core.sealing import Sealer
from lme_operator.domain.audit import Log
from lme_operator.domain.credentials import Session
from lme_operator.domain.mandates import EndCause, Mandate, Role, mandate_in_force
from lme_operator.domain.suspensions import LiftingOrder, PersonOrdering, Received, SuspensionOrder, Suspensions
from tests.factories.machines import terms
from tests.factories.people import ORIGIN, People, norms

PERSON, DOCTOR = 9100005, Run(15000001)


@dataclass
class Seat:
    """What the page does, without the page."""

    people: People

    @property
    def suspensions(self) -> Suspensions:
        people = self.people
        return Suspensions(
            database=people.database, log=people.log, sealer=people.sealer, norms=norms(),
            credentials=people.credentials,
        )  # fmt: skip

    def mandate(self, run: Run) -> Mandate:
        with self.people.database.reading(deadline=Deadline(10)) as connection:
            at = self.people.database.clock()
            found = mandate_in_force(connection, self.people.sealer, run, Role.AUTHORITY, at)
        assert found is not None
        return found

    def orderer(self, session: Session, mandate: Mandate) -> PersonOrdering:
        request = IdempotentRequest.of(who=str(session.run), route="orden", key=str(uuid4()), body=b"{}")
        code = self.people.next_code()
        return PersonOrdering(session, mandate, code, request, ORIGIN, self.people.database.clock())

    def suspend(self, by: PersonOrdering, **changes: Any) -> Received:
        order = SuspensionOrder(run=DOCTOR, terms=terms(**changes))
        return self.suspensions.receive(order, by=by, deadline=Deadline(10))


@pytest.fixture
def seat(database: Database, log: Log, sealer: Sealer) -> Seat:
    return Seat(People(database, log, sealer))


@pytest.fixture
def person(seat: Seat) -> Run:
    return seat.people.officer(PERSON, authority="compin:13")


def refused(seat: Seat, by: PersonOrdering) -> list[str]:
    with pytest.raises(Refusal) as refusal:
        seat.suspend(by)
    return [refusal.value.kind.code, *(finding.code for finding in refusal.value.findings)]


@pytest.mark.norm("N-2.7a", "N-6d")
def test_who_blocked_himself_orders_nothing(seat: Seat, person: Run) -> None:
    mandate = seat.mandate(person)
    seat.people.access.block_self(session=seat.people.enter_officer(person), origin=ORIGIN, deadline=Deadline(10))
    again = seat.people.enter_officer(person)
    assert refused(seat, seat.orderer(again, mandate)) == ["sin_mandato", "bloqueo_propio"]


@pytest.mark.norm("N-1l", "N-6d")
def test_an_ended_mandate_or_a_dead_session_orders_nothing(seat: Seat, person: Run) -> None:
    session, mandate = seat.people.enter_officer(person), seat.mandate(person)
    founder = seat.people.enter_officer(Run(9000001))
    seat.people.mandates.end_officer(
        session=founder, run=person, cause=EndCause.RESIGNATION, origin=ORIGIN, deadline=Deadline(10)
    )
    assert refused(seat, seat.orderer(session, mandate)) == ["sesion_terminada"]
    with pytest.raises(Refusal, match="sin_mandato"):
        seat.people.enter_officer(person)


@pytest.mark.norm("N-6d")
def test_nobody_orders_by_anothers_mandate(seat: Seat, person: Run) -> None:
    seat.people.officer(PERSON + 1, authority="superintendencia")
    session = seat.people.enter_officer(person)
    assert refused(seat, seat.orderer(session, seat.mandate(Run(PERSON + 1)))) == ["sin_mandato"]
    officer = seat.people.officer()
    by = seat.orderer(seat.people.enter_officer(officer), seat.mandate(person))
    assert refused(seat, by) == ["sin_mandato", "autoridad_no_acreditada"]


@pytest.mark.norm("N-6a")
def test_a_period_gone_by_is_kept_and_touches_nothing(seat: Seat, person: Run) -> None:
    by = seat.orderer(seat.people.enter_officer(person), seat.mandate(person))
    old = terms(first_day=datetime(2026, 1, 1, tzinfo=UTC).date(), last_day=datetime(2026, 1, 31, tzinfo=UTC).date())
    received = seat.suspensions.receive(SuspensionOrder(run=DOCTOR, terms=old), by=by, deadline=Deadline(10))
    assert (received.effective_from, received.sessions_closed) == (None, 0)


def test_the_same_request_again_spends_no_code_and_changes_nothing(seat: Seat, person: Run) -> None:
    by = seat.orderer(seat.people.enter_officer(person), seat.mandate(person))
    first, second = seat.suspend(by), seat.suspend(by)
    assert (first.id, second.id, second.replayed) == (first.id, first.id, True)
    lifting = LiftingOrder(resolution_number="900/2026", reason="Entregó los antecedentes.")
    lift = replace(by, request=replace(by.request, scope=bytes(32)))
    with pytest.raises(Refusal, match="codigo_ya_usado"):
        seat.suspensions.lift(first.id, lifting, by=lift, deadline=Deadline(10))
