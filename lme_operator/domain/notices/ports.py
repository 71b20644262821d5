"""What the room needs from outside: somebody who carries messages."""

from datetime import timedelta
from typing import Protocol

from lme_operator.domain.notices.messages import Channel, Delivery, Outgoing


class Messenger(Protocol):
    """Carries messages to the outside. Never called inside a transaction."""

    def longest(self, channel: Channel) -> timedelta:
        """How long `deliver` takes at most over this channel."""

    def deliver(self, outgoing: Outgoing) -> Delivery:
        """Hand the message to the party that delivers it, once; never raises for what that party does.

        Says UNKNOWN when the party may have taken it and it cannot be told.
        """
