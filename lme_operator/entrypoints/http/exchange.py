"""One HTTP exchange: its id, its deadline, where it comes from."""

import uuid
from dataclasses import dataclass

from flask import current_app, g, request

from lme_operator.core import clock
from lme_operator.core.database import Deadline
from lme_operator.core.origin import Origin

DEADLINE = "lme.deadline"
"""Where in the WSGI environment the deadline is, when it started before the application (`common.front`)."""

_DEVICE_LENGTH = 300


@dataclass(frozen=True, slots=True)
class Exchange:
    """`id` is ours and unguessable; `deadline` is the only one of the request; `started` in monotonic seconds."""

    id: str
    deadline: Deadline
    started: float
    origin: Origin


def current_exchange() -> Exchange:
    """Return the exchange of the request being served; its deadline starts at the first call, if not before."""
    exchange: Exchange | None = g.get("exchange")
    if exchange is None:
        request_id = str(uuid.uuid4())
        exchange = Exchange(
            id=request_id,
            deadline=request.environ.get(DEADLINE) or Deadline(current_app.config["REQUEST_SECONDS"]),
            started=clock.monotonic(),
            origin=Origin(ip=request.remote_addr or "", device=_device(), request_id=request_id),
        )
        g.exchange = exchange
    return exchange


def _device() -> str:
    """The User-Agent as far as it can be stored and shown: printable, of bounded length."""
    text = request.headers.get("User-Agent", "")
    return "".join(character for character in text if character.isprintable())[:_DEVICE_LENGTH]
