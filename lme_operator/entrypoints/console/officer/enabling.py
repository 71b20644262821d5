"""The end of a case: everything on one page, the officer's own code, the constancia; and the files that remain."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from lme_operator.core.database import Deadline
from lme_operator.core.refusal import Refusal
from lme_operator.domain.enrolment.in_person import CaseView, number_of
from lme_operator.domain.enrolment.in_person.dossier import DECLARATION
from lme_operator.domain.enrolment.refusals import (
    ACTS_FOR_AUTHORITY,
    ALREADY_ENROLLED,
    CASE_CHANGED,
    ENROLMENT_UNKNOWN,
    NOT_ACCREDITED,
    NOT_YET,
    SUSPENDED,
)
from lme_operator.entrypoints.console.doctor.downloads import download
from lme_operator.entrypoints.console.officer.base import CASES, CasePagesBase, act_of, case_path
from lme_operator.entrypoints.console.officer.forms import EnableForm
from lme_operator.entrypoints.console.officer.review import sections_of
from lme_operator.entrypoints.console.officer.words import DELIVERIES, MESSAGES
from lme_operator.entrypoints.console.own.entry import WRONG_CODES
from lme_operator.entrypoints.http.exchange import current_exchange
from lme_operator.entrypoints.http.routes import Answer, Call
from lme_operator.entrypoints.pages.form_pages import SUBJECT, FormPage, Loaded
from lme_operator.entrypoints.pages.guards import Mandated, PageGuards
from lme_operator.entrypoints.pages.pages import HTML, Page

_BASE = f"{CASES}/{{id}}"
_SAID_AT_THE_TOP = (NOT_YET, SUSPENDED, ACTS_FOR_AUTHORITY, ALREADY_ENROLLED, CASE_CHANGED, NOT_ACCREDITED)
_SENT_AT_THE_END = ("clave_inicial", "codigo_de_activacion", "enrolamiento", "llave_registrada")


@dataclass(frozen=True, slots=True)
class EnablingPages(CasePagesBase):
    """The pages of review, enabling and what came of it."""

    def pages(self, guards: PageGuards) -> tuple[Page[Any, Any], ...]:
        """Their routes."""
        review = FormPage(
            path=f"{_BASE}/revisar",
            name="consola_enrolamiento_revisar",
            title="Revisar y habilitar",
            template="enrolamiento_revisar.html",
            guard=guards.officer,
            input=EnableForm,
            act=self._enable,
            load=self._load_review,
            said_at={**dict.fromkeys(_SAID_AT_THE_TOP, None), **WRONG_CODES},
        )
        result: Page[Mandated, None] = Page(
            method="GET", path=f"{_BASE}/constancia", name="consola_enrolamiento_constancia",
            summary="Constancia de enrolamiento.", subject=SUBJECT, guard=guards.officer, handle=self._result,
            answer=HTML,
        )  # fmt: skip
        paper: Page[Mandated, None] = Page(
            method="GET", path=f"{_BASE}/constancia.pdf", name="consola_enrolamiento_constancia_pdf",
            summary="La constancia, en PDF.", subject=SUBJECT, guard=guards.officer, handle=self._paper,
            answer="application/pdf",
        )  # fmt: skip
        dossier: Page[Mandated, None] = Page(
            method="GET", path=f"{_BASE}/expediente.zip", name="consola_enrolamiento_expediente",
            summary="El expediente, como archivo de evidencia.", subject=SUBJECT, guard=guards.officer,
            handle=self._dossier, answer="application/zip",
        )  # fmt: skip
        return (*review.pages(self.screens), result, paper, dossier)

    def _load_review(self, who: Mandated, path: Mapping[str, UUID], deadline: Deadline) -> Loaded:
        case = self.case(who, path["id"], deadline)
        if not case.mine:
            origin = current_exchange().origin
            self.in_person.look_into(session=who.session, case_id=path["id"], origin=origin, deadline=deadline)
        return Loaded({"case": case, "sections": sections_of(case), "declaration": DECLARATION})

    def _enable(self, call: Call[Mandated, EnableForm]) -> Answer:
        self.in_person.enable(code=call.input.codigo, **act_of(call))
        return self.screens.go(case_path(call.path["id"], "constancia"), notice="habilitado")

    def _result(self, call: Call[Mandated, None]) -> Answer:
        case = self.case(call.who, call.path["id"], call.deadline)
        enrolment_id = _enrolment_of(case.view)
        sent = self.in_person.messages(case_id=case.view.case.id, deadline=call.deadline)
        return self.screens.show(
            call.who,
            "enrolamiento_constancia.html",
            title="Constancia de enrolamiento",
            deadline=call.deadline,
            case=case,
            number=number_of(enrolment_id),
            enrolment_id=enrolment_id,
            messages=[message for message in sent if message.kind in _SENT_AT_THE_END],
            own_access=any(message.kind == "enrolamiento" for message in sent),
            words=MESSAGES,
            deliveries=DELIVERIES,
        )

    def _paper(self, call: Call[Mandated, None]) -> Answer:
        enrolment_id = self._enrolment(call)
        content = self.in_person.take_constancia(
            session=call.who.session, enrolment_id=enrolment_id, origin=call.origin, deadline=call.deadline
        )
        return download(content, media="application/pdf", name=f"constancia-{number_of(enrolment_id)}.pdf")

    def _dossier(self, call: Call[Mandated, None]) -> Answer:
        enrolment_id = self._enrolment(call)
        content = self.in_person.take_evidence(
            session=call.who.session, enrolment_id=enrolment_id, origin=call.origin, deadline=call.deadline
        )
        return download(content, media="application/zip", name=f"expediente-{number_of(enrolment_id)}.zip")

    def _enrolment(self, call: Call[Mandated, None]) -> UUID:
        return _enrolment_of(self.in_person.view(case_id=call.path["id"], deadline=call.deadline))


def _enrolment_of(view: CaseView) -> UUID:
    """The enrolment that a case made; raise `Refusal(enrolamiento_desconocido)` if it made none."""
    if view.case.enrolment_id is None:
        raise Refusal(ENROLMENT_UNKNOWN)
    return view.case.enrolment_id
