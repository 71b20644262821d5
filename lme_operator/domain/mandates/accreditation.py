"""Accrediting officers who enrol and people of authorities, and ending it: two founders to begin, one to end.

What is done is never rewritten. Whoever has means of access already keeps them: two founders cannot put a factor of
theirs on a professional by accrediting him. (N-1b, N-1l, N-6d)
"""

from datetime import timedelta
from uuid import UUID

from lme_operator.core.canonical import Json, format_instant, to_base64url
from lme_operator.core.database import Deadline, Work
from lme_operator.core.idempotency import IdempotentRequest
from lme_operator.core.origin import Origin
from lme_operator.core.refusal import Refusal
from lme_operator.core.run import Run
from lme_operator.domain.credentials import (
    CountsWrongCodes,
    Session,
    new_totp,
    passwords,
    proves_totp,
    throttle,
)
from lme_operator.domain.identity import lock_people, locked_epoch, raise_epoch
from lme_operator.domain.mandates import people_store, proposal_store
from lme_operator.domain.mandates.access_given import GivesAccess
from lme_operator.domain.mandates.authorities import authority_of
from lme_operator.domain.mandates.base import actor_of
from lme_operator.domain.mandates.events import OFFICER_ACCREDITED, OFFICER_ENDED, OFFICER_PROPOSED
from lme_operator.domain.mandates.people import (
    ANOTHER_FUNCTION,
    CODE_NOT_PROVEN,
    END_UNEXPLAINED,
    NOTHING_TO_END,
    PROPOSAL_OVER,
    PROPOSAL_UNKNOWN,
    TWO_PEOPLE,
    EndCause,
    Mandate,
    MandateRecord,
    OfficerAccredited,
    OfficerDrafted,
    OfficerEnded,
    OfficerOrder,
    OfficerProposed,
    Proposal,
    Role,
)
from lme_operator.domain.mandates.proposal_store import StoredProposal
from lme_operator.domain.professionals import find_professional


