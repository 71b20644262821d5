import pytest

from lme_operator.core.database import Database
from lme_operator.core.sealing import Sealer
from tests.factories.people import People


@pytest.fixture
def people(database: Database, log: object, sealer: Sealer) -> People:
    return People(database, log, sealer)
