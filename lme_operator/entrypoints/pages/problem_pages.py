"""What goes wrong, said by a page: what happened, what to do, what became of what was sent, and the id to quote."""

from functools import cache
from http import HTTPStatus
from uuid import uuid4

from flask import Response, current_app, g, has_app_context, request

from lme_operator.core.refusal import Refusal, RefusalKind
from lme_operator.domain.access import MUST_CHANGE_PASSWORD
from lme_operator.domain.credentials import SESSION_OVER
from lme_operator.entrypoints.console.own.entry import KEY_ENTRY_NOT_BEGUN
from lme_operator.entrypoints.console.own.keys import KEYS_NOT_BEGUN
from lme_operator.entrypoints.console.own.recovery import RECOVERY_NOT_BEGUN
from lme_operator.entrypoints.http import wsgi
from lme_operator.entrypoints.http.exchange import current_exchange
from lme_operator.entrypoints.http.headers import security_headers
from lme_operator.entrypoints.http.logs import log_turned_away
from lme_operator.entrypoints.http.people import SESSION_MISSING
from lme_operator.entrypoints.http.problems import Said
from lme_operator.entrypoints.http.refusals import FORM_NOT_OURS
from lme_operator.entrypoints.pages.form_state import FormState
from lme_operator.entrypoints.pages.guards import Person
from lme_operator.entrypoints.pages.pages import HTML, PAGES
from lme_operator.entrypoints.pages.screens import PAGE_HEADERS, Screens

_TITLES = {
    400: "No pudimos leer lo que se envió",
    401: "Su sesión terminó",
    403: "No puede hacer esto",
    404: "No encontramos esta página",
    405: "Esta dirección no admite eso",
    408: "Lo que envió no llegó completo",
    409: "Ahora no se puede",
    413: "Lo que envió es demasiado grande",
    429: "Espere antes de intentar otra vez",
    500: "Tuvimos un problema",
    503: "El servicio no está disponible",
}
_LEADS = {
    SESSION_MISSING: f"{PAGES}/entrar",
    MUST_CHANGE_PASSWORD: f"{PAGES}/clave",
    RECOVERY_NOT_BEGUN: f"{PAGES}/olvido",
    KEY_ENTRY_NOT_BEGUN: f"{PAGES}/entrar",
    KEYS_NOT_BEGUN: f"{PAGES}/llaves/nueva",
}
"""Where a page leads that makes no sense without another first."""
_OTHER = "No se pudo hacer"
_FOR_PEOPLE = {
    "solicitud_invalida": "El navegador envió algo que no se entiende. Vuelva a la página y envíelo de nuevo.",
    "metodo_no_permitido": "Vuelva a la página y use sus botones.",
    "tipo_de_contenido_no_admitido": "Vuelva a la página y envíe su formulario desde ella.",
    "cuerpo_demasiado_grande": "Vuelva a la página y envíe menos de una vez.",
    "cuerpo_lento": "No se hizo nada con lo que envió. Revise su conexión, vuelva a la página y envíelo de nuevo.",
    "servicio_ocupado": "Hay muchas personas al mismo tiempo. No se hizo nada con lo que envió: repítalo luego.",
    "servicio_no_disponible": "Una parte del servicio no respondió a tiempo. No se guardó nada: repítalo luego.",
    "resultado_desconocido": "No sabemos si lo que envió alcanzó a quedar registrado. Antes de repetirlo, vuelva a la "
    "página y revise si ya aparece.",
    "emision_en_curso": "Hay otra operación suya en curso. Espere a que termine y repita.",
    "solicitud_en_curso": "Lo mismo que envió todavía se está haciendo. Espere un momento y vuelva a la página.",
    "idempotency_key_reutilizada": "Este formulario ya se envió antes con otro contenido. Vuelva a abrir la página.",
    "falta_idempotency_key": "El formulario llegó incompleto. Vuelva a abrir la página y envíelo desde ella.",
    "idempotency_key_invalida": "El formulario llegó incompleto. Vuelva a abrir la página y envíelo desde ella.",
    "solicitud_rechazada": "El navegador pidió algo que esta página no hace. Vuelva a la página.",
    "falla_interna": "Fue una falla nuestra y ya quedó anotada. Vuelva a la página y revise si lo que envió aparece.",
    "solo_https": "Escriba la dirección con https:// al comienzo.",
}
"""What is refused to programs in words of programs, in words for people."""
_ID = "00000000-0000-4000-8000-000000000000"
"""Stands for the id in a page made in advance."""


