"""Access: entry, first access, change and recovery of the password, registration of keys, the person's own block.

Invariants
- Two factors at every entry (N-2.6a); a stranger and a wrong password get the same answer in the same time.
- With an initial or an overdue password the session serves to change it and for nothing else (N-2.3a, N-2.3b).
- The operator's own context is for who has a mandate in force, and serves to practise nothing.
- A forgotten password comes back by every contact on record and the second factor together; who asks learns nothing.
- Blocked and suspended people may enter: what they may do is `standing`'s to say at each act, that on keys too.
- Argon2 runs outside every lock; what it proved is checked again, by epoch, under the lock.
- Each act on a key is told to its owner at every contact on record, with the key's thumbprint whole and in words.
- The own block is always open, waits for nobody but the person's lock, and rules from its receipt on (N-2.7a).
"""

from lme_operator.domain.access.endorsing import EndorsableKey
from lme_operator.domain.access.entry import Entered, PasswordChangeDue
from lme_operator.domain.access.factors import KeyAnswer, SecondFactor, TotpCode
from lme_operator.domain.access.first_access import FirstAccessReissued
from lme_operator.domain.access.key_proofs import ListedKey
from lme_operator.domain.access.own_keys import KeyRegistered, adding, retiring
from lme_operator.domain.access.recovery import RecoveryBegun, SentCodes
from lme_operator.domain.access.refusals import (
    MAY_NOT_KEEP_KEYS,
    MUST_CHANGE_PASSWORD,
    RECOVERY_REFUSED,
    WRONG_CREDENTIALS,
)
from lme_operator.domain.access.room import Access
from lme_operator.domain.access.upkeep import AccessState, PasswordChanged

__all__ = [
    "MAY_NOT_KEEP_KEYS",
    "MUST_CHANGE_PASSWORD",
    "RECOVERY_REFUSED",
    "WRONG_CREDENTIALS",
    "Access",
    "AccessState",
    "EndorsableKey",
    "Entered",
    "FirstAccessReissued",
    "KeyAnswer",
    "KeyRegistered",
    "ListedKey",
    "PasswordChangeDue",
    "PasswordChanged",
    "RecoveryBegun",
    "SecondFactor",
    "SentCodes",
    "TotpCode",
    "adding",
    "retiring",
]
