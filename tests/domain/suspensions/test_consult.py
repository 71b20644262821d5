"""Was or is this person blocked, by what, since when; and who may see what (N-6c; threats M37, M39)."""

from datetime import date, timedelta

import pytest

from lme_operator.core.database import Database, Deadline
from lme_operator.core.refusal import Refusal
from lme_operator.core.run import Run
from lme_operator.domain.suspensions import CORRECTION, Authority, Consultation
from tests.conftest import SettableClock
from tests.domain.suspensions.test_receive import shown
from tests.factories.machines import Machine, terms

DOCTOR = Run(15000001)
COMPIN = Authority("compin", "13", "COMPIN Región Metropolitana")
SUSESO = Authority("suseso", "", "Superintendencia de Seguridad Social")


@pytest.mark.norm("N-6c")
def test_consult_answers_for_any_past_instant_as_then_recorded(compin: Machine, clock: SettableClock) -> None:
    start = clock()
    received = compin.suspend(DOCTOR)
    clock.advance(seconds=3600)
    compin.replace(received.id, CORRECTION, terms(last_day=date(2026, 4, 22)))
    clock.advance(seconds=3600)

    def ask(hours: float) -> Consultation:
        instant = start + timedelta(hours=hours)
        return compin.suspensions.consult(DOCTOR, instant=instant, authority=COMPIN, deadline=Deadline(10))

    assert [ask(hours).blocked for hours in (-0.01, 0, 0.5, 1, 2)] == [False, True, True, True, True]
    assert [ask(0.5).blocking[0].suspension.id == received.id, ask(1.5).blocking[0].suspension.id == received.id] == [
        True,
        False,
    ]
    assert ask(0.5).blocking[0].receipt == received.receipt
    clock.advance(seconds=5 * 86400)
    assert not compin.suspensions.consult(DOCTOR, instant=None, authority=COMPIN, deadline=Deadline(10)).blocked
    assert ask(1.5).blocked


def test_consult_refuses_the_future(compin: Machine, clock: SettableClock) -> None:
    with pytest.raises(Refusal) as error:
        compin.suspensions.consult(
            DOCTOR, instant=clock() + timedelta(seconds=1), authority=COMPIN, deadline=Deadline(10)
        )
    assert error.value.kind.code == "instante_futuro"


@pytest.mark.norm("N-6c", "N-2.6b")
def test_consult_shows_another_authority_less(compin: Machine, suseso: Machine) -> None:
    compin.suspend(DOCTOR)
    own, foreign = (
        suseso.suspensions.consult(DOCTOR, instant=None, authority=authority, deadline=Deadline(10)).blocking[0]
        for authority in (COMPIN, SUSESO)
    )
    assert (own.own, foreign.own) == (True, False)
    assert {"run", "numero_resolucion"} <= set(shown(own.receipt))
    assert not {"run", "numero_resolucion", "mensaje", "sesiones_cerradas"} & set(shown(foreign.receipt))
    assert foreign.receipt["prueba"] == own.receipt["prueba"]


def test_page_holds_only_ones_own_in_pages(compin: Machine, suseso: Machine) -> None:
    mine = [compin.suspend(DOCTOR, terms(str(number))).id for number in range(5)]
    suseso.suspend(DOCTOR)
    seen, cursor = [], None
    for _ in range(3):
        page = compin.suspensions.page(authority=COMPIN, after=cursor, at_most=2, deadline=Deadline(10))
        seen += [one.id for one in page.suspensions]
        cursor = page.next
    assert cursor is None
    assert sorted(seen) == sorted(mine)


def test_causes_takes_one_query(compin: Machine, database: Database) -> None:
    import sqlalchemy as sa

    from lme_operator.domain.suspensions import causes

    compin.suspend(DOCTOR)
    compin.suspend(DOCTOR, terms("2"))
    with database.reading(deadline=Deadline(10)) as connection:
        statements: list[str] = []
        sa.event.listen(connection, "before_cursor_execute", lambda *event: statements.append(event[2]))
        assert len(causes(connection, DOCTOR, database.clock())) == 2
    assert len(statements) == 1
