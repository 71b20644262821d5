"""Builds the `wire.Party` that the settings describe, with its certificates and its circuit breaker."""

import ssl

from lme_operator.core.clock import Clock
from lme_operator.gateways.breaker import CircuitBreaker
from lme_operator.gateways.unconfigured import Asked, Unconfigured
from lme_operator.gateways.wire import Party
from lme_operator.settings import PartySettings, SettingsRefused

_SECRET_NAMES = frozenset({"authorization"})


def build_party(
    name: str,
    settings: PartySettings,
    *,
    clock: Clock,
    plain_http: bool,
    secret_names: frozenset[str] = _SECRET_NAMES,
) -> Asked:
    """Return the party `name`, known by what goes under `secret_names`; without address, one that fails as ours.

    Raises `SettingsRefused` when its certificates cannot be used.
    """
    if not settings.url:
        return Unconfigured(name=name, clock=clock)
    return Party(
        name=name,
        base_url=settings.url,
        budget_seconds=settings.budget_seconds,
        largest_body=settings.largest_answer,
        clock=clock,
        secret_names=secret_names,
        trust=_trust(name, settings),
        breaker=CircuitBreaker(failures=settings.failures, seconds=settings.rest_seconds),
        plain_http=plain_http,
    )


def _trust(name: str, settings: PartySettings) -> ssl.SSLContext | None:
    """Whom to trust and, for mutual TLS, as whom to come; None is the system's own trust."""
    if settings.authorities is None and settings.certificate is None:
        return None
    try:
        context = ssl.create_default_context(cafile=settings.authorities)
        if settings.certificate is not None:
            context.load_cert_chain(settings.certificate, settings.private_key)
    except (OSError, ValueError) as error:
        raise SettingsRefused((f"{name}: no se pueden usar sus certificados: {error}.",)) from error
    return context
