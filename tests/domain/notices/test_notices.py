"""Messages: promised with their act, tried until they expire, never sent twice, and honest about what is not known."""

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa

from lme_operator.core.canonical import to_base64url
from lme_operator.core.database import Database, Deadline
from lme_operator.core.run import Run
from lme_operator.domain.audit.attempts import place
from lme_operator.domain.audit.events import ATTEMPTS_SEALED
from lme_operator.domain.notices import Channel, Delivery, Message, Notices, NoticeState, Result, State
from lme_operator.domain.notices.rules import Attempt, pause_after, state_of
from tests.domain.notices.conftest import MAIL, SMS, Carrier, Office

RUN = Run(11111111)
POSTPONED = Delivery(Result.POSTPONED, "conexion_rechazada")


def promise(notices: Notices, database: Database, message: Message = MAIL, **options: Any) -> UUID:
    with database.unit_of_work(deadline=Deadline(5)) as work:
        return notices.promise(work, run=RUN, message=message, **options)


def state(notices: Notices, message_id: UUID) -> NoticeState:
    with notices.database.reading(deadline=Deadline(5)) as connection:
        return notices.state(connection, message_id)


def evidence(notices: Notices) -> list[dict[str, Any]]:
    """What the room has written for the log's next batches, opened."""
    with notices.database.reading(deadline=Deadline(5)) as connection:
        rows = connection.execute(sa.text("SELECT kind, sealed, leaf_hash FROM audit.attempt ORDER BY id")).all()
    assert {row.kind for row in rows} <= {"resultado_de_aviso"}
    opened = [json.loads(notices.sealer.open(row.sealed, where=place(row.leaf_hash))) for row in rows]
    return [one["datos"] for one in opened]


@pytest.mark.norm("N-2.6e")
def test_is_sent_once_and_says_so(notices: Notices, database: Database, office: Office, carrier: Carrier) -> None:
    message_id = promise(notices, database)
    assert state(notices, message_id).state is State.PENDING
    assert office.run() == 1
    assert office.run() == 0
    assert [given.id for given in carrier.given] == [message_id]
    assert carrier.given[0].message == MAIL
    seen = state(notices, message_id)
    assert (seen.state, seen.attempts, seen.reason, seen.run) == (State.ACCEPTED, 1, "recibido", RUN)


def test_an_act_that_fails_sends_nothing(notices: Notices, database: Database, office: Office) -> None:
    def act() -> None:
        with database.unit_of_work(deadline=Deadline(5)) as work:
            notices.promise(work, run=RUN, message=MAIL)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        act()
    assert office.run() == 0


@pytest.mark.norm("N-2.4b", "N-2.6e")
def test_each_outcome_enters_the_log_with_content_and_channel_but_no_address(
    notices: Notices, database: Database, office: Office, log: Any, deadline: Deadline
) -> None:
    cause = uuid4()
    message_id = promise(notices, database, SMS, on_account_of=cause)
    office.run()
    (said,) = evidence(notices)
    assert said["aviso"] == str(message_id)
    assert said["por_cuenta_de"] == str(cause)
    assert (said["canal"], said["clase"], said["intento"], said["resultado"]) == ("sms", "prueba", 1, "aceptado")
    assert said["contenido"] == to_base64url(SMS.digest)
    assert said["direccion"] == log.keyed(SMS.address, purpose="direccion-de-aviso")
    assert SMS.address not in json.dumps(said)
    entry = log.seal_attempts(database, deadline)
    with database.reading(deadline=deadline) as connection:
        assert log.receipt(connection, entry)["entrada"]["tipo"] == ATTEMPTS_SEALED.code


@pytest.mark.norm("N-2.6b")
def test_address_and_content_are_sealed(notices: Notices, database: Database, office: Office) -> None:
    promise(notices, database)
    office.run()
    with database.reading(deadline=Deadline(5)) as connection:
        (row,) = connection.execute(sa.text("SELECT m::text AS m FROM notices.message m")).all()
        (outcome,) = connection.execute(sa.text("SELECT answer FROM notices.outcome")).all()
    assert "antonia" not in row.m
    assert MAIL.text.encode().hex() not in row.m
    assert b"250" not in outcome.answer


