"""An authority's machine, ready to order."""

import pytest

from lme_operator.core.database import Database
from lme_operator.core.sealing import Sealer
from lme_operator.domain.audit import Log
from tests.factories.machines import Machine
from tests.factories.people import People


@pytest.fixture
def compin(database: Database, log: Log, sealer: Sealer) -> Machine:
    return Machine.register(database, log, sealer)


@pytest.fixture
def suseso(database: Database, log: Log, sealer: Sealer) -> Machine:
    return Machine.register(
        database,
        log,
        sealer,
        keyid="suseso-a",
        algorithm="p256",
        organisation="suseso",
        organisation_name="Superintendencia de Seguridad Social",
        compin="",
    )


@pytest.fixture
def people(database: Database, log: Log, sealer: Sealer) -> People:
    return People(database, log, sealer)
