"""Builds the RNPI's client and our control hosts: over the same names, network and trusted certificates."""

from urllib.parse import urlsplit

from lme_operator.core.clock import Clock
from lme_operator.gateways.parties import build_party
from lme_operator.gateways.rnpi.client import SECRETS, RnpiClient
from lme_operator.gateways.rnpi.controls import ControlHost, ControlHosts
from lme_operator.gateways.wire import Party
from lme_operator.settings import RnpiSettings

_LARGEST_MARK = 1024


def build_rnpi(settings: RnpiSettings, *, clock: Clock, plain_http: bool) -> tuple[RnpiClient, ControlHosts]:
    """Return who is asked, and the witnesses; raise `SettingsRefused` when its certificates cannot be used.

    A witness has no circuit breaker: whether it answers now is all that it is for.
    """
    party = build_party("rnpi", settings, clock=clock, secret_names=SECRETS, plain_http=plain_http)
    hosts = []
    for number, address in enumerate(settings.controls, start=1):
        parts = urlsplit(address)
        host = Party(
            name=f"testigo-{number}",
            base_url=f"{parts.scheme}://{parts.netloc}",
            budget_seconds=settings.budget_seconds,
            largest_body=_LARGEST_MARK,
            clock=clock,
            trust=party.trust if isinstance(party, Party) else None,
            plain_http=plain_http,
        )
        hosts.append(ControlHost(host, parts.path or "/"))
    return RnpiClient(party, apikey=settings.token.get_secret_value()), ControlHosts(hosts)
