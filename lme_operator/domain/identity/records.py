"""Tables of the room (private); the lock row of persons is in `facts`."""

import sqlalchemy as sa

metadata = sa.MetaData(schema="identity")

document_keys = sa.Table(
    "document_key",
    metadata,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("wrapped", sa.LargeBinary, nullable=False),
)

documents = sa.Table(
    "document",
    metadata,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("brought_by", sa.Text, nullable=False),
    sa.Column("details", sa.LargeBinary, nullable=False),
    sa.Column("content", sa.LargeBinary, nullable=False),
    sa.Column("preview", sa.LargeBinary),
    sa.Column("at", sa.DateTime(timezone=True), nullable=False),
)
