"""Who the professional is (N-2.2a)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from lme_operator.core.database import Deadline
from lme_operator.domain.enrolment.in_person import OwnVerification, Task
from lme_operator.domain.enrolment.refusals import (
    IDENTITY_REFUSED,
    PICTURE_EXPECTED,
)
from lme_operator.domain.identity.refusals import DOCUMENT_NOT_ADMITTED
from lme_operator.entrypoints.console.officer.base import CASES, CasePagesBase, act_of
from lme_operator.entrypoints.console.officer.forms import PicturesForm, SeenForm
from lme_operator.entrypoints.console.officer.words import MATCHES, TITLES
from lme_operator.entrypoints.http.routes import Answer, Call
from lme_operator.entrypoints.pages.form_pages import SUBJECT, FormPage, Loaded
from lme_operator.entrypoints.pages.form_state import FormState
from lme_operator.entrypoints.pages.guards import Mandated, PageGuards
from lme_operator.entrypoints.pages.pages import HTML, LARGEST_UPLOAD, Page, Returned

_BASE = f"{CASES}/{{id}}"
Path = Mapping[str, UUID]


@dataclass(frozen=True, slots=True)
class IdentityPages(CasePagesBase):
    """The pages of identity."""

    def pages(self, guards: PageGuards) -> tuple[Page[Any, Any], ...]:
        """Their routes."""
        return (
            *self._pictures_page(guards).pages(self.screens),
            self._seeing(guards),
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
