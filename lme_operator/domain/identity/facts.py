"""What other rooms may read in SQL: the person's RUN and present epoch."""

import sqlalchemy as sa

people = sa.Table(
    "person",
    sa.MetaData(schema="identity"),
    sa.Column("run", sa.Text, primary_key=True),
    sa.Column("epoch", sa.Integer, nullable=False),
)
