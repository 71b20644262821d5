"""Our own control hosts, called all at once: the proof that names, network and trusted certificates worked."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from lme_operator.core.outside import OutsideExchange
from lme_operator.gateways.unconfigured import Asked


@dataclass(frozen=True, slots=True)
class ControlHost:
    """One host of ours, and the path at which it answers with its mark."""

    party: Asked
    path: str


class ControlHosts:
    """Implements `rnpi.Controls`."""

    def __init__(self, hosts: Sequence[ControlHost]) -> None:
        self._hosts = tuple(hosts)

    def probe(self, *, budget: float) -> tuple[OutsideExchange, ...]:
        """Call every host at once, in `budget` seconds at most; in the order of the settings."""
        if not self._hosts:
            return ()
        with ThreadPoolExecutor(max_workers=len(self._hosts), thread_name_prefix="testigo") as threads:
            return tuple(threads.map(lambda host: host.party.call("GET", host.path, budget=budget), self._hosts))
