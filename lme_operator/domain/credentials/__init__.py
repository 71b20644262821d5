"""Proofs of who a professional is: password, TOTP, WebAuthn keys, and the sessions they open.

Invariants
- A password is kept as a sealed Argon2id hash, with its history; one set by others is *initial* and must be changed at
  the first entry (N-2.3a); it lasts six months (N-2.3b).
- A TOTP step serves once and only rises (N-2.6a, N-2.6d). A WebAuthn key has one purpose, `entrada` or `firma`; once
  retired by its owner it serves no more, and what it signed before stands.
- A session is a random token of which only the digest is kept. It lives while it is the latest of its person, of the
  person's present epoch, not left, not idle and not expired (N-2.6b; one session a person, N-3.0b).
- Changing a password or a factor raises the person's epoch. A password ends every session, that of the change too;
  a factor may carry over the one session whose own act changed it.
- An initial password given out by an officer waits for an activation code that travels by another channel (N-2.3a).
- A code sent to a contact is kept by keyed hash, answers once, for one purpose and address, in minutes (N-2.1d).
- Tries are counted before they are judged, by a unique number in their lane: no race lets one more through.

`Credentials` is what other rooms hold; `verify_assertion` and `thumbprint_of` are pure, for the offline verifier.
"""

from lme_operator.domain.credentials.activation import (
    CountsWrongActivations,
    new_password,
    pending_activation,
    require_activation,
)
from lme_operator.domain.credentials.assertions import (
    Assertion,
    AssertionRefused,
    VerifiedAssertion,
    parse_assertion,
    thumbprint_of,
    verify_assertion,
)
from lme_operator.domain.credentials.blocks import OwnBlock
from lme_operator.domain.credentials.ceremonies import KeyOptions
from lme_operator.domain.credentials.codes import ContactCodes, ContactProof, CountsWrongContactCodes
from lme_operator.domain.credentials.keys import KeyUse, OwnKey, RelyingParty, SigningKey
from lme_operator.domain.credentials.messages import activation_message, password_message
from lme_operator.domain.credentials.passwords import HashedPassword, PasswordHashing
from lme_operator.domain.credentials.refusals import SESSION_OVER
from lme_operator.domain.credentials.registration import NewKey
from lme_operator.domain.credentials.sessions import (
    EndedSession,
    OpenedSession,
    Session,
    count_live_sessions,
    find_ended_session,
    find_lapsed_session,
    find_session,
    require_live,
)
from lme_operator.domain.credentials.state import causes, has_access, password_due_at, voice
from lme_operator.domain.credentials.throttle import CountsWrongCodes, EntryLimits
from lme_operator.domain.credentials.totp import TotpSecret, TotpUse, new_totp, proves_totp
from lme_operator.domain.credentials.use_cases import Credentials

__all__ = [
    "SESSION_OVER",
    "Assertion",
    "AssertionRefused",
    "ContactCodes",
    "ContactProof",
    "CountsWrongActivations",
    "CountsWrongCodes",
    "CountsWrongContactCodes",
    "Credentials",
    "EndedSession",
    "EntryLimits",
    "HashedPassword",
    "KeyOptions",
    "KeyUse",
    "NewKey",
    "OpenedSession",
    "OwnBlock",
    "OwnKey",
    "PasswordHashing",
    "RelyingParty",
    "Session",
    "SigningKey",
    "TotpSecret",
    "TotpUse",
    "VerifiedAssertion",
    "activation_message",
    "causes",
    "count_live_sessions",
    "find_ended_session",
    "find_lapsed_session",
    "find_session",
    "has_access",
    "new_password",
    "new_totp",
    "parse_assertion",
    "password_due_at",
    "password_message",
    "pending_activation",
    "proves_totp",
    "require_activation",
    "require_live",
    "thumbprint_of",
    "verify_assertion",
    "voice",
]
