"""Who has a key registered or retired in his name is told so, at every contact, whatever door it was done by."""

from collections.abc import Iterator
from uuid import UUID

import psycopg
import pytest
import sqlalchemy as sa

from lme_operator.core.database import Database, Deadline
from lme_operator.core.origin import Origin
from lme_operator.core.periods import legal_instant
from lme_operator.core.refusal import Fault, Refusal
from lme_operator.core.run import Run
from lme_operator.core.sealing import Sealer
from lme_operator.core.thumbprint import matches, to_words
from lme_operator.domain.access import KeyRegistered, TotpCode
from lme_operator.domain.audit import LOG_LOCK
from lme_operator.domain.credentials import Session
from lme_operator.domain.credentials.keys import KeyPurpose
from lme_operator.domain.identity import lock_people
from lme_operator.domain.notices import Channel, Message
from tests.conftest import SettableClock
from tests.factories.authenticator import SoftwareAuthenticator
from tests.factories.people import INDIVIDUAL, ORIGIN, PASSWORD, SECRET, People

BOTH: tuple[KeyPurpose, ...] = ("entrada", "firma")
FROM = "desde una conexión que comienza con 192.0.2"


@pytest.fixture
def people(database: Database, log: object, sealer: Sealer) -> People:
    return People(database, log, sealer)


@pytest.fixture
def session(people: People, clock: SettableClock) -> Session:
    session = people.enter(people.enrol()).session
    clock.advance(seconds=30)
    return session


@pytest.fixture
def owner(owner_url: str) -> Iterator["psycopg.Connection[tuple[object, ...]]"]:
    with psycopg.connect(owner_url.replace("+psycopg", ""), autocommit=True) as connection:
        yield connection


def register(people: People, session: Session, device: SoftwareAuthenticator) -> tuple[KeyRegistered, ...]:
    """Both keys in one act, as the page does."""
    begun = people.access.begin_keys(
        session=session, purposes=BOTH, factor=TotpCode(people.code()), origin=ORIGIN, deadline=Deadline(10)
    )
    answers = [(one.attempt, device.create(one.options)) for one in begun]
    return people.access.register_keys(session=session, answers=answers, origin=ORIGIN, deadline=Deadline(10))


def register_one(people: People, session: Session, purpose: KeyPurpose, device: SoftwareAuthenticator) -> KeyRegistered:
    """One key, as the API does."""
    begun = people.access.register_key_options(
        session=session, purpose=purpose, code=people.code(), origin=ORIGIN, deadline=Deadline(10)
    )
    return people.access.register_key(
        session=session, attempt=begun.attempt, credential=device.create(begun.options), origin=ORIGIN,
        deadline=Deadline(10),
    )  # fmt: skip


def told(people: People, run: Run, kind: str) -> dict[Channel, list[Message]]:
    """The messages of a kind to a person, by channel."""
    found: dict[Channel, list[Message]] = {channel: [] for channel in Channel}
    for message in people.messages(run):
        if message.kind == kind:
            found[message.channel].append(message)
    return found


def causes(database: Database, kind: str) -> list[UUID]:
    """On account of which entry each message of a kind was promised."""
    with database.reading(deadline=Deadline(5)) as connection:
        query = sa.text("SELECT on_account_of FROM notices.message WHERE kind = :kind")
        return list(connection.execute(query, {"kind": kind}).scalars())


@pytest.mark.norm("N-2.2a", "N-2.6c")
def test_keys_registered_are_told_whole_by_mail_and_in_words_by_sms(
    people: People, session: Session, database: Database
) -> None:
    entry, signing = (one.key for one in register(people, session, SoftwareAuthenticator()))
    found = told(people, session.run, "llave_registrada")
    (mail,), (sms,) = found[Channel.MAIL], found[Channel.SMS]
    assert (mail.address, sms.address) == ("antonia@example.cl", "+56912345678")
    for key in (entry, signing):
        assert f"Huella: {key.thumbprint}\n" in mail.text
        assert f"En palabras: {to_words(key.thumbprint)}\n" in mail.text
    assert mail.text.count(f"{legal_instant(signing.at)}, {FROM}") == 2
    assert "Guarde este mensaje fuera de los sistemas de Operador de pruebas." in mail.text
    assert f"{legal_instant(signing.at)} se registraron sus llaves para entrar y para firmar, {FROM}" in sms.text
    assert matches(sms.text.partition("para firmar: ")[2].partition(".")[0], signing.thumbprint)
    for message in (mail, sms):
        assert session.run.display not in message.text
        assert str(session.run.number) not in message.text
        assert "bloquee su acceso" in message.text
    assert set(causes(database, "llave_registrada")) == {entry.entry_id}


@pytest.mark.norm("N-2.2a")
@pytest.mark.parametrize("purpose", BOTH)
def test_one_key_by_the_api_is_told_too(people: People, session: Session, purpose: KeyPurpose) -> None:
    key = register_one(people, session, purpose, SoftwareAuthenticator()).key
    found = told(people, session.run, "llave_registrada")
    (mail,), (sms,) = found[Channel.MAIL], found[Channel.SMS]
    assert (to_words(key.thumbprint) in sms.text, key.thumbprint in mail.text) == (True, True)
    assert ("se firmó con esa misma llave" in mail.text) is (purpose == "firma")


