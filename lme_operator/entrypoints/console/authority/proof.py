"""The constancia of a suspension: that an order took effect in time and form (N-6c), its lifting, and both receipts."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from lme_operator.core.canonical import Json
from lme_operator.core.refusal import Refusal
from lme_operator.core.run import Run
from lme_operator.domain.professionals import PROFESSIONS
from lme_operator.domain.suspensions import Authority, Registered, Sheet, Suspension, Suspensions
from lme_operator.domain.suspensions.refusals import SUSPENSION_UNKNOWN
from lme_operator.entrypoints.console.doctor.downloads import download
from lme_operator.entrypoints.http.routes import Answer, Call
from lme_operator.entrypoints.pages.form_pages import SUBJECT
from lme_operator.entrypoints.pages.formats import day
from lme_operator.entrypoints.pages.guards import Mandated, PageGuards
from lme_operator.entrypoints.pages.pages import HTML, PAGES, Page
from lme_operator.entrypoints.pages.screens import Screens

_ONE = f"{PAGES}/autoridad/suspensiones/{{id}}"
_LIFTED = "levantada"
_STATES = {
    "por_comenzar": "Por comenzar", "vigente": "Vigente", "cumplida": "Cumplida", _LIFTED: "Levantada",
    "reemplazada": "Reemplazada",
}  # fmt: skip


def who_is(registered: Registered | None) -> str:
    """Name and profession, for whoever must not mistake one person for another."""
    if registered is None:
        return "No está enrolado en este operador"
    return f"{registered.name}, {PROFESSIONS[registered.kind].lower()}"


def what_it_forbids(first: date, last: date | None) -> str:
    """What a suspension forbids, as it is confirmed."""
    return f"{_days(first, last)} no podrá emitir ni enrolarse."


@dataclass(frozen=True, slots=True)
class AuthorityProof:
    """The page, and each receipt as a file."""

    suspensions: Suspensions
    screens: Screens

    def pages(self, guards: PageGuards) -> tuple[Page[Any, Any], ...]:
        """Their routes."""
        return (
            self._page(guards, "", "suspension", HTML, self._show),
            self._page(guards, "/recibo.json", "recibo", "application/json", self._receipt),
            self._page(guards, "/levantamiento/recibo.json", "recibo_levantamiento", "application/json", self._lifted),
        )

    def _page(
        self, guards: PageGuards, end: str, name: str, answer: str, handle: Callable[[Call[Mandated, None]], Answer]
    ) -> Page[Mandated, None]:
        return Page(
            method="GET",
            path=f"{_ONE}{end}",
            name=f"consola_autoridad_{name}",
            summary="La constancia de una suspensión propia, o el recibo que la prueba.",
            subject=SUBJECT,
            guard=guards.authority,
            handle=handle,
            answer=answer,
        )

    def _show(self, call: Call[Mandated, None]) -> Answer:
        sheet = self._sheet(call)
        suspension, lifting = sheet.suspension, sheet.lifting
        over, state = suspension.over(sheet.at), suspension.state(sheet.at)
        return self.screens.show(
            call.who,
            "autoridad_constancia.html",
            title="Suspensión levantada" if state == _LIFTED else "Constancia de la suspensión",
            deadline=call.deadline,
            suspension=suspension,
            lifting=lifting,
            identity=who_is(sheet.registered),
            grounds=sheet.grounds,
            sentence=_what_it_did(suspension, state) if over else _forbidden(suspension),
            state=_STATES[state],
            over=over,
            may_lift=not (over or suspension.signed or suspension.run == call.who.session.run),
            proof_of_order=_proof(sheet.ordered_by),
            proof_of_lifting=None if lifting is None else _proof(lifting.ordered_by),
            receipt=_text(sheet.receipt),
            lifting_receipt=None if lifting is None else _text(lifting.receipt),
        )

    def _receipt(self, call: Call[Mandated, None]) -> Answer:
        return _file(self._sheet(call).receipt, f"recibo-{call.path['id'].hex[-12:]}.json")

    def _lifted(self, call: Call[Mandated, None]) -> Answer:
        lifting = self._sheet(call).lifting
        if lifting is None:
            raise Refusal(SUSPENSION_UNKNOWN)
        return _file(lifting.receipt, f"recibo-levantamiento-{call.path['id'].hex[-12:]}.json")

    def _sheet(self, call: Call[Mandated, None]) -> Sheet:
        authority = Authority.by_mandate(call.who.mandate)
        return self.suspensions.sheet(call.path["id"], authority=authority, deadline=call.deadline)


def _forbidden(suspension: Suspension) -> str:
    return what_it_forbids(suspension.first_day, suspension.last_day)


def _what_it_did(suspension: Suspension, state: str) -> str:
    """What it forbade, once nothing of it is left."""
    window = suspension.window
    if window is None:
        return "Nunca rigió: no impidió emitir ni enrolarse."
    if state == _LIFTED and suspension.lifted_from is not None:
        until = f"hasta que se levantó, el {day(suspension.lifted_from)},"
    elif suspension.corrected_at is not None:
        until = f"hasta que se reemplazó, el {day(suspension.corrected_at)},"
    else:
        return f"{_days(window.start, suspension.last_day)} no pudo emitir ni enrolarse."
    return f"Desde el {day(window.start)} {until} no pudo emitir ni enrolarse."


def _days(first: date | datetime, last: date | None) -> str:
    until = "y sin término" if last is None else f"hasta el {day(last)} inclusive"
    return f"Desde el {day(first)} {until}"


def _proof(ordered_by: Run | None) -> str:
    if ordered_by is None:
        return "Mensaje firmado por la llave de la autoridad"
    return f"Declarada por el operador: se confirmó en esta consola por el RUN {ordered_by.display}, con su código"


def _text(receipt: Json) -> str:
    return json.dumps(receipt, ensure_ascii=False, indent=1)


def _file(receipt: Json, name: str) -> Answer:
    return download(_text(receipt).encode(), media="application/json", name=name)
