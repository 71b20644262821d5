"""The norm as data: dated, cited parameters and released protocols, read from `protocols/`.

Invariants: a value is always asked for at a date; each value cites a duty and its source; what no text fixes is
marked `supuesto` and can be switched off, so that nobody takes our assumption for law.
"""

from lme_operator.domain.norms.parameters import Norms, Parameter, UnknownParameter
from lme_operator.domain.norms.protocols import Protocol, Step, load_protocols

__all__ = ["Norms", "Parameter", "Protocol", "Step", "UnknownParameter", "load_protocols"]
