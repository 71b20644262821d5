"""What the room needs from outside."""

from typing import Protocol

from lme_operator.core.outside import OutsideExchange
from lme_operator.core.run import Run


class Registry(Protocol):
    """The RNPI, asked about one person. It never raises for what the other side does."""

    def ask(self, *, run: Run, budget: float) -> OutsideExchange:
        """Ask once about `run`, in `budget` seconds at most."""


class Controls(Protocol):
    """Hosts of our own, elsewhere, reached over the same names, network and trusted certificates as the RNPI."""

    def probe(self, *, budget: float) -> tuple[OutsideExchange, ...]:
        """Call them all at once, in `budget` seconds at most."""
