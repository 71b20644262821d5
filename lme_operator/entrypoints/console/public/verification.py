"""The page where anybody verifies a licence: by the folio and the code on its paper, or by its QR code.

It looks and counts, and does nothing else; what it shows is what the paper says, less the diagnosis and whose it is,
and what the licence is today.
"""

import re
import unicodedata
from dataclasses import dataclass, replace
from http import HTTPStatus
from typing import Annotated, Any

from pydantic import BeforeValidator

from lme_operator.core.database import Deadline
from lme_operator.core.refusal import Refusal
from lme_operator.core.run import InvalidRun, Run
from lme_operator.domain.issuance import TOO_MANY_VERIFICATIONS, Issuance, Verified, read_code
from lme_operator.domain.issuance.printing import VERIFY
from lme_operator.domain.professionals import PROFESSIONS
from lme_operator.entrypoints.console.doctor.words import KINDS_OF_STATE
from lme_operator.entrypoints.http.logs import log_outcome
from lme_operator.entrypoints.http.routes import Answer, Call
from lme_operator.entrypoints.http.types import refuse
from lme_operator.entrypoints.http.verification_code import VerificationCode
from lme_operator.entrypoints.pages.form_pages import FormPage
from lme_operator.entrypoints.pages.form_state import FieldError, FormState
from lme_operator.entrypoints.pages.formats import waiting
from lme_operator.entrypoints.pages.forms import Asks, FormModel
from lme_operator.entrypoints.pages.guards import PageGuards, Visitor
from lme_operator.entrypoints.pages.pages import HTML, Page
from lme_operator.entrypoints.pages.screens import Screens

_TITLE = "Verificar una licencia"
_BLANKS = re.compile(r"[\s\-‐‑–—]+")
_FOLIO = re.compile(r"(?:N[°Oo]? ?)?(?:3 )?(?P<number>[0-9.]{1,10}) ?(?P<digit>[0-9K])", re.ASCII)


def _folio(text: object) -> Run:
    """A folio as it is printed or as people write it: `N° 3 1181597-9`, `1181597-9`, `1.181.597-9`."""
    found = _FOLIO.fullmatch(_BLANKS.sub(" ", unicodedata.normalize("NFKC", str(text))).strip().upper())
    try:
        if found is not None:
            return Run.parse(f"{found['number'].replace('.', '').lstrip('0')}-{found['digit']}")
    except InvalidRun:
        pass
    raise refuse("run_digito_invalido", "El folio no es válido.", "Revise los números y el dígito que sigue al guion.")


class VerificationForm(FormModel):
    """What is printed on the licence."""

    folio: Annotated[Run, BeforeValidator(_folio), Asks("Escriba el folio.")]
    codigo: Annotated[VerificationCode, Asks("Escriba el código de verificación.")]


@dataclass(frozen=True, slots=True)
class VerificationPages:
    """The form, and what comes of it or of a QR code."""

    issuance: Issuance
    screens: Screens

    def pages(self, guards: PageGuards) -> tuple[Page[Any, Any], ...]:
        """Their routes."""
        form = FormPage(
            path=VERIFY,
            name="verificar",
            title=_TITLE,
            template="verificar.html",
            guard=guards.visitor,
            input=VerificationForm,
            act=self._ask,
            said_at={TOO_MANY_VERIFICATIONS: None},
        )
        scanned: Page[Visitor, None] = Page(
            method="GET",
            path=f"{VERIFY}/{{codigo}}",
            name="verificar_codigo",
            summary="Si es auténtica la licencia del código QR.",
            subject="Verificación",
            guard=guards.visitor,
            handle=self._scanned,
            answer=HTML,
        )
        return (*form.pages(self.screens), scanned)

    def _ask(self, call: Call[Visitor, VerificationForm]) -> Answer:
        form = call.input
        try:
            verified = self.issuance.verify(
                code=form.codigo, folio=form.folio, origin=call.origin, deadline=call.deadline
            )
        except Refusal as refusal:
            if refusal.kind is not TOO_MANY_VERIFICATIONS:
                raise
            said = replace(refusal.kind.finding(), remedy=f"{_wait(refusal)} También puede leer el código QR.")
            raise Refusal(refusal.kind, findings=(said,), retry_after=refusal.retry_after) from refusal
        typed = FormState({"folio": (str(form.folio),), "codigo": (form.codigo,)})
        return self._show(call.who, verified, typed, call.deadline)

    def _scanned(self, call: Call[Visitor, None]) -> Answer:
        """What has not even the form of a code is answered as a wrong one."""
        code = read_code(str(call.path["codigo"]))
        try:
            verified = (
                None
                if code is None
                else self.issuance.verify(code=code, folio=None, origin=call.origin, deadline=call.deadline)
            )
        except Refusal as refusal:
            if refusal.kind is not TOO_MANY_VERIFICATIONS:
                raise
            return self._held(call, refusal)
        return self._show(call.who, verified, FormState(), call.deadline, scanned=True)

    def _held(self, call: Call[Visitor, None], refusal: Refusal) -> Answer:
        """The form of the paper, and how long to wait: an address that is looked at has no form of its own to mend."""
        log_outcome(refusal.kind.code, reasons=[])
        words = f"{refusal.kind.words} {_wait(refusal)}"
        shown = self.screens.show(
            call.who,
            "verificar.html",
            title=_TITLE,
            deadline=call.deadline,
            form=FormState(errors=(FieldError(None, words),)),
            status=HTTPStatus(refusal.kind.status),
        )
        return replace(shown, headers={**shown.headers, "Retry-After": str(refusal.retry_after or 1)})

    def _show(
        self, who: Visitor, verified: Verified | None, typed: FormState, deadline: Deadline, *, scanned: bool = False
    ) -> Answer:
        if verified is None:
            return self.screens.show(
                who,
                "verificar_sin_resultado.html",
                title="No encontramos esa licencia",
                deadline=deadline,
                form=typed,
                scanned=scanned,
                status=HTTPStatus.NOT_FOUND,
            )
        return self.screens.show(
            who,
            "verificar_resultado.html",
            title="Licencia auténtica",
            deadline=deadline,
            licence=verified,
            kind=KINDS_OF_STATE[verified.state.code],
            profession=PROFESSIONS[verified.profession],
        )


def _wait(refusal: Refusal) -> str:
    return f"Espere {waiting(refusal.retry_after or 1)}."
