"""A route is declared once; guard, parsing, idempotency, limits, OpenAPI and the house tests follow from it.

Two kinds: of the API (bearer or signature in, JSON out) and pages (cookie and forms in, HTML out; `common.pages`).
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from http import HTTPStatus
from typing import Any, Generic, Literal, TypeVar
from uuid import UUID

from flask import Flask, Response, g, request
from pydantic import BaseModel

from lme_operator.core.database import Deadline
from lme_operator.core.idempotency import IdempotentRequest
from lme_operator.core.origin import Origin
from lme_operator.core.refusal import (
    IDEMPOTENCY_KEY_INVALID,
    IDEMPOTENCY_KEY_MISSING,
    Refusal,
    RefusalKind,
)
from lme_operator.entrypoints.http.exchange import current_exchange
from lme_operator.entrypoints.http.input import read_input

Who = TypeVar("Who")
"""Who was admitted: a person's `Session`, a machine's signed request, or None."""
Input = TypeVar("Input", bound=BaseModel | None)
"""What was sent, parsed: the body, or for GET the query."""

REPLAYED = "Idempotent-Replayed"
WHOLE, REDUCED = "true", "reducida"
"""The header of an answer to a request that came before, and its values: the first answer again, or what is left."""
_KEY = re.compile(r"[!-+\--~]{1,255}", re.ASCII)
"""No comma: by it two keys in one request would arrive joined, and pass for one (RFC 9110, section 5.2)."""

View = Callable[["Route[Any, Any]"], Callable[..., Response]]
"""Makes the function that serves a route."""


class Idempotency(Enum):
    """Whether the route takes an Idempotency-Key."""

    NONE = "no"
    OPTIONAL = "opcional"
    REQUIRED = "obligatoria"


@dataclass(frozen=True, slots=True)
class Entry:
    """What a guard is asked: the route (its `priority`, whether a key is demanded), and by when to decide."""

    route: "Route[Any, Any]"
    deadline: Deadline


@dataclass(frozen=True, slots=True)
class Guard(Generic[Who]):
    """Who may pass. `admit` returns who it is or raises `Refusal`; `scope` names him for the idempotency key
    (`persona:RUN:contexto`, `organizacion:ID`); `scheme` is the OpenAPI security scheme, None when open to all;
    `challenge` is its WWW-Authenticate; `problems` are the kinds it raises."""

    name: str
    admit: Callable[[Entry], Who]
    scope: Callable[[Who], str]
    scheme: str | None
    challenge: str = ""
    problems: tuple[RefusalKind, ...] = ()


@dataclass(frozen=True, slots=True)
class Call(Generic[Who, Input]):
    """What a route's function receives: everything already admitted, parsed and bounded."""

    who: Who
    input: Input
    path: Mapping[str, UUID]
    origin: Origin
    deadline: Deadline
    key: IdempotentRequest | None

    @property
    def demanded_key(self) -> IdempotentRequest:
        """The key of a route that demands one."""
        if self.key is None:
            raise LookupError("the route does not demand an Idempotency-Key")
        return self.key


