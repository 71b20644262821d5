"""Documents of a case: previews shown in a page, originals as downloads. Only those that the case rests on now."""

from dataclasses import dataclass
from functools import partial
from typing import Any

from lme_operator.core.refusal import Refusal
from lme_operator.domain.enrolment.in_person import Task
from lme_operator.domain.enrolment.refusals import ENROLMENT_UNKNOWN
from lme_operator.domain.identity import StoredDocument
from lme_operator.entrypoints.console.officer.base import CASES, CasePagesBase
from lme_operator.entrypoints.http.routes import Answer, Call
from lme_operator.entrypoints.pages.attachments import serve_document, serve_preview
from lme_operator.entrypoints.pages.form_pages import SUBJECT
from lme_operator.entrypoints.pages.guards import Mandated, PageGuards
from lme_operator.entrypoints.pages.pages import Page


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a document is found: its task, which of the piece's it is, the end of its address, and as what it goes."""

    task: Task
    number: int
    name: str
    preview: bool


_PLACES = (
    _Place(Task.DOCUMENT, 0, "original", preview=False),
    _Place(Task.ADDRESS, 0, "original", preview=False),
    _Place(Task.ADDRESS, 0, "vista", preview=True),
    _Place(Task.IDENTITY, 0, "foto-documento", preview=True),
    _Place(Task.IDENTITY, 1, "foto-persona", preview=True),
)


@dataclass(frozen=True, slots=True)
class FilePages(CasePagesBase):
    """The routes of a case's documents."""

    def pages(self, guards: PageGuards) -> tuple[Page[Any, Any], ...]:
        """Their routes: one a document and a way of serving it."""
        return tuple(self._page(guards, place) for place in _PLACES)

    def _page(self, guards: PageGuards, place: _Place) -> Page[Mandated, None]:
        return Page(
            method="GET",
            path=f"{CASES}/{{id}}/{place.task.value}/{place.name}",
            name=f"consola_enrolamiento_{place.task.value}_{place.name.replace('-', '_')}",
            summary="Un documento del caso.",
            subject=SUBJECT,
            guard=guards.officer,
            handle=partial(self._preview if place.preview else self._original, place),
            answer="application/octet-stream",
        )

    def _original(self, place: _Place, call: Call[Mandated, None]) -> Answer:
        return serve_document(self._document(place, call))

    def _preview(self, place: _Place, call: Call[Mandated, None]) -> Answer:
        preview = self._document(place, call).preview
        if preview is None:
            raise Refusal(ENROLMENT_UNKNOWN)
        return serve_preview(preview)

    def _document(self, place: _Place, call: Call[Mandated, None]) -> StoredDocument:
        return self.in_person.paper(
            session=call.who.session,
            case_id=call.path["id"],
            task=place.task,
            number=place.number,
            origin=call.origin,
            deadline=call.deadline,
        )
