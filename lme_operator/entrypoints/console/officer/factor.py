"""The factor with which the professional will enter and sign, in the session that verified his identity (N-2.2a)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from lme_operator.core.database import Deadline
from lme_operator.domain.credentials import KeyOptions
from lme_operator.domain.credentials.refusals import CHALLENGE_OVER, NO_ENTRY_KEY
from lme_operator.domain.enrolment.in_person import Task
from lme_operator.domain.enrolment.refusals import FACTOR_NOT_OFFERED, FACTOR_NOT_PROVED
from lme_operator.entrypoints.console.founder.accreditations import qr_picture
from lme_operator.entrypoints.console.officer.base import CASES, CasePagesBase, CaseScreen, act_of, case_path
from lme_operator.entrypoints.console.officer.forms import CodeForm, EmptyForm
from lme_operator.entrypoints.console.officer.words import TITLES
from lme_operator.entrypoints.console.own.entry import WRONG_CODES, WRONG_KEY
from lme_operator.entrypoints.console.own.keys import AnswersForm, OwnKeyForm
from lme_operator.entrypoints.http.routes import Answer, Call
from lme_operator.entrypoints.pages.fields import KEY_SCRIPTS
from lme_operator.entrypoints.pages.form_pages import SUBJECT, FormPage, Loaded
from lme_operator.entrypoints.pages.guards import Mandated, PageGuards
from lme_operator.entrypoints.pages.pages import HTML, Page

_BASE = f"{CASES}/{{id}}"
Path = Mapping[str, UUID]


@dataclass(frozen=True, slots=True)
class FactorPages(CasePagesBase):
    """The pages of the factor: an application of codes, security keys, or both."""

    def pages(self, guards: PageGuards) -> tuple[Page[Any, Any], ...]:
        """Their routes."""
        return (
            *self._factor_page(guards).pages(self.screens),
            self._button(guards, "qr", "Prepara el código QR del segundo factor.", self._offer),
            *self._keys_page(guards).pages(self.screens),
            self._button(guards, "llaves/inicio", "Comienza el registro de las llaves.", self._begin_keys),
            *self._own_page(guards).pages(self.screens),
        )

    def _factor_page(self, guards: PageGuards) -> FormPage[Mandated, CodeForm]:
        return FormPage(
            path=f"{_BASE}/factor", name="consola_enrolamiento_factor", title=TITLES[Task.FACTOR],
            template="enrolamiento_factor.html", guard=guards.officer, input=CodeForm, act=self._confirm,
            load=self._load_factor, said_at={FACTOR_NOT_PROVED: "codigo", FACTOR_NOT_OFFERED: None, **WRONG_CODES},
        )  # fmt: skip

    def _keys_page(self, guards: PageGuards) -> FormPage[Mandated, AnswersForm]:
        return FormPage(
            path=f"{_BASE}/factor/llaves", name="consola_enrolamiento_factor_llaves", title="Registrar las llaves",
            template="enrolamiento_llaves.html", guard=guards.officer, input=AnswersForm, act=self._take_keys,
            load=self._load_keys, scripts=KEY_SCRIPTS,
            said_at={**WRONG_KEY, FACTOR_NOT_PROVED: None, CHALLENGE_OVER: None},
        )  # fmt: skip

    def _own_page(self, guards: PageGuards) -> FormPage[Mandated, OwnKeyForm]:
        return FormPage(
            path=f"{_BASE}/factor/propia", name="consola_enrolamiento_factor_propia", title="Comprobar la llave",
            template="enrolamiento_llave_propia.html", guard=guards.officer, input=OwnKeyForm, act=self._confirm_own,
            load=self._load_own, scripts=KEY_SCRIPTS, said_at={**WRONG_KEY, CHALLENGE_OVER: None, NO_ENTRY_KEY: None},
        )  # fmt: skip

    def _button(self, guards: PageGuards, name: str, summary: str, handle: Any) -> Page[Mandated, EmptyForm]:  # noqa: ANN401
        return Page(
            method="POST", path=f"{_BASE}/factor/{name}", summary=summary, subject=SUBJECT, guard=guards.officer,
            name=f"consola_enrolamiento_factor_{name.replace('/', '_')}", handle=handle, input=EmptyForm, answer=HTML,
        )  # fmt: skip

    def _load_factor(self, who: Mandated, path: Path, deadline: Deadline) -> Loaded:
        loaded = self.load_task(Task.FACTOR, who, path, deadline)
        case: CaseScreen = loaded.values["case"]
        offered = None
        if case.mine:
            offered = self.in_person.offered_factor(session=who.session, case_id=path["id"], deadline=deadline)
        piece = loaded.values["task"].piece
        content = {} if piece is None else piece.content
        return Loaded(
            {
                **loaded.values,
                "secret": None if offered is None else offered.secret,
                "picture": None if offered is None else qr_picture(offered.uri),
                "verified": case.view.task(Task.IDENTITY).done,
                "own_access": case.view.own_access,
                "has_application": content.get("tipo") in ("totp", "totp_propio"),
                "has_keys": bool(content.get("llaves")),
            }
        )

    def _offer(self, call: Call[Mandated, EmptyForm]) -> Answer:
        self.in_person.offer_factor(**act_of(call))
        return self.screens.go(case_path(call.path["id"], "factor"))

    def _confirm(self, call: Call[Mandated, CodeForm]) -> Answer:
        self.in_person.confirm_factor(code=call.input.codigo, **act_of(call))
        return self.go_on(call, Task.FACTOR)

    def _begin_keys(self, call: Call[Mandated, EmptyForm]) -> Answer:
        self.in_person.begin_keys(**act_of(call))
        return self.screens.go(case_path(call.path["id"], "factor", "llaves"))

    def _load_keys(self, who: Mandated, path: Path, deadline: Deadline) -> Loaded:
        """What was begun in this session; nothing to answer once it is over."""
        loaded = self.load_task(Task.FACTOR, who, path, deadline)
        begun: tuple[KeyOptions, ...] = ()
        if loaded.values["case"].mine:
            begun = self.in_person.begun_keys(session=who.session, case_id=path["id"], deadline=deadline)
        options = {"options": [one.options for one in begun], "attempts": [one.attempt for one in begun]}
        return Loaded({**loaded.values, **options})

    def _take_keys(self, call: Call[Mandated, AnswersForm]) -> Answer:
        self.in_person.take_keys(answers=call.input.answers(), **act_of(call))
        return self.go_on(call, Task.FACTOR)

    def _load_own(self, who: Mandated, path: Path, deadline: Deadline) -> Loaded:
        loaded = self.load_task(Task.FACTOR, who, path, deadline)
        begun = None
        if loaded.values["case"].mine:
            begun = self.in_person.begun_own_key(session=who.session, case_id=path["id"], deadline=deadline)
        return Loaded({**loaded.values, "begun": begun})

    def _confirm_own(self, call: Call[Mandated, OwnKeyForm]) -> Answer:
        """Begin when nothing is answered yet; then judge the answer."""
        form = call.input
        if form.intento is None or form.credencial is None:
            self.in_person.begin_own_key(**act_of(call))
            return self.screens.go(case_path(call.path["id"], "factor", "propia"))
        self.in_person.confirm_own_key(attempt=form.intento, answer=form.credencial, **act_of(call))
        return self.go_on(call, Task.FACTOR)
