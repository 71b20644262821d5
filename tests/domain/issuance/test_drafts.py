"""Drafts: kept as typed, their own professional's alone, gone when issued, discarded or old, and never a fact."""

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from uuid import UUID, uuid4
from zipfile import ZipFile

import psycopg
import pytest
import sqlalchemy as sa

from lme_operator.core.canonical import decode, format_instant
from lme_operator.core.database import Database, Deadline
from lme_operator.core.refusal import Fault, Refusal
from lme_operator.core.run import Run
from lme_operator.domain.credentials import Session
from lme_operator.domain.issuance import Draft, Prepared, TotpAuthorisation, drafts, preparations
from lme_operator.domain.issuance.drafts import Holder, content_of
from lme_operator.domain.licences import document_sealer
from lme_operator.domain.professionals import PracticeContext
from tests.conftest import SettableClock
from tests.factories.machines import Machine
from tests.factories.orders import licence_order
from tests.factories.people import INDIVIDUAL, ORIGIN, SECRET, professional_data
from tests.factories.rnpi import ABSENT, IN_FORCE
from tests.factories.stage import DOCTOR, Stage, request

TYPED: Mapping[str, tuple[str, ...]] = {
    "trabajador.nombres": ("María José",),
    "reposo.jornadas": ("manana", "tarde"),
    "dias": ("cinco, creo",),
    "vacio": ("",),
    "nada": (),
}


@pytest.fixture
def stage(database: Database, tmp_path: Path) -> Stage:
    return Stage(database, tmp_path)


def start(stage: Stage, session: Session, values: Mapping[str, tuple[str, ...]] = TYPED) -> Draft:
    return stage.issuance.start_draft(session=session, values=values, deadline=Deadline(10))


def save(stage: Stage, session: Session, draft: UUID, **values: str) -> Draft:
    typed = {name: (value,) for name, value in values.items()}
    return stage.issuance.save_draft(session=session, draft_id=draft, values=typed, deadline=Deadline(10))


def find(stage: Stage, session: Session, draft: UUID) -> Draft:
    return stage.issuance.find_draft(session=session, draft_id=draft, deadline=Deadline(10))


def ids(stage: Stage, session: Session) -> list[UUID]:
    return [draft.id for draft in stage.issuance.drafts(session=session, deadline=Deadline(10))]


def discard(stage: Stage, session: Session, draft: UUID) -> None:
    stage.issuance.discard_draft(session=session, draft_id=draft, deadline=Deadline(10))


def prepare(stage: Stage, session: Session, draft: UUID, *, days: int = 5) -> Prepared:
    told = stage.issuance.prepare(
        session=session,
        order=licence_order(days=days),
        request=request(session, "preparaciones"),
        origin=ORIGIN,
        deadline=Deadline(10),
        draft_id=draft,
    )
    assert isinstance(told, Prepared)
    return told


def keep(stage: Stage, token: str, draft: UUID, **values: str) -> bool:
    typed = {name: (value,) for name, value in values.items()}
    return stage.issuance.keep_draft_of_ended_session(token=token, draft_id=draft, values=typed, deadline=Deadline(10))


ACTS: "tuple[Callable[[Stage, Session, UUID], object], ...]" = (find, save, discard, prepare)


def refused(kind: str) -> "pytest.RaisesExc[Refusal]":
    return pytest.raises(Refusal, match=f"^{kind}$")


def test_what_was_typed_is_kept_valid_or_not_and_outlives_the_session(stage: Stage, clock: SettableClock) -> None:
    session = stage.doctor()
    draft = start(stage, session)
    assert (draft.values, draft.preparation_id) == (TYPED, None)
    clock.advance(seconds=5)
    saved = save(stage, session, draft.id, dias="seis\nsiete", nombre="Ñandú \ud800")
    assert saved.values == {**TYPED, "dias": ("seis\nsiete",), "nombre": ("Ñandú ?",)}
    assert (saved.started_at, saved.saved_at) == (draft.started_at, clock())
    clock.advance(seconds=3600)
    later = stage.enter()
    assert find(stage, later, draft.id) == saved
    second = start(stage, later)
    assert ids(stage, later) == [second.id, draft.id]
    clock.advance(seconds=1)
    save(stage, later, draft.id)
    assert ids(stage, later) == [draft.id, second.id]
    discard(stage, later, draft.id)
    assert ids(stage, later) == [second.id]
    for act in ACTS:
        with refused("borrador_inexistente"):
            act(stage, later, draft.id)


