"""A party that this installation has no address of: asking it fails, and the failure is ours."""

from dataclasses import dataclass
from typing import Protocol

from lme_operator.core.clock import Clock
from lme_operator.core.outside import Failure, OutsideExchange
from lme_operator.gateways.wire import Pairs


class Asked(Protocol):
    """What a client needs of a `wire.Party`."""

    def call(
        self,
        method: str,
        path: str,
        *,
        query: Pairs = (),
        headers: Pairs = (),
        body: bytes = b"",
        budget: float | None = None,
    ) -> OutsideExchange:
        """Call once and return what happened."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Unconfigured:
    """Stands where a `wire.Party` would; nothing is asked of anybody."""

    name: str
    clock: Clock

    def call(
        self,
        method: str,
        path: str,
        *,
        query: Pairs = (),  # noqa: ARG002 - as `Party` has it
        headers: Pairs = (),  # noqa: ARG002
        body: bytes = b"",  # noqa: ARG002
        budget: float | None = None,  # noqa: ARG002
    ) -> OutsideExchange:
        """Return the record of a call that could not be made."""
        return OutsideExchange(
            party=self.name,
            method=method,
            url=path,
            request_headers=(),
            request_digest=None,
            started_at=self.clock(),
            milliseconds=0,
            budget_ms=0,
            address=None,
            status=None,
            headers=(),
            body=b"",
            failure=Failure.OUR_OWN,
            detail="esta instalación no tiene la dirección de este servicio",
        )
