"""Enrolment: registers and enables a professional, in one context; without one in force nobody issues (N-1a, N-1f).

Invariants: rows are only inserted; each names exactly one responsible person and the protocol it followed (N-1l); it
enables for its own context alone. Whether it is in force is asked at an instant, never stored.
"""

from lme_operator.domain.enrolment.demonstration import Demonstrated, Enrolment
from lme_operator.domain.enrolment.state import EnrolmentInForce, Voice, causes, enrolled, in_force, voice

__all__ = ["Demonstrated", "Enrolment", "EnrolmentInForce", "Voice", "causes", "enrolled", "in_force", "voice"]
