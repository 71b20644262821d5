"""What leaves the house to be judged by strangers: so far, the verdict on an evidence file.

Invariants: a verdict needs nothing but the file, the trust file and what the reader has from elsewhere; it reads no
network, no database, no clock, and never raises; it says valid only when every question was asked and answered, and
never more than is proven: each line says by whom (N-2.4a, N-2.4b, N-2.6c).
"""

from lme_operator.domain.exports.lines import Line, Verdict
from lme_operator.domain.exports.scale import Demand, Overall, Proof
from lme_operator.domain.exports.verdict import judge_evidence

__all__ = ["Demand", "Line", "Overall", "Proof", "Verdict", "judge_evidence"]
