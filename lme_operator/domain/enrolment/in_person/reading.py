"""What officers look at beyond the cases that they work on: people, documents, files. Each look leaves a trace.

A trace is an attempt of the log: who looked, at what, from where (N-2.6b, threat M35). Nothing here changes anything.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.engine import Connection

from lme_operator.core.canonical import Json
from lme_operator.core.database import Deadline, Work
from lme_operator.core.origin import Origin
from lme_operator.core.refusal import Refusal
from lme_operator.core.run import Run
from lme_operator.domain import mandates, professionals
from lme_operator.domain.audit import EventKind, LogEvidence
from lme_operator.domain.credentials import Session
from lme_operator.domain.enrolment import store as enrolled
from lme_operator.domain.enrolment.in_person import dossier, store
from lme_operator.domain.enrolment.in_person.base import actor_of, known
from lme_operator.domain.enrolment.in_person.card import CardMessage, PersonCard, gather_card, told
from lme_operator.domain.enrolment.in_person.enabling import Enabling
from lme_operator.domain.enrolment.in_person.events import (
    CARD_SEEN,
    CASE_SEEN,
    CONTACT_SEEN,
    DOCUMENT_SEEN,
    EVIDENCE_TAKEN,
    PEOPLE_SEARCHED,
)
from lme_operator.domain.enrolment.in_person.pieces import Task
from lme_operator.domain.enrolment.refusals import ENROLMENT_UNKNOWN, NOT_ACCREDITED
from lme_operator.domain.enrolment.store import KnownEnrolment
from lme_operator.domain.identity import StoredDocument
from lme_operator.domain.professionals import find_professional


@dataclass(frozen=True, slots=True)
class EnrolledLine:
    """An enrolment in a list, with the professional's name; None when no data of his are on record."""

    enrolment: KnownEnrolment
    name: str | None


@dataclass(frozen=True, slots=True)
class EnrolledPage:
    """A page of enrolments, newest first; `after` continues it, None at the end."""

    lines: tuple[EnrolledLine, ...]
    after: UUID | None


