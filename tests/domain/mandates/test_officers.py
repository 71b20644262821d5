"""Accrediting officers and ending it: two founders to begin, one to end (mandatos@v1)."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import partial
from typing import Any
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa

from lme_operator.core.canonical import sha256
from lme_operator.core.database import Database, Deadline
from lme_operator.core.idempotency import IdempotentRequest
from lme_operator.core.refusal import Refusal
from lme_operator.core.run import Run
from lme_operator.domain.access import PasswordChangeDue
from lme_operator.domain.credentials import Session, count_live_sessions, find_session
from lme_operator.domain.identity import find_epoch
from lme_operator.domain.mandates import (
    EndCause,
    Mandate,
    OfficerAccredited,
    OfficerEnded,
    Role,
    mandate_causes,
    mandate_in_force,
)
from lme_operator.domain.notices import Channel
from tests.conftest import SettableClock
from tests.factories.people import DESIGNATION, FOUNDERS, OPERATOR, ORIGIN, SECRET, People, officer_order

OFFICER = Run(9100001)
ANA, LUIS = (founder.run for founder in FOUNDERS)


@dataclass
class Ceremony:
    """The steps of an accreditation, one by one."""

    people: People

    def draft(
        self, session: Session, run: Run = OFFICER, *, designation: bytes | None = DESIGNATION, **changes: Any
    ) -> UUID:
        order = officer_order(self.people, run, **changes)
        drafted = self.people.mandates.draft_officer(
            session=session, order=order, origin=ORIGIN, deadline=Deadline(10), secret=SECRET,
            designation=designation if order.authority is not None else None,
        )  # fmt: skip
        return drafted.proposal_id

    def propose(self, session: Session, proposal_id: UUID, code: str | None = None, **options: Any) -> UUID:
        proposed = self.people.mandates.propose_officer(
            session=session,
            proposal_id=proposal_id,
            code=code or self.people.code(),
            origin=ORIGIN,
            deadline=Deadline(10),
            **options,
        )
        return proposed.proposal_id

    def proposed(self, run: Run = OFFICER, **changes: Any) -> UUID:
        """A proposal by Ana that stands."""
        self.people.founders()
        session = self.people.enter_officer(ANA)
        return self.propose(session, self.draft(session, run, **changes), self.people.next_code())

    def approve(
        self, session: Session, proposal_id: UUID, code: str | None = None, **options: Any
    ) -> OfficerAccredited:
        return self.people.mandates.approve_officer(
            session=session,
            proposal_id=proposal_id,
            code=code or self.people.next_code(),
            origin=ORIGIN,
            deadline=Deadline(10),
            **options,
        )

    def end(self, session: Session, run: Run = OFFICER, **options: Any) -> OfficerEnded:
        return self.people.mandates.end_officer(
            session=session,
            run=run,
            origin=ORIGIN,
            deadline=Deadline(10),
            **{"cause": EndCause.DISMISSAL, **options},
        )

    def in_force(self, run: Run = OFFICER, role: Role = Role.OFFICER) -> Mandate | None:
        with self.people.database.reading(deadline=Deadline(5)) as connection:
            return mandate_in_force(connection, self.people.sealer, run, role, self.people.database.clock())

    def causes(self, run: Run = OFFICER, role: Role = Role.OFFICER) -> list[str]:
        with self.people.database.reading(deadline=Deadline(5)) as connection:
            found = mandate_causes(connection, run, role, self.people.database.clock())
        return [finding.code for finding in found]


@pytest.fixture
def ceremony(people: People) -> Ceremony:
    return Ceremony(people)


def refused(act: Callable[[], object]) -> Refusal:
    with pytest.raises(Refusal) as error:
        act()
    return error.value


def rows(owner_url: str, table: str) -> int:
    with sa.create_engine(owner_url, poolclass=sa.NullPool).connect() as connection:
        count: int = connection.execute(sa.text(f"SELECT count(*) FROM {table}")).scalar_one()
        return count


@pytest.mark.norm("N-1b", "N-1l", "N-2.6d")
def test_officer_proposed_by_one_founder_and_approved_by_the_other_enters(ceremony: Ceremony) -> None:
    people = ceremony.people
    proposal = ceremony.proposed()
    assert ceremony.causes() == ["funcionario_no_acreditado"]
    assert [pending.id for pending in people.mandates.pending_proposals(deadline=Deadline(5))] == [proposal]
    accredited = ceremony.approve(people.enter_officer(LUIS), proposal)
    assert people.mandates.pending_proposals(deadline=Deadline(5)) == ()
    mandate = ceremony.in_force()
    assert mandate == accredited.mandate
    assert (mandate.proposed_by, mandate.approved_by) == (f"persona:{ANA}", f"persona:{LUIS}")
    assert ceremony.causes() == []
    people.first_entry(OFFICER)
    assert people.enter_officer(OFFICER).context == OPERATOR
    with people.database.reading(deadline=Deadline(5)) as connection:
        told = people.log.disclosed(connection, accredited.entry_id)
        receipt = people.log.receipt(connection, accredited.entry_id)
    assert receipt["entrada"]["tipo"] == "funcionario_acreditado"
    assert (told["actor"], told["propone"]) == (f"persona:{LUIS}", f"persona:{ANA}")


@pytest.mark.norm("N-2.3a", "N-2.6b")
def test_password_goes_by_mail_and_its_activation_by_telephone(ceremony: Ceremony, owner_url: str) -> None:
    people = ceremony.people
    proposal = ceremony.proposed()
    accredited = ceremony.approve(people.enter_officer(LUIS), proposal)
    by_channel = {message.channel: message for message in people.messages(OFFICER)}
    password, code = people.told(OFFICER, "clave_inicial"), people.told(OFFICER, "codigo_de_activacion")
    assert len(people.messages(OFFICER)) == 2
    assert by_channel[Channel.MAIL].address == "funcionaria.9100001@operador.example"
    assert by_channel[Channel.SMS].address == "+56990000003"
    assert password in by_channel[Channel.MAIL].text
    assert code in by_channel[Channel.SMS].text
    assert code not in by_channel[Channel.MAIL].text
    assert password not in by_channel[Channel.SMS].text
    with people.database.reading(deadline=Deadline(5)) as connection:
        told = str(people.log.disclosed(connection, accredited.entry_id))
    assert not [secret for secret in (password, code, SECRET) if secret in told]
    with sa.create_engine(owner_url, poolclass=sa.NullPool).connect() as connection:
        stored = "".join(
            str([bytes(value) if isinstance(value, memoryview) else value for row in found for value in row])
            for found in (
                connection.execute(sa.text(f"SELECT * FROM {table}")).all()
                for table in ("mandates.proposal", "mandates.mandate", "credentials.activation", "notices.message")
            )
        )
    assert not [word for word in (password, code, SECRET, "Mella", "operador.example", "990000003") if word in stored]


@pytest.mark.norm("N-1l", "N-2.6d")
def test_nobody_approves_what_he_proposed_or_for_himself(ceremony: Ceremony) -> None:
    people = ceremony.people
    proposal = ceremony.proposed()
    ana = people.enter_officer(ANA)
    assert refused(lambda: ceremony.approve(ana, proposal)).kind.code == "doble_control"
    assert refused(lambda: ceremony.draft(ana, ANA)).kind.code == "doble_control"
    of_luis = ceremony.draft(ana, LUIS)
    ceremony.propose(ana, of_luis, people.next_code())
    luis = people.enter_officer(LUIS)
    assert refused(lambda: ceremony.approve(luis, of_luis)).kind.code == "doble_control"
    assert ceremony.in_force() is None
    assert ceremony.in_force(LUIS) is None


@pytest.mark.norm("N-1l", "N-2.6d")
def test_the_database_too_refuses_one_person_for_two(ceremony: Ceremony, owner_url: str) -> None:
    proposal = ceremony.proposed()
    ceremony.approve(ceremony.people.enter_officer(LUIS), proposal)
    copy = sa.text("""
        INSERT INTO mandates.mandate (id, run, role, name, email, since, proposal_id, proposed_by, approved_by,
            entry_id, at)
        SELECT gen_random_uuid(), run, role, name, email, since, NULL, :one, :two, gen_random_uuid(), at
        FROM mandates.mandate WHERE role = 'enrolador'
    """)
    with sa.create_engine(owner_url, poolclass=sa.NullPool).connect() as owner:
        for one, two in ((ANA, ANA), (OFFICER, LUIS), (ANA, OFFICER), (ANA, LUIS)):
            with pytest.raises(sa.exc.IntegrityError), owner.begin_nested():
                owner.execute(copy, {"one": f"persona:{one}", "two": f"persona:{two}"})


@pytest.mark.norm("N-1b", "N-2.6b", "N-2.6d")
def test_only_a_founder_in_the_operators_context_proposes_approves_and_ends(ceremony: Ceremony) -> None:
    people = ceremony.people
    proposal = ceremony.proposed()
    officer = people.officer(9100009)
    doctor = people.enrol(11111111)
    sessions = [people.enter_officer(officer), people.enter(doctor, code=people.next_code()).session]
    for session in sessions:
        for act in (
            partial(ceremony.draft, session, Run(9100008)),
            partial(ceremony.propose, session, proposal),
            partial(ceremony.approve, session, proposal),
            partial(ceremony.end, session, officer),
        ):
            refusal = refused(act)
            assert refusal.kind.code == "sin_mandato"
            assert [finding.code for finding in refusal.findings] == ["fundador_no_designado"]
    with people.database.reading(deadline=Deadline(5)) as connection:
        assert find_epoch(connection, Run(9100008)) is not None
    assert ceremony.causes(officer) == []


@pytest.mark.norm("N-2.6b")
def test_founder_in_another_context_or_blocked_or_over_acts_no_more(ceremony: Ceremony, clock: SettableClock) -> None:
    people = ceremony.people
    proposal = ceremony.proposed()
    elsewhere = people.enter(LUIS, code=people.next_code()).session
    assert refused(lambda: ceremony.approve(elsewhere, proposal)).kind.code == "sin_mandato"
    luis = people.enter_officer(LUIS)
    assert refused(lambda: ceremony.approve(elsewhere, proposal)).kind.code == "sesion_terminada"
    people.access.block_self(session=luis, origin=ORIGIN, deadline=Deadline(5))
    assert refused(lambda: ceremony.approve(luis, proposal)).kind.code == "sesion_terminada"
    again = people.enter_officer(LUIS)
    refusal = refused(lambda: ceremony.approve(again, proposal))
    assert (refusal.kind.code, [finding.code for finding in refusal.findings]) == ("sin_mandato", ["bloqueo_propio"])
    clock.advance(seconds=200 * 24 * 3600)
    with pytest.raises(PasswordChangeDue) as due:
        people.enter_officer(ANA)
    refusal = refused(lambda: ceremony.draft(due.value.entered.session))
    assert [finding.code for finding in refusal.findings] == ["clave_vencida"]


@pytest.mark.norm("N-2.6d")
def test_approval_demands_a_fresh_code_of_the_approver_and_counts_wrong_ones(
    ceremony: Ceremony, owner_url: str
) -> None:
    people = ceremony.people
    proposal = ceremony.proposed()
    luis = people.enter_officer(LUIS)
    assert refused(lambda: ceremony.approve(luis, proposal, people.code())).kind.code == "codigo_ya_usado"
    for _ in range(5):
        assert refused(lambda: ceremony.approve(luis, proposal, "000000")).kind.code == "codigo_incorrecto"
    refusal = refused(lambda: ceremony.approve(luis, proposal, people.code(steps=1)))
    assert refusal.kind.code == "demasiados_codigos"
    assert rows(owner_url, "credentials.wrong_code") == 5
    assert ceremony.in_force() is None
    people.database.clock.advance(seconds=60)  # type: ignore[attr-defined]
    ceremony.approve(luis, proposal)


@pytest.mark.norm("N-1l")
def test_proposal_does_not_stand_without_the_officers_own_code(ceremony: Ceremony) -> None:
    people = ceremony.people
    people.founders()
    ana = people.enter_officer(ANA)
    proposal = ceremony.draft(ana)
    assert (
        refused(lambda: ceremony.propose(ana, proposal, "000000")).kind.code == "factor_del_funcionario_no_demostrado"
    )
    luis = people.enter_officer(LUIS)
    assert refused(lambda: ceremony.approve(luis, proposal)).kind.code == "propuesta_caducada"
    assert refused(lambda: ceremony.propose(luis, proposal)).kind.code == "propuesta_inexistente"
    ceremony.propose(people.enter_officer(ANA), proposal)
    assert refused(lambda: ceremony.propose(people.enter_officer(ANA), proposal)).kind.code == "propuesta_caducada"
    ceremony.approve(people.enter_officer(LUIS), proposal)


@pytest.mark.norm("N-2.6b")
def test_founder_who_guesses_codes_keeps_nobody_from_acting(ceremony: Ceremony) -> None:
    """Of who is proposed and has a factor already: wrong codes at the founder's screen are bounded apart."""
    people = ceremony.people
    doctor = people.enrol()
    people.founders()
    session = people.enter(doctor).session
    ana = people.enter_officer(ANA)
    proposal = ceremony.draft(ana, doctor)
    for _ in range(5):
        assert refused(lambda: ceremony.propose(ana, proposal, "000000")).kind.code == "codigo_incorrecto"
    assert refused(lambda: ceremony.propose(ana, proposal, "000000")).kind.code == "demasiados_codigos"
    people.access.register_key_options(
        session=session, purpose="firma", code=people.code(steps=1), origin=ORIGIN, deadline=Deadline(10)
    )


