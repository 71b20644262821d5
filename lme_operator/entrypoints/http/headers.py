"""Security headers on every answer, errors included (OWASP ASVS 3.4). A page with its own policy sets it first."""

from flask import Flask, Response, request

from lme_operator.core.refusal import Refusal
from lme_operator.entrypoints.http.exchange import current_exchange
from lme_operator.entrypoints.http.refusals import ONLY_HTTPS

_HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
_HSTS = "max-age=31536000; includeSubDomains"


def security_headers(*, production: bool) -> dict[str, str]:
    """The headers of every answer; HSTS only in production, where there is TLS."""
    return _HEADERS | ({"Strict-Transport-Security": _HSTS} if production else {})


def install_headers(app: Flask, *, production: bool) -> None:
    """Add the headers and the request's id to every answer; in production, refuse what did not come by HTTPS (M-8)."""
    headers = security_headers(production=production)

    @app.after_request
    def add_headers(response: Response) -> Response:
        for name, value in headers.items():
            response.headers.setdefault(name, value)
        response.headers["X-Request-Id"] = current_exchange().id
        return response

    if production:
        app.before_request(_demand_https)


def _demand_https() -> None:
    """Liveness apart: who watches a process asks it directly."""
    if request.scheme != "https" and not request.path.startswith("/salud"):
        raise Refusal(ONLY_HTTPS)
