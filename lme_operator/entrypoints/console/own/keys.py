"""One's own security keys: the list with the proofs to keep, registering, retiring one that was lost (acceso@v2#llave).

An act on keys takes a fresh factor: a code, or a key of entry, which then answers on a page in between.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Annotated, Any, Literal
from uuid import UUID

from lme_operator.core.canonical import Json
from lme_operator.core.database import Deadline
from lme_operator.core.refusal import Refusal, refusal
from lme_operator.domain.access import Access, KeyAnswer, SecondFactor, TotpCode, adding, retiring
from lme_operator.domain.access.key_proofs import KeyAct
from lme_operator.domain.credentials.keys import KeyPurpose
from lme_operator.domain.credentials.refusals import (
    CHALLENGE_OVER,
    KEY_KNOWN,
    KEY_UNKNOWN,
    LAST_ENTRY_FACTOR,
    NO_ENTRY_KEY,
)
from lme_operator.entrypoints.console.doctor.downloads import download
from lme_operator.entrypoints.console.own.entry import ENTER, WRONG_CODES, WRONG_KEY, CodeUnlessKey, WithWhat
from lme_operator.entrypoints.http.routes import Answer, Call
from lme_operator.entrypoints.pages.fields import KEY_SCRIPTS, CredentialField, CredentialsField
from lme_operator.entrypoints.pages.form_pages import SUBJECT, FormPage, Loaded
from lme_operator.entrypoints.pages.form_state import field_wrong
from lme_operator.entrypoints.pages.forms import Asks, FormModel
from lme_operator.entrypoints.pages.guards import PageGuards, Person
from lme_operator.entrypoints.pages.pages import HTML, PAGES, Page
from lme_operator.entrypoints.pages.screens import Screens

KEYS = f"{PAGES}/llaves"
_NEW, _REGISTER = f"{KEYS}/nueva", f"{KEYS}/registrar"

_PURPOSES: Mapping[str, tuple[KeyPurpose, ...]] = {
    "ambas": ("entrada", "firma"),
    "entrar": ("entrada",),
    "firmar": ("firma",),
}

KEYS_NOT_BEGUN = refusal(
    code="registro_no_iniciado",
    status=403,
    citation="acceso@v2#llave",
    words="No hay una llave por registrar en esta sesión, o pasó demasiado tiempo.",
    remedy="Comience de nuevo en «Agregar una llave».",
)


class OwnKeyForm(FormModel):
    """What a key answered to its challenge; nothing at first."""

    intento: UUID | None = None
    credencial: CredentialField | None = None


class FactorForm(OwnKeyForm):
    """A fresh factor: the code; or, when a key is to answer, first nothing and then its answer."""

    con: WithWhat = "codigo"
    codigo: CodeUnlessKey = None

    def factor(self) -> SecondFactor | None:
        """What was given; None while the key has yet to answer."""
        if self.codigo is not None and self.con == "codigo":
            return TotpCode(self.codigo)
        if self.intento is None or self.credencial is None:
            return None
        return KeyAnswer(self.intento, self.credencial)


class NewKeysForm(FactorForm):
    """What the keys are for."""

    para: Annotated[Literal["ambas", "entrar", "firmar"], Asks("Elija para qué usará la llave.")]


class AnswersForm(FormModel):
    """What the authenticator answered to each challenge."""

    intento: tuple[UUID, ...] = ()
    credencial: CredentialsField

    def answers(self) -> tuple[tuple[UUID, Json], ...]:
        """Each challenge with its answer; raise `Refusal(datos_invalidos)` unless every one has its own."""
        if not self.intento or len(self.intento) != len(self.credencial):
            raise field_wrong("credencial", "Falta la respuesta de la llave de seguridad. Inténtelo de nuevo.")
        return tuple(zip(self.intento, self.credencial, strict=True))


@dataclass(frozen=True, slots=True)
class KeyPages:
    """The pages of one's own keys."""

    access: Access
    screens: Screens

    def pages(self, guards: PageGuards) -> tuple[Page[Any, Any], ...]:
        """Their routes."""
        listed: Page[Person, None] = Page(
            method="GET",
            path=KEYS,
            name="consola_llaves",
            summary="Sus llaves de seguridad.",
            subject=SUBJECT,
            guard=guards.console,
            handle=self._list,
            answer=HTML,
        )
        new = FormPage(
            path=_NEW,
            name="consola_llaves_nueva",
            title="Agregar una llave",
            template="llaves_nueva.html",
            guard=guards.console,
            input=NewKeysForm,
            act=self._begin,
            load=self._load_new,
            said_at=_SAID,
        )
        register = FormPage(
            path=_REGISTER,
            name="consola_llaves_registrar",
            title="Registrar la llave",
            template="llaves_registrar.html",
            guard=guards.console,
            input=AnswersForm,
            act=self._register,
            load=self._load_begun,
            said_at={**WRONG_KEY, KEY_KNOWN: None, CHALLENGE_OVER: None},
            ends_session=True,
            scripts=KEY_SCRIPTS,
        )
        retire = FormPage(
            path=f"{KEYS}/{{id}}/retirar",
            name="consola_llaves_retirar",
            title="Retirar una llave",
            template="llaves_retirar.html",
            guard=guards.console,
            input=FactorForm,
            act=self._retire,
            load=self._load_one,
            said_at={**_SAID, LAST_ENTRY_FACTOR: None},
        )
        forms = (page for form in (new, register, retire) for page in form.pages(self.screens))
        proofs = (self._proof(guards, "registro", ""), self._proof(guards, "retiro", "/retiro"))
        return (listed, *proofs, *forms)

    def _proof(self, guards: PageGuards, act: KeyAct, end: str) -> Page[Person, None]:
        """The receipt of an act on an own key, as a file to keep."""
        return Page(
            method="GET",
            path=f"{KEYS}/{{id}}{end}/comprobante.json",
            name=f"consola_llaves_comprobante_{act}",
            summary="La prueba del registro de una llave propia, o de su retiro.",
            subject=SUBJECT,
            guard=guards.console,
            handle=partial(self._take_proof, act),
            answer="application/json",
        )

    def _take_proof(self, act: KeyAct, call: Call[Person, None]) -> Answer:
        key_id = call.path["id"]
        proof = self.access.key_proof(session=call.who.session, key_id=key_id, act=act, deadline=call.deadline)
        of = "llave" if act == "registro" else "llave-retirada"
        return download(proof, media="application/json", name=f"comprobante-{of}-{key_id.hex[-12:]}.json")

    def _list(self, call: Call[Person, None]) -> Answer:
        listed = self.access.listed_keys(session=call.who.session, deadline=call.deadline)
        state = self.access.state(session=call.who.session, deadline=call.deadline)
        return self.screens.show(
            call.who,
            "llaves.html",
            title="Llaves de seguridad",
            deadline=call.deadline,
            serving=[one for one in listed if one.own.retired_at is None],
            retired=[one for one in listed if one.own.retired_at is not None],
            totp=state.totp,
        )

    def _load_new(self, who: Person, _path: Mapping[str, UUID], deadline: Deadline) -> Loaded:
        self.access.demand_keeping(session=who.session, deadline=deadline)
        return Loaded(self._factors(who, deadline), {"para": ("ambas",)})

    def _begin(self, call: Call[Person, NewKeysForm]) -> Answer:
        """Take the fresh factor, and go where the new key is shown."""
        factor = call.input.factor()
        if factor is None:
            return self._ask_key(
                call, "Agregar una llave", act=adding(_PURPOSES[call.input.para]), para=call.input.para
            )
        self.access.begin_keys(
            session=call.who.session,
            purposes=_PURPOSES[call.input.para],
            factor=factor,
            origin=call.origin,
            deadline=call.deadline,
        )
        return self.screens.go(_REGISTER)

    def _load_begun(self, who: Person, _path: Mapping[str, UUID], deadline: Deadline) -> Loaded:
        self.access.demand_keeping(session=who.session, deadline=deadline)
        begun = self.access.begun_keys(session=who.session, deadline=deadline)
        if not begun:
            raise Refusal(KEYS_NOT_BEGUN)
        return Loaded({"options": [one.options for one in begun], "attempts": [one.attempt for one in begun]})

    def _register(self, call: Call[Person, AnswersForm]) -> Answer:
        """Register every key at once; every session is over with it."""
        browser = self.screens.browser
        self.access.register_keys(
            session=call.who.session, answers=call.input.answers(), origin=call.origin, deadline=call.deadline
        )
        return self.screens.go(ENTER, notice="llaves_registradas", cookies=(browser.take_back(browser.session),))

    def _load_one(self, who: Person, path: Mapping[str, UUID], deadline: Deadline) -> Loaded:
        self.access.demand_keeping(session=who.session, deadline=deadline)
        owned = self.access.own_keys(session=who.session, deadline=deadline)
        found = [one for one in owned if one.key.id == path["id"] and one.retired_at is None]
        if not found:
            raise Refusal(KEY_UNKNOWN)
        return Loaded({"owned": found[0], **self._factors(who, deadline)})

    def _retire(self, call: Call[Person, FactorForm]) -> Answer:
        factor = call.input.factor()
        if factor is None:
            return self._ask_key(call, "Retirar una llave", act=retiring(call.path["id"]))
        self.access.retire_key(
            session=call.who.session,
            key_id=call.path["id"],
            factor=factor,
            origin=call.origin,
            deadline=call.deadline,
        )
        return self.screens.go(KEYS, notice="llave_retirada")

    def _factors(self, who: Person, deadline: Deadline) -> dict[str, bool]:
        """With what the person may prove anew who he is."""
        state = self.access.state(session=who.session, deadline=deadline)
        return {"totp": state.totp, "by_key": any(key.purpose == "entrada" for key in state.keys)}

    def _ask_key(self, call: Call[Person, Any], title: str, *, act: str, **kept: str) -> Answer:
        """Show the page on which a key of entry answers, for the form that was sent."""
        asked = self.access.confirm_options(
            session=call.who.session, act=act, origin=call.origin, deadline=call.deadline
        )
        return self.screens.show(
            call.who,
            "llaves_confirmar.html",
            title=title,
            deadline=call.deadline,
            scripts=KEY_SCRIPTS,
            options=asked.options,
            kept={"con": "llave", "intento": str(asked.attempt), **kept},
        )


_SAID = {**WRONG_KEY, **WRONG_CODES, NO_ENTRY_KEY: "codigo", CHALLENGE_OVER: None}
"""What is said in a form that takes a fresh factor."""
