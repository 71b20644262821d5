"""WebAuthn keys, and their use under the person's lock.

A key is for entering (`entrada`) or for signing (`firma`), never both. The challenge of an entry is a row of
`challenges`; that of a signature is the document's digest.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from lme_operator.core.canonical import Json, to_base64url
from lme_operator.core.database import Work
from lme_operator.core.questions import Question
from lme_operator.core.refusal import Refusal
from lme_operator.core.run import Run
from lme_operator.domain.credentials.assertions import (
    Assertion,
    AssertionRefused,
    verify_assertion,
)
from lme_operator.domain.credentials.records import key_uses, keys, keys_retired, sessions
from lme_operator.domain.credentials.refusals import KEY_COUNTER, KEY_REFUSED
from lme_operator.domain.identity import locked_epoch

KeyPurpose = Literal["entrada", "firma"]
PURPOSES: tuple[KeyPurpose, ...] = ("entrada", "firma")
SHOWN = 8
"""Characters of a thumbprint that people are shown, its last: enough to tell their own keys apart."""


@dataclass(frozen=True, slots=True)
class RelyingParty:
    """Who we are to an authenticator: `rp_id` is the host name, `origins` the exact origins of our pages."""

    rp_id: str
    name: str
    origins: tuple[str, ...]


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

    @property
    def thumbprint_end(self) -> str:
        """What people compare: on the page of their keys, in the constancia, in the mail of their enrolment."""
        return self.thumbprint[-SHOWN:]

    def facts(self) -> dict[str, Json]:
        """What the log says of its registration: enough to judge later what it signs (N-2.6c)."""
        return {
            "run": str(self.run),
            "proposito": self.purpose,
            "huella": self.thumbprint,
            "credencial": to_base64url(self.credential_id),
            "llave_publica": to_base64url(self.public_key),
            "respaldada": self.backed_up,
        }


@dataclass(frozen=True, slots=True)
class KeyUse:
    """An assertion accepted: by which key, what was signed, and the key's counter after it."""

    key: SigningKey
    assertion: Assertion
    sign_count: int


@dataclass(frozen=True, slots=True)
class OwnKey:
    """A key as its owner sees it: when it was last used, since when it serves no more, when he entered first.

    `retirement_id` is the log entry of its retirement.
    """

    key: SigningKey
    last_used_at: datetime | None
    retired_at: datetime | None
    retirement_id: UUID | None
    first_entry_at: datetime | None

    @property
    def before_entry(self) -> bool:
        """Registered before its owner ever entered: in front of an officer, who might have shown a key of his own."""
        return self.first_entry_at is None or self.key.at < self.first_entry_at


IN_USE: "sa.ColumnElement[bool]" = ~sa.exists().where(keys_retired.c.key_id == keys.c.id)
"""That a key has not been retired."""
_RUN, _PURPOSE = sa.bindparam("run", type_=sa.Text), sa.bindparam("purpose", type_=sa.Text)
_AT = sa.bindparam("at", type_=sa.DateTime(timezone=True))
_OF_PURPOSE = Question(
    sa.select(keys).where(keys.c.run == _RUN, keys.c.purpose == _PURPOSE, IN_USE).order_by(keys.c.at, keys.c.id)
)
_OF_PURPOSE_AT = Question(
    sa.select(keys)
    .where(
        keys.c.run == _RUN,
        keys.c.purpose == _PURPOSE,
        keys.c.at <= _AT,
        ~sa.exists().where(keys_retired.c.key_id == keys.c.id, keys_retired.c.at <= _AT),
    )
    .order_by(keys.c.at, keys.c.id)
)
_PRESENTED = Question(
    sa.select(
        keys,
        sa.select(sa.func.max(key_uses.c.sign_count))
        .where(key_uses.c.key_id == keys.c.id)
        .scalar_subquery()
        .label("counted"),
    ).where(
        keys.c.credential_id == sa.bindparam("credential_id"), keys.c.run == _RUN, keys.c.purpose == _PURPOSE, IN_USE
    )
)
"""Built once: they are asked at every act signed."""


def use_key(
    work: Work, party: RelyingParty, run: Run, *, purpose: KeyPurpose, challenge: bytes, assertion: Assertion
) -> KeyUse:
    """Accept an assertion of one of the person's keys of that purpose, under the person's lock.

    A retired key is none of his. Raises `Refusal`: `llave_rechazada`, or `llave_posible_copia` when the key's counter
    did not rise.
    """
    if locked_epoch(work, run) is None:
        raise LookupError("the person is not locked")
    presented = {"credential_id": assertion.credential_id, "run": str(run), "purpose": purpose}
    row = _PRESENTED.first(work.connection, presented)
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
    last = row.sign_count if row.counted is None else row.counted
    if (verified.sign_count or last) and verified.sign_count <= last:
        raise Refusal(KEY_COUNTER)
    work.execute(
        key_uses.insert(), {"id": work.new_id(), "key_id": row.id, "sign_count": verified.sign_count, "at": work.at}
    )
    return KeyUse(key_of(row), assertion, verified.sign_count)


def signing_keys(connection: Connection, run: Run, purpose: KeyPurpose) -> tuple[SigningKey, ...]:
    """Return the person's keys of that purpose that serve, oldest first."""
    rows = _OF_PURPOSE.all(connection, {"run": str(run), "purpose": purpose})
    return tuple(key_of(row) for row in rows)


def signing_keys_at(connection: Connection, run: Run, purpose: KeyPurpose, at: datetime) -> tuple[SigningKey, ...]:
    """Return the person's keys of that purpose that served at `at`, oldest first, whatever became of them since."""
    rows = _OF_PURPOSE_AT.all(connection, {"run": str(run), "purpose": purpose, "at": at})
    return tuple(key_of(row) for row in rows)


def own_keys(connection: Connection, run: Run) -> tuple[OwnKey, ...]:
    """Return every key that the person ever registered, the newest first."""
    used = sa.select(sa.func.max(key_uses.c.at)).where(key_uses.c.key_id == keys.c.id).scalar_subquery()
    entered = sa.select(sa.func.min(sessions.c.at)).where(sessions.c.run == keys.c.run).scalar_subquery()
    rows = connection.execute(
        sa.select(
            keys,
            used.label("used_at"),
            keys_retired.c.at.label("retired_at"),
            keys_retired.c.entry_id.label("retirement_id"),
            entered.label("entered_at"),
        )
        .outerjoin(keys_retired, keys_retired.c.key_id == keys.c.id)
        .where(keys.c.run == str(run))
        .order_by(keys.c.at.desc(), keys.c.purpose, keys.c.id)
    )
    return tuple(OwnKey(key_of(row), row.used_at, row.retired_at, row.retirement_id, row.entered_at) for row in rows)


def key_of(row: "sa.Row[tuple[object, ...]]") -> SigningKey:
    """Read a row of `keys`."""
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
