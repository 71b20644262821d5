"""The product as journeys see it: the same, but patient with a busy machine, and with a page that takes documents."""

from dataclasses import replace
from typing import Annotated, Any

from lme_operator.entrypoints.http.front import Front
from lme_operator.entrypoints.http.routes import Answer, Call
from lme_operator.entrypoints.pages.browser import Browser
from lme_operator.entrypoints.pages.forms import ACT, PROOF, Asks, FormModel, SentFile
from lme_operator.entrypoints.pages.guards import PageGuards, Person, page_guards
from lme_operator.entrypoints.pages.pages import HTML, LARGEST_UPLOAD, Page, install_pages
from lme_operator.entrypoints.pages.screens import PAGE_HEADERS
from lme_operator.settings import Settings
from lme_operator.wiring import build_operator, create_app, put_front

UPLOAD = "/consola/prueba-de-carga"
_PATIENCE = 15.0
_FORM = f"""<!doctype html><html lang="es-CL"><title>Carga</title><form method="post" enctype="multipart/form-data">
<input type="hidden" name="{PROOF}" value="%s"><input type="hidden" name="{ACT}" value="x">
<input type="text" name="nota" value="ñandú"><input type="file" name="documento"><button>Enviar</button></form>"""


class UploadForm(FormModel):
    """A document and what is said of it."""

    nota: str
    documento: Annotated[SentFile, Asks("Adjunte el documento.")]


def patient() -> Front:
    """Each request has time enough, whatever else the machine does."""
    settings = Settings.load()
    web = settings.web.model_copy(update={"request_seconds": _PATIENCE, "outside_seconds": _PATIENCE})
    settings = settings.model_copy(update={"web": web})
    operator = replace(build_operator(settings, role="application"), settings=settings)
    browser = Browser(sealer=operator.sealer, origins=(settings.web.origin,), secure=False)
    app = create_app(operator)
    install_pages(app, upload_pages(page_guards(browser, database=operator.database, sealer=operator.sealer)))
    return put_front(app, settings)


def upload_pages(guards: PageGuards) -> tuple[Page[Any, Any], ...]:
    """A page that takes a document, and says what it got."""

    def look(call: Call[Person, None]) -> Answer:
        return Answer((_FORM % call.who.proof).encode(), headers=PAGE_HEADERS)

    def receive(call: Call[Person, UploadForm]) -> Answer:
        sent = call.input.documento
        return Answer(f"<p>{sent.name}: {len(sent.content)} bytes, {call.input.nota}</p>".encode())

    described: dict[str, Any] = {"path": UPLOAD, "summary": "Carga.", "subject": "Pruebas", "answer": HTML}
    return (
        Page(method="GET", name="carga", guard=guards.console, handle=look, **described),
        Page(
            method="POST", name="carga_enviar", guard=guards.console, handle=receive, input=UploadForm,
            largest_body=LARGEST_UPLOAD, **described,
        ),
    )  # fmt: skip
