"""What an authenticator is asked so that its answer authorises exactly one document: its digest is the challenge."""

from lme_operator.core.canonical import Json, to_base64url
from lme_operator.core.database import Database, Deadline
from lme_operator.domain.credentials import Credentials, Session
from lme_operator.domain.issuance import Prepared


def document_challenge(
    credentials: Credentials, database: Database, *, session: Session, prepared: Prepared, deadline: Deadline
) -> dict[str, Json]:
    """WebAuthn's request options over the document's digest, for the keys that served when it was prepared.

    Of what was prepared they never change: a replay gives the same bytes, and a preparation dies when a key is retired.
    """
    with database.reading(deadline=deadline) as connection:
        keys = credentials.signing_keys_at(connection, session.run, "firma", prepared.issued_at)
    life = prepared.expires_at - prepared.issued_at
    return {
        "challenge": to_base64url(prepared.digest),
        "timeout": int(life.total_seconds() * 1000),
        "rpId": credentials.relying_party.rp_id,
        "allowCredentials": [{"id": to_base64url(key.credential_id), "type": "public-key"} for key in keys],
        "userVerification": "required",
    }
