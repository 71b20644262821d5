"""From a template to an answer: what every page carries, and the policy under which the browser shows it.

Style, pictures and scripts come from here alone; no frame, no form that goes elsewhere (OWASP ASVS 3.4). A page runs
the scripts that it names, and most name none: each page does its work without them.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from http import HTTPStatus
from importlib import resources
from typing import Any
from uuid import uuid4

from flask import request
from jinja2 import ChoiceLoader, Environment, PackageLoader, StrictUndefined

from lme_operator.core.clock import Clock
from lme_operator.core.database import Deadline
from lme_operator.entrypoints.http.routes import OPEN, Answer, Call
from lme_operator.entrypoints.pages.browser import Browser
from lme_operator.entrypoints.pages.form_state import FormState
from lme_operator.entrypoints.pages.formats import FILTERS
from lme_operator.entrypoints.pages.forms import ACT, PROOF
from lme_operator.entrypoints.pages.guards import Person, Visitor
from lme_operator.entrypoints.pages.header import Headers
from lme_operator.entrypoints.pages.notices import NOTICES, Notice
from lme_operator.entrypoints.pages.pages import PAGES, Page

POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)
_WITH_SCRIPTS = f"{POLICY}; script-src 'self'; connect-src 'self'"
PAGE_HEADERS: Mapping[str, str] = {
    "Content-Security-Policy": POLICY,
    "Referrer-Policy": "same-origin",  # with no-referrer browsers would send our own forms with `Origin: null`
}
_SCRIPT = "text/javascript; charset=utf-8"
_STATIC = {
    "consola.css": "text/css; charset=utf-8",
    "icono.svg": "image/svg+xml",
    "htmx-4.0.1.min.js": _SCRIPT,
    "llave.js": _SCRIPT,
    "licencia.js": _SCRIPT,
    "simplewebauthn-14.0.0.min.js": _SCRIPT,
}
_FOR_EVER = "public, max-age=31536000, immutable"


@dataclass(frozen=True, slots=True)
class Brand:
    """Whose console it is, and whether what is done here has legal effect."""

    operator: str
    production: bool


@dataclass(frozen=True, slots=True)
class Screens:
    """Renders the templates of the kit, and those beside each of the packages `audiences`."""

    brand: Brand
    browser: Browser
    headers: Headers
    clock: Clock
    audiences: tuple[str, ...]
    _environment: Environment = field(init=False)

    def __post_init__(self) -> None:
        environment = Environment(
            loader=ChoiceLoader([PackageLoader(name) for name in (__package__, *self.audiences)]),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            extensions=["jinja2.ext.do"],
        )
        environment.filters.update(FILTERS)
        environment.globals.update(
            brand=self.brand, style=_address("consola.css"), icon=_address("icono.svg"), new_act=uuid4, PROOF=PROOF,
            ACT=ACT, scripts=(),
        )  # fmt: skip
        object.__setattr__(self, "_environment", environment)

    def show(
        self,
        who: Visitor | None,
        template: str,
        *,
        title: str,
        deadline: Deadline,
        form: FormState | None = None,
        status: HTTPStatus | None = None,
        cookies: tuple[str, ...] = (),
        scripts: tuple[str, ...] = (),
        **values: Any,  # noqa: ANN401 - whatever the template shows
    ) -> Answer:
        """Render `template` for `who` looks; `values` are its own, `scripts` the files that it runs, in that order."""
        notice, taken_back = self._notice()
        header = self.headers.find(who.session, deadline) if isinstance(who, Person) else None
        text = self.text(
            template,
            title=title,
            header=header,
            proof="" if who is None else who.proof,
            notice=notice,
            form=form or FormState(),
            here=request.path,
            scripts=[_address(name) for name in scripts],
            **values,
        )
        given = () if who is None else who.cookies
        headers = {**PAGE_HEADERS, "Content-Security-Policy": _WITH_SCRIPTS} if scripts else PAGE_HEADERS
        return Answer(text.encode(), status=status, headers=headers, cookies=(*given, *taken_back, *cookies))

    def text(self, template: str, **values: Any) -> str:  # noqa: ANN401 - whatever the template shows
        """Render `template`, and no more."""
        return self._environment.get_template(template).render(now=self.clock(), **values)

    def go(self, path: str, *, notice: str | None = None, cookies: tuple[str, ...] = ()) -> Answer:
        """Send the browser to another page of ours, which tells `notice` (a code of `NOTICES`) once."""
        told = () if notice is None else (self.browser.give(self.browser.notice, NOTICES[notice].code, seconds=60),)
        return Answer(
            b"", status=HTTPStatus.SEE_OTHER, headers={**PAGE_HEADERS, "Location": path}, cookies=(*told, *cookies)
        )

    def _notice(self) -> tuple[Notice | None, tuple[str, ...]]:
        """What the page before left to tell, and the cookie that says it was told."""
        code = request.cookies.get(self.browser.notice)
        return NOTICES.get(code or ""), () if code is None else (self.browser.take_back(self.browser.notice),)


def static_pages() -> tuple[Page[Any, Any], ...]:
    """The style sheet and the icon: their address changes when they do, so browsers keep them."""
    return tuple(
        Page(
            method="GET",
            path=f"{PAGES}/{name}",
            name=f"consola_{name.replace('.', '_')}",
            summary="Apariencia de la consola.",
            subject="Consola",
            guard=OPEN,
            handle=_file(name),
            answer=media,
        )
        for name, media in _STATIC.items()
    )


def _file(name: str) -> Any:  # noqa: ANN401 - a handler of OPEN
    answer = Answer(_content(name), headers={"Cache-Control": _FOR_EVER})

    def handle(_call: Call[None, None]) -> Answer:
        return answer

    return handle


def _content(name: str) -> bytes:
    return (resources.files(__package__) / "static" / name).read_bytes()


@cache
def _address(name: str) -> str:
    return f"{PAGES}/{name}?v={hashlib.sha256(_content(name)).hexdigest()[:12]}"
