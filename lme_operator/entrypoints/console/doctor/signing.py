"""Screen 3: the whole document as it will be signed, and the act itself, by the own device or by a code."""

from dataclasses import dataclass, replace
from http import HTTPStatus
from typing import Any
from uuid import UUID

from lme_operator.core.database import Deadline
from lme_operator.core.periods import local_day
from lme_operator.core.refusal import IDEMPOTENCY_RUNNING, PERSON_BUSY, Fault, Refusal
from lme_operator.domain.credentials.refusals import KEY_COUNTER, KEY_REFUSED
from lme_operator.domain.issuance import Authorisation, Reduced, TotpAuthorisation, WebauthnAuthorisation
from lme_operator.domain.issuance.refusals import (
    MAY_NOT_ISSUE,
    MAY_NOT_READ,
    PREPARATION_CANCELLED,
    PREPARATION_DEAD,
    PREPARATION_USED,
)
from lme_operator.domain.licences import read_document
from lme_operator.entrypoints.console.doctor.base import (
    DRAFT,
    LEAVE,
    LICENCE,
    LICENCES,
    PREPARED,
    LicencePagesBase,
    act_key,
    address,
)
from lme_operator.entrypoints.console.doctor.document import overlaps_of, shown_document, warnings_of
from lme_operator.entrypoints.console.doctor.results import DraftLine
from lme_operator.entrypoints.console.own.entry import WRONG_CODES
from lme_operator.entrypoints.http.document_challenge import document_challenge
from lme_operator.entrypoints.http.routes import Answer, Call, Idempotency
from lme_operator.entrypoints.pages.fields import KEY_SCRIPTS, CredentialField, SixDigits
from lme_operator.entrypoints.pages.form_pages import SUBJECT
from lme_operator.entrypoints.pages.form_state import FormState, field_wrong
from lme_operator.entrypoints.pages.forms import FormModel
from lme_operator.entrypoints.pages.guards import PageGuards, Person
from lme_operator.entrypoints.pages.pages import HTML, Page, Returned

_SAID = {**WRONG_CODES, KEY_REFUSED: "credencial", KEY_COUNTER: "credencial", PERSON_BUSY: None}
_CHANGED = "Después de preparar esta versión, usted cambió la licencia o la descartó."
"""Going on with a draft discards what was prepared of it, and who did so discarded nothing that he knows of."""
_CANNOT_BE_SIGNED = (PREPARATION_DEAD, PREPARATION_CANCELLED)


class SignForm(FormModel):
    """The answer of a key, or a code."""

    codigo: SixDigits | None = None
    credencial: CredentialField | None = None

    def authorisation(self) -> Authorisation:
        """As the rooms know it; raise `Refusal(datos_invalidos)` with neither."""
        if self.credencial is not None:
            return WebauthnAuthorisation(self.credencial)
        if self.codigo is None:
            raise field_wrong("codigo", "Escriba el código de 6 dígitos.", code="campo_faltante")
        return TotpAuthorisation(self.codigo)