def test_what_is_being_typed_when_the_day_turns_is_kept_and_nobody_is_asked(stage: Stage, clock: SettableClock) -> None:
    clock.set(datetime(2026, 4, 21, 3, 55, tzinfo=UTC))
    session = stage.doctor()
    draft = start(stage, session)
    clock.set(datetime(2026, 4, 21, 4, 5, tzinfo=UTC))
    asked = len(stage.people.rnpi.registry.asked)
    assert save(stage, session, draft.id, dias="6").values == {**TYPED, "dias": ("6",)}
    start(stage, session)
    assert len(stage.people.rnpi.registry.asked) == asked


@pytest.mark.norm("N-2.6b")
def test_a_draft_of_another_person_does_not_exist(stage: Stage) -> None:
    draft = start(stage, stage.doctor())
    stranger = stage.doctor(15000002)
    assert ids(stage, stranger) == []
    for act in ACTS:
        with refused("borrador_inexistente"):
            act(stage, stranger, draft.id)
    session = stage.enter()
    assert find(stage, session, draft.id).values == TYPED
    for act in ACTS:
        with refused("borrador_inexistente"):
            act(stage, session, uuid4())


@pytest.mark.norm("N-2.6b")
def test_context_is_part_of_whose_it_is(stage: Stage) -> None:
    """Judged directly on the rows: whoever acts in two contexts has two sets of drafts, each with its own limit."""
    number = stage.people.enrol(DOCTOR, secret=SECRET, contexts=(INDIVIDUAL, PracticeContext(operator=True))).number
    own = stage.enter(number)
    draft = start(stage, own)
    other = replace(own, context=PracticeContext(operator=True))
    assert stage.issuance.drafts(session=other, deadline=Deadline(10)) == ()
    for act in ACTS:
        with refused("borrador_inexistente"):
            act(stage, other, draft.id)
    with stage.database.unit_of_work(deadline=Deadline(10)) as work:
        for _ in range(20):
            drafts.insert(work, stage.people.sealer, Holder(own.run, other.context.code, work.at), content_of({}))
    assert len(stage.issuance.drafts(session=other, deadline=Deadline(10))) == 20
    start(stage, own)


def test_kept_sealed_and_erased_when_discarded(stage: Stage, owner_url: str) -> None:
    session = stage.doctor()
    draft = start(stage, session, {"diagnostico": ("lumbago",)})
    with psycopg.connect(owner_url.replace("+psycopg", ""), autocommit=True) as owner:
        row = owner.execute("SELECT * FROM issuance.draft").fetchone()
        assert row is not None
        assert b"lumbago" not in b"".join(part for part in row if isinstance(part, bytes))
        for change in ("run = '9000001-7'", "context = 'x'", "started_at = now()", "id = gen_random_uuid()"):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                owner.execute(f"UPDATE issuance.draft SET {change}")
        discard(stage, session, draft.id)
        assert owner.execute("SELECT count(*) FROM issuance.draft").fetchone() == (0,)


def test_too_many_and_too_large_are_refused(stage: Stage) -> None:
    session = stage.doctor()
    begun = [start(stage, session) for _ in range(20)]
    with refused("demasiados_borradores"):
        start(stage, session)
    discard(stage, session, begun[3].id)
    start(stage, session)
    with refused("borrador_demasiado_grande"):
        save(stage, session, begun[0].id, nota="x" * 65536)
    with refused("borrador_demasiado_grande"):
        start(stage, session, {f"campo{number}": ("",) for number in range(8000)})
    assert find(stage, session, begun[0].id).values == TYPED


