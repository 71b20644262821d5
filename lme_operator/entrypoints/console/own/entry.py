"""Entering with two factors, and leaving.

The second factor is a code, in the one form, or a security key on a page of its own, once the password was proved.
Between both the browser keeps who enters in a sealed cookie of few minutes; the challenge itself is half an entry.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Literal
from uuid import UUID

from flask import request
from pydantic import AfterValidator, Field, ValidationInfo

from lme_operator.core.canonical import NotCanonical, from_base64url, to_base64url
from lme_operator.core.database import Deadline
from lme_operator.core.refusal import Refusal, refusal
from lme_operator.core.run import Run
from lme_operator.core.sealing import SealBroken, Sealer
from lme_operator.domain.access import WRONG_CREDENTIALS, Access, Entered, KeyAnswer, PasswordChangeDue, TotpCode
from lme_operator.domain.access.refusals import ACCESS_CHANGED
from lme_operator.domain.credentials.challenges import CHALLENGE_LIVES
from lme_operator.domain.credentials.refusals import (
    CHALLENGE_OVER,
    KEY_COUNTER,
    KEY_REFUSED,
    NO_ENTRY_KEY,
    NO_TOTP,
    OLD_CODE,
    TOO_MANY_CODES,
    TOO_MANY_TRIES,
    USED_CODE,
    WRONG_CODE,
)
from lme_operator.domain.professionals import PracticeContext
from lme_operator.entrypoints.http.routes import Answer, Call
from lme_operator.entrypoints.http.types import refuse
from lme_operator.entrypoints.pages.fields import (
    KEY_SCRIPTS,
    CredentialField,
    PasswordField,
    RunField,
    RutField,
    SixDigits,
)
from lme_operator.entrypoints.pages.form_pages import SUBJECT, FormPage, Loaded
from lme_operator.entrypoints.pages.form_state import field_wrong
from lme_operator.entrypoints.pages.forms import Asks, FormModel
from lme_operator.entrypoints.pages.guards import PageGuards, Person, Visitor
from lme_operator.entrypoints.pages.pages import HTML, PAGES, Page
from lme_operator.entrypoints.pages.screens import Screens

ENTER, ENTER_BY_KEY, START = f"{PAGES}/entrar", f"{PAGES}/entrar/llave", PAGES
WRONG_CODES = dict.fromkeys((WRONG_CODE, USED_CODE, OLD_CODE, NO_TOTP, TOO_MANY_CODES), "codigo")
"""What is said beside the field of a code."""
WRONG_KEY = {KEY_REFUSED: None, KEY_COUNTER: None, TOO_MANY_CODES: None}
"""What is said where a key answers."""
_COOKIE, _WHERE = "lme-llave", "consola.entrada"

KEY_ENTRY_NOT_BEGUN = refusal(
    code="entrada_no_iniciada",
    status=403,
    citation="N-2.6a",
    words="Este navegador no tiene una entrada con llave en curso, o pasó demasiado tiempo.",
    remedy="Comience de nuevo en «Entrar».",
)


def _unless_key(code: str | None, info: ValidationInfo) -> str | None:
    """The code is asked for where no key is to answer in its place."""
    if code is None and info.data.get("con") != "llave":
        raise refuse("campo_faltante", "Escriba el código de 6 dígitos.", "")
    return code


CodeUnlessKey = Annotated[SixDigits | None, Field(validate_default=True), AfterValidator(_unless_key)]
"""Of a form whose `con` says with what the person proves who he is."""
WithWhat = Literal["codigo", "llave"]
"""Which button was pressed: the code that was typed, or a key, which answers next."""


class EntryForm(FormModel):
    """Who enters, with what, and in which context."""

    run: RunField
    clave: PasswordField
    con: WithWhat = "codigo"
    codigo: CodeUnlessKey = None
    contexto: Annotated[Literal["operador", "individual", "institucion"], Asks("Elija cómo va a actuar.")]
    rut: RutField | None = None

    def context(self) -> PracticeContext:
        """As the rooms know it; raise `Refusal(datos_invalidos)` for an institution without its RUT."""
        if self.contexto == "operador":
            return PracticeContext(operator=True)
        if self.contexto == "individual":
            return PracticeContext()
        if self.rut is None:
            raise field_wrong("rut", "Escriba el RUT de la institución.")
        return PracticeContext(self.rut)


class KeyForm(FormModel):
    """What a key answered."""

    credencial: CredentialField


@dataclass(frozen=True, slots=True)
class _Begun:
    """An entry whose password was proved."""

    run: Run
    attempt: UUID
    context: PracticeContext


@dataclass(frozen=True, slots=True)
class EntryPages:
    """The pages of entering and leaving."""

    access: Access
    sealer: Sealer
    screens: Screens

    def pages(self, guards: PageGuards) -> tuple[Page[Any, Any], ...]:
        """Their routes."""
        enter = FormPage(
            path=ENTER,
            name="consola_entrar",
            title="Entrar",
            template="entrar.html",
            guard=guards.visitor,
            input=EntryForm,
            act=self._enter,
            said_at={
                WRONG_CREDENTIALS: "clave",
                TOO_MANY_TRIES: None,
                ACCESS_CHANGED: None,
                NO_ENTRY_KEY: "codigo",
                **WRONG_CODES,
            },
            asks_outside=True,
        )
        by_key = FormPage(
            path=ENTER_BY_KEY,
            name="consola_entrar_llave",
            title="Entrar con su llave",
            template="entrar_llave.html",
            guard=guards.visitor,
            input=KeyForm,
            act=self._enter_by_key,
            load=self._load_key,
            said_at={**WRONG_KEY, CHALLENGE_OVER: None},
            asks_outside=True,
            scripts=KEY_SCRIPTS,
        )
        leave: Page[Person, None] = Page(
            method="POST",
            path=f"{PAGES}/salir",
            name="consola_salir",
            summary="Termina la sesión.",
            subject=SUBJECT,
            guard=guards.any_stage,
            handle=self._leave,
            answer=HTML,
            ends_session=True,
        )
        return (*enter.pages(self.screens), *by_key.pages(self.screens), leave)

    def _enter(self, call: Call[Visitor, EntryForm]) -> Answer:
        """Enter with a code; who chose the key goes on with it."""
        form = call.input
        context = form.context()
        if form.codigo is None or form.con == "llave":
            return self._begin_by_key(call, context)
        try:
            entered = self.access.enter(
                run=form.run,
                password=form.clave,
                second_factor=TotpCode(form.codigo),
                context=context,
                origin=call.origin,
                deadline=call.deadline,
            )
        except PasswordChangeDue as due:
            return self._inside(due.entered, due=True)
        return self._inside(entered)

    def _begin_by_key(self, call: Call[Visitor, EntryForm], context: PracticeContext) -> Answer:
        """Prove the password; the challenge waits on the next page."""
        form, browser = call.input, self.screens.browser
        given = self.access.key_entry_options(
            run=form.run, password=form.clave, origin=call.origin, deadline=call.deadline
        )
        sealed = self.sealer.seal(json.dumps([str(form.run), str(given.attempt), context.code]).encode(), where=_WHERE)
        seconds = int(CHALLENGE_LIVES.total_seconds())
        cookie = browser.give(browser.name(_COOKIE), to_base64url(sealed), seconds=seconds)
        return self.screens.go(ENTER_BY_KEY, cookies=(cookie,))

    def _load_key(self, _who: Visitor, _path: Mapping[str, UUID], deadline: Deadline) -> Loaded:
        """The challenge of this browser's half entry."""
        begun = self._begun()
        try:
            given = self.access.find_key_entry(run=begun.run, attempt=begun.attempt, deadline=deadline)
        except Refusal as over:
            raise Refusal(KEY_ENTRY_NOT_BEGUN) from over
        return Loaded({"options": given.options})

    def _enter_by_key(self, call: Call[Visitor, KeyForm]) -> Answer:
        begun = self._begun()
        try:
            entered = self.access.enter_by_key(
                run=begun.run,
                answer=KeyAnswer(begun.attempt, call.input.credencial),
                context=begun.context,
                origin=call.origin,
                deadline=call.deadline,
            )
        except PasswordChangeDue as due:
            return self._inside(due.entered, due=True)
        return self._inside(entered)

    def _inside(self, entered: Entered, *, due: bool = False) -> Answer:
        """Give the session; with a password that must be changed, the only way leads there."""
        browser = self.screens.browser
        over = (browser.take_back(name) for name in (browser.visit, browser.name(_COOKIE)))
        cookies = (browser.give(browser.session, entered.token), *over)
        return self.screens.go(f"{PAGES}/clave" if due else START, cookies=cookies)

    def _begun(self) -> _Begun:
        """Return the entry that this browser began; raise `Refusal(entrada_no_iniciada)`."""
        kept = request.cookies.get(self.screens.browser.name(_COOKIE), "")
        try:
            run, attempt, context = json.loads(self.sealer.open(from_base64url(kept), where=_WHERE))
        except (SealBroken, NotCanonical) as error:
            raise Refusal(KEY_ENTRY_NOT_BEGUN) from error
        return _Begun(Run.parse(run), UUID(attempt), PracticeContext.parse(context))

    def _leave(self, call: Call[Person, None]) -> Answer:
        browser = self.screens.browser
        self.access.leave(session=call.who.session, origin=call.origin, deadline=call.deadline)
        return self.screens.go(ENTER, notice="salio", cookies=(browser.take_back(browser.session),))
