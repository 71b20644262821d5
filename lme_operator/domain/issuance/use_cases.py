"""`Issuance`: what entrypoints hold."""

from dataclasses import dataclass, field
from uuid import UUID

from sqlalchemy.engine import Connection

from lme_operator.core.database import Database, Deadline
from lme_operator.core.idempotency import IdempotentRequest
from lme_operator.core.origin import Origin
from lme_operator.core.refusal import Refusal
from lme_operator.core.run import Run
from lme_operator.core.sealing import Sealer
from lme_operator.domain.audit import Log
from lme_operator.domain.credentials import Credentials, Session
from lme_operator.domain.issuance.authorise import Authorisation, Authorising, KnownKeys
from lme_operator.domain.issuance.cancel import Cancelling
from lme_operator.domain.issuance.drafting import Drafting, Test
from lme_operator.domain.issuance.drafts import Draft, Values
from lme_operator.domain.issuance.evidence import DOCUMENT
from lme_operator.domain.issuance.evidence_file import render_evidence
from lme_operator.domain.issuance.issue import Issuing
from lme_operator.domain.issuance.issued_from import issued_from
from lme_operator.domain.issuance.own_licences import Earlier, Issued, IssuedList, Novelty, OwnLicences
from lme_operator.domain.issuance.preparations import Preparation
from lme_operator.domain.issuance.prepare import Prepared, Preparing
from lme_operator.domain.issuance.printing import Form, Printing
from lme_operator.domain.issuance.recheck import Rechecking
from lme_operator.domain.issuance.refusals import LICENCE_UNKNOWN
from lme_operator.domain.issuance.replay import Reduced, Replays
from lme_operator.domain.issuance.states import States
from lme_operator.domain.issuance.verifying import Verified, Verifying
from lme_operator.domain.licences import Licence, LicenceOrder, document_sealer, evidence_versions
from lme_operator.domain.licences.checks import Kinds
from lme_operator.domain.licences.document import OperatorIdentity
from lme_operator.domain.licences.form import Copy
from lme_operator.domain.norms import Norms
from lme_operator.domain.rnpi import Rnpi
from lme_operator.domain.signing import Signer
from lme_operator.domain.standing import Standing


