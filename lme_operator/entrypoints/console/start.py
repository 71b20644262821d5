"""The start: what the person may do today, in this context, and if not why and what to do about it."""

from dataclasses import dataclass
from typing import Any

from lme_operator.core.canonical import Json, parse_instant
from lme_operator.core.database import Database
from lme_operator.domain.access import Access
from lme_operator.domain.standing import Act, Judgement, Standing
from lme_operator.entrypoints.common.pages import HTML, PAGES, Page
from lme_operator.entrypoints.common.routes import Answer, Call
from lme_operator.entrypoints.common.visitors import PageGuards, Person
from lme_operator.entrypoints.console.enrolment_words import REGISTER_RESULTS
from lme_operator.entrypoints.console.form_pages import SUBJECT
from lme_operator.entrypoints.console.formats import instant
from lme_operator.entrypoints.console.screens import Screens


@dataclass(frozen=True, slots=True)
class StartPages:
    """The start of whoever has entered."""

    access: Access
    standing: Standing
    database: Database
    screens: Screens

    def pages(self, guards: PageGuards) -> tuple[Page[Any, Any], ...]:
        """Its route."""
        start: Page[Person, None] = Page(
            method="GET",
            path=PAGES,
            name="consola",
            summary="Lo que puede hacer hoy.",
            subject=SUBJECT,
            guard=guards.console,
            handle=self._start,
            answer=HTML,
        )
        return (start,)

    def _start(self, call: Call[Person, None]) -> Answer:
        session = call.who.session
        if session.context.operator:
            return self.screens.show(call.who, "inicio_operador.html", title="Inicio", deadline=call.deadline)
        state = self.access.state(session=session, deadline=call.deadline)
        with self.database.reading(deadline=call.deadline) as connection:
            judgement = self.standing.judge(
                connection, run=session.run, act=Act.ISSUE, context=session.context, at=self.database.clock()
            )
        return self.screens.show(
            call.who,
            "inicio.html",
            title="Inicio",
            deadline=call.deadline,
            decision=judgement.decision,
            register=_register(judgement),
            suspensions=_fact(judgement, "suspensiones_vigentes")["valor"],
            state=state,
        )


def _register(judgement: Judgement) -> str:
    """What the RNPI said today, or that it did not answer and the exception stands (N-4c)."""
    fact = _fact(judgement, "rnpi_del_dia")
    value = fact["valor"]
    if value["instante"] is None:
        return "Todavía no se ha consultado"
    asked = instant(parse_instant(value["instante"]))
    if fact["norma"] == "N-4c":
        return f"No respondió el {asked}. Puede emitir; queda constancia, y se consulta de nuevo en cada emisión."
    return f"{REGISTER_RESULTS[value['resultado']]}. Consultado el {asked}."


def _fact(judgement: Judgement, name: str) -> Json:
    return next(fact for fact in judgement.facts if fact["hecho"] == name)
