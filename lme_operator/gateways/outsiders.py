"""Plays every outside party of a demonstration: one HTTP server for all, and one that catches mail."""

from collections.abc import Iterator
from contextlib import contextmanager

from lme_operator.core.clock import movable_clock, system_clock
from lme_operator.gateways.biometrics import BiometricsSandbox
from lme_operator.gateways.messaging.sandbox import Mailbox, MailCatcher, MailParty, SmsParty
from lme_operator.gateways.registro_civil import CivilRegistrySandbox
from lme_operator.gateways.rnpi import RnpiSandbox, WitnessSandbox
from lme_operator.gateways.sandbox import play
from lme_operator.settings import PLAYED_TOKEN, Settings, SettingsRefused


@contextmanager
def play_outsiders(settings: Settings) -> Iterator[str]:
    """Play the parties until the block ends; yield the address of the page that lists what each can be made to do.

    Raises `SettingsRefused` where nothing is played, and `OSError` when a port is taken.
    """
    places = settings.sandbox
    if places is None:
        raise SettingsRefused(("Los servicios externos solo se simulan en una demostración.",))
    clock = system_clock if settings.clock_file is None else movable_clock(settings.clock_file)
    mailbox = Mailbox(settings.home / "buzon", clock)
    parties = (
        RnpiSandbox(apikey=PLAYED_TOKEN),
        CivilRegistrySandbox(clock=clock, token=PLAYED_TOKEN),
        BiometricsSandbox(token=PLAYED_TOKEN),
        SmsParty(mailbox),
        MailParty(places.mail_port),
    )
    with (
        play(parties, places.host, places.http_port) as playing,
        MailCatcher(mailbox, places.host, places.mail_port),
        play((WitnessSandbox(),), places.host, places.witness_port),
    ):
        yield playing.url
