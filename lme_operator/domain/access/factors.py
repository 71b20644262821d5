"""What a person shows beside the password, and anew for acts that ask for it (N-2.6a, N-2.6d)."""

from dataclasses import dataclass
from uuid import UUID

from lme_operator.core.canonical import Json
from lme_operator.core.database import Work
from lme_operator.core.run import Run
from lme_operator.domain.credentials import Credentials
from lme_operator.domain.credentials.challenges import ChallengePurpose


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


def take_factor(
    work: Work,
    credentials: Credentials,
    run: Run,
    factor: SecondFactor,
    *,
    counted_as: str,
    challenge: ChallengePurpose,
    session: UUID | None,
    act: str | None = None,
) -> str:
    """Spend a second factor under the person's lock, and say which: `totp` or `llave`.

    `challenge`, `session` and `act` are what a key must have been asked for, in which session, to confirm what. Pass
    `CountsWrongCodes` of the purpose `counted_as` as evidence. Raises `Refusal`: those of the code or of the key.
    """
    match factor:
        case TotpCode(code):
            credentials.consume_totp(work, run, code, purpose=counted_as)
            return "totp"
        case KeyAnswer(attempt, assertion):
            credentials.accept_answer(
                work,
                run,
                assertion,
                attempt=attempt,
                purpose=challenge,
                session=session,
                counted_as=counted_as,
                act=act,
            )
            return "llave"
