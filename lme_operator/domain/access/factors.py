"""What a person shows beside the password, and anew for acts that ask for it (N-2.6a, N-2.6d)."""

from dataclasses import dataclass
from uuid import UUID

from lme_operator.core.canonical import Json


@dataclass(frozen=True, slots=True)
class TotpCode:
    """Second factor: the six digits that the person's application shows."""

    code: str


@dataclass(frozen=True, slots=True)
class KeyAnswer:
    """Second factor: the authenticator's answer to the challenge of `attempt` (`key_entry_options`)."""

    attempt: UUID
    assertion: Json


SecondFactor = TotpCode | KeyAnswer
