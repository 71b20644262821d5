"""Codes, keys and sessions under the person's lock; causes that stand against operating."""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import pytest
from sqlalchemy.engine import Connection

from lme_operator.core.database import Database, Deadline, Work
from lme_operator.core.refusal import Refusal
from lme_operator.core.run import Run
from lme_operator.core.sealing import Sealer
from lme_operator.domain.credentials import (
    CountsWrongCodes,
    KeyUse,
    Session,
    causes,
    parse_assertion,
    require_live,
    verify_assertion,
)
from lme_operator.domain.credentials.keys import KeyPurpose
from lme_operator.domain.credentials.refusals import TOO_MANY_TRIES
from lme_operator.domain.identity import lock_people, raise_epoch
from tests.conftest import SettableClock
from tests.factories.authenticator import SoftwareAuthenticator, SoftwareKey
from tests.factories.people import ORIGIN, PARTY, People, norms

DIGEST = hashlib.sha256(b"documento preparado").digest()


@dataclass
class NoEvidence:
    """Evidence that keeps nothing."""

    def refused(self, work: Work, refusal: Refusal) -> None: ...

    def turned_away(self, connection: Connection, at: object, refusal: Refusal) -> None: ...


@pytest.fixture
def people(database: Database, log: object, sealer: Sealer) -> People:
    return People(database, log, sealer)


@pytest.fixture
def run(people: People) -> Run:
    return people.enrol()


@contextmanager
def locked(database: Database, run: Run, *, purpose: str = "firma") -> Iterator[Work]:
    evidence = CountsWrongCodes(NoEvidence(), run, purpose)
    with database.unit_of_work(deadline=Deadline(5), locks=(lock_people(run),), evidence=evidence) as work:
        yield work


def found(people: People, run: Run, clock: SettableClock) -> list[tuple[str, str]]:
    with people.database.reading(deadline=Deadline(5)) as connection:
        return [(cause.code, cause.norm) for cause in causes(connection, run, clock(), norms())]


def registered(people: People, session: Session, *, purpose: KeyPurpose = "firma") -> SoftwareAuthenticator:
    device = SoftwareAuthenticator()
    begun = people.access.register_key_options(
        session=session, purpose=purpose, code=people.code(), origin=ORIGIN, deadline=Deadline(5)
    )
    people.access.register_key(
        session=session,
        attempt=begun.attempt,
        credential=device.create(begun.options),
        origin=ORIGIN,
        deadline=Deadline(5),
    )
    return device


def use(people: People, run: Run, credential: object, *, purpose: KeyPurpose = "firma") -> KeyUse:
    with locked(people.database, run) as work:
        return people.credentials.accept_assertion(
            work, run, purpose=purpose, challenge=DIGEST, assertion=parse_assertion(credential)
        )


@pytest.mark.norm("N-2.3a", "N-2.3b", "N-2.6a")
def test_causes_are_all_told_each_with_its_norm(people: People, clock: SettableClock) -> None:
    person = people.enrol(11111111, initial=True)
    assert found(people, person, clock) == [("clave_inicial", "N-2.3a")]
    clock.set(clock().replace(month=10, day=20))
    assert found(people, person, clock) == [("clave_inicial", "N-2.3a"), ("clave_vencida", "N-2.3b")]
    assert found(people, Run(22222222), clock) == [("clave_inicial", "N-2.3a"), ("sin_factor_de_firma", "N-2.6a")]


@pytest.mark.norm("N-2.3b")
def test_password_stands_against_from_the_first_instant_of_its_due_day(people: People, clock: SettableClock) -> None:
    person = people.enrol()
    clock.set(clock().replace(month=10, day=20, hour=2, minute=59, second=59))
    assert found(people, person, clock) == []
    clock.advance(seconds=1)
    assert found(people, person, clock) == [("clave_vencida", "N-2.3b")]


