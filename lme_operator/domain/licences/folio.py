"""The folio: a number given once, with its módulo-11 check digit, never used again.

A folio that was prepared and not issued stays on record as burnt. Who assigns ranges to an operator was not found in
the texts: the sequence starts where the operator's migration sets it.
"""

import sqlalchemy as sa

from lme_operator.core.database import Work
from lme_operator.core.questions import Question
from lme_operator.core.run import Run
from lme_operator.domain.licences.records import folio_number

_NEXT = Question(sa.select(folio_number.next_value()))


def next_folio(work: Work) -> Run:
    """Take the next folio number; a rolled-back transaction burns it."""
    return Run(int(_NEXT.all(work.connection)[0][0]))
