"""Access: entry, change of password, registration of keys, the person's own block.

Invariants
- Two factors at every entry (N-2.6a); a stranger and a wrong password get the same answer in the same time.
- With an initial or an overdue password the session serves to change it and for nothing else (N-2.3a, N-2.3b).
- Blocked and suspended people may enter: what they may do is `standing`'s to say at each act.
- Argon2 runs outside every lock; what it proved is checked again, by epoch, under the lock.
- The own block is always open, waits for nobody but the person's lock, and rules from its receipt on (N-2.7a).
"""

from lme_operator.domain.access.entry import (
    MUST_CHANGE_PASSWORD,
    WRONG_CREDENTIALS,
    Entered,
    KeyAnswer,
    PasswordChangeDue,
    SecondFactor,
    TotpCode,
)
from lme_operator.domain.access.room import Access
from lme_operator.domain.access.upkeep import AccessState, KeyRegistered, PasswordChanged

__all__ = [
    "MUST_CHANGE_PASSWORD",
    "WRONG_CREDENTIALS",
    "Access",
    "AccessState",
    "Entered",
    "KeyAnswer",
    "KeyRegistered",
    "PasswordChangeDue",
    "PasswordChanged",
    "SecondFactor",
    "TotpCode",
]
