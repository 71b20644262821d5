"""The founding: two founders named in the first entries, each with means of access shown once."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import sqlalchemy as sa

from lme_operator.core.database import Database, Deadline
from lme_operator.core.run import Run
from lme_operator.domain.access import PasswordChangeDue
from lme_operator.domain.audit import Log, TrustFile, verify_log
from lme_operator.domain.mandates import (
    CEREMONY,
    Founder,
    FounderAccess,
    NotTheFounders,
    Role,
    found_operator,
    mandate_in_force,
)
from lme_operator.domain.mandates.events import FOUNDER_NAMED, OPERATOR_FOUNDED
from tests.factories.people import FOUNDERS, OPERATOR, ORIGIN, OTHER_PASSWORD, People, code_at


def found(
    people: People, founders: Sequence[Founder] = FOUNDERS, hand_over: Callable[[Any], None] = lambda _: None
) -> list[FounderAccess]:
    """Found; return what was handed over."""
    given: list[FounderAccess] = []

    def take(access: Sequence[FounderAccess]) -> None:
        given.extend(access)
        hand_over(access)

    done = found_operator(
        people.database,
        people.log,
        people.credentials,
        name="Operador de pruebas",
        rut=Run(76000002),
        code="99",
        trust=people.trust,
        founders=founders,
        hand_over=take,
        deadline=Deadline(10),
    )
    assert done == bool(given)
    return given


def kinds(owner_url: str) -> list[str]:
    query = sa.text("SELECT convert_from(leaf, 'UTF8')::json->>'tipo' FROM audit.entry ORDER BY index")
    with sa.create_engine(owner_url, poolclass=sa.NullPool).connect() as connection:
        return list(connection.execute(query).scalars())


@pytest.mark.norm("N-1l", "N-2.3a", "N-2.6a")
def test_founders_enter_with_what_was_shown_and_change_the_password(people: People, owner_url: str) -> None:
    given = found(people)
    assert kinds(owner_url) == ["operador_fundado", "fundador_designado", "fundador_designado"]
    assert [access.founder for access in given] == list(FOUNDERS)
    for access in given:
        run, code = access.founder.run, code_at(people.database.clock(), access.totp.secret)
        with pytest.raises(PasswordChangeDue) as due:
            people.enter(run, password=access.password, context=OPERATOR, code=code)
        people.access.change_password(
            session=due.value.entered.session,
            current=access.password,
            new=OTHER_PASSWORD,
            origin=ORIGIN,
            deadline=Deadline(5),
        )
        later = code_at(people.database.clock(), access.totp.secret, steps=1)
        entered = people.enter(run, password=OTHER_PASSWORD, context=OPERATOR, code=later)
        assert entered.session.stage == "plena"
        with people.database.reading(deadline=Deadline(5)) as connection:
            mandate = mandate_in_force(connection, people.sealer, run, Role.FOUNDER, people.database.clock())
        assert mandate is not None
        assert (mandate.name, mandate.approved_by) == (access.founder.name, CEREMONY)


def test_no_secret_is_shown_twice_nor_written(people: People, owner_url: str) -> None:
    first = found(people)
    before = kinds(owner_url)
    assert found(people) == []
    assert found(people, (Founder(Run(9000008), "Otra", "o@x.cl"), Founder(Run(9000009), "Otro", "p@x.cl"))) == []
    assert kinds(owner_url) == before
    assert len({access.password for access in first} | {access.totp.secret for access in first}) == 4
    assert not [access for access in first if access.password in repr(access) or access.totp.secret in repr(access)]
    with people.database.reading(deadline=Deadline(5)) as connection:
        told = str([people.log.disclosed_at(connection, index) for index in range(3)])
    assert not [secret for access in first for secret in (access.password, access.totp.secret) if secret in told]


def test_what_could_not_be_shown_is_not_in_force(people: People, owner_url: str) -> None:
    def broken(_given: object) -> None:
        raise BrokenPipeError

    with pytest.raises(BrokenPipeError):
        found(people, hand_over=broken)
    assert kinds(owner_url) == []
    assert len(found(people)) == 2


def test_two_ceremonies_at_once_make_one(people: People, owner_url: str) -> None:
    with ThreadPoolExecutor(4) as pool:
        given = list(pool.map(lambda _: found(people), range(4)))
    assert sorted(map(len, given)) == [0, 0, 0, 2]
    assert len(kinds(owner_url)) == 3


def test_founding_needs_two_different_people(people: People) -> None:
    for founders in (FOUNDERS[:1], (FOUNDERS[0], FOUNDERS[0]), (*FOUNDERS, FOUNDERS[0])):
        with pytest.raises(ValueError, match="two people"):
            found(people, founders)


@pytest.fixture
def founded_before(database: Database, log: Log, people: People) -> TrustFile:
    """A log of a release that named the founders and gave them no access."""
    with database.unit_of_work(deadline=Deadline(5)) as work:
        log.append(work, kind=OPERATOR_FOUNDED, actor=CEREMONY, data={"nombre": "Operador", "llaves": []})
        for founder in FOUNDERS:
            data = {"run": str(founder.run), "nombre": founder.name}
            log.append(work, kind=FOUNDER_NAMED, actor=CEREMONY, data=data)
    return people.trust


@pytest.mark.usefixtures("founded_before")
def test_founders_named_by_an_earlier_release_receive_their_access(people: People, owner_url: str) -> None:
    assert len(found(people)) == 2
    assert kinds(owner_url)[3:] == ["fundador_con_acceso"] * 2
    assert found(people) == []
    with people.database.reading(deadline=Deadline(5)) as connection:
        assert verify_log(connection).fault is None


@pytest.mark.norm("N-2.6c")
@pytest.mark.usefixtures("founded_before")
def test_founder_who_is_a_professional_keeps_password_and_factor(people: People) -> None:
    doctor = people.enrol(FOUNDERS[0].run.number)
    assert [access.founder for access in found(people)] == [FOUNDERS[1]]
    assert people.enter(doctor, context=OPERATOR).session.stage == "plena"


@pytest.mark.usefixtures("founded_before")
def test_nobody_becomes_founder_of_an_operator_that_names_others(people: People, owner_url: str) -> None:
    other = Founder(Run(9000009), "Otra Persona", "otra@x.cl")
    for founders in ((FOUNDERS[0], other), (other, Founder(Run(9000008), "Otro", "otro@x.cl"))):
        with pytest.raises(NotTheFounders):
            found(people, founders)
    assert len(kinds(owner_url)) == 3
