"""Proposing officers who enrol and people of authorities: one founder begins, with the officer present.

Whoever has means of access already keeps them: two founders cannot put a factor of theirs on a professional by
accrediting him. Who is to act for an authority is named upon the paper by which it designates him, and it is kept.
(N-1b, N-1l, N-6d)
"""

from dataclasses import replace
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
from lme_operator.domain.identity import DocumentKind, StoredDocument, lock_people, locked_epoch
from lme_operator.domain.mandates import people_store, proposal_store
from lme_operator.domain.mandates.access_given import GivesAccess
from lme_operator.domain.mandates.base import actor_of
from lme_operator.domain.mandates.events import DESIGNATION_SEEN, OFFICER_PROPOSED
from lme_operator.domain.mandates.people import OfficerDrafted, OfficerOrder, OfficerProposed, Role
from lme_operator.domain.mandates.proposal_store import StoredProposal
from lme_operator.domain.mandates.refusals import (
    ANOTHER_FUNCTION,
    CODE_NOT_PROVEN,
    PROPOSAL_OVER,
    PROPOSAL_UNKNOWN,
    TWO_PEOPLE,
)
from lme_operator.domain.professionals import find_professional


class Proposing(GivesAccess):
    """Use cases of the founder who proposes. Each raises `Refusal`: `sesion_terminada`, `sin_mandato`, and its own."""

    __slots__ = ()

    def draft_officer(
        self,
        *,
        session: Session,
        order: OfficerOrder,
        origin: Origin,
        deadline: Deadline,
        secret: str | None = None,
        designation: bytes | None = None,
    ) -> OfficerDrafted:
        """Begin a proposal, with the officer present, and make the secret for his application (or take the one given).

        Nothing stands yet. An earlier proposal of the same person is over. `designation` is the paper by which an
        authority designates him: it is looked into, kept, and demanded of who acts for one. Raises `Refusal`:
        `propuesta_no_admitida`, `doble_control`, `otra_funcion_vigente`, `documento_no_admitido`.
        (mandatos@v1#proponer, orden-en-consola@v1#nombrar)
        """
        inspected = None if designation is None else self.documents.inspect(designation, deadline=deadline)
        evidence = self._evidence(OFFICER_PROPOSED, session, order.run, origin)
        locks = (lock_people(session.run, order.run, create=True),)
        with self.database.unit_of_work(deadline=deadline, locks=locks, evidence=evidence) as work:
            self._require_founder(work, session)
            if session.run == order.run:
                raise Refusal(TWO_PEOPLE)
            order.require_fit(at=work.at, designated=inspected is not None)
            self._require_one_function(work, order)
            if designation is not None and inspected is not None:
                document_id = self.documents.keep(
                    work, designation, inspected, kind=DocumentKind.DESIGNATION, by=actor_of(session.run)
                )
                order = replace(order, document_id=document_id, document_digest=inspected.digest)
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
            self._append(work, OFFICER_PROPOSED, session, told(proposal, origin), entry_id)
            return OfficerProposed(proposal_id, entry_id)

    def designation(self, *, session: Session, proposal_id: UUID, origin: Origin, deadline: Deadline) -> StoredDocument:
        """Return the paper of a proposal to a founder; who saw it is kept (N-2.6b).

        Raises `Refusal`: `propuesta_inexistente` (also where it has none), `documento_inexistente`.
        """
        with self.database.unit_of_work(deadline=deadline, locks=(lock_people(session.run),)) as work:
            self._require_founder(work, session)
            proposal = proposal_store.find_proposal(work.connection, self.sealer, proposal_id)
            if proposal is None or proposal.order.document_id is None:
                raise Refusal(PROPOSAL_UNKNOWN)
            facts: dict[str, Json] = {"actor": actor_of(session.run), "propuesta": str(proposal_id), "ip": origin.ip}
            self.log.attempt(work.connection, at=work.at, kind=DESIGNATION_SEEN, data=facts)
            return self.documents.read(work.connection, proposal.order.document_id)

    def _require_one_function(self, work: Work, order: OfficerOrder) -> None:
        """Raise `Refusal(otra_funcion_vigente)` where acting for an authority would ever stand beside anything else."""
        held = people_store.roles_given(work.connection, order.run, work.at)
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


def _epoch(work: Work, run: Run) -> int:
    epoch = locked_epoch(work, run)
    if epoch is None:
        raise LookupError("the person is not locked")
    return epoch


def told(proposal: StoredProposal, origin: Origin) -> dict[str, Json]:
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
