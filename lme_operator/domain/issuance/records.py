"""Tables of the room (private)."""

import sqlalchemy as sa

metadata = sa.MetaData(schema="issuance")

preparations = sa.Table(
    "preparation",
    metadata,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("run", sa.Text, nullable=False),
    sa.Column("context", sa.Text, nullable=False),
    sa.Column("epoch", sa.Integer, nullable=False),
    sa.Column("folio", sa.Integer, nullable=False, unique=True),
    sa.Column("digest", sa.LargeBinary, nullable=False),
    sa.Column("document", sa.LargeBinary, nullable=False),
    sa.Column("origin", sa.LargeBinary, nullable=False),
    sa.Column("at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
)

redemptions = sa.Table(
    "redemption",
    metadata,
    sa.Column("preparation_id", sa.Uuid, sa.ForeignKey(preparations.c.id), primary_key=True),
    sa.Column("licence_id", sa.Uuid, nullable=False, unique=True),
    sa.Column("at", sa.DateTime(timezone=True), nullable=False),
)

cancellations = sa.Table(
    "preparation_cancelled",
    metadata,
    sa.Column("preparation_id", sa.Uuid, sa.ForeignKey(preparations.c.id), primary_key=True),
    sa.Column("at", sa.DateTime(timezone=True), nullable=False),
)

exception_passes = sa.Table(
    "exception_pass",
    metadata,
    sa.Column("licence_id", sa.Uuid, primary_key=True),
    sa.Column("run", sa.Text, nullable=False),
    sa.Column("consultation_id", sa.Uuid, nullable=False),
    sa.Column("at", sa.DateTime(timezone=True), nullable=False),
)

verification_right = sa.Table(
    "verification_right",
    metadata,
    sa.Column("lane", sa.LargeBinary, primary_key=True),
    sa.Column("number", sa.Integer, primary_key=True),
    sa.Column("at", sa.DateTime(timezone=True), nullable=False),
)

rechecks = sa.Table(
    "recheck",
    metadata,
    sa.Column("licence_id", sa.Uuid, sa.ForeignKey(exception_passes.c.licence_id), primary_key=True),
    sa.Column("consultation_id", sa.Uuid, nullable=False),
    sa.Column("conforming", sa.Boolean, nullable=False),
    sa.Column("entry_id", sa.Uuid, nullable=False, unique=True),
    sa.Column("at", sa.DateTime(timezone=True), nullable=False),
)

drafts = sa.Table(
    "draft",
    metadata,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("run", sa.Text, nullable=False),
    sa.Column("context", sa.Text, nullable=False),
    sa.Column("content", sa.LargeBinary, nullable=False),
    sa.Column("preparation_id", sa.Uuid, sa.ForeignKey(preparations.c.id), unique=True),
    sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
)
