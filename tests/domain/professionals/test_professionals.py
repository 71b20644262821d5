"""Professionals, institutions and agreements."""

import psycopg
import pytest
import sqlalchemy as sa

from lme_operator.core.database import Database, Deadline
from lme_operator.core.run import Run
from lme_operator.core.sealing import Sealer
from lme_operator.domain.identity import lock_people
from lme_operator.domain.professionals import (
    agreement_in_force,
    find_institution,
    find_professional,
    lock_agreements,
    lock_institution,
    record_agreement,
    record_institution,
    record_professional,
)
from tests.conftest import SettableClock
from tests.factories.people import professional_data

RUN, CLINIC = Run(11111111), Run(76123456)


@pytest.mark.norm("N-2.6b")
def test_latest_data_of_a_professional_are_in_force(database: Database, sealer: Sealer, clock: SettableClock) -> None:
    one_surname = professional_data(maternal_surname=None, college_registry=None)
    for data in (professional_data(), one_surname):
        with database.unit_of_work(deadline=Deadline(5), locks=(lock_people(RUN, create=True),)) as work:
            record_professional(work, sealer, RUN, data)
    with database.reading(deadline=Deadline(5)) as connection:
        found = find_professional(connection, sealer, RUN)
        assert find_professional(connection, sealer, Run(22222222)) is None
    assert found is not None
    assert (found.data, found.recorded_at) == (one_surname, clock())
    assert found.data.full_name == "Antonia Paz Ñancupil"


def test_sealed_datum_of_one_row_does_not_open_in_another(database: Database, sealer: Sealer, owner_url: str) -> None:
    """Nobody can give a person another's e-mail by copying sealed bytes."""
    with database.unit_of_work(deadline=Deadline(5), locks=(lock_people(RUN, create=True),)) as work:
        row = record_professional(work, sealer, RUN, professional_data())
        sealed = work.execute(
            sa.text("SELECT email FROM professionals.professional WHERE id = :id"), {"id": row}
        ).scalar_one()
    assert sealer.open(sealed, where=f"professionals.professional.email:{row}") == b"antonia@example.cl"
    with pytest.raises(ValueError, match="professional"):
        sealer.open(sealed, where=f"professionals.professional.email:{RUN}")


@pytest.mark.norm("N-1c")
def test_institution_and_agreement_in_force_from_its_day(database: Database, clock: SettableClock) -> None:
    with database.unit_of_work(deadline=Deadline(5)) as work:
        record_institution(work, CLINIC, name="Clínica de Pruebas")
        record_institution(work, CLINIC, name="Otro nombre")
        record_agreement(work, CLINIC, since=work.at)
    locks = (lock_institution(CLINIC), lock_agreements(CLINIC))
    with database.unit_of_work(deadline=Deadline(5), locks=locks) as work:
        assert [len(rows) for rows in work.locked.values()] == [1, 1]
        assert find_institution(work.connection, CLINIC) == "Clínica de Pruebas"
        assert find_institution(work.connection, RUN) is None
        assert agreement_in_force(work.connection, CLINIC, at=clock())
        before = clock().replace(year=2025)
        assert not agreement_in_force(work.connection, CLINIC, at=before)
        assert not agreement_in_force(work.connection, RUN, at=clock())


def test_institution_can_be_shared_but_not_changed(database: Database) -> None:
    with database.unit_of_work(deadline=Deadline(5)) as work:
        record_institution(work, CLINIC, name="Clínica de Pruebas")
    with (
        database.unit_of_work(deadline=Deadline(2), locks=(lock_institution(CLINIC),)),
        database.unit_of_work(deadline=Deadline(2), locks=(lock_institution(CLINIC),)) as second,
    ):
        assert len(second.locked) == 1
    with (
        database.unit_of_work(deadline=Deadline(2)) as work,
        pytest.raises(sa.exc.ProgrammingError) as error,
        work.connection.begin_nested(),
    ):
        work.execute(sa.text("UPDATE professionals.institution SET id = id"))
    assert isinstance(error.value.orig, psycopg.errors.InsufficientPrivilege)
