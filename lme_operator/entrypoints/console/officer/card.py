"""One professional's card: what is known of him, whether he may issue today, and all that happened, with its proofs."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from lme_operator.core.database import Deadline
from lme_operator.core.decision import Decision
from lme_operator.domain.enrolment.in_person import CaseHistory, PersonCard
from lme_operator.domain.professionals import PROFESSIONS, PracticeContext
from lme_operator.domain.standing import Act, Standing
from lme_operator.entrypoints.console.doctor.downloads import download
from lme_operator.entrypoints.console.officer.base import CASES, CasePagesBase, officer_names
from lme_operator.entrypoints.console.officer.forms import EmptyForm
from lme_operator.entrypoints.console.officer.people import PEOPLE
from lme_operator.entrypoints.console.officer.words import (
    DELIVERIES,
    MESSAGES,
    REGISTER_RESULTS,
    TITLES,
    commune,
    telephone,
)
from lme_operator.entrypoints.http.routes import Answer, Call
from lme_operator.entrypoints.pages.form_pages import SUBJECT
from lme_operator.entrypoints.pages.guards import Mandated, PageGuards
from lme_operator.entrypoints.pages.header import context_words
from lme_operator.entrypoints.pages.pages import HTML, PAGES, Page

PURPOSES = {"ingreso": "Ingreso", "emision": "Emisión", "enrolamiento": "Enrolamiento", "barrido": "Revisión nocturna"}
SUSPENSION_STATES = {
    "por_comenzar": ("Por comenzar", "info"),
    "vigente": ("Vigente", "wrong"),
    "cumplida": ("Cumplida", "still"),
    "levantada": ("Levantada", "still"),
    "reemplazada": ("Reemplazada", "still"),
}
KINDS = {"presencial": "presencial", "demostracion": "de demostración"}


@dataclass(frozen=True, slots=True)
class Happening:
    """Something that happened: when, what, by whom (a name, or nobody)."""

    at: datetime
    words: str
    by: str | None = None


@dataclass(frozen=True, slots=True)
class CardPages(CasePagesBase):
    """The pages of a card."""

    standing: Standing

    def pages(self, guards: PageGuards) -> tuple[Page[Any, Any], ...]:
        """Their routes."""
        card: Page[Mandated, None] = Page(
            method="GET", path=f"{PEOPLE}/{{id}}", name="consola_profesional", summary="Ficha de un profesional.",
            subject=SUBJECT, guard=guards.officer, handle=self._look, answer=HTML,
        )  # fmt: skip
        contact: Page[Mandated, EmptyForm] = Page(
            method="POST", path=f"{PEOPLE}/{{id}}/contacto", name="consola_profesional_contacto",
            summary="Muestra el contacto completo.", subject=SUBJECT, guard=guards.officer, handle=self._reveal,
            input=EmptyForm, answer=HTML,
        )  # fmt: skip
        consultation: Page[Mandated, None] = Page(
            method="GET", path=f"{PAGES}/consultas-rnpi/{{id}}/evidencia.zip", name="consola_consulta_rnpi",
            summary="Una consulta al RNPI, como archivo de evidencia.", subject=SUBJECT, guard=guards.officer,
            handle=self._consultation, answer="application/zip",
        )  # fmt: skip
        return card, contact, consultation

    def _look(self, call: Call[Mandated, None]) -> Answer:
        return self._show(call, whole_contact=False)

    def _reveal(self, call: Call[Mandated, EmptyForm]) -> Answer:
        """Show the contact whole, this once: the answer is no redirect, so that each look is asked for."""
        return self._show(call, whole_contact=True)

    def _show(self, call: Call[Mandated, Any], *, whole_contact: bool) -> Answer:
        card = self.in_person.card(
            session=call.who.session,
            enrolment_id=call.path["id"],
            origin=call.origin,
            deadline=call.deadline,
            whole_contact=whole_contact,
        )
        names = officer_names(self.database, self.sealer, _actors(card), call.deadline)
        name = card.professional.data.full_name if card.professional else f"RUN {card.run.display}"
        return self.screens.show(
            call.who,
            "profesional.html",
            title=name,
            deadline=call.deadline,
            card=card,
            officers=names,
            judgements=self._judgements(card, call.deadline),
            happenings=happenings(card, names),
            case_of={history.case.enrolment_id: history.case.id for history in card.cases if history.case.enrolment_id},
            whole=whole_contact,
            base=f"{PEOPLE}/{call.path['id']}",
            cases_base=CASES,
            words={
                "professions": PROFESSIONS, "results": REGISTER_RESULTS, "purposes": PURPOSES, "kinds": KINDS,
                "suspensions": SUSPENSION_STATES, "deliveries": DELIVERIES, "messages": MESSAGES,
                "commune": commune, "telephone": telephone,
            },
        )  # fmt: skip

    def _judgements(self, card: PersonCard, deadline: Deadline) -> list[tuple[str, Decision]]:
        """For each context in which he was enrolled: its words, and whether he may issue in it now."""
        contexts = dict.fromkeys(enrolment.context for enrolment in card.enrolments) or {PracticeContext(): None}
        with self.database.reading(deadline=deadline) as connection:
            at = self.database.clock()
            return [
                (
                    context_words(connection, context),
                    self.standing.judge(connection, run=card.run, act=Act.ISSUE, context=context, at=at).decision,
                )
                for context in contexts
            ]

    def _consultation(self, call: Call[Mandated, None]) -> Answer:
        content = self.in_person.take_consultation(
            session=call.who.session, consultation_id=call.path["id"], origin=call.origin, deadline=call.deadline
        )
        return download(content, media="application/zip", name=f"consulta-rnpi-{call.path['id'].hex[-12:]}.zip")


def happenings(card: PersonCard, names: dict[str, str]) -> list[Happening]:
    """All that happened to a person here, the newest first."""
    told = [one for history in card.cases for one in _of_case(history, names)]
    in_person = {history.case.enrolment_id for history in card.cases}
    told += [
        Happening(one.at, "Quedó enrolado.", names[one.responsible])
        for one in card.enrolments
        if one.id not in in_person
    ]
    told += [
        Happening(
            one.recorded_at, f"Se recibió una suspensión, resolución {one.resolution_number}.", one.authority.name
        )
        for one in card.suspensions
    ]
    told += [Happening(key.at, "Registró una llave de seguridad.") for key in card.access.keys]
    return sorted(told, key=lambda one: one.at, reverse=True)


def _of_case(history: CaseHistory, names: dict[str, str]) -> Iterator[Happening]:
    case = history.case
    yield Happening(case.at, "Se abrió un enrolamiento.", names[case.opened_by])
    for held in history.holdings[1:]:
        yield Happening(held.at, "Recibió el enrolamiento.", names[held.holder])
    for piece in history.pieces:
        yield Happening(piece.at, f"Tarea «{TITLES[piece.task]}» guardada.", names[piece.by])
    end = history.end
    if end is not None and end.kind == "habilitado":
        yield Happening(end.at, "Quedó habilitado.", names[end.by])
    elif end is not None:
        yield Happening(end.at, f"El enrolamiento terminó sin enrolar: {end.reason}", names[end.by])


def _actors(card: PersonCard) -> set[str]:
    found = {enrolment.responsible for enrolment in card.enrolments}
    for history in card.cases:
        found |= {history.case.opened_by, *(held.holder for held in history.holdings)}
        found |= {piece.by for piece in history.pieces} | ({history.end.by} if history.end else set())
    return found
