"""One question: may this person do this act now, in this context? And every reason if not (N-1a, N-2.3b, N-6a).

Invariants: nobody stores "is allowed"; it is derived each time from each room's `causes()`, and where it decides an
act, under the person's lock. One table says which causes stand against which act. Each cause ends only in its own way.
"""

from lme_operator.domain.standing.judge import Judgement, Standing
from lme_operator.domain.standing.rules import Act, stands_against

__all__ = ["Act", "Judgement", "Standing", "stands_against"]