@pytest.mark.norm("N-2.6c")
def test_key_retired_is_told_at_both(
    people: People, session: Session, database: Database, clock: SettableClock
) -> None:
    key = register_one(people, session, "firma", SoftwareAuthenticator()).key
    clock.advance(seconds=30)
    session = people.enter(session.run).session
    clock.advance(seconds=30)
    people.access.retire_key(
        session=session, key_id=key.id, factor=TotpCode(people.code()), origin=ORIGIN, deadline=Deadline(10)
    )
    found = told(people, session.run, "llave_retirada")
    (mail,), (sms,) = found[Channel.MAIL], found[Channel.SMS]
    for text in (mail.text, sms.text):
        assert legal_instant(clock()) in text
        assert to_words(key.thumbprint) in text
        assert FROM in text
    assert (legal_instant(key.at) in mail.text, key.thumbprint in mail.text) == (True, True)
    (own,) = people.access.own_keys(session=session, deadline=Deadline(5))
    assert set(causes(database, "llave_retirada")) == {own.retirement_id}


@pytest.mark.norm("N-2.6c")
def test_refused_act_tells_nothing(people: People, session: Session, clock: SettableClock) -> None:
    begun = people.access.begin_keys(
        session=session, purposes=BOTH, factor=TotpCode(people.code()), origin=ORIGIN, deadline=Deadline(10)
    )
    good, elsewhere = SoftwareAuthenticator(), SoftwareAuthenticator(origin="https://otra.example")
    answers = [(one.attempt, device.create(one.options)) for one, device in zip(begun, (good, elsewhere), strict=True)]
    with pytest.raises(Refusal):
        people.access.register_keys(session=session, answers=answers, origin=ORIGIN, deadline=Deadline(10))
    clock.advance(seconds=30)
    with pytest.raises(Refusal):
        people.access.retire_key(
            session=session, key_id=UUID(int=1), factor=TotpCode(people.code()), origin=ORIGIN, deadline=Deadline(10)
        )
    assert people.messages(session.run) == ()


@pytest.mark.norm("N-2.4a")
def test_nothing_is_promised_if_the_log_cannot_be_written(
    people: People, session: Session, owner: "psycopg.Connection[tuple[object, ...]]"
) -> None:
    """Message and key are of one transaction: where the entry fails, neither is there."""
    begun = people.access.begin_keys(
        session=session, purposes=BOTH, factor=TotpCode(people.code()), origin=ORIGIN, deadline=Deadline(10)
    )
    device = SoftwareAuthenticator()
    answers = [(one.attempt, device.create(one.options)) for one in begun]
    owner.execute("SELECT pg_advisory_lock(%s, %s)", LOG_LOCK)
    with pytest.raises(Fault):
        people.access.register_keys(session=session, answers=answers, origin=ORIGIN, deadline=Deadline(10))
    owner.execute("SELECT pg_advisory_unlock(%s, %s)", LOG_LOCK)
    assert people.messages(session.run) == ()
    assert people.access.own_keys(session=session, deadline=Deadline(5)) == ()
    people.access.register_keys(session=session, answers=answers, origin=ORIGIN, deadline=Deadline(10))
    assert len(people.messages(session.run)) == 2


def test_who_has_no_contact_on_record_keeps_his_key_all_the_same(people: People, clock: SettableClock) -> None:
    run, credentials = Run(22222222), people.credentials
    hashed = people.hashing.hash(PASSWORD, salt=None, deadline=Deadline(10))
    with people.database.unit_of_work(deadline=Deadline(10), locks=(lock_people(run, create=True),)) as work:
        credentials.set_password(work, run, hashed, initial=False)
        credentials.set_totp(work, run, secret=SECRET)
    session = people.enter(run, context=INDIVIDUAL).session
    clock.advance(seconds=30)
    key = register_one(people, session, "firma", SoftwareAuthenticator()).key
    clock.advance(seconds=30)
    session = people.enter(run).session
    clock.advance(seconds=30)
    factor = TotpCode(people.code())
    people.access.retire_key(session=session, key_id=key.id, factor=factor, origin=ORIGIN, deadline=Deadline(10))
    assert people.messages(run) == ()


@pytest.mark.parametrize(
    ("ip", "words"),
    [
        ("203.0.113.9", "una conexión que comienza con 203.0.113"),
        ("::ffff:203.0.113.9", "una conexión que comienza con 203.0.113"),
        ("2001:db8:1:2::3", "una conexión que comienza con 2001:0db8:0001"),
        ("203.0.113.9:51001", "una conexión que no se pudo reconocer"),
        ("llame al +56900000000", "una conexión que no se pudo reconocer"),
    ],
)
def test_where_from_is_said_roughly_and_in_our_words(ip: str, words: str) -> None:
    assert Origin(ip=ip, device="<a href=http://malo.example>", request_id="r").roughly == words
