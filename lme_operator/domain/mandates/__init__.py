"""Who may act for whom: the operator's own people, and machines that act for an organisation.

Invariants of people: nothing is rewritten; an officer is proposed by one founder, with a factor proven by the officer
himself, and approved by another with his own; nobody decides on himself; a founder is no officer; one founder ends an
accreditation at once (N-1b, N-1l, N-2.6d; threats M25, M32). Whoever has means of access keeps them. A person of an
authority is named by the same acts, and is nothing else (N-6d).

Invariants of machines: a key is registered and ended only under two different people's approval; a nonce counts once;
what an authority signed is kept as it came, sealed, as the proof of who ordered what (N-2.6c, N-2.6d, N-6d; threats
M13, M14). No order is recorded after the ending of the key that signed it. A stranger leaves an attempt a minute, by
keyed hash.
"""

from lme_operator.domain.mandates.authorities import AUTHORITIES, NamedAuthority, authority_of
from lme_operator.domain.mandates.founding import (
    CEREMONY,
    Founder,
    FounderAccess,
    HandOver,
    NotTheFounders,
    ReadyAccess,
    found_operator,
)
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
from lme_operator.domain.mandates.people import (
    EndCause,
    Mandate,
    MandateEnd,
    MandateRecord,
    OfficerAccredited,
    OfficerDrafted,
    OfficerEnded,
    OfficerOrder,
    OfficerProposed,
    Proposal,
    Role,
    is_mail_address,
    is_telephone,
)
from lme_operator.domain.mandates.people_store import (
    is_contact_of_office,
    latest_mandate,
    mandate_causes,
    mandate_in_force,
    roles_given,
    roles_in_force,
)
from lme_operator.domain.mandates.refusals import NO_MANDATE
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
    "AUTHORITIES",
    "CEREMONY",
    "KINDS",
    "NO_MANDATE",
    "PERMISSIONS",
    "AcceptedMessage",
    "Approvers",
    "Claim",
    "EndCause",
    "Founder",
    "FounderAccess",
    "HandOver",
    "MachineKey",
    "MachineKeyOrder",
    "MachineKeyRegistered",
    "Mandate",
    "MandateEnd",
    "MandateRecord",
    "Mandates",
    "NamedAuthority",
    "NotTheFounders",
    "OfficerAccredited",
    "OfficerDrafted",
    "OfficerEnded",
    "OfficerOrder",
    "OfficerProposed",
    "Proof",
    "Proposal",
    "ReadyAccess",
    "Role",
    "authority_of",
    "find_machine_key",
    "found_operator",
    "is_contact_of_office",
    "is_mail_address",
    "is_telephone",
    "latest_mandate",
    "lock_machine_key",
    "mandate_causes",
    "mandate_in_force",
    "read_message",
    "require_machine_key",
    "roles_given",
    "roles_in_force",
    "spend_nonce",
]
