"""One's own keys: both in one act with a fresh factor, entering with one, retiring one that was lost."""

from typing import Any
from uuid import uuid4

import pytest
import sqlalchemy as sa

from lme_operator.core.canonical import from_base64url, to_base64url
from lme_operator.core.database import Database, Deadline
from lme_operator.core.refusal import Refusal
from lme_operator.core.sealing import Sealer
from lme_operator.domain.access import Entered, KeyAnswer, KeyRegistered, TotpCode, adding, retiring
from lme_operator.domain.credentials import KeyOptions, Session, count_live_sessions
from lme_operator.domain.credentials.keys import KeyPurpose
from lme_operator.domain.credentials.records import keys_retired
from lme_operator.domain.identity import find_epoch
from tests.conftest import SettableClock
from tests.factories.authenticator import UP, SoftwareAuthenticator
from tests.factories.people import INDIVIDUAL, ORIGIN, OTHER_PASSWORD, PASSWORD, People

BOTH: tuple[KeyPurpose, ...] = ("entrada", "firma")
BY: dict[str, Any] = {"origin": ORIGIN, "deadline": Deadline(3600)}


@pytest.fixture
def people(database: Database, log: object, sealer: Sealer) -> People:
    return People(database, log, sealer)


@pytest.fixture
def session(people: People, clock: SettableClock) -> Session:
    session = people.enter(people.enrol()).session
    clock.advance(seconds=30)
    return session


def register(people: People, session: Session, device: SoftwareAuthenticator) -> tuple[KeyRegistered, ...]:
    """Both keys, with a fresh code."""
    begun = people.access.begin_keys(session=session, purposes=BOTH, factor=TotpCode(people.code()), **BY)
    answers = [(one.attempt, device.create(one.options)) for one in begun]
    return people.access.register_keys(session=session, answers=answers, **BY)


def begin_entry(people: People, session: Session) -> KeyOptions:
    return people.access.key_entry_options(run=session.run, password=PASSWORD, **BY)


def enter(people: People, session: Session, answer: KeyAnswer) -> Entered:
    return people.access.enter_by_key(run=session.run, answer=answer, context=INDIVIDUAL, **BY)


def entered(people: People, session: Session, device: SoftwareAuthenticator) -> Entered:
    begun = begin_entry(people, session)
    return enter(people, session, KeyAnswer(begun.attempt, device.get(begun.options)))


def refused_entries(database: Database) -> int:
    """How many refused entries are kept among the attempts."""
    with database.reading(deadline=Deadline(5)) as connection:
        query = sa.text("SELECT count(*) FROM audit.attempt WHERE kind = 'entrada_rechazada'")
        count: int = connection.execute(query).scalar_one()
        return count


def entries(database: Database) -> int:
    """How long the log is."""
    with database.reading(deadline=Deadline(5)) as connection:
        length: int = connection.execute(sa.text("SELECT count(*) FROM audit.entry")).scalar_one()
        return length


def refused(act: Any, *args: Any, **values: Any) -> str:
    with pytest.raises(Refusal) as error:
        act(*args, **values)
    return error.value.kind.code


@pytest.mark.norm("N-2.2a", "N-2.6a", "N-2.6d")
def test_both_keys_come_in_one_act_with_an_entry_each(
    people: People, session: Session, database: Database, clock: SettableClock
) -> None:
    with database.reading(deadline=Deadline(5)) as connection:
        before = find_epoch(connection, session.run) or 0
    registered = register(people, session, SoftwareAuthenticator())
    with database.reading(deadline=Deadline(5)) as connection:
        assert find_epoch(connection, session.run) == before + 1
        assert count_live_sessions(connection, session.run, clock()) == 0
        receipts = [people.log.receipt(connection, one.entry_id) for one in registered]
        shown = [people.log.disclosed(connection, one.entry_id) for one in registered]
    assert [one["entrada"]["tipo"] for one in receipts] == ["llave_registrada"] * 2
    assert [one["proposito"] for one in shown] == list(BOTH)


