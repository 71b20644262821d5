"""The room over an RNPI in memory."""

import pytest

from lme_operator.core.database import Database
from lme_operator.core.sealing import Sealer
from lme_operator.domain.audit import Log
from tests.factories.rnpi import StaticRnpi


@pytest.fixture
def rnpi(database: Database, log: Log, sealer: Sealer) -> StaticRnpi:
    return StaticRnpi(database, log, sealer)
