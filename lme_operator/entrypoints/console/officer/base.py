"""What every page of a case shows: the case, whose it is, and whether whoever looks may act on it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, TypedDict
from uuid import UUID

from lme_operator.core.database import Database, Deadline
from lme_operator.core.origin import Origin
from lme_operator.core.run import Run
from lme_operator.core.sealing import Sealer
from lme_operator.domain.credentials import Session
from lme_operator.domain.enrolment.in_person import CaseView, InPerson, Task, TaskView
from lme_operator.domain.mandates import latest_mandate
from lme_operator.entrypoints.console.officer.words import TITLES, full_name, state_of
from lme_operator.entrypoints.http.routes import Answer, Call
from lme_operator.entrypoints.pages.form_pages import Loaded
from lme_operator.entrypoints.pages.guards import Mandated
from lme_operator.entrypoints.pages.pages import PAGES
from lme_operator.entrypoints.pages.screens import Screens

CASES = f"{PAGES}/enrolamientos"


@dataclass(frozen=True, slots=True)
class Step:
    """A task in a list: its address, its title, its state in words, and the kind of its mark (none once complete)."""

    view: TaskView
    path: str
    title: str
    words: str
    kind: str


@dataclass(frozen=True, slots=True)
class CaseScreen:
    """A case as whoever looks sees it: `mine` when he may act on it, `officers` the names of whoever acted on it."""

    view: CaseView
    name: str
    mine: bool
    officers: Mapping[str, str]

    @property
    def path(self) -> str:
        """The address of its task list."""
        return case_path(self.view.case.id)

    @property
    def open(self) -> bool:
        """Whether work on it goes on."""
        return self.view.case.open

    @property
    def holder(self) -> str:
        """Who has it."""
        return self.officers[self.view.case.holder]

    @property
    def main_tasks(self) -> tuple[TaskView, ...]:
        """The tasks that every case has."""
        return tuple(view for view in self.view.tasks if view.task is not Task.SHARED_CONTACT)

    @property
    def steps(self) -> tuple[Step, ...]:
        """Every task of the case, in the order of the list."""
        return tuple(
            Step(view, case_path(self.view.case.id, view.task.value), TITLES[view.task], *state_of(view))
            for view in self.view.tasks
        )

    @property
    def done(self) -> int:
        """How many of them are complete."""
        return sum(view.done for view in self.main_tasks)


def case_path(case_id: UUID, *further: str) -> str:
    """The address of a case's page."""
    return "/".join((CASES, str(case_id), *further))


def officer_names(database: Database, sealer: Sealer, actors: Iterable[str], deadline: Deadline) -> dict[str, str]:
    """The names of actors: people of the operator by their mandate, the system by its task."""
    with database.reading(deadline=deadline) as connection:
        found = {}
        for actor in set(actors):
            kind, _, rest = actor.partition(":")
            mandate = latest_mandate(connection, sealer, Run.parse(rest)) if kind == "persona" else None
            found[actor] = mandate.name if mandate else (Run.parse(rest).display if kind == "persona" else "El sistema")
        return found


@dataclass(frozen=True, slots=True)
class CasePagesBase:
    """What the pages of a case are made with."""

    in_person: InPerson
    database: Database
    sealer: Sealer
    screens: Screens

    def case(self, who: Mandated, case_id: UUID, deadline: Deadline) -> CaseScreen:
        """Look at a case; raise `Refusal(enrolamiento_inexistente)`."""
        view = self.in_person.view(case_id=case_id, deadline=deadline)
        actors = {held.holder for held in view.holdings} | {task.piece.by for task in view.tasks if task.piece}
        declared = view.task(Task.DATA).piece
        name = None if declared is None else full_name(declared.content)
        return CaseScreen(
            view=view,
            name=name or f"RUN {view.case.run.display}",
            mine=view.case.open and view.case.holder == f"persona:{who.session.run}",
            officers=officer_names(self.database, self.sealer, actors, deadline),
        )

    def load_case(self, who: Mandated, path: Mapping[str, UUID], deadline: Deadline) -> Loaded:
        """What a page of a task shows beside its form."""
        return Loaded({"case": self.case(who, path["id"], deadline), "task": None})

    def load_task(self, task: Task, who: Mandated, path: Mapping[str, UUID], deadline: Deadline) -> Loaded:
        """The same, with the task that the page is of."""
        case = self.case(who, path["id"], deadline)
        return Loaded({"case": case, "task": case.view.task(task)})

    def go_on(self, call: Call[Mandated, Any], task: Task) -> Answer:
        """After a task: to the next one that is not complete; to the same one while it stands against enabling."""
        case_id = call.path["id"]
        view = self.in_person.view(case_id=case_id, deadline=call.deadline)
        tasks = {one.task: one for one in view.tasks}
        if task in tasks and tasks[task].findings:
            return self.screens.go(case_path(case_id, task.value), notice="tarea_con_reparo")
        place = next_task(view, task)
        further = "revisar" if place is None else place.value
        return self.screens.go(case_path(case_id, further), notice=f"tarea_{task.value}")


def next_task(view: CaseView, after: Task) -> Task | None:
    """The next task of the list that is not complete; else the first that nobody has begun; None to review."""
    order = [one.task for one in view.tasks]
    place = order.index(after) if after in order else -1
    later = (one.task for one in view.tasks[place + 1 :] if not one.done)
    begun = (one.task for one in view.tasks if one.piece is None)
    return next(later, None) or next(begun, None)


class CaseAct(TypedDict):
    """What every act of an officer on a case is given."""

    session: Session
    case_id: UUID
    origin: Origin
    deadline: Deadline


def act_of(call: Call[Mandated, Any]) -> CaseAct:
    """Whose act a call is, on which case, from where, by when."""
    return CaseAct(session=call.who.session, case_id=call.path["id"], origin=call.origin, deadline=call.deadline)