class Reading(Enabling):
    """Use cases that only show. Each raises `Refusal(sin_acreditacion_vigente)` for who is no officer now."""

    __slots__ = ()

    def enrolled(self, *, after: UUID | None, at_most: int, deadline: Deadline) -> EnrolledPage:
        """Return who has been enrolled, the newest first."""
        with self.database.reading(deadline=deadline) as connection:
            found = enrolled.latest_enrolments(connection, after=after, at_most=at_most + 1)
            lines = tuple(self._enrolled_line(connection, enrolment) for enrolment in found[:at_most])
        return EnrolledPage(lines, lines[-1].enrolment.id if len(found) > at_most else None)

    def find_enrolment(self, *, run: Run, deadline: Deadline) -> KnownEnrolment | None:
        """Return the latest enrolment of a person, by which his card is found."""
        with self.database.reading(deadline=deadline) as connection:
            return next(iter(enrolled.enrolments_of(connection, run)), None)

    def search(
        self, *, session: Session, sought: Run | str, origin: Origin, deadline: Deadline
    ) -> tuple[EnrolledLine, ...]:
        """Return the enrolments of a RUN, or of whoever has all these words in the name, one line a person."""
        by = "run" if isinstance(sought, Run) else "nombre"
        facts = {"por": by, "buscado": self.log.keyed(str(sought).casefold(), purpose="busqueda-de-profesionales")}
        with self._seeing(session, PEOPLE_SEARCHED, facts, origin=origin, deadline=deadline) as work:
            connection = work.connection
            if isinstance(sought, Run):
                people: tuple[Run, ...] = (sought,)
            else:
                people = professionals.search(connection, self.sealer, sought)
            of_each = (enrolled.enrolments_of(connection, run)[:1] for run in people)
            return tuple(self._enrolled_line(connection, enrolment) for latest in of_each for enrolment in latest)

    def card(
        self,
        *,
        session: Session,
        enrolment_id: UUID,
        origin: Origin,
        deadline: Deadline,
        whole_contact: bool = False,
    ) -> PersonCard:
        """Return the card of the person of an enrolment; raise `Refusal(enrolamiento_desconocido)`.

        `whole_contact` shows mail, telephone and address as they are, and leaves a trace of its own.
        """
        kind = CONTACT_SEEN if whole_contact else CARD_SEEN
        facts = {"enrolamiento": str(enrolment_id)}
        with self._seeing(session, kind, facts, origin=origin, deadline=deadline) as work:
            enrolment = enrolled.find_enrolment(work.connection, enrolment_id)
            if enrolment is None:
                raise Refusal(ENROLMENT_UNKNOWN)
            return gather_card(
                work.connection,
                enrolment.run,
                sealer=self.sealer,
                norms=self.norms,
                notices=self.notices,
                at=work.at,
                whole_contact=whole_contact,
            )

    def look_into(self, *, session: Session, case_id: UUID, origin: Origin, deadline: Deadline) -> None:
        """Leave the trace of an officer who looks into all that a case holds, his own or another's."""
        with self._seeing(session, CASE_SEEN, {"caso": str(case_id)}, origin=origin, deadline=deadline) as work:
            known(store.find_case(work.connection, case_id))

    def paper(
        self, *, session: Session, case_id: UUID, task: Task, number: int, origin: Origin, deadline: Deadline
    ) -> StoredDocument:
        """Return a document of a task's piece in force, the first is 0; raise `Refusal(enrolamiento_desconocido)`."""
        facts: dict[str, Json] = {"caso": str(case_id), "tarea": task.value, "archivo": number}
        with self._seeing(session, DOCUMENT_SEEN, facts, origin=origin, deadline=deadline) as work:
            known(store.find_case(work.connection, case_id))
            piece = self._latest(work.connection, case_id).get(task)
            papers = () if piece is None else dossier.papers_of((piece,))
            if number >= len(papers):
                raise Refusal(ENROLMENT_UNKNOWN)
            return self.documents.read(work.connection, papers[number].id)

    def take_evidence(self, *, session: Session, enrolment_id: UUID, origin: Origin, deadline: Deadline) -> bytes:
        """Return the dossier of an enrolment as an evidence file; raise `Refusal(enrolamiento_desconocido)`."""
        self._leave_trace(session, "expediente", enrolment_id, origin, deadline)
        return _existing(self.evidence_file(enrolment_id=enrolment_id, deadline=deadline))

    def take_constancia(self, *, session: Session, enrolment_id: UUID, origin: Origin, deadline: Deadline) -> bytes:
        """Return the constancia of an enrolment, a PDF; raise `Refusal(enrolamiento_desconocido)`."""
        self._leave_trace(session, "constancia", enrolment_id, origin, deadline)
        return _existing(self.constancia(enrolment_id=enrolment_id, deadline=deadline))

    def take_consultation(
        self, *, session: Session, consultation_id: UUID, origin: Origin, deadline: Deadline
    ) -> bytes:
        """Return a consultation of the RNPI as an evidence file; raise `Refusal` if there is none."""
        self._leave_trace(session, "consulta_rnpi", consultation_id, origin, deadline)
        return self.rnpi.evidence_file(consultation_id, deadline=deadline)

    def messages(self, *, case_id: UUID, deadline: Deadline) -> tuple[CardMessage, ...]:
        """Return what has been sent to the person of a case since it was opened, the newest first."""
        with self.database.reading(deadline=deadline) as connection:
            case = known(store.find_case(connection, case_id))
            sent = self.notices.of_person(connection, case.run)
        return tuple(told(state) for state in sent if state.at >= case.at)

    def _leave_trace(self, session: Session, what: str, subject: UUID, origin: Origin, deadline: Deadline) -> None:
        facts: dict[str, Json] = {"que": what, "id": str(subject)}
        with self._seeing(session, EVIDENCE_TAKEN, facts, origin=origin, deadline=deadline):
            pass

    @contextmanager
    def _seeing(
        self, session: Session, kind: EventKind, facts: Mapping[str, Json], *, origin: Origin, deadline: Deadline
    ) -> Iterator[Work]:
        """Open the transaction of a look, and leave its trace in it; who is no officer is refused, with evidence."""
        actor = actor_of(session)
        evidence = LogEvidence(self.log, kind, actor, {**facts, "ip": origin.ip})
        with self.database.unit_of_work(deadline=deadline, evidence=evidence) as work:
            causes = mandates.mandate_causes(work.connection, session.run, mandates.Role.OFFICER, work.at)
            if causes or not session.context.operator:
                raise Refusal(NOT_ACCREDITED, findings=causes)
            data = {**facts, "actor": actor, "sesion": str(session.id), "ip": origin.ip}
            self.log.attempt(work.connection, at=work.at, kind=kind, data=data)
            yield work

    def _enrolled_line(self, connection: Connection, enrolment: KnownEnrolment) -> EnrolledLine:
        person = find_professional(connection, self.sealer, enrolment.run)
        return EnrolledLine(enrolment, None if person is None else person.data.full_name)


def _existing(content: bytes | None) -> bytes:
    if content is None:
        raise Refusal(ENROLMENT_UNKNOWN)
    return content
