"""WebAuthn keys: registration in two steps, and the use of a key under the person's lock.

A key is for entering (`entrada`) or for signing (`firma`), never both. Each purpose has a user handle of its own, so an
authenticator keeps both. The challenge of an entry or a registration is a row: it carries the epoch of its birth,
lives minutes, and is spent once. The challenge of a signature is the document's digest (`domain.issuance`).
"""

import json
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.engine import Connection
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

from lme_operator.core.canonical import Json, NotCanonical, from_base64url
from lme_operator.core.database import Work
from lme_operator.core.refusal import Refusal, refusal
from lme_operator.core.run import Run
from lme_operator.core.sealing import Sealer
from lme_operator.domain.credentials.assertions import (
    Assertion,
    AssertionRefused,
    read_public_key,
    require_own_origin,
    thumbprint_of,
    verify_assertion,
)
from lme_operator.domain.credentials.records import challenges, challenges_spent, key_uses, keys
from lme_operator.domain.credentials.sessions import Session
from lme_operator.domain.identity import locked_epoch

KeyPurpose = Literal["entrada", "firma"]
PURPOSES: tuple[KeyPurpose, ...] = ("entrada", "firma")
ChallengePurpose = Literal["entrada", "registro-entrada", "registro-firma"]

CHALLENGE_LIVES = timedelta(minutes=5)
_LONGEST = 16384

KEY_REFUSED = refusal(
    code="llave_rechazada",
    status=403,
    citation="N-2.6a",
    words="La respuesta de su llave de seguridad no se pudo aceptar.",
    remedy="Use la llave que registró para este fin, en esta misma dirección, con su PIN o huella.",
)
KEY_COUNTER = refusal(
    code="llave_posible_copia",
    status=403,
    citation="N-2.6c",
    words="El contador de su llave de seguridad retrocedió: podría haber una copia de ella.",
    remedy="Bloquee su acceso si no reconoce su uso, y registre otra llave.",
)
CHALLENGE_OVER = refusal(
    code="desafio_vencido",
    status=403,
    citation="N-2.6a",
    words="El desafío para su llave venció, ya se usó o no es suyo.",
    remedy="Pida otro desafío y responda dentro de cinco minutos.",
)
KEY_KNOWN = refusal(
    code="llave_ya_registrada",
    status=409,
    citation="N-2.6a",
    words="Esa llave de seguridad ya está registrada.",
    remedy="Use otra llave, o registre esta misma para el otro fin.",
)


@dataclass(frozen=True, slots=True)
class RelyingParty:
    """Who we are to an authenticator: `rp_id` is the host name, `origins` the exact origins of our pages."""

    rp_id: str
    name: str
    origins: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class KeyOptions:
    """What the browser hands to the authenticator, and the attempt to name when it answers."""

    attempt: UUID
    options: Json
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class SigningKey:
    """A registered key. `public_key` is COSE, `thumbprint` RFC 7638, `entry_id` the log entry of its registration."""

    id: UUID
    run: Run
    purpose: KeyPurpose
    credential_id: bytes
    public_key: bytes
    thumbprint: str
    backed_up: bool
    entry_id: UUID
    at: datetime


@dataclass(frozen=True, slots=True)
class KeyUse:
    """An assertion accepted: by which key, what was signed, and the key's counter after it."""

    key: SigningKey
    assertion: Assertion
    sign_count: int


@dataclass(frozen=True, slots=True)
class Challenge:
    """A challenge just redeemed."""

    id: UUID
    run: Run
    epoch: int
    session_id: UUID | None
    challenge: bytes


def registration_options(
    work: Work, sealer: Sealer, party: RelyingParty, session: Session, *, purpose: KeyPurpose, display_name: str
) -> KeyOptions:
    """Make the options of a registration: ES256, user verification demanded, no attestation asked for."""
    row = _new_challenge(work, session.run, purpose=_registration(purpose), epoch=session.epoch, session=session.id)
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
    row = _new_challenge(work, run, purpose="entrada", epoch=epoch, session=None)
    options = generate_authentication_options(
        rp_id=party.rp_id,
        challenge=row.challenge,
        timeout=int(CHALLENGE_LIVES.total_seconds() * 1000),
        allow_credentials=_descriptors(signing_keys(work.connection, run, "entrada")),
        user_verification=UserVerificationRequirement.REQUIRED,
    )
    return KeyOptions(row.id, options_to_json_dict(options), work.at + CHALLENGE_LIVES)


