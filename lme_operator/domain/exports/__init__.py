"""What leaves the house to be judged by strangers: so far, the verdict on an evidence file.

Invariants: a verdict needs nothing but the file and the trust file; it reads no network, no database, no clock; it
says valid only when every question was asked and answered (N-2.4a, N-2.4b, N-2.6c).
"""

from lme_operator.domain.exports.lines import Line, Verdict
from lme_operator.domain.exports.verdict import judge_evidence

__all__ = ["Line", "Verdict", "judge_evidence"]