def test_with_too_many_the_oldest_blank_one_gives_way(stage: Stage, clock: SettableClock) -> None:
    session = stage.doctor()
    begun = []
    for number in range(20):
        clock.advance(seconds=1)
        begun.append(start(stage, session, {"nombres": ("Ana",)} if number in (0, 2) else {}).id)
    prepared = prepare(stage, session, begun[1])

    def one() -> UUID:
        return stage.issuance.start_draft(
            session=session, values={}, blank=lambda values: not values.get("nombres"), deadline=Deadline(10)
        ).id

    new = one()
    assert set(ids(stage, session)) == {*begun, new} - {begun[1]}
    with refused("preparacion_descartada"):
        stage.issue(session, prepared.id)
    one()
    assert begun[3] not in ids(stage, session)
    assert {begun[0], begun[2]} < set(ids(stage, session))
    for draft in ids(stage, session):
        save(stage, session, draft, nombres="Ana")
    with refused("demasiados_borradores"):
        one()


def test_saving_keeps_the_other_fields_and_two_at_once_lose_nothing(stage: Stage) -> None:
    session = stage.doctor()
    draft = start(stage, session).id
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda name: save(stage, session, draft, **{name: name}), "abcdefgh"))
    assert find(stage, session, draft).values == {**TYPED, **{name: (name,) for name in "abcdefgh"}}


@pytest.mark.norm("N-2.4b")
def test_what_no_longer_goes_with_the_draft_is_refused_and_nothing_of_it_kept(stage: Stage) -> None:
    session = stage.doctor()
    draft = start(stage, session, {"run": ("1",)}).id

    def with_patient(run: str, days: str) -> Draft:
        return stage.issuance.save_draft(
            session=session, draft_id=draft, values={"dias": (days,)}, deadline=Deadline(10),
            goes_with=lambda values: values["run"] == (run,),
        )  # fmt: skip

    assert with_patient("1", "3").values["dias"] == ("3",)
    save(stage, session, draft, run="2")
    with refused("borrador_cambiado"):
        with_patient("1", "4")
    assert find(stage, session, draft).values == {"run": ("2",), "dias": ("3",)}


def test_draft_of_a_preparation_is_found_by_its_own_professional(stage: Stage) -> None:
    session = stage.doctor()
    draft = start(stage, session).id
    first, second = (prepare(stage, session, draft, days=days).id for days in (3, 4))

    def of(one: Session, preparation: UUID) -> UUID | None:
        return stage.issuance.draft_prepared(session=one, preparation_id=preparation, deadline=Deadline(10))

    assert [of(session, one) for one in (first, second, uuid4())] == [None, draft, None]
    assert of(stage.doctor(15000002), second) is None


def test_own_commune_is_that_of_the_own_address(stage: Stage) -> None:
    session = stage.doctor()
    home = professional_data().address
    assert stage.issuance.own_commune(session=session, deadline=Deadline(10)) == home.commune


def test_an_old_draft_is_gone_at_once_and_its_row_later(stage: Stage, clock: SettableClock, owner_url: str) -> None:
    session = stage.doctor()
    old, saved = start(stage, session), start(stage, session)
    clock.advance(seconds=6 * 86400)
    save(stage, stage.enter(), saved.id)
    clock.advance(seconds=86400)
    session = stage.enter()
    assert ids(stage, session) == [saved.id]
    with refused("borrador_inexistente"):
        save(stage, session, old.id)
    with psycopg.connect(owner_url.replace("+psycopg", "")) as owner:
        assert owner.execute("SELECT count(*) FROM issuance.draft").fetchone() == (2,)
    assert stage.issuance.erase_old_drafts(deadline=Deadline(10)) == 1
    assert stage.issuance.erase_old_drafts(deadline=Deadline(10)) == 0
    assert ids(stage, session) == [saved.id]


def test_the_worker_may_erase_and_nothing_else(
    stage: Stage, role_url: Callable[[str], str], clock: SettableClock
) -> None:
    session = stage.doctor()
    start(stage, session)
    clock.advance(seconds=8 * 86400)
    worker = Database(url=role_url("lme_worker"), clock=clock)
    try:
        assert replace(stage.issuance, database=worker).erase_old_drafts(deadline=Deadline(10)) == 1
        with pytest.raises(Fault), worker.unit_of_work(deadline=Deadline(10)) as work:
            work.execute(sa.text("UPDATE issuance.draft SET saved_at = now()"))
    finally:
        worker.close()