class Accreditation(GivesAccess):
    """Use cases of founders. Each raises `Refusal`: `sesion_terminada`, `sin_mandato`, and what it says."""

    __slots__ = ()

    def draft_officer(
        self, *, session: Session, order: OfficerOrder, origin: Origin, deadline: Deadline, secret: str | None = None
    ) -> OfficerDrafted:
        """Begin a proposal, with the officer present, and make the secret for his application (or take the one given).

        Nothing stands yet. An earlier proposal of the same person is over. Raises `Refusal`: `propuesta_no_admitida`,
        `doble_control`, `otra_funcion_vigente`. (mandatos@v1#proponer, orden-en-consola@v1#nombrar)
        """
        evidence = self._evidence(OFFICER_PROPOSED, session, order.run, origin)
        locks = (lock_people(session.run, order.run, create=True),)
        with self.database.unit_of_work(deadline=deadline, locks=locks, evidence=evidence) as work:
            self._require_founder(work, session)
            if session.run == order.run:
                raise Refusal(TWO_PEOPLE)
            order.require_fit(at=work.at)
            self._require_one_function(work, order)
            totp = None
            if passwords.find_password(work.connection, self.sealer, order.run) is None:
                totp = new_totp(order.run, issuer=self.credentials.relying_party.name, secret=secret)
            proposal_id = proposal_store.record_proposal(
                work,
                self.sealer,
                order,
                secret=None if totp is None else totp.secret,
                epoch=_epoch(work, order.run),
                proposed_by=actor_of(session.run),
            )
            return OfficerDrafted(proposal_id, totp)

    def propose_officer(
        self,
        *,
        session: Session,
        proposal_id: UUID,
        code: str,
        origin: Origin,
        deadline: Deadline,
        idempotency: IdempotentRequest | None = None,
    ) -> OfficerProposed:
        """Let a proposal stand: `code` is the officer's, of the secret just shown or of the application that he has.

        Raises `Refusal`: `propuesta_inexistente`, `propuesta_caducada`, `factor_del_funcionario_no_demostrado`, those
        of the code. (mandatos@v1#proponer)
        """
        run = self._run_of(proposal_id, deadline)
        inner = self._evidence(OFFICER_PROPOSED, session, run, origin)
        with self.database.unit_of_work(
            deadline=deadline,
            idempotency=idempotency,
            locks=(lock_people(session.run, run),),
            evidence=CountsWrongCodes(inner, run, throttle.BEFORE_ANOTHER),
        ) as work:
            if work.replayed is not None:
                return OfficerProposed(proposal_id, work.replayed.result_id, replayed=True)
            self._require_founder(work, session)
            proposal = self._open_proposal(work, proposal_id)
            if proposal.proposed_by != actor_of(session.run):
                raise Refusal(PROPOSAL_UNKNOWN)
            entry_id, hours = work.new_id(), self._parameter("mandatos.propuesta_horas", work)
            if not proposal_store.record_proof(
                work,
                proposal_id,
                step=self._prove_factor(work, proposal, code),
                entry_id=entry_id,
                lives=timedelta(hours=hours),
            ):
                raise Refusal(PROPOSAL_OVER)
            self._remember(work, idempotency, OFFICER_PROPOSED, entry_id)
            self._append(work, OFFICER_PROPOSED, session, _told(proposal, origin), entry_id)
            return OfficerProposed(proposal_id, entry_id)

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
            self._remember(work, idempotency, OFFICER_ACCREDITED, mandate.id)
            facts = {**_told(proposal, origin), "mandato": str(mandate.id), "propone": proposal.proposed_by}
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

    def _require_one_function(self, work: Work, order: OfficerOrder) -> None:
        """Raise `Refusal(otra_funcion_vigente)` where acting for an authority would stand beside anything else."""
        held = people_store.roles_in_force(work.connection, order.run, work.at)
        if order.role is Role.AUTHORITY:
            professional = find_professional(work.connection, self.sealer, order.run) is not None
            clash = professional or bool(held - {Role.AUTHORITY})
        else:
            clash = Role.AUTHORITY in held
        if clash:
            raise Refusal(ANOTHER_FUNCTION)

    def _run_of(self, proposal_id: UUID, deadline: Deadline) -> Run:
        with self.database.reading(deadline=deadline) as connection:
            proposal = proposal_store.find_proposal(connection, self.sealer, proposal_id)
        if proposal is None:
            raise Refusal(PROPOSAL_UNKNOWN)
        return proposal.order.run

    def _open_proposal(self, work: Work, proposal_id: UUID) -> StoredProposal:
        """Return the proposal if it is the last of its person and born in the present epoch, under both locks."""
        proposal = proposal_store.find_proposal(work.connection, self.sealer, proposal_id)
        if proposal is None:
            raise Refusal(PROPOSAL_UNKNOWN)
        ends = proposal.until is not None and proposal.until <= work.at
        if not proposal.latest or ends or proposal.epoch != locked_epoch(work, proposal.order.run):
            raise Refusal(PROPOSAL_OVER)
        return proposal

    def _prove_factor(self, work: Work, proposal: StoredProposal, code: str) -> int:
        """Return the step of the officer's code."""
        if proposal.secret is None:
            purpose = throttle.BEFORE_ANOTHER
            return self.credentials.consume_totp(work, proposal.order.run, code, purpose=purpose).step
        step = proves_totp(proposal.secret, code, at=work.at)
        if step is None:
            raise Refusal(CODE_NOT_PROVEN)
        return step

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


def _epoch(work: Work, run: Run) -> int:
    epoch = locked_epoch(work, run)
    if epoch is None:
        raise LookupError("the person is not locked")
    return epoch


def _told(proposal: StoredProposal, origin: Origin) -> dict[str, Json]:
    """What the log says of a proposal."""
    order = proposal.order
    function: dict[str, Json] = (
        {}
        if order.authority is None
        else {
            "funcion": order.role.value,
            "autoridad": order.authority,
        }
    )
    return {
        **function,
        "propuesta": str(proposal.id),
        "run": str(order.run),
        "nombre": order.name,
        "desde": format_instant(proposal.since),
        "hasta": None if proposal.until is None else format_instant(proposal.until),
        "identidad": order.identity,
        "documento": None if order.document_id is None else str(order.document_id),
        "digesto_documento": None if order.document_digest is None else to_base64url(order.document_digest),
        "ip": origin.ip,
    }
