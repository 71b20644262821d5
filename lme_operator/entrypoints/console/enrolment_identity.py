"""Who the professional is, and the factor with which he will sign, both in one session of the officer (N-2.2a)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from lme_operator.core.database import Deadline
from lme_operator.domain.enrolment.in_person import OwnVerification, Task
from lme_operator.domain.enrolment.refusals import (
    FACTOR_NOT_OFFERED,
    FACTOR_NOT_PROVED,
    IDENTITY_REFUSED,
    PICTURE_EXPECTED,
)
from lme_operator.domain.identity.documents import DOCUMENT_NOT_ADMITTED
from lme_operator.entrypoints.common.pages import HTML, LARGEST_UPLOAD, Page, Returned
from lme_operator.entrypoints.common.routes import Answer, Call
from lme_operator.entrypoints.common.visitors import Mandated, PageGuards
from lme_operator.entrypoints.console.accreditations import qr_picture
from lme_operator.entrypoints.console.enrolment_base import CASES, CasePagesBase, CaseScreen, act_of, case_path
from lme_operator.entrypoints.console.enrolment_forms import CodeForm, EmptyForm, PicturesForm, SeenForm
from lme_operator.entrypoints.console.enrolment_words import MATCHES, TITLES
from lme_operator.entrypoints.console.entry import WRONG_CODES
from lme_operator.entrypoints.console.form_pages import SUBJECT, FormPage, Loaded
from lme_operator.entrypoints.console.form_state import FormState

_BASE = f"{CASES}/{{id}}"
Path = Mapping[str, UUID]


@dataclass(frozen=True, slots=True)
class IdentityPages(CasePagesBase):
    """The pages of identity and factor."""

    def pages(self, guards: PageGuards) -> tuple[Page[Any, Any], ...]:
        """Their routes."""
        return (
            *self._pictures_page(guards).pages(self.screens),
            self._seeing(guards),
            *self._factor_page(guards).pages(self.screens),
            self._offering(guards),
        )

    def _pictures_page(self, guards: PageGuards) -> FormPage[Mandated, PicturesForm]:
        return FormPage(
            path=f"{_BASE}/identidad", name="consola_enrolamiento_identidad", title=TITLES[Task.IDENTITY],
            template="enrolamiento_identidad.html", guard=guards.officer, input=PicturesForm, act=self._match,
            load=self._load_identity, said_at={DOCUMENT_NOT_ADMITTED: None, PICTURE_EXPECTED: None},
            asks_outside=True, largest_body=LARGEST_UPLOAD,
        )  # fmt: skip

    def _seeing(self, guards: PageGuards) -> Page[Mandated, SeenForm]:
        return Page(
            method="POST", path=f"{_BASE}/identidad/propia", name="consola_enrolamiento_identidad_propia",
            summary="Verifica la identidad el propio funcionario.", subject=SUBJECT, guard=guards.officer,
            handle=self._see, input=SeenForm, answer=HTML, again=self._see_again, said_at={IDENTITY_REFUSED: None},
        )  # fmt: skip

    def _factor_page(self, guards: PageGuards) -> FormPage[Mandated, CodeForm]:
        return FormPage(
            path=f"{_BASE}/factor", name="consola_enrolamiento_factor", title=TITLES[Task.FACTOR],
            template="enrolamiento_factor.html", guard=guards.officer, input=CodeForm, act=self._confirm,
            load=self._load_factor, said_at={FACTOR_NOT_PROVED: "codigo", FACTOR_NOT_OFFERED: None, **WRONG_CODES},
        )  # fmt: skip

    def _offering(self, guards: PageGuards) -> Page[Mandated, EmptyForm]:
        return Page(
            method="POST", path=f"{_BASE}/factor/qr", name="consola_enrolamiento_factor_qr",
            summary="Prepara el código QR del segundo factor.", subject=SUBJECT, guard=guards.officer,
            handle=self._offer, input=EmptyForm, answer=HTML,
        )  # fmt: skip

    def _load_identity(self, who: Mandated, path: Path, deadline: Deadline) -> Loaded:
        loaded = self.load_task(Task.IDENTITY, who, path, deadline)
        piece = loaded.values["task"].piece
        told = None if piece is None else piece.content["resultado"]
        return Loaded(
            {
                **loaded.values,
                "pictures": piece is not None and len(piece.content["archivos"]) == 2,
                "result": None if told is None else MATCHES[told],
                "by_officer": piece is not None and piece.content["medio"] == "funcionario",
                "may_decide": told is not None and told not in ("coincide", "no_coincide"),
            }
        )

    def _match(self, call: Call[Mandated, PicturesForm]) -> Answer:
        form = call.input
        self.in_person.match_face(
            document_picture=form.foto_documento.content, live_picture=form.foto_persona.content, **act_of(call)
        )
        return self.go_on(call, Task.IDENTITY)

    def _see(self, call: Call[Mandated, SeenForm]) -> Answer:
        seen = OwnVerification(call.input.resultado, call.input.declaracion)
        self.in_person.verify_identity(seen=seen, **act_of(call))
        return self.go_on(call, Task.IDENTITY)

    def _see_again(self, returned: Returned[Mandated]) -> Answer:
        loaded = self._load_identity(returned.who, returned.path, returned.deadline)
        return self.screens.show(
            returned.who,
            "enrolamiento_identidad.html",
            title=TITLES[Task.IDENTITY],
            deadline=returned.deadline,
            form=FormState.of(returned, {IDENTITY_REFUSED: None}),
            **loaded.values,
        )

    def _load_factor(self, who: Mandated, path: Path, deadline: Deadline) -> Loaded:
        loaded = self.load_task(Task.FACTOR, who, path, deadline)
        case: CaseScreen = loaded.values["case"]
        offered = None
        if case.mine:
            offered = self.in_person.offered_factor(session=who.session, case_id=path["id"], deadline=deadline)
        return Loaded(
            {
                **loaded.values,
                "secret": None if offered is None else offered.secret,
                "picture": None if offered is None else qr_picture(offered.uri),
                "verified": case.view.task(Task.IDENTITY).done,
                "own_access": case.view.own_access,
            }
        )

    def _offer(self, call: Call[Mandated, EmptyForm]) -> Answer:
        self.in_person.offer_factor(**act_of(call))
        return self.screens.go(case_path(call.path["id"], "factor"))

    def _confirm(self, call: Call[Mandated, CodeForm]) -> Answer:
        self.in_person.confirm_factor(code=call.input.codigo, **act_of(call))
        return self.go_on(call, Task.FACTOR)