def test_code_that_proved_the_factor_does_not_open_a_session(ceremony: Ceremony) -> None:
    people = ceremony.people
    people.founders()
    luis = people.enter_officer(LUIS)
    ana = people.enter_officer(ANA)
    proposal = ceremony.draft(ana)
    used = people.code()
    ceremony.propose(ana, proposal, used)
    ceremony.approve(luis, proposal, people.code(steps=1))
    password = people.told(OFFICER, "clave_inicial")
    refusal = refused(lambda: people.enter(OFFICER, password=password, context=OPERATOR, code=used))
    assert refusal.kind.code == "codigo_ya_usado"


@pytest.mark.norm("N-1l")
@pytest.mark.parametrize("what", ["vencida", "posterior", "medios", "periodo", "otra_vez"])
def test_proposal_that_is_over_is_not_approved(ceremony: Ceremony, clock: SettableClock, what: str) -> None:
    people = ceremony.people
    proposal = ceremony.proposed(until=date(2026, 4, 20) if what == "periodo" else None)
    if what == "vencida":
        clock.advance(seconds=72 * 3600)
    elif what == "posterior":
        ceremony.draft(people.enter_officer(ANA), email="otra@operador.example")
    elif what == "medios":
        people.enrol(OFFICER.number)
    elif what == "periodo":
        clock.advance(seconds=24 * 3600)
    else:
        ceremony.approve(people.enter_officer(LUIS), proposal)
    before = ceremony.in_force()
    luis = people.enter_officer(LUIS)
    assert refused(lambda: ceremony.approve(luis, proposal)).kind.code == "propuesta_caducada"
    assert ceremony.in_force() == before
    assert people.mandates.pending_proposals(deadline=Deadline(5)) == ()


