"""Ask the RNPI, record what came of it, and show it.

Nobody waits for the register with a transaction or a connection in hand: a departure is recorded and committed, the
call is made, and what came of it is recorded in another transaction. Whoever wants the same person's answer meanwhile
waits for that record instead of asking too (one flight a person, across processes).
"""

import time
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

from sqlalchemy.engine import Connection

from lme_operator.core.canonical import Json, encode, parse_instant
from lme_operator.core.database import Database, Deadline, Work
from lme_operator.core.outbox import effect, promise
from lme_operator.core.outside import Failure, OutsideExchange
from lme_operator.core.periods import local_day
from lme_operator.core.refusal import Refusal
from lme_operator.core.run import Run
from lme_operator.core.sealing import Sealer
from lme_operator.domain.audit import Log, build, receipt_name
from lme_operator.domain.identity import lock_people
from lme_operator.domain.norms import Norms
from lme_operator.domain.rnpi import evidence, quota, rules, store
from lme_operator.domain.rnpi.answers import Answer, Consultation, LastAnswers, Purpose, Result, Swept
from lme_operator.domain.rnpi.events import CONSULTED
from lme_operator.domain.rnpi.ports import Controls, Registry
from lme_operator.domain.rnpi.refusals import CONSULTATION_UNKNOWN
from lme_operator.domain.rnpi.rules import Attempt, Opening, Policy
from lme_operator.domain.rnpi.store import Flight

ACTOR = "sistema:consulta_rnpi"
_LEAST_SECONDS = 0.2
"""With less than this left the register is not asked."""
_PROBE_SECONDS = 0.6
_WRITE_SECONDS = 0.3
_LOOK_AGAIN_SECONDS = 0.05
_JOINED_BY_PEOPLE = (Purpose.ENTRY, Purpose.ISSUE, Purpose.ENROLMENT)


@dataclass(frozen=True, slots=True)
class _Boarding:
    """A departure of our own with its `budget` in seconds, or why there is none; or another's, to wait for."""

    flight: Flight | None
    own: bool
    budget: float = 0.0
    withheld: str | None = None


