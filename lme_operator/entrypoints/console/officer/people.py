"""Professionals: the last enrolled, and finding one by RUN or by words of the name.

What is sought travels in a form and then in a sealed cookie of few minutes: no address ever holds it, and going back
from a card to what was found asks nothing again. A person is known in addresses by the id of an enrolment of his: it is
ours, says nothing, and is never rewritten.
"""

from dataclasses import dataclass
from typing import Annotated, Any
from uuid import UUID

from flask import request
from pydantic import TypeAdapter, ValidationError

from lme_operator.core.canonical import NotCanonical, from_base64url, to_base64url
from lme_operator.core.database import Deadline
from lme_operator.core.run import Run
from lme_operator.core.sealing import SealBroken
from lme_operator.domain.enrolment.in_person import Case
from lme_operator.entrypoints.console.officer.base import CASES, CasePagesBase
from lme_operator.entrypoints.console.officer.cases import Cursor
from lme_operator.entrypoints.http.routes import Answer, Call
from lme_operator.entrypoints.pages.fields import LineField, RunField
from lme_operator.entrypoints.pages.form_pages import SUBJECT
from lme_operator.entrypoints.pages.form_state import FormState, field_wrong
from lme_operator.entrypoints.pages.forms import Asks, FormModel
from lme_operator.entrypoints.pages.guards import Mandated, PageGuards
from lme_operator.entrypoints.pages.pages import HTML, PAGES, Page, Returned

PEOPLE = f"{PAGES}/profesionales"
_FOUND = f"{PEOPLE}/resultados"
_COOKIE, _WHERE, _SECONDS = "lme-busqueda", "consola.busqueda", 30 * 60
_SHOWN = 25
_RUN: TypeAdapter[Run] = TypeAdapter(RunField)


class SearchForm(FormModel):
    """Whom to find."""

    buscado: Annotated[LineField, Asks("Escriba un RUN o un nombre.")]

    def sought(self) -> Run | str:
        """A RUN if it has figures, else words of a name; raise `Refusal(datos_invalidos)` for a wrong RUN."""
        if not any(character.isdigit() for character in self.buscado):
            return self.buscado
        try:
            return _RUN.validate_python(self.buscado)
        except ValidationError:
            raise field_wrong(
                "buscado",
                "El RUN no es válido. Revise los números y el dígito verificador.",
                code="run_digito_invalido",
            ) from None


@dataclass(frozen=True, slots=True)
class PeoplePages(CasePagesBase):
    """The pages of the list and the search."""

    def pages(self, guards: PageGuards) -> tuple[Page[Any, Any], ...]:
        """Their routes."""
        listed: Page[Mandated, Cursor] = Page(
            method="GET", path=PEOPLE, name="consola_profesionales", summary="Profesionales enrolados.",
            subject=SUBJECT, guard=guards.officer, handle=self._list, input=Cursor, answer=HTML,
        )  # fmt: skip
        asked: Page[Mandated, SearchForm] = Page(
            method="POST", path=PEOPLE, name="consola_profesionales_buscar", summary="Busca a un profesional.",
            subject=SUBJECT, guard=guards.officer, handle=self._ask, input=SearchForm, answer=HTML,
            again=self._again,
        )  # fmt: skip
        found: Page[Mandated, None] = Page(
            method="GET", path=_FOUND, name="consola_profesionales_resultados", summary="Lo que se encontró.",
            subject=SUBJECT, guard=guards.officer, handle=self._found, answer=HTML,
        )  # fmt: skip
        return listed, asked, found

    def _list(self, call: Call[Mandated, Cursor]) -> Answer:
        return self._show_list(call.who, FormState(), call.input.despues, call.deadline)

    def _again(self, returned: Returned[Mandated]) -> Answer:
        return self._show_list(returned.who, FormState.of(returned, {}), None, returned.deadline)

    def _show_list(self, who: Mandated, form: FormState, after: UUID | None, deadline: Deadline) -> Answer:
        return self.screens.show(
            who,
            "profesionales.html",
            title="Profesionales",
            deadline=deadline,
            form=form,
            page=self.in_person.enrolled(after=after, at_most=_SHOWN, deadline=deadline),
            first=after is None,
            base=PEOPLE,
        )

    def _ask(self, call: Call[Mandated, SearchForm]) -> Answer:
        sought, browser = call.input.sought(), self.screens.browser
        plain = sought.display if isinstance(sought, Run) else sought
        sealed = to_base64url(self.sealer.seal(plain.encode(), where=_WHERE))
        return self.screens.go(_FOUND, cookies=(browser.give(browser.name(_COOKIE), sealed, seconds=_SECONDS),))

    def _found(self, call: Call[Mandated, None]) -> Answer:
        text = self._kept()
        if text is None:
            return self.screens.go(PEOPLE)
        form = SearchForm(buscado=text)
        sought = form.sought()
        lines = self.in_person.search(
            session=call.who.session, sought=sought, origin=call.origin, deadline=call.deadline
        )
        cases: tuple[Case, ...] = ()
        if isinstance(sought, Run) and not lines:
            cases = self.in_person.cases_of(run=sought, deadline=call.deadline)
        return self.screens.show(
            call.who,
            "profesionales_resultados.html",
            title="Profesionales encontrados",
            deadline=call.deadline,
            form=FormState({"buscado": (text,)}),
            lines=lines,
            cases=cases,
            by_run=isinstance(sought, Run),
            base=PEOPLE,
            cases_base=CASES,
        )

    def _kept(self) -> str | None:
        """What this browser sought last; None when it sought nothing, or too long ago."""
        kept = request.cookies.get(self.screens.browser.name(_COOKIE), "")
        try:
            return self.sealer.open(from_base64url(kept), where=_WHERE).decode()
        except (SealBroken, NotCanonical):
            return None