def test_unknown_proposal_is_told(ceremony: Ceremony) -> None:
    people = ceremony.people
    people.founders()
    luis = people.enter_officer(LUIS)
    assert refused(lambda: ceremony.approve(luis, uuid4())).kind.code == "propuesta_inexistente"
    assert refused(lambda: ceremony.propose(luis, uuid4())).kind.code == "propuesta_inexistente"


@pytest.mark.parametrize(
    ("changes", "pointers"),
    [
        ({"name": " "}, {"/nombre"}),
        ({"name": "x" * 121}, {"/nombre"}),
        ({"email": "carla"}, {"/correo"}),
        ({"email": "carla@x.cl\nBcc: todos@x.cl"}, {"/correo"}),
        ({"email": "a@x.cl, b@x.cl"}, {"/correo"}),
        ({"telephone": "912345678"}, {"/telefono"}),
        ({"telephone": "+56 9 1234 5678"}, {"/telefono"}),
        ({"identity": ""}, {"/identidad"}),
        ({"since": date(2026, 4, 19)}, {"/desde"}),
        ({"since": date(2026, 4, 22), "until": date(2026, 4, 21)}, {"/hasta"}),
        ({"until": date(2026, 4, 19)}, {"/hasta"}),
        ({"name": "", "email": "", "telephone": "", "identity": ""}, {"/nombre", "/correo", "/telefono", "/identidad"}),
    ],
)
def test_order_that_makes_no_sense_is_refused_with_every_reason(
    ceremony: Ceremony, changes: dict[str, Any], pointers: set[str]
) -> None:
    people = ceremony.people
    people.founders()
    ana = people.enter_officer(ANA)
    refusal = refused(lambda: ceremony.draft(ana, **changes))
    assert refusal.kind.code == "propuesta_no_admitida"
    assert {finding.pointer for finding in refusal.findings} == pointers


