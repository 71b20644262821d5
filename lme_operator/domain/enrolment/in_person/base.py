"""What every use case of enrolment in person needs: whose case it is, who may act on it, and how a piece is kept."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.engine import Connection

from lme_operator.core.canonical import Json, sha256, to_base64url
from lme_operator.core.database import Database, Deadline, Evidence, Work
from lme_operator.core.origin import Origin
from lme_operator.core.refusal import Refusal
from lme_operator.core.run import Run
from lme_operator.core.sealing import Sealer
from lme_operator.domain import mandates
from lme_operator.domain.audit import EventKind, Log, LogEvidence
from lme_operator.domain.credentials import ContactCodes, Credentials, Session, require_live
from lme_operator.domain.enrolment.in_person import store
from lme_operator.domain.enrolment.in_person.case import Case
from lme_operator.domain.enrolment.in_person.events import PIECE_GATHERED
from lme_operator.domain.enrolment.in_person.pieces import Piece, Task
from lme_operator.domain.enrolment.in_person.rules import Gathered, Limits
from lme_operator.domain.enrolment.refusals import (
    ACTS_FOR_AUTHORITY,
    CASE_OF_ANOTHER,
    CASE_OVER,
    CASE_UNKNOWN,
    NOT_ACCREDITED,
)
from lme_operator.domain.identity import DocumentKind, DocumentStore, IdentityChecks, InspectedDocument, lock_people
from lme_operator.domain.norms import Norms, Protocol
from lme_operator.domain.notices import Notices
from lme_operator.domain.rnpi import Rnpi

Counted = Callable[[Evidence], Evidence]
"""Wraps the evidence of an act in which codes are tried, so that wrong ones are counted."""


@dataclass(frozen=True, slots=True)
class Upload:
    """A document that was looked into and is about to be kept: its bytes, what was found, what it is."""

    content: bytes
    inspected: InspectedDocument
    kind: DocumentKind


@dataclass(frozen=True, slots=True, kw_only=True)
class InPersonBase:
    """The rooms that enrolment in person works with.

    `protocols` are those pinned on new cases; `terms` the conditions that a professional accepts; `operator` and `rut`
    as the constancia names them; `test` marks what has no legal effect.
    """

    database: Database
    log: Log
    sealer: Sealer
    norms: Norms
    credentials: Credentials
    contact_codes: ContactCodes
    notices: Notices
    documents: DocumentStore
    identity_checks: IdentityChecks
    rnpi: Rnpi
    protocols: tuple[Protocol, ...]
    terms: bytes
    operator: str
    rut: Run
    test: bool

    @property
    def pinned(self) -> tuple[str, ...]:
        """The protocols as a case pins them: name, version, SHA-256 of the text."""
        return tuple(f"{protocol.name}@{protocol.version}:{protocol.digest}" for protocol in self.protocols)

    @contextmanager
    def _acting(
        self,
        session: Session,
        case_id: UUID,
        kind: EventKind,
        *,
        origin: Origin,
        deadline: Deadline,
        taking: bool = False,
        counted: Counted = lambda evidence: evidence,
    ) -> Iterator[tuple[Work, Case]]:
        """Open the transaction of an officer's act on a case that he holds; refuse whoever may not, with evidence.

        `taking`: he need not hold it yet. `counted` wraps the evidence where codes are tried.
        """
        run = self._case_of(case_id, deadline).run
        facts = {"caso": str(case_id), "run": str(run), "ip": origin.ip}
        evidence = counted(LogEvidence(self.log, kind, actor_of(session), facts))
        locks = (lock_people(session.run, run),)
        with self.database.unit_of_work(deadline=deadline, locks=locks, evidence=evidence) as work:
            self._require_officer(work, session)
            case = known(store.find_case(work.connection, case_id))
            require_mine(case, session, taking=taking)
            yield work, case

    def _require_officer(self, work: Work, session: Session) -> None:
        """Look under the lock: the session lives, is of the operator's own, and its officer is accredited (N-1b)."""
        require_live(work, session)
        if not session.context.operator:
            raise Refusal(NOT_ACCREDITED)
        causes = mandates.mandate_causes(work.connection, session.run, mandates.Role.OFFICER, work.at)
        if causes:
            raise Refusal(NOT_ACCREDITED, findings=causes)

    def _require_no_authority(self, work: Work, run: Run) -> None:
        """Raise `Refusal(actua_por_una_autoridad)`: who orders suspensions is under nobody's, now or from a day on."""
        if mandates.Role.AUTHORITY in mandates.roles_given(work.connection, run, work.at):
            raise Refusal(ACTS_FOR_AUTHORITY)

    def _look(self, session: Session, case_id: UUID, deadline: Deadline) -> tuple[Case, Mapping[Task, Piece]]:
        """Read a case before asking anybody outside; refuse at once what would be refused afterwards."""
        with self.database.reading(deadline=deadline) as connection:
            case = known(store.find_case(connection, case_id))
            require_mine(case, session)
            return case, self._latest(connection, case_id)

    def _latest(self, connection: Connection, case_id: UUID) -> Mapping[Task, Piece]:
        """The piece in force of each task, as this transaction sees them."""
        return store.in_force(store.pieces_of(connection, self.sealer, case_id))

    def _of_person(self, connection: Connection, run: Run) -> tuple[Piece, ...]:
        """Every piece about a person, of every case, oldest first: giving a case up forgets nothing."""
        cases = reversed(store.cases_of(connection, run))
        gathered = [piece for case in cases for piece in store.pieces_of(connection, self.sealer, case.id)]
        return tuple(sorted(gathered, key=lambda piece: piece.at))

    def _case_of(self, case_id: UUID, deadline: Deadline) -> Case:
        with self.database.reading(deadline=deadline) as connection:
            return known(store.find_case(connection, case_id))

    def _keep(self, work: Work, upload: Upload, session: Session) -> dict[str, Json]:
        """Keep a document; return how a piece refers to it."""
        document_id = self.documents.keep(
            work, upload.content, upload.inspected, kind=upload.kind, by=actor_of(session)
        )
        return {
            "id": str(document_id),
            "tipo": upload.inspected.media_type,
            "digesto": to_base64url(sha256(upload.content)),
        }

    def _record(self, work: Work, case: Case, session: Session, task: Task, content: Mapping[str, Json]) -> Piece:
        """Write the piece and, last, its log entry."""
        piece = Piece(
            id=work.new_id(),
            task=task,
            by=actor_of(session),
            session_id=session.id,
            at=work.at,
            entry_id=work.new_id(),
            content=content,
        )
        store.record_piece(work, self.sealer, case.id, piece)
        data = {
            "caso": str(case.id),
            "run": str(case.run),
            "pieza": str(piece.id),
            "tarea": task.value,
            "digesto": to_base64url(piece.digest),
            "sesion": str(session.id),
        }
        self.log.append(work, kind=PIECE_GATHERED, actor=piece.by, data=data, entry_id=piece.entry_id)
        return piece

    def _gathered(self, case: Case, pieces: Sequence[Piece], at: datetime) -> Gathered:
        return Gathered(opened_at=case.at, at=at, pieces=store.in_force(tuple(pieces)), limits=self._limits(at))

    def _limits(self, at: datetime) -> Limits:
        """The parameters in force at `at`."""
        return Limits(
            document_days=self.norms.parameter("enrolamiento.documento_consulta_dias", at=at).number,
            address_days=self.norms.parameter("enrolamiento.domicilio_antiguedad_dias", at=at).number,
            supervised_minutes=self.norms.parameter("enrolamiento.sesion_presencial_minutos", at=at).number,
            terms=to_base64url(sha256(self.terms)),
        )


def actor_of(session: Session) -> str:
    """Name the officer as an actor of the log."""
    return f"persona:{session.run}"


def known(case: Case | None) -> Case:
    """Return the case; raise `Refusal(enrolamiento_inexistente)`."""
    if case is None:
        raise Refusal(CASE_UNKNOWN)
    return case


def require_mine(case: Case, session: Session, *, taking: bool = False) -> None:
    """Raise `Refusal` unless the case is open and, but for `taking`, held by this officer."""
    if not case.open:
        raise Refusal(CASE_OVER)
    if not taking and case.holder != actor_of(session):
        raise Refusal(CASE_OF_ANOTHER)
