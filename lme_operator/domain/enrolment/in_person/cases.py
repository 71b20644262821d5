"""A case from its opening to its end without enrolment: open, take over, give up, look, list."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from lme_operator.core.database import Deadline
from lme_operator.core.decision import Decision, Finding
from lme_operator.core.origin import Origin
from lme_operator.core.refusal import Refusal
from lme_operator.core.run import Run
from lme_operator.domain import suspensions
from lme_operator.domain.audit import LogEvidence
from lme_operator.domain.credentials import Session, has_access
from lme_operator.domain.enrolment.in_person import store
from lme_operator.domain.enrolment.in_person.base import InPersonBase, actor_of, known
from lme_operator.domain.enrolment.in_person.case import Case, Holding
from lme_operator.domain.enrolment.in_person.civil import Comparison, compare
from lme_operator.domain.enrolment.in_person.events import CASE_GIVEN_UP, CASE_OPENED, CASE_TAKEN
from lme_operator.domain.enrolment.in_person.pieces import Piece, Task
from lme_operator.domain.enrolment.in_person.rules import adjudicate, adjudicate_task
from lme_operator.domain.enrolment.refusals import ALREADY_ENROLLED, CASE_IN_PROGRESS, OWN_CASE, SUSPENDED
from lme_operator.domain.enrolment.state import in_force
from lme_operator.domain.identity import lock_people
from lme_operator.domain.professionals import PracticeContext

_INDIVIDUAL = PracticeContext()
"""The operator's own officers enrol individual providers; an institution's administrators enrol for it (N-1b, N-1c)."""


@dataclass(frozen=True, slots=True)
class TaskView:
    """One task of the list: its piece, None while there is none, and what it still lacks."""

    task: Task
    piece: Piece | None
    findings: tuple[Finding, ...]

    @property
    def done(self) -> bool:
        """Whether nothing is missing."""
        return not self.findings


@dataclass(frozen=True, slots=True)
class CaseView:
    """A case as an officer sees it at `at`. `shared_contact`: a person must decide about a contact of another's.

    `own_access`: the professional has means of access already, and keeps them.
    """

    case: Case
    at: datetime
    tasks: tuple[TaskView, ...]
    decision: Decision
    comparisons: tuple[Comparison, ...]
    holdings: tuple[Holding, ...]
    shared_contact: bool
    own_access: bool

    def task(self, task: Task) -> TaskView:
        """The view of one task."""
        return next(view for view in self.tasks if view.task is task)


@dataclass(frozen=True, slots=True)
class CaseLine:
    """A case in a list: the professional's name, None before it was declared, and how many tasks are done."""

    case: Case
    name: str | None
    done: int
    tasks: int


@dataclass(frozen=True, slots=True)
class CasePage:
    """A page of a list; `after` continues it, None at the end."""

    lines: tuple[CaseLine, ...]
    after: UUID | None