@pytest.mark.norm("N-1b")
def test_mandate_rules_within_its_days_alone(ceremony: Ceremony, clock: SettableClock) -> None:
    people = ceremony.people
    proposal = ceremony.proposed(since=date(2026, 4, 21), until=date(2026, 4, 22))
    ceremony.approve(people.enter_officer(LUIS), proposal)
    assert ceremony.causes() == ["funcionario_no_acreditado"]
    refusal = refused(lambda: people.first_entry(OFFICER))
    assert refusal.kind.code == "sin_mandato"
    clock.set(clock().replace(day=21, hour=4))
    assert ceremony.causes() == []
    people.first_entry(OFFICER)
    session = people.enter_officer(OFFICER)
    clock.set(clock().replace(day=23, hour=4))
    assert ceremony.causes() == ["funcionario_no_acreditado"]
    assert refused(lambda: people.enter_officer(OFFICER)).kind.code == "sin_mandato"
    assert session.context == OPERATOR


@pytest.mark.norm("N-1b")
def test_mandate_begins_at_its_approval_never_before(ceremony: Ceremony, clock: SettableClock) -> None:
    proposal = ceremony.proposed()
    clock.advance(seconds=48 * 3600)
    approved_at = clock() + timedelta(seconds=60)
    mandate = ceremony.approve(ceremony.people.enter_officer(LUIS), proposal).mandate
    assert mandate.since == mandate.at == approved_at


