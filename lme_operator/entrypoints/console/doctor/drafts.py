"""Screens 1 and 2 of a licence: what their forms do. What is typed is kept first, right or wrong, and then judged."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Annotated, Any, Literal
from uuid import UUID

from flask import Response, after_this_request, request
from pydantic import Field

from lme_operator.core.canonical import encode, sha256
from lme_operator.core.idempotency import IdempotentRequest
from lme_operator.core.refusal import PERSON_BUSY, Refusal
from lme_operator.domain.credentials import SESSION_OVER
from lme_operator.domain.issuance import Draft, Prepared, Reduced
from lme_operator.domain.issuance.drafting import Test
from lme_operator.domain.issuance.refusals import (
    DRAFT_CHANGED,
    DRAFT_TOO_LARGE,
    MAY_NOT_ISSUE,
    ORDER_REFUSED,
    TOO_MANY_PREPARATIONS,
)
from lme_operator.domain.licences import LicenceOrder, read_document
from lme_operator.entrypoints.console.doctor.base import DRAFT, LEAVE, LICENCES, PATIENT, PREPARED, address
from lme_operator.entrypoints.console.doctor.document import employer_run
from lme_operator.entrypoints.console.doctor.fields import (
    LeaveForm,
    PatientForm,
    Values,
    as_typed,
    first_of,
    judged,
    taken_for_granted,
    typed,
    without_employer,
    without_patient,
)
from lme_operator.entrypoints.console.doctor.order import (
    at_fields,
    continued,
    for_other_employer,
    patient_of,
    read_order,
)
from lme_operator.entrypoints.console.doctor.screens import DraftScreens
from lme_operator.entrypoints.http.refusals import INVALID_DATA
from lme_operator.entrypoints.http.routes import Answer, Call, Entry, Guard, Idempotency
from lme_operator.entrypoints.pages.form_pages import SUBJECT
from lme_operator.entrypoints.pages.form_state import FormState, field_wrong
from lme_operator.entrypoints.pages.forms import FormModel, parse_fields, read_fields
from lme_operator.entrypoints.pages.guards import PageGuards, Person
from lme_operator.entrypoints.pages.pages import HTML, Page, Returned

KEPT = "Borrador-Guardado"
"""The header by which an answer that turns a session away says that the draft was kept (`licencia.js` reads it)."""

_Action = Annotated[str, Field(max_length=60)]
_BESIDE: dict[str, tuple[Any, Any]] = {"accion": (_Action | None, None), "visto": (_Action | None, None)}
"""Besides its fields: the pressed button, and what the page takes for granted (`taken_for_granted`)."""
PatientTyped, LeaveTyped = as_typed(PatientForm, **_BESIDE), as_typed(LeaveForm, **_BESIDE)
_SAID = dict.fromkeys((DRAFT_CHANGED, DRAFT_TOO_LARGE, ORDER_REFUSED, TOO_MANY_PREPARATIONS, PERSON_BUSY), None)


class NewForm(FormModel):
    """A new licence: blank, or from an own one (`desde`), to go on with it or for another employer."""

    desde: UUID | None = None
    como: Literal["prorroga", "otro_empleador"] = "prorroga"


class NoFields(FormModel):
    """The button is all there is."""


@dataclass(frozen=True, slots=True)
class DraftPages(DraftScreens):
    """The pages of a draft."""

    def pages(self, guards: PageGuards) -> tuple[Page[Any, Any], ...]:
        """Their routes."""
        of_patient, of_leave = f"{DRAFT}/{PATIENT}", f"{DRAFT}/{LEAVE}"
        return (
            *self._of_screen(guards, PATIENT, PatientTyped, self._patient),
            *self._of_screen(guards, LEAVE, LeaveTyped, self._leave),
            self._act(guards, f"{LICENCES}/nueva", "nueva", NewForm, self._new),
            self._act(guards, f"{of_patient}/guardar", "paciente_guardar", PatientTyped, self._keep_patient),
            self._act(guards, f"{of_leave}/guardar", "reposo_guardar", LeaveTyped, self._keep_leave),
            self._act(guards, f"{of_leave}/diagnosticos", "diagnosticos", LeaveTyped, self._offer_diagnoses),
            self._act(guards, f"{DRAFT}/descartar", "descartar", NoFields, self._discard),
        )

    def _act(
        self, guards: PageGuards, path: str, name: str, form: type[FormModel], handle: Callable[[Any], Answer]
    ) -> Page[Any, Any]:
        return Page(
            method="POST", path=path, name=f"consola_licencia_{name}", summary="Borrador de licencia.",
            subject=SUBJECT, guard=self._keeping(guards.console), handle=handle, input=form, answer=HTML,
        )  # fmt: skip

    def _of_screen(
        self, guards: PageGuards, screen: str, form: type[FormModel], handle: Callable[[Any], Answer]
    ) -> tuple[Page[Any, Any], ...]:
        look: Page[Person, None] = Page(
            method="GET", path=f"{DRAFT}/{screen}", name=f"consola_licencia_{screen}", summary="Borrador de licencia.",
            subject=SUBJECT, guard=guards.console, answer=HTML, handle=lambda call: self._look(screen, call),
        )  # fmt: skip
        send: Page[Person, FormModel] = Page(
            method="POST", path=f"{DRAFT}/{screen}", name=f"consola_licencia_{screen}_enviar",
            summary="Guarda el borrador, y sigue o prepara la licencia.", subject=SUBJECT,
            guard=self._keeping(guards.console),
            handle=handle, input=form, answer=HTML, idempotency=Idempotency.REQUIRED, asks_outside=True,
            again=lambda returned: self._again(screen, returned), said_at=_SAID,
        )  # fmt: skip
        return look, send

    def _keeping(self, guard: Guard[Person]) -> Guard[Person]:
        """The same guard; what comes with a session that only ran out of time is kept before it is turned away."""

        def admit(entry: Entry) -> Person:
            try:
                return guard.admit(entry)
            except Refusal as refusal:
                if refusal.kind == SESSION_OVER:
                    self._rescue(entry)
                raise

        return replace(guard, admit=admit)

    def _rescue(self, entry: Entry) -> None:
        """Keep what an open screen held. It is judged when its professional enters again, and shows nothing now."""
        draft_id, token = (request.view_args or {}).get("id"), request.cookies.get(self.screens.browser.session)
        model: Any = entry.route.input
        screens: dict[Any, type[FormModel]] = {PatientTyped: PatientForm, LeaveTyped: LeaveForm}
        screen = screens.get(model)
        if draft_id is None or token is None or screen is None:
            return
        with suppress(Refusal):
            form: Any = parse_fields(model, read_fields())
            kept = self.issuance.keep_draft_of_ended_session(
                token=token,
                draft_id=draft_id,
                values=typed(form, screen),
                deadline=entry.deadline,
                goes_with=_as_seen(form, screen) if screen is LeaveForm else None,
            )
            if kept:
                after_this_request(_told_kept)

    def _new(self, call: Call[Person, NewForm]) -> Answer:
        """Start a draft with what is known, and write on."""
        session = call.who.session
        try:
            draft = self.issuance.start_draft(
                session=session, values=self._first_values(call), deadline=call.deadline, blank=without_patient
            )
        except Refusal as refusal:
            return self.hindered(call.who, refusal, call.deadline, draft=None)
        return self.screens.go(address(DRAFT, draft.id, PATIENT))

    def _first_values(self, call: Call[Person, NewForm]) -> dict[str, tuple[str, ...]]:
        """What is usual, or what an own earlier licence says."""
        session, since = call.who.session, call.input.desde
        if since is None:
            return self.usual(session, call.deadline)
        read = read_document(self.issuance.document(session=session, licence_id=since, deadline=call.deadline))
        return continued(read) if call.input.como == "prorroga" else for_other_employer(read)

    def _look(self, screen: str, call: Call[Person, None]) -> Answer:
        draft = self.issuance.find_draft(session=call.who.session, draft_id=call.path["id"], deadline=call.deadline)
        return self.show_screen(screen, call.who, draft, FormState(draft.values), call.deadline)

    def _patient(self, call: Call[Person, FormModel]) -> Answer:
        """Keep screen 1 and go on; or take over an own earlier licence; or, with screen 2 complete, prepare."""
        action, which = _action_of(call)
        draft = self._keep(call, PatientForm, _as_seen(call.input, PatientForm) if action == "revisar" else None)
        here = address(DRAFT, draft.id, PATIENT)
        if action in ("datos", "prorroga") and which is not None:
            licence = self.issuance.document(session=call.who.session, licence_id=which, deadline=call.deadline)
            read = read_document(licence)
            self._save(call, patient_of(read) if action == "datos" else continued(read))
            return self.screens.go(here)
        if action == "anteriores":
            return self.screens.go(here)
        if action == "revisar":
            return self._prepare(call, draft)
        findings = (*judged(PatientForm, draft.values)[1], *without_employer(draft.values))
        if findings:
            raise Refusal(INVALID_DATA, findings=findings)
        return self.screens.go(address(DRAFT, draft.id, LEAVE))

    def _leave(self, call: Call[Person, FormModel]) -> Answer:
        """Keep screen 2 and prepare the licence; or look for diagnoses; or go back."""
        draft, (action, _) = self._keep(call, LeaveForm, _as_seen(call.input, LeaveForm)), _action_of(call)
        if action == "buscar":
            return self.screens.go(f"{address(DRAFT, draft.id, LEAVE)}#campo-diagnostico")
        if action == "volver":
            return self.screens.go(address(DRAFT, draft.id, PATIENT))
        return self._prepare(call, draft)

    def _prepare(self, call: Call[Person, FormModel], draft: Draft) -> Answer:
        """Prepare what both screens say. Raises `Refusal` with every fault of both, each at its field."""
        read = read_order(draft.values)
        if read.order is None:
            raise Refusal(INVALID_DATA, findings=read.findings)
        self._demand_other_employer(call, draft, read.order)
        try:
            prepared = self._prepared(call, draft, read.order)
        except Refusal as refusal:
            if refusal.kind == ORDER_REFUSED:
                raise Refusal(ORDER_REFUSED, findings=at_fields(refusal.findings)) from None
            if refusal.kind == MAY_NOT_ISSUE:
                return self.hindered(call.who, refusal, call.deadline, draft=address(DRAFT, draft.id, PATIENT))
            raise
        if isinstance(prepared, Reduced):
            return self.reduced(call.who, prepared, call.deadline, issued=False)
        return self.screens.go(address(PREPARED, prepared.id))

    def _demand_other_employer(self, call: Call[Person, FormModel], draft: Draft, order: LicenceOrder) -> None:
        """Raise `Refusal(datos_invalidos)` where the licence for another employer names the one that has it."""
        since = first_of(draft.values, "otro_empleador_de")
        if not since:
            return
        earlier = self.issuance.earlier(session=call.who.session, worker=order.worker.run, deadline=call.deadline)
        if any(one.folio == since and employer_run(one.document.order) == employer_run(order) for one in earlier):
            raise field_wrong("rut_empleador", f"Es el mismo empleador de la licencia {since}. Escriba el del otro.")

    def _prepared(self, call: Call[Person, FormModel], draft: Draft, order: LicenceOrder) -> Prepared | Reduced:
        """Prepare, or find what this very form prepared; anew, where that was discarded or died since.

        So it does when values go to and fro in one page: the first ones again are no repetition of the first act.
        """
        request = _of_these_values(call, draft.values)
        while True:
            prepared = self.issuance.prepare(
                session=call.who.session,
                order=order,
                request=request,
                origin=replace(call.origin, place=order.attention.commune),
                deadline=call.deadline,
                draft_id=draft.id,
            )
            if isinstance(prepared, Reduced) or not prepared.replayed or self._is_current(call, draft, prepared):
                return prepared
            request = IdempotentRequest(sha256(request.scope + prepared.id.bytes), request.body_digest)

    def _is_current(self, call: Call[Person, FormModel], draft: Draft, prepared: Prepared) -> bool:
        found = self.issuance.find_draft(session=call.who.session, draft_id=draft.id, deadline=call.deadline)
        return found.preparation_id == prepared.id

    def _again(self, screen: str, returned: Returned[Person]) -> Answer:
        """Show what must be mended: the first screen that has a fault, and the faults of the other above it."""
        draft = self.issuance.find_draft(
            session=returned.who.session, draft_id=returned.path["id"], deadline=returned.deadline
        )
        form = FormState.of(returned, _SAID)
        form = replace(form, values={**draft.values, **returned.values})
        at_fault = {error.field for error in form.errors}
        if at_fault & set(PatientForm.model_fields):
            screen = PATIENT
        elif at_fault & set(LeaveForm.model_fields):
            screen = LEAVE
        return self.show_screen(screen, returned.who, draft, form, returned.deadline)

    def _keep_patient(self, call: Call[Person, FormModel]) -> Answer:
        """Keep screen 1 while it is written; say which own licences that patient has."""
        draft = self._keep(call, PatientForm, None)
        return self.piece(
            "licencia_guardado_paciente.html", draft, earlier=self.earlier(call.who.session, draft, call.deadline)
        )

    def _keep_leave(self, call: Call[Person, FormModel]) -> Answer:
        """Keep screen 2 while it is written; draw its days."""
        draft = self._keep(call, LeaveForm, _as_seen(call.input, LeaveForm))
        return self.piece(
            "licencia_guardado_reposo.html", draft, calendar=self.calendar(call.who.session, draft, call.deadline)
        )

    def _offer_diagnoses(self, call: Call[Person, FormModel]) -> Answer:
        """Offer the diagnoses that go with what is written; keeps nothing."""
        values = typed(call.input, LeaveForm)
        return self.piece("licencia_diagnosticos.html", None, form=FormState(values), diagnoses=self.diagnoses(values))

    def _discard(self, call: Call[Person, NoFields]) -> Answer:
        self.issuance.discard_draft(session=call.who.session, draft_id=call.path["id"], deadline=call.deadline)
        return self.screens.go(LICENCES, notice="borrador_descartado")

    def _keep(self, call: Call[Person, FormModel], screen: type[FormModel], goes_with: Test | None) -> Draft:
        """Keep what a screen holds beside what the other does. Raises `Refusal(borrador_cambiado)`."""
        return self._save(call, typed(call.input, screen), goes_with)

    def _save(self, call: Call[Person, FormModel], values: Values, goes_with: Test | None = None) -> Draft:
        return self.issuance.save_draft(
            session=call.who.session,
            draft_id=call.path["id"],
            values=values,
            deadline=call.deadline,
            goes_with=goes_with,
        )


def _told_kept(response: Response) -> Response:
    """Tell the page's script that what it sent was kept though its session is over."""
    response.headers[KEPT] = "si"
    return response


def _as_seen(form: Any, screen: type[FormModel]) -> Test:  # noqa: ANN401 - made by `as_typed`
    """Whether a draft still holds what the page takes for granted; without that, the page is none of ours."""
    return lambda values: taken_for_granted(screen, values) == form.visto


def _action_of(call: Call[Person, Any]) -> tuple[str, UUID | None]:
    """What the pressed button asks, and of which licence."""
    action, _, which = (call.input.accion or "").partition(":")
    try:
        return action, UUID(which) if which else None
    except ValueError:
        return action, None


def _of_these_values(call: Call[Person, Any], values: Values) -> IdempotentRequest:
    """The same form with the same values is one act: gone back to and changed, it is another."""
    digest = sha256(encode({name: list(value) for name, value in values.items()}))
    return IdempotentRequest(sha256(call.demanded_key.scope + digest), digest)
