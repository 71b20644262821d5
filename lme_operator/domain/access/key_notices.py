"""A person is told of each act on his keys, at every contact on record, in the act's own transaction."""

from uuid import UUID

from lme_operator.core.database import Work
from lme_operator.core.run import Run
from lme_operator.domain.access.base import AccessBase, contact_of
from lme_operator.domain.credentials.letters import KeyLetter


def tell(access: AccessBase, work: Work, run: Run, letter: KeyLetter, *, on_account_of: UUID) -> None:
    """Promise the letter by mail and by SMS, on account of the log entry of the act; nothing where no contact is known.

    To every contact: whoever has got hold of one of them is then seen at the other (OWASP ASVS 6.3.7).
    """
    contact = contact_of(work.connection, access.credentials.sealer, run, work.at)
    if contact is None:
        return
    for message in letter.to(email=contact.email, telephone=contact.telephone):
        access.notices.promise(work, run=run, message=message, on_account_of=on_account_of)
