"""What a professional has issued: his list, his earlier licences of a patient, and the story of each folio.

Nobody reads another's, nor those of another context: for him they do not exist. Who is suspended may read; a session
restricted by the RNPI may not (N-4b), nor may means of access that their owner blocked (N-2.7a).
"""

import struct
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

from sqlalchemy.engine import Connection

from lme_operator.core.canonical import Json, from_base64url, to_base64url
from lme_operator.core.database import Database, Deadline
from lme_operator.core.decision import Finding
from lme_operator.core.refusal import Refusal
from lme_operator.core.run import Run
from lme_operator.core.sealing import Sealer
from lme_operator.domain.audit import Log, LoggedAct
from lme_operator.domain.credentials import Session
from lme_operator.domain.issuance import exceptions, preparations
from lme_operator.domain.issuance.events import LICENCE_ISSUED, LICENCE_PREPARED, LICENCE_RECHECKED
from lme_operator.domain.issuance.evidence import TOTP, WEBAUTHN
from lme_operator.domain.issuance.prepare import Prepared
from lme_operator.domain.issuance.refusals import CURSOR_UNKNOWN, LICENCE_UNKNOWN, MAY_NOT_READ, PREPARATION_USED
from lme_operator.domain.issuance.states import States
from lme_operator.domain.licences import (
    Licence,
    ReadDocument,
    evidence_entries,
    find_licence,
    licences_of_issuer,
    licences_of_worker,
    read_document,
    worker_hash,
)
from lme_operator.domain.licences.authorship import BY_CODE, BY_KEY
from lme_operator.domain.licences.state import State
from lme_operator.domain.standing import Act, Standing

_PAGE, _EARLIER = 50, 20
_CURSOR = struct.Struct(">q16s")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_AUTHORSHIPS = {WEBAUTHN: BY_KEY, TOTP: BY_CODE}
_EXCUSED = ", mientras el RNPI no respondía"


@dataclass(frozen=True, slots=True)
class Issued:
    """A licence as its professional sees it. `receipt` discloses everything: it is his own act."""

    id: UUID
    folio: str
    state: State
    issued_at: datetime
    verification_code: str
    receipt: Json
    replayed: bool


@dataclass(frozen=True, slots=True)
class IssuedLine:
    """A licence in the list. Whose it is, is None for those issued before the list told, and for erased documents."""

    id: UUID
    folio: str
    issued_at: datetime
    kind: int
    days: int
    rest_starts_on: date
    state: State
    worker_name: str | None
    worker_run: Run | None


@dataclass(frozen=True, slots=True)
class IssuedList:
    """A page of the list, newest first; `after` asks for the next one, None on the last."""

    lines: tuple[IssuedLine, ...]
    after: str | None


@dataclass(frozen=True, slots=True)
class Earlier:
    """A licence that the same professional issued to the same patient, to start another from."""

    id: UUID
    folio: str
    issued_at: datetime
    document: ReadDocument = field(repr=False)


