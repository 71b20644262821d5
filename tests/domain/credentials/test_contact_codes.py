"""Codes sent to a contact: bound to person, purpose and address; few tries, few minutes, few sends."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import pytest
import sqlalchemy as sa

from lme_operator.core.database import Database, Deadline
from lme_operator.core.refusal import Refusal
from lme_operator.core.run import Run
from lme_operator.core.sealing import Sealer
from lme_operator.domain.audit import LogEvidence
from lme_operator.domain.credentials import ContactProof, CountsWrongContactCodes
from lme_operator.domain.identity import lock_people
from lme_operator.domain.mandates.events import OFFICER_PROPOSED
from lme_operator.domain.notices import Channel
from tests.conftest import SettableClock
from tests.factories.people import ORIGIN, People

MAIL = "antonia@example.cl"
PLACE: dict[str, Any] = {"purpose": "enrolamiento:1", "channel": Channel.MAIL, "address": MAIL}


@dataclass
class Desk:
    """Sends and answers codes, each in its transaction."""

    people: People
    run: Run

    def send(self, *, run: Run | None = None, **changes: Any) -> str:
        run = run or self.run
        self.people.database.clock.advance(seconds=1)  # type: ignore[attr-defined]
        with self.people.database.unit_of_work(deadline=Deadline(5), locks=(lock_people(run),)) as work:
            self.people.contact_codes.send(work, run=run, **{**PLACE, **changes})
        return self.people.told(run, "codigo_de_contacto")

    def answer(self, code: str, *, run: Run | None = None, **changes: Any) -> ContactProof:
        run = run or self.run
        inner = LogEvidence(self.people.log, OFFICER_PROPOSED, "persona:prueba")
        with self.people.database.unit_of_work(
            deadline=Deadline(5), locks=(lock_people(run),), evidence=CountsWrongContactCodes(inner)
        ) as work:
            return self.people.contact_codes.answer(work, run=run, code=code, **{**PLACE, **changes})


@pytest.fixture
def desk(database: Database, log: object, sealer: Sealer) -> Desk:
    people = People(database, log, sealer)
    return Desk(people, people.enrol())


def refused(act: Callable[[], object]) -> Refusal:
    with pytest.raises(Refusal) as error:
        act()
    return error.value


def other(code: str) -> str:
    return f"{(int(code) + 1) % 10**6:06}"


@pytest.mark.norm("N-2.1d")
@pytest.mark.parametrize(("channel", "address"), [(Channel.MAIL, MAIL), (Channel.SMS, "+56912345678")])
def test_code_that_was_sent_is_answered_once(desk: Desk, channel: Channel, address: str, clock: SettableClock) -> None:
    code = desk.send(channel=channel, address=address)
    (message,) = desk.people.messages(desk.run)
    assert (message.channel, message.address) == (channel, address)
    proof = desk.answer(code, channel=channel, address=address)
    assert proof.at == clock()
    assert (
        refused(lambda: desk.answer(code, channel=channel, address=address)).kind.code == "codigo_de_contacto_vencido"
    )


@pytest.mark.norm("N-2.1d")
@pytest.mark.parametrize(
    "elsewhere",
    [
        {"purpose": "enrolamiento:2"},
        {"purpose": "recuperacion"},
        {"channel": Channel.SMS},
        {"address": "otra@example.cl"},
        {"run": Run(22222222)},
    ],
)
def test_code_answers_for_nothing_else(desk: Desk, elsewhere: dict[str, Any]) -> None:
    desk.people.enrol(22222222)
    code = desk.send()
    assert refused(lambda: desk.answer(code, **elsewhere)).kind.code == "codigo_de_contacto_vencido"
    desk.answer(code)


def test_address_is_the_same_in_another_case(desk: Desk) -> None:
    desk.answer(desk.send(address="Antonia@Example.CL"))


@pytest.mark.norm("N-2.1d")
def test_only_the_last_code_serves(desk: Desk) -> None:
    first, second = desk.send(), desk.send()
    if first != second:
        assert refused(lambda: desk.answer(first)).kind.code == "codigo_de_contacto_incorrecto"
    desk.answer(second)


@pytest.mark.norm("N-2.1d")
def test_code_dies_after_its_minutes_and_with_the_epoch(desk: Desk, clock: SettableClock) -> None:
    code = desk.send()
    clock.advance(seconds=599)
    session = desk.people.enter(desk.run).session
    desk.people.access.block_self(session=session, origin=ORIGIN, deadline=Deadline(5))
    assert refused(lambda: desk.answer(code)).kind.code == "codigo_de_contacto_vencido"
    code = desk.send()
    clock.advance(seconds=600)
    assert refused(lambda: desk.answer(code)).kind.code == "codigo_de_contacto_vencido"


@pytest.mark.norm("N-2.1d")
def test_five_wrong_answers_end_a_code_and_survive_their_refusal(desk: Desk) -> None:
    code = desk.send()
    for _ in range(5):
        assert refused(lambda: desk.answer(other(code))).kind.code == "codigo_de_contacto_incorrecto"
    assert refused(lambda: desk.answer(code)).kind.code == "codigo_de_contacto_vencido"
    desk.answer(desk.send())


@pytest.mark.parametrize("text", ["", "12345", "1234567", "12 3456", "１２３４５６", "abcdef", "123456\n"])
def test_what_is_no_code_is_wrong(desk: Desk, text: str) -> None:
    desk.send()
    assert refused(lambda: desk.answer(text)).kind.code == "codigo_de_contacto_incorrecto"


def test_code_never_sent_is_over(desk: Desk) -> None:
    assert refused(lambda: desk.answer("123456")).kind.code == "codigo_de_contacto_vencido"


@pytest.mark.norm("N-2.1d")
def test_sends_an_hour_are_bounded_by_person_and_by_address(desk: Desk, clock: SettableClock) -> None:
    for _ in range(5):
        desk.send()
        clock.advance(seconds=59)
    too_many = refused(desk.send)
    assert (too_many.kind.code, too_many.retry_after) == ("demasiados_envios", 3300)
    assert refused(lambda: desk.send(address="otra@example.cl")).kind.code == "demasiados_envios"
    stranger = desk.people.enrol(22222222)
    assert refused(lambda: desk.send(run=stranger)).kind.code == "demasiados_envios"
    desk.send(purpose="recuperacion:9")
    desk.send(channel=Channel.SMS, address="+56912345678")
    clock.advance(seconds=3300)
    desk.send()
    assert refused(desk.send).kind.code == "demasiados_envios"


@pytest.mark.parametrize("address", ["", "sin-arroba", "a@b.cl\nBcc: c@d.cl", "a@b.cl,c@d.cl"])
def test_nothing_is_sent_to_what_is_no_address(desk: Desk, address: str) -> None:
    with pytest.raises(ValueError, match="not an address"):
        desk.send(address=address)
    assert desk.people.messages(desk.run) == ()


def test_ten_answers_at_once_are_accepted_once(desk: Desk) -> None:
    code = desk.send()

    def answer(_: int) -> str:
        try:
            desk.answer(code)
        except Refusal as refusal:
            return refusal.kind.code
        return "hecho"

    with ThreadPoolExecutor(10) as pool:
        outcomes = list(pool.map(answer, range(10)))
    assert outcomes.count("hecho") == 1


def test_ten_wrong_answers_at_once_count_five(desk: Desk, owner_url: str) -> None:
    code = desk.send()
    with ThreadPoolExecutor(10) as pool:
        outcomes = list(pool.map(lambda _: refused(lambda: desk.answer(other(code))).kind.code, range(10)))
    assert outcomes.count("codigo_de_contacto_incorrecto") == 5
    with sa.create_engine(owner_url, poolclass=sa.NullPool).connect() as connection:
        assert connection.execute(sa.text("SELECT count(*) FROM credentials.wrong_answer")).scalar_one() == 5


@pytest.mark.norm("N-2.6b")
def test_neither_code_nor_address_stands_readable(desk: Desk, owner_url: str) -> None:
    code = desk.send()
    with sa.create_engine(owner_url, poolclass=sa.NullPool).connect() as connection:
        rows = connection.execute(sa.text("SELECT * FROM credentials.contact_code")).all()
        messages = connection.execute(sa.text("SELECT content FROM notices.message")).all()
    stored = str(
        [bytes(value) if isinstance(value, memoryview) else value for row in (*rows, *messages) for value in row]
    )
    assert code not in stored.replace(str(desk.run), "")
    assert "antonia" not in stored
