"""The page on which a professional endorses a signing key with his firma electrónica avanzada (N-2.6c)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any
from uuid import UUID

from lme_operator.core.database import Deadline
from lme_operator.domain.access import Access
from lme_operator.domain.access.refusals import ALREADY_ENDORSED, CERTIFICATE_OVER, ENDORSEMENT_REFUSED, NO_ACCREDITED
from lme_operator.entrypoints.console.doctor.downloads import download
from lme_operator.entrypoints.console.own.keys import KEYS
from lme_operator.entrypoints.http.routes import Answer, Call
from lme_operator.entrypoints.pages.form_pages import SUBJECT, FormPage, Loaded
from lme_operator.entrypoints.pages.forms import Asks, FormModel, SentFile
from lme_operator.entrypoints.pages.guards import PageGuards, Person
from lme_operator.entrypoints.pages.pages import Page
from lme_operator.entrypoints.pages.screens import Screens

_PATH = f"{KEYS}/{{id}}/aval"


class EndorsementForm(FormModel):
    """The signature file."""

    archivo: Annotated[SentFile, Asks("Elija el archivo de firma (.p7s).")]


@dataclass(frozen=True, slots=True)
class EndorsementPages:
    """Two steps on one page: download what is signed, and upload the signature."""

    access: Access
    screens: Screens

    def pages(self, guards: PageGuards) -> tuple[Page[Any, Any], ...]:
        """Their routes."""
        content: Page[Person, None] = Page(
            method="GET",
            path=f"{_PATH}/contenido",
            name="consola_llaves_aval_contenido",
            summary="Lo que se firma para avalar una llave.",
            subject=SUBJECT,
            guard=guards.console,
            handle=self._content,
            answer="application/octet-stream",
        )
        form = FormPage(
            path=_PATH,
            name="consola_llaves_aval",
            title="Avalar su llave",
            template="llaves_aval.html",
            guard=guards.console,
            input=EndorsementForm,
            act=self._endorse,
            load=self._load,
            said_at={
                ENDORSEMENT_REFUSED: "archivo",
                CERTIFICATE_OVER: "archivo",
                NO_ACCREDITED: None,
                ALREADY_ENDORSED: None,
            },
        )
        return (content, *form.pages(self.screens))

    def _content(self, call: Call[Person, None]) -> Answer:
        found = self.access.endorsable_key(session=call.who.session, key_id=call.path["id"], deadline=call.deadline)
        name = f"llave-{call.path['id'].hex[-12:]}.bin"
        return download(found.content, media="application/octet-stream", name=name)

    def _load(self, who: Person, path: Mapping[str, UUID], deadline: Deadline) -> Loaded:
        self.access.demand_keeping(session=who.session, deadline=deadline)
        found = self.access.endorsable_key(session=who.session, key_id=path["id"], deadline=deadline)
        return Loaded({"found": found, "path": _PATH.format(id=path["id"])})

    def _endorse(self, call: Call[Person, EndorsementForm]) -> Answer:
        self.access.endorse_key(
            session=call.who.session,
            key_id=call.path["id"],
            cms=call.input.archivo.content,
            origin=call.origin,
            deadline=call.deadline,
        )
        return self.screens.go(_PATH.format(id=call.path["id"]), notice="llave_avalada")
