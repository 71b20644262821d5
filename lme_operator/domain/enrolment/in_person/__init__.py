"""Enrolment in person: a case, its pieces in any order and over days, and the one act that enables (N-1b, N-2.1a–2.2b).

Invariants
- One open case a person and context; its pieces are only added, the latest of a task rules; who held it is kept.
- `rules.adjudicate` alone says whether a case may be enabled; `lme verificar` judges the dossier with that function.
- Enabling is one transaction under the locks of officer and professional: accreditation, suspension and every
  requirement are looked at there, whatever any page showed before. Exactly one officer answers for it (N-1l).
- Outside parties are asked before the transaction; what they said is a piece, whether or not it helps.
- Who looks at a person, at a document or at another's case leaves a trace; a card never tells a secret (N-2.6b).
"""

from lme_operator.domain.enrolment.in_person.card import CardContact, CardMessage, CaseHistory, PersonCard
from lme_operator.domain.enrolment.in_person.case import Case
from lme_operator.domain.enrolment.in_person.cases import CaseLine, CasePage, CaseView, TaskView
from lme_operator.domain.enrolment.in_person.civil import Comparison
from lme_operator.domain.enrolment.in_person.declared import Declared
from lme_operator.domain.enrolment.in_person.deed import number_of
from lme_operator.domain.enrolment.in_person.enabling import Enabled
from lme_operator.domain.enrolment.in_person.events import ENROLLED_IN_PERSON
from lme_operator.domain.enrolment.in_person.papers import AddressOrder, CardOrder, ProvisionalOrder
from lme_operator.domain.enrolment.in_person.person import OwnVerification
from lme_operator.domain.enrolment.in_person.pieces import Piece, Task
from lme_operator.domain.enrolment.in_person.reading import EnrolledLine, EnrolledPage
from lme_operator.domain.enrolment.in_person.room import InPerson

__all__ = [
    "ENROLLED_IN_PERSON",
    "AddressOrder",
    "CardContact",
    "CardMessage",
    "CardOrder",
    "Case",
    "CaseHistory",
    "CaseLine",
    "CasePage",
    "CaseView",
    "Comparison",
    "Declared",
    "Enabled",
    "EnrolledLine",
    "EnrolledPage",
    "InPerson",
    "OwnVerification",
    "PersonCard",
    "Piece",
    "ProvisionalOrder",
    "Task",
    "TaskView",
    "number_of",
]
