"""One's own means of access: a new password, and the block that is always open (N-2.3a, N-2.3b, N-2.7a)."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any
from uuid import UUID

from pydantic import Field

from lme_operator.core.database import Database, Deadline
from lme_operator.domain.access import Access
from lme_operator.domain.access.refusals import CURRENT_WRONG, PASSWORD_UNFIT
from lme_operator.domain.audit import Log
from lme_operator.domain.credentials import pending_activation
from lme_operator.domain.credentials.refusals import TOO_MANY_TRIES
from lme_operator.entrypoints.console.own.entry import ENTER
from lme_operator.entrypoints.http.routes import Answer, Call, Idempotency
from lme_operator.entrypoints.pages.fields import EightDigits, PasswordField
from lme_operator.entrypoints.pages.form_pages import FormPage, Loaded
from lme_operator.entrypoints.pages.form_state import field_wrong
from lme_operator.entrypoints.pages.forms import Asks, FormModel
from lme_operator.entrypoints.pages.guards import PageGuards, Person
from lme_operator.entrypoints.pages.pages import PAGES, Page
from lme_operator.entrypoints.pages.screens import Screens

NewPassword = Annotated[str, Field(max_length=1024), Asks("Escriba la clave nueva.", secret=True)]
RepeatedPassword = Annotated[str, Field(max_length=1024), Asks("Repita la clave nueva.", secret=True)]


class NewPasswordForm(FormModel):
    """A new password, typed twice: nobody sees what is typed, and a slip would shut its owner out."""

    nueva: NewPassword
    repetida: RepeatedPassword

    def require_same(self) -> None:
        """Raise `Refusal(datos_invalidos)` unless both are the same."""
        if self.nueva != self.repetida:
            raise field_wrong("repetida", "Las dos claves nuevas no son iguales. Escríbalas de nuevo.")


class ChangeForm(NewPasswordForm):
    """The change of a password."""

    actual: PasswordField
    codigo_activacion: EightDigits | None = None


class BlockForm(FormModel):
    """No field: the button is all there is."""


@dataclass(frozen=True, slots=True)
class OwnAccessPages:
    """The pages of one's own means of access."""

    access: Access
    log: Log
    database: Database
    screens: Screens

    def pages(self, guards: PageGuards) -> tuple[Page[Any, Any], ...]:
        """Their routes."""
        change = FormPage(
            path=f"{PAGES}/clave",
            name="consola_clave",
            title="Cambiar la clave",
            template="clave.html",
            guard=guards.any_stage,
            input=ChangeForm,
            act=self._change,
            load=self._due,
            said_at={PASSWORD_UNFIT: "nueva", CURRENT_WRONG: "actual", TOO_MANY_TRIES: None},
            ends_session=True,
        )
        block = FormPage(
            path=f"{PAGES}/bloqueo",
            name="consola_bloqueo",
            title="Bloquear mi acceso",
            template="bloqueo.html",
            guard=guards.any_stage,
            input=BlockForm,
            act=self._block,
            idempotency=Idempotency.REQUIRED,
            priority=True,
            ends_session=True,
        )
        return (*change.pages(self.screens), *block.pages(self.screens))

    def _due(self, who: Person, _path: Mapping[str, UUID], deadline: Deadline) -> Loaded:
        """Whether it must be changed, whether its activation is asked for, and which keys an officer registered."""
        with self.database.reading(deadline=deadline) as connection:
            activation = pending_activation(connection, who.session.run) is not None
        owned = self.access.own_keys(session=who.session, deadline=deadline) if activation else ()
        return Loaded(
            {
                "due": who.session.stage != "plena",
                "activation": activation,
                "shown": [one.key for one in owned if one.before_entry],
            }
        )

    def _change(self, call: Call[Person, ChangeForm]) -> Answer:
        call.input.require_same()
        self.access.change_password(
            session=call.who.session,
            current=call.input.actual,
            new=call.input.nueva,
            activation=call.input.codigo_activacion,
            origin=call.origin,
            deadline=call.deadline,
        )
        return self._out("clave_cambiada")

    def _block(self, call: Call[Person, BlockForm]) -> Answer:
        """Block, and show the receipt at once: with the session over, no other page could show it."""
        block = self.access.block_self(
            session=call.who.session, origin=call.origin, deadline=call.deadline, idempotency=call.demanded_key
        )
        with self.database.after_commit(deadline=call.deadline, priority=True) as connection:
            receipt = self.log.receipt(connection, block.entry_id)
        browser = self.screens.browser
        return self.screens.show(
            None,
            "bloqueado.html",
            title="Su acceso está bloqueado",
            deadline=call.deadline,
            cookies=(browser.take_back(browser.session),),
            block=block,
            receipt=json.dumps(receipt, ensure_ascii=False, indent=1),
        )

    def _out(self, notice: str) -> Answer:
        browser = self.screens.browser
        return self.screens.go(ENTER, notice=notice, cookies=(browser.take_back(browser.session),))
