"""The person's own block (N-2.7a). Its lifting is an act of its own; until there is one for it, a block stands."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from lme_operator.core.database import Work
from lme_operator.core.run import Run
from lme_operator.domain.credentials.records import own_blocks
from lme_operator.domain.credentials.sessions import Session
from lme_operator.domain.identity import raise_epoch


@dataclass(frozen=True, slots=True)
class OwnBlock:
    """A block that a person put on his own means of access, in force from `at` on; `replayed` if asked for again."""

    id: UUID
    run: Run
    entry_id: UUID
    at: datetime
    replayed: bool = False


def record_own_block(work: Work, session: Session) -> OwnBlock:
    """Write the block and raise the epoch, under the person's lock: every session is over, that one too."""
    block = OwnBlock(id=work.new_id(), run=session.run, entry_id=work.new_id(), at=work.at)
    work.execute(
        own_blocks.insert().values(
            id=block.id, run=str(block.run), session_id=session.id, entry_id=block.entry_id, at=block.at
        )
    )
    raise_epoch(work, session.run)
    return block


def find_own_block(connection: Connection, block_id: UUID) -> OwnBlock:
    """Return a block by id."""
    row = connection.execute(sa.select(own_blocks).where(own_blocks.c.id == block_id)).one()
    return OwnBlock(row.id, Run.parse(row.run), row.entry_id, row.at)


def find_block_of(connection: Connection, block_id: UUID, session_id: UUID) -> OwnBlock | None:
    """Return a block by id if it was put from that very session."""
    row = connection.execute(
        sa.select(own_blocks).where(own_blocks.c.id == block_id, own_blocks.c.session_id == session_id)
    ).one_or_none()
    return None if row is None else OwnBlock(row.id, Run.parse(row.run), row.entry_id, row.at)


def is_blocked(connection: Connection, run: Run) -> bool:
    """Whether the person's own block stands."""
    blocked: bool = connection.execute(sa.select(sa.exists().where(own_blocks.c.run == str(run)))).scalar_one()
    return blocked
