"""A forgotten password: a code to each contact, the own application, a new one (acceso@v2#olvido).

Who asks learns nothing. Between the two steps the browser keeps who asked in a sealed cookie of few minutes: no RUN in
an address, none asked for twice, and nothing on our side that tells whether the person exists.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from flask import request

from lme_operator.core.canonical import NotCanonical, from_base64url, to_base64url
from lme_operator.core.database import Deadline
from lme_operator.core.refusal import Refusal, refusal
from lme_operator.core.run import Run
from lme_operator.core.sealing import SealBroken, Sealer
from lme_operator.domain.access import RECOVERY_REFUSED, Access, SentCodes
from lme_operator.domain.access.refusals import PASSWORD_UNFIT
from lme_operator.domain.credentials.refusals import TOO_MANY_TRIES
from lme_operator.entrypoints.console.own.access import NewPasswordForm
from lme_operator.entrypoints.console.own.entry import ENTER
from lme_operator.entrypoints.http.routes import Answer, Call
from lme_operator.entrypoints.pages.fields import RunField, SixDigits
from lme_operator.entrypoints.pages.form_pages import FormPage, Loaded
from lme_operator.entrypoints.pages.forms import FormModel
from lme_operator.entrypoints.pages.guards import PageGuards, Visitor
from lme_operator.entrypoints.pages.pages import PAGES, Page
from lme_operator.entrypoints.pages.screens import Screens

_ASK, _ANSWER = f"{PAGES}/olvido", f"{PAGES}/olvido/clave"
_COOKIE, _WHERE = "lme-olvido", "consola.olvido"
_SECONDS = 30 * 60

RECOVERY_NOT_BEGUN = refusal(
    code="recuperacion_no_iniciada",
    status=403,
    citation="acceso@v2#olvido",
    words="Este navegador no tiene una recuperación de clave en curso, o pasó demasiado tiempo.",
    remedy="Comience de nuevo en «¿Olvidó su clave?».",
)


class AskForm(FormModel):
    """Whose password was forgotten."""

    run: RunField


class AnswerForm(NewPasswordForm):
    """Every proof and the new password; who has no telephone on record leaves its code blank."""

    codigo_correo: SixDigits
    codigo_telefono: SixDigits | None = None
    codigo: SixDigits


@dataclass(frozen=True, slots=True)
class _Begun:
    run: Run
    attempt: UUID


@dataclass(frozen=True, slots=True)
class RecoveryPages:
    """The two pages of a forgotten password."""

    access: Access
    sealer: Sealer
    screens: Screens

    def pages(self, guards: PageGuards) -> tuple[Page[Any, Any], ...]:
        """Their routes."""
        ask = FormPage(
            path=_ASK,
            name="consola_olvido",
            title="¿Olvidó su clave?",
            template="olvido.html",
            guard=guards.visitor,
            input=AskForm,
            act=self._ask,
            said_at={TOO_MANY_TRIES: None},
        )
        answer = FormPage(
            path=_ANSWER,
            name="consola_olvido_clave",
            title="Elija una clave nueva",
            template="olvido_clave.html",
            guard=guards.visitor,
            input=AnswerForm,
            act=self._answer,
            load=self._require_begun,
            said_at={RECOVERY_REFUSED: None, PASSWORD_UNFIT: "nueva", TOO_MANY_TRIES: None},
        )
        return (*ask.pages(self.screens), *answer.pages(self.screens))

    def _ask(self, call: Call[Visitor, AskForm]) -> Answer:
        begun = self.access.begin_recovery(run=call.input.run, origin=call.origin, deadline=call.deadline)
        sealed = self.sealer.seal(f"{call.input.run} {begun.attempt}".encode(), where=_WHERE)
        browser = self.screens.browser
        cookie = browser.give(browser.name(_COOKIE), to_base64url(sealed), seconds=_SECONDS)
        return self.screens.go(_ANSWER, notice="codigo_pedido", cookies=(cookie,))

    def _answer(self, call: Call[Visitor, AnswerForm]) -> Answer:
        begun, form, browser = self._begun(), call.input, self.screens.browser
        form.require_same()
        self.access.recover(
            run=begun.run,
            attempt=begun.attempt,
            sent=SentCodes(form.codigo_correo, form.codigo_telefono or ""),
            code=form.codigo,
            new=form.nueva,
            origin=call.origin,
            deadline=call.deadline,
        )
        cookies = (browser.take_back(browser.name(_COOKIE)),)
        return self.screens.go(ENTER, notice="clave_recuperada", cookies=cookies)

    def _require_begun(self, _who: Visitor, _path: Mapping[str, UUID], _deadline: Deadline) -> Loaded:
        self._begun()
        return Loaded()

    def _begun(self) -> _Begun:
        """Return the attempt that this browser began; raise `Refusal(recuperacion_no_iniciada)`."""
        kept = request.cookies.get(self.screens.browser.name(_COOKIE), "")
        try:
            run, _, attempt = self.sealer.open(from_base64url(kept), where=_WHERE).decode().partition(" ")
        except (SealBroken, NotCanonical) as error:
            raise Refusal(RECOVERY_NOT_BEGUN) from error
        return _Begun(Run.parse(run), UUID(attempt))
