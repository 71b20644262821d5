"""Giving an authenticator its options, and taking the key that it answers with.

Each purpose has a user handle of its own, so one authenticator keeps a key of each. (W3C WebAuthn §7.1)
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import cbor2
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from webauthn import generate_authentication_options, generate_registration_options, verify_registration_response
from webauthn.helpers import options_to_json_dict
from webauthn.helpers.cose import COSEAlgorithmIdentifier
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)
from webauthn.registration.verify_registration_response import VerifiedRegistration

from lme_operator.core.canonical import Json, from_base64url
from lme_operator.core.database import Work
from lme_operator.core.refusal import Refusal, refusal
from lme_operator.core.run import Run
from lme_operator.core.sealing import Sealer
from lme_operator.domain.credentials.assertions import (
    AssertionRefused,
    read_public_key,
    require_own_origin,
    thumbprint_of,
)
from lme_operator.domain.credentials.challenges import (
    CHALLENGE_LIVES,
    CHALLENGE_OVER,
    ChallengePurpose,
    new_challenge,
    redeem_challenge,
)
from lme_operator.domain.credentials.keys import KEY_REFUSED, KeyPurpose, RelyingParty, SigningKey, signing_keys
from lme_operator.domain.credentials.records import challenges, keys
from lme_operator.domain.credentials.sessions import Session

_LONGEST = 16384

KEY_KNOWN = refusal(
    code="llave_ya_registrada",
    status=409,
    citation="N-2.6a",
    words="Esa llave de seguridad ya está registrada.",
    remedy="Use otra llave, o registre esta misma para el otro fin.",
)


@dataclass(frozen=True, slots=True)
class KeyOptions:
    """What the browser hands to the authenticator, and the attempt to name when it answers."""

    attempt: UUID
    options: Json
    expires_at: datetime


def registration_options(
    work: Work, sealer: Sealer, party: RelyingParty, session: Session, *, purpose: KeyPurpose, display_name: str
) -> KeyOptions:
    """Make the options of a registration: ES256, user verification demanded, no attestation asked for."""
    row = new_challenge(work, session.run, purpose=_registration(purpose), epoch=session.epoch, session=session.id)
    options = generate_registration_options(
        rp_id=party.rp_id,
        rp_name=party.name,
        user_id=sealer.lookup(str(session.run), purpose=f"webauthn-{purpose}"),
        user_name=f"{session.run.display} ({purpose})",
        user_display_name=display_name,
        challenge=row.challenge,
        timeout=int(CHALLENGE_LIVES.total_seconds() * 1000),
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.DISCOURAGED,
            user_verification=UserVerificationRequirement.REQUIRED,
        ),
        exclude_credentials=_descriptors(signing_keys(work.connection, session.run, purpose)),
        supported_pub_key_algs=[COSEAlgorithmIdentifier.ECDSA_SHA_256],
    )
    return KeyOptions(row.id, options_to_json_dict(options), work.at + CHALLENGE_LIVES)


def entry_options(work: Work, party: RelyingParty, run: Run, *, epoch: int) -> KeyOptions:
    """Make the options of an entry with a key, for who has just proved the password."""
    row = new_challenge(work, run, purpose="entrada", epoch=epoch, session=None)
    options = generate_authentication_options(
        rp_id=party.rp_id,
        challenge=row.challenge,
        timeout=int(CHALLENGE_LIVES.total_seconds() * 1000),
        allow_credentials=_descriptors(signing_keys(work.connection, run, "entrada")),
        user_verification=UserVerificationRequirement.REQUIRED,
    )
    return KeyOptions(row.id, options_to_json_dict(options), work.at + CHALLENGE_LIVES)


def register_key(
    work: Work, party: RelyingParty, session: Session, *, attempt: UUID, credential: Json, entry_id: UUID
) -> SigningKey:
    """Verify the authenticator's answer and keep its key. Under the person's lock; the caller raises the epoch.

    The purpose is that of the challenge. Raises `Refusal`: `desafio_vencido`, `llave_rechazada`,
    `llave_ya_registrada`. (N-2.2a, N-2.6a, W3C WebAuthn §7.1)
    """
    purpose = _purpose_of(work, attempt)
    challenge = redeem_challenge(work, session.run, attempt, purpose=_registration(purpose))
    if challenge.session_id != session.id:
        raise Refusal(CHALLENGE_OVER)
    verified = _verify_registration(party, credential, challenge.challenge)
    key = SigningKey(
        id=work.new_id(),
        run=session.run,
        purpose=purpose,
        credential_id=verified.credential_id,
        public_key=verified.credential_public_key,
        thumbprint=thumbprint_of(verified.credential_public_key),
        backed_up=verified.credential_backed_up,
        entry_id=entry_id,
        at=work.at,
    )
    inserted = work.execute(
        insert(keys)
        .values(
            id=key.id,
            run=str(key.run),
            purpose=key.purpose,
            credential_id=key.credential_id,
            public_key=key.public_key,
            thumbprint=key.thumbprint,
            aaguid=verified.aaguid,
            backed_up=key.backed_up,
            sign_count=verified.sign_count,
            entry_id=key.entry_id,
            at=key.at,
        )
        .on_conflict_do_nothing()
        .returning(keys.c.id)
    ).one_or_none()
    if inserted is None:
        raise Refusal(KEY_KNOWN)
    return key


def _purpose_of(work: Work, attempt: UUID) -> KeyPurpose:
    purpose = work.execute(sa.select(challenges.c.purpose).where(challenges.c.id == attempt)).scalar_one_or_none()
    if purpose not in ("registro-entrada", "registro-firma"):
        raise Refusal(CHALLENGE_OVER)
    return "firma" if purpose == "registro-firma" else "entrada"


def _registration(purpose: KeyPurpose) -> ChallengePurpose:
    return "registro-firma" if purpose == "firma" else "registro-entrada"


def _verify_registration(party: RelyingParty, credential: Json, challenge: bytes) -> VerifiedRegistration:
    """Judge the answer with the library, and what the library leaves open ourselves."""
    try:
        if not isinstance(credential, dict) or len(json.dumps(credential)) > _LONGEST:
            raise AssertionRefused("forma")
        response = credential["response"]
        require_own_origin(from_base64url(response["clientDataJSON"]), origins=party.origins)
        _require_plain_attestation(from_base64url(response["attestationObject"]))
        verified = verify_registration_response(
            credential=credential,
            expected_challenge=challenge,
            expected_rp_id=party.rp_id,
            expected_origin=list(party.origins),
            require_user_verification=True,
            supported_pub_key_algs=[COSEAlgorithmIdentifier.ECDSA_SHA_256],
        )
        read_public_key(verified.credential_public_key)
    except (WebAuthnException, ValueError, LookupError, TypeError, AttributeError, RecursionError) as error:
        raise Refusal(KEY_REFUSED) from error
    return verified


def _require_plain_attestation(data: bytes) -> None:
    """None was asked for: accept none, or a key that attests itself; no maker's certificates to parse."""
    try:
        attestation = cbor2.loads(data)
    except cbor2.CBORError as error:
        raise AssertionRefused("forma") from error
    if attestation["fmt"] not in ("none", "packed") or "x5c" in attestation["attStmt"]:
        raise AssertionRefused("forma")


def _descriptors(known: Sequence[SigningKey]) -> list[PublicKeyCredentialDescriptor]:
    return [PublicKeyCredentialDescriptor(id=key.credential_id) for key in known]