RECHECK = effect("issuance.recheck")
"""The register answered after failures that were another's: licences passed meanwhile are looked at again.

Its subject is the consultation that answered (consulta-rnpi@v1#recontrol).
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rnpi:
    """The room's use cases."""

    database: Database
    log: Log
    sealer: Sealer
    norms: Norms
    registry: Registry
    controls: Controls

    def ensure(self, *, run: Run, purpose: Purpose, deadline: Deadline) -> Answer:
        """As `refresh`, for who needs no more than the answer: what is known costs one look, and nothing is opened."""
        with self.database.looking(deadline=deadline) as connection:
            known = self._serves(connection, run, purpose, self.database.clock())
        return known or self.refresh(run=run, purpose=purpose, deadline=deadline)

    def refresh(self, *, run: Run, purpose: Purpose, deadline: Deadline) -> Consultation:
        """Return the answer of today, asking the register only if there is none that still serves (N-4a).

        What serves: today's answer (a negative for some minutes only), and for a moment a failed attempt. Asks within
        `deadline`, leaving time to look at our own control hosts and to write. Raises `Fault` when the database is
        out of reach, or another's call about the same person did not end in time.
        """
        return self._ask(run, purpose, deadline, always=False)

    def _ask(self, run: Run, purpose: Purpose, deadline: Deadline, *, always: bool) -> Consultation:
        while True:
            boarded = self._board(run, purpose, deadline, always=always)
            if isinstance(boarded, Consultation):
                return boarded
            if boarded.own:
                return self._fly(run, purpose, boarded, deadline)
            landed = None if boarded.flight is None else self._await(boarded.flight, deadline)
            if landed is not None:
                return landed

    def consult(self, *, run: Run, purpose: Purpose, deadline: Deadline) -> Consultation:
        """Ask the register now, whatever is known (consulta-rnpi@v1#enrolamiento). Raises `Fault` as `refresh`.

        But whoever asks for the same again within seconds, or while that call is under way, is told what it brought.
        """
        return self._ask(run, purpose, deadline, always=True)

    def find(self, consultation_id: UUID, *, deadline: Deadline) -> Consultation:
        """Return a consultation; raise `Refusal(consulta_rnpi_inexistente)`."""
        with self.database.reading(deadline=deadline) as connection:
            found = store.find(connection, self.sealer, consultation_id)
        if found is None:
            raise Refusal(CONSULTATION_UNKNOWN)
        return found

    def evidence_file(self, consultation_id: UUID, *, deadline: Deadline) -> bytes:
        """Return the evidence of a consultation as one file, the same bytes each time (N-4c).

        Raises `Refusal(consulta_rnpi_inexistente)`.
        """
        with self.database.reading(deadline=deadline) as connection:
            found = store.find(connection, self.sealer, consultation_id)
            members = store.open_members(connection, self.sealer, consultation_id)
            if found is None or members is None:
                raise Refusal(CONSULTATION_UNKNOWN)
            members[receipt_name(1)] = encode(self.log.receipt(connection, found.entry_id))
        return build(members)

    def sweep(self, *, runs: Iterable[Run], deadline: Deadline) -> Swept:
        """Ask at night about those of `runs` who have no answer of today, the oldest answer first.

        Only within the hours and the quota that the protocol leaves to it (consulta-rnpi@v1#cuota), and until the
        deadline. Safe to run twice, and by several at once.
        """
        wanted, at = set(runs), self.database.clock()
        if not quota.is_sweeping_hour(self.norms, at=at):
            return Swept(0, 0, len(wanted), "fuera_de_hora")
        with self.database.reading(deadline=deadline) as connection:
            answered = store.last_answers(connection, wanted)
        due = [run for run in wanted if run not in answered or local_day(answered[run]) != local_day(at)]
        due.sort(key=lambda run: (answered.get(run, datetime.min.replace(tzinfo=UTC)), run))
        asked = negative = 0
        for done, run in enumerate(due):
            said = self._sweep_one(run, deadline)
            if isinstance(said, str):
                return Swept(asked, negative, len(due) - done, said)
            if said is not None:
                asked += 1
                negative += said.definitive and said.result is not Result.IN_FORCE
                if said.reason == Failure.CIRCUIT_OPEN.value:
                    return Swept(asked, negative, len(due) - done - 1, "circuito_abierto")
        return Swept(asked, negative, 0, None)

    def _sweep_one(self, run: Run, deadline: Deadline) -> Consultation | str | None:
        """Ask about one person; return why the sweep ends here, or None when somebody else has asked meanwhile."""
        if deadline.remaining < _LEAST_SECONDS + _PROBE_SECONDS + _WRITE_SECONDS:
            return "plazo"
        boarded = self._board(run, Purpose.SWEEP, deadline, always=False)
        if isinstance(boarded, Consultation) or not boarded.own:
            return None
        if boarded.withheld is not None:
            return "plazo" if boarded.withheld == rules.NO_TIME else "cuota"
        return self._fly(run, Purpose.SWEEP, boarded, deadline)

    def _board(self, run: Run, purpose: Purpose, deadline: Deadline, *, always: bool) -> Consultation | _Boarding:
        """Find the answer that serves, or another's flight to wait for, or depart."""
        with self.database.unit_of_work(deadline=deadline) as work:
            if (known := self._known(work, run, purpose, always=always)) is not None:
                return known
            store.hold_quota(work)
            joined = (purpose,) if always else tuple(Purpose) if purpose is Purpose.SWEEP else _JOINED_BY_PEOPLE
            # in this order: what lands between the two questions is not missed by both
            flying = store.in_the_air(work.connection, run, at=work.at, purposes=joined)
            known = self._known(work, run, purpose, always=always)
            if known is not None or flying is not None:
                return known or _Boarding(flying, own=False)
            return self._depart(work, run, purpose, deadline)

    def _depart(self, work: Work, run: Run, purpose: Purpose, deadline: Deadline) -> _Boarding:
        longest = quota.longest_call(self.norms, purpose, at=work.at)
        budget = min(longest, deadline.remaining - _PROBE_SECONDS - _WRITE_SECONDS)
        if budget < _LEAST_SECONDS:
            return _Boarding(None, own=True, withheld=rules.NO_TIME)
        if not quota.allows(store.calls(work.connection, at=work.at), self.norms, purpose, at=work.at):
            return _Boarding(None, own=True, withheld=rules.QUOTA_SPENT)
        expires_at = work.at + timedelta(seconds=budget + _PROBE_SECONDS + 2 * _WRITE_SECONDS)
        flight = store.take_off(work, run, purpose=purpose, expires_at=expires_at)
        return _Boarding(flight, own=flight is not None, budget=budget)

    def _fly(self, run: Run, purpose: Purpose, boarded: _Boarding, deadline: Deadline) -> Consultation:
        """Call, look at our own hosts if that matters, and record."""
        policy = Policy.of(self.norms, purpose, at=self.database.clock())
        exchange = None if boarded.flight is None else self.registry.ask(run=run, budget=boarded.budget)
        attempt = Attempt(run, exchange, boarded.withheld)
        if rules.may_be_foreign(attempt, policy):
            left = max(_LEAST_SECONDS, deadline.remaining - _WRITE_SECONDS)
            attempt = Attempt(run, exchange, None, self.controls.probe(budget=min(_PROBE_SECONDS, left)))
        return self._land(attempt, policy, purpose, boarded.flight, deadline)

    def _land(
        self, attempt: Attempt, policy: Policy, purpose: Purpose, flight: Flight | None, deadline: Deadline
    ) -> Consultation:
        """Record what came of it, with what is needed to judge it (N-4c); late if need be, for it happened.

        Returns what stands: a positive that left before the negative recorded meanwhile is evidence and no more.

        Under the person's lock: whoever issues at this moment sees the answer, or commits before it is recorded (N-4b).
        """
        run, left = attempt.run, Deadline(max(deadline.remaining, _WRITE_SECONDS))
        while True:
            with self.database.reading(deadline=left) as connection:
                last = store.last_answers_about(connection, run)
                receipt = None if last.standing is None else self._receipt(connection, last.standing)
            with self.database.unit_of_work(deadline=left, locks=(lock_people(run),)) as work:
                now = store.last_answers_about(work.connection, run)
                if (now.definitive, now.standing) == (last.definitive, last.standing):
                    return self._record(work, attempt, policy, purpose, flight, last=last, receipt=receipt)

    def _record(
        self,
        work: Work,
        attempt: Attempt,
        policy: Policy,
        purpose: Purpose,
        flight: Flight | None,
        *,
        last: LastAnswers,
        receipt: Json,
    ) -> Consultation:
        """Write row, evidence, promise and, last, the log entry; return what stands."""
        exchange = attempt.exchange
        attempt = Attempt(attempt.run, exchange, attempt.withheld, attempt.controls, _opening(work, exchange))
        consultation = _consultation(work, attempt, policy, purpose)
        members, data = evidence.members_of(consultation, attempt, policy, prior=last.standing, receipt=receipt)
        store.record(work, self.sealer, consultation, members=members, flight_id=None if flight is None else flight.id)
        stands = self._what_stands(work, consultation)
        if stands is consultation and _ends_exception(work, consultation, last.definitive):
            promise(work, effect=RECHECK, subject=consultation.id, on_account_of=consultation.entry_id)
        self.log.append(work, kind=CONSULTED, actor=ACTOR, data=data, entry_id=consultation.entry_id)
        return stands

    def _what_stands(self, work: Work, consultation: Consultation) -> Consultation:
        """Return the one just recorded, or the answer that stands against it, as it departed later or crossed it."""
        if not consultation.definitive:
            return consultation
        last = store.last_answers_about(work.connection, consultation.run).standing
        if last is None or last.id == consultation.id:
            return consultation
        return store.find(work.connection, self.sealer, last.id) or consultation

    def _await(self, flight: Flight, deadline: Deadline) -> Consultation | None:
        """Wait for another's record, holding nothing meanwhile; None when it expired without one."""
        while True:
            with self.database.reading(deadline=deadline) as connection:
                landed = store.of_flight(connection, self.sealer, flight.id)
            if landed is not None or self.database.clock() >= flight.expires_at:
                return landed
            time.sleep(_LOOK_AGAIN_SECONDS)

    def _known(self, work: Work, run: Run, purpose: Purpose, *, always: bool) -> Consultation | None:
        """Return the answer that makes it needless to ask, opened; of who always asks, only that of seconds ago."""
        if always:
            within = timedelta(seconds=self.norms.parameter("rnpi.repeticion_segundos", at=work.at).number)
            last = store.last_answers_about(work.connection, run)
            known = rules.repeated(last, purpose=purpose, at=work.at, within=within)
        else:
            known = self._serves(work.connection, run, purpose, work.at)
        return None if known is None else store.find(work.connection, self.sealer, known.id)

    def _serves(self, connection: Connection, run: Run, purpose: Purpose, at: datetime) -> Answer | None:
        """Return the answer that makes it needless to ask at `at`."""
        return rules.still_answers(
            store.last_answers_about(connection, run),
            purpose=purpose,
            at=at,
            retry=timedelta(seconds=self.norms.parameter("rnpi.reintento_segundos", at=at).number),
            negative_again=timedelta(minutes=self.norms.parameter("rnpi.negativa_reconsulta_minutos", at=at).number),
        )

    def _receipt(self, connection: Connection, prior: Answer) -> Json:
        """The receipt of the last answer, in a transaction that writes nothing."""
        return self.log.receipt(connection, prior.entry_id, disclose=evidence.DISCLOSED_OF_PRIOR)


def _opening(work: Work, exchange: OutsideExchange | None) -> Opening | None:
    """The recorded failure that opened the circuit, which kept this call from being made."""
    began = None if exchange is None else rules.opened_by(exchange)
    opened = None if began is None else store.asked_at(work.connection, parse_instant(began))
    if opened is None or opened.cause is None:
        return None
    return Opening(opened.id, opened.entry_id, opened.cause, opened.reason)


def _consultation(work: Work, attempt: Attempt, policy: Policy, purpose: Purpose) -> Consultation:
    found = rules.classify(attempt, policy)
    return Consultation(
        id=work.new_id(),
        run=attempt.run,
        purpose=purpose,
        result=found.result,
        cause=found.cause,
        reason=found.reason,
        at=work.at,
        entry_id=work.new_id(),
        asked_at=None if attempt.exchange is None else attempt.exchange.started_at,
        registration=found.registration,
    )


def _ends_exception(work: Work, consultation: Consultation, prior: Answer | None) -> bool:
    """Whether this is the first answer after failures that may have let licences pass (consulta-rnpi@v1#recontrol)."""
    if not consultation.definitive or prior is None or prior.result is not Result.IN_FORCE:
        return False
    return store.excused_since(work.connection, consultation.run, prior)
