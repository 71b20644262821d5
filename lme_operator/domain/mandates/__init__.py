"""Who may act for whom. So far: machines that act for an organisation (people's mandates come with enrolment).

Invariants: a key is registered and ended only under two different people's approval; a nonce counts once; what an
authority signed is kept as it came, sealed, as the proof of who ordered what (N-2.6c, N-2.6d, N-6d; threats M13, M14).
No order is recorded after the ending of the key that signed it. A stranger leaves an attempt a minute, by keyed hash.
"""

from lme_operator.domain.mandates.founding import Founder, found_operator
from lme_operator.domain.mandates.machines import (
    ALGORITHMS,
    KINDS,
    PERMISSIONS,
    AcceptedMessage,
    Approvers,
    Claim,
    MachineKey,
    MachineKeyOrder,
    MachineKeyRegistered,
    Proof,
)
from lme_operator.domain.mandates.store import (
    find_machine_key,
    lock_machine_key,
    read_message,
    require_machine_key,
    spend_nonce,
)
from lme_operator.domain.mandates.use_cases import Mandates

__all__ = [
    "ALGORITHMS",
    "KINDS",
    "PERMISSIONS",
    "AcceptedMessage",
    "Approvers",
    "Claim",
    "Founder",
    "MachineKey",
    "MachineKeyOrder",
    "MachineKeyRegistered",
    "Mandates",
    "Proof",
    "find_machine_key",
    "found_operator",
    "lock_machine_key",
    "read_message",
    "require_machine_key",
    "spend_nonce",
]