@pytest.mark.norm("N-2.6a", "N-2.4a")
def test_one_bad_answer_registers_none_and_is_kept(people: People, session: Session, database: Database) -> None:
    begun = people.access.begin_keys(session=session, purposes=BOTH, factor=TotpCode(people.code()), **BY)
    before = entries(database)
    good, elsewhere = SoftwareAuthenticator(), SoftwareAuthenticator(origin="https://otra.example")
    answers = [
        (begun[0].attempt, good.create(begun[0].options)),
        (begun[1].attempt, elsewhere.create(begun[1].options)),
    ]
    assert refused(people.access.register_keys, session=session, answers=answers, **BY) == "llave_rechazada"
    assert people.access.own_keys(session=session, deadline=Deadline(5)) == ()
    assert entries(database) == before + 1
    crossed = [(begun[0].attempt, good.create(begun[1].options)), (begun[1].attempt, good.create(begun[0].options))]
    assert refused(people.access.register_keys, session=session, answers=crossed, **BY) == "llave_rechazada"


@pytest.mark.norm("N-2.6a")
def test_keys_begun_together_are_answered_together(people: People, session: Session, database: Database) -> None:
    begun = people.access.begin_keys(session=session, purposes=BOTH, factor=TotpCode(people.code()), **BY)
    device = SoftwareAuthenticator()
    answers = [(one.attempt, device.create(one.options)) for one in begun]
    with database.reading(deadline=Deadline(5)) as connection:
        before = find_epoch(connection, session.run)
    for some in (answers[:1], answers[1:], [*answers, answers[0]], [(uuid4(), answers[0][1])], []):
        assert refused(people.access.register_keys, session=session, answers=some, **BY) == "desafio_vencido"
    with database.reading(deadline=Deadline(5)) as connection:
        assert find_epoch(connection, session.run) == before
    assert len(people.access.register_keys(session=session, answers=answers, **BY)) == 2


@pytest.mark.norm("N-2.6a")
def test_entry_goes_on_with_the_key_alone_once_the_password_was_proved(people: People, session: Session) -> None:
    device = SoftwareAuthenticator()
    register(people, session, device)
    begun = begin_entry(people, session)
    assert people.access.find_key_entry(run=session.run, attempt=begun.attempt, deadline=Deadline(5)) == begun
    answer = KeyAnswer(begun.attempt, device.get(begun.options))
    assert enter(people, session, answer).session.stage == "plena"
    assert refused(enter, people, session, answer) == "desafio_vencido"
    assert refused(people.access.find_key_entry, run=session.run, attempt=begun.attempt, deadline=Deadline(5)) == (
        "desafio_vencido"
    )


@pytest.mark.norm("N-2.6a", "N-2.6c")
def test_entry_with_another_key_challenge_place_or_counter_is_refused_and_kept(
    people: People, session: Session, database: Database, clock: SettableClock
) -> None:
    device, stranger = SoftwareAuthenticator(), SoftwareAuthenticator()
    register(people, session, device)
    key = device.keys[next(iter(device.keys))]
    stranger.keys[key.credential_id] = stranger.make_key(key.user_handle)
    begun = begin_entry(people, session)
    challenge = from_base64url(begun.options["challenge"])

    def told(credential: Any) -> str:
        return refused(enter, people, session, KeyAnswer(begun.attempt, credential))

    signing = device.keys[list(device.keys)[1]]
    assert told(device.sign(bytes(32), key=key)) == "llave_rechazada"
    assert told(device.sign(challenge, key=signing)) == "llave_rechazada"
    assert told(stranger.sign(challenge)) == "llave_rechazada"
    assert told({"id": "nada"}) == "llave_rechazada"
    clock.advance(seconds=24 * 3600)
    begun = begin_entry(people, session)
    challenge = from_base64url(begun.options["challenge"])
    for bent in ({"origin": "http://localhost:1"}, {"flags": UP}, {"rp_id": "otra.example"}):
        other = SoftwareAuthenticator(**bent)
        assert told(other.sign(challenge, key=key)) == "llave_rechazada"
    enter(people, session, KeyAnswer(begun.attempt, device.sign(challenge, key=key)))
    key.sign_count -= 1
    begun = begin_entry(people, session)
    challenge = from_base64url(begun.options["challenge"])
    assert told(device.sign(challenge, key=key)) == "llave_posible_copia"
    assert refused_entries(database) == 8


