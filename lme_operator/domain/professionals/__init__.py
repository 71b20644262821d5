"""Professionals (médicos, dentistas, matronas), institutions and their agreements with the operator.

Invariants: facts only, the latest of a RUN is in force; every civil, professional and contact datum is sealed
(N-2.6b, N-7a); a person acts in exactly one context, individual practice or one institution (N-1f).
"""

from lme_operator.domain.professionals.context import PracticeContext
from lme_operator.domain.professionals.institutions import (
    agreement_causes,
    agreement_in_force,
    find_institution,
    lock_agreements,
    lock_institution,
    record_agreement,
    record_institution,
)
from lme_operator.domain.professionals.names import search
from lme_operator.domain.professionals.professional import (
    PROFESSIONS,
    PostalAddress,
    Professional,
    ProfessionalData,
    find_professional,
    record_professional,
)

__all__ = [
    "PROFESSIONS",
    "PostalAddress",
    "PracticeContext",
    "Professional",
    "ProfessionalData",
    "agreement_causes",
    "agreement_in_force",
    "find_institution",
    "find_professional",
    "lock_agreements",
    "lock_institution",
    "record_agreement",
    "record_institution",
    "record_professional",
    "search",
]