def test_preparing_again_discards_what_was_prepared_before(stage: Stage) -> None:
    session = stage.doctor()
    draft = start(stage, session)
    prepared = [prepare(stage, session, draft.id, days=days) for days in range(1, 9)]
    assert find(stage, session, draft.id).preparation_id == prepared[-1].id
    for earlier in prepared[:-1]:
        with refused("preparacion_descartada"):
            stage.issue(session, earlier.id)
    save(stage, session, draft.id, dias="9")
    assert find(stage, session, draft.id).preparation_id == prepared[-1].id
    assert stage.issue(session, prepared[-1].id).folio == prepared[-1].folio
    for act in ACTS:
        with refused("borrador_inexistente"):
            act(stage, session, draft.id)


def test_how_long_it_was_written_stays_with_the_preparation_and_is_no_evidence(
    stage: Stage, clock: SettableClock
) -> None:
    session = stage.doctor()
    draft = start(stage, session)
    clock.advance(seconds=40)
    saved = save(stage, session, draft.id)
    clock.advance(seconds=5)
    prepared = prepare(stage, session, draft.id)
    with stage.database.reading(deadline=Deadline(10)) as connection:
        own = document_sealer(connection, stage.people.sealer, prepared.id)
        assert own is not None
        made = preparations.find(connection, own, prepared.id)
    assert made is not None
    assert decode(made.origin)["borrador"] == {
        "iniciado": format_instant(draft.started_at),
        "guardado": format_instant(saved.saved_at),
    }
    evidence = stage.evidence(session, stage.issue(session, prepared.id).id)
    assert set(decode(ZipFile(BytesIO(evidence)).read("v1/origen.json"))["preparacion"]) == {
        "ip", "dispositivo", "lugar_declarado", "id_solicitud", "instante",
    }  # fmt: skip


def test_an_order_with_faults_leaves_draft_and_preparation_as_they_were(stage: Stage) -> None:
    session = stage.doctor()
    draft = start(stage, session)
    prepared = prepare(stage, session, draft.id)
    with refused("orden_con_faltas"):
        prepare(stage, session, draft.id, days=400)
    assert find(stage, session, draft.id).preparation_id == prepared.id
    assert stage.issue(session, prepared.id).folio == prepared.folio


def test_a_dead_preparation_is_not_named(stage: Stage, clock: SettableClock) -> None:
    session = stage.doctor()
    draft = start(stage, session)
    first = prepare(stage, session, draft.id)
    clock.advance(seconds=15 * 60)
    assert find(stage, session, draft.id).preparation_id is None
    second = prepare(stage, session, draft.id)
    stage.issuance.cancel(session=session, preparation_id=second.id, origin=ORIGIN, deadline=Deadline(10))
    assert find(stage, session, draft.id).preparation_id is None
    third = prepare(stage, session, draft.id)
    discard(stage, session, draft.id)
    for dead in (first, second, third):
        with pytest.raises(Refusal, match=r"^preparacion_(descartada|vencida)$"):
            stage.issue(session, dead.id)


def test_a_preparation_without_a_draft_erases_none(stage: Stage) -> None:
    session = stage.doctor()
    draft = start(stage, session)
    stage.issue(session, stage.prepare(session).id)
    assert ids(stage, session) == [draft.id]


def test_a_refused_issuing_leaves_the_draft(stage: Stage) -> None:
    session = stage.doctor()
    draft = start(stage, session)
    prepared = prepare(stage, session, draft.id)
    with pytest.raises(Refusal):
        stage.issue(session, prepared.id, TotpAuthorisation("000000"))
    assert find(stage, session, draft.id).preparation_id == prepared.id