@pytest.mark.norm("N-2.6e")
def test_an_attempt_whose_process_died_is_unknown_and_never_sent_again(
    notices: Notices, database: Database, office: Office, carrier: Carrier, clock: Any
) -> None:
    message_id = promise(notices, database)
    (promised,) = office.hand_over()
    assert office.begin(promised) is not None  # and here the process dies
    assert state(notices, message_id).state is State.SENDING
    clock.advance(seconds=14)
    assert office.run() == 0, "it may still be under way"
    clock.advance(seconds=1)
    assert state(notices, message_id).state is State.UNKNOWN
    for _ in range(3):
        clock.advance(seconds=100)
        assert office.run() == 0
    assert carrier.given == []
    assert state(notices, message_id).state is State.UNKNOWN
    assert [one["resultado"] for one in evidence(notices)] == ["desconocido"]


def test_while_one_sends_another_that_is_told_waits(notices: Notices, database: Database, office: Office) -> None:
    promise(notices, database)
    (promised,) = office.hand_over()
    sending = office.begin(promised)
    assert sending is not None
    assert office.begin(promised) is None
    office.finish(promised, sending, notices.deliver(sending))
    assert state(notices, sending.outgoing.id).state is State.ACCEPTED
    assert office.run() == 0


def test_what_is_learnt_late_beats_unknown(
    notices: Notices, database: Database, office: Office, carrier: Carrier, clock: Any
) -> None:
    """A process that was only slow (a stopped machine, a moved clock) writes what it learnt."""
    message_id = promise(notices, database)
    (promised,) = office.hand_over()
    sending = office.begin(promised)
    assert sending is not None
    clock.advance(seconds=120)
    assert office.run() == 0
    assert state(notices, message_id).state is State.UNKNOWN
    for _ in range(2):
        office.finish(promised, sending, notices.deliver(sending))
        assert state(notices, message_id).state is State.ACCEPTED
    assert [one["resultado"] for one in evidence(notices)] == ["desconocido", "aceptado"]


def test_a_postponement_learnt_late_does_not_revive_what_was_given_up(
    notices: Notices, database: Database, office: Office, clock: Any
) -> None:
    message_id = promise(notices, database)
    (promised,) = office.hand_over()
    sending = office.begin(promised)
    assert sending is not None
    clock.advance(seconds=120)
    office.run()
    office.finish(promised, sending, POSTPONED)
    assert state(notices, message_id).state is State.UNKNOWN
    clock.advance(seconds=3600)
    assert office.run() == 0


@pytest.mark.norm("N-2.6e")
def test_is_tried_with_growing_pauses_until_it_expires(
    notices: Notices, database: Database, office: Office, carrier: Carrier, clock: Any
) -> None:
    message_id = promise(notices, database, expires_at=clock() + timedelta(hours=1))
    carrier.says = POSTPONED
    began, times = clock(), []
    for _ in range(740):
        if office.run():
            times.append((clock() - began).total_seconds())
        clock.advance(seconds=5)
    assert times == [0, 5, 20, 65, 200, 605, 1205, 1805, 2405, 3005]
    assert state(notices, message_id).state is State.EXPIRED
    assert [one["resultado"] for one in evidence(notices)] == ["postergado"] * 10 + ["vencido"]
    carrier.says = Delivery(Result.ACCEPTED, "recibido")
    clock.advance(seconds=3600)
    assert office.run() == 0


def test_after_an_outage_it_is_sent_once(
    notices: Notices, database: Database, office: Office, carrier: Carrier, clock: Any
) -> None:
    message_id = promise(notices, database)
    carrier.says = POSTPONED
    for _ in range(120):
        office.run()
        clock.advance(seconds=5)
    carrier.says, before = Delivery(Result.ACCEPTED, "recibido"), len(carrier.given)
    for _ in range(180):
        office.run()
        clock.advance(seconds=5)
    assert len(carrier.given) == before + 1
    assert state(notices, message_id).state is State.ACCEPTED


def test_what_is_refused_for_good_is_not_tried_again(
    notices: Notices, database: Database, office: Office, carrier: Carrier, clock: Any
) -> None:
    message_id = promise(notices, database)
    carrier.says = Delivery(Result.REFUSED, "smtp_550", "550 5.1.1 no existe")
    office.run()
    clock.advance(seconds=3600)
    assert office.run() == 0
    assert state(notices, message_id).state is State.REFUSED
    assert state(notices, message_id).reason == "smtp_550"