class Cases(InPersonBase):
    """Use cases of a case as a whole."""

    __slots__ = ()

    def open(self, *, session: Session, run: Run, origin: Origin, deadline: Deadline) -> Case:
        """Open the case of a professional who practises on his own (enrolamiento-presencial@v2#abrir).

        Raises `Refusal`: `sin_acreditacion_vigente`, `enrolamiento_de_si_mismo`, `enrolamiento_durante_suspension`
        (with every suspension), `actua_por_una_autoridad`, `ya_enrolado`, `enrolamiento_en_curso`, `sesion_terminada`.
        """
        evidence = LogEvidence(self.log, CASE_OPENED, actor_of(session), {"run": str(run), "ip": origin.ip})
        locks = (lock_people(session.run, run, create=True),)
        with self.database.unit_of_work(deadline=deadline, locks=locks, evidence=evidence) as work:
            self._require_officer(work, session)
            if run == session.run:
                raise Refusal(OWN_CASE)
            self._require_no_authority(work, run)
            if suspended := suspensions.causes(work.connection, run, work.at):
                raise Refusal(SUSPENDED, findings=suspended)
            if in_force(work.connection, run, _INDIVIDUAL, work.at) is not None:
                raise Refusal(ALREADY_ENROLLED)
            if store.find_open_case(work.connection, run, _INDIVIDUAL) is not None:
                raise Refusal(CASE_IN_PROGRESS)
            actor = actor_of(session)
            case = Case(
                id=work.new_id(),
                run=run,
                context=_INDIVIDUAL,
                protocols=self.pinned,
                opened_by=actor,
                entry_id=work.new_id(),
                at=work.at,
                holder=actor,
                end=None,
                enrolment_id=None,
            )
            store.record_case(work, case)
            data = {
                "caso": str(case.id),
                "run": str(run),
                "contexto": case.context.code,
                "protocolos": list(case.protocols),
                "ip": origin.ip,
            }
            self.log.append(work, kind=CASE_OPENED, actor=actor, data=data, entry_id=case.entry_id)
        return case

    def find_open(self, *, run: Run, deadline: Deadline) -> Case | None:
        """Return the open case of a person, whoever holds it."""
        with self.database.reading(deadline=deadline) as connection:
            return store.find_open_case(connection, run, _INDIVIDUAL)

    def take(self, *, session: Session, case_id: UUID, origin: Origin, deadline: Deadline) -> None:
        """Take a case over from another officer; nothing done before is rewritten (N-1l).

        Raises `Refusal`: `sin_acreditacion_vigente`, `enrolamiento_de_si_mismo`, `enrolamiento_terminado`.
        """
        with self._acting(session, case_id, CASE_TAKEN, origin=origin, deadline=deadline, taking=True) as (work, case):
            if case.run == session.run:
                raise Refusal(OWN_CASE)
            if case.holder == actor_of(session):
                return
            entry_id = work.new_id()
            store.record_holder(work, case.id, holder=actor_of(session), entry_id=entry_id)
            data = {"caso": str(case.id), "run": str(case.run), "desde": case.holder, "ip": origin.ip}
            self.log.append(work, kind=CASE_TAKEN, actor=actor_of(session), data=data, entry_id=entry_id)

    def give_up(self, *, session: Session, case_id: UUID, reason: str, origin: Origin, deadline: Deadline) -> None:
        """End the case without enrolling; it and its pieces are kept (enrolamiento-presencial@v2#desistir)."""
        with self._acting(session, case_id, CASE_GIVEN_UP, origin=origin, deadline=deadline) as (work, case):
            entry_id, actor = work.new_id(), actor_of(session)
            store.record_end(work, self.sealer, case, kind="desistido", by=actor, entry_id=entry_id, reason=reason)
            data = {"caso": str(case.id), "run": str(case.run), "motivo": reason, "ip": origin.ip}
            self.log.append(work, kind=CASE_GIVEN_UP, actor=actor, data=data, entry_id=entry_id)

    def view(self, *, case_id: UUID, deadline: Deadline) -> CaseView:
        """Return a case with its tasks, each with what it lacks now; raise `Refusal(enrolamiento_inexistente)`."""
        at = self.database.clock()
        with self.database.reading(deadline=deadline) as connection:
            case = known(store.find_case(connection, case_id))
            pieces = store.pieces_of(connection, self.sealer, case_id)
            holdings = store.holdings_of(connection, case_id)
            suspended = suspensions.causes(connection, case.run, at)
            own_access = has_access(connection, case.run)
        gathered = self._gathered(case, pieces, at)
        registered = gathered.content(Task.RNPI).get("registro")
        declared = gathered.content(Task.DATA)
        shared = any(gathered.content(task).get("compartido") for task in (Task.MAIL, Task.TELEPHONE))
        return CaseView(
            case=case,
            at=at,
            tasks=tuple(
                TaskView(task, gathered.pieces.get(task), adjudicate_task(gathered, task).findings)
                for task in Task
                if shared or task is not Task.SHARED_CONTACT
            ),
            decision=Decision(suspended) & adjudicate(gathered),
            comparisons=compare(declared, registered) if declared and registered else (),
            holdings=holdings,
            shared_contact=shared,
            own_access=own_access,
        )

    def page(self, *, after: UUID | None, at_most: int, deadline: Deadline) -> CasePage:
        """Return open cases, newest first."""
        at = self.database.clock()
        with self.database.reading(deadline=deadline) as connection:
            found = store.open_cases(connection, after=after, at_most=at_most + 1)
            lines = tuple(
                self._line(case, store.pieces_of(connection, self.sealer, case.id), at) for case in found[:at_most]
            )
        return CasePage(lines, lines[-1].case.id if len(found) > at_most else None)

    def cases_of(self, *, run: Run, deadline: Deadline) -> tuple[Case, ...]:
        """Return every case of a person, newest first."""
        with self.database.reading(deadline=deadline) as connection:
            return store.cases_of(connection, run)

    def _line(self, case: Case, pieces: tuple[Piece, ...], at: datetime) -> CaseLine:
        gathered = self._gathered(case, pieces, at)
        tasks = [task for task in Task if task is not Task.SHARED_CONTACT]
        declared = gathered.content(Task.DATA)
        names = (declared.get("nombres"), declared.get("apellido_paterno"), declared.get("apellido_materno"))
        return CaseLine(
            case=case,
            name=" ".join(name for name in names if name) or None,
            done=sum(adjudicate_task(gathered, task).allowed for task in tasks),
            tasks=len(tasks),
        )
