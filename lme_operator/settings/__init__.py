"""Settings: frozen, typed, read once from config/ and the environment; wrong ones refuse to start, and say why.

`config/default.toml`, then `config/<environment>.toml`, then the variables of `VARIABLES`. A variable that begins with
`LME_` and is not one of them is refused: a misspelt name must not quietly leave a default in force. What would make a
test system look real, or a real one behave like a test, is refused (N-2.4a, N-2.6b).
"""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Literal, Self

from pydantic import ValidationError

from lme_operator.settings.collecting import PLAYED_TOKEN, ROOT, addresses_file, collected
from lme_operator.settings.refusing import TEST_MARK, contradictions, reasons
from lme_operator.settings.sections import (
    AdvancedSignatureSettings,
    DatabaseSettings,
    DemonstrationSettings,
    DocumentSettings,
    JobsSettings,
    LogSettings,
    MailSettings,
    OperatorSettings,
    PartySettings,
    RnpiSettings,
    SandboxSettings,
    Section,
    SettingsRefused,
    SmsSettings,
    WebSettings,
)
from lme_operator.settings.variables import VARIABLES

__all__ = [
    "PLAYED_TOKEN",
    "ROOT",
    "TEST_MARK",
    "VARIABLES",
    "MailSettings",
    "PartySettings",
    "RnpiSettings",
    "SandboxSettings",
    "Settings",
    "SettingsRefused",
    "SmsSettings",
    "addresses_file",
]

_NOT_SETTINGS = ("LME_TEST_", "LME_DUTIES")


class Settings(Section):
    """Everything that a process is told when it starts."""

    environment: Literal["development", "testing", "production"]
    home: Path
    keys: Path
    operator: OperatorSettings
    web: WebSettings
    log: LogSettings
    database: DatabaseSettings
    jobs: JobsSettings
    documents: DocumentSettings
    rnpi: RnpiSettings
    registro_civil: PartySettings
    biometrics: PartySettings
    mail: MailSettings
    sms: SmsSettings
    sandbox: SandboxSettings | None = None
    firma_avanzada: AdvancedSignatureSettings = AdvancedSignatureSettings()
    demonstration: DemonstrationSettings

    @property
    def clock_file(self) -> Path | None:
        """The file that moves the clock of all processes; None where the clock is the machine's."""
        return self.home / "reloj" if self.demonstration.movable_clock else None

    @classmethod
    def load(cls, environment: Mapping[str, str] | None = None) -> Self:
        """Read and check the settings; raise `SettingsRefused` with every reason."""
        given = os.environ if environment is None else environment
        unknown = sorted(
            name for name in given if name.startswith("LME_") and name not in VARIABLES
            and not name.startswith(_NOT_SETTINGS)
        )  # fmt: skip
        if unknown:
            raise SettingsRefused(
                tuple(f"{name}: no existe esa variable; revise cómo está escrita." for name in unknown)
            )
        try:
            settings = cls.model_validate(collected(given))
        except ValidationError as error:
            raise SettingsRefused(reasons(error)) from error
        refused = contradictions(settings)
        if refused:
            raise SettingsRefused(refused)
        return settings
