"""Founders accredit officers and people of authorities, and end it: one proposes with him present, another approves.

The secret for the officer's application is shown once, on the page that answers the proposal, and is proven there by a
code. Until then it goes with that page's form, sealed: no address of ours ever gives it again (mandatos@v1#proponer).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import segno
from markupsafe import Markup

from lme_operator.core.canonical import NotCanonical, from_base64url, to_base64url
from lme_operator.core.database import Deadline
from lme_operator.core.periods import local_day
from lme_operator.core.refusal import Refusal
from lme_operator.core.sealing import SealBroken, Sealer
from lme_operator.domain.credentials import TotpSecret
from lme_operator.domain.identity.refusals import DOCUMENT_NOT_ADMITTED
from lme_operator.domain.mandates import (
    AUTHORITIES,
    MandateRecord,
    Mandates,
    OfficerOrder,
    Proposal,
    authority_of,
)
from lme_operator.domain.mandates.refusals import (
    ANOTHER_FUNCTION,
    CODE_NOT_PROVEN,
    END_UNEXPLAINED,
    NOTHING_TO_END,
    PROPOSAL_INVALID,
    PROPOSAL_OVER,
    PROPOSAL_UNKNOWN,
)
from lme_operator.entrypoints.console.founder.forms import (
    CAUSES,
    FUNCTIONS,
    ApprovalForm,
    EndForm,
    OfficerForm,
    ProofForm,
)
from lme_operator.entrypoints.console.own.entry import WRONG_CODES
from lme_operator.entrypoints.http.refusals import NOT_FOUND
from lme_operator.entrypoints.http.routes import Answer, Call, Idempotency
from lme_operator.entrypoints.pages.attachments import serve_document
from lme_operator.entrypoints.pages.form_pages import SUBJECT, FormPage, Loaded
from lme_operator.entrypoints.pages.form_state import FormState
from lme_operator.entrypoints.pages.guards import Mandated, PageGuards
from lme_operator.entrypoints.pages.pages import HTML, LARGEST_UPLOAD, PAGES, Page, Returned
from lme_operator.entrypoints.pages.screens import Screens

_BASE = f"{PAGES}/acreditaciones"
_WHERE = "consola.acreditacion"


@dataclass(frozen=True, slots=True)
class AccreditationPages:
    """The pages of founders."""

    mandates: Mandates
    sealer: Sealer
    screens: Screens

    def pages(self, guards: PageGuards) -> tuple[Page[Any, Any], ...]:
        """Their routes."""
        founder = guards.founder
        listed: Page[Mandated, None] = Page(
            method="GET", path=_BASE, name="consola_acreditaciones", summary="Funcionarios acreditados y propuestos.",
            subject=SUBJECT, guard=founder, handle=self._list, answer=HTML,
        )  # fmt: skip
        proven: Page[Mandated, ProofForm] = Page(
            method="POST",
            path=f"{_BASE}/{{id}}/propuesta",
            name="consola_acreditacion_propuesta",
            summary="El funcionario demuestra su segundo factor, y queda propuesto.",
            subject=SUBJECT,
            guard=founder,
            handle=self._propose,
            input=ProofForm,
            answer=HTML,
            idempotency=Idempotency.REQUIRED,
            again=self._prove_again,
            said_at={CODE_NOT_PROVEN: "codigo", **WRONG_CODES},
        )
        paper: Page[Mandated, None] = Page(
            method="GET", path=f"{_BASE}/{{id}}/designacion", name="consola_acreditacion_designacion",
            summary="El documento con que la autoridad lo designa.", subject=SUBJECT, guard=founder,
            handle=self._paper, answer="application/octet-stream",
        )  # fmt: skip
        return (
            listed,
            paper,
            *self._draft_page(guards).pages(self.screens),
            proven,
            *self._approval_page(guards).pages(self.screens),
            *self._end_page(guards).pages(self.screens),
        )

    def _draft_page(self, guards: PageGuards) -> FormPage[Mandated, OfficerForm]:
        return FormPage(
            path=f"{_BASE}/nueva",
            name="consola_acreditacion_nueva",
            title="Proponer a un funcionario",
            template="acreditacion_nueva.html",
            guard=guards.founder,
            input=OfficerForm,
            act=self._draft,
            load=self._today,
            said_at={
                PROPOSAL_INVALID: None,
                ANOTHER_FUNCTION: "funcion",
                DOCUMENT_NOT_ADMITTED: "designacion",
            },
            asks_outside=True,
            largest_body=LARGEST_UPLOAD,
        )

    def _approval_page(self, guards: PageGuards) -> FormPage[Mandated, ApprovalForm]:
        return FormPage(
            path=f"{_BASE}/{{id}}/aprobacion",
            name="consola_acreditacion_aprobacion",
            title="Aprobar la acreditación",
            template="acreditacion_aprobacion.html",
            guard=guards.founder,
            input=ApprovalForm,
            act=self._approve,
            load=self._proposal,
            said_at=WRONG_CODES,
            idempotency=Idempotency.REQUIRED,
        )

    def _end_page(self, guards: PageGuards) -> FormPage[Mandated, EndForm]:
        return FormPage(
            path=f"{_BASE}/{{id}}/termino",
            name="consola_acreditacion_termino",
            title="Terminar la acreditación",
            template="acreditacion_termino.html",
            guard=guards.founder,
            input=EndForm,
            act=self._end,
            load=self._mandate,
            said_at={END_UNEXPLAINED: "detalle", NOTHING_TO_END: None},
            idempotency=Idempotency.REQUIRED,
        )

    def _list(self, call: Call[Mandated, None]) -> Answer:
        at, me = self.mandates.database.clock(), f"persona:{call.who.session.run}"
        return self.screens.show(
            call.who,
            "acreditaciones.html",
            title="Acreditaciones",
            deadline=call.deadline,
            proposals=self.mandates.pending_proposals(deadline=call.deadline),
            officers=self.mandates.officers(deadline=call.deadline),
            at=at,
            me=me,
        )

    def _today(self, _who: Mandated, _path: Mapping[str, UUID], _deadline: Deadline) -> Loaded:
        today = local_day(self.mandates.database.clock())
        return Loaded(
            {"functions": FUNCTIONS, "authorities": [(one.code, one.name) for one in AUTHORITIES]},
            filled={"desde": (f"{today:%d-%m-%Y}",), "funcion": ("enrolador",)},
        )

    def _draft(self, call: Call[Mandated, OfficerForm]) -> Answer:
        """Begin a proposal, and show the secret this once: the answer is no redirect, for nobody may ask it again."""
        form = call.input
        order = OfficerOrder(
            run=form.run,
            name=form.nombre,
            email=form.correo,
            telephone=form.telefono,
            identity=form.identidad,
            since=form.desde,
            until=form.hasta,
            authority=form.authority(),
        )
        drafted = self.mandates.draft_officer(
            session=call.who.session,
            order=order,
            origin=call.origin,
            deadline=call.deadline,
            designation=None if order.authority is None or form.designacion is None else form.designacion.content,
        )
        return self._prove(call.who, drafted.proposal_id, drafted.totp, FormState(), call.deadline)

    def _propose(self, call: Call[Mandated, ProofForm]) -> Answer:
        self.mandates.propose_officer(
            session=call.who.session,
            proposal_id=call.path["id"],
            code=call.input.codigo,
            origin=call.origin,
            deadline=call.deadline,
            idempotency=call.demanded_key,
        )
        return self.screens.go(_BASE, notice="funcionario_propuesto")

    def _prove_again(self, returned: Returned[Mandated]) -> Answer:
        """Show the same secret, which came back sealed with the form, to whoever was shown it."""
        proposal_id, sealed = returned.path["id"], next(iter(returned.values.get("secreto", ())), "")
        form = FormState.of(returned, {CODE_NOT_PROVEN: "codigo", **WRONG_CODES})
        return self._prove(returned.who, proposal_id, self._open(proposal_id, sealed), form, returned.deadline)

    def _prove(
        self, who: Mandated, proposal_id: UUID, totp: TotpSecret | None, form: FormState, deadline: Deadline
    ) -> Answer:
        sealed = "" if totp is None else self._seal(proposal_id, totp)
        return self.screens.show(
            who,
            "acreditacion_codigo.html",
            title="Código del funcionario",
            deadline=deadline,
            form=form,
            action=f"{_BASE}/{proposal_id}/propuesta",
            secret=None if totp is None else totp.secret,
            picture=None if totp is None else qr_picture(totp.uri),
            sealed=sealed,
        )

    def _paper(self, call: Call[Mandated, None]) -> Answer:
        return serve_document(
            self.mandates.designation(
                session=call.who.session, proposal_id=call.path["id"], origin=call.origin, deadline=call.deadline
            )
        )

    def _approve(self, call: Call[Mandated, ApprovalForm]) -> Answer:
        self.mandates.approve_officer(
            session=call.who.session,
            proposal_id=call.path["id"],
            code=call.input.codigo,
            origin=call.origin,
            deadline=call.deadline,
            idempotency=call.demanded_key,
        )
        return self.screens.go(_BASE, notice="funcionario_acreditado")

    def _end(self, call: Call[Mandated, EndForm]) -> Answer:
        record = self._record(call.path["id"], call.deadline)
        self.mandates.end_officer(
            session=call.who.session,
            run=record.mandate.run,
            cause=call.input.causa,
            detail=call.input.detalle,
            origin=call.origin,
            deadline=call.deadline,
            idempotency=call.demanded_key,
        )
        return self.screens.go(_BASE, notice="acreditacion_terminada")

    def _proposal(self, _who: Mandated, path: Mapping[str, UUID], deadline: Deadline) -> Loaded:
        pending = self.mandates.pending_proposals(deadline=deadline)
        found: Proposal | None = next((one for one in pending if one.id == path["id"]), None)
        if found is None:
            raise Refusal(PROPOSAL_OVER)
        return Loaded({"proposal": found, "authority": authority_of(found.order.authority)})

    def _mandate(self, _who: Mandated, path: Mapping[str, UUID], deadline: Deadline) -> Loaded:
        return Loaded({"mandate": self._record(path["id"], deadline).mandate, "causes": CAUSES})

    def _record(self, mandate_id: UUID, deadline: Deadline) -> MandateRecord:
        for record in self.mandates.officers(deadline=deadline):
            if record.mandate.id == mandate_id:
                return record
        raise Refusal(NOT_FOUND)

    def _seal(self, proposal_id: UUID, totp: TotpSecret) -> str:
        plain = f"{totp.secret} {totp.uri}".encode()
        return to_base64url(self.sealer.seal(plain, where=f"{_WHERE}:{proposal_id}"))

    def _open(self, proposal_id: UUID, sealed: str) -> TotpSecret | None:
        if not sealed:
            return None
        try:
            plain = self.sealer.open(from_base64url(sealed), where=f"{_WHERE}:{proposal_id}").decode()
        except (SealBroken, NotCanonical) as error:
            raise Refusal(PROPOSAL_UNKNOWN) from error
        secret, _, uri = plain.partition(" ")
        return TotpSecret(secret, uri)


def qr_picture(text: str) -> Markup:
    """Draw a QR code as SVG to stand in a page: lines with attributes only, as the page's policy asks."""
    drawn = segno.make(text, error="m", micro=False).svg_inline(
        omitsize=True, border=3, dark="#000", svgclass=None, lineclass=None
    )
    return Markup(drawn)  # noqa: S704 - drawn by the library from our own text
