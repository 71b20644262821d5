"""The same request again: what was done is told whatever stands against today, and shown to who may read it now."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest

from lme_operator.core.database import Database, Deadline
from lme_operator.core.outside import OutsideExchange
from lme_operator.core.refusal import Refusal
from lme_operator.core.run import Run
from lme_operator.domain.access import TotpCode
from lme_operator.domain.credentials import Session
from lme_operator.domain.issuance import Issued, Prepared, Reduced, TotpAuthorisation
from lme_operator.domain.licences import LicenceOrder
from lme_operator.domain.professionals import PracticeContext
from tests.factories.authenticator import SoftwareAuthenticator
from tests.factories.machines import Machine
from tests.factories.orders import licence_order
from tests.factories.people import ORIGIN, OTHER_PASSWORD, PASSWORD
from tests.factories.rnpi import ABSENT, OTHER_TITLE
from tests.factories.stage import DOCTOR, Stage

NEXT_MORNING = datetime(2026, 4, 21, 13, 0, tzinfo=UTC)
BY: dict[str, Any] = {"origin": ORIGIN, "deadline": Deadline(3600)}
INSTITUTION = PracticeContext(Run(76123456))


@pytest.fixture
def stage(database: Database, tmp_path: Path) -> Stage:
    return Stage(database, tmp_path)


@dataclass
class Done:
    """What was done yesterday, with the keys `p` and `e`, and how the same is asked again."""

    stage: Stage
    session: Session
    prepared: Prepared
    issued: Issued
    authorisation: TotpAuthorisation

    @classmethod
    def of(cls, stage: Stage, session: Session, order: LicenceOrder | None = None) -> "Done":
        prepared = stage.prepare(session, order, key="p")
        authorisation = TotpAuthorisation(stage.next_code())
        return cls(stage, session, prepared, stage.issue(session, prepared.id, authorisation, key="e"), authorisation)

    def again(self, session: Session) -> tuple[Prepared | Reduced, Issued | Reduced]:
        stage = self.stage
        return stage.ask_to_prepare(session, key="p"), stage.ask_to_issue(
            session, self.prepared.id, self.authorisation, key="e"
        )

    @property
    def whole(self) -> tuple[Prepared, Issued]:
        return replace(self.prepared, replayed=True), replace(self.issued, replayed=True)

    def left(self, *reasons: str) -> tuple[tuple[Any, str, list[str]], ...]:
        return tuple((one, self.issued.folio, list(reasons)) for one in (self.prepared.id, self.issued.id))


@pytest.fixture
def done(stage: Stage) -> Done:
    return Done.of(stage, stage.doctor())


def told(answers: tuple[Any, ...]) -> tuple[tuple[Any, str, list[str]], ...]:
    """What is left of each answer; there is nothing else in it."""
    for one in answers:
        assert isinstance(one, Reduced), one
    return tuple((one.id, one.folio, [reason.code for reason in one.reasons]) for one in answers)


def refused(act: Callable[[], object]) -> str:
    with pytest.raises(Refusal) as caught:
        act()
    return caught.value.kind.code


@pytest.mark.norm("N-4b", "N-2.4a")
@pytest.mark.parametrize("says", [ABSENT, OTHER_TITLE])
def test_session_restricted_by_the_register_hears_that_it_was_done_and_no_more(
    stage: Stage, done: Done, says: str
) -> None:
    stage.database.clock.set(NEXT_MORNING)  # type: ignore[attr-defined]
    stage.people.rnpi.registry.now = says
    assert told(done.again(stage.enter())) == done.left("rnpi_no_vigente")


@pytest.mark.norm("N-2.7a", "N-2.4a")
def test_means_of_access_that_their_owner_blocked_read_nothing_again(stage: Stage, done: Done) -> None:
    stage.people.access.block_self(session=done.session, origin=ORIGIN, deadline=Deadline(10))
    thief = stage.enter()
    assert told(done.again(thief)) == done.left("bloqueo_propio")
    assert refused(lambda: stage.evidence(thief, done.issued.id)) == "no_puede_leer"


@pytest.mark.norm("N-4b", "N-2.7a")
def test_every_reason_is_told(stage: Stage, done: Done) -> None:
    stage.people.access.block_self(session=done.session, origin=ORIGIN, deadline=Deadline(10))
    stage.database.clock.set(NEXT_MORNING)  # type: ignore[attr-defined]
    stage.people.rnpi.registry.now = ABSENT
    assert told(done.again(stage.enter())) == done.left("rnpi_no_vigente", "bloqueo_propio")


@pytest.mark.norm("N-6a", "N-2.4a")
def test_who_is_suspended_may_read_and_sees_it_whole(stage: Stage, done: Done) -> None:
    machine = Machine.register(stage.database, stage.log, stage.people.sealer)
    machine.suspend(Run(DOCTOR))
    session = stage.enter()
    assert refused(lambda: stage.prepare(session)) == "no_puede_emitir"
    assert done.again(session) == done.whole


@pytest.mark.norm("N-2.4a")
def test_the_register_is_not_asked_about_what_was_done(stage: Stage, done: Done) -> None:
    asked: list[Run] = []

    class Deaf:
        def ask(self, *, run: Run, budget: float) -> OutsideExchange:  # noqa: ARG002
            asked.append(run)
            raise AssertionError("asked")

    stage.issuance = replace(stage.issuance, rnpi=replace(stage.issuance.rnpi, registry=Deaf()))
    stage.database.clock.set(NEXT_MORNING)  # type: ignore[attr-defined]
    assert done.again(done.session) == done.whole
    assert asked == []


@pytest.mark.norm("N-2.4a")
@pytest.mark.parametrize("minutes", [16, 24 * 60])
def test_a_preparation_that_is_over_is_told_as_it_was_and_no_factor_is_asked(
    stage: Stage, done: Done, minutes: int
) -> None:
    stage.database.clock.advance(seconds=60 * minutes)  # type: ignore[attr-defined]
    assert done.again(stage.enter()) == done.whole


@pytest.mark.norm("N-2.3b", "N-2.4a")
def test_password_that_fell_due_inside_the_session_hides_nothing_that_it_may_read(stage: Stage) -> None:
    stage.people.enrol(DOCTOR)
    due = datetime(2026, 10, 20, 3, 0, tzinfo=UTC)
    stage.database.clock.set(due - timedelta(minutes=5))  # type: ignore[attr-defined]
    done = Done.of(stage, stage.enter(), licence_order(rest_starts_on=date(2026, 10, 19)))
    stage.database.clock.set(due)  # type: ignore[attr-defined]
    assert done.again(done.session) == done.whole


@pytest.mark.norm("N-2.4a", "N-2.6a")
@pytest.mark.parametrize("by", ["password", "a new key", "a key retired"])
def test_an_epoch_that_rose_since_changes_nothing_of_what_was_done(stage: Stage, by: str) -> None:
    session, device = stage.doctor(), SoftwareAuthenticator()
    if by == "a key retired":
        session = stage.register(session, device)
    done = Done.of(stage, session)
    access = stage.people.access
    if by == "password":
        access.change_password(session=session, current=PASSWORD, new=OTHER_PASSWORD, **BY)
        session = stage.people.enter(session.run, password=OTHER_PASSWORD, code=stage.next_code()).session
    elif by == "a new key":
        session = stage.register(session, device)
    else:
        (own,) = access.own_keys(session=session, deadline=Deadline(10))
        access.retire_key(session=session, key_id=own.key.id, factor=TotpCode(stage.next_code()), **BY)
        session = stage.enter()
    assert session.epoch > done.session.epoch
    assert done.again(session) == done.whole


@pytest.mark.norm("N-1f", "N-2.6b")
def test_the_same_keys_in_another_context_find_nothing(stage: Stage, done: Done) -> None:
    other = stage.enter(context=INSTITUTION)
    assert refused(lambda: stage.ask_to_prepare(other, key="p")) == "no_puede_emitir"
    assert refused(lambda: done.again(other)) == "no_puede_emitir"
    told = stage.issuance.issued_from(session=other, preparation_id=done.prepared.id, deadline=Deadline(10))
    assert told is None


@pytest.mark.norm("N-4b")
def test_what_became_of_a_preparation_is_told_to_a_restricted_session_in_brief(stage: Stage, done: Done) -> None:
    def came_of_it(session: Session) -> Any:
        return stage.issuance.issued_from(session=session, preparation_id=done.prepared.id, deadline=Deadline(10))

    assert came_of_it(done.session) == done.issued.id
    stage.database.clock.set(NEXT_MORNING)  # type: ignore[attr-defined]
    stage.people.rnpi.registry.now = ABSENT
    assert told((came_of_it(stage.enter()),)) == done.left("rnpi_no_vigente")[1:]


@pytest.mark.norm("N-2.6b")
def test_a_preparation_is_told_to_its_own_person_and_context_alone(stage: Stage, done: Done) -> None:
    """Whatever key brought it up."""
    for stranger in (stage.doctor(15000002), stage.enter(context=INSTITUTION)):
        with stage.database.reading(deadline=Deadline(10)) as connection, pytest.raises(Refusal) as caught:
            stage.issuance._replays.preparation(connection, stranger, done.prepared.id)
        assert caught.value.kind.code == "preparacion_inexistente"


@pytest.mark.norm("N-2.4a")
def test_a_document_that_was_erased_leaves_id_and_folio(stage: Stage, owner_url: str) -> None:
    """Erasing a document is destroying its key."""
    session = stage.doctor()
    prepared = stage.prepare(session, key="p")
    with psycopg.connect(owner_url.replace("+psycopg", "")) as connection:
        connection.execute("DELETE FROM licences.document_key WHERE id = %s", (prepared.id,))
    again = stage.ask_to_prepare(session, key="p")
    assert again == Reduced(prepared.id, prepared.folio, ())
