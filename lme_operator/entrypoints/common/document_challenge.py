"""What an authenticator is asked so that its answer authorises exactly one document: its digest is the challenge."""

from lme_operator.core.canonical import Json, to_base64url
from lme_operator.core.database import Database, Deadline
from lme_operator.domain.credentials import Credentials, Session
from lme_operator.domain.issuance import Prepared


def document_challenge(
    credentials: Credentials, database: Database, *, session: Session, prepared: Prepared, deadline: Deadline
) -> dict[str, Json]:
    """WebAuthn's request options over the document's digest, for the keys that existed when it was prepared."""
    with database.reading(deadline=deadline) as connection:
        keys = credentials.signing_keys(connection, session.run, "firma")
    life = prepared.expires_at - prepared.issued_at
    return {
        "challenge": to_base64url(prepared.digest),
        "timeout": int(life.total_seconds() * 1000),
        "rpId": credentials.relying_party.rp_id,
        "allowCredentials": [
            {"id": to_base64url(key.credential_id), "type": "public-key"}
            for key in keys
            if key.at <= prepared.issued_at
        ],
        "userVerification": "required",
    }
