"""Asks the RNPI about one person. What its answer means is read in `domain.rnpi`, where a verdict can read it again."""

from lme_operator.core.outside import OutsideExchange
from lme_operator.core.run import Run
from lme_operator.gateways.unconfigured import Asked

KEY = "apikey"
SECRETS = frozenset({KEY})
PATH = "/api/prestadores/rut/{number}.json/"


class RnpiClient:
    """Asks by HTTP with the key that the Intendencia de Prestadores grants; the record keeps it out."""

    def __init__(self, party: Asked, *, apikey: str) -> None:
        self._party = party
        self._apikey = apikey

    def ask(self, *, run: Run, budget: float) -> OutsideExchange:
        """Ask once about `run`, in `budget` seconds at most."""
        return self._party.call(
            "GET",
            PATH.format(number=run.number),
            query=((KEY, self._apikey),),
            headers=(("Accept", "application/json"),),
            budget=budget,
        )