@pytest.mark.norm("N-1b", "N-1l", "N-2.6b", "N-2.6d")
def test_one_founder_ends_it_at_once_and_the_session_dies(ceremony: Ceremony, database: Database) -> None:
    people = ceremony.people
    officer = people.officer(OFFICER.number)
    entered = people.enter(officer, context=OPERATOR, code=people.next_code())
    ended = ceremony.end(people.enter_officer(ANA), cause=EndCause.RESIGNATION)
    with database.reading(deadline=Deadline(5)) as connection:
        assert find_session(connection, entered.token, database.clock()) is None
        assert people.log.disclosed(connection, ended.entry_id)["causa"] == "renuncia"
    assert ceremony.causes() == ["funcionario_no_acreditado"]
    assert refused(lambda: people.enter_officer(officer)).kind.code == "sin_mandato"
    (record,) = people.mandates.officers(deadline=Deadline(5))
    assert record.end is not None
    assert (record.end.cause, record.end.ended_by, record.end.detail) == (EndCause.RESIGNATION, f"persona:{ANA}", None)


@pytest.mark.norm("N-2.6a")
def test_dismissed_officer_learns_it_only_with_both_factors(ceremony: Ceremony) -> None:
    people = ceremony.people
    officer = people.officer(OFFICER.number)
    ceremony.end(people.enter_officer(ANA))
    wrong = refused(lambda: people.enter(officer, password="no es su clave", context=OPERATOR))
    assert wrong.kind.code == "credenciales_invalidas"
    assert refused(lambda: people.enter(officer, context=OPERATOR, code="000000")).kind.code == "codigo_incorrecto"
    stranger = refused(lambda: people.enter(Run(22222222), context=OPERATOR))
    assert stranger.kind.code == "credenciales_invalidas"
    people.enter(officer, code=people.next_code())


def test_ending_needs_a_cause_that_says_something_and_something_to_end(ceremony: Ceremony) -> None:
    people = ceremony.people
    people.officer(OFFICER.number)
    ana = people.enter_officer(ANA)
    for detail in (None, "", "  "):
        refusal = refused(partial(ceremony.end, ana, cause=EndCause.OTHER, detail=detail))
        assert refusal.kind.code == "termino_sin_explicacion"
    ceremony.end(ana, cause=EndCause.OTHER, detail=" Traslado a otra filial. ")
    assert refused(lambda: ceremony.end(ana)).kind.code == "sin_acreditacion_que_terminar"
    assert refused(lambda: ceremony.end(ana, LUIS)).kind.code == "sin_acreditacion_que_terminar"
    assert refused(lambda: ceremony.end(ana, Run(33333333))).kind.code == "sin_acreditacion_que_terminar"
    assert ceremony.in_force(LUIS, Role.FOUNDER) is not None
    (record,) = people.mandates.officers(deadline=Deadline(5))
    assert record.end is not None
    assert record.end.detail == "Traslado a otra filial."


