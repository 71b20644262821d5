"""Another first access for who never used the one received: it was lost, or its activation expired."""

from dataclasses import dataclass, field
from uuid import UUID

from lme_operator.core.database import Deadline, Work
from lme_operator.core.idempotency import IdempotentRequest, remember_outcome
from lme_operator.core.origin import Origin
from lme_operator.core.refusal import Refusal
from lme_operator.core.run import Run
from lme_operator.domain.access.base import AccessBase, Contact, actor_of, contact_of, origin_of
from lme_operator.domain.access.events import FIRST_ACCESS_REISSUED
from lme_operator.domain.access.refusals import NOTHING_PENDING
from lme_operator.domain.audit import LogEvidence
from lme_operator.domain.credentials import (
    CountsWrongCodes,
    HashedPassword,
    Session,
    activation_message,
    blocks,
    new_password,
    password_message,
    passwords,
    pending_activation,
    require_live,
)
from lme_operator.domain.identity import lock_people
from lme_operator.domain.mandates import NO_MANDATE, Role, mandate_causes
from lme_operator.domain.notices import Message
from lme_operator.domain.professionals import find_professional


@dataclass(frozen=True, slots=True)
class FirstAccessReissued:
    """A new first access is on its way to the person's contacts; its log entry."""

    run: Run
    entry_id: UUID
    replayed: bool = False


@dataclass(frozen=True, slots=True)
class _Fresh:
    password: str = field(repr=False)
    hashed: HashedPassword


class FirstAccess(AccessBase):
    """Use cases of who gives access to others."""

    __slots__ = ()

    def reissue_first_access(
        self,
        *,
        session: Session,
        run: Run,
        code: str,
        origin: Origin,
        deadline: Deadline,
        idempotency: IdempotentRequest | None = None,
    ) -> FirstAccessReissued:
        """Send a new initial password and a new activation to the contacts on record; the earlier ones are useless.

        An officer does it for a professional, a founder for an officer, with his own fresh TOTP `code`; nobody for
        himself. Raises `Refusal`: `sesion_terminada`, `sin_mandato`, `primer_acceso_no_pendiente`, those of the code.
        (N-2.3a, N-2.6d, acceso@v2#activacion)
        """
        fresh = self._make_fresh(run, deadline)
        data = {"run": str(run), **origin_of(origin)}
        inner = LogEvidence(self.log, FIRST_ACCESS_REISSUED, actor_of(session.run), data)
        with self.database.unit_of_work(
            deadline=deadline,
            idempotency=idempotency,
            locks=(lock_people(session.run, run),),
            evidence=CountsWrongCodes(inner, session.run, FIRST_ACCESS_REISSUED.code),
        ) as work:
            if work.replayed is not None:
                return FirstAccessReissued(run, work.replayed.result_id, replayed=True)
            self._require_giver(work, session, run)
            contact = self._pending_contact(work, run)
            self.credentials.consume_totp(work, session.run, code, purpose=FIRST_ACCESS_REISSUED.code)
            entry_id = work.new_id()
            activation = self.credentials.set_first_access(work, run, fresh.hashed)
            for message in self._messages(contact, fresh.password, activation):
                self.notices.promise(work, run=run, message=message, on_account_of=entry_id)
            if idempotency is not None:
                remember_outcome(
                    work.connection, idempotency, kind=FIRST_ACCESS_REISSUED.code, result_id=entry_id, at=work.at
                )
            data = {**data, "sesion": str(session.id)}
            self.log.append(work, kind=FIRST_ACCESS_REISSUED, actor=actor_of(session.run), data=data, entry_id=entry_id)
            return FirstAccessReissued(run, entry_id)

    def _make_fresh(self, run: Run, deadline: Deadline) -> _Fresh:
        """Make a password and hash it with the person's own salt, before any lock."""
        with self.database.reading(deadline=deadline) as connection:
            earlier = passwords.earlier_variants(connection, self.credentials.sealer, run)
        password, salt = new_password(), passwords.salt_of(earlier)
        return _Fresh(password, self.credentials.hashing.hash(password, salt=salt, deadline=deadline))

    def _require_giver(self, work: Work, session: Session, run: Run) -> None:
        """Look under the locks: who acts has the mandate that this person's access asks for."""
        require_live(work, session)
        professional = find_professional(work.connection, self.credentials.sealer, run)
        role = Role.FOUNDER if professional is None else Role.OFFICER
        causes = mandate_causes(work.connection, session.run, role, work.at)
        full = session.stage == "plena" and session.context.operator
        if causes or not full or session.run == run:
            raise Refusal(NO_MANDATE, findings=causes)

    def _pending_contact(self, work: Work, run: Run) -> Contact:
        """The contact of a person who has a first access to use; its telephone is there, the activation went to it."""
        contact = contact_of(work.connection, self.credentials.sealer, run, work.at)
        pending = pending_activation(work.connection, run) is not None
        if not pending or contact is None or contact.telephone is None or blocks.is_blocked(work.connection, run):
            raise Refusal(NOTHING_PENDING)
        return contact

    def _messages(self, contact: Contact, password: str, activation: str) -> tuple[Message, ...]:
        """Password and activation, each by its channel."""
        operator = self.credentials.relying_party.name
        reason = f"{operator} le emitió un nuevo primer acceso; el anterior ya no sirve."
        by_mail = password_message(contact.email, password, operator=operator, reason=reason)
        if contact.telephone is None:
            raise LookupError("an activation was sent to no telephone")
        return (by_mail, activation_message(contact.telephone, activation, operator=operator))
