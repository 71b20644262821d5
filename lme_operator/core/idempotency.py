"""Idempotency-Key: the same request twice is one act and one answer (N-2.4a; research target T19).

A key is bound to who asks (person and context, or organisation; never to a session), to the route and to the body's
digest. The row that remembers the outcome commits with the act, is kept as long as the thing it made, and holds only
the kind and id of the result: the answer is rendered again from it, to the same bytes. Refusals burn no key.
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from lme_operator.core.canonical import encode, sha256
from lme_operator.core.questions import Question
from lme_operator.core.refusal import IDEMPOTENCY_KEY_REUSED, Refusal

metadata = sa.MetaData(schema="core")
outcomes = sa.Table(
    "outcome",
    metadata,
    sa.Column("scope", sa.LargeBinary, primary_key=True),
    sa.Column("body_digest", sa.LargeBinary, nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("result_id", sa.Uuid, nullable=False),
    sa.Column("at", sa.DateTime(timezone=True), nullable=False),
)
_BY_SCOPE = Question(
    sa.select(outcomes.c.body_digest, outcomes.c.kind, outcomes.c.result_id).where(
        outcomes.c.scope == sa.bindparam("scope")
    )
)


@dataclass(frozen=True, slots=True)
class IdempotentRequest:
    """A request that may come twice: `scope` (32 bytes: who, route and key) and `body_digest` (32 bytes)."""

    scope: bytes
    body_digest: bytes

    @classmethod
    def of(cls, *, who: str, route: str, key: str, body: bytes) -> "IdempotentRequest":
        """Bind `key` to `who` (`persona:RUN:contexto` or `organizacion:ID`), `route` and the exact `body`."""
        return cls(sha256(encode([who, route, key])), sha256(body))


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the first request made."""

    kind: str
    result_id: UUID


def lock_number(request: IdempotentRequest) -> int:
    """The advisory lock of the key: the first 8 bytes of the scope, as a signed 64-bit integer."""
    return int.from_bytes(request.scope[:8], "big", signed=True)


def find_outcome(connection: Connection, request: IdempotentRequest) -> Outcome | None:
    """Return the outcome of an equal earlier request; raise `Refusal` if the key was used with another body."""
    row = _BY_SCOPE.first(connection, {"scope": request.scope})
    if row is None:
        return None
    if row.body_digest != request.body_digest:
        raise Refusal(IDEMPOTENCY_KEY_REUSED)
    return Outcome(row.kind, row.result_id)


def remember_outcome(
    connection: Connection, request: IdempotentRequest, *, kind: str, result_id: UUID, at: datetime
) -> None:
    """Write the outcome, in the transaction of the act."""
    values = {
        "scope": request.scope,
        "body_digest": request.body_digest,
        "kind": kind,
        "result_id": result_id,
        "at": at,
    }
    connection.execute(outcomes.insert(), values)
