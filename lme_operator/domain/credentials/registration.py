"""Taking the key that an authenticator answers with. (W3C WebAuthn §7.1)"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

import cbor2
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from webauthn import verify_registration_response
from webauthn.helpers.cose import COSEAlgorithmIdentifier
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.registration.verify_registration_response import VerifiedRegistration

from lme_operator.core.canonical import Json, from_base64url, to_base64url
from lme_operator.core.database import Work
from lme_operator.core.refusal import Refusal
from lme_operator.core.run import Run
from lme_operator.domain.credentials.assertions import (
    AssertionRefused,
    read_public_key,
    require_own_origin,
    thumbprint_of,
)
from lme_operator.domain.credentials.ceremonies import REGISTRATIONS, of_registration, purpose_of
from lme_operator.domain.credentials.challenges import find_act, redeem_challenge
from lme_operator.domain.credentials.keys import SHOWN, KeyPurpose, RelyingParty, SigningKey
from lme_operator.domain.credentials.records import challenges, keys
from lme_operator.domain.credentials.refusals import CHALLENGE_OVER, KEY_KNOWN, KEY_REFUSED

_LONGEST = 16384


@dataclass(frozen=True, slots=True, kw_only=True)
class NewKey:
    """A key that an authenticator has just shown, not yet anybody's. `public_key` is COSE; nothing in it is secret."""

    purpose: KeyPurpose
    credential_id: bytes
    public_key: bytes
    aaguid: str
    backed_up: bool
    sign_count: int

    @property
    def thumbprint(self) -> str:
        """RFC 7638."""
        return thumbprint_of(self.public_key)

    @property
    def thumbprint_end(self) -> str:
        """As `SigningKey.thumbprint_end`."""
        return self.thumbprint[-SHOWN:]

    def render(self) -> dict[str, Json]:
        """Return it as evidence shows it."""
        return {
            "proposito": self.purpose,
            "huella": self.thumbprint,
            "credencial": to_base64url(self.credential_id),
            "llave_publica": to_base64url(self.public_key),
            "modelo": self.aaguid,
            "respaldada": self.backed_up,
            "contador": self.sign_count,
        }

    @classmethod
    def parse(cls, value: Json) -> "NewKey":
        """Read what `render` wrote; raise `ValueError` when it is anything else."""
        try:
            key = cls(
                purpose=value["proposito"],
                credential_id=from_base64url(value["credencial"]),
                public_key=from_base64url(value["llave_publica"]),
                aaguid=value["modelo"],
                backed_up=value["respaldada"],
                sign_count=value["contador"],
            )
            read_public_key(key.public_key)
        except (KeyError, TypeError, AttributeError) as error:
            raise ValueError("not a key") from error
        if key.render() != value:
            raise ValueError("not a key in its own form")
        return key


def require_all(work: Work, run: Run, *, session: UUID, attempts: Sequence[UUID]) -> None:
    """Demand an answer to each challenge of one act of this session, and to nothing else, under the person's lock.

    Raises `Refusal(desafio_vencido)`.
    """
    begun = find_act(work.connection, run, session=session, attempt=attempts[0], at=work.at) if attempts else ()
    if not begun or sorted(attempts) != sorted(challenge.id for challenge in begun):
        raise Refusal(CHALLENGE_OVER)


def take_key(work: Work, party: RelyingParty, run: Run, *, session: UUID, attempt: UUID, credential: Json) -> NewKey:
    """Verify the authenticator's answer, spend its challenge, and return the key, under the person's lock.

    The purpose is that of the challenge. Raises `Refusal`: `desafio_vencido`, `llave_rechazada`. (N-2.6a, W3C
    WebAuthn §7.1)
    """
    purpose = _purpose_of(work, attempt)
    challenge = redeem_challenge(work, run, attempt, purpose=of_registration(purpose))
    if challenge.session_id != session:
        raise Refusal(CHALLENGE_OVER)
    verified = _verify_registration(party, credential, challenge.challenge)
    return NewKey(
        purpose=purpose,
        credential_id=verified.credential_id,
        public_key=verified.credential_public_key,
        aaguid=verified.aaguid,
        backed_up=verified.credential_backed_up,
        sign_count=verified.sign_count,
    )


def record_key(work: Work, run: Run, new: NewKey, *, entry_id: UUID) -> SigningKey:
    """Keep a key as the person's; the caller raises the epoch. Raises `Refusal(llave_ya_registrada)`. (N-2.2a)"""
    key = SigningKey(
        id=work.new_id(),
        run=run,
        purpose=new.purpose,
        credential_id=new.credential_id,
        public_key=new.public_key,
        thumbprint=new.thumbprint,
        backed_up=new.backed_up,
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
            aaguid=new.aaguid,
            backed_up=key.backed_up,
            sign_count=new.sign_count,
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
    if purpose not in REGISTRATIONS:
        raise Refusal(CHALLENGE_OVER)
    return purpose_of(purpose)


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
