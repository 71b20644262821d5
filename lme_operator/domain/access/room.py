"""`Access`: what entrypoints hold."""

from lme_operator.domain.access.entry import Entry
from lme_operator.domain.access.upkeep import Upkeep


class Access(Entry, Upkeep):
    """Every use case of access: `Access(database=…, log=…, credentials=…)`."""

    __slots__ = ()