class ProblemPages:
    """Renders problems for people at a page."""

    def __init__(self, screens: Screens, *, production: bool) -> None:
        self._screens, self._production = screens, production
        self._in_advance = cache(self._without_person)

    def words(self, kind: RefusalKind) -> str:
        """Say a kind of refusal to people: what happened and what to do."""
        return _FOR_PEOPLE.get(kind.code) or f"{kind.words} {kind.remedy}"

    def show(self, said: Said) -> Response:
        """The page of a problem, or the way to where it is mended: who has no session is led to the entry.

        A script that asks for a part of a page is led nowhere: it would put a whole page where the part goes.
        """
        lead = None if request.headers.get("HX-Request") else _LEADS.get(said.kind)
        if lead is not None:
            return Response(b"", HTTPStatus.SEE_OTHER, headers={**PAGE_HEADERS, "Location": lead})
        text = self._text(said, here=request.path, who=self._who(said))
        response = Response(text, said.status, headers=PAGE_HEADERS, content_type=HTML)
        if said.kind == SESSION_OVER:
            response.headers.add("Set-Cookie", self._screens.browser.take_back(self._screens.browser.session))
        return response

    def turn_away(self, refusal: Refusal) -> wsgi.Answer:
        """The page of who is turned away before the application is reached, as cheaply as can be."""
        request_id = str(uuid4())
        log_turned_away(request_id, code=refusal.kind.code, status=refusal.kind.status)
        body = self._in_advance(refusal.kind).replace(_ID, request_id).encode()
        headers = security_headers(production=self._production) | {
            **PAGE_HEADERS,
            "Content-Type": HTML,
            "Content-Length": str(len(body)),
            "Retry-After": str(refusal.retry_after or 1),
            "Connection": "close",
            "X-Request-Id": request_id,
        }  # fmt: skip
        return wsgi.Answer(refusal.kind.status, wsgi.encoded(list(headers.items())), body)

    def _without_person(self, kind: RefusalKind) -> str:
        return self._text(Said(kind, (), status=kind.status, request_id=_ID), here=PAGES, who=None)

    def _who(self, said: Said) -> Person | None:
        """Who looks, where that is known and asking who he is does not depend on what has just failed."""
        who: Person | None = g.get("person")
        return who if said.status not in (401, 500, 503) else None

    def _text(self, said: Said, *, here: str, who: Person | None) -> str:
        header = None if who is None else self._screens.headers.find(who.session, current_exchange().deadline)
        return self._screens.text(
            "problema.html",
            title=_TITLES.get(said.status, _OTHER),
            words=self.words(said.kind),
            reasons=said.reasons,
            status=said.status,
            retry=said.kind == FORM_NOT_OURS,
            request_id=said.request_id,
            here=here,
            back=_nearest_page(here),
            header=header,
            notice=None,
            proof="" if who is None else who.proof,
            form=FormState(),
        )


def _nearest_page(path: str) -> str:
    """The page to go back to: an address that only takes forms is of the page above it."""
    if not has_app_context():
        return path
    addresses = current_app.url_map.bind("")
    while path.startswith(f"{PAGES}/") and not addresses.test(path, "GET") and addresses.allowed_methods(path):
        path = path.rpartition("/")[0]
    return path
