"""Drafts of licences: what was typed is kept, valid or not, until it is issued, discarded, or too old.

A draft outlives its session; it is read and written by its own professional, in its own context, and by nobody else:
for all others it does not exist. Starting and saving ask who may draft (standing); no legal effect hangs on either,
and nobody waits for the RNPI: whoever prepares does.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.engine import Connection

from lme_operator.core.database import Database, Deadline, Work
from lme_operator.core.refusal import Refusal
from lme_operator.core.run import Run
from lme_operator.core.sealing import Sealer
from lme_operator.domain.audit import Log
from lme_operator.domain.credentials import Session, find_lapsed_session, require_live
from lme_operator.domain.identity import lock_people
from lme_operator.domain.issuance import drafts, preparations
from lme_operator.domain.issuance.drafts import Draft, Held, Holder, Values
from lme_operator.domain.issuance.events import PREPARATION_DISCARDED
from lme_operator.domain.issuance.refusals import (
    DRAFT_CHANGED,
    DRAFT_TOO_LARGE,
    DRAFT_UNKNOWN,
    MAY_NOT_DRAFT,
    MAY_NOT_READ,
    TOO_MANY_DRAFTS,
)
from lme_operator.domain.licences.checks import Kinds, kinds_for
from lme_operator.domain.norms import Norms
from lme_operator.domain.professionals import PracticeContext, find_professional
from lme_operator.domain.standing import Act, Standing

LARGEST = 64 * 1024
"""Bytes of what is typed in one draft: a licence's form holds some 2,000, at the very most 30,000."""

