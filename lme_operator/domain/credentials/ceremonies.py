"""What an authenticator is asked: to make a key, or to answer with one.

Each purpose has a user handle of its own, so one authenticator keeps a key of each. (W3C WebAuthn §5.4, §5.5)
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.engine import Connection
from webauthn import generate_authentication_options, generate_registration_options
from webauthn.helpers import options_to_json_dict
from webauthn.helpers.cose import COSEAlgorithmIdentifier
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from lme_operator.core.canonical import Json
from lme_operator.core.database import Work
from lme_operator.core.refusal import Refusal
from lme_operator.core.run import Run
from lme_operator.core.sealing import Sealer
from lme_operator.domain.credentials.challenges import (
    CHALLENGE_LIVES,
    Challenge,
    ChallengePurpose,
    find_begun,
    new_challenge,
)
from lme_operator.domain.credentials.keys import KeyPurpose, RelyingParty, SigningKey, signing_keys
from lme_operator.domain.credentials.refusals import NO_ENTRY_KEY


@dataclass(frozen=True, slots=True)
class KeyOptions:
    """What the browser hands to the authenticator, and the attempt to name when it answers."""

    attempt: UUID
    options: Json
    expires_at: datetime


def registration_options(
    work: Work, sealer: Sealer, party: RelyingParty, run: Run, *, session: UUID, purpose: KeyPurpose, name: str
) -> KeyOptions:
    """Make the options of a registration: ES256, user verification demanded, no attestation asked for.

    Under the lock of `run`, whose key it will be; `session` is the one in which the answer must come; `name` is how
    the authenticator calls its owner.
    """
    challenge = new_challenge(work, run, purpose=of_registration(purpose), session=session)
    return _registration_options(work.connection, sealer, party, challenge, name=name)


def begun_registration(
    connection: Connection, sealer: Sealer, party: RelyingParty, run: Run, *, session: UUID, name: str, at: datetime
) -> tuple[KeyOptions, ...]:
    """Return again the options of what this session began last and has not ended, while they may be answered."""
    begun = find_begun(connection, run, session=session, purposes=REGISTRATIONS, at=at)
    return tuple(_registration_options(connection, sealer, party, challenge, name=name) for challenge in begun)


def _registration_options(
    connection: Connection, sealer: Sealer, party: RelyingParty, challenge: Challenge, *, name: str
) -> KeyOptions:
    run, purpose = challenge.run, purpose_of(challenge.purpose)
    options = generate_registration_options(
        rp_id=party.rp_id,
        rp_name=party.name,
        user_id=sealer.lookup(str(run), purpose=f"webauthn-{purpose}"),
        user_name=f"{run.display} ({purpose})",
        user_display_name=name,
        challenge=challenge.challenge,
        timeout=_TIMEOUT,
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.DISCOURAGED,
            user_verification=UserVerificationRequirement.REQUIRED,
        ),
        exclude_credentials=_descriptors(signing_keys(connection, run, purpose)),
        supported_pub_key_algs=[COSEAlgorithmIdentifier.ECDSA_SHA_256],
    )
    return KeyOptions(challenge.id, options_to_json_dict(options), challenge.expires_at)


def answer_options(
    work: Work,
    party: RelyingParty,
    run: Run,
    *,
    purpose: ChallengePurpose,
    session: UUID | None,
    act: str | None = None,
) -> KeyOptions:
    """Make the options of an answer by one of the person's keys of entry, under the lock; for `act` and no other.

    Raises `Refusal(sin_llave_de_entrada)`.
    """
    challenge = new_challenge(work, run, purpose=purpose, session=session)
    return options_of(work.connection, party, challenge, act=act)


def options_of(
    connection: Connection, party: RelyingParty, challenge: Challenge, *, act: str | None = None
) -> KeyOptions:
    """Return the options of a challenge, for `act`, that one of the person's keys of entry may answer."""
    known = signing_keys(connection, challenge.run, "entrada")
    if not known:
        raise Refusal(NO_ENTRY_KEY)
    options = generate_authentication_options(
        rp_id=party.rp_id,
        challenge=challenge.signed(act),
        timeout=_TIMEOUT,
        allow_credentials=_descriptors(known),
        user_verification=UserVerificationRequirement.REQUIRED,
    )
    return KeyOptions(challenge.id, options_to_json_dict(options), challenge.expires_at)


def purpose_of(of_challenge: str) -> KeyPurpose:
    """The purpose of the key that a challenge of registration is for; raise `KeyError` for any other challenge."""
    return _FOR[of_challenge]


def of_registration(purpose: KeyPurpose) -> ChallengePurpose:
    """The purpose of the challenge of its registration."""
    return _REGISTRATIONS[purpose]


def _descriptors(known: Sequence[SigningKey]) -> list[PublicKeyCredentialDescriptor]:
    return [PublicKeyCredentialDescriptor(id=key.credential_id) for key in known]


_REGISTRATIONS: Mapping[KeyPurpose, ChallengePurpose] = {"entrada": "registro-entrada", "firma": "registro-firma"}
_FOR: Mapping[str, KeyPurpose] = {challenge: purpose for purpose, challenge in _REGISTRATIONS.items()}
REGISTRATIONS: tuple[ChallengePurpose, ...] = tuple(_REGISTRATIONS.values())
_TIMEOUT = int(CHALLENGE_LIVES.total_seconds() * 1000)
"""Milliseconds."""
