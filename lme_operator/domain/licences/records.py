"""Tables of the room (private)."""

import sqlalchemy as sa

metadata = sa.MetaData(schema="licences")

folio_number = sa.Sequence("folio_number", schema="licences")

document_keys = sa.Table(
    "document_key",
    metadata,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("wrapped", sa.LargeBinary, nullable=False),
)

licences = sa.Table(
    "licence",
    metadata,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("folio", sa.Integer, nullable=False, unique=True),
    sa.Column("run", sa.Text, nullable=False),
    sa.Column("context", sa.Text, nullable=False),
    sa.Column("enrolment_id", sa.Uuid, nullable=False),
    sa.Column("preparation_id", sa.Uuid, nullable=False, unique=True),
    sa.Column("kind", sa.SmallInteger, nullable=False),
    sa.Column("days", sa.SmallInteger, nullable=False),
    sa.Column("rest_starts_on", sa.Date, nullable=False),
    sa.Column("worker", sa.LargeBinary, nullable=False),
    sa.Column("details", sa.LargeBinary, nullable=False),
    sa.Column("code_hash", sa.LargeBinary, unique=True),
    sa.Column("entry_id", sa.Uuid, nullable=False, unique=True),
    sa.Column("at", sa.DateTime(timezone=True), nullable=False),
)

evidence = sa.Table(
    "evidence",
    metadata,
    sa.Column("licence_id", sa.Uuid, sa.ForeignKey(licences.c.id), primary_key=True),
    sa.Column("version", sa.SmallInteger, primary_key=True),
    sa.Column("members", sa.LargeBinary, nullable=False),
    sa.Column("entry_id", sa.Uuid, nullable=False, unique=True),
    sa.Column("at", sa.DateTime(timezone=True), nullable=False),
)