Test = Callable[[Values], bool]
"""A question about what is typed in a draft, put while its row is locked."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Drafting:
    """The use cases of drafts. `values`: what was typed in each field, by its name."""

    database: Database
    log: Log
    sealer: Sealer
    norms: Norms
    standing: Standing

    def start(self, *, session: Session, values: Values, deadline: Deadline, blank: Test | None = None) -> Draft:
        """Start a draft. Where as many live as may, the oldest one that `blank` says holds nothing gives way.

        Raises `Refusal`: `no_puede_redactar`, `demasiados_borradores`, `borrador_demasiado_grande`,
        `sesion_terminada`, `emision_en_curso`.
        """
        content = _content(values)
        with self.database.unit_of_work(deadline=deadline, locks=(lock_people(session.run, nowait=True),)) as work:
            require_live(work, session)
            self._demand(work.connection, session, Act.DRAFT, work.at)
            holder = self._holder(session.run, session.context, work.at)
            most = self.norms.parameter("borrador.vivos_por_persona", at=work.at).number
            alive = drafts.ids(work.connection, holder)
            if len(alive) >= most and (blank is None or not self._give_way(work, session, holder, alive, blank)):
                raise Refusal(TOO_MANY_DRAFTS)
            draft_id = drafts.insert(work, self.sealer, holder, content)
            return self._own(work.connection, session, draft_id, work.at)

    def save(
        self, *, session: Session, draft_id: UUID, values: Values, deadline: Deadline, goes_with: Test | None = None
    ) -> Draft:
        """Write over these fields; what the others hold stays: of two at once, each keeps its own, and of one field
        the later stands. No lock of the person: whoever issues meanwhile is not delayed, and a draft issued is gone.

        `goes_with`: what is kept must still go with what comes. Raises `Refusal`: `borrador_cambiado` where it does
        not, `no_puede_redactar`, `borrador_inexistente`, `borrador_demasiado_grande`.
        """
        with self.database.unit_of_work(deadline=deadline) as work:
            # Whose it is comes first: for all others there is none. A refusal after it leaves the draft as it was.
            self._merge(work, self._holder(session.run, session.context, work.at), draft_id, values, goes_with)
            self._demand(work.connection, session, Act.DRAFT, work.at)
            return self._own(work.connection, session, draft_id, work.at)

    def save_after_time_out(
        self, *, token: str, draft_id: UUID, values: Values, deadline: Deadline, goes_with: Test | None = None
    ) -> bool:
        """Keep what came with the token of a session that only ran out of time; return whether it was kept.

        It writes over those fields of a draft of the same person and context (one screen of it was open; what the
        others hold stays) and shows nothing, not even why not. A session that was left, replaced, or whose person's
        epoch rose since (a block, a suspension, a new password) keeps nothing.
        Standing is not asked: nothing is issued, and whoever enters again is judged then.
        Raises `Refusal`: `borrador_cambiado`, `borrador_demasiado_grande`.
        """
        with self.database.unit_of_work(deadline=deadline) as work:
            hours = self.norms.parameter("borrador.rescate_horas", at=work.at).number
            lapsed = find_lapsed_session(work.connection, token, work.at, within=timedelta(hours=hours))
            if lapsed is None:
                return False
            holder = self._holder(lapsed.run, lapsed.context, work.at)
            try:
                self._merge(work, holder, draft_id, values, goes_with)
            except Refusal as refusal:
                if refusal.kind == DRAFT_UNKNOWN:
                    return False
                raise
            return True

    def find(self, *, session: Session, draft_id: UUID, deadline: Deadline) -> Draft:
        """Return an own draft; raise `Refusal`: `borrador_inexistente`, `no_puede_leer`."""
        with self.database.reading(deadline=deadline) as connection:
            at = self.database.clock()
            self._demand(connection, session, Act.READ_OWN, at)
            return self._own(connection, session, draft_id, at)

    def all(self, *, session: Session, deadline: Deadline) -> tuple[Draft, ...]:
        """Return the own drafts, the last saved first; raise `Refusal(no_puede_leer)`."""
        with self.database.reading(deadline=deadline) as connection:
            at = self.database.clock()
            self._demand(connection, session, Act.READ_OWN, at)
            holder = self._holder(session.run, session.context, at)
            return drafts.find(connection, self.sealer, holder, epoch=session.epoch, at=at)

    def own_commune(self, *, session: Session, deadline: Deadline) -> str | None:
        """Return the CUT of the professional's own address: where he attends, until a licence of his says it."""
        with self.database.reading(deadline=deadline) as connection:
            known = find_professional(connection, self.sealer, session.run)
        return None if known is None else known.data.address.commune

    def own_kinds(self, *, session: Session, deadline: Deadline) -> Kinds | None:
        """Return the types of licence for the professional; None for whoever is not known as one."""
        with self.database.reading(deadline=deadline) as connection:
            known, at = find_professional(connection, self.sealer, session.run), self.database.clock()
        return None if known is None else kinds_for(known.data.kind, norms=self.norms, at=at)

    def prepared_from(self, *, session: Session, preparation_id: UUID, deadline: Deadline) -> UUID | None:
        """Return the own draft of which this was prepared last; raise `Refusal(no_puede_leer)`."""
        with self.database.reading(deadline=deadline) as connection:
            at = self.database.clock()
            self._demand(connection, session, Act.READ_OWN, at)
            return drafts.prepared_from(connection, self._holder(session.run, session.context, at), preparation_id)

    def discard(self, *, session: Session, draft_id: UUID, deadline: Deadline) -> None:
        """Erase an own draft, and discard what was prepared of it.

        Raises `Refusal`: `borrador_inexistente`, `sesion_terminada`, `emision_en_curso`.
        """
        with self.database.unit_of_work(deadline=deadline, locks=(lock_people(session.run, nowait=True),)) as work:
            require_live(work, session)
            held = drafts.hold(work, self._holder(session.run, session.context, work.at), draft_id)
            if held is None:
                raise Refusal(DRAFT_UNKNOWN)
            drafts.erase(work, draft_id)
            self._discard_prepared(work, session, held)

    def take(self, work: Work, *, session: Session, draft_id: UUID) -> Held:
        """Hold an own draft for who prepares, under the person's lock; discard what was prepared of it before.

        Raises `Refusal(borrador_inexistente)`: a draft that was issued prepares nothing more.
        """
        held = drafts.hold(work, self._holder(session.run, session.context, work.at), draft_id)
        if held is None:
            raise Refusal(DRAFT_UNKNOWN)
        self._discard_prepared(work, session, held)
        return held

    def erase_old(self, *, deadline: Deadline) -> int:
        """Erase drafts too old to be shown; return how many. Safe to run twice and beside itself."""
        with self.database.unit_of_work(deadline=deadline) as work:
            return drafts.erase_old(work, self._since(work.at))

    def _holder(self, run: Run, context: PracticeContext, at: datetime) -> Holder:
        return Holder(run, context.code, self._since(at))

    def _since(self, at: datetime) -> datetime:
        return at - timedelta(days=self.norms.parameter("borrador.vigencia_dias", at=at).number)

    def _own(self, connection: Connection, session: Session, draft_id: UUID, at: datetime) -> Draft:
        holder = self._holder(session.run, session.context, at)
        found = drafts.find_one(connection, self.sealer, holder, draft_id, epoch=session.epoch, at=at)
        if found is None:
            raise Refusal(DRAFT_UNKNOWN)
        return found

    def _merge(self, work: Work, holder: Holder, draft_id: UUID, values: Values, goes_with: Test | None) -> None:
        """Write over these fields of a draft whose row is locked first."""
        kept = drafts.held_values(work, self.sealer, holder, draft_id)
        if kept is None:
            raise Refusal(DRAFT_UNKNOWN)
        if goes_with is not None and not goes_with(kept):
            raise Refusal(DRAFT_CHANGED)
        drafts.save(work, self.sealer, holder, draft_id, _content({**kept, **values}))

    def _give_way(self, work: Work, session: Session, holder: Holder, alive: tuple[UUID, ...], blank: Test) -> bool:
        """Erase the oldest draft that holds nothing; False if there is none. What is written meanwhile holds it."""
        for draft_id in alive:
            values = drafts.held_values(work, self.sealer, holder, draft_id)
            held = drafts.hold(work, holder, draft_id)
            if values is not None and held is not None and blank(values):
                drafts.erase(work, draft_id)
                self._discard_prepared(work, session, held)
                return True
        return False

    def _discard_prepared(self, work: Work, session: Session, held: Held) -> None:
        """It cannot have been issued: issuing erases the draft, under the same lock of the person."""
        if held.preparation_id is not None and preparations.cancel(work, held.preparation_id):
            actor = f"persona:{session.run}"
            about = {"actor": actor, "contexto": session.context.code, "preparacion": str(held.preparation_id)}
            self.log.attempt(work.connection, at=work.at, kind=PREPARATION_DISCARDED, data=about)

    def _demand(self, connection: Connection, session: Session, act: Act, at: datetime) -> None:
        judgement = self.standing.judge(connection, run=session.run, act=act, context=session.context, at=at)
        if not judgement.decision.allowed:
            kind = MAY_NOT_DRAFT if act is Act.DRAFT else MAY_NOT_READ
            raise Refusal(kind, findings=judgement.decision.findings)


def _content(values: Values) -> bytes:
    content = drafts.content_of(values)
    if len(content) > LARGEST:
        raise Refusal(DRAFT_TOO_LARGE)
    return content
