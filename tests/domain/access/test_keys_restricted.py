"""Who may change keys at all: a key outlives its session, so no restricted session plants one or takes one away."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from lme_operator.core.database import Database, Deadline
from lme_operator.core.refusal import Refusal
from lme_operator.core.run import Run
from lme_operator.core.sealing import Sealer
from lme_operator.domain.access import PasswordChangeDue, TotpCode, adding
from lme_operator.domain.credentials import Session
from lme_operator.domain.identity import find_epoch
from tests.conftest import SettableClock
from tests.factories.authenticator import SoftwareAuthenticator
from tests.factories.machines import Machine
from tests.factories.people import ORIGIN, People
from tests.factories.rnpi import ABSENT

BY: dict[str, Any] = {"origin": ORIGIN, "deadline": Deadline(3600)}
DUE = datetime(2026, 10, 20, 3, 0, tzinfo=UTC)
"""The first instant in Santiago of the day six months after the passwords of these tests."""


@pytest.fixture
def people(database: Database, log: object, sealer: Sealer) -> People:
    return People(database, log, sealer)


@pytest.fixture
def run(people: People) -> Run:
    """A professional with a key of each purpose."""
    run, device = people.enrol(), SoftwareAuthenticator()
    session = enter(people, run)
    begun = people.access.begin_keys(
        session=session, purposes=("entrada", "firma"), factor=TotpCode(people.next_code()), **BY
    )
    answers = [(one.attempt, device.create(one.options)) for one in begun]
    people.access.register_keys(session=session, answers=answers, **BY)
    return run


def enter(people: People, run: Run) -> Session:
    return people.enter(run, code=people.next_code()).session


Acts = Mapping[str, Callable[[], object]]


def acts_on_keys(people: People, session: Session, *, begin: bool = True) -> Acts:
    """Every act on keys in a session, each right in itself; the registration is begun now, if it can be."""
    access, device = people.access, SoftwareAuthenticator()
    owned = access.own_keys(session=session, deadline=Deadline(10))
    key_id = next(one.key.id for one in owned if one.key.purpose == "firma")
    attempt, credential = key_id, {}
    if begin:
        begun = access.register_key_options(session=session, purpose="firma", code=people.next_code(), **BY)
        attempt, credential = begun.attempt, device.create(begun.options)
    answers = ((attempt, credential),)
    return {
        "demand": lambda: access.demand_keeping(session=session, deadline=Deadline(10)),
        "confirm": lambda: access.confirm_options(session=session, act=adding(("firma",)), **BY),
        "begin": lambda: access.begin_keys(
            session=session, purposes=("firma",), factor=TotpCode(people.next_code()), **BY
        ),
        "begin one": lambda: access.register_key_options(
            session=session, purpose="firma", code=people.next_code(), **BY
        ),
        "register": lambda: access.register_key(session=session, attempt=attempt, credential=credential, **BY),
        "register all": lambda: access.register_keys(session=session, answers=answers, **BY),
        "retire": lambda: access.retire_key(session=session, key_id=key_id, factor=TotpCode(people.next_code()), **BY),
    }


def refused(act: Callable[[], object]) -> tuple[str, list[str]]:
    with pytest.raises(Refusal) as error:
        act()
    assert all(finding.remedy and finding.norm for finding in error.value.findings)
    return error.value.kind.code, [finding.code for finding in error.value.findings]


def assert_none(people: People, session: Session, acts: Acts, *causes: str) -> None:
    """Every act on keys is refused with every cause, and nothing changed; the list may be read."""

    def stands() -> object:
        with people.database.reading(deadline=Deadline(10)) as connection:
            epoch = find_epoch(connection, session.run)
        return epoch, people.access.own_keys(session=session, deadline=Deadline(10))

    before = stands()
    told = {name: refused(act) for name, act in acts.items()}
    assert told == {name: ("no_puede_cambiar_llaves", list(causes)) for name in acts}
    assert stands() == before


@pytest.mark.norm("N-4b")
def test_register_that_says_no_stops_every_act_on_keys(people: People, run: Run, clock: SettableClock) -> None:
    """Also a registration that was begun before."""
    session = enter(people, run)
    acts = acts_on_keys(people, session)
    clock.advance(seconds=60)
    people.rnpi.consult(run, ABSENT)
    assert_none(people, session, acts, "rnpi_no_vigente")


@pytest.mark.norm("N-2.7a")
def test_blocked_means_of_access_change_no_key(people: People, run: Run) -> None:
    people.access.block_self(session=enter(people, run), **BY)
    thief = enter(people, run)
    assert_none(people, thief, acts_on_keys(people, thief, begin=False), "bloqueo_propio")


@pytest.mark.norm("N-2.7a", "N-4b", "N-2.6b")
def test_who_may_read_nothing_takes_no_proof_of_a_key(people: People, run: Run, clock: SettableClock) -> None:
    """A proof tells RUN, address and session of its owner: a thief does not read it either."""
    session = enter(people, run)
    acts_on_keys(people, session)
    key_id = people.access.own_keys(session=session, deadline=Deadline(10))[0].key.id
    people.access.block_self(session=session, **BY)
    thief = enter(people, run)
    proof: dict[str, Any] = {"session": thief, "key_id": key_id, "deadline": Deadline(10)}
    for act in (
        lambda: people.access.key_proof(act="registro", **proof),
        lambda: people.access.endorsable_key(**proof),
    ):
        assert refused(act) == ("no_puede_ver_pruebas_de_llaves", ["bloqueo_propio"])


@pytest.mark.norm("N-2.7a", "N-4b")
def test_every_reason_is_told(people: People, run: Run, clock: SettableClock) -> None:
    people.access.block_self(session=enter(people, run), **BY)
    clock.advance(seconds=60)
    people.rnpi.consult(run, ABSENT)
    thief = enter(people, run)
    assert_none(people, thief, acts_on_keys(people, thief, begin=False), "rnpi_no_vigente", "bloqueo_propio")


@pytest.mark.norm("N-2.3b")
def test_password_that_fell_due_inside_the_session_is_changed_first(
    people: People, run: Run, clock: SettableClock
) -> None:
    clock.set(DUE - timedelta(minutes=10))
    session = enter(people, run)
    acts = acts_on_keys(people, session)
    clock.set(DUE)
    assert_none(people, session, acts, "clave_vencida")


@pytest.mark.norm("N-2.3b")
def test_session_for_a_new_password_alone_changes_no_key(people: People, run: Run, clock: SettableClock) -> None:
    clock.set(DUE)
    with pytest.raises(PasswordChangeDue) as due:
        enter(people, run)
    acts = dict(acts_on_keys(people, due.value.entered.session, begin=False))
    assert refused(acts.pop("demand")) == ("no_puede_cambiar_llaves", ["clave_vencida"])
    assert {refused(act)[0] for act in acts.values()} == {"debe_cambiar_clave"}


@pytest.mark.norm("N-6a", "N-2.6a")
def test_who_is_suspended_retires_a_lost_key_and_registers_another(people: People, run: Run) -> None:
    Machine.register(people.database, people.log, people.sealer).suspend(run)
    for act in ("confirm", "register"):
        acts_on_keys(people, enter(people, run))[act]()
    acts_on_keys(people, enter(people, run))["retire"]()


@pytest.mark.norm("N-2.6a")
def test_an_officer_who_practises_nothing_keeps_own_keys(people: People) -> None:
    """No enrolment, no answer of the register: keys are the person's."""
    session = people.enter_officer(people.officer())
    begun = people.access.register_key_options(session=session, purpose="entrada", code=people.next_code(), **BY)
    device = SoftwareAuthenticator()
    credential = device.create(begun.options)
    assert people.access.register_key(session=session, attempt=begun.attempt, credential=credential, **BY).key
