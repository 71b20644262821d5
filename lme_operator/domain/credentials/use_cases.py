"""`Credentials`: what the rooms above hold. Every method works inside the caller's transaction and lock."""

from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from sqlalchemy.engine import Connection

from lme_operator.core.canonical import Json
from lme_operator.core.database import Work
from lme_operator.core.refusal import Refusal
from lme_operator.core.run import Run
from lme_operator.core.sealing import Sealer
from lme_operator.domain.credentials.activation import record_activation
from lme_operator.domain.credentials.assertions import Assertion, AssertionRefused, parse_assertion
from lme_operator.domain.credentials.challenges import ChallengePurpose, redeem_challenge
from lme_operator.domain.credentials.keys import (
    KeyPurpose,
    KeyUse,
    RelyingParty,
    SigningKey,
    signing_keys,
    signing_keys_at,
    use_key,
)
from lme_operator.domain.credentials.passwords import HashedPassword, PasswordHashing, record_password
from lme_operator.domain.credentials.refusals import CHALLENGE_OVER, KEY_REFUSED
from lme_operator.domain.credentials.throttle import EntryLimits, require_patience
from lme_operator.domain.credentials.totp import TotpSecret, TotpUse, new_totp, record_totp, spend_code
from lme_operator.domain.identity import raise_epoch
from lme_operator.domain.norms import Norms


@dataclass(frozen=True, slots=True, kw_only=True)
class Credentials:
    """The credentials of professionals, under one sealing key, one cost of hashing and one relying party."""

    sealer: Sealer
    norms: Norms
    hashing: PasswordHashing
    relying_party: RelyingParty
    limits: EntryLimits = field(default_factory=EntryLimits)

    def set_password(self, work: Work, run: Run, hashed: HashedPassword, *, initial: bool) -> int:
        """Write the person's password and raise the epoch, under the lock; return the new epoch.

        `initial` when another person set it: it serves to enter once and change it (N-2.3a). Hash it before taking
        the lock (`hashing.hash`).
        """
        record_password(work, self.sealer, run, hashed, initial=initial)
        return raise_epoch(work, run)

    def set_first_access(self, work: Work, run: Run, hashed: HashedPassword) -> str:
        """Write an initial password that waits for its activation, and raise the epoch, under the lock.

        Returns the activation code, which must reach the person by another channel than the password and is kept
        nowhere readable (N-2.3a, acceso@v2#activacion).
        """
        record_password(work, self.sealer, run, hashed, initial=True)
        code = record_activation(work, self.sealer, self.norms, run)
        raise_epoch(work, run)
        return code

    def set_totp(
        self, work: Work, run: Run, *, secret: str | None = None, proven: tuple[int, str] | None = None
    ) -> TotpSecret:
        """Write a new TOTP secret (made here unless given) and raise the epoch, under the lock.

        `proven`: the step of the code that showed that the person's application has it (`proves_totp`), and for what;
        that code is spent.
        """
        made = new_totp(run, issuer=self.relying_party.name, secret=secret)
        record_totp(work, self.sealer, run, made.secret, proven=proven)
        raise_epoch(work, run)
        return made

    def consume_totp(self, work: Work, run: Run, code: str, *, purpose: str) -> TotpUse:
        """Accept a code and spend its step, under the person's lock (N-2.6a, N-2.6d).

        Pass `CountsWrongCodes` as evidence of the unit of work, or wrong codes are not counted. Raises `Refusal`:
        `codigo_incorrecto`, `codigo_ya_usado`, `codigo_vencido`, `sin_totp`, `demasiados_codigos`.
        """
        self.require_patience(work, run, purpose=purpose)
        return spend_code(work, self.sealer, run, code, purpose=purpose)

    def require_patience(self, work: Work, run: Run, *, purpose: str) -> None:
        """Raise `Refusal(demasiados_codigos)` while the wait after wrong codes and keys of that purpose lasts."""
        require_patience(work, run, purpose=purpose, limits=self.limits)

    def accept_assertion(
        self, work: Work, run: Run, *, purpose: KeyPurpose, challenge: bytes, assertion: Assertion
    ) -> KeyUse:
        """Accept an assertion over `challenge` by a key of that purpose, under the person's lock (N-2.6c).

        Pass `CountsWrongCodes` as evidence and call `require_patience` first, or wrong ones cost nothing. Raises
        `Refusal`: `llave_rechazada`, `llave_posible_copia`.
        """
        return use_key(work, self.relying_party, run, purpose=purpose, challenge=challenge, assertion=assertion)

    def accept_answer(
        self,
        work: Work,
        run: Run,
        answer: Json,
        *,
        attempt: UUID,
        purpose: ChallengePurpose,
        session: UUID | None,
        counted_as: str,
        act: str | None = None,
    ) -> KeyUse:
        """Accept what a key of entry answered to the challenge of `attempt`, made in `session`, under the lock.

        An answer asked for another act than `act` is a wrong one.

        The first right answer spends the challenge; wrong ones are counted with the wrong codes of the purpose
        `counted_as`, by `CountsWrongCodes` as evidence. Raises `Refusal`: `desafio_vencido`, `llave_rechazada`,
        `llave_posible_copia`, `demasiados_codigos`. (N-2.6a)
        """
        self.require_patience(work, run, purpose=counted_as)
        try:
            assertion = parse_assertion(answer)
        except AssertionRefused as error:
            raise Refusal(KEY_REFUSED) from error
        challenge = redeem_challenge(work, run, attempt, purpose=purpose)
        if challenge.session_id != session:
            raise Refusal(CHALLENGE_OVER)
        return self.accept_assertion(work, run, purpose="entrada", challenge=challenge.signed(act), assertion=assertion)

    def signing_keys(self, connection: Connection, run: Run, purpose: KeyPurpose) -> tuple[SigningKey, ...]:
        """Return the person's keys of that purpose that serve, oldest first."""
        return signing_keys(connection, run, purpose)

    def signing_keys_at(
        self, connection: Connection, run: Run, purpose: KeyPurpose, at: datetime
    ) -> tuple[SigningKey, ...]:
        """Return the person's keys of that purpose that served at `at`, oldest first."""
        return signing_keys_at(connection, run, purpose, at)
