"""Cases as a whole: those in progress, a new one with its first checks, one's tasks, taking it over, ending it."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from lme_operator.core.database import Deadline
from lme_operator.domain.enrolment.refusals import (
    ACTS_FOR_AUTHORITY,
    ALREADY_ENROLLED,
    CASE_IN_PROGRESS,
    OWN_CASE,
    SUSPENDED,
)
from lme_operator.entrypoints.console.officer.base import CASES, CasePagesBase, act_of, case_path, officer_names
from lme_operator.entrypoints.console.officer.forms import EmptyForm, NewCaseForm, ReasonForm
from lme_operator.entrypoints.http.routes import Answer, Call
from lme_operator.entrypoints.http.types import Model
from lme_operator.entrypoints.pages.form_pages import SUBJECT, FormPage
from lme_operator.entrypoints.pages.form_state import FormState
from lme_operator.entrypoints.pages.guards import Mandated, PageGuards
from lme_operator.entrypoints.pages.pages import HTML, Page, Returned

_SHOWN = 25
_HINDRANCES = (SUSPENDED, ACTS_FOR_AUTHORITY, ALREADY_ENROLLED, CASE_IN_PROGRESS, OWN_CASE)


class Cursor(Model):
    """Where a list goes on."""

    despues: UUID | None = None


@dataclass(frozen=True, slots=True)
class CasePages(CasePagesBase):
    """The pages of cases."""

    def pages(self, guards: PageGuards) -> tuple[Page[Any, Any], ...]:
        """Their routes."""
        listed: Page[Mandated, Cursor] = Page(
            method="GET", path=CASES, name="consola_enrolamientos", summary="Enrolamientos en curso.", subject=SUBJECT,
            guard=guards.officer, handle=self._list, input=Cursor, answer=HTML,
        )  # fmt: skip
        tasks: Page[Mandated, None] = Page(
            method="GET", path=f"{CASES}/{{id}}", name="consola_enrolamiento", summary="Tareas de un enrolamiento.",
            subject=SUBJECT, guard=guards.officer, handle=self._tasks, answer=HTML,
        )  # fmt: skip
        taken: Page[Mandated, EmptyForm] = Page(
            method="POST", path=f"{CASES}/{{id}}/recibir", name="consola_enrolamiento_recibir",
            summary="Recibe un enrolamiento de otro funcionario.", subject=SUBJECT, guard=guards.officer,
            handle=self._take, input=EmptyForm, answer=HTML,
        )  # fmt: skip
        ended = FormPage(
            path=f"{CASES}/{{id}}/terminar",
            name="consola_enrolamiento_terminar",
            title="Terminar sin enrolar",
            template="enrolamiento_termino.html",
            guard=guards.officer,
            input=ReasonForm,
            act=self._give_up,
            load=self.load_case,
        )
        return (listed, *self._new_pages(guards), tasks, taken, *ended.pages(self.screens))

    def _new_pages(self, guards: PageGuards) -> tuple[Page[Any, Any], ...]:
        look: Page[Mandated, None] = Page(
            method="GET", path=f"{CASES}/nuevo", name="consola_enrolamiento_nuevo", summary="Nuevo enrolamiento.",
            subject=SUBJECT, guard=guards.officer, answer=HTML,
            handle=lambda call: self._new(call.who, FormState(), call.deadline),
        )  # fmt: skip
        send: Page[Mandated, NewCaseForm] = Page(
            method="POST", path=f"{CASES}/nuevo", name="consola_enrolamiento_nuevo_enviar",
            summary="Abre un enrolamiento.", subject=SUBJECT, guard=guards.officer, handle=self._open,
            input=NewCaseForm, answer=HTML, again=self._hindered, said_at=dict.fromkeys(_HINDRANCES, None),
        )  # fmt: skip
        return look, send

    def _list(self, call: Call[Mandated, Cursor]) -> Answer:
        page = self.in_person.page(after=call.input.despues, at_most=_SHOWN, deadline=call.deadline)
        holders = {line.case.holder for line in page.lines}
        return self.screens.show(
            call.who,
            "enrolamientos.html",
            title="Enrolamientos en curso",
            deadline=call.deadline,
            page=page,
            first=call.input.despues is None,
            officers=officer_names(self.database, self.sealer, holders, call.deadline),
            me=f"persona:{call.who.session.run}",
            base=CASES,
        )

    def _new(self, who: Mandated, form: FormState, deadline: Deadline) -> Answer:
        return self.screens.show(
            who, "enrolamiento_nuevo.html", title="Nuevo enrolamiento", deadline=deadline, form=form, back=CASES
        )

    def _open(self, call: Call[Mandated, NewCaseForm]) -> Answer:
        case = self.in_person.open(
            session=call.who.session, run=call.input.run, origin=call.origin, deadline=call.deadline
        )
        return self.screens.go(case_path(case.id, "datos"), notice="enrolamiento_abierto")

    def _hindered(self, returned: Returned[Mandated]) -> Answer:
        """Show what stands against a new case on a page of its own, with what can be done; else the form again."""
        refusal = returned.refusal
        if refusal.kind not in _HINDRANCES:
            return self._new(returned.who, FormState.of(returned, {}), returned.deadline)
        run = NewCaseForm.model_validate({"run": returned.values["run"][0]}).run
        case = self.in_person.find_open(run=run, deadline=returned.deadline)
        holder = {} if case is None else officer_names(self.database, self.sealer, (case.holder,), returned.deadline)
        return self.screens.show(
            returned.who,
            "enrolamiento_impedido.html",
            title="No se puede enrolar" if case is None else "Ya hay un enrolamiento en curso",
            deadline=returned.deadline,
            run=run,
            refusal=refusal,
            case=case,
            holder=None if case is None else holder[case.holder],
            mine=case is not None and case.holder == f"persona:{returned.who.session.run}",
            enrolment=self.in_person.find_enrolment(run=run, deadline=returned.deadline),
            base=CASES,
        )

    def _tasks(self, call: Call[Mandated, None]) -> Answer:
        case = self.case(call.who, call.path["id"], call.deadline)
        return self.screens.show(
            call.who,
            "enrolamiento.html",
            title=f"Enrolamiento de {case.name}",
            deadline=call.deadline,
            case=case,
        )

    def _take(self, call: Call[Mandated, EmptyForm]) -> Answer:
        self.in_person.take(**act_of(call))
        return self.screens.go(case_path(call.path["id"]), notice="enrolamiento_recibido")

    def _give_up(self, call: Call[Mandated, ReasonForm]) -> Answer:
        self.in_person.give_up(reason=call.input.motivo, **act_of(call))
        return self.screens.go(CASES, notice="enrolamiento_terminado")
