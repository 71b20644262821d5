"""Tables of the room (private)."""

import sqlalchemy as sa

metadata = sa.MetaData(schema="notices")

messages = sa.Table(
    "message",
    metadata,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("run", sa.Text),
    sa.Column("channel", sa.Text, nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("content", sa.LargeBinary, nullable=False),
    sa.Column("on_account_of", sa.Uuid),
    sa.Column("at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
)
"""`content` is address, subject and text, sealed together."""

attempts = sa.Table(
    "attempt",
    metadata,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("message_id", sa.Uuid, sa.ForeignKey(messages.c.id), nullable=False),
    sa.Column("number", sa.SmallInteger, nullable=False),
    sa.Column("at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("until", sa.DateTime(timezone=True), nullable=False),
)

outcomes = sa.Table(
    "outcome",
    metadata,
    sa.Column("attempt_id", sa.Uuid, sa.ForeignKey(attempts.c.id), primary_key=True),
    sa.Column("known", sa.Boolean, primary_key=True),
    sa.Column("result", sa.Text, nullable=False),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("answer", sa.LargeBinary, nullable=False),
    sa.Column("at", sa.DateTime(timezone=True), nullable=False),
)
"""At most one row that knows, and one before it that does not."""
