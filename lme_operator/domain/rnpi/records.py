"""Tables of the room (private)."""

import sqlalchemy as sa

metadata = sa.MetaData(schema="rnpi")

flights = sa.Table(
    "flight",
    metadata,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("run", sa.Text, nullable=False),
    sa.Column("slot", sa.Integer, nullable=False),
    sa.Column("purpose", sa.Text, nullable=False),
    sa.Column("day", sa.Date, nullable=False),
    sa.Column("at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
)

consultations = sa.Table(
    "consultation",
    metadata,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("position", sa.BigInteger, sa.Identity(always=True)),
    sa.Column("run", sa.Text, nullable=False),
    sa.Column("purpose", sa.Text, nullable=False),
    sa.Column("result", sa.Text, nullable=False),
    sa.Column("cause", sa.Text),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("flight_id", sa.Uuid, unique=True),
    sa.Column("asked_at", sa.DateTime(timezone=True)),
    sa.Column("for_review", sa.Boolean, nullable=False),
    sa.Column("members", sa.LargeBinary, nullable=False),
    sa.Column("registration", sa.LargeBinary),
    sa.Column("entry_id", sa.Uuid, nullable=False, unique=True),
    sa.Column("at", sa.DateTime(timezone=True), nullable=False),
)
