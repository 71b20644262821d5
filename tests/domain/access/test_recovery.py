"""A forgotten password: contacts and second factor together; who asks learns nothing."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa

from lme_operator.core.database import Database, Deadline
from lme_operator.core.origin import Origin
from lme_operator.core.refusal import Refusal
from lme_operator.core.run import Run
from lme_operator.core.sealing import Sealer
from lme_operator.domain.access import SentCodes
from lme_operator.domain.credentials import EntryLimits, count_live_sessions
from lme_operator.domain.notices import Channel
from tests.conftest import SettableClock
from tests.factories.people import FOUNDERS, OPERATOR, ORIGIN, OTHER_PASSWORD, PASSWORD, People

STRANGER = Run(22222222)
SENT = {"mail_code": Channel.MAIL, "sms_code": Channel.SMS}
ELSEWHERE = Origin(ip="198.51.100.9", device="otro", request_id="prueba-2")


@pytest.fixture
def people(database: Database, log: object, sealer: Sealer) -> People:
    return People(database, log, sealer)


@pytest.fixture
def run(people: People) -> Run:
    return people.enrol()


def ask(people: People, run: Run, origin: Origin = ELSEWHERE) -> UUID:
    people.database.clock.advance(seconds=1)  # type: ignore[attr-defined]
    return people.access.begin_recovery(run=run, origin=origin, deadline=Deadline(5)).attempt


def recover(people: People, run: Run, attempt: UUID, **changes: Any) -> Any:
    values: dict[str, Any] = {"code": people.code(), "new": OTHER_PASSWORD, "origin": ELSEWHERE} | changes
    sent = SentCodes(*(values.pop(name) if name in values else told(people, run, name) for name in SENT))
    return people.access.recover(run=run, attempt=attempt, sent=sent, deadline=Deadline(5), **values)


def told(people: People, run: Run, name: str) -> str:
    """The code last sent; one made up for who was sent none."""
    if not any(message.channel is SENT[name] for message in people.messages(run)):
        return "123456"
    return people.told(run, "codigo_de_contacto", channel=SENT[name])


def refused(act: Callable[[], object]) -> Refusal:
    with pytest.raises(Refusal) as error:
        act()
    return error.value


def other(code: str) -> str:
    return f"{(int(code) + 1) % 10**6:06}"


@pytest.mark.norm("N-2.6a")
def test_password_comes_back_with_contact_and_factor_and_every_session_is_over(
    people: People, run: Run, database: Database
) -> None:
    people.enter(run)
    attempt = ask(people, run)
    sent = {(message.channel, message.address) for message in people.messages(run)}
    assert sent == {(Channel.MAIL, "antonia@example.cl"), (Channel.SMS, "+56912345678")}
    recovered = recover(people, run, attempt, code=people.next_code())
    news = people.messages(run)[0]
    assert (news.channel, news.address, news.kind) == (Channel.SMS, "+56912345678", "clave_recuperada")
    with database.reading(deadline=Deadline(5)) as connection:
        assert count_live_sessions(connection, run, database.clock()) == 0
        assert people.log.receipt(connection, recovered.entry_id)["entrada"]["tipo"] == "clave_recuperada"
    assert refused(lambda: people.enter(run, code=people.next_code())).kind.code == "credenciales_invalidas"
    assert people.enter(run, password=OTHER_PASSWORD, code=people.next_code()).session.stage == "plena"


@pytest.mark.norm("N-2.6a")
def test_one_proof_alone_recovers_nothing_and_all_refusals_are_the_same(people: People, run: Run) -> None:
    people = replace(people, limits=EntryLimits(tries=20))
    attempt = ask(people, run)
    mailed, texted = told(people, run, "mail_code"), told(people, run, "sms_code")
    wrong = [
        refused(partial(recover, people, run, attempt, **changes))
        for changes in (
            {"mail_code": other(mailed)},
            {"mail_code": ""},
            {"sms_code": other(texted)},
            {"sms_code": ""},
            {"sms_code": mailed},
            {"mail_code": texted, "sms_code": mailed},
            {"code": "000000"},
            {"code": ""},
            {"mail_code": other(mailed), "code": "000000"},
        )
    ]
    wrong.append(refused(lambda: recover(people, run, uuid4())))
    wrong.append(refused(lambda: recover(people, STRANGER, attempt, mail_code=mailed)))
    wrong.append(refused(lambda: recover(people, STRANGER, ask(people, STRANGER), mail_code="123456")))
    assert {(refusal.kind.code, refusal.findings, refusal.retry_after) for refusal in wrong} == {
        ("recuperacion_no_aceptada", (), None)
    }
    recover(people, run, attempt)


@pytest.mark.norm("N-2.6a")
def test_attempt_of_another_does_not_serve_nor_spoil(people: People, run: Run) -> None:
    """Who asks for the same RUN from elsewhere cannot burn the tries of the code that its owner was sent."""
    mine = ask(people, run)
    mailed = told(people, run, "mail_code")
    for _ in range(9):
        refused(lambda: recover(people, run, uuid4(), mail_code=other(mailed)))
    people.database.clock.advance(seconds=301)  # type: ignore[attr-defined]
    recover(people, run, mine, mail_code=mailed)


def test_code_serves_once_and_in_its_minutes(people: People, run: Run, clock: SettableClock) -> None:
    attempt = ask(people, run)
    mailed = told(people, run, "mail_code")
    clock.advance(seconds=600)
    assert refused(lambda: recover(people, run, attempt)).kind.code == "recuperacion_no_aceptada"
    attempt = ask(people, run)
    mailed = told(people, run, "mail_code")
    recover(people, run, attempt)
    again = refused(
        lambda: recover(people, run, attempt, mail_code=mailed, code=people.next_code(), new="una clave distinta más")
    )
    assert again.kind.code == "recuperacion_no_aceptada"


def test_five_wrong_mail_codes_end_the_attempt(people: People, run: Run) -> None:
    attempt = ask(people, run)
    mailed = told(people, run, "mail_code")
    for _ in range(5):
        refused(lambda: recover(people, run, attempt, mail_code=other(mailed)))
    assert refused(lambda: recover(people, run, attempt)).kind.code == "recuperacion_no_aceptada"


@pytest.mark.norm("N-2.6a")
def test_wrong_factors_wait_and_leave_entry_and_acts_free(people: People, run: Run) -> None:
    attempt = ask(people, run)
    for _ in range(5):
        refused(lambda: recover(people, run, attempt, code="000000"))
    assert refused(lambda: recover(people, run, attempt)).kind.code == "recuperacion_no_aceptada"
    session = people.enter(run).session
    people.access.register_key_options(
        session=session, purpose="firma", code=people.next_code(), origin=ORIGIN, deadline=Deadline(5)
    )


@pytest.mark.parametrize(
    ("new", "reason"),
    [
        ("corta", "clave_corta"),
        ("la doctora ñancupil atiende", "clave_personal"),
        (PASSWORD, "clave_repetida"),
        (PASSWORD.upper() + " 2026!", "clave_repetida"),
    ],
)
def test_new_password_keeps_the_rules_and_a_refused_one_burns_no_code(
    people: People, run: Run, new: str, reason: str
) -> None:
    attempt = ask(people, run)
    refusal = refused(lambda: recover(people, run, attempt, new=new))
    assert refusal.kind.code == "clave_no_aceptada"
    assert reason in [finding.code for finding in refusal.findings]
    recover(people, run, attempt)


def test_rules_that_depend_on_the_person_are_told_only_after_every_proof(people: People, run: Run) -> None:
    """Else anybody could ask whether a RUN is here and what its owner is called."""
    attempt = ask(people, run)
    for new in ("la doctora ñancupil atiende", PASSWORD):
        refusal = refused(partial(recover, people, run, attempt, new=new, code="000000"))
        assert refusal.kind.code == "recuperacion_no_aceptada"
    assert (
        refused(lambda: recover(people, STRANGER, attempt, new="corta", mail_code="1")).kind.code == "clave_no_aceptada"
    )


@pytest.mark.norm("N-2.7a")
def test_who_blocked_himself_recovers_nothing_and_is_told_after_every_proof(people: People, run: Run) -> None:
    people.access.block_self(session=people.enter(run).session, origin=ORIGIN, deadline=Deadline(5))
    attempt = ask(people, run)
    assert refused(lambda: recover(people, run, attempt, code="000000")).kind.code == "recuperacion_no_aceptada"
    assert refused(lambda: recover(people, run, attempt, code=people.next_code())).kind.code == "acceso_bloqueado"


@pytest.mark.norm("N-2.3a")
def test_recovering_is_no_way_around_the_activation(people: People) -> None:
    run, _ = people.first_access()
    attempt = ask(people, run)
    assert refused(lambda: recover(people, run, attempt)).kind.code == "primer_acceso_pendiente"


@pytest.mark.norm("N-2.2a", "N-2.6a")
def test_mailbox_and_the_secret_seen_at_the_enrolment_recover_nothing(people: People, run: Run) -> None:
    """The officer who enrols sees the secret of the application on his screen: one mailbox more is not enough."""
    attempt = ask(people, run)
    for guess in ("", "000000", told(people, run, "mail_code")):
        refusal = refused(partial(recover, people, run, attempt, sms_code=guess))
        assert refusal.kind.code == "recuperacion_no_aceptada"
    recover(people, run, attempt)


def test_founder_without_telephone_recovers_by_mail_and_factor(people: People, monkeypatch: pytest.MonkeyPatch) -> None:
    ana, luis = FOUNDERS
    monkeypatch.setattr("tests.factories.people.FOUNDERS", (replace(ana, telephone=None), luis))
    people.founders()
    attempt = ask(people, ana.run)
    assert {message.channel for message in people.messages(ana.run)} == {Channel.MAIL}
    recover(people, ana.run, attempt, sms_code="")


def test_officer_recovers_by_his_own_contacts(people: People) -> None:
    officer = people.officer()
    attempt = ask(people, officer)
    sent = {message.address for message in people.messages(officer)[:2]}
    assert sent == {"funcionaria.9100001@operador.example", "+56990000003"}
    recover(people, officer, attempt, code=people.next_code())
    assert people.messages(officer)[0].channel is Channel.SMS
    entered = people.enter(officer, password=OTHER_PASSWORD, context=OPERATOR, code=people.next_code())
    assert entered.session.context == OPERATOR


def test_nobody_is_written_to_for_a_stranger_nor_for_who_has_no_password(
    people: People, run: Run, owner_url: str
) -> None:
    assert isinstance(ask(people, STRANGER), UUID)
    with sa.create_engine(owner_url, poolclass=sa.NullPool).connect() as connection:
        for table in ("notices.message", "credentials.contact_code", "core.outbox"):
            assert connection.execute(sa.text(f"SELECT count(*) FROM {table}")).scalar_one() == 0, table
        known = connection.execute(sa.text("SELECT count(*) FROM identity.person WHERE run = :r"), {"r": str(STRANGER)})
        assert known.scalar_one() == 0


@pytest.mark.norm("N-3.0b")
def test_every_asking_is_an_attempt_the_strangers_without_run(people: People, run: Run, database: Database) -> None:
    ask(people, run)
    ask(people, STRANGER)
    refused(lambda: recover(people, STRANGER, uuid4(), mail_code="123456"))
    entry = people.log.seal_attempts(database, Deadline(5))
    with database.reading(deadline=Deadline(5)) as connection:
        assert people.log.disclosed(connection, entry)["cantidad"] == 3


@pytest.mark.norm("N-2.6a")
def test_asking_is_bounded_alike_for_known_and_stranger_and_apart_from_entry(
    people: People, run: Run, clock: SettableClock
) -> None:
    for who in (run, STRANGER):
        for _ in range(5):
            ask(people, who)
        refusal = refused(partial(ask, people, who))
        assert (refusal.kind.code, refusal.retry_after) == ("demasiados_intentos", 3595)
    people.enter(run)
    assert len([message for message in people.messages(run) if message.channel is Channel.MAIL]) == 5
    ask(people, run, ORIGIN)
    assert len([message for message in people.messages(run) if message.channel is Channel.MAIL]) == 6
    clock.advance(seconds=3600)
    ask(people, run)


def test_source_that_asks_for_everybody_is_stopped(people: People) -> None:
    few = replace(people, limits=EntryLimits(source_tries=3))
    for number in (1, 2, 3):
        ask(few, Run(number))
    assert refused(lambda: ask(few, Run(4))).kind.code == "demasiados_intentos"


def test_recovery_changed_meanwhile_recovers_nothing(people: People, run: Run) -> None:
    """Asked twice from two places: the first that succeeds raises the epoch, and the other's code is dead."""
    first, mailed = ask(people, run), told(people, run, "mail_code")
    second = ask(people, run, replace(ELSEWHERE, ip="203.0.113.4"))
    recover(people, run, second)
    late = refused(
        lambda: recover(people, run, first, mail_code=mailed, code=people.next_code(), new="otra clave más distinta")
    )
    assert late.kind.code == "recuperacion_no_aceptada"


def statements(people: People, run: Run, place: Origin) -> list[str]:
    """What the database is asked when `run` asks from `place`, but for the undoing."""
    asked: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if "SAVEPOINT" not in statement:
            asked.append(" ".join(statement.split()))

    sa.event.listen(sa.Engine, "before_cursor_execute", note)
    try:
        ask(people, run, place)
    finally:
        sa.event.remove(sa.Engine, "before_cursor_execute", note)
    return asked


@pytest.mark.norm("N-2.6a")
def test_stranger_costs_the_work_of_who_is_known(people: People, run: Run) -> None:
    """The same questions to the database, written and then undone: threat M03."""
    officer = people.officer()
    of_run, of_officer, of_stranger = (
        statements(people, who, replace(ELSEWHERE, ip=f"198.51.100.{number}"))
        for number, who in enumerate((run, officer, STRANGER))
    )
    assert of_stranger == of_run == of_officer
    assert [statement for statement in of_stranger if statement.startswith("INSERT INTO notices.message")]
