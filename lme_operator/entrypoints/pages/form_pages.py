"""A page with one form: looking at it, sending it, and seeing it again with what must be mended, declared once."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar
from uuid import UUID

from lme_operator.core.database import Deadline
from lme_operator.core.refusal import RefusalKind
from lme_operator.entrypoints.http.input import LARGEST_BODY
from lme_operator.entrypoints.http.routes import Answer, Call, Guard, Idempotency
from lme_operator.entrypoints.pages.form_state import FormState
from lme_operator.entrypoints.pages.forms import FormModel
from lme_operator.entrypoints.pages.guards import Looks
from lme_operator.entrypoints.pages.pages import HTML, Page, Returned
from lme_operator.entrypoints.pages.screens import Screens

SUBJECT = "Consola"
Form = TypeVar("Form", bound=FormModel)


@dataclass(frozen=True, slots=True)
class Loaded:
    """What a page shows beside its form, and what the form holds before anybody typed in it."""

    values: Mapping[str, Any] = field(default_factory=dict)
    filled: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


def nothing(_who: Any, _path: Mapping[str, UUID], _deadline: Deadline) -> Loaded:  # noqa: ANN401 - of any page
    """Load nothing: the form is all there is."""
    return Loaded()


@dataclass(frozen=True, slots=True, kw_only=True)
class FormPage(Generic[Looks, Form]):
    """`load` finds what is shown, `act` does what the form asks; the rest as in `Route` and `Page`, for the form."""

    path: str
    name: str
    title: str
    template: str
    guard: Guard[Looks]
    input: type[Form]
    act: Callable[[Call[Looks, Form]], Answer]
    load: Callable[[Looks, Mapping[str, UUID], Deadline], Loaded] = nothing
    said_at: Mapping[RefusalKind, str | None] = field(default_factory=dict)
    idempotency: Idempotency = Idempotency.NONE
    priority: bool = False
    asks_outside: bool = False
    largest_body: int = LARGEST_BODY
    ends_session: bool = False
    scripts: tuple[str, ...] = ()

    def pages(self, screens: Screens) -> tuple[Page[Any, Any], ...]:
        """The two routes of the page."""
        look: Page[Looks, None] = Page(
            method="GET",
            path=self.path,
            name=self.name,
            summary=f"{self.title}.",
            subject=SUBJECT,
            guard=self.guard,
            handle=lambda call: self._show(screens, call.who, call.path, call.deadline),
            answer=HTML,
        )
        send: Page[Looks, Form] = Page(
            method="POST",
            path=self.path,
            name=f"{self.name}_enviar",
            summary=f"{self.title}.",
            subject=SUBJECT,
            guard=self.guard,
            handle=self.act,
            input=self.input,
            answer=HTML,
            idempotency=self.idempotency,
            priority=self.priority,
            asks_outside=self.asks_outside,
            largest_body=self.largest_body,
            ends_session=self.ends_session,
            again=lambda returned: self._again(screens, returned),
            said_at=self.said_at,
        )
        return look, send

    def _show(self, screens: Screens, who: Looks, path: Mapping[str, UUID], deadline: Deadline) -> Answer:
        loaded = self.load(who, path, deadline)
        form = FormState(loaded.filled)
        return self._screen(screens, who, form, loaded, deadline)

    def _again(self, screens: Screens, returned: Returned[Looks]) -> Answer:
        loaded = self.load(returned.who, returned.path, returned.deadline)
        form = FormState.of(returned, self.said_at)
        return self._screen(screens, returned.who, form, loaded, returned.deadline)

    def _screen(self, screens: Screens, who: Looks, form: FormState, loaded: Loaded, deadline: Deadline) -> Answer:
        return screens.show(
            who,
            self.template,
            title=self.title,
            deadline=deadline,
            form=form,
            scripts=self.scripts,
            **loaded.values,
        )
