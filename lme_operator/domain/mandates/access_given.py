"""What is sent when an officer is accredited: to him, means of access unless he has his own; to others, the news."""

from dataclasses import dataclass, field
from uuid import UUID

from lme_operator.core.database import Deadline, Work
from lme_operator.domain.credentials import HashedPassword, new_password
from lme_operator.domain.identity import raise_epoch
from lme_operator.domain.mandates import people_store, words
from lme_operator.domain.mandates.base import MandatesBase
from lme_operator.domain.mandates.events import OFFICER_PROPOSED
from lme_operator.domain.mandates.people import Mandate, Role
from lme_operator.domain.mandates.proposal_store import StoredProposal
from lme_operator.domain.notices import Message


@dataclass(frozen=True, slots=True)
class MadeAccess:
    """An initial password made and hashed before the locks."""

    password: str = field(repr=False)
    hashed: HashedPassword


class GivesAccess(MandatesBase):
    """Makes the first access before the locks and gives it under them."""

    __slots__ = ()

    def _first_access(self, deadline: Deadline) -> MadeAccess:
        password = new_password()
        return MadeAccess(password, self.credentials.hashing.hash(password, salt=None, deadline=deadline))

    def _give_access(
        self, work: Work, proposal: StoredProposal, first: MadeAccess, *, step: int, entry_id: UUID
    ) -> None:
        """Give the officer password and factor, unless he has his own; raise his epoch and tell him."""
        order, operator = proposal.order, self.credentials.relying_party.name
        if proposal.secret is None:
            raise_epoch(work, order.run)
            messages: tuple[Message, ...] = (words.accredited_message(order, operator=operator),)
        else:
            proven = (step, OFFICER_PROPOSED.code)
            self.credentials.set_totp(work, order.run, secret=proposal.secret, proven=proven)
            activation = self.credentials.set_first_access(work, order.run, first.hashed)
            messages = words.first_access_messages(order, first.password, activation, operator=operator)
        for message in messages:
            self.notices.promise(work, run=order.run, message=message, on_account_of=entry_id)

    def _tell_of_naming(self, work: Work, mandate: Mandate) -> None:
        """Tell the authority's people and the founders that another acts for it: two founders do it in no silence."""
        if mandate.authority is None:
            return
        others = people_store.people_in(work.connection, self.sealer, work.at, Role.FOUNDER, Role.AUTHORITY)
        told = {other.run: other.email for other in others if other.authority in (None, mandate.authority)}
        told.pop(mandate.run, None)
        for run, address in told.items():
            message = words.named_message(mandate, address, operator=self.credentials.relying_party.name)
            self.notices.promise(work, run=run, message=message, on_account_of=mandate.entry_id)