@pytest.mark.norm("N-2.6d")
def test_code_signs_once_also_after_it_served_to_enter(people: People, run: Run) -> None:
    code = people.code()
    people.enter(run, code=code)
    with pytest.raises(Refusal) as error, locked(people.database, run) as work:
        people.credentials.consume_totp(work, run, code, purpose="firma")
    assert error.value.kind.code == "codigo_ya_usado"


@pytest.mark.norm("N-2.6a")
def test_code_of_the_next_step_serves_and_then_the_present_one_is_old(people: People, run: Run) -> None:
    with locked(people.database, run) as work:
        used = people.credentials.consume_totp(work, run, people.code(steps=1), purpose="firma")
    assert used.step == int(used.at.timestamp()) // 30 + 1
    cases = ((people.code(), "codigo_vencido", None), (people.code(steps=1), "codigo_ya_usado", 60))
    for code, expected, wait in cases:
        with pytest.raises(Refusal) as error, locked(people.database, run) as work:
            people.credentials.consume_totp(work, run, code, purpose="firma")
        assert (error.value.kind.code, error.value.retry_after) == (expected, wait)


@pytest.mark.parametrize("code", ["", "12345", "1234567", "abcdef", "１２３４５６", " 123456", "12345\n", "-12345"])
def test_code_out_of_form_is_wrong(people: People, run: Run, code: str) -> None:
    with pytest.raises(Refusal) as error, locked(people.database, run) as work:
        people.credentials.consume_totp(work, run, code, purpose="firma")
    assert error.value.kind.code == "codigo_incorrecto"


def test_code_rolled_back_with_its_act_can_be_used_again(people: People, run: Run) -> None:
    """A refusal burns nothing: the business that failed gives the code back."""
    code = people.code()

    def fail() -> None:
        with locked(people.database, run) as work:
            people.credentials.consume_totp(work, run, code, purpose="firma")
            raise Refusal(TOO_MANY_TRIES)

    with pytest.raises(Refusal):
        fail()
    with locked(people.database, run) as work:
        people.credentials.consume_totp(work, run, code, purpose="firma")


def test_code_without_the_lock_is_an_error(people: People, run: Run) -> None:
    with people.database.unit_of_work(deadline=Deadline(5)) as work, pytest.raises(LookupError):
        people.credentials.consume_totp(work, run, people.code(), purpose="firma")


def test_wrong_codes_at_signing_are_counted_though_the_act_is_rolled_back(people: People, run: Run) -> None:
    outcomes = []
    for _ in range(7):
        with pytest.raises(Refusal) as error, locked(people.database, run) as work:
            people.credentials.consume_totp(work, run, "000000", purpose="firma")
        outcomes.append(error.value.kind.code)
    assert outcomes == ["codigo_incorrecto"] * 5 + ["demasiados_codigos"] * 2


@pytest.mark.norm("N-2.6a")
def test_wrong_codes_of_entry_and_of_acts_are_counted_apart(people: People, run: Run, clock: SettableClock) -> None:
    """Whoever knows the password alone cannot keep the owner, who is inside, from signing; nor a right one clear it."""

    def outcome(purpose: str, code: str) -> str:
        try:
            with locked(people.database, run, purpose=purpose) as work:
                people.credentials.consume_totp(work, run, code, purpose=purpose)
        except Refusal as refusal:
            return refusal.kind.code
        return "sirve"

    for _ in range(6):
        last = outcome("entrada", "000000")
    assert (last, outcome("licencia_emitida", people.code())) == ("demasiados_codigos", "sirve")
    assert outcome("entrada", people.code(steps=1)) == "demasiados_codigos"
    for _ in range(6):
        last = outcome("ante_otro", "000000")
    assert (last, outcome("licencia_emitida", people.code(steps=1))) == ("demasiados_codigos", "sirve")
    clock.advance(seconds=1)
    for _ in range(6):
        last = outcome("licencia_emitida", "000000")
    assert (last, outcome("registro", "000000")) == ("demasiados_codigos", "demasiados_codigos")


