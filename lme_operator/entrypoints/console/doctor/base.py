"""What every page of licences is made with: the room, the screens, the addresses, and a draft as it is shown."""

from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any
from uuid import UUID

from lme_operator.core.canonical import encode
from lme_operator.core.database import Deadline
from lme_operator.core.idempotency import IdempotentRequest
from lme_operator.core.refusal import Refusal
from lme_operator.domain.issuance import Issuance, Reduced
from lme_operator.domain.issuance.refusals import MAY_NOT_DRAFT, MAY_NOT_ISSUE, MAY_NOT_READ
from lme_operator.entrypoints.http.people import scope_of
from lme_operator.entrypoints.http.routes import Answer
from lme_operator.entrypoints.pages.guards import Person
from lme_operator.entrypoints.pages.pages import PAGES
from lme_operator.entrypoints.pages.screens import Screens

LICENCES = f"{PAGES}/licencias"
DRAFT = f"{LICENCES}/borradores/{{id}}"
PREPARED = f"{LICENCES}/preparadas/{{id}}"
LICENCE = f"{LICENCES}/{{id}}"
PATIENT, LEAVE = "paciente", "reposo"
"""Screens 1 and 2, as their addresses end."""
WRITING = ("htmx-4.0.1.min.js", "licencia.js")
"""What the screens run: they save while one writes. Without it everything is there at the press of a button."""

REMEDIES: Mapping[str, tuple[str, str]] = {
    "clave_inicial": (f"{PAGES}/clave", "Cambiar mi clave"),
    "clave_vencida": (f"{PAGES}/clave", "Cambiar mi clave"),
    "sin_factor_de_firma": (f"{PAGES}/llaves/nueva", "Registrar una llave"),
}
"""Where a cause is cured, if that is in this console."""


def address(pattern: str, identifier: UUID, *further: str) -> str:
    """The address of one draft, preparation or licence."""
    return "/".join((pattern.replace("{id}", str(identifier)), *further))


def act_key(who: Person, act: str, content: Any) -> IdempotentRequest:  # noqa: ANN401 - JSON
    """The key of an act of a page: who, which act, and what it is about."""
    return IdempotentRequest.of(who=scope_of(who.session), route="consola", key=act, body=encode(content))


@dataclass(frozen=True, slots=True)
class LicencePagesBase:
    """What the pages of licences are made with."""

    issuance: Issuance
    screens: Screens

    def reduced(self, who: Person, told: Reduced, deadline: Deadline, *, issued: bool) -> Answer:
        """The page of who asks for what he did, and may not read it now: that it was done, and what stands against."""
        return self.screens.show(
            who,
            "licencia_reducida.html",
            title="La licencia ya se emitió" if issued else "La licencia ya se preparó",
            deadline=deadline,
            folio=told.folio,
            issued=issued,
            reasons=told.reasons,
            remedies=REMEDIES,
            licences=LICENCES,
        )

    def hindered(self, who: Person, refusal: Refusal, deadline: Deadline, *, draft: str | None) -> Answer:
        """The page of who may not issue: each cause with its cure. What was written is kept (`draft`, its address)."""
        if refusal.kind not in (MAY_NOT_ISSUE, MAY_NOT_DRAFT, MAY_NOT_READ):
            raise refusal
        return self.screens.show(
            who,
            "licencia_impedida.html",
            title="No puede emitir hoy",
            deadline=deadline,
            status=HTTPStatus(refusal.kind.status),
            reasons=refusal.findings,
            remedies=REMEDIES,
            draft=draft,
        )