@dataclass(frozen=True, slots=True)
class SigningPages(LicencePagesBase):
    """The page of what was prepared."""

    def pages(self, guards: PageGuards) -> tuple[Page[Any, Any], ...]:
        """Its routes."""
        look: Page[Person, None] = Page(
            method="GET", path=PREPARED, name="consola_licencia_revisar", summary="Lo que se va a firmar.",
            subject=SUBJECT, guard=guards.console, answer=HTML,
            handle=lambda call: self._show(call.who, call.path["id"], FormState(), call.deadline),
        )  # fmt: skip
        send: Page[Person, SignForm] = Page(
            method="POST", path=PREPARED, name="consola_licencia_emitir", summary="Firma y emite lo preparado.",
            subject=SUBJECT, guard=guards.console, handle=self._sign, input=SignForm, answer=HTML,
            idempotency=Idempotency.REQUIRED, asks_outside=True, again=self._again, said_at=_SAID,
        )  # fmt: skip
        return look, send

    def _sign(self, call: Call[Person, SignForm]) -> Answer:
        """Issue. The preparation is the act: sent twice, by whatever form, it leads to its one licence."""
        preparation, who = call.path["id"], call.who
        try:
            issued = self.issuance.issue(
                session=who.session,
                preparation_id=preparation,
                authorisation=call.input.authorisation(),
                request=act_key(who, f"emitir {preparation}", str(preparation)),
                origin=call.origin,
                deadline=call.deadline,
            )
        except Refusal as refusal:
            if refusal.kind in (IDEMPOTENCY_RUNNING, PERSON_BUSY):
                return self._meanwhile(who, preparation, refusal, call)
            return self._not_issued(who, preparation, refusal, call.deadline)
        except Fault as fault:
            if not fault.outcome_unknown:
                raise
            return self._uncertain(who, preparation, call, HTTPStatus.SERVICE_UNAVAILABLE)
        if isinstance(issued, Reduced):
            return self.reduced(who, issued, call.deadline, issued=True)
        return self.screens.go(address(LICENCE, issued.id))

    def _issued(self, who: Person, preparation: UUID, deadline: Deadline) -> Answer | None:
        """Lead to its licence, or say to who may not read it now that there is one; None: there is none."""
        licence = self.issuance.issued_from(session=who.session, preparation_id=preparation, deadline=deadline)
        if isinstance(licence, Reduced):
            return self.reduced(who, licence, deadline, issued=True)
        return None if licence is None else self.screens.go(address(LICENCE, licence))

    def _again(self, returned: Returned[Person]) -> Answer:
        form = FormState.of(returned, _SAID)
        return self._show(returned.who, returned.path["id"], form, returned.deadline)

    def _show(self, who: Person, preparation: UUID, form: FormState, deadline: Deadline) -> Answer:
        """Show what was prepared; issued meanwhile, it leads to its licence."""
        try:
            prepared = self.issuance.prepared(session=who.session, preparation_id=preparation, deadline=deadline)
        except Refusal as refusal:
            return self._not_issued(who, preparation, refusal, deadline)
        room = self.issuance
        options = document_challenge(
            room.credentials, room.database, session=who.session, prepared=prepared, deadline=deadline
        )
        draft = room.draft_prepared(session=who.session, preparation_id=preparation, deadline=deadline)
        read = read_document(prepared.document)
        return self.screens.show(
            who,
            "licencia_revisar.html",
            title="Revisar y firmar",
            deadline=deadline,
            form=form,
            scripts=KEY_SCRIPTS,
            prepared=prepared,
            sections=shown_document(read, change=None if draft is None else address(DRAFT, draft)),
            warnings=(
                *warnings_of(read.order, local_day(prepared.issued_at)),
                *overlaps_of(
                    read.order, room.earlier(session=who.session, worker=read.order.worker.run, deadline=deadline)
                ),
            ),
            options=options if options["allowCredentials"] else None,
            draft=None if draft is None else address(DRAFT, draft),
        )

    def _not_issued(self, who: Person, preparation: UUID, refusal: Refusal, deadline: Deadline) -> Answer:
        """Lead from a preparation that cannot be signed to where one goes on; raise any other refusal."""
        if refusal.kind in (PREPARATION_USED, PREPARATION_DEAD, MAY_NOT_ISSUE, MAY_NOT_READ):
            issued = self._issued(who, preparation, deadline)
            if issued is not None:
                return issued
        if refusal.kind == MAY_NOT_ISSUE:
            return self.hindered(who, refusal, deadline, draft=LICENCES)
        if refusal.kind not in _CANNOT_BE_SIGNED:
            raise refusal
        return self.screens.show(
            who,
            "licencia_vencida.html",
            title="Ya no se puede firmar",
            deadline=deadline,
            status=HTTPStatus(refusal.kind.status),
            words=_CHANGED if refusal.kind == PREPARATION_CANCELLED else refusal.kind.words,
            newest=self._newest(who, preparation, deadline),
            drafts=LICENCES,
        )

    def _newest(self, who: Person, preparation: UUID, deadline: Deadline) -> DraftLine | None:
        """The draft saved last, at its signature unless it is this dead one that it was prepared as."""
        drafts = self.issuance.drafts(session=who.session, deadline=deadline)
        found = next(iter(DraftLine.begun(drafts)), None)
        if found is None or found.draft.preparation_id != preparation:
            return found
        return replace(found, path=address(DRAFT, found.draft.id, LEAVE))

    def _meanwhile(self, who: Person, preparation: UUID, refusal: Refusal, call: Call[Person, SignForm]) -> Answer:
        """Nothing was done, for something else is being done: this very act, sent twice, or another of his."""
        issued = self._issued(who, preparation, call.deadline)
        if issued is not None:
            return issued
        if refusal.kind == IDEMPOTENCY_RUNNING:
            return self._uncertain(who, preparation, call, HTTPStatus.CONFLICT)
        said = replace(PERSON_BUSY.finding(), remedy="Espere a que termine y firme otra vez.")
        raise Refusal(PERSON_BUSY, findings=(said,), retry_after=refusal.retry_after)

    def _uncertain(self, who: Person, preparation: UUID, call: Call[Person, SignForm], status: HTTPStatus) -> Answer:
        """Nobody knows yet: say so, and where it will be known. Looking there does nothing twice."""
        return self.screens.show(
            who,
            "licencia_incierta.html",
            title="No sabemos aún si se emitió",
            deadline=Deadline(call.deadline.remaining or 1.0),
            status=status,
            look=address(PREPARED, preparation),
            request_id=call.origin.request_id,
        )