@pytest.mark.norm("N-2.6c", "N-2.6d")
def test_key_for_signing_signs_a_digest_and_anybody_can_check_it(
    people: People, run: Run, clock: SettableClock
) -> None:
    session = people.enter(run).session
    clock.advance(seconds=30)
    device = registered(people, session)
    used = use(people, run, device.sign(DIGEST))
    assert used.key.purpose == "firma"
    assert verify_assertion(
        public_key=used.key.public_key,
        assertion=used.assertion,
        challenge=DIGEST,
        rp_id=PARTY.rp_id,
        origins=PARTY.origins,
    )


@pytest.mark.norm("N-2.6c")
def test_key_whose_counter_does_not_rise_is_refused(people: People, run: Run, clock: SettableClock) -> None:
    session = people.enter(run).session
    clock.advance(seconds=30)
    device = registered(people, session)
    first = device.sign(DIGEST)
    use(people, run, device.sign(DIGEST))
    for credential in (first, device.sign(DIGEST, key=_wound_back(device))):
        with pytest.raises(Refusal) as error:
            use(people, run, credential)
        assert error.value.kind.code == "llave_posible_copia"


def _wound_back(device: SoftwareAuthenticator) -> SoftwareKey:
    (key,) = device.keys.values()
    key.sign_count = 0
    return key


@pytest.mark.norm("N-2.6d")
def test_key_of_one_purpose_does_not_serve_for_the_other(people: People, run: Run, clock: SettableClock) -> None:
    session = people.enter(run).session
    clock.advance(seconds=30)
    device = registered(people, session, purpose="entrada")
    with pytest.raises(Refusal) as error:
        use(people, run, device.sign(DIGEST))
    assert error.value.kind.code == "llave_rechazada"


@pytest.mark.norm("N-2.6c")
def test_key_of_another_person_is_refused(people: People, run: Run, clock: SettableClock) -> None:
    session = people.enter(run).session
    clock.advance(seconds=30)
    device = registered(people, session)
    other = people.enrol(22222222)
    with pytest.raises(Refusal) as error:
        use(people, other, device.sign(DIGEST))
    assert error.value.kind.code == "llave_rechazada"


def test_key_is_registered_once_for_all(people: People, run: Run, clock: SettableClock) -> None:
    """The same key again, by its owner or by another: never two rows for one key."""
    session = people.enter(run).session
    clock.advance(seconds=30)
    device = registered(people, session)
    (key,) = device.keys.values()
    other = people.enter(people.enrol(22222222)).session
    clock.advance(seconds=30)

    class SameKey(SoftwareAuthenticator):
        def make_key(self, user_handle: bytes) -> SoftwareKey:  # noqa: ARG002 - the interface
            return key

    begun = people.access.register_key_options(
        session=other, purpose="firma", code=people.code(), origin=ORIGIN, deadline=Deadline(5)
    )
    with pytest.raises(Refusal) as error:
        people.access.register_key(
            session=other,
            attempt=begun.attempt,
            credential=SameKey().create(begun.options),
            origin=ORIGIN,
            deadline=Deadline(5),
        )
    assert error.value.kind.code == "llave_ya_registrada"


@pytest.mark.norm("N-2.6b")
def test_session_of_an_earlier_epoch_is_dead_under_the_lock(people: People, run: Run) -> None:
    session = people.enter(run).session
    with locked(people.database, run) as work:
        require_live(work, session)
        raise_epoch(work, run)
    with pytest.raises(Refusal) as error, locked(people.database, run) as work:
        require_live(work, session)
    assert error.value.kind.code == "sesion_terminada"


def test_session_replaced_after_the_guard_is_dead_under_the_lock(
    people: People, run: Run, clock: SettableClock
) -> None:
    session = people.enter(run).session
    clock.advance(seconds=30)
    people.enter(run)
    with pytest.raises(Refusal) as error, locked(people.database, run) as work:
        require_live(work, session)
    assert error.value.kind.code == "sesion_terminada"
