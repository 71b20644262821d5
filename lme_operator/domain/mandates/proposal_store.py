"""Queries about proposals of officers (private). Personal data are sealed."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.engine import Connection

from lme_operator.core.database import Work
from lme_operator.core.periods import local_day
from lme_operator.core.run import Run
from lme_operator.core.sealing import Sealer
from lme_operator.domain.identity import people
from lme_operator.domain.mandates.people import OfficerOrder, Proposal
from lme_operator.domain.mandates.people_store import open_text, seal_text
from lme_operator.domain.mandates.records import mandates, proposal_proofs, proposals

_later = proposals.alias("later")
_SUPERSEDED = sa.exists().where(_later.c.run == proposals.c.run, _later.c.sequence > proposals.c.sequence)


@dataclass(frozen=True, slots=True)
class StoredProposal:
    """A proposal as it was begun. `secret` None: the officer keeps the application that he has."""

    id: UUID
    order: OfficerOrder
    since: datetime
    until: datetime | None
    secret: str | None
    epoch: int
    proposed_by: str
    at: datetime
    latest: bool


def record_proposal(
    work: Work, sealer: Sealer, order: OfficerOrder, *, secret: str | None, epoch: int, proposed_by: str
) -> UUID:
    """Write a proposal, which does not stand until the officer's code is proven."""
    proposal_id, period = work.new_id(), order.period
    texts = {name: getattr(order, name) for name in ("name", "email", "telephone", "identity")} | {"secret": secret}
    work.execute(
        proposals.insert().values(
            id=proposal_id,
            run=str(order.run),
            since=period.start,
            until=period.end,
            document_id=order.document_id,
            document_digest=order.document_digest,
            epoch=epoch,
            proposed_by=proposed_by,
            at=work.at,
            role=order.role.value,
            authority=order.authority,
            **{
                name: None if text is None else seal_text(sealer, f"proposal.{name}", proposal_id, text)
                for name, text in texts.items()
            },
        )
    )
    return proposal_id


def find_proposal(connection: Connection, sealer: Sealer, proposal_id: UUID) -> StoredProposal | None:
    """Return a proposal, standing or not, and whether it is the last of its person."""
    row = connection.execute(
        sa.select(proposals, (~_SUPERSEDED).label("latest")).where(proposals.c.id == proposal_id)
    ).one_or_none()
    if row is None:
        return None
    return StoredProposal(
        id=row.id,
        order=_order(sealer, row),
        since=row.since,
        until=row.until,
        secret=None if row.secret is None else open_text(sealer, "proposal.secret", row.id, row.secret),
        epoch=row.epoch,
        proposed_by=row.proposed_by,
        at=row.at,
        latest=row.latest,
    )


def record_proof(work: Work, proposal_id: UUID, *, step: int, entry_id: UUID, lives: timedelta) -> bool:
    """Let a proposal stand; False if it stood already."""
    inserted = work.execute(
        insert(proposal_proofs)
        .values(proposal_id=proposal_id, step=step, entry_id=entry_id, at=work.at, expires_at=work.at + lives)
        .on_conflict_do_nothing()
        .returning(proposal_proofs.c.proposal_id)
    ).one_or_none()
    return inserted is not None


def find_proof(connection: Connection, proposal_id: UUID) -> "sa.Row[Any] | None":
    """Return step, entry and expiry of a proposal that stands or stood."""
    return connection.execute(
        sa.select(proposal_proofs).where(proposal_proofs.c.proposal_id == proposal_id)
    ).one_or_none()


def pending_proposals(connection: Connection, sealer: Sealer, at: datetime) -> tuple[Proposal, ...]:
    """Return the proposals that may be approved at `at`, the oldest first."""
    rows = connection.execute(
        sa.select(proposals, proposal_proofs.c.expires_at, proposal_proofs.c.entry_id.label("proof_entry"))
        .join(proposal_proofs, proposal_proofs.c.proposal_id == proposals.c.id)
        .join(people, sa.and_(people.c.run == proposals.c.run, people.c.epoch == proposals.c.epoch))
        .where(
            proposal_proofs.c.expires_at > at,
            sa.or_(proposals.c.until.is_(None), proposals.c.until > at),
            ~_SUPERSEDED,
            ~sa.exists().where(mandates.c.proposal_id == proposals.c.id),
        )
        .order_by(proposals.c.sequence)
    )
    return tuple(
        Proposal(
            id=row.id,
            order=_order(sealer, row),
            proposed_by=row.proposed_by,
            has_access=row.secret is None,
            at=row.at,
            expires_at=row.expires_at,
            entry_id=row.proof_entry,
        )
        for row in rows
    )


def _order(sealer: Sealer, row: "sa.Row[Any]") -> OfficerOrder:
    texts = {
        name: open_text(sealer, f"proposal.{name}", row.id, getattr(row, name))
        for name in ("name", "email", "telephone", "identity")
    }
    return OfficerOrder(
        run=Run.parse(row.run),
        since=local_day(row.since),
        until=None if row.until is None else local_day(row.until - timedelta(microseconds=1)),
        document_id=row.document_id,
        document_digest=row.document_digest,
        authority=row.authority,
        **texts,
    )
