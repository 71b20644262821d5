"""Accrediting officers and ending it: two founders to begin, one to end."""

import pytest

from lme_operator.core.database import Deadline
from lme_operator.domain.mandates import Role, mandate_causes, mandate_in_force
from tests.factories.people import FOUNDERS, People


@pytest.mark.norm("N-1b", "N-1l")
def test_officer_accredited_by_two_founders_enters(people: People) -> None:
    run = people.officer()
    session = people.enter_officer(run)
    assert session.context.operator
    with people.database.reading(deadline=Deadline(5)) as connection:
        at = people.database.clock()
        mandate = mandate_in_force(connection, people.sealer, run, Role.OFFICER, at)
        assert mandate_causes(connection, run, Role.OFFICER, at) == ()
    assert mandate is not None
    assert (mandate.proposed_by, mandate.approved_by) == tuple(f"persona:{founder.run}" for founder in FOUNDERS)
