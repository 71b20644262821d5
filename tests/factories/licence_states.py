"""Licences in each state that one can be in, made as they come about: by issuing, an outage, and a second look."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any
from uuid import uuid4

from lme_operator.core.database import Deadline
from lme_operator.core.idempotency import IdempotentRequest
from lme_operator.core.periods import local_day
from lme_operator.core.run import Run
from lme_operator.domain.credentials import Session
from lme_operator.domain.issuance import Issuance, Issued, TotpAuthorisation
from tests.factories.orders import licence_order
from tests.factories.people import ORIGIN, People
from tests.factories.rnpi import ABSENT, DOWN, IN_FORCE

LOOKS: Mapping[str, str | None] = {
    "otorgada": None,
    "otorgada_numeral_4_confirmada": IN_FORCE,
    "en_revision": ABSENT,
    "otorgada_numeral_4": None,
}
"""Each state, and what the register said when it answered again; None: it did not yet. In
this order one professional can have all four: a second look is at all that wait for it."""


@dataclass
class Outage:
    """One professional before a register in memory; the clock moves on a day at most for each licence."""

    people: People
    issuance: Issuance
    run: Run

    def __post_init__(self) -> None:
        self.issuance = replace(self.issuance, rnpi=self.people.rnpi.room)

    @property
    def _clock(self) -> Any:
        return self.people.database.clock

    def enter(self) -> Session:
        """Enter, with a code never used."""
        self._clock.advance(seconds=30)
        return self.people.enter(self.run, code=self.people.code()).session

    def issue(self, state: str) -> Issued:
        """Issue a licence and bring it into this state; the professional is in force again afterwards."""
        register, look = self.people.rnpi.registry, LOOKS[state]
        register.now = IN_FORCE
        session = self.enter()
        if state != "otorgada":
            self._clock.advance(seconds=timedelta(days=1).total_seconds())
            register.now = DOWN
            session = self.enter()
        issued = self._issue(session)
        if look is not None:
            self._clock.advance(seconds=60)
            answer = self.people.rnpi.consult(self.run, look)
            assert self.issuance.recheck(consultation_id=answer.id, deadline=Deadline(10)) == 1
            self._clock.advance(seconds=60)
            self.people.rnpi.consult(self.run, IN_FORCE)
        register.now = IN_FORCE
        return issued

    def _issue(self, session: Session) -> Issued:
        prepared = self.issuance.prepare(
            session=session,
            order=licence_order(rest_starts_on=local_day(self._clock())),
            request=_request(session, "preparaciones"),
            origin=ORIGIN,
            deadline=Deadline(10),
        )
        self._clock.advance(seconds=30)
        issued = self.issuance.issue(
            session=session,
            preparation_id=prepared.id,
            authorisation=TotpAuthorisation(self.people.code()),
            request=_request(session, "licencias"),
            origin=ORIGIN,
            deadline=Deadline(10),
        )
        assert isinstance(issued, Issued)
        return issued


def _request(session: Session, route: str) -> IdempotentRequest:
    who = f"persona:{session.run}:{session.context.code}"
    return IdempotentRequest.of(who=who, route=route, key=str(uuid4()), body=b"{}")
