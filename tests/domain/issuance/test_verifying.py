"""Anybody verifies a licence by its code; wrong codes are all alike, and cost ever more time; and it is printed."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date
from itertools import count
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
import sqlalchemy as sa
from psycopg.rows import tuple_row

from lme_operator.core.database import Database, Deadline
from lme_operator.core.origin import Origin
from lme_operator.core.refusal import Refusal
from lme_operator.core.run import Run
from lme_operator.domain.credentials import Session
from lme_operator.domain.issuance import Issued, Verified, printing, read_code, verification_tries
from lme_operator.domain.issuance.states import States
from lme_operator.domain.issuance.verification_code import new_code
from lme_operator.domain.issuance.verification_tries import OF_A_FOLIO, OF_A_SOURCE
from lme_operator.domain.issuance.verifying import Verifying, masked
from lme_operator.domain.licences.authorship import BY_CODE
from lme_operator.domain.licences.document_reading import read_document
from lme_operator.domain.licences.form import Copy
from lme_operator.domain.professionals import PracticeContext
from tests.conftest import PATIENT, SettableClock
from tests.factories.people import professional_data
from tests.factories.stage import Stage

_places = count(1)


@pytest.fixture
def stage(database: Database, tmp_path: Path) -> Stage:
    return Stage(database, tmp_path)


@pytest.fixture
def session(stage: Stage) -> Session:
    return stage.doctor()


@pytest.fixture
def issued(stage: Stage, session: Session) -> Issued:
    return stage.issue(session, stage.prepare(session).id)


def somewhere() -> Origin:
    """An access point that nobody has asked from."""
    number = next(_places)
    return Origin(f"198.18.{number // 256}.{number % 256}", "Navegador de pruebas", str(uuid4()))


def ask(stage: Stage, code: str, folio: str | None = None, origin: Origin | None = None) -> Verified | None:
    return stage.issuance.verify(
        code=code,
        folio=None if folio is None else Run.parse(folio),
        origin=origin or somewhere(),
        deadline=Deadline(30),
    )


@pytest.mark.norm("N-2.6b")
def test_tells_what_the_paper_says_and_not_whose_it_is(stage: Stage, session: Session, issued: Issued) -> None:
    found = ask(stage, issued.verification_code, issued.folio)
    document = stage.issuance.document(session=session, licence_id=issued.id, deadline=Deadline(10))
    assert found == Verified(
        folio=issued.folio,
        state=issued.state,
        authorship=BY_CODE,
        issued_at=read_document(document).issued_at,
        issuer_name=professional_data().full_name,
        profession=1,
        rest_starts_on=date(2026, 4, 20),
        rest_ends_on=date(2026, 4, 24),
        days=5,
        partial=False,
        employer="76.***.***-0",
        worker_initials="M. J. M. O.",
        worker_run="11.***.***-1",
    )
    assert ask(stage, issued.verification_code) == found


def test_a_wrong_code_an_unknown_one_and_another_licence_s_are_answered_alike(
    stage: Stage, session: Session, issued: Issued
) -> None:
    """The same statements too: no time tells them apart."""
    other = stage.issue(session, stage.prepare(session).id)
    told: list[list[str]] = []
    for code, folio in (
        (new_code(), issued.folio),
        (new_code(), str(Run(7654321))),
        (other.verification_code, issued.folio),
        (issued.verification_code, str(Run(7654321))),
    ):
        statements: list[str] = []

        def keep(_c: Any, _u: Any, statement: str, *_: Any, into: list[str] = statements) -> None:
            into.append(statement)

        sa.event.listen(stage.database._engine, "before_cursor_execute", keep)
        assert ask(stage, code, folio) is None
        sa.event.remove(stage.database._engine, "before_cursor_execute", keep)
        told.append(statements)
    assert len(told[0]) > 4
    assert all(statements == told[0] for statements in told)


@pytest.mark.parametrize(
    "typed",
    ["7K3M-Q2XR-90T1", "7k3m q2xr 90t1", " 7K3MQ2XR90T1 ", "7K3M-Q2XR-9OTI", "7k3m–q2xr–9otl", "7K3M.Q2XR.90T1"],
)
def test_a_code_is_read_as_people_write_it(typed: str) -> None:
    assert read_code(typed) == "7K3M-Q2XR-90T1"


@pytest.mark.parametrize("typed", ["", "7K3M-Q2XR", "7K3M-Q2XR-90T12", "7K3M-Q2XR-90TU", "7K3M-Q2XR-90T¡", "x" * 500])
def test_what_is_no_code_is_none(typed: str) -> None:
    assert read_code(typed) is None


def test_new_codes_are_read_back() -> None:
    for code in (new_code() for _ in range(50)):
        assert read_code(code.lower().replace("-", " ").replace("0", "o").replace("1", "l")) == code


@pytest.mark.parametrize(
    ("number", "shown"), [(12345678, "12.***.***-5"), (9000001, "9.***.***-2"), (999999, "***.***-K"), (44, "***-2")]
)
def test_a_run_is_masked(number: int, shown: str) -> None:
    assert masked(Run(number)) == shown


def waits(stage: Stage, folio: str | None, origin: Callable[[], Origin], tries: int) -> list[int]:
    """The seconds that each of so many wrong codes must wait, one after the other."""
    return [wait_of_a_wrong_code(stage, folio, origin()) for _ in range(tries)]


def wait_of_a_wrong_code(stage: Stage, folio: str | None, origin: Origin) -> int:
    clock: Any = stage.database.clock
    try:
        found, waited = ask(stage, new_code(), folio, origin), 0
    except Refusal as refusal:
        waited = refusal.retry_after or 0
        clock.advance(seconds=waited)
        found = ask(stage, new_code(), folio, origin)
    assert found is None
    return waited


@pytest.mark.norm("N-3.0b")
def test_wrong_codes_from_one_place_wait_ever_longer(stage: Stage) -> None:
    place = somewhere()
    told = waits(stage, None, lambda: place, OF_A_SOURCE.free + 8)
    assert told[: OF_A_SOURCE.free] == [0] * OF_A_SOURCE.free
    assert told[OF_A_SOURCE.free :] == [2, 4, 8, 16, 32, 64, 128, 256]
    assert ask(stage, new_code(), None, somewhere()) is None


@pytest.mark.norm("N-3.0b")
def test_wrong_codes_for_one_folio_wait_wherever_they_come_from(stage: Stage, issued: Issued) -> None:
    told = waits(stage, issued.folio, somewhere, OF_A_FOLIO.free + 8)
    assert told[OF_A_FOLIO.free :] == [1, 2, 4, 8, 16, 32, 60, 60]
    with pytest.raises(Refusal) as held:
        ask(stage, issued.verification_code, issued.folio)
    assert held.value.retry_after is not None
    assert held.value.retry_after <= 60
    found = ask(stage, issued.verification_code)
    assert found is not None, "who reads the QR code is not held by who guesses at the folio"


@pytest.mark.norm("N-3.0b")
def test_what_the_folio_s_lane_refuses_counts_for_its_source(stage: Stage, issued: Issued) -> None:
    waits(stage, issued.folio, somewhere, OF_A_FOLIO.free)
    place = somewhere()
    for _ in range(OF_A_SOURCE.free):
        with pytest.raises(Refusal) as held:
            ask(stage, new_code(), issued.folio, place)
        assert held.value.retry_after == 1
    with pytest.raises(Refusal) as held:
        ask(stage, new_code(), None, place)
    assert held.value.retry_after == 2


def test_right_codes_cost_nothing(stage: Stage, issued: Issued) -> None:
    place = somewhere()
    for _ in range(OF_A_SOURCE.free + OF_A_FOLIO.free + 5):
        assert ask(stage, issued.verification_code, issued.folio, place) is not None


def test_no_place_writes_without_end_not_even_with_right_codes(
    stage: Stage, issued: Issued, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = somewhere()
    monkeypatch.setattr(verification_tries, "OF_A_SOURCE", replace(OF_A_SOURCE, most=30))
    for _ in range(30):
        assert ask(stage, issued.verification_code, None, place) is not None
    with pytest.raises(Refusal) as held:
        ask(stage, issued.verification_code, None, place)
    assert held.value.retry_after == 15 * 60


def test_wrong_codes_are_forgotten_after_an_hour(stage: Stage, clock: SettableClock) -> None:
    place = somewhere()
    waits(stage, None, lambda: place, OF_A_SOURCE.free)
    with pytest.raises(Refusal):
        ask(stage, new_code(), None, place)
    clock.advance(seconds=OF_A_SOURCE.remembered.total_seconds() + 1)
    assert ask(stage, new_code(), None, place) is None


@pytest.mark.norm("N-3.0b")
def test_of_a_thousand_guesses_at_once_in_two_processes_few_are_judged(stage: Stage, application_url: str) -> None:
    """Each process has an engine of its own; the clock stands, so no wait ends."""
    place, judged, held = somewhere(), 0, 0
    second = Database(url=application_url, clock=stage.database.clock, pool_size=8, pool_timeout=PATIENT)
    rooms = [
        Verifying(
            database=database,
            log=stage.log,
            sealer=stage.issuance.sealer,
            states=States(operator="Operador", site="https://x"),
        )
        for database in (stage.database, second)
    ]

    def guess(number: int) -> bool:
        try:
            rooms[number % 2](code=new_code(), folio=Run(1000001), origin=place, deadline=Deadline(60))
        except Refusal:
            return False
        return True

    with ThreadPoolExecutor(16) as pool:
        for was_judged in pool.map(guess, range(1000)):
            judged, held = judged + was_judged, held + (not was_judged)
    second.close()
    assert judged == min(OF_A_SOURCE.free, OF_A_FOLIO.free)
    assert held == 1000 - judged


def test_each_question_leaves_a_trace_without_address_nor_folio(stage: Stage, issued: Issued, owner_url: str) -> None:
    place = somewhere()
    ask(stage, issued.verification_code, issued.folio, place)
    ask(stage, new_code(), issued.folio, place)
    with psycopg.connect(owner_url.replace("+psycopg", ""), row_factory=tuple_row) as owner:
        kept = owner.execute("SELECT kind FROM audit.attempt WHERE kind = 'licencia_verificada'").fetchall()
        tables = [
            str(owner.execute(f"SELECT t::text FROM {name} t").fetchall())
            for name in ("audit.attempt", "issuance.verification_try", "issuance.verification_right")
        ]
    assert len(kept) == 2
    assert not [text for text in tables if place.ip in text or issued.verification_code in text]


def form(stage: Stage, session: Session, licence: UUID, copy: Copy = Copy.WORKER) -> Any:
    return stage.issuance.form(session=session, licence_id=licence, copy=copy, deadline=Deadline(10))


@pytest.mark.norm("M-7", "N-2.6b")
def test_a_licence_is_printed_for_its_professional_alone(stage: Stage, session: Session, issued: Issued) -> None:
    for copy in Copy:
        made = form(stage, session, issued.id, copy)
        assert made.content.startswith(b"%PDF-1.7")
        assert made.name == f"licencia-{issued.folio}-{copy.value}.pdf"
        assert made == form(stage, session, issued.id, copy)
    stranger = stage.doctor(15000002)
    elsewhere = replace(session, context=PracticeContext(Run(76000100)))
    for other in (stranger, elsewhere):
        with pytest.raises(Refusal) as refused:
            form(stage, other, issued.id)
        assert refused.value.kind.code == "licencia_inexistente"


def test_nothing_is_printed_inside_a_transaction(
    stage: Stage, session: Session, issued: Issued, monkeypatch: pytest.MonkeyPatch
) -> None:
    held = []
    engine: Any = stage.database._engine

    def render(_printed: Any) -> bytes:
        held.append(engine.pool.checkedout())
        return b"%PDF"

    monkeypatch.setattr(printing, "render_form", render)
    form(stage, session, issued.id)
    assert held == [0]
