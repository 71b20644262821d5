"""Entering: two factors, one session a person, the same answer to strangers."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from lme_operator.core.database import Database, Deadline
from lme_operator.core.refusal import Refusal
from lme_operator.core.run import Run
from lme_operator.core.sealing import Sealer
from lme_operator.domain.access import KeyAnswer, PasswordChangeDue
from lme_operator.domain.credentials import EntryLimits, find_session
from tests.conftest import SettableClock
from tests.factories.authenticator import SoftwareAuthenticator
from tests.factories.people import INDIVIDUAL, ORIGIN, OTHER_PASSWORD, PASSWORD, People


@pytest.fixture
def people(database: Database, log: object, sealer: Sealer) -> People:
    return People(database, log, sealer)


def refused(error: pytest.ExceptionInfo[Refusal]) -> str:
    return error.value.kind.code


def with_entry_key(people: People, clock: SettableClock) -> tuple[Run, SoftwareAuthenticator]:
    """Somebody who registered a key to enter with, and the key."""
    run = people.enrol()
    device = SoftwareAuthenticator()
    session = people.enter(run).session
    clock.advance(seconds=30)
    begun = people.access.register_key_options(
        session=session, purpose="entrada", code=people.code(), origin=ORIGIN, deadline=Deadline(5)
    )
    people.access.register_key(
        session=session,
        attempt=begun.attempt,
        credential=device.create(begun.options),
        origin=ORIGIN,
        deadline=Deadline(5),
    )
    return run, device


@pytest.mark.norm("N-2.6a")
def test_entry_with_two_factors_opens_a_full_session(people: People) -> None:
    run = people.enrol()
    entered = people.enter(run)
    session = people.access.authenticate(token=entered.token, deadline=Deadline(5))
    assert (session.run, session.stage, session.context) == (run, "plena", INDIVIDUAL)
    assert session.id == entered.session.id


@pytest.mark.norm("N-2.6a")
@pytest.mark.parametrize(
    ("password", "code", "expected"),
    [("otra clave cualquiera", None, "credenciales_invalidas"), (PASSWORD, "000000", "codigo_incorrecto")],
)
def test_entry_with_one_factor_wrong_opens_nothing(
    people: People, password: str, code: str | None, expected: str
) -> None:
    run = people.enrol()
    with pytest.raises(Refusal) as error:
        people.enter(run, password=password, code=code)
    assert refused(error) == expected


@pytest.mark.norm("N-2.6a")
def test_totp_code_serves_once_and_only_rises(people: People, clock: SettableClock) -> None:
    run = people.enrol()
    old = people.code(steps=-1)
    people.enter(run)
    with pytest.raises(Refusal) as error:
        people.enter(run)
    assert refused(error) == "codigo_ya_usado"
    assert error.value.retry_after == 30
    assert error.value.findings[0].cause == "Ese código ya se usó; el próximo en 30 s."
    with pytest.raises(Refusal) as error:
        people.enter(run, code=old)
    assert refused(error) == "codigo_vencido"
    clock.advance(seconds=30)
    people.enter(run)


def test_stranger_gets_the_answer_of_a_wrong_password(people: People) -> None:
    people.enrol()
    for run in (Run(11111111), Run(22222222)):
        with pytest.raises(Refusal) as error:
            people.enter(run, password="no es la clave de nadie")
        assert refused(error) == "credenciales_invalidas"
        assert error.value.findings == ()


@pytest.mark.norm("N-3.0b")
def test_attempts_of_known_and_unknown_are_kept_the_unknown_without_run(people: People, database: Database) -> None:
    people.enrol()
    for number in (11111111, 22222222):
        with pytest.raises(Refusal):
            people.enter(Run(number), password="no es la clave de nadie")
    entry = people.log.seal_attempts(database, Deadline(5))
    with database.reading(deadline=Deadline(5)) as connection:
        assert people.log.disclosed(connection, entry)["cantidad"] == 2


@pytest.mark.norm("N-3.0b")
def test_new_entry_supersedes_the_earlier_session(people: People, clock: SettableClock, database: Database) -> None:
    run = people.enrol()
    first = people.enter(run)
    clock.advance(seconds=30)
    second = people.enter(run)
    with database.reading(deadline=Deadline(5)) as connection:
        assert find_session(connection, first.token, clock()) is None
        assert find_session(connection, second.token, clock()) is not None


@pytest.mark.norm("N-2.3a")
def test_initial_password_gives_a_session_for_the_change_alone(people: People, clock: SettableClock) -> None:
    run = people.enrol(initial=True)
    with pytest.raises(PasswordChangeDue) as error:
        people.enter(run)
    assert refused(error) == "debe_cambiar_clave"
    assert [finding.norm for finding in error.value.findings] == ["N-2.3a"]
    limited = people.access.authenticate(token=error.value.entered.token, deadline=Deadline(5))
    assert limited.stage == "cambio_clave"
    clock.advance(seconds=30)
    with pytest.raises(Refusal) as refusal:
        people.access.register_key_options(
            session=limited, purpose="firma", code=people.code(), origin=ORIGIN, deadline=Deadline(5)
        )
    assert refused(refusal) == "debe_cambiar_clave"
    people.access.change_password(
        session=limited, current=PASSWORD, new=OTHER_PASSWORD, origin=ORIGIN, deadline=Deadline(5)
    )
    clock.advance(seconds=30)
    assert people.enter(run, password=OTHER_PASSWORD).session.stage == "plena"


@pytest.mark.norm("N-2.3a")
def test_limited_session_also_supersedes_the_earlier_one(people: People, clock: SettableClock) -> None:
    run = people.enrol(initial=True)
    tokens = []
    for _ in range(2):
        with pytest.raises(PasswordChangeDue) as error:
            people.enter(run)
        tokens.append(error.value.entered.token)
        clock.advance(seconds=30)
    with pytest.raises(Refusal):
        people.access.authenticate(token=tokens[0], deadline=Deadline(5))
    people.access.authenticate(token=tokens[1], deadline=Deadline(5))


@pytest.mark.norm("N-2.3b")
def test_password_six_months_old_must_be_changed(people: People, clock: SettableClock) -> None:
    run = people.enrol()
    clock.set(clock().replace(month=10, day=19))
    assert people.enter(run).notices == ("Su clave vence el 20-10-2026: cámbiela antes.",)
    clock.set(clock().replace(month=10, day=20))
    with pytest.raises(PasswordChangeDue) as error:
        people.enter(run)
    assert [finding.code for finding in error.value.findings] == ["clave_vencida"]


def test_session_ends_when_left_idle_and_at_the_latest(people: People, clock: SettableClock) -> None:
    run = people.enrol()

    def lives(token: str) -> bool:
        try:
            people.access.authenticate(token=token, deadline=Deadline(5))
        except Refusal:
            return False
        return True

    left = people.enter(run)
    people.access.leave(session=left.session, origin=ORIGIN, deadline=Deadline(5))
    assert not lives(left.token)
    clock.advance(seconds=30)
    idle = people.enter(run)
    clock.advance(seconds=59 * 60)
    assert lives(idle.token)
    clock.advance(seconds=59 * 60)
    assert lives(idle.token)
    clock.advance(seconds=61 * 60)
    assert not lives(idle.token)
    busy = people.enter(run)
    for _ in range(15):
        assert lives(busy.token)
        clock.advance(seconds=48 * 60)
    assert not lives(busy.token)


@pytest.mark.norm("N-2.6a")
def test_entry_with_a_key_registered_for_it(people: People, clock: SettableClock) -> None:
    run, device = with_entry_key(people, clock)
    asked = people.access.key_entry_options(run=run, password=PASSWORD, origin=ORIGIN, deadline=Deadline(5))
    answer = KeyAnswer(asked.attempt, device.get(asked.options))
    values = {"run": run, "password": PASSWORD, "context": INDIVIDUAL, "origin": ORIGIN, "deadline": Deadline(5)}
    assert people.access.enter(second_factor=answer, **values).session.stage == "plena"  # type: ignore[arg-type]
    with pytest.raises(Refusal) as error:
        people.access.enter(second_factor=answer, **values)  # type: ignore[arg-type]
    assert refused(error) == "desafio_vencido"


def test_key_answer_begun_before_a_change_of_access_is_dead(people: People, clock: SettableClock) -> None:
    """A half-finished entry carries the epoch of its birth."""
    run, device = with_entry_key(people, clock)
    asked = people.access.key_entry_options(run=run, password=PASSWORD, origin=ORIGIN, deadline=Deadline(5))
    clock.advance(seconds=30)
    session = people.enter(run).session
    people.access.block_self(session=session, origin=ORIGIN, deadline=Deadline(5))
    with pytest.raises(Refusal) as error:
        people.access.enter(
            run=run,
            password=PASSWORD,
            second_factor=KeyAnswer(asked.attempt, device.sign(bytes(32))),
            context=INDIVIDUAL,
            origin=ORIGIN,
            deadline=Deadline(5),
        )
    assert refused(error) == "desafio_vencido"


def test_guessing_elsewhere_does_not_lock_the_owner_out(people: People, clock: SettableClock) -> None:
    """OWASP ASVS 6.1.1: the usual place has a lane of its own."""
    run = people.enrol()
    people.enter(run)
    elsewhere = replace(ORIGIN, ip="198.51.100.7")
    codes = set()
    for _ in range(30):
        with pytest.raises(Refusal) as error:
            people.enter(run, password="no es la clave de nadie", origin=elsewhere)
        codes.add(refused(error))
    assert codes == {"credenciales_invalidas", "demasiados_intentos"}
    assert error.value.retry_after == 300
    clock.advance(seconds=30)
    people.enter(run)
    clock.advance(seconds=300)
    people.enter(run, origin=elsewhere)


def knock(people: People, number: int, *, ip: str, device: str = "otro") -> Refusal:
    with pytest.raises(Refusal) as error:
        people.enter(Run(number), password="no es la clave de nadie", origin=replace(ORIGIN, ip=ip, device=device))
    return error.value


def test_one_address_fails_so_many_times_with_everybody_and_then_waits(people: People, clock: SettableClock) -> None:
    """OWASP ASVS 6.3.1: one password tried on every RUN. A success of one account gives nothing back."""
    ip, run = "198.51.100.7", people.enrol()
    codes = [knock(people, 20000000 + number, ip=ip).kind.code for number in range(59)]
    people.enter(run, origin=replace(ORIGIN, ip=ip))
    codes.append(knock(people, 20000059, ip=ip).kind.code)
    assert set(codes) == {"credenciales_invalidas"}
    refusal = knock(people, 20000060, ip=ip)
    assert (refusal.kind.code, refusal.retry_after) == ("demasiados_intentos", 300)
    assert knock(people, 20000061, ip="198.51.100.8").kind.code == "credenciales_invalidas"
    clock.advance(seconds=300)
    assert knock(people, 20000062, ip=ip).kind.code == "credenciales_invalidas"


def test_one_ipv6_network_is_one_source(database: Database, log: object, sealer: Sealer) -> None:
    people = People(database, log, sealer, limits=EntryLimits(source_tries=3))
    codes = [knock(people, 20000000 + number, ip=f"2001:db8::{number}").kind.code for number in range(4)]
    assert codes == ["credenciales_invalidas"] * 3 + ["demasiados_intentos"]


def test_neighbour_who_guesses_does_not_lock_the_usual_place_out(
    database: Database, log: object, sealer: Sealer, clock: SettableClock
) -> None:
    people = People(database, log, sealer, limits=EntryLimits(source_tries=3))
    run = people.enrol()
    people.enter(run)
    outcomes = [knock(people, 20000000 + number, ip=ORIGIN.ip).kind.code for number in range(4)]
    assert outcomes[-1] == "demasiados_intentos"
    clock.advance(seconds=30)
    people.enter(run)


def test_many_people_enter_from_one_address(database: Database, log: object, sealer: Sealer) -> None:
    """A clinic behind one address: what is right does not count."""
    people = People(database, log, sealer, limits=EntryLimits(source_tries=3))
    for number in range(15000001, 15000011):
        people.enter(people.enrol(number))


def test_tries_at_once_from_one_address_are_counted_once_each(database: Database, log: object, sealer: Sealer) -> None:
    people = People(database, log, sealer, limits=EntryLimits(source_tries=5))
    with ThreadPoolExecutor(8) as pool:
        codes = list(
            pool.map(lambda number: knock(people, number, ip="198.51.100.7").kind.code, range(20000000, 20000024))
        )
    assert codes.count("credenciales_invalidas") == 5


def test_wrong_codes_wait_ever_longer_and_a_right_one_clears(people: People, clock: SettableClock) -> None:
    run = people.enrol()
    for _ in range(5):
        with pytest.raises(Refusal) as error:
            people.enter(run, code="000000")
        assert refused(error) == "codigo_incorrecto"
    with pytest.raises(Refusal) as error:
        people.enter(run)
    assert (refused(error), error.value.retry_after) == ("demasiados_codigos", 30)
    clock.advance(seconds=30)
    with pytest.raises(Refusal):
        people.enter(run, code="000000")
    with pytest.raises(Refusal) as error:
        people.enter(run)
    assert error.value.retry_after == 60
    clock.advance(seconds=300)
    people.enter(run)
    with pytest.raises(Refusal) as error:
        people.enter(run, code="000000")
    assert refused(error) == "codigo_incorrecto"


def test_password_over_a_kilobyte_is_wrong_and_never_hashed(people: People) -> None:
    run = people.enrol()
    for text in ("a" * 1025, "ñ" * 600, "clave \ud800 rota"):
        with pytest.raises(Refusal) as error:
            people.enter(run, password=text)
        assert refused(error) == "credenciales_invalidas"
