"""Carries messages to people: mail over SMTP, SMS over the operators' common interface.

Each says of an attempt only what it knows: taken, refused for good, not taken now, or unknown, when the other side may
have taken it and it cannot be told. Neither tries twice; that is for `domain.notices` to decide.
"""

from dataclasses import dataclass
from datetime import timedelta

from lme_operator.domain.notices import Channel, Delivery, Outgoing
from lme_operator.gateways.messaging.mail import MailServer, Smtp
from lme_operator.gateways.messaging.sms import OneApi, sms_party

__all__ = ["Carriers", "MailServer", "OneApi", "Smtp", "sms_party"]


@dataclass(frozen=True, slots=True)
class Carriers:
    """Implements `notices.Messenger`: one carrier a channel."""

    mail: Smtp
    sms: OneApi

    def longest(self, channel: Channel) -> timedelta:
        """How long an attempt over this channel takes at most."""
        return timedelta(seconds=self._of(channel).budget_seconds)

    def deliver(self, outgoing: Outgoing) -> Delivery:
        """Make one attempt."""
        return self._of(outgoing.message.channel).deliver(outgoing)

    def _of(self, channel: Channel) -> Smtp | OneApi:
        return self.mail if channel is Channel.MAIL else self.sms
