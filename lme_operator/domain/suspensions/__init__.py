"""Suspensions of the faculty to issue, ordered by authorities under Ley 20.585 (N-6a to N-6d).

Invariants: an order is kept as it was signed, or as a person of the authority confirmed it at the console, also about
people unknown here; it blocks from the instant under the person's lock, in the transaction that raises the person's
epoch; it is never edited: liftings and replacements are facts of their own, by the same authority alone, and act from
their own instant on. Overlapping suspensions are a union. When a period ends no job has to run. Clocks of hosts may
disagree: what is visible under the lock blocks all the same. An order that arrives when its last day has gone by is
kept too, for the record is the authority's and the past may be reviewed by it; but it raises no epoch, closes no
session, and says that it never took effect (N-6c).
"""

from lme_operator.domain.suspensions.answers import (
    Blocking,
    Consultation,
    Detail,
    Lifted,
    LiftedBy,
    Materialisation,
    Page,
    Received,
    Registered,
    Sheet,
)
from lme_operator.domain.suspensions.causes import causes, of_person
from lme_operator.domain.suspensions.channels import Orderer, PersonOrdering
from lme_operator.domain.suspensions.orders import (
    CORRECTION,
    RENEWAL,
    Authority,
    LiftingOrder,
    OrderDocument,
    ReplacementOrder,
    SuspensionOrder,
    Terms,
)
from lme_operator.domain.suspensions.rules import Suspension
from lme_operator.domain.suspensions.use_cases import Suspensions

__all__ = [
    "CORRECTION",
    "RENEWAL",
    "Authority",
    "Blocking",
    "Consultation",
    "Detail",
    "Lifted",
    "LiftedBy",
    "LiftingOrder",
    "Materialisation",
    "OrderDocument",
    "Orderer",
    "Page",
    "PersonOrdering",
    "Received",
    "Registered",
    "ReplacementOrder",
    "Sheet",
    "Suspension",
    "SuspensionOrder",
    "Suspensions",
    "Terms",
    "causes",
    "of_person",
]
