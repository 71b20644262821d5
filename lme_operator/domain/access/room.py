"""`Access`: what entrypoints hold."""

from lme_operator.domain.access.endorsing import Endorsing
from lme_operator.domain.access.entry import Entry
from lme_operator.domain.access.first_access import FirstAccess
from lme_operator.domain.access.key_proofs import KeyProofs
from lme_operator.domain.access.recovery import Recovery


class Access(Entry, KeyProofs, Endorsing, Recovery, FirstAccess):
    """Every use case of access, made with what `AccessBase` lists."""

    __slots__ = ()
