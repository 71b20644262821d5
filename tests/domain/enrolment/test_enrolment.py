"""Enrolment in force, in its own context alone."""

from datetime import timedelta

import pytest

from lme_operator.core.database import Database, Deadline
from lme_operator.core.refusal import Refusal
from lme_operator.core.run import Run
from lme_operator.core.sealing import Sealer
from lme_operator.domain.enrolment import Enrolment, causes, in_force
from lme_operator.domain.identity import find_epoch
from lme_operator.domain.professionals import PracticeContext
from tests.conftest import SettableClock
from tests.factories.people import INDIVIDUAL, PASSWORD, PROTOCOL, People, professional_data

CLINIC = PracticeContext(Run(76123456))


@pytest.fixture
def people(database: Database, log: object, sealer: Sealer) -> People:
    return People(database, log, sealer)


@pytest.mark.norm("N-1a")
def test_nobody_enrolled_has_a_cause_against(people: People, database: Database, clock: SettableClock) -> None:
    people.enrol(11111111)
    with database.reading(deadline=Deadline(5)) as connection:
        assert causes(connection, Run(11111111), INDIVIDUAL, clock()) == ()
        found = causes(connection, Run(22222222), INDIVIDUAL, clock())
        assert in_force(connection, Run(22222222), INDIVIDUAL, clock()) is None
    assert [(cause.code, cause.norm) for cause in found] == [("sin_enrolamiento", "N-1a")]


@pytest.mark.norm("N-1f")
def test_enrolment_enables_for_its_context_alone(people: People, database: Database, clock: SettableClock) -> None:
    run = people.enrol(contexts=[CLINIC])
    with database.reading(deadline=Deadline(5)) as connection:
        assert causes(connection, run, CLINIC, clock()) == ()
        for other in (INDIVIDUAL, PracticeContext(Run(76543210))):
            found = causes(connection, run, other, clock())
            assert [(cause.code, cause.norm) for cause in found] == [("enrolado_en_otro_contexto", "N-1f")]
            assert in_force(connection, run, other, clock()) is None


@pytest.mark.norm("N-1a")
def test_enrolment_is_in_force_from_its_instant_until_its_end(
    people: People, database: Database, clock: SettableClock
) -> None:
    start = clock()
    run = people.enrol(until=start + timedelta(days=1))
    with database.reading(deadline=Deadline(5)) as connection:
        lives = [
            in_force(connection, run, INDIVIDUAL, start + timedelta(seconds=seconds)) is not None
            for seconds in (-1, 0, 86_399, 86_400)
        ]
    assert lives == [False, True, True, False]


@pytest.mark.norm("N-1l")
def test_enrolment_names_who_answers_for_it_and_is_logged(
    people: People, database: Database, clock: SettableClock
) -> None:
    run = people.enrol(contexts=[INDIVIDUAL, CLINIC])
    with database.reading(deadline=Deadline(5)) as connection:
        found = in_force(connection, run, CLINIC, clock())
        assert found is not None
        shown = people.log.disclosed(connection, found.entry_id)
    assert (found.responsible, found.kind, found.protocol) == ("sistema:demostracion", "demostracion", PROTOCOL)
    assert (shown["actor"], shown["run"], shown["contexto"]) == ("sistema:demostracion", str(run), CLINIC.code)


@pytest.mark.norm("N-1a")
def test_demonstration_is_refused_outside_test_environments(people: People, database: Database) -> None:
    enrolment = Enrolment(database=database, log=people.log, credentials=people.credentials, demonstrations=False)
    with pytest.raises(Refusal) as error:
        enrolment.record_demonstration(
            run=Run(11111111),
            data=professional_data(),
            contexts=[INDIVIDUAL],
            password=PASSWORD,
            password_is_initial=False,
            responsible="sistema:demostracion",
            protocol=PROTOCOL,
            deadline=Deadline(5),
        )
    assert error.value.kind.code == "demostracion_no_permitida"
    with database.reading(deadline=Deadline(5)) as connection:
        assert find_epoch(connection, Run(11111111)) is None
