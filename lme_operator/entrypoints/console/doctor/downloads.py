"""Files that leave the console: always as a download, named by us, kept by no browser."""

from dataclasses import dataclass
from functools import partial
from typing import Any

from lme_operator.domain.issuance import Issuance
from lme_operator.domain.licences.form import Copy
from lme_operator.entrypoints.http.routes import Answer, Call
from lme_operator.entrypoints.pages.guards import PageGuards, Person
from lme_operator.entrypoints.pages.pages import PAGES, Page

_LICENCE = f"{PAGES}/licencias/{{id}}"


def download(content: bytes, *, media: str, name: str) -> Answer:
    """Answer a file of ours for download; `name` has no character that a header must quote."""
    headers = {
        "Content-Type": media,
        "Content-Disposition": f'attachment; filename="{name}"',
        "Content-Security-Policy": "default-src 'none'; sandbox; frame-ancestors 'none'",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Cache-Control": "no-store",
    }
    return Answer(content, headers=headers)


@dataclass(frozen=True, slots=True)
class LicenceFiles:
    """What a professional takes of an own licence: the form in each copy, the signed document, its evidence."""

    issuance: Issuance

    def pages(self, guards: PageGuards) -> tuple[Page[Any, Any], ...]:
        """Their routes: an address for each file."""
        forms = (
            self._page(guards, f"formulario/{copy.value}", f"formulario_{copy.value}", partial(self._form, copy))
            for copy in Copy
        )
        return (
            *forms,
            self._page(guards, "documento.xml", "documento", self._document),
            self._page(guards, "evidencia.zip", "evidencia", self._evidence),
        )

    def _page(self, guards: PageGuards, end: str, name: str, handle: Any) -> Page[Person, None]:  # noqa: ANN401
        return Page(
            method="GET",
            path=f"{_LICENCE}/{end}",
            name=f"consola_licencia_{name}",
            summary="Un archivo de una licencia propia.",
            subject="Consola",
            guard=guards.console,
            handle=handle,
            answer="application/octet-stream",
        )

    def _form(self, copy: Copy, call: Call[Person, None]) -> Answer:
        form = self.issuance.form(
            session=call.who.session, licence_id=call.path["id"], copy=copy, deadline=call.deadline
        )
        return download(form.content, media="application/pdf", name=form.name)

    def _document(self, call: Call[Person, None]) -> Answer:
        content = self.issuance.document(session=call.who.session, licence_id=call.path["id"], deadline=call.deadline)
        return download(content, media="application/xml", name=f"licencia-{call.path['id'].hex[-12:]}.xml")

    def _evidence(self, call: Call[Person, None]) -> Answer:
        content = self.issuance.evidence_file(
            session=call.who.session, licence_id=call.path["id"], deadline=call.deadline
        )
        return download(content, media="application/zip", name=f"evidencia-{call.path['id'].hex[-12:]}.zip")
