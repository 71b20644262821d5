"""SMS over the telephone operators' common interface (GSMA OneAPI; OMA ParlayREST Short Messaging 1.1, JSON).

`POST {base}/outbound/{sender}/requests`; the message's id goes as `clientCorrelator`, by which the provider knows a
repeated request for the same one, and as Idempotency-Key.
"""

from dataclasses import dataclass, field
from urllib.parse import quote

from lme_operator.core.canonical import encode
from lme_operator.core.outside import Failure, OutsideExchange
from lme_operator.domain.notices import Delivery, Outgoing, Result
from lme_operator.gateways.unconfigured import Asked

_NOT_SENT = frozenset((
    Failure.NAME_NOT_RESOLVED, Failure.REFUSED, Failure.UNREACHABLE, Failure.CERTIFICATE_EXPIRED,
    Failure.CERTIFICATE_UNKNOWN, Failure.CERTIFICATE_OF_ANOTHER, Failure.TLS, Failure.CIRCUIT_OPEN,
))  # fmt: skip
"""Failures that come before a request has left."""

_REFUSED = frozenset((400, 404, 405, 413, 415, 422))
_NOT_NOW = frozenset((401, 403, 407, 408, 425, 429, 503))
"""The provider did not take it: it is busy, or does not know us today (a token that ran out, no credit)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OneApi:
    """The provider's interface. `sender` is our telephone in E.164 or a short code; a call takes `budget_seconds`."""

    party: Asked
    budget_seconds: float
    sender: str
    token: str = field(repr=False)

    def deliver(self, outgoing: Outgoing) -> Delivery:
        """Make one attempt; the answer is the recorded call."""
        sender = f"tel:{self.sender}"
        exchange = self.party.call(
            "POST",
            f"/outbound/{quote(sender, safe='')}/requests",
            headers=(
                ("Authorization", f"Bearer {self.token}"),
                ("Content-Type", "application/json; charset=utf-8"),
                ("Accept", "application/json"),
                ("Idempotency-Key", str(outgoing.id)),
            ),
            body=encode(
                {
                    "outboundSMSMessageRequest": {
                        "address": [f"tel:{outgoing.message.address}"],
                        "senderAddress": sender,
                        "outboundSMSTextMessage": {"message": outgoing.message.text},
                        "clientCorrelator": str(outgoing.id),
                    }
                }
            ),
        )
        result, reason = _judge(exchange)
        return Delivery(result, reason, encode(exchange.render()).decode())


def _judge(exchange: OutsideExchange) -> tuple[Result, str]:
    """What the call came to. A status line decides; without one, what matters is whether the request had left."""
    status, failure = exchange.status, exchange.failure
    if status is None:
        reason = "sin_respuesta" if failure is None else failure.value
        unsent = failure in _NOT_SENT or exchange.address is None
        return (Result.POSTPONED if unsent else Result.UNKNOWN), reason
    reason = f"http_{status}"
    if 200 <= status < 300:
        return Result.ACCEPTED, reason
    if status in _REFUSED:
        return Result.REFUSED, reason
    return (Result.POSTPONED if status in _NOT_NOW or 300 <= status < 400 else Result.UNKNOWN), reason
