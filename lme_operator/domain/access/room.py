"""`Access`: what entrypoints hold."""

from lme_operator.domain.access.endorsing import Endorsing
from lme_operator.domain.access.entry import Entry
from lme_operator.domain.access.first_access import FirstAccess
from lme_operator.domain.access.own_keys import OwnKeys
from lme_operator.domain.access.recovery import Recovery


class Access(Entry, OwnKeys, Endorsing, Recovery, FirstAccess):
    """Every use case of access: `Access(database=…, log=…, credentials=…, contact_codes=…, notices=…)`."""

    __slots__ = ()