@pytest.mark.norm("N-2.6a")
def test_wrong_keys_at_entry_wait_ever_longer_and_a_right_one_clears(
    people: People, session: Session, clock: SettableClock
) -> None:
    """They are counted with the wrong codes of entry, and keep nobody who is inside from an act."""
    device = SoftwareAuthenticator()
    register(people, session, device)
    inside = entered(people, session, device).session
    clock.advance(seconds=1)

    def told() -> tuple[str, int | None]:
        begun = begin_entry(people, session)
        with pytest.raises(Refusal) as error:
            enter(people, session, KeyAnswer(begun.attempt, device.sign(bytes(32))))
        return error.value.kind.code, error.value.retry_after

    assert [told() for _ in range(6)] == [("llave_rechazada", None)] * 5 + [("demasiados_codigos", 30)]
    right = begin_entry(people, session)
    answer = KeyAnswer(right.attempt, device.get(right.options))
    assert refused(enter, people, session, answer) == "demasiados_codigos"
    asked = people.access.confirm_options(session=inside, act=adding(("firma",)), **BY)
    factor = KeyAnswer(asked.attempt, device.get(asked.options))
    assert people.access.begin_keys(session=inside, purposes=("firma",), factor=factor, **BY)
    clock.advance(seconds=30)
    assert told()[0] == "llave_rechazada"
    assert told() == ("demasiados_codigos", 60)
    clock.advance(seconds=60)
    entered(people, session, device)
    clock.advance(seconds=1)
    assert told()[0] == "llave_rechazada"


@pytest.mark.norm("N-2.6b")
def test_half_an_entry_dies_with_a_change_of_password_and_with_time(
    people: People, session: Session, clock: SettableClock
) -> None:
    device = SoftwareAuthenticator()
    register(people, session, device)
    again = entered(people, session, device).session
    begun = begin_entry(people, session)
    people.access.change_password(session=again, current=PASSWORD, new=OTHER_PASSWORD, **BY)
    assert refused(enter, people, session, KeyAnswer(begun.attempt, device.get(begun.options))) == "desafio_vencido"
    begun = people.access.key_entry_options(run=session.run, password=OTHER_PASSWORD, **BY)
    clock.advance(seconds=301)
    assert refused(enter, people, session, KeyAnswer(begun.attempt, device.get(begun.options))) == "desafio_vencido"
    assert refused(enter, people, session, KeyAnswer(uuid4(), {})) == "desafio_vencido"


@pytest.mark.norm("N-2.6a")
def test_who_has_no_key_is_told_so_only_after_the_password(people: People, session: Session) -> None:
    assert refused(begin_entry, people, session) == "sin_llave_de_entrada"
    wrong = refused(people.access.key_entry_options, run=session.run, password="otra clave cualquiera", **BY)
    assert wrong == "credenciales_invalidas"


@pytest.mark.norm("N-2.6d")
def test_key_of_entry_is_a_fresh_factor_for_another_key_and_serves_once(
    people: People, session: Session, clock: SettableClock
) -> None:
    device = SoftwareAuthenticator()
    register(people, session, device)
    session = entered(people, session, device).session
    asked = people.access.confirm_options(session=session, act=adding(("firma",)), **BY)
    factor = KeyAnswer(asked.attempt, device.get(asked.options))
    begun = people.access.begin_keys(session=session, purposes=("firma",), factor=factor, **BY)
    assert len(begun) == 1
    again = refused(people.access.begin_keys, session=session, purposes=("firma",), factor=factor, **BY)
    assert again == "desafio_vencido"
    half = begin_entry(people, session)
    borrowed = KeyAnswer(half.attempt, device.get(half.options))
    assert refused(people.access.begin_keys, session=session, purposes=BOTH, factor=borrowed, **BY) == "desafio_vencido"
    asked = people.access.confirm_options(session=session, act=adding(BOTH), **BY)
    signing = device.sign(from_base64url(asked.options["challenge"]), key=list(device.keys.values())[1])
    factor = KeyAnswer(asked.attempt, signing)
    assert refused(people.access.begin_keys, session=session, purposes=BOTH, factor=factor, **BY) == "llave_rechazada"