@dataclass(frozen=True, slots=True, kw_only=True)
class Issuance:
    """Prepare, discard, issue and read licences."""

    database: Database
    log: Log
    sealer: Sealer
    signer: Signer
    norms: Norms
    credentials: Credentials
    standing: Standing
    rnpi: Rnpi
    operator: OperatorIdentity
    printing: Printing
    known_keys: KnownKeys = field(default_factory=KnownKeys)

    def prepare(
        self,
        *,
        session: Session,
        order: LicenceOrder,
        request: IdempotentRequest,
        origin: Origin,
        deadline: Deadline,
        draft_id: UUID | None = None,
    ) -> Prepared | Reduced:
        """Prepare a licence, of an own draft if one is named; see `Preparing` for its refusals.

        What an equal request prepared before is shown again to who may read it now.
        """
        preparing = Preparing(
            database=self.database,
            log=self.log,
            sealer=self.sealer,
            norms=self.norms,
            standing=self.standing,
            rnpi=self.rnpi,
            operator=self.operator,
            drafting=self._drafting,
        )
        made = preparing(
            session=session, order=order, request=request, origin=origin, deadline=deadline, draft_id=draft_id
        )
        if isinstance(made, Preparation):
            return Prepared.of(made, replayed=False)
        with self.database.after_commit(deadline=deadline) as connection:
            return self._replays.preparation(connection, session, made)

    def issue(
        self,
        *,
        session: Session,
        preparation_id: UUID,
        authorisation: Authorisation,
        request: IdempotentRequest,
        origin: Origin,
        deadline: Deadline,
    ) -> Issued | Reduced:
        """Issue a prepared licence and render its receipt; see `Issuing` for its refusals.

        What an equal request issued before is shown again to who may read it now.
        """
        issuing = Issuing(
            database=self.database,
            log=self.log,
            sealer=self.sealer,
            signer=self.signer,
            standing=self.standing,
            rnpi=self.rnpi,
            authorising=Authorising(
                database=self.database, log=self.log, credentials=self.credentials, known_keys=self.known_keys
            ),
        )
        made = issuing(
            session=session,
            preparation_id=preparation_id,
            authorisation=authorisation,
            request=request,
            origin=origin,
            deadline=deadline,
        )
        with self.database.after_commit(deadline=deadline) as connection:
            if isinstance(made, Licence):
                return self._render(connection, made, replayed=False)
            told = self._replays.licence(connection, session, made)
            return told if isinstance(told, Reduced) else self._render(connection, told, replayed=True)

    def verify(self, *, code: str, folio: Run | None, origin: Origin, deadline: Deadline) -> Verified | None:
        """Tell anybody whether a licence is authentic; see `Verifying`. `code` as `read_code` gives it."""
        verifying = Verifying(database=self.database, log=self.log, sealer=self.sealer, states=self._states)
        return verifying(code=code, folio=folio, origin=origin, deadline=deadline)

    def cancel(self, *, session: Session, preparation_id: UUID, origin: Origin, deadline: Deadline) -> None:
        """Discard a preparation; see `Cancelling` for its refusals."""
        cancelling = Cancelling(database=self.database, log=self.log)
        cancelling(session=session, preparation_id=preparation_id, origin=origin, deadline=deadline)

    def start_draft(self, *, session: Session, values: Values, deadline: Deadline, blank: Test | None = None) -> Draft:
        """Start a draft of what was typed; see `Drafting.start` for its refusals."""
        return self._drafting.start(session=session, values=values, deadline=deadline, blank=blank)

    def save_draft(
        self, *, session: Session, draft_id: UUID, values: Values, deadline: Deadline, goes_with: Test | None = None
    ) -> Draft:
        """Write over fields of an own draft; see `Drafting.save` for its refusals."""
        return self._drafting.save(
            session=session, draft_id=draft_id, values=values, deadline=deadline, goes_with=goes_with
        )

    def keep_draft_of_ended_session(
        self, *, token: str, draft_id: UUID, values: Values, deadline: Deadline, goes_with: Test | None = None
    ) -> bool:
        """Write over a draft with the token of a session that only ran out of time; see `save_after_time_out`."""
        return self._drafting.save_after_time_out(
            token=token, draft_id=draft_id, values=values, deadline=deadline, goes_with=goes_with
        )

    def find_draft(self, *, session: Session, draft_id: UUID, deadline: Deadline) -> Draft:
        """Return an own draft; raise `Refusal`: `borrador_inexistente`, `no_puede_leer`."""
        return self._drafting.find(session=session, draft_id=draft_id, deadline=deadline)

    def drafts(self, *, session: Session, deadline: Deadline) -> tuple[Draft, ...]:
        """Return the own drafts in this context, the last saved first; raise `Refusal(no_puede_leer)`."""
        return self._drafting.all(session=session, deadline=deadline)

    def draft_prepared(self, *, session: Session, preparation_id: UUID, deadline: Deadline) -> UUID | None:
        """Return the own draft of which this was prepared last; raise `Refusal(no_puede_leer)`."""
        return self._drafting.prepared_from(session=session, preparation_id=preparation_id, deadline=deadline)

    def own_commune(self, *, session: Session, deadline: Deadline) -> str | None:
        """Return the CUT of the professional's own address; None if it is not known."""
        return self._drafting.own_commune(session=session, deadline=deadline)

    def own_kinds(self, *, session: Session, deadline: Deadline) -> Kinds | None:
        """Return the types that the professional's profession may issue, and which are enabled; None: unknown."""
        return self._drafting.own_kinds(session=session, deadline=deadline)

    def discard_draft(self, *, session: Session, draft_id: UUID, deadline: Deadline) -> None:
        """Erase an own draft and what was prepared of it; see `Drafting.discard` for its refusals."""
        self._drafting.discard(session=session, draft_id=draft_id, deadline=deadline)

    def erase_old_drafts(self, *, deadline: Deadline) -> int:
        """Erase drafts too old to be shown; return how many."""
        return self._drafting.erase_old(deadline=deadline)

    def recheck(self, *, consultation_id: UUID, deadline: Deadline) -> int:
        """Look again at the licences that passed before this answer of the RNPI; see `Rechecking`."""
        rechecking = Rechecking(database=self.database, log=self.log, sealer=self.sealer, rnpi=self.rnpi)
        return rechecking(consultation_id=consultation_id, deadline=deadline)

    def find(self, *, session: Session, licence_id: UUID, deadline: Deadline) -> Issued:
        """Return one of the professional's own licences; raise `Refusal`: `licencia_inexistente`, `no_puede_leer`."""
        with self.database.reading(deadline=deadline) as connection:
            return self._render(
                connection, self._own_licences.readable(connection, session, licence_id), replayed=False
            )

    def document(self, *, session: Session, licence_id: UUID, deadline: Deadline) -> bytes:
        """Return the signed document of an own licence; raise `Refusal`: `licencia_inexistente`, `no_puede_leer`."""
        with self.database.reading(deadline=deadline) as connection:
            licence = self._own_licences.readable(connection, session, licence_id)
            own = self._sealer_of(connection, licence)
            return evidence_versions(connection, own, licence.id)[0].members[DOCUMENT]

    def form(self, *, session: Session, licence_id: UUID, copy: Copy, deadline: Deadline) -> Form:
        """Return a copy of an own licence on paper; raise `Refusal`: `licencia_inexistente`, `no_puede_leer`."""
        with self.database.reading(deadline=deadline) as connection:
            licence = self._own_licences.readable(connection, session, licence_id)
            first = evidence_versions(connection, self._sealer_of(connection, licence), licence.id)[0]
            state = self._states.of(connection, [licence.id])[licence.id]
        return self.printing(licence, first.members, copy, state)

    def evidence_file(self, *, session: Session, licence_id: UUID, deadline: Deadline) -> bytes:
        """Return the evidence file of an own licence; raise `Refusal`: `licencia_inexistente`, `no_puede_leer`."""
        with self.database.reading(deadline=deadline) as connection:
            licence = self._own_licences.readable(connection, session, licence_id)
            return render_evidence(connection, self.log, self._sealer_of(connection, licence), licence.id)

    def prepared(self, *, session: Session, preparation_id: UUID, deadline: Deadline) -> Prepared:
        """Return an own preparation that may still be issued; see `OwnLicences.prepared` for its refusals."""
        return self._own_licences.prepared(session=session, preparation_id=preparation_id, deadline=deadline)

    def issued_from(self, *, session: Session, preparation_id: UUID, deadline: Deadline) -> UUID | Reduced | None:
        """Return the own licence that a preparation became, `Reduced` to who may not read it now.

        None while it is none, or not the session's.
        """
        with self.database.reading(deadline=deadline) as connection:
            licence_id = issued_from(connection, session, preparation_id)
            if licence_id is None:
                return None
            told = self._replays.licence(connection, session, licence_id)
        return told if isinstance(told, Reduced) else told.id

    def issued(self, *, session: Session, after: str | None = None, deadline: Deadline) -> IssuedList:
        """Return a page of the own licences, newest first; raise `Refusal`: `no_puede_leer`, `pagina_inexistente`."""
        return self._own_licences.issued(session=session, after=after, deadline=deadline)

    def earlier(self, *, session: Session, worker: Run, deadline: Deadline) -> tuple[Earlier, ...]:
        """Return the own licences of this patient, newest first, at most 20; raise `Refusal(no_puede_leer)`."""
        return self._own_licences.earlier(session=session, worker=worker, deadline=deadline)

    def history(self, *, session: Session, licence_id: UUID, deadline: Deadline) -> tuple[Novelty, ...]:
        """Return the story of an own folio; raise `Refusal`: `licencia_inexistente`, `no_puede_leer`."""
        return self._own_licences.history(session=session, licence_id=licence_id, deadline=deadline)

    @property
    def _own_licences(self) -> OwnLicences:
        return OwnLicences(
            database=self.database, log=self.log, sealer=self.sealer, standing=self.standing, states=self._states
        )

    @property
    def _states(self) -> States:
        return States(operator=self.printing.operator, site=self.printing.origin)

    @property
    def _replays(self) -> Replays:
        return Replays(self.sealer, self._own_licences)

    @property
    def _drafting(self) -> Drafting:
        return Drafting(
            database=self.database,
            log=self.log,
            sealer=self.sealer,
            norms=self.norms,
            standing=self.standing,
        )

    def _sealer_of(self, connection: Connection, licence: Licence) -> Sealer:
        own = document_sealer(connection, self.sealer, licence.preparation_id)
        if own is None:
            raise Refusal(LICENCE_UNKNOWN)
        return own

    def _render(self, connection: Connection, licence: Licence, *, replayed: bool) -> Issued:
        return Issued(
            id=licence.id,
            folio=str(licence.folio),
            state=self._states.of(connection, [licence.id])[licence.id],
            issued_at=licence.at,
            verification_code=licence.code,
            receipt=self.log.receipt(connection, licence.entry_id),
            replayed=replayed,
        )