@pytest.mark.norm("N-6a")
def test_who_is_suspended_drafts_on_and_who_is_not_in_the_register_does_not(stage: Stage) -> None:
    session = stage.doctor()
    draft = start(stage, session)
    prepare(stage, session, draft.id)
    people = stage.people
    Machine.register(people.database, people.log, people.sealer).suspend(session.run)
    with refused("sesion_terminada"):
        start(stage, session)
    session = stage.enter()
    assert find(stage, session, draft.id).preparation_id is None, "it died with its epoch"
    assert save(stage, session, draft.id, dias="3").values == {**TYPED, "dias": ("3",)}
    with refused("no_puede_emitir"):
        prepare(stage, session, draft.id)
    stage.people.rnpi.consult(session.run, ABSENT)
    for act in (start, ids):
        with pytest.raises(Refusal, match=r"^no_puede_(redactar|leer)$"):
            act(stage, session)
    with refused("no_puede_redactar"):
        save(stage, session, draft.id, dias="4")
    stage.people.rnpi.consult(session.run, IN_FORCE)
    assert find(stage, session, draft.id).values["dias"] == ("3",)


class TestAfterTheSession:
    """What came with the token of a session that time alone ended is kept; it opens nothing."""

    def opened(self, stage: Stage) -> tuple[str, Session, UUID]:
        stage.people.enrol(DOCTOR, secret=SECRET)
        entered = stage.people.enter(Run(DOCTOR), code=stage.next_code())
        return entered.token, entered.session, start(stage, entered.session).id

    def test_idle_or_expired_it_is_kept(self, stage: Stage, clock: SettableClock) -> None:
        token, _, draft = self.opened(stage)
        assert not keep(stage, token, draft, dias="1"), "a live session saves by itself"
        clock.advance(seconds=3601)
        assert keep(stage, token, draft, dias="2")
        clock.advance(seconds=12 * 3600)
        assert keep(stage, token, draft, dias="3")
        assert find(stage, stage.enter(), draft).values == {**TYPED, "dias": ("3",)}, "what it does not hold stays"
        assert not keep(stage, token, draft, dias="4"), "a newer session has replaced it"

    def test_two_screens_at_once_lose_nothing(self, stage: Stage, clock: SettableClock) -> None:
        token, _, draft = self.opened(stage)
        clock.advance(seconds=3601)
        with ThreadPoolExecutor(4) as pool:
            assert all(pool.map(lambda name: keep(stage, token, draft, **{name: name}), "abcdefgh"))
        values = find(stage, stage.enter(), draft).values
        assert {name: values[name] for name in "abcdefgh"} == {name: (name,) for name in "abcdefgh"}

    def test_not_where_it_no_longer_goes_with_the_draft(self, stage: Stage, clock: SettableClock) -> None:
        token, _, draft = self.opened(stage)
        clock.advance(seconds=3601)
        with refused("borrador_cambiado"):
            stage.issuance.keep_draft_of_ended_session(
                token=token, draft_id=draft, values={}, deadline=Deadline(10), goes_with=lambda _: False
            )

    def test_too_much_is_refused_and_what_was_there_stays(self, stage: Stage, clock: SettableClock) -> None:
        token, _, draft = self.opened(stage)
        clock.advance(seconds=3601)
        with refused("borrador_demasiado_grande"):
            keep(stage, token, draft, nota="x" * 65536)
        assert find(stage, stage.enter(), draft).values == TYPED

    def test_not_for_ever(self, stage: Stage, clock: SettableClock) -> None:
        token, _, draft = self.opened(stage)
        clock.advance(seconds=25 * 3600)
        assert not keep(stage, token, draft, dias="1")

    def test_only_its_own_draft(self, stage: Stage, clock: SettableClock) -> None:
        token, _, _ = self.opened(stage)
        other = start(stage, stage.doctor(15000002))
        clock.advance(seconds=3601)
        assert not keep(stage, token, other.id, dias="1")
        assert not keep(stage, token, uuid4(), dias="1")
        assert not keep(stage, "otra" + token, other.id, dias="1")

    @pytest.mark.norm("N-6a", "N-2.7a")
    def test_not_after_leaving_blocking_or_a_suspension(self, stage: Stage, clock: SettableClock) -> None:
        token, session, draft = self.opened(stage)
        people = stage.people
        Machine.register(people.database, people.log, people.sealer).suspend(session.run)
        clock.advance(seconds=3601)
        assert not keep(stage, token, draft, dias="1")
        entered = people.enter(session.run, code=stage.next_code())
        people.access.leave(session=entered.session, origin=ORIGIN, deadline=Deadline(10))
        clock.advance(seconds=3601)
        assert not keep(stage, entered.token, draft, dias="1")
        assert find(stage, stage.enter(), draft).values == TYPED


