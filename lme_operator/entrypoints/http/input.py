"""What was sent, read once: size, type, strict JSON, then the frozen model of the route."""

from typing import overload

from flask import request
from pydantic import BaseModel, ValidationError
from werkzeug.exceptions import RequestEntityTooLarge

from lme_operator.core.canonical import Json
from lme_operator.core.refusal import Refusal
from lme_operator.entrypoints.http.refusals import BAD_REQUEST, INVALID_DATA, NOT_JSON, TOO_LARGE
from lme_operator.entrypoints.http.spanish import findings_of, unknown_field
from lme_operator.entrypoints.http.strict_json import parse_json

LARGEST_BODY = 256 * 1024
READ_AT_MOST = LARGEST_BODY + 1
"""One byte more is read than is allowed: a body without announced length is cut there in silence, and would pass."""


@overload
def read_input(model: None, *, closed: bool) -> None: ...
@overload
def read_input(model: type[BaseModel], *, closed: bool) -> BaseModel: ...
def read_input(model: type[BaseModel] | None, *, closed: bool) -> BaseModel | None:
    """Parse the body, or for GET the query, into `model`; `closed` routes refuse what they do not expect.

    Raises `Refusal`: 400 unreadable, 413 too large (unread), 415 not JSON, 422 with every field at fault.
    """
    query, body = _query(), read_body()
    reads_query = model is not None and request.method in ("GET", "HEAD")
    reads_body = model is not None and not reads_query
    stray = [*(() if reads_query else query), *([""] if body and not reads_body else ())]
    if stray and closed:
        raise Refusal(INVALID_DATA, findings=tuple(unknown_field(name) for name in stray))
    if model is None:
        return None
    return validate(model, query if reads_query else _document(body, model))


def read_body(*, largest: int = LARGEST_BODY) -> bytes:
    """The body's exact bytes, kept for whoever asks again; raise `Refusal` when it is larger than allowed."""
    if request.headers.get("Content-Encoding", "identity") != "identity":
        raise Refusal(NOT_JSON)
    request.max_content_length = largest + 1
    try:
        body = request.get_data()
    except RequestEntityTooLarge as error:
        raise Refusal(TOO_LARGE) from error
    if len(body) > largest:
        raise Refusal(TOO_LARGE)
    return body


def validate(model: type[BaseModel], value: Json) -> BaseModel:
    """Parse `value` into `model`; raise `Refusal` (`datos_invalidos`) with every finding."""
    try:
        return model.model_validate(value)
    except ValidationError as error:
        raise Refusal(INVALID_DATA, findings=findings_of(error, value)) from None


def _query() -> dict[str, str]:
    """The query's parameters; one that comes twice is refused."""
    values: dict[str, str] = {}
    for name, value in request.args.items(multi=True):
        if name in values:
            raise Refusal(BAD_REQUEST)
        values[name] = value
    return values


def _document(body: bytes, model: type[BaseModel]) -> Json:
    """The body as JSON; no body at all counts as `{}` where every field is optional."""
    if not body and not any(field.is_required() for field in model.model_fields.values()):
        return {}
    if request.mimetype != "application/json" or request.mimetype_params.get("charset", "utf-8").lower() != "utf-8":
        raise Refusal(NOT_JSON)
    return parse_json(body)
