"""Issuing: prepare (one-shot), discard, authorise, issue; and reading what was issued.

Invariants: what the professional authorises is the whole document, byte for byte; nothing decided before the person's
lock counts; licence, evidence, idempotency row and log entry commit together or not at all; the receipt is rendered
after commit, always to the same bytes (N-1a, N-2.4a, N-2.6c, N-6a). An act that was done is never told as refused, and
its result is shown again only to who may read it now.
"""

from lme_operator.domain.issuance.authorise import Authorisation, TotpAuthorisation, WebauthnAuthorisation
from lme_operator.domain.issuance.drafts import Draft
from lme_operator.domain.issuance.events import LICENCE_ISSUED, LICENCE_PREPARED
from lme_operator.domain.issuance.evidence import NO_RISK_ENGINE, TOTP, WEBAUTHN
from lme_operator.domain.issuance.own_licences import Earlier, Issued, IssuedLine, IssuedList, Novelty
from lme_operator.domain.issuance.prepare import Prepared
from lme_operator.domain.issuance.printing import Form, Printing
from lme_operator.domain.issuance.refusals import TOO_MANY_VERIFICATIONS
from lme_operator.domain.issuance.replay import Reduced
from lme_operator.domain.issuance.use_cases import Issuance
from lme_operator.domain.issuance.verification_code import read_code
from lme_operator.domain.issuance.verifying import Verified

__all__ = [
    "LICENCE_ISSUED",
    "LICENCE_PREPARED",
    "NO_RISK_ENGINE",
    "TOO_MANY_VERIFICATIONS",
    "TOTP",
    "WEBAUTHN",
    "Authorisation",
    "Draft",
    "Earlier",
    "Form",
    "Issuance",
    "Issued",
    "IssuedLine",
    "IssuedList",
    "Novelty",
    "Prepared",
    "Printing",
    "Reduced",
    "TotpAuthorisation",
    "Verified",
    "WebauthnAuthorisation",
    "read_code",
]