def test_of_two_saves_at_once_one_stands_whole(stage: Stage) -> None:
    session = stage.doctor()
    draft = start(stage, session)
    for _ in range(10):
        with ThreadPoolExecutor(4) as pool:
            list(pool.map(lambda who: save(stage, session, draft.id, a=who * 2000, b=who * 2000), "wxyz"))
        values = find(stage, session, draft.id).values
        assert values["a"] == values["b"]


def test_issuing_while_saving_leaves_no_draft(stage: Stage) -> None:
    session = stage.doctor()
    for _ in range(5):
        draft = start(stage, session)
        prepared, code = prepare(stage, session, draft.id), stage.next_code()
        with ThreadPoolExecutor(4) as pool:
            saves = [pool.submit(save, stage, session, draft.id, dias="7") for _ in range(6)]
            issued = pool.submit(stage.issue, session, prepared.id, TotpAuthorisation(code))
            saves += [pool.submit(save, stage, session, draft.id, dias="8") for _ in range(6)]
        assert issued.result().folio == prepared.folio
        for one in saves:
            error = one.exception()
            assert error is None or (isinstance(error, Refusal) and error.kind.code == "borrador_inexistente")
        assert ids(stage, session) == []


def test_preparing_twice_at_once_leaves_one_that_may_be_issued(stage: Stage) -> None:
    session = stage.doctor()
    draft = start(stage, session)

    def one(days: int) -> Prepared | str:
        try:
            return prepare(stage, session, draft.id, days=days)
        except Refusal as refusal:
            return refusal.kind.code

    with ThreadPoolExecutor(4) as pool:
        done = list(pool.map(one, range(1, 9)))
    made = [each for each in done if isinstance(each, Prepared)]
    assert {each for each in done if isinstance(each, str)} <= {"emision_en_curso"}
    last = find(stage, session, draft.id).preparation_id
    assert last in {each.id for each in made}
    for each in made:
        if each.id != last:
            with refused("preparacion_descartada"):
                stage.issue(session, each.id)
    assert last is not None
    stage.issue(session, last)


def test_the_limit_holds_for_many_at_once(stage: Stage) -> None:
    session = stage.doctor()
    for _ in range(18):
        start(stage, session)

    def one(_: int) -> str:
        try:
            start(stage, session)
        except Refusal as refusal:
            return refusal.kind.code
        return "empezado"

    with ThreadPoolExecutor(4) as pool:
        said = list(pool.map(one, range(12)))
    assert said.count("empezado") <= 2
    assert set(said) <= {"empezado", "demasiados_borradores", "emision_en_curso"}
    assert len(ids(stage, session)) <= 20


def test_a_crash_before_the_commit_leaves_what_was_there(stage: Stage, owner_url: str) -> None:
    """The draft is erased in the issuing transaction: one that fails at its last statement has erased nothing."""
    session = stage.doctor()
    draft = start(stage, session)
    prepared = prepare(stage, session, draft.id)
    with psycopg.connect(owner_url.replace("+psycopg", ""), autocommit=True) as owner:
        owner.execute("REVOKE INSERT ON audit.entry FROM lme_application")
        with pytest.raises(Exception, match="servicio_no_disponible"):
            stage.issue(session, prepared.id)
        owner.execute("GRANT INSERT ON audit.entry TO lme_application")
    assert find(stage, session, draft.id).preparation_id == prepared.id
    stage.issue(session, prepared.id)
    assert ids(stage, session) == []
