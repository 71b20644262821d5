"""Tables of the room (private)."""

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY

metadata = sa.MetaData(schema="enrolment")

enrolments = sa.Table(
    "enrolment",
    metadata,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("run", sa.Text, nullable=False),
    sa.Column("context", sa.Text, nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("responsible", sa.Text, nullable=False),
    sa.Column("protocol", sa.Text, nullable=False),
    sa.Column("entry_id", sa.Uuid, nullable=False, unique=True),
    sa.Column("at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("until", sa.DateTime(timezone=True)),
)

cases = sa.Table(
    "in_person_case",
    metadata,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("run", sa.Text, nullable=False),
    sa.Column("context", sa.Text, nullable=False),
    sa.Column("protocols", ARRAY(sa.Text), nullable=False),
    sa.Column("opened_by", sa.Text, nullable=False),
    sa.Column("entry_id", sa.Uuid, nullable=False, unique=True),
    sa.Column("at", sa.DateTime(timezone=True), nullable=False),
)

case_holders = sa.Table(
    "case_holder",
    metadata,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("case_id", sa.Uuid, sa.ForeignKey(cases.c.id), nullable=False),
    sa.Column("holder", sa.Text, nullable=False),
    sa.Column("entry_id", sa.Uuid, nullable=False),
    sa.Column("at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("sequence", sa.BigInteger, sa.Identity(always=True)),
)

case_ends = sa.Table(
    "case_end",
    metadata,
    sa.Column("case_id", sa.Uuid, sa.ForeignKey(cases.c.id), primary_key=True),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("enrolment_id", sa.Uuid, sa.ForeignKey(enrolments.c.id), unique=True),
    sa.Column("ended_by", sa.Text, nullable=False),
    sa.Column("reason", sa.LargeBinary),
    sa.Column("entry_id", sa.Uuid, nullable=False, unique=True),
    sa.Column("at", sa.DateTime(timezone=True), nullable=False),
)

pieces = sa.Table(
    "piece",
    metadata,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("case_id", sa.Uuid, sa.ForeignKey(cases.c.id), nullable=False),
    sa.Column("task", sa.Text, nullable=False),
    sa.Column("gathered_by", sa.Text, nullable=False),
    sa.Column("session_id", sa.Uuid, nullable=False),
    sa.Column("content", sa.LargeBinary, nullable=False),
    sa.Column("entry_id", sa.Uuid, nullable=False, unique=True),
    sa.Column("at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("sequence", sa.BigInteger, sa.Identity(always=True)),
)

factor_offers = sa.Table(
    "factor_offer",
    metadata,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("case_id", sa.Uuid, sa.ForeignKey(cases.c.id), nullable=False),
    sa.Column("session_id", sa.Uuid, nullable=False),
    sa.Column("secret", sa.LargeBinary, nullable=False),
    sa.Column("at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("sequence", sa.BigInteger, sa.Identity(always=True)),
)

contacts = sa.Table(
    "contact",
    metadata,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("run", sa.Text, nullable=False),
    sa.Column("channel", sa.Text, nullable=False),
    sa.Column("address_key", sa.LargeBinary, nullable=False),
    sa.Column("at", sa.DateTime(timezone=True), nullable=False),
)

dossiers = sa.Table(
    "dossier",
    metadata,
    sa.Column("enrolment_id", sa.Uuid, sa.ForeignKey(enrolments.c.id), primary_key=True),
    sa.Column("case_id", sa.Uuid, sa.ForeignKey(cases.c.id), nullable=False, unique=True),
    sa.Column("members", sa.LargeBinary, nullable=False),
    sa.Column("at", sa.DateTime(timezone=True), nullable=False),
)

dossier_keys = sa.Table(
    "dossier_key",
    metadata,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("wrapped", sa.LargeBinary, nullable=False),
)
