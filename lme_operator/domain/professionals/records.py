"""Tables of the room (private)."""

import sqlalchemy as sa

metadata = sa.MetaData(schema="professionals")

professionals = sa.Table(
    "professional",
    metadata,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("run", sa.Text, nullable=False),
    sa.Column("kind", sa.SmallInteger, nullable=False),
    sa.Column("given_names", sa.LargeBinary, nullable=False),
    sa.Column("paternal_surname", sa.LargeBinary, nullable=False),
    sa.Column("maternal_surname", sa.LargeBinary),
    sa.Column("speciality", sa.LargeBinary, nullable=False),
    sa.Column("college_registry", sa.LargeBinary),
    sa.Column("email", sa.LargeBinary, nullable=False),
    sa.Column("telephone", sa.LargeBinary, nullable=False),
    sa.Column("address", sa.LargeBinary, nullable=False),
    sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("sequence", sa.BigInteger, sa.Identity(always=True)),
)

name_words = sa.Table(
    "name_word",
    metadata,
    sa.Column("word", sa.LargeBinary, primary_key=True),
    sa.Column("professional_id", sa.Uuid, sa.ForeignKey(professionals.c.id), primary_key=True),
)

institutions = sa.Table(
    "institution",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
)

agreements = sa.Table(
    "agreement",
    metadata,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("institution", sa.Text, sa.ForeignKey(institutions.c.id), nullable=False),
    sa.Column("since", sa.DateTime(timezone=True), nullable=False),
    sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
)