@pytest.mark.norm("N-1l")
def test_founder_is_no_officer_by_himself(ceremony: Ceremony) -> None:
    ceremony.people.founders()
    assert ceremony.causes(ANA, Role.OFFICER) == ["funcionario_no_acreditado"]
    assert ceremony.causes(ANA, Role.FOUNDER) == []


@pytest.mark.norm("N-2.2a", "N-2.6c")
def test_two_founders_put_no_factor_of_theirs_on_a_professional(ceremony: Ceremony) -> None:
    """Who has means of access keeps them: the code is of his own application, and no password is sent."""
    people = ceremony.people
    people.founders()
    own = "KRSXG5CTMVRXEZLUKRSXG5CTMVRXEZLU"
    doctor = people.enrol(OFFICER.number, secret=own)
    ana = people.enter_officer(ANA)
    order = officer_order(people, doctor)
    drafted = people.mandates.draft_officer(
        session=ana, order=order, origin=ORIGIN, deadline=Deadline(5), secret=SECRET
    )
    assert drafted.totp is None
    of_founders = people.next_code()
    assert refused(lambda: ceremony.propose(ana, drafted.proposal_id, of_founders)).kind.code == "codigo_incorrecto"
    ceremony.propose(ana, drafted.proposal_id, people.code(own))
    ceremony.approve(people.enter_officer(LUIS), drafted.proposal_id)
    assert [message.kind for message in people.messages(doctor)] == ["acreditacion"]
    entered = people.enter(doctor, context=OPERATOR, code=people.code(own, steps=1))
    assert entered.session.stage == "plena"


@pytest.mark.norm("N-1f", "N-1l")
def test_operators_context_serves_to_practise_nothing(ceremony: Ceremony, database: Database) -> None:
    from lme_operator.domain.standing import Act, Standing
    from tests.factories.people import norms

    people = ceremony.people
    people.founders()
    doctor = people.enrol(OFFICER.number)
    assert refused(lambda: people.enter(doctor, context=OPERATOR)).kind.code == "sin_mandato"
    people.officer(OFFICER.number)
    session = people.enter_officer(doctor)
    with database.reading(deadline=Deadline(5)) as connection:
        for act in (Act.ISSUE, Act.DRAFT):
            judgement = Standing(norms()).judge(
                connection, run=doctor, act=act, context=session.context, at=database.clock()
            )
            assert "enrolado_en_otro_contexto" in [cause.code for cause in judgement.decision.findings]
            assert judgement.enrolment_id is None


@pytest.mark.norm("N-2.4a")
def test_refused_acts_of_founders_are_entries_of_the_log(ceremony: Ceremony, owner_url: str) -> None:
    proposal = ceremony.proposed()
    ana = ceremony.people.enter_officer(ANA)
    before = rows(owner_url, "audit.entry")
    refused(lambda: ceremony.approve(ana, proposal))
    assert rows(owner_url, "audit.entry") == before + 1


@pytest.mark.norm("N-2.4a")
def test_same_request_twice_is_one_act_and_one_answer(ceremony: Ceremony, owner_url: str) -> None:
    people = ceremony.people
    people.founders()
    ana = people.enter_officer(ANA)

    def key(route: str) -> IdempotentRequest:
        return IdempotentRequest.of(who=f"persona:{ANA}:operador", route=route, key="k", body=b"")

    proposal = ceremony.draft(ana)
    assert ceremony.propose(ana, proposal, idempotency=key("p")) == ceremony.propose(
        ana, proposal, "000000", idempotency=key("p")
    )
    luis = people.enter_officer(LUIS)
    first = ceremony.approve(luis, proposal, idempotency=key("a"))
    assert ceremony.approve(luis, proposal, "000000", idempotency=key("a")) == replace(first, replayed=True)
    ended = ceremony.end(luis, idempotency=key("e"))
    assert ceremony.end(luis, idempotency=key("e")) == replace(ended, replayed=True)
    assert (rows(owner_url, "mandates.mandate"), rows(owner_url, "mandates.mandate_end")) == (3, 1)


