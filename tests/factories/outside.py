"""Every outside party that a server under test may ask, played over HTTP on free ports."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from lme_operator.core.clock import Clock, system_clock
from lme_operator.gateways.biometrics import BiometricsSandbox
from lme_operator.gateways.messaging.sandbox import Mailbox, SmsParty
from lme_operator.gateways.registro_civil import CivilRegistrySandbox
from lme_operator.gateways.rnpi import RnpiSandbox, WitnessSandbox
from lme_operator.gateways.sandbox import play
from lme_operator.settings import PLAYED_TOKEN


@contextmanager
def outsiders(folder: Path, *, clock: Clock = system_clock) -> Iterator[dict[str, str]]:
    """Play them until the block ends; yield the variables that lead a server to them. SMS land in `folder`."""
    with ExitStack() as playing:
        parties = playing.enter_context(
            play(
                (
                    RnpiSandbox(apikey=PLAYED_TOKEN),
                    CivilRegistrySandbox(clock=clock, token=PLAYED_TOKEN),
                    BiometricsSandbox(token=PLAYED_TOKEN),
                    SmsParty(Mailbox(folder / "buzon", clock)),
                )
            )
        )
        witnesses = playing.enter_context(play((WitnessSandbox(),)))
        port = witnesses.url.rpartition(":")[2]
        yield {
            "LME_RNPI_URL": f"{parties.url}/rnpi",
            "LME_RNPI_CONTROLS": ",".join(f"http://{name}:{port}/testigo" for name in ("127.0.0.1", "localhost")),
            "LME_REGISTRO_CIVIL_URL": f"{parties.url}/registro-civil",
            "LME_BIOMETRICS_URL": f"{parties.url}/biometria",
            "LME_SMS_URL": f"{parties.url}/sms",
        }