@dataclass(frozen=True, slots=True)
class Answer:
    """What a route's function returns: a model (rendered as JSON), bytes, or nothing (204)."""

    content: BaseModel | bytes | None
    status: HTTPStatus | None = None
    """None: the status that the route declares."""
    replayed: bool = False
    reduced: bool = False
    """It was done before, and who asks may not read its result now: 200, with what `Route.reduced` shows."""
    headers: Mapping[str, str] = field(default_factory=dict)
    cookies: tuple[str, ...] = field(default=(), repr=False)
    """Whole values of Set-Cookie; only pages set any."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Route(Generic[Who, Input]):
    """One operation. `path` has UUIDs between braces, or ends in `{codigo}`, a text; `answer` is the model, the media
    type of bytes, or None.

    `reduced` is the model of what is left of a replayed answer for who may not read it now, where that can be.
    `priority`: never queues behind ordinary requests, in threads or in database connections (blocks, liveness).
    `asks_outside`: waits for third parties, so it has threads and a deadline of its own (`common.front`).
    `problems`: the kinds that its use case refuses with; those of the guard, and of its shape, are added to them.
    `problem_models`: of these, the ones whose document has members of its own.
    """

    method: Literal["GET", "POST", "PUT", "DELETE"]
    path: str
    name: str
    summary: str
    subject: str
    guard: Guard[Who]
    handle: "Callable[[Call[Who, Input]], Answer]"
    input: type[BaseModel] | None = None
    answer: type[BaseModel] | str | None = None
    reduced: type[BaseModel] | None = None
    status: HTTPStatus = HTTPStatus.OK
    idempotency: Idempotency = Idempotency.NONE
    priority: bool = False
    asks_outside: bool = False
    problems: tuple[RefusalKind, ...] = ()
    problem_models: Mapping[RefusalKind, type[BaseModel]] = field(default_factory=dict)


OPEN: Guard[None] = Guard(name="abierta", admit=lambda _entry: None, scope=lambda _who: "abierta", scheme=None)
"""Open to all, deliberately."""


def install_routes(app: Flask, routes: tuple[Route[Any, Any], ...], *, view: View | None = None) -> None:
    """Publish `routes`, and nothing else (no automatic OPTIONS); `view` serves one, as the API's unless given."""
    app.extensions["routes"] = app.extensions.get("routes", ()) + routes
    for route in routes:
        app.add_url_rule(
            route.path.replace("{codigo}", "<string(maxlength=40):codigo>").replace("{", "<uuid:").replace("}", ">"),
            endpoint=route.name,
            view_func=(view or _view)(route),
            methods=[route.method],
            provide_automatic_options=False,
        )


def _view(route: Route[Any, Any]) -> Callable[..., Response]:
    def view(**path: UUID) -> Response:
        exchange = current_exchange()
        g.challenge = route.guard.challenge
        who = route.guard.admit(Entry(route, exchange.deadline))
        key = bind_key(route, who)
        call = Call(
            who=who,
            input=read_input(route.input, closed=route.guard.scheme is not None),
            path=path,
            origin=exchange.origin,
            deadline=exchange.deadline,
            key=key,
        )
        return render(route, route.handle(call))

    return view


def bind_key(route: Route[Any, Any], who: object) -> IdempotentRequest | None:
    """Bind the Idempotency-Key to who asks, the route and the exact body; raise `Refusal` when missing or malformed."""
    if route.idempotency is Idempotency.NONE:
        return None
    key = request.headers.get("Idempotency-Key")
    if key is None:
        if route.idempotency is Idempotency.REQUIRED:
            raise Refusal(IDEMPOTENCY_KEY_MISSING)
        return None
    if not _KEY.fullmatch(key):
        raise Refusal(IDEMPOTENCY_KEY_INVALID)
    return IdempotentRequest.of(
        who=route.guard.scope(who), route=f"{route.method} {request.path}", key=key, body=request.get_data()
    )


def render(route: Route[Any, Any], answer: Answer) -> Response:
    """Write an answer; the same facts always give the same bytes."""
    content = answer.content
    if isinstance(content, BaseModel):
        body, media_type = render_model(content), "application/json"
    else:
        body, media_type = content or b"", route.answer if isinstance(route.answer, str) else "application/json"
    response = Response(body, status=HTTPStatus.OK if answer.reduced else answer.status or route.status)
    response.headers["Content-Type"] = media_type
    if content is None:
        del response.headers["Content-Type"]
    if answer.replayed or answer.reduced:
        response.headers[REPLAYED] = REDUCED if answer.reduced else WHOLE
    response.headers.update(answer.headers)
    for cookie in answer.cookies:
        response.headers.add("Set-Cookie", cookie)
    return response


def render_model(model: BaseModel) -> bytes:
    """A model as JSON, in the order of its fields."""
    return model.model_dump_json().encode()