def redeem_challenge(work: Work, run: Run, attempt: UUID, *, purpose: ChallengePurpose) -> Challenge:
    """Spend a challenge once, under the person's lock; raise `Refusal(desafio_vencido)`."""
    row = work.execute(
        sa.select(challenges).where(
            challenges.c.id == attempt,
            challenges.c.run == str(run),
            challenges.c.purpose == purpose,
            challenges.c.expires_at > work.at,
        )
    ).one_or_none()
    if row is None or row.epoch != locked_epoch(work, run):
        raise Refusal(CHALLENGE_OVER)
    spent = work.execute(
        insert(challenges_spent)
        .values(challenge_id=attempt, at=work.at)
        .on_conflict_do_nothing()
        .returning(challenges_spent.c.challenge_id)
    ).one_or_none()
    if spent is None:
        raise Refusal(CHALLENGE_OVER)
    return Challenge(row.id, run, row.epoch, row.session_id, row.challenge)


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


def use_key(
    work: Work, party: RelyingParty, run: Run, *, purpose: KeyPurpose, challenge: bytes, assertion: Assertion
) -> KeyUse:
    """Accept an assertion of one of the person's keys of that purpose, under the person's lock.

    Raises `Refusal`: `llave_rechazada`, or `llave_posible_copia` when the key's counter did not rise.
    """
    if locked_epoch(work, run) is None:
        raise LookupError("the person is not locked")
    row = work.execute(
        sa.select(keys).where(
            keys.c.credential_id == assertion.credential_id, keys.c.run == str(run), keys.c.purpose == purpose
        )
    ).one_or_none()
    if row is None:
        raise Refusal(KEY_REFUSED)
    try:
        verified = verify_assertion(
            public_key=row.public_key,
            assertion=assertion,
            challenge=challenge,
            rp_id=party.rp_id,
            origins=party.origins,
        )
    except AssertionRefused as error:
        raise Refusal(KEY_REFUSED) from error
    counted = work.execute(
        sa.select(sa.func.max(key_uses.c.sign_count)).where(key_uses.c.key_id == row.id)
    ).scalar_one()
    last = row.sign_count if counted is None else counted
    if (verified.sign_count or last) and verified.sign_count <= last:
        raise Refusal(KEY_COUNTER)
    work.execute(key_uses.insert().values(id=work.new_id(), key_id=row.id, sign_count=verified.sign_count, at=work.at))
    return KeyUse(_key(row), assertion, verified.sign_count)


def signing_keys(connection: Connection, run: Run, purpose: KeyPurpose) -> tuple[SigningKey, ...]:
    """Return the person's keys of that purpose, oldest first."""
    rows = connection.execute(
        sa.select(keys).where(keys.c.run == str(run), keys.c.purpose == purpose).order_by(keys.c.at, keys.c.id)
    )
    return tuple(_key(row) for row in rows)


def _new_challenge(work: Work, run: Run, *, purpose: ChallengePurpose, epoch: int, session: UUID | None) -> Challenge:
    row = Challenge(work.new_id(), run, epoch, session, secrets.token_bytes(32))
    work.execute(
        challenges.insert().values(
            id=row.id,
            run=str(run),
            purpose=purpose,
            challenge=row.challenge,
            epoch=epoch,
            session_id=session,
            at=work.at,
            expires_at=work.at + CHALLENGE_LIVES,
        )
    )
    return row


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
        response = credential.get("response")
        client_data = response.get("clientDataJSON") if isinstance(response, dict) else None
        require_own_origin(from_base64url(str(client_data)), origins=party.origins)
        verified = verify_registration_response(
            credential=credential,
            expected_challenge=challenge,
            expected_rp_id=party.rp_id,
            expected_origin=list(party.origins),
            require_user_verification=True,
            supported_pub_key_algs=[COSEAlgorithmIdentifier.ECDSA_SHA_256],
        )
        read_public_key(verified.credential_public_key)
    except (AssertionRefused, NotCanonical, WebAuthnException) as error:
        raise Refusal(KEY_REFUSED) from error
    except (ValueError, TypeError, KeyError, IndexError, AttributeError) as error:
        raise Refusal(KEY_REFUSED) from error
    return verified


def _descriptors(known: Sequence[SigningKey]) -> list[PublicKeyCredentialDescriptor]:
    return [PublicKeyCredentialDescriptor(id=key.credential_id) for key in known]


def _key(row: "sa.Row[tuple[object, ...]]") -> SigningKey:
    return SigningKey(
        id=row.id,
        run=Run.parse(row.run),
        purpose=row.purpose,
        credential_id=row.credential_id,
        public_key=row.public_key,
        thumbprint=row.thumbprint,
        backed_up=row.backed_up,
        entry_id=row.entry_id,
        at=row.at,
    )
