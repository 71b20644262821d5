"""Entering with two factors, and leaving."""

from dataclasses import dataclass
from typing import Annotated, Any, Literal

from lme_operator.domain.access import WRONG_CREDENTIALS, Access, PasswordChangeDue, TotpCode
from lme_operator.domain.access.entry import ACCESS_CHANGED
from lme_operator.domain.credentials.throttle import TOO_MANY_CODES, TOO_MANY_TRIES
from lme_operator.domain.credentials.totp import NO_TOTP, OLD_CODE, USED_CODE, WRONG_CODE
from lme_operator.domain.professionals import PracticeContext
from lme_operator.entrypoints.common.forms import Asks, FormModel
from lme_operator.entrypoints.common.pages import HTML, PAGES, Page
from lme_operator.entrypoints.common.routes import Answer, Call
from lme_operator.entrypoints.common.visitors import PageGuards, Person, Visitor
from lme_operator.entrypoints.console.fields import PasswordField, RunField, RutField, SixDigits
from lme_operator.entrypoints.console.form_pages import SUBJECT, FormPage
from lme_operator.entrypoints.console.form_state import field_wrong
from lme_operator.entrypoints.console.screens import Screens

ENTER, START = f"{PAGES}/entrar", PAGES
WRONG_CODES = dict.fromkeys((WRONG_CODE, USED_CODE, OLD_CODE, NO_TOTP, TOO_MANY_CODES), "codigo")
"""What is said beside the field of a code."""


class EntryForm(FormModel):
    """Who enters, with what, and in which context."""

    run: RunField
    clave: PasswordField
    codigo: SixDigits
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


@dataclass(frozen=True, slots=True)
class EntryPages:
    """The pages of entering and leaving."""

    access: Access
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
            said_at={WRONG_CREDENTIALS: "clave", TOO_MANY_TRIES: None, ACCESS_CHANGED: None, **WRONG_CODES},
            asks_outside=True,
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
        return (*enter.pages(self.screens), leave)

    def _enter(self, call: Call[Visitor, EntryForm]) -> Answer:
        """Enter; with a password that must be changed, the only way leads there."""
        form, browser = call.input, self.screens.browser
        try:
            entered = self.access.enter(
                run=form.run,
                password=form.clave,
                second_factor=TotpCode(form.codigo),
                context=form.context(),
                origin=call.origin,
                deadline=call.deadline,
            )
            place = START
        except PasswordChangeDue as due:
            entered, place = due.entered, f"{PAGES}/clave"
        cookies = (browser.give(browser.session, entered.token), browser.take_back(browser.visit))
        return self.screens.go(place, cookies=cookies)

    def _leave(self, call: Call[Person, None]) -> Answer:
        browser = self.screens.browser
        self.access.leave(session=call.who.session, origin=call.origin, deadline=call.deadline)
        return self.screens.go(ENTER, notice="salio", cookies=(browser.take_back(browser.session),))
