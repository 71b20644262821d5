"""What a browser is given and must give back: cookies, and the proof that a form comes from a page of ours.

The session's cookie is read by pages alone and never by the API; it does not travel from other sites (SameSite), nor to
scripts (HttpOnly), nor in clear (Secure, outside test systems). Every form carries a token bound to that cookie, and
must say that it comes from our own origin (OWASP ASVS 3.3, 3.5.1). Before entering, a visit's random cookie takes the
session's place: nobody can make another person enter as somebody else.
"""

import hmac
import secrets
from collections.abc import Collection

from flask import Request

from lme_operator.core.canonical import to_base64url
from lme_operator.core.refusal import Refusal
from lme_operator.core.sealing import Sealer
from lme_operator.entrypoints.http.refusals import FORM_NOT_OURS


class Browser:
    """The cookies and proofs of one service, published at `origins`; `secure` wherever it speaks HTTPS."""

    def __init__(self, *, sealer: Sealer, origins: Collection[str], secure: bool) -> None:
        self._prefix = "__Host-" if secure else ""
        self.session, self.visit, self.notice = map(self.name, ("lme", "lme-visita", "lme-aviso"))
        self._sealer, self._origins, self._secure = sealer, frozenset(origins), secure

    def name(self, plain: str) -> str:
        """The full name of a cookie of ours: with the prefix that no other host and no clear traffic can set."""
        return self._prefix + plain

    def give(self, name: str, value: str, *, seconds: int | None = None) -> str:
        """Return the Set-Cookie of a cookie that lasts as long as the browser, or `seconds`."""
        age = "" if seconds is None else f"; Max-Age={seconds}"
        return f"{name}={value}; Path=/{age}; HttpOnly; SameSite=Strict" + ("; Secure" if self._secure else "")

    def take_back(self, name: str) -> str:
        """Return the Set-Cookie that erases a cookie."""
        return self.give(name, "", seconds=0)

    def new_visit(self) -> str:
        """Make the value of a visit's cookie: 256 random bits."""
        return to_base64url(secrets.token_bytes(32))

    def proof(self, secret: str) -> str:
        """The token that the forms of this session or visit carry: a keyed hash of its cookie."""
        return to_base64url(self._sealer.lookup(secret, purpose="formulario-de-consola"))

    def require_proof(self, secret: str | None, given: str) -> None:
        """Raise `Refusal(formulario_no_admitido)` unless the form carries the token of this session or visit."""
        if secret is None or not hmac.compare_digest(self.proof(secret).encode(), given.encode()):
            raise Refusal(FORM_NOT_OURS)

    def require_our_page(self, request: Request) -> None:
        """Raise `Refusal(formulario_no_admitido)` unless the browser says that one of our pages sends this.

        Browsers say it by `Origin`, newer ones also by `Sec-Fetch-Site`: one is enough, and none may say otherwise.
        """
        origin, site = request.headers.get("Origin"), request.headers.get("Sec-Fetch-Site")
        if origin is None and site is None:
            raise Refusal(FORM_NOT_OURS)
        if origin is not None and origin not in self._origins:
            raise Refusal(FORM_NOT_OURS)
        if site is not None and site != "same-origin":
            raise Refusal(FORM_NOT_OURS)


def cookie_of(header: bytes, name: str) -> bytes | None:
    """Return the value of a cookie in a raw `Cookie` header; None without one."""
    for part in header.split(b";"):
        known, _, value = part.strip().partition(b"=")
        if known == name.encode("ascii"):
            return value or None
    return None