@pytest.mark.norm("N-2.6d")
def test_answer_given_for_one_act_confirms_no_other(people: People, session: Session) -> None:
    device = SoftwareAuthenticator()
    entry, signing = (one.key.id for one in register(people, session, device))
    session = entered(people, session, device).session
    access = people.access

    def confirmed(act: str) -> KeyAnswer:
        asked = access.confirm_options(session=session, act=act, **BY)
        return KeyAnswer(asked.attempt, device.get(asked.options))

    for act in (adding(("firma",)), retiring(entry)):
        assert refused(access.retire_key, session=session, key_id=signing, factor=confirmed(act), **BY) == (
            "llave_rechazada"
        )
    for act in (retiring(signing), adding(BOTH)):
        assert refused(access.begin_keys, session=session, purposes=("firma",), factor=confirmed(act), **BY) == (
            "llave_rechazada"
        )
    assert access.retire_key(session=session, key_id=signing, factor=confirmed(retiring(signing)), **BY).id == signing


@pytest.mark.norm("N-2.6d")
def test_answer_given_in_one_session_serves_no_act_of_another(people: People, session: Session) -> None:
    device = SoftwareAuthenticator()
    register(people, session, device)
    earlier = entered(people, session, device).session
    asked = people.access.confirm_options(session=earlier, act=adding(BOTH), **BY)
    later = entered(people, session, device).session
    factor = KeyAnswer(asked.attempt, device.get(asked.options))
    assert refused(people.access.begin_keys, session=later, purposes=BOTH, factor=factor, **BY) == "desafio_vencido"


@pytest.mark.norm("N-2.6a", "N-2.6c")
def test_retired_key_serves_no_more_and_has_its_entry(
    people: People, session: Session, database: Database, clock: SettableClock
) -> None:
    device, other = SoftwareAuthenticator(), SoftwareAuthenticator()
    lost, lost_signing = register(people, session, device)
    clock.advance(seconds=30)
    register(people, entered(people, session, device).session, other)
    inside = entered(people, session, other)
    begun = begin_entry(people, session)
    for gone in (lost, lost_signing):
        clock.advance(seconds=30)
        session = people.access.authenticate(token=inside.token, deadline=Deadline(5))
        people.access.retire_key(session=session, key_id=gone.key.id, factor=TotpCode(people.code()), **BY)
    session = people.access.authenticate(token=inside.token, deadline=Deadline(5))
    with database.reading(deadline=Deadline(5)) as connection:
        entries = connection.execute(sa.select(keys_retired.c.entry_id)).scalars().all()
        told = [people.log.disclosed(connection, entry)["huella"] for entry in entries]
    assert sorted(told) == sorted([lost.key.thumbprint, lost_signing.key.thumbprint])
    assert refused(enter, people, session, KeyAnswer(begun.attempt, device.get(begun.options))) == "desafio_vencido"
    begun = begin_entry(people, session)
    challenge = from_base64url(begun.options["challenge"])
    assert [item["id"] for item in begun.options["allowCredentials"]] == [to_base64url(next(iter(other.keys)))]
    old = KeyAnswer(begun.attempt, device.sign(challenge, key=next(iter(device.keys.values()))))
    assert refused(enter, people, session, old) == "llave_rechazada"
    listed = people.access.own_keys(session=session, deadline=Deadline(5))
    assert [(one.key.id in (lost.key.id, lost_signing.key.id)) for one in listed] == [
        one.retired_at is not None for one in listed
    ]
    clock.advance(seconds=30)
    factor = TotpCode(people.code())
    assert refused(people.access.retire_key, session=session, key_id=lost.key.id, factor=factor, **BY) == (
        "llave_inexistente"
    )


@pytest.mark.norm("N-2.6b")
def test_key_of_another_is_not_retired(people: People, session: Session, clock: SettableClock) -> None:
    mine, _ = register(people, session, SoftwareAuthenticator())
    clock.advance(seconds=30)
    other = people.enter(people.enrol(15000002)).session
    clock.advance(seconds=30)
    factor = TotpCode(people.code())
    act = people.access.retire_key
    assert refused(act, session=other, key_id=mine.key.id, factor=factor, **BY) == "llave_inexistente"
    assert begin_entry(people, session).options["allowCredentials"]
