"""Carries messages to people: mail over SMTP, SMS over the operators' common interface.

Each says of an attempt only what it knows: taken, refused for good, not taken now, or unknown, when the other side may
have taken it and it cannot be told. Neither tries twice; that is for `domain.notices` to decide.
"""

import ssl
from dataclasses import dataclass
from datetime import timedelta

from lme_operator.core.clock import Clock
from lme_operator.domain.notices import Channel, Delivery, Outgoing
from lme_operator.gateways.breaker import CircuitBreaker
from lme_operator.gateways.messaging.mail import MailServer, Smtp
from lme_operator.gateways.messaging.sms import OneApi
from lme_operator.gateways.parties import build_party
from lme_operator.settings import Settings, SettingsRefused

__all__ = ["Carriers", "MailServer", "OneApi", "Smtp", "build_carriers"]


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


def build_carriers(settings: Settings, clock: Clock) -> Carriers:
    """Build the carriers that the settings describe; raise `SettingsRefused` when one is missing or wrong."""
    mail, sms = settings.mail, settings.sms
    _ = sms.provider_url  # refused here when it is not given
    try:
        server = MailServer.parse(mail.server_url)
    except ValueError as error:
        raise SettingsRefused(("LME_SMTP_URL: no es la dirección de un servidor de correo.",)) from error
    return Carriers(
        mail=Smtp(
            server=server,
            sender=mail.sender,
            name=settings.operator.name,
            budget_seconds=mail.seconds,
            clock=clock,
            trust=ssl.create_default_context(),
            breaker=CircuitBreaker(failures=mail.failures, seconds=mail.rest_seconds),
        ),
        sms=OneApi(
            party=build_party("sms", sms, clock=clock, plain_http=settings.environment != "production"),
            budget_seconds=sms.budget_seconds,
            sender=sms.sender,
            token=sms.token.get_secret_value(),
        ),
    )
