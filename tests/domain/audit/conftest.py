"""A log over a real database."""

from collections.abc import Callable, Iterator
from uuid import UUID

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from lme_operator.core.database import Database, Deadline
from lme_operator.core.sealing import Sealer
from lme_operator.domain.audit import Log, TrustFile
from tests.factories.log import ORIGIN, PROBE, Key, trust_in

Append = Callable[[int], list[UUID]]


@pytest.fixture
def key() -> Key:
    return Key(1)


@pytest.fixture
def log(sealer: Sealer, key: Key) -> Log:
    return Log(sealer=sealer, signer=key, origin=ORIGIN)


@pytest.fixture
def trust(key: Key) -> TrustFile:
    return trust_in(key.trusted())


@pytest.fixture
def append(database: Database, log: Log, deadline: Deadline) -> Append:
    """`append(9)`: that many entries, a transaction each; their ids."""

    def entries(count: int) -> list[UUID]:
        ids = []
        for number in range(count):
            with database.unit_of_work(deadline=deadline) as work:
                data = {"run": "11111111-1", "numero": number}
                ids.append(log.append(work, kind=PROBE, actor="sistema:prueba", data=data))
        return ids

    return entries


@pytest.fixture
def owner_of(owner_url: str) -> Iterator[Callable[[], Connection]]:
    """`owner_of()`: the owner's connection, the guards of the log off: what an insider could do. Never committed."""
    engine = sa.create_engine(owner_url, poolclass=sa.NullPool)
    with engine.connect() as connection:

        def open_without_guards() -> Connection:
            for table in ("entry", "disclosure", "attempt", "attempt_batch"):
                connection.execute(sa.text(f"ALTER TABLE audit.{table} DISABLE TRIGGER USER"))
            for constraint in ("entry_pkey", "entry_id_key", "entry_check"):
                connection.execute(sa.text(f"ALTER TABLE audit.entry DROP CONSTRAINT {constraint}"))
            connection.execute(sa.text("ALTER TABLE audit.disclosure DROP CONSTRAINT disclosure_pkey"))
            return connection

        yield open_without_guards
        connection.rollback()
