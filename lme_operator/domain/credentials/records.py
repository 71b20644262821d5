"""Tables of the room (private)."""

import sqlalchemy as sa

metadata = sa.MetaData(schema="credentials")


def _at(name: str = "at") -> "sa.Column[object]":
    return sa.Column(name, sa.DateTime(timezone=True), nullable=False)


passwords = sa.Table(
    "password",
    metadata,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("run", sa.Text, nullable=False),
    sa.Column("hash", sa.LargeBinary, nullable=False),
    sa.Column("variant", sa.LargeBinary, nullable=False),
    sa.Column("initial", sa.Boolean, nullable=False),
    _at(),
    sa.Column("sequence", sa.BigInteger, sa.Identity(always=True)),
)

totps = sa.Table(
    "totp",
    metadata,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("run", sa.Text, nullable=False),
    sa.Column("secret", sa.LargeBinary, nullable=False),
    _at(),
    sa.Column("sequence", sa.BigInteger, sa.Identity(always=True)),
)

totp_uses = sa.Table(
    "totp_use",
    metadata,
    sa.Column("totp_id", sa.Uuid, primary_key=True),
    sa.Column("step", sa.BigInteger, primary_key=True),
    sa.Column("purpose", sa.Text, nullable=False),
    _at(),
)

keys = sa.Table(
    "key",
    metadata,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("run", sa.Text, nullable=False),
    sa.Column("purpose", sa.Text, nullable=False),
    sa.Column("credential_id", sa.LargeBinary, nullable=False, unique=True),
    sa.Column("public_key", sa.LargeBinary, nullable=False),
    sa.Column("thumbprint", sa.Text, nullable=False, unique=True),
    sa.Column("aaguid", sa.Text, nullable=False),
    sa.Column("backed_up", sa.Boolean, nullable=False),
    sa.Column("sign_count", sa.BigInteger, nullable=False),
    sa.Column("entry_id", sa.Uuid, nullable=False, unique=True),
    _at(),
)

key_uses = sa.Table(
    "key_use",
    metadata,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("key_id", sa.Uuid, nullable=False),
    sa.Column("sign_count", sa.BigInteger, nullable=False),
    _at(),
)

keys_retired = sa.Table(
    "key_retired",
    metadata,
    sa.Column("key_id", sa.Uuid, primary_key=True),
    sa.Column("entry_id", sa.Uuid, nullable=False, unique=True),
    _at(),
)
"""Keys that serve no more; what they signed before stands."""

key_endorsements = sa.Table(
    "key_endorsement",
    metadata,
    sa.Column("key_id", sa.Uuid, primary_key=True),
    sa.Column("cms", sa.LargeBinary, nullable=False),
    sa.Column("entry_id", sa.Uuid, nullable=False, unique=True),
    _at(),
)
"""What an accredited provider's certificate signed over a key."""

challenges = sa.Table(
    "challenge",
    metadata,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("run", sa.Text, nullable=False),
    sa.Column("purpose", sa.Text, nullable=False),
    sa.Column("challenge", sa.LargeBinary, nullable=False),
    sa.Column("epoch", sa.Integer, nullable=False),
    sa.Column("session_id", sa.Uuid),
    _at(),
    _at("expires_at"),
)

challenges_spent = sa.Table(
    "challenge_spent",
    metadata,
    sa.Column("challenge_id", sa.Uuid, primary_key=True),
    _at(),
)

attempts = sa.Table(
    "attempt",
    metadata,
    sa.Column("lane", sa.LargeBinary, primary_key=True),
    sa.Column("number", sa.Integer, primary_key=True),
    sa.Column("cleared", sa.Boolean, nullable=False),
    _at(),
)

attempts_right = sa.Table(
    "attempt_right",
    metadata,
    sa.Column("lane", sa.LargeBinary, primary_key=True),
    sa.Column("number", sa.Integer, primary_key=True),
    _at(),
)

wrong_codes = sa.Table(
    "wrong_code",
    metadata,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("run", sa.Text, nullable=False),
    sa.Column("purpose", sa.Text, nullable=False),
    _at(),
)

own_blocks = sa.Table(
    "own_block",
    metadata,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("run", sa.Text, nullable=False),
    sa.Column("session_id", sa.Uuid, nullable=False),
    sa.Column("entry_id", sa.Uuid, nullable=False, unique=True),
    _at(),
)

sessions = sa.Table(
    "session",
    metadata,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("run", sa.Text, nullable=False),
    sa.Column("token_digest", sa.LargeBinary, nullable=False, unique=True),
    sa.Column("context", sa.Text, nullable=False),
    sa.Column("stage", sa.Text, nullable=False),
    sa.Column("source", sa.LargeBinary, nullable=False),
    sa.Column("origin", sa.LargeBinary, nullable=False),
    sa.Column("idle", sa.Interval, nullable=False),
    _at(),
    _at("expires_at"),
    sa.Column("sequence", sa.BigInteger, sa.Identity(always=True)),
)

session_epochs = sa.Table(
    "session_epoch",
    metadata,
    sa.Column("session_id", sa.Uuid, primary_key=True),
    sa.Column("epoch", sa.Integer, primary_key=True),
    _at(),
)

session_seen = sa.Table(
    "session_seen",
    metadata,
    sa.Column("session_id", sa.Uuid, primary_key=True),
    sa.Column("at", sa.DateTime(timezone=True), primary_key=True),
)

session_ends = sa.Table(
    "session_end",
    metadata,
    sa.Column("session_id", sa.Uuid, primary_key=True),
    _at(),
)

activations = sa.Table(
    "activation",
    metadata,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("password_id", sa.Uuid, nullable=False, unique=True),
    sa.Column("code", sa.LargeBinary, nullable=False),
    _at(),
    _at("expires_at"),
)

contact_codes = sa.Table(
    "contact_code",
    metadata,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("run", sa.Text, nullable=False),
    sa.Column("purpose", sa.Text, nullable=False),
    sa.Column("channel", sa.Text, nullable=False),
    sa.Column("address", sa.LargeBinary, nullable=False),
    sa.Column("code", sa.LargeBinary, nullable=False),
    sa.Column("epoch", sa.Integer, nullable=False),
    _at(),
    _at("expires_at"),
    sa.Column("sequence", sa.BigInteger, sa.Identity(always=True)),
)

contact_codes_answered = sa.Table(
    "contact_code_answered",
    metadata,
    sa.Column("code_id", sa.Uuid, primary_key=True),
    _at(),
)

wrong_answers = sa.Table(
    "wrong_answer",
    metadata,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("code_id", sa.Uuid, nullable=False),
    _at(),
)
"""To a contact code or an activation: how often that one code was guessed at."""
