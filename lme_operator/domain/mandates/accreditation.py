"""Accrediting officers who enrol and people of authorities, and ending it: two founders to begin, one to end.

What is done is never rewritten. (N-1b, N-1l, N-6d)
"""

from uuid import UUID

from lme_operator.core.canonical import Json
from lme_operator.core.database import Deadline, Work
from lme_operator.core.idempotency import IdempotentRequest
from lme_operator.core.origin import Origin
from lme_operator.core.refusal import Refusal
from lme_operator.core.run import Run
from lme_operator.domain.credentials import (
    CountsWrongCodes,
    Session,
)
from lme_operator.domain.identity import lock_people, raise_epoch
from lme_operator.domain.mandates import people_store, proposal_store
from lme_operator.domain.mandates.authorities import authority_of
from lme_operator.domain.mandates.base import actor_of
from lme_operator.domain.mandates.events import OFFICER_ACCREDITED, OFFICER_ENDED
from lme_operator.domain.mandates.people import (
    EndCause,
    Mandate,
    MandateRecord,
    OfficerAccredited,
    OfficerEnded,
    Proposal,
    Role,
)
from lme_operator.domain.mandates.proposal_store import StoredProposal
from lme_operator.domain.mandates.proposing import Proposing, told
from lme_operator.domain.mandates.refusals import END_UNEXPLAINED, NOTHING_TO_END, PROPOSAL_OVER, TWO_PEOPLE


class Accreditation(Proposing):
    """Use cases of founders. Each raises `Refusal`: `sesion_terminada`, `sin_mandato`, and what it says."""

    __slots__ = ()

    def approve_officer(
        self,
        *,
        session: Session,
        proposal_id: UUID,
        code: str,
        origin: Origin,
        deadline: Deadline,
        idempotency: IdempotentRequest | None = None,
    ) -> OfficerAccredited:
        """Accredit an officer with the approving founder's own fresh TOTP `code`; the mandate is in force at once.

        The first password goes by mail and its activation by SMS; who has means of access keeps them. The officer's
        sessions are over. Raises `Refusal`: `doble_control`, `propuesta_inexistente`, `propuesta_caducada`, those of
        the code. (N-1b, N-1l, N-2.6d, mandatos@v1#acreditar)
        """
        run = self._run_of(proposal_id, deadline)
        first = self._first_access(deadline)
        inner = self._evidence(OFFICER_ACCREDITED, session, run, origin)
        with self.database.unit_of_work(
            deadline=deadline,
            idempotency=idempotency,
            locks=(lock_people(session.run, run),),
            evidence=CountsWrongCodes(inner, session.run, OFFICER_ACCREDITED.code),
        ) as work:
            if work.replayed is not None:
                made = people_store.find_mandate(work.connection, self.sealer, work.replayed.result_id)
                return OfficerAccredited(made, replayed=True)
            self._require_founder(work, session)
            proposal = self._open_proposal(work, proposal_id)
            if actor_of(session.run) in (proposal.proposed_by, actor_of(run)):
                raise Refusal(TWO_PEOPLE)
            self._require_one_function(work, proposal.order)
            proof = proposal_store.find_proof(work.connection, proposal_id)
            if proof is None or work.at >= proof.expires_at:
                raise Refusal(PROPOSAL_OVER)
            self.credentials.consume_totp(work, session.run, code, purpose=OFFICER_ACCREDITED.code)
            mandate = self._mandate(work, proposal, session)
            if not people_store.record_mandate(work, self.sealer, mandate, proposal_id=proposal_id):
                raise Refusal(PROPOSAL_OVER)
            self._give_access(work, proposal, first, step=proof.step, entry_id=mandate.entry_id)
            self._tell_of_naming(work, mandate)
            self._remember(work, idempotency, OFFICER_ACCREDITED, mandate.id)
            facts = {**told(proposal, origin), "mandato": str(mandate.id), "propone": proposal.proposed_by}
            self._append(work, OFFICER_ACCREDITED, session, facts, mandate.entry_id)
            return OfficerAccredited(mandate)

    def end_officer(
        self,
        *,
        session: Session,
        run: Run,
        cause: EndCause,
        detail: str | None = None,
        origin: Origin,
        deadline: Deadline,
        idempotency: IdempotentRequest | None = None,
    ) -> OfficerEnded:
        """End every accreditation of an officer, at once; his sessions and any proposal of him are over.

        One founder suffices. Raises `Refusal`: `sin_acreditacion_que_terminar`, `termino_sin_explicacion`.
        (N-1l, mandatos@v1#terminar)
        """
        evidence = self._evidence(OFFICER_ENDED, session, run, origin)
        with self.database.unit_of_work(
            deadline=deadline, idempotency=idempotency, locks=(lock_people(session.run, run),), evidence=evidence
        ) as work:
            if work.replayed is not None:
                entry_id = work.replayed.result_id
                return OfficerEnded(run, entry_id, people_store.find_ended_at(work.connection, entry_id), replayed=True)
            self._require_founder(work, session)
            detail = (detail or "").strip() or None
            if cause is EndCause.OTHER and detail is None:
                raise Refusal(END_UNEXPLAINED)
            entry_id = work.new_id()
            ended = people_store.record_ends(
                work, self.sealer, run, cause=cause, detail=detail, ended_by=actor_of(session.run), entry_id=entry_id
            )
            if not ended:
                raise Refusal(NOTHING_TO_END)
            raise_epoch(work, run)
            self._remember(work, idempotency, OFFICER_ENDED, entry_id)
            facts: dict[str, Json] = {
                "run": str(run),
                "mandatos": [str(mandate_id) for mandate_id in ended],
                "causa": cause.value,
                "detalle": detail,
                "ip": origin.ip,
            }
            self._append(work, OFFICER_ENDED, session, facts, entry_id)
            return OfficerEnded(run, entry_id, work.at)

    def pending_proposals(self, *, deadline: Deadline) -> tuple[Proposal, ...]:
        """Return the proposals that a founder may approve now, the oldest first."""
        with self.database.reading(deadline=deadline) as connection:
            return proposal_store.pending_proposals(connection, self.sealer, self.database.clock())

    def officers(self, *, deadline: Deadline) -> tuple[MandateRecord, ...]:
        """Return every accreditation ever given, with its ending, the latest first (N-1l)."""
        with self.database.reading(deadline=deadline) as connection:
            return people_store.every_mandate(connection, self.sealer, Role.OFFICER, Role.AUTHORITY)

    def _mandate(self, work: Work, proposal: StoredProposal, session: Session) -> Mandate:
        order = proposal.order
        return Mandate(
            id=work.new_id(),
            run=order.run,
            role=order.role,
            name=order.name,
            email=order.email,
            telephone=order.telephone,
            since=max(proposal.since, work.at),
            until=proposal.until,
            proposed_by=proposal.proposed_by,
            approved_by=actor_of(session.run),
            entry_id=work.new_id(),
            at=work.at,
            authority=authority_of(order.authority),
        )
