"""What became of licences: one's own, issued and in progress, and each one with its story."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from lme_operator.core.run import Run
from lme_operator.domain.issuance import Draft, Novelty
from lme_operator.domain.licences import ReadDocument, read_document
from lme_operator.domain.licences.calendar import next_working_day
from lme_operator.domain.licences.form import Copy
from lme_operator.entrypoints.console.doctor import words
from lme_operator.entrypoints.console.doctor.base import (
    DRAFT,
    LEAVE,
    LICENCE,
    LICENCES,
    PATIENT,
    PREPARED,
    LicencePagesBase,
    address,
)
from lme_operator.entrypoints.console.doctor.document import shown_document
from lme_operator.entrypoints.console.doctor.fields import PatientForm, judged, without_patient
from lme_operator.entrypoints.http.routes import Answer, Call
from lme_operator.entrypoints.http.types import Model
from lme_operator.entrypoints.pages.form_pages import SUBJECT
from lme_operator.entrypoints.pages.guards import PageGuards, Person
from lme_operator.entrypoints.pages.pages import HTML, Page

_COPIES = (
    (Copy.WORKER, "Copia para el trabajador", "Completa, con el diagnóstico."),
    (Copy.EMPLOYER, "Copia para el empleador", "Sin el diagnóstico."),
    (Copy.PROFESSIONAL, "Copia para usted", "Completa."),
    (Copy.RECEIPT, "Comprobante", "Una página, sin el diagnóstico."),
)


class Cursor(Model):
    """Where the list goes on."""

    despues: str | None = None


@dataclass(frozen=True, slots=True)
class DraftLine:
    """A draft in a list: whose it seems to be, and where it goes on."""

    draft: Draft
    name: str
    path: str

    @classmethod
    def of(cls, draft: Draft) -> "DraftLine":
        """A draft whose first screen is complete goes on at the second; one that was prepared, at its signature."""
        named = (value for name in ("nombres", "apellido_paterno") for value in draft.values.get(name, ()))
        name = " ".join(named) or " ".join(draft.values.get("run", ())) or "Sin nombre todavía"
        if draft.preparation_id is not None:
            return cls(draft, name, address(PREPARED, draft.preparation_id))
        complete = judged(PatientForm, draft.values)[0] is not None
        return cls(draft, name, address(DRAFT, draft.id, LEAVE if complete else PATIENT))

    @classmethod
    def begun(cls, drafts: Iterable[Draft]) -> "tuple[DraftLine, ...]":
        """Those worth going on with: in the others nobody wrote a patient yet, and they give way by themselves."""
        return tuple(cls.of(draft) for draft in drafts if not without_patient(draft.values))

    @property
    def discard(self) -> str:
        """Where it is discarded."""
        return address(DRAFT, self.draft.id, "descartar")


@dataclass(frozen=True, slots=True)
class Step:
    """A novelty of a folio, in words."""

    novelty: Novelty
    words: str
    by: str


@dataclass(frozen=True, slots=True)
class ResultPages(LicencePagesBase):
    """The list of licences, and the page of one."""

    def pages(self, guards: PageGuards) -> tuple[Page[Any, Any], ...]:
        """Their routes."""
        listed: Page[Person, Cursor] = Page(
            method="GET", path=LICENCES, name="consola_licencias", summary="Licencias propias.", subject=SUBJECT,
            guard=guards.console, handle=self._list, input=Cursor, answer=HTML,
        )  # fmt: skip
        one: Page[Person, None] = Page(
            method="GET", path=LICENCE, name="consola_licencia", summary="Una licencia propia.", subject=SUBJECT,
            guard=guards.console, handle=self._one, answer=HTML,
        )  # fmt: skip
        return listed, one

    def _list(self, call: Call[Person, Cursor]) -> Answer:
        session, after = call.who.session, call.input.despues
        issued = self.issuance.issued(session=session, after=after, deadline=call.deadline)
        drafts = self.issuance.drafts(session=session, deadline=call.deadline) if after is None else ()
        kinds = self.issuance.own_kinds(session=session, deadline=call.deadline)
        return self.screens.show(
            call.who,
            "licencias.html",
            title="Licencias",
            deadline=call.deadline,
            issued=issued,
            first=after is None,
            may_start=kinds is None or bool(kinds.open),
            drafts=DraftLine.begun(drafts),
            base=LICENCES,
            words=words,
        )

    def _one(self, call: Call[Person, None]) -> Answer:
        """Show a licence: what it says, what happens now, its files, and every novelty of its folio (N-2.6c)."""
        session, licence_id = call.who.session, call.path["id"]
        issued = self.issuance.find(session=session, licence_id=licence_id, deadline=call.deadline)
        read = read_document(self.issuance.document(session=session, licence_id=licence_id, deadline=call.deadline))
        story = self.issuance.history(session=session, licence_id=licence_id, deadline=call.deadline)
        return self.screens.show(
            call.who,
            "licencia_emitida.html",
            title=f"Licencia {issued.folio}",
            deadline=call.deadline,
            issued=issued,
            read=read,
            patient=name_of(read),
            last_day=read.order.last_day,
            after=next_working_day(read.order.last_day),
            sections=shown_document(read, change=None),
            story=list(_steps(story, session.run)),
            receipt=json.dumps(issued.receipt, ensure_ascii=False, indent=1),
            copies=_COPIES,
            here_base=address(LICENCE, licence_id),
            base=LICENCES,
            words=words,
        )


def name_of(read: ReadDocument) -> str:
    """The patient's name."""
    worker = read.order.worker
    return " ".join(part for part in (worker.given_names, worker.paternal_surname, worker.maternal_surname) if part)


def _steps(story: tuple[Novelty, ...], own: Run) -> Iterator[Step]:
    for novelty in story:
        kind, _, rest = novelty.by.partition(":")
        by = "El sistema" if kind != "persona" else ("Usted" if rest == str(own) else Run.parse(rest).display)
        yield Step(novelty, words.novelty(novelty.what), by)