def at_once(acts: list[Callable[[], object]]) -> list[str]:
    def outcome(act: Callable[[], object]) -> str:
        try:
            act()
        except Refusal as refusal:
            return refusal.kind.code
        return "hecho"

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(outcome, acts))


@pytest.mark.norm("N-1l")
def test_approving_ten_times_at_once_makes_one_mandate(ceremony: Ceremony, owner_url: str) -> None:
    people = ceremony.people
    proposal = ceremony.proposed()
    luis = people.enter_officer(LUIS)
    code = people.next_code()
    outcomes = at_once([lambda: ceremony.approve(luis, proposal, code)] * 10)
    assert outcomes.count("hecho") == 1
    assert set(outcomes) <= {"hecho", "propuesta_caducada", "codigo_ya_usado"}
    assert rows(owner_url, "mandates.mandate WHERE role = 'enrolador'") == 1
    assert rows(owner_url, "credentials.password WHERE initial") == 1
    assert len(people.messages(OFFICER)) == 2


@pytest.mark.norm("N-1l", "N-2.6b")
@pytest.mark.parametrize("round_", range(5))
def test_ending_while_a_renewal_is_approved_leaves_nobody_accredited(ceremony: Ceremony, round_: int) -> None:
    """Whichever comes first: the ending ends both mandates, or the proposal is over."""
    people = ceremony.people
    people.officer(OFFICER.number)
    renewal = ceremony.proposed()
    luis, ana = people.enter_officer(LUIS), people.enter_officer(ANA)
    code = people.next_code()
    acts = [lambda: ceremony.approve(luis, renewal, code), lambda: ceremony.end(ana)]
    outcomes = at_once(acts if round_ % 2 else acts[::-1])
    assert outcomes.count("hecho") >= 1
    assert set(outcomes) <= {"hecho", "propuesta_caducada"}
    assert ceremony.in_force() is None
    with people.database.reading(deadline=Deadline(5)) as connection:
        assert count_live_sessions(connection, OFFICER, people.database.clock()) == 0


@pytest.mark.norm("N-6d")
def test_without_the_authoritys_paper_nobody_is_named(ceremony: Ceremony) -> None:
    ceremony.people.founders()
    session = ceremony.people.enter_officer(ANA)
    refusal = refused(lambda: ceremony.draft(session, authority="compin:13", designation=None))
    assert [finding.pointer for finding in refusal.findings] == ["/designacion"]