@pytest.mark.norm("N-2.4b")
def test_of_a_person_shows_hers_alone_the_newest_first(notices: Notices, database: Database, clock: Any) -> None:
    first = promise(notices, database)
    clock.advance(seconds=1)
    second = promise(notices, database, SMS)
    with database.unit_of_work(deadline=Deadline(5)) as work:
        notices.promise(work, run=Run(22222222), message=MAIL)
        notices.promise(work, run=None, message=MAIL)
    with database.reading(deadline=Deadline(5)) as connection:
        shown = notices.of_person(connection, RUN)
        assert [(one.id, one.message) for one in shown] == [(second, SMS), (first, MAIL)]
        with pytest.raises(LookupError):
            notices.state(connection, uuid4())


def test_test_systems_say_so_in_every_message(
    notices: Notices, database: Database, carrier: Carrier, clock: Any
) -> None:
    marked = replace(notices, mark="PRUEBAS – sin validez legal")
    promise(marked, database)
    promise(marked, database, SMS)
    Office(notices.database, marked, clock).run()
    mail, sms = sorted((given.message for given in carrier.given), key=lambda message: message.channel)
    assert mail.subject == f"PRUEBAS – sin validez legal: {MAIL.subject}"
    assert mail.text.startswith("PRUEBAS – sin validez legal\n")
    assert sms.text == f"PRUEBAS – sin validez legal. {SMS.text}"


def test_a_process_without_a_messenger_promises_and_carries_nothing(
    notices: Notices, database: Database, clock: Any
) -> None:
    web = replace(notices, database=database, messenger=None)
    promise(web, database)
    office = Office(notices.database, web, clock)
    (promised,) = office.hand_over()
    with pytest.raises(LookupError):
        office.begin(promised)


@pytest.mark.parametrize(
    ("channel", "address"),
    [
        (Channel.MAIL, "a@example.cl\r\nBcc: otro@example.cl"),
        (Channel.MAIL, "a@example.cl, otro@example.cl"),
        (Channel.MAIL, "Ana <a@example.cl>"),
        (Channel.MAIL, "a@b@example.cl"),
        (Channel.MAIL, "a b@example.cl"),
        (Channel.MAIL, "@example.cl"),
        (Channel.MAIL, "+56912345678"),
        (Channel.MAIL, ""),
        (Channel.SMS, "912345678"),
        (Channel.SMS, "+56 9 1234 5678"),
        (Channel.SMS, "+5691234567８"),
        (Channel.SMS, "+56912345678\n"),
        (Channel.SMS, "a@example.cl"),
    ],
)
def test_an_address_that_could_carry_more_than_one_is_refused(channel: Channel, address: str) -> None:
    with pytest.raises(ValueError, match="address"):
        Message(channel, address, "prueba", "Asunto" if channel is Channel.MAIL else None, "Texto")


@pytest.mark.parametrize(
    "changes",
    [
        {"subject": "Asunto\r\nBcc: otro@example.cl"},
        {"subject": "Asunto\u2028otro"},
        {"subject": None},
        {"text": "  "},
        {"text": "a\x00b"},
        {"kind": "Con Espacio"},
        {"channel": Channel.SMS, "address": "+56912345678"},
        {"channel": Channel.SMS, "address": "+56912345678", "subject": None, "text": "a" * 641},
    ],
)
def test_a_message_out_of_shape_is_refused(changes: dict[str, Any]) -> None:
    given = {"channel": Channel.MAIL, "address": "a@example.cl", "kind": "prueba", "subject": "Asunto", "text": "Texto"}
    with pytest.raises(ValueError, match=r"mail has|the text|not a kind"):
        Message(**{**given, **changes})


def test_pauses_grow_and_end() -> None:
    assert [pause_after(number).total_seconds() for number in range(1, 9)] == [5, 15, 45, 135, 405, 600, 600, 600]
    assert pause_after(10_000) == timedelta(minutes=10)


def test_an_attempt_under_way_outlives_the_expiry(clock: Any) -> None:
    at = clock()
    under_way = Attempt(1, at, at + timedelta(seconds=15), None, None)
    assert state_of([under_way], at=at + timedelta(seconds=5), expires_at=at) is State.SENDING
    assert state_of([under_way], at=at + timedelta(seconds=15), expires_at=at) is State.UNKNOWN
