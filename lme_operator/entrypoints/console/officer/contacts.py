"""The professional's mail and telephone, confirmed by codes; and a contact that is also another's (N-2.1d)."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any
from uuid import UUID

from lme_operator.core.database import Deadline
from lme_operator.domain.credentials.codes import MESSAGE_KIND
from lme_operator.domain.credentials.refusals import CONTACT_CODE_OVER, CONTACT_CODE_WRONG, TOO_MANY_SENT
from lme_operator.domain.enrolment.in_person import CardMessage, Task
from lme_operator.domain.enrolment.refusals import DATA_FIRST
from lme_operator.domain.notices import Channel, masked
from lme_operator.entrypoints.console.officer.base import CASES, CasePagesBase, CaseScreen, act_of, case_path
from lme_operator.entrypoints.console.officer.forms import CodeForm, DecisionForm, EmptyForm
from lme_operator.entrypoints.console.officer.words import DELIVERIES, TITLES, telephone
from lme_operator.entrypoints.http.routes import Answer, Call
from lme_operator.entrypoints.pages.form_pages import SUBJECT, FormPage, Loaded
from lme_operator.entrypoints.pages.form_state import FormState
from lme_operator.entrypoints.pages.guards import Mandated, PageGuards
from lme_operator.entrypoints.pages.pages import HTML, Page, Returned

_BASE = f"{CASES}/{{id}}"
_CHANNELS = {Task.MAIL: Channel.MAIL, Task.TELEPHONE: Channel.SMS}
_SENT = {TOO_MANY_SENT: None, DATA_FIRST: None}
Path = Mapping[str, UUID]


@dataclass(frozen=True, slots=True)
class ContactPages(CasePagesBase):
    """The pages of contacts."""

    def pages(self, guards: PageGuards) -> tuple[Page[Any, Any], ...]:
        """Their routes."""
        forms: tuple[FormPage[Mandated, Any], ...] = (
            self._code_page(guards, Task.MAIL),
            self._code_page(guards, Task.TELEPHONE),
            self._shared_page(guards),
        )
        return (
            *(page for form in forms for page in form.pages(self.screens)),
            self._sending(guards, Task.MAIL),
            self._sending(guards, Task.TELEPHONE),
        )

    def _code_page(self, guards: PageGuards, task: Task) -> FormPage[Mandated, CodeForm]:
        return FormPage(
            path=f"{_BASE}/{task.value}", name=f"consola_enrolamiento_{task.value}", title=TITLES[task],
            template="enrolamiento_codigo.html", guard=guards.officer, input=CodeForm,
            act=partial(self._answer, task), load=partial(self._load_contact, task),
            said_at={CONTACT_CODE_WRONG: "codigo", CONTACT_CODE_OVER: "codigo", DATA_FIRST: None},
        )  # fmt: skip

    def _sending(self, guards: PageGuards, task: Task) -> Page[Mandated, EmptyForm]:
        return Page(
            method="POST", path=f"{_BASE}/{task.value}/envio", name=f"consola_enrolamiento_{task.value}_envio",
            summary="Envía un código.", subject=SUBJECT, guard=guards.officer, handle=partial(self._send, task),
            input=EmptyForm, answer=HTML, again=partial(self._code_again, task), said_at=_SENT,
        )  # fmt: skip

    def _shared_page(self, guards: PageGuards) -> FormPage[Mandated, DecisionForm]:
        return FormPage(
            path=f"{_BASE}/contacto", name="consola_enrolamiento_contacto", title=TITLES[Task.SHARED_CONTACT],
            template="enrolamiento_contacto.html", guard=guards.officer, input=DecisionForm, act=self._decide,
            load=self._load_shared,
        )  # fmt: skip

    def _load_contact(self, task: Task, who: Mandated, path: Path, deadline: Deadline) -> Loaded:
        loaded = self.load_task(task, who, path, deadline)
        case: CaseScreen = loaded.values["case"]
        declared, channel = case.view.task(Task.DATA).piece, _CHANNELS[task]
        address = None if declared is None else declared.content[task.value]
        sent = None if address is None else self._last_code(path["id"], channel, address, deadline)
        other = Task.TELEPHONE if task is Task.MAIL else Task.MAIL
        return Loaded(
            {
                **loaded.values,
                "address": None if address is None else masked(channel, address),
                "by_mail": channel is Channel.MAIL,
                "sent": sent,
                "deliveries": DELIVERIES,
                "both": task is Task.MAIL and case.view.task(other).piece is None,
                "kind_path": task.value,
            }
        )

    def _last_code(self, case_id: UUID, channel: Channel, address: str, deadline: Deadline) -> CardMessage | None:
        """The last code sent to the contact that is declared now."""
        for message in self.in_person.messages(case_id=case_id, deadline=deadline):
            if (message.kind, message.channel, message.address) == (MESSAGE_KIND, channel, masked(channel, address)):
                return message
        return None

    def _send(self, task: Task, call: Call[Mandated, EmptyForm]) -> Answer:
        """Send a code; the first time to the mail also one to the telephone, so that the professional waits once."""
        act, case_id = act_of(call), call.path["id"]
        view = self.in_person.view(case_id=case_id, deadline=call.deadline)
        self.in_person.send_code(channel=_CHANNELS[task], **act)
        if task is Task.MAIL and view.task(Task.TELEPHONE).piece is None:
            self.in_person.send_code(channel=Channel.SMS, **act)
        return self.screens.go(case_path(case_id, task.value), notice="codigo_enviado")

    def _answer(self, task: Task, call: Call[Mandated, CodeForm]) -> Answer:
        self.in_person.answer_code(channel=_CHANNELS[task], code=call.input.codigo, **act_of(call))
        return self.go_on(call, task)

    def _code_again(self, task: Task, returned: Returned[Mandated]) -> Answer:
        loaded = self._load_contact(task, returned.who, returned.path, returned.deadline)
        return self.screens.show(
            returned.who,
            "enrolamiento_codigo.html",
            title=TITLES[task],
            deadline=returned.deadline,
            form=FormState.of(returned, _SENT),
            **loaded.values,
        )

    def _load_shared(self, who: Mandated, path: Path, deadline: Deadline) -> Loaded:
        case = self.case(who, path["id"], deadline)
        pieces = {one.task: one.piece for one in case.view.tasks}
        mail, phone, decided = pieces[Task.MAIL], pieces[Task.TELEPHONE], pieces.get(Task.SHARED_CONTACT)
        shared = []
        if mail is not None and mail.content["compartido"]:
            shared.append(("Correo", mail.content["direccion"]))
        if phone is not None and phone.content["compartido"]:
            shared.append(("Teléfono", telephone(phone.content["direccion"])))
        filled = {} if decided is None else {"motivo": (decided.content["motivo"],)}
        task = next((one for one in case.view.tasks if one.task is Task.SHARED_CONTACT), None)
        return Loaded({"case": case, "task": task, "shared": shared}, filled)

    def _decide(self, call: Call[Mandated, DecisionForm]) -> Answer:
        self.in_person.decide_shared_contact(words=call.input.motivo, **act_of(call))
        return self.go_on(call, Task.SHARED_CONTACT)
