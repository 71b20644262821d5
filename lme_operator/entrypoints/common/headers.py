"""Security headers on every answer, errors included (OWASP ASVS 3.4). A page with its own policy sets it first."""

from flask import Flask, Response

from lme_operator.entrypoints.common.exchange import current_exchange

SECURITY_HEADERS = {
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


def install_headers(app: Flask, *, production: bool) -> None:
    """Add the headers and the request's id to every answer; HSTS only in production, where there is TLS."""

    @app.after_request
    def add_headers(response: Response) -> Response:
        for name, value in SECURITY_HEADERS.items():
            response.headers.setdefault(name, value)
        if production:
            response.headers["Strict-Transport-Security"] = _HSTS
        response.headers["X-Request-Id"] = current_exchange().id
        return response
