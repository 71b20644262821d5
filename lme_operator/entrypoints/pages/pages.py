"""Pages: routes that a browser asks. A form is parsed into its model, or shown again with what must be mended.

A form carries a number of its own (`acto`): the same form sent twice, as a double click does, is led where the first
was for some seconds, and where the act takes an Idempotency-Key that number is the key, for as long as it stands.
"""

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any, Generic
from uuid import UUID

from flask import Flask, Response, g, request

from lme_operator.core import clock
from lme_operator.core.canonical import encode, sha256
from lme_operator.core.database import Deadline
from lme_operator.core.idempotency import IdempotentRequest
from lme_operator.core.refusal import IDEMPOTENCY_KEY_MISSING, Refusal, RefusalKind
from lme_operator.domain.credentials import SESSION_OVER
from lme_operator.entrypoints.http.exchange import current_exchange
from lme_operator.entrypoints.http.input import LARGEST_BODY, read_input
from lme_operator.entrypoints.http.logs import log_outcome
from lme_operator.entrypoints.http.refusals import FILES_TOO_LARGE, INVALID_DATA, TOO_LARGE
from lme_operator.entrypoints.http.routes import (
    Answer,
    Call,
    Entry,
    Idempotency,
    Input,
    Route,
    Who,
    install_routes,
    render,
)
from lme_operator.entrypoints.pages.forms import Fields, parse_fields, read_fields, shown_values

PAGES = "/consola"
OPEN_PAGES = "/verificar"
HTML = "text/html; charset=utf-8"
LARGEST_UPLOAD = 12 * 1024 * 1024 + LARGEST_BODY
"""Files of up to 12 MB, and the texts beside them."""

_ACT_LENGTH = 64
_REFUSED = HTTPStatus.BAD_REQUEST
_AGAIN = "formulario_repetido"


def is_page(path: str) -> bool:
    """Whether people look at this address with a browser: what goes wrong is then said to them by a page."""
    return path in (PAGES, OPEN_PAGES) or path.startswith((f"{PAGES}/", f"{OPEN_PAGES}/"))


@dataclass(frozen=True, slots=True)
class Returned(Generic[Who]):
    """A form that must be mended: who sent it, what was typed (no secret), and the refusal with its findings."""

    who: Who
    path: Mapping[str, UUID]
    values: Mapping[str, tuple[str, ...]] = field(repr=False)
    refusal: Refusal
    deadline: Deadline


@dataclass(frozen=True, slots=True, kw_only=True)
class Page(Route[Who, Input]):
    """A page, or what its form does.

    `again` shows the form once more; `said_at` are the refusals of the act that are said in it, each with its field
    (None: at the top). What points at one of the fields is always said there; any other refusal has its own page.
    `ends_session`: the act ends the session that it is done in, so a second click of it comes too late for the guard.
    """

    largest_body: int = LARGEST_BODY
    ends_session: bool = False
    again: Callable[[Returned[Who]], Answer] | None = None
    said_at: Mapping[RefusalKind, str | None] = field(default_factory=dict)

    def mends(self, refusal: Refusal) -> bool:
        """Whether the form is shown again for this refusal."""
        if self.again is None:
            return False
        pointed = {(finding.pointer or "").removeprefix("/") for finding in refusal.findings}
        fields = set(self.input.model_fields) if self.input is not None else set()
        return refusal.kind == INVALID_DATA or refusal.kind in self.said_at or bool(pointed & fields)


def largest_of(route: Route[Any, Any]) -> int:
    """How large a body the route takes, in bytes."""
    return route.largest_body if isinstance(route, Page) else LARGEST_BODY


def install_pages(app: Flask, pages: tuple[Page[Any, Any], ...]) -> None:
    """Publish `pages`."""
    answered = Answered()
    install_routes(app, pages, view=lambda route: _view(route, answered))


