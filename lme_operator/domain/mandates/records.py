"""Tables of the room (private)."""

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY

metadata = sa.MetaData(schema="mandates")

machine_keys = sa.Table(
    "machine_key",
    metadata,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("keyid", sa.Text, nullable=False, unique=True),
    sa.Column("organisation", sa.Text, nullable=False),
    sa.Column("organisation_name", sa.Text, nullable=False),
    sa.Column("compin", sa.Text, nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("permissions", ARRAY(sa.Text), nullable=False),
    sa.Column("algorithm", sa.Text, nullable=False),
    sa.Column("public_key", sa.LargeBinary, nullable=False, unique=True),
    sa.Column("valid_from", sa.DateTime(timezone=True), nullable=False),
    sa.Column("valid_until", sa.DateTime(timezone=True), nullable=False),
    sa.Column("first_approver", sa.Text, nullable=False),
    sa.Column("second_approver", sa.Text, nullable=False),
    sa.Column("entry_id", sa.Uuid, nullable=False, unique=True),
    sa.Column("at", sa.DateTime(timezone=True), nullable=False),
)

machine_key_ends = sa.Table(
    "machine_key_end",
    metadata,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("key_id", sa.Uuid, sa.ForeignKey(machine_keys.c.id), nullable=False),
    sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("cause", sa.Text, nullable=False),
    sa.Column("first_approver", sa.Text, nullable=False),
    sa.Column("second_approver", sa.Text, nullable=False),
    sa.Column("entry_id", sa.Uuid, nullable=False, unique=True),
    sa.Column("at", sa.DateTime(timezone=True), nullable=False),
)

spent_nonces = sa.Table(
    "spent_nonce",
    metadata,
    sa.Column("keyid", sa.Text, primary_key=True),
    sa.Column("nonce", sa.Text, primary_key=True),
    sa.Column("at", sa.DateTime(timezone=True), nullable=False),
)

signed_messages = sa.Table(
    "signed_message",
    metadata,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("key_id", sa.Uuid, sa.ForeignKey(machine_keys.c.id), nullable=False),
    sa.Column("digest", sa.LargeBinary, nullable=False),
    sa.Column("content", sa.LargeBinary, nullable=False),
    sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
)

refusal_windows = sa.Table(
    "refusal_window",
    metadata,
    sa.Column("source", sa.LargeBinary, primary_key=True),
    sa.Column("starts_at", sa.DateTime(timezone=True), primary_key=True),
)

proposals = sa.Table(
    "proposal",
    metadata,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("run", sa.Text, nullable=False),
    sa.Column("name", sa.LargeBinary, nullable=False),
    sa.Column("email", sa.LargeBinary, nullable=False),
    sa.Column("telephone", sa.LargeBinary, nullable=False),
    sa.Column("identity", sa.LargeBinary, nullable=False),
    sa.Column("since", sa.DateTime(timezone=True), nullable=False),
    sa.Column("until", sa.DateTime(timezone=True)),
    sa.Column("document_id", sa.Uuid),
    sa.Column("document_digest", sa.LargeBinary),
    sa.Column("secret", sa.LargeBinary),
    sa.Column("epoch", sa.Integer, nullable=False),
    sa.Column("proposed_by", sa.Text, nullable=False),
    sa.Column("at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("sequence", sa.BigInteger, sa.Identity(always=True)),
    sa.Column("role", sa.Text, nullable=False),
    sa.Column("authority", sa.Text),
)
"""`secret` is null for who has means of access already: they stay as they are."""

proposal_proofs = sa.Table(
    "proposal_proof",
    metadata,
    sa.Column("proposal_id", sa.Uuid, sa.ForeignKey(proposals.c.id), primary_key=True),
    sa.Column("step", sa.BigInteger, nullable=False),
    sa.Column("entry_id", sa.Uuid, nullable=False, unique=True),
    sa.Column("at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
)

mandates = sa.Table(
    "mandate",
    metadata,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("run", sa.Text, nullable=False),
    sa.Column("role", sa.Text, nullable=False),
    sa.Column("name", sa.LargeBinary, nullable=False),
    sa.Column("email", sa.LargeBinary, nullable=False),
    sa.Column("telephone", sa.LargeBinary),
    sa.Column("since", sa.DateTime(timezone=True), nullable=False),
    sa.Column("until", sa.DateTime(timezone=True)),
    sa.Column("proposal_id", sa.Uuid, unique=True),
    sa.Column("proposed_by", sa.Text, nullable=False),
    sa.Column("approved_by", sa.Text, nullable=False),
    sa.Column("entry_id", sa.Uuid, nullable=False, unique=True),
    sa.Column("at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("sequence", sa.BigInteger, sa.Identity(always=True)),
    sa.Column("authority", sa.Text),
)

mandate_ends = sa.Table(
    "mandate_end",
    metadata,
    sa.Column("mandate_id", sa.Uuid, sa.ForeignKey(mandates.c.id), primary_key=True),
    sa.Column("cause", sa.Text, nullable=False),
    sa.Column("detail", sa.LargeBinary),
    sa.Column("ended_by", sa.Text, nullable=False),
    sa.Column("entry_id", sa.Uuid, nullable=False),
    sa.Column("at", sa.DateTime(timezone=True), nullable=False),
)
