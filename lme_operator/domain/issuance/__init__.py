"""Issuing: prepare (one-shot), discard, authorise, issue; and reading what was issued.

Invariants: what the professional authorises is the whole document, byte for byte; nothing decided before the person's
lock counts; licence, evidence, idempotency row and log entry commit together or not at all; the receipt is rendered
after commit, always to the same bytes (N-1a, N-2.4a, N-2.6c, N-6a).
"""

from lme_operator.domain.issuance.authorise import (
    TOTP,
    WEBAUTHN,
    Authorisation,
    TotpAuthorisation,
    WebauthnAuthorisation,
)
from lme_operator.domain.issuance.drafts import Draft
from lme_operator.domain.issuance.evidence import NO_RISK_ENGINE
from lme_operator.domain.issuance.prepare import Prepared
from lme_operator.domain.issuance.printing import Form, Printing
from lme_operator.domain.issuance.refusals import LICENCE_ISSUED, LICENCE_PREPARED
from lme_operator.domain.issuance.use_cases import Issuance, Issued

__all__ = [
    "LICENCE_ISSUED",
    "LICENCE_PREPARED",
    "NO_RISK_ENGINE",
    "TOTP",
    "WEBAUTHN",
    "Authorisation",
    "Draft",
    "Form",
    "Issuance",
    "Issued",
    "Prepared",
    "Printing",
    "TotpAuthorisation",
    "WebauthnAuthorisation",
]