class Answered:
    """Where the forms of the last seconds led, in this process. Only acts that were done are kept, and of the same
    page the last one: sent with other values and then with the first again, it is no repetition.

    Nothing that was shown is kept, but for the farewell of an ended session: to be shown again, it is asked for again.
    """

    SECONDS, MOST = 10.0, 500

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._answers: dict[bytes, tuple[float, bytes, Response]] = {}

    def find(self, form: "_Sent") -> Response | None:
        """Return the answer to the same form, if it was sent just now."""
        with self._lock:
            due, content, answer = self._answers.get(form.page, (0.0, b"", None))
        if answer is None or content != form.content or clock.monotonic() >= due:
            return None
        log_outcome(_AGAIN, reasons=[])
        return _copy(answer)

    def keep(self, form: "_Sent", answer: Response) -> None:
        """Keep an answer for some seconds."""
        now, copied = clock.monotonic(), _copy(answer)
        with self._lock:
            fresh = [one for one in self._answers.items() if one[1][0] > now]
            self._answers = dict([*fresh[-self.MOST :], (form.page, (now + self.SECONDS, form.content, copied))])


def _copy(answer: Response) -> Response:
    return Response(answer.get_data(), status=answer.status_code, headers=list(answer.headers))


@dataclass(frozen=True, slots=True)
class _Sent:
    """What makes two sendings the same: the `page` (of one session or visit, at one access point), and all else."""

    page: bytes
    content: bytes


def _view(route: Route[Any, Any], answered: Answered) -> Callable[..., Response]:
    if not isinstance(route, Page):
        raise TypeError(f"{route.name} is no page")
    if route.method == "GET":
        return _look(route)

    def view(**path: UUID) -> Response:
        g.challenge = route.guard.challenge
        fields = _fields(route)
        same = _sent(fields)
        try:
            who = route.guard.admit(Entry(route, current_exchange().deadline))
        except Refusal as refusal:
            farewell = answered.find(same) if route.ends_session and refusal.kind == SESSION_OVER else None
            if farewell is None:
                raise
            return farewell
        response = answered.find(same)
        if response is None:
            response = _act(route, who, path, fields)
            if response.status_code == HTTPStatus.SEE_OTHER or (route.ends_session and response.status_code < _REFUSED):
                answered.keep(same, response)
        return response

    return view


def _sent(fields: Fields) -> _Sent:
    origin = current_exchange().origin
    place = [fields.proof, fields.act, origin.ip, origin.device, request.path]
    return _Sent(sha256(encode(place)), sha256(fields.canonical))


def _look(page: Page[Any, Any]) -> Callable[..., Response]:
    def view(**path: UUID) -> Response:
        exchange = current_exchange()
        g.challenge = page.guard.challenge
        who = page.guard.admit(Entry(page, exchange.deadline))
        query = read_input(page.input, closed=False)
        call = Call(who=who, input=query, path=path, origin=exchange.origin, deadline=exchange.deadline, key=None)
        return render(page, page.handle(call))

    return view


def _act(page: Page[Any, Any], who: object, path: Mapping[str, UUID], fields: Fields) -> Response:
    """Do what the form asks, or show it again."""
    exchange = current_exchange()
    try:
        call = Call(
            who=who,
            input=None if page.input is None else parse_fields(page.input, fields),
            path=path,
            origin=exchange.origin,
            deadline=exchange.deadline,
            key=_key(page, who, fields),
        )
        return render(page, page.handle(call))
    except Refusal as refusal:
        if page.again is None or not page.mends(refusal):
            raise
        log_outcome(refusal.kind.code, reasons=[finding.code for finding in refusal.findings])
        returned = Returned(who, path, shown_values(page.input, fields), refusal, exchange.deadline)
        response = render(page, page.again(returned))
        response.status_code = refusal.kind.status
        if response.status_code == HTTPStatus.UNAUTHORIZED:
            response.headers["WWW-Authenticate"] = page.guard.challenge
        if refusal.retry_after is not None:
            response.headers["Retry-After"] = str(refusal.retry_after)
        return response


def _fields(page: Page[Any, Any]) -> Fields:
    try:
        return read_fields(largest=page.largest_body)
    except Refusal as refusal:
        if refusal.kind == TOO_LARGE and page.largest_body > LARGEST_BODY:
            raise Refusal(FILES_TOO_LARGE) from refusal
        raise


def _key(page: Page[Any, Any], who: object, fields: Fields) -> IdempotentRequest | None:
    """The form's own number as the Idempotency-Key of its act."""
    if page.idempotency is Idempotency.NONE:
        return None
    if not fields.act or len(fields.act) > _ACT_LENGTH:
        raise Refusal(IDEMPOTENCY_KEY_MISSING)
    return IdempotentRequest.of(
        who=page.guard.scope(who), route=f"{page.method} {request.path}", key=fields.act, body=fields.canonical
    )
