"""Tables of the room (private)."""

import sqlalchemy as sa

metadata = sa.MetaData(schema="suspensions")

declared_orders = sa.Table(
    "declared_order",
    metadata,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("mandate_id", sa.Uuid, nullable=False),
    sa.Column("digest", sa.LargeBinary, nullable=False),
    sa.Column("content", sa.LargeBinary, nullable=False),
    sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
)

suspensions = sa.Table(
    "suspension",
    metadata,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("run", sa.Text, nullable=False),
    sa.Column("organisation", sa.Text, nullable=False),
    sa.Column("compin", sa.Text, nullable=False),
    sa.Column("authority_name", sa.Text, nullable=False),
    sa.Column("resolution_number", sa.Text, nullable=False),
    sa.Column("resolution_date", sa.Date, nullable=False),
    sa.Column("first_day", sa.Date, nullable=False),
    sa.Column("last_day", sa.Date),
    sa.Column("ends_at", sa.DateTime(timezone=True)),
    sa.Column("provisional", sa.Boolean, nullable=False),
    sa.Column("details", sa.LargeBinary, nullable=False),
    sa.Column("content_hash", sa.LargeBinary, nullable=False),
    sa.Column("replaces", sa.Uuid, unique=True),
    sa.Column("replacement", sa.Text),
    sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("effective_from", sa.DateTime(timezone=True)),
    sa.Column("registered", sa.Boolean, nullable=False),
    sa.Column("sessions_closed", sa.Integer, nullable=False),
    sa.Column("message_id", sa.Uuid),
    sa.Column("declared_id", sa.Uuid),
    sa.Column("entry_id", sa.Uuid, nullable=False, unique=True),
    sa.Column("at", sa.DateTime(timezone=True), nullable=False),
)

liftings = sa.Table(
    "lifting",
    metadata,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("suspension_id", sa.Uuid, sa.ForeignKey(suspensions.c.id), nullable=False),
    sa.Column("resolution_number", sa.Text, nullable=False),
    sa.Column("first_free_day", sa.Date),
    sa.Column("details", sa.LargeBinary, nullable=False),
    sa.Column("content_hash", sa.LargeBinary, nullable=False),
    sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("effective_from", sa.DateTime(timezone=True), nullable=False),
    sa.Column("message_id", sa.Uuid),
    sa.Column("declared_id", sa.Uuid),
    sa.Column("entry_id", sa.Uuid, nullable=False, unique=True),
    sa.Column("at", sa.DateTime(timezone=True), nullable=False),
)

searches = sa.Table(
    "search",
    metadata,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("asker", sa.Text, nullable=False),
    sa.Column("at", sa.DateTime(timezone=True), nullable=False),
)
