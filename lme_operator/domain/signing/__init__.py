"""Signing: the professional's signature and the operator's seal on a document, the advanced signature that endorses
a professional's key, and their verification.

Invariants: keys never leave their keeper, and a professional's key lives for one signature; own keys are ECDSA P-256
or Ed25519; nothing leaves unverified; only bytes that this product would write itself are read as a signed document;
each fault has a name (formats v1; N-2.4b, N-2.6c).
"""

from lme_operator.domain.signing.algorithms import Algorithm, thumbprint, verifies
from lme_operator.domain.signing.endorsement import Endorsement, endorsed_bytes, verify_endorsement
from lme_operator.domain.signing.faults import EndorsementFault, EndorsementFaultKind, FaultKind, SignatureFault
from lme_operator.domain.signing.layout import LME, cut_signatures, read_exact, write_exact
from lme_operator.domain.signing.ports import SigningKeys
from lme_operator.domain.signing.signer import SignedDocument, Signer
from lme_operator.domain.signing.verification import DocumentSignatures, SignatureTrust, verify_document

__all__ = [
    "LME",
    "Algorithm",
    "DocumentSignatures",
    "Endorsement",
    "EndorsementFault",
    "EndorsementFaultKind",
    "FaultKind",
    "SignatureFault",
    "SignatureTrust",
    "SignedDocument",
    "Signer",
    "SigningKeys",
    "cut_signatures",
    "endorsed_bytes",
    "read_exact",
    "thumbprint",
    "verifies",
    "verify_document",
    "verify_endorsement",
    "write_exact",
]