class TestPeopleOfAuthorities:
    """Named by the same acts; they do nothing else (orden-en-consola@v1#nombrar)."""

    @pytest.mark.norm("N-6d", "N-2.6d")
    def test_named_by_two_for_one_authority_and_told_what_for(self, ceremony: Ceremony) -> None:
        proposal_id = ceremony.proposed(authority="compin:13")
        mandate = ceremony.approve(ceremony.people.enter_officer(LUIS), proposal_id).mandate
        assert mandate.role is Role.AUTHORITY
        assert mandate.authority is not None
        assert (mandate.authority.organisation, mandate.authority.compin) == ("compin", "13")
        (mail,) = (one for one in ceremony.people.messages(OFFICER) if one.kind == "clave_inicial")
        assert "suspensiones por COMPIN Región Metropolitana" in mail.text
        with ceremony.people.database.reading(deadline=Deadline(10)) as connection:
            at = ceremony.people.database.clock()
            assert mandate_in_force(connection, ceremony.people.sealer, OFFICER, Role.OFFICER, at) is None
            codes = [cause.code for cause in mandate_causes(connection, OFFICER, Role.OFFICER, at)]
            assert codes == ["funcionario_no_acreditado"]
            assert not mandate_causes(connection, OFFICER, Role.AUTHORITY, at)

    @pytest.mark.norm("N-2.6b", "N-6d")
    def test_the_paper_is_kept_and_shown_to_the_founder_who_approves(self, ceremony: Ceremony) -> None:
        people = ceremony.people
        proposal_id = ceremony.proposed(authority="compin:13")
        (pending,) = people.mandates.pending_proposals(deadline=Deadline(10))
        assert pending.order.document_digest == sha256(DESIGNATION)
        session = people.enter_officer(LUIS)
        paper = people.mandates.designation(
            session=session, proposal_id=proposal_id, origin=ORIGIN, deadline=Deadline(10)
        )
        assert paper.content == DESIGNATION
        with people.database.reading(deadline=Deadline(10)) as connection:
            kinds = connection.exec_driver_sql("SELECT kind FROM audit.attempt").scalars().all()
        assert "designacion_vista" in kinds

    @pytest.mark.norm("N-6d")
    def test_founders_and_the_authoritys_people_are_told_of_the_new_one(self, ceremony: Ceremony) -> None:
        people = ceremony.people
        colleague = people.officer(9100007, authority="compin:13", email="colega@compin.example")
        stranger = people.officer(9100008, authority="compin:05", email="otra@compin.example")
        ceremony.approve(people.enter_officer(LUIS), ceremony.proposed(authority="compin:13"))

        def told(run: Run) -> list[str]:
            return [
                one.text
                for one in people.messages(run)
                if one.kind == "nombramiento" and str(OFFICER.display) in one.text
            ]

        assert [len(told(run)) for run in (ANA, LUIS, colleague, stranger, OFFICER)] == [1, 1, 1, 0, 0]
        assert "por COMPIN Región Metropolitana" in told(colleague)[0]

    def test_one_founder_ends_it(self, ceremony: Ceremony) -> None:
        proposal_id = ceremony.proposed(authority="superintendencia")
        ceremony.approve(ceremony.people.enter_officer(LUIS), proposal_id)
        ceremony.end(ceremony.people.enter_officer(ANA), cause=EndCause.RESIGNATION)
        with ceremony.people.database.reading(deadline=Deadline(10)) as connection:
            causes = mandate_causes(connection, OFFICER, Role.AUTHORITY, ceremony.people.database.clock())
        assert [cause.code for cause in causes] == ["autoridad_no_acreditada"]

    def test_an_authority_that_does_not_exist_is_refused(self, ceremony: Ceremony) -> None:
        ceremony.people.founders()
        session = ceremony.people.enter_officer(ANA)
        refusal = refused(lambda: ceremony.draft(session, authority="compin:99"))
        assert [finding.pointer for finding in refusal.findings] == ["/autoridad"]

    @pytest.mark.norm("N-1l")
    @pytest.mark.parametrize("who", ["officer", "founder", "professional", "the other way round"])
    def test_whoever_does_something_else_is_not_named(self, ceremony: Ceremony, who: str) -> None:
        people = ceremony.people
        people.founders()
        runs = {"founder": LUIS, "officer": OFFICER, "professional": Run(15000031), "the other way round": OFFICER}
        if who == "officer":
            people.officer()
        elif who == "professional":
            people.enrol(15000031)
        elif who == "the other way round":
            people.officer(authority="compin:13")
        authority = None if who == "the other way round" else "compin:13"
        session = people.enter_officer(ANA)
        refusal = refused(lambda: ceremony.draft(session, runs[who], authority=authority))
        assert refusal.kind.code == "otra_funcion_vigente"

    @pytest.mark.norm("N-1l")
    @pytest.mark.parametrize(("first", "second"), [(None, "compin:13"), ("compin:13", None)])
    def test_two_functions_from_tomorrow_are_two_functions(
        self, ceremony: Ceremony, first: str | None, second: str | None
    ) -> None:
        tomorrow = date(2026, 4, 21)
        proposal_id = ceremony.proposed(authority=first, since=tomorrow)
        ceremony.approve(ceremony.people.enter_officer(LUIS), proposal_id)
        session = ceremony.people.enter_officer(ANA)
        refusal = refused(lambda: ceremony.draft(session, authority=second, since=tomorrow))
        assert refusal.kind.code == "otra_funcion_vigente"

    def test_what_changed_between_proposal_and_approval_counts(self, ceremony: Ceremony) -> None:
        """He was enrolled as a professional after his proposal: it dies with his epoch, or of his two functions."""
        proposal_id = ceremony.proposed(authority="compin:13")
        ceremony.people.enrol(OFFICER.number)
        session = ceremony.people.enter_officer(LUIS)
        refusal = refused(lambda: ceremony.approve(session, proposal_id))
        assert refusal.kind.code in {"otra_funcion_vigente", "propuesta_caducada"}
