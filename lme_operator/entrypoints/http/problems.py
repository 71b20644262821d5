"""Problem documents (RFC 9457): how refusals, faults and HTTP's own errors are said to whoever asked.

People at a page get a page that says the same (`install_problems(…, page=…)`). Here is the document of everybody else.
Every one has `type` (an anchor of the documentation), `title`, `status`, `detail`, `instance`, `codigo` and
`id_solicitud`. A 403 carries `motivos`, all of them; what points at a field goes to `errores`. Nothing of the inside,
and nothing of what was sent, is ever repeated.
"""

import json
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from flask import Flask, Response, current_app, g, request
from werkzeug.exceptions import HTTPException, MethodNotAllowed

from lme_operator.core.canonical import Json
from lme_operator.core.decision import Finding
from lme_operator.core.refusal import Fault, Refusal, RefusalKind
from lme_operator.entrypoints.http import refusals
from lme_operator.entrypoints.http.exchange import current_exchange
from lme_operator.entrypoints.http.headers import security_headers
from lme_operator.entrypoints.http.logs import log_failure, log_outcome, log_turned_away
from lme_operator.entrypoints.http.wsgi import Answer, encoded
from lme_operator.entrypoints.pages.pages import is_page

DOCS = "/api/docs"
MEDIA_TYPE = "application/problem+json"
_CHALLENGE = 'Bearer realm="lme"'
_MOST_FINDINGS = 50
_PAGE = "page_problems"
_NAVIGATION = frozenset({"GET", "HEAD", "POST"})
"""What a browser asks pages with; to any other method even there the document answers."""
_BY_STATUS = {
    400: refusals.BAD_REQUEST,
    404: refusals.NOT_FOUND,
    405: refusals.METHOD_NOT_ALLOWED,
    413: refusals.TOO_LARGE,
    415: refusals.NOT_JSON,
}


@dataclass(frozen=True, slots=True)
class Said:
    """What went wrong, to be said by a document or a page."""

    kind: RefusalKind
    findings: tuple[Finding, ...]
    status: int
    request_id: str

    @property
    def reasons(self) -> tuple[Finding, ...]:
        """Every reason that points at no field; of a 403, at least its own."""
        given = tuple(finding for finding in self.findings if finding.pointer is None)
        return given or ((self.kind.finding(),) if self.status == 403 else ())


PageOf = Callable[[Said], Response]
"""Renders a problem as a page."""


def problem(
    kind: RefusalKind,
    *,
    findings: tuple[Finding, ...] = (),
    status: int | None = None,
    headers: Mapping[str, str] | None = None,
    members: Mapping[str, Json] | None = None,
) -> Response:
    """Render `kind` with its findings; `members` are extension members that the route itself documents."""
    said = Said(kind, findings, status=status or kind.status, request_id=current_exchange().id)
    log_outcome(kind.code, reasons=[finding.code for finding in findings[:_MOST_FINDINGS]])
    page: PageOf | None = current_app.extensions.get(_PAGE)
    if page is not None and request.method in _NAVIGATION and is_page(request.path):
        response = page(said)
    else:
        body = json.dumps(_whole_document(said) | dict(members or {}), ensure_ascii=False)
        response = Response(body, status=said.status, content_type=MEDIA_TYPE)
    response.headers.update(headers or {})
    return response


def render_finding(finding: Finding) -> dict[str, str]:
    """One reason, as `motivos[]` and `avisos[]` have it."""
    return {"codigo": finding.code, "causa": finding.cause, "norma": finding.norm, "remedio": finding.remedy}


def render_refusal(refusal: Refusal) -> Response:
    """Render an expected refusal."""
    headers = {} if refusal.retry_after is None else {"Retry-After": str(refusal.retry_after)}
    if refusal.kind.status == 401:
        headers["WWW-Authenticate"] = g.get("challenge") or _CHALLENGE
    return problem(refusal.kind, findings=refusal.findings, headers=headers)


def render_fault(fault: Fault) -> Response:
    """Render a failure of ours or of a third party: 503, and whether repeating is safe."""
    log_failure(fault)
    kind = refusals.OUTCOME_UNKNOWN if fault.outcome_unknown else refusals.UNAVAILABLE
    return problem(kind, headers={"Retry-After": "2"})


def install_problems(app: Flask, *, page: PageOf | None = None) -> None:
    """Make every error of `app` a problem document, or for people at a page what `page` makes of it."""
    app.extensions[_PAGE] = page
    app.register_error_handler(Refusal, render_refusal)
    app.register_error_handler(Fault, render_fault)
    app.register_error_handler(HTTPException, _render_http)
    app.register_error_handler(Exception, _render_unexpected)


def turn_away(refusal: Refusal, *, production: bool) -> Answer:
    """Render a refusal before the application is reached, as cheaply as can be (`common.front`)."""
    kind, request_id = refusal.kind, str(uuid.uuid4())
    log_turned_away(request_id, code=kind.code, status=kind.status)
    body = json.dumps(_document(kind, status=kind.status, request_id=request_id), ensure_ascii=False).encode()
    headers = security_headers(production=production) | {
        "Content-Type": MEDIA_TYPE,
        "Content-Length": str(len(body)),
        "Retry-After": str(refusal.retry_after or 1),
        "Connection": "close",  # the body may not have been read, so nothing else can come over it
        "X-Request-Id": request_id,
    }
    return Answer(kind.status, encoded(list(headers.items())), body)


def _whole_document(said: Said) -> dict[str, Json]:
    document = _document(said.kind, status=said.status, request_id=said.request_id)
    fields = tuple(finding for finding in said.findings if finding.pointer is not None)
    if fields:
        document["errores"] = [_field(finding) for finding in fields[:_MOST_FINDINGS]]
    if said.reasons:
        document["motivos"] = [render_finding(finding) for finding in said.reasons]
    return document


def _document(kind: RefusalKind, *, status: int, request_id: str) -> dict[str, Json]:
    return {
        "type": f"{DOCS}#{kind.code}",
        "title": kind.words,
        "status": status,
        "detail": kind.remedy,
        "instance": f"urn:uuid:{request_id}",
        "codigo": kind.code,
        "id_solicitud": request_id,
    }


def _render_http(error: HTTPException) -> Response:
    status = error.code or 500
    if status >= 500:
        return _render_unexpected(error)
    headers = {}
    if isinstance(error, MethodNotAllowed) and error.valid_methods:
        headers["Allow"] = ", ".join(sorted(error.valid_methods))
    return problem(_BY_STATUS.get(status, refusals.OTHER_CLIENT_ERROR), status=status, headers=headers)


def _render_unexpected(error: Exception) -> Response:
    log_failure(error)
    return problem(refusals.INTERNAL)


def _field(finding: Finding) -> dict[str, str]:
    message = f"{finding.cause} {finding.remedy}".strip()
    return {"puntero": finding.pointer or "", "codigo": finding.code, "mensaje": message}