@dataclass(frozen=True, slots=True)
class Novelty:
    """Something that happened to a folio: `what` is the event's code, `by` `persona:RUN` or `sistema:TAREA`.

    `entry` is its index in the log, None for what leaves no entry of its own; `detail` is for people.
    """

    at: datetime
    what: str
    by: str
    entry: int | None
    detail: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnLicences:
    """Reads licences for their professional."""

    database: Database
    log: Log
    sealer: Sealer
    standing: Standing
    states: States

    def hindrances(self, connection: Connection, session: Session) -> tuple[Finding, ...]:
        """Return every reason why the session may not read what is its own now; none: it may (N-4b, N-2.7a)."""
        judgement = self.standing.judge(
            connection, run=session.run, act=Act.READ_OWN, context=session.context, at=self.database.clock()
        )
        return judgement.decision.findings

    def demand_reading(self, connection: Connection, session: Session) -> None:
        """Raise `Refusal(no_puede_leer)` in a session that may not read (N-4b, N-2.7a)."""
        hindrances = self.hindrances(connection, session)
        if hindrances:
            raise Refusal(MAY_NOT_READ, findings=hindrances)

    def own(self, connection: Connection, session: Session, licence_id: UUID) -> Licence:
        """Return the session's licence of this id; raise `Refusal(licencia_inexistente)`."""
        licence = find_licence(connection, self.sealer, licence_id)
        if licence is None or (licence.run, licence.context) != (session.run, session.context.code):
            raise Refusal(LICENCE_UNKNOWN)
        return licence

    def readable(self, connection: Connection, session: Session, licence_id: UUID) -> Licence:
        """Return an own licence to who may read it; raise `Refusal`: `licencia_inexistente`, `no_puede_leer`."""
        self.demand_reading(connection, session)
        return self.own(connection, session, licence_id)

    def issued(self, *, session: Session, after: str | None, deadline: Deadline) -> IssuedList:
        """Return a page of the list; raise `Refusal`: `no_puede_leer`, `pagina_inexistente`."""
        before = None if after is None else _read_cursor(after)
        with self.database.reading(deadline=deadline) as connection:
            self.demand_reading(connection, session)
            found = licences_of_issuer(
                connection, self.sealer, run=session.run, context=session.context.code, before=before, limit=_PAGE + 1
            )
            states = self.states.of(connection, [one.id for one in found])
        lines = tuple(
            IssuedLine(
                id=one.id,
                folio=str(one.folio),
                issued_at=one.at,
                kind=one.kind,
                days=one.days,
                rest_starts_on=one.rest_starts_on,
                state=states[one.id],
                worker_name=None if one.patient is None else one.patient.name,
                worker_run=None if one.patient is None else one.patient.run,
            )
            for one in found[:_PAGE]
        )
        more = len(found) > _PAGE
        return IssuedList(lines, _write_cursor(lines[-1].issued_at, lines[-1].id) if more else None)

    def earlier(self, *, session: Session, worker: Run, deadline: Deadline) -> tuple[Earlier, ...]:
        """Return the newest licences of this patient by the same professional in this context; raise
        `Refusal(no_puede_leer)`.
        """
        with self.database.reading(deadline=deadline) as connection:
            self.demand_reading(connection, session)
            found = licences_of_worker(
                connection,
                run=session.run,
                context=session.context.code,
                worker=worker_hash(self.sealer, worker),
                limit=_EARLIER,
            )
            documents = preparations.documents(connection, self.sealer, [one.preparation_id for one in found])
        return tuple(
            Earlier(one.id, str(one.folio), one.at, read_document(documents[one.preparation_id]))
            for one in found
            if one.preparation_id in documents
        )

    def prepared(self, *, session: Session, preparation_id: UUID, deadline: Deadline) -> Prepared:
        """Return an own preparation that may still be issued. Raises `Refusal`: `no_puede_leer`,
        `preparacion_inexistente`, `preparacion_vencida`, `preparacion_descartada`, `preparacion_ya_usada`.
        """
        with self.database.reading(deadline=deadline) as connection:
            self.demand_reading(connection, session)
            _, made = preparations.usable(connection, self.sealer, session, preparation_id, at=self.database.clock())
            if preparations.is_redeemed(connection, preparation_id):
                raise Refusal(PREPARATION_USED)
        return Prepared.of(made, replayed=False)

    def history(self, *, session: Session, licence_id: UUID, deadline: Deadline) -> tuple[Novelty, ...]:
        """Return what happened to an own folio, oldest first; raise `Refusal`: `licencia_inexistente`,
        `no_puede_leer`.
        """
        with self.database.reading(deadline=deadline) as connection:
            licence = self.readable(connection, session, licence_id)
            prepared_at = preparations.prepared_at(connection, licence.preparation_id)
            excused = bool(exceptions.excused(connection, [licence.id]))
            told = [self.log.tell(connection, entry_id) for entry_id in evidence_entries(connection, licence.id)]
        prepared = Novelty(prepared_at, LICENCE_PREPARED.code, f"persona:{licence.run}", None, None)
        return (prepared, *(_novelty(act, excused=excused) for act in told))


def _novelty(told: LoggedAct, *, excused: bool) -> Novelty:
    detail = None
    if told.kind == LICENCE_ISSUED.code:
        words = _AUTHORSHIPS[told.values["autorizacion"]].words
        detail = words[0].lower() + words[1:] + (_EXCUSED if excused else "")
    elif told.kind == LICENCE_RECHECKED.code:
        detail = "conforme" if told.values["conforme"] else "no conforme"
    return Novelty(told.at, told.kind, told.values["actor"], told.index, detail)


def _write_cursor(at: datetime, licence_id: UUID) -> str:
    return to_base64url(_CURSOR.pack((at - _EPOCH) // _MICROSECOND, licence_id.bytes))


def _read_cursor(text: str) -> tuple[datetime, UUID]:
    try:
        micros, raw = _CURSOR.unpack(from_base64url(text))
        return _EPOCH + micros * _MICROSECOND, UUID(bytes=raw)
    except (ValueError, struct.error, OverflowError) as error:
        raise Refusal(CURSOR_UNKNOWN) from error
