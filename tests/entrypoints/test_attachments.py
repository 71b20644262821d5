"""Documents served back can do nothing where they land."""

from dataclasses import replace
from uuid import UUID

import pytest
from flask import Flask

from lme_operator.core.canonical import sha256
from lme_operator.domain.identity import StoredDocument
from lme_operator.entrypoints.http.headers import install_headers
from lme_operator.entrypoints.http.routes import OPEN, Answer, Route, install_routes
from lme_operator.entrypoints.pages.attachments import serve_document, serve_preview
from tests.factories.identity import AT, bill_pdf, photo

DOCUMENT = StoredDocument(
    id=UUID("01890000-0000-7000-8000-0123456789ab"),
    kind="domicilio",
    media_type="application/pdf",
    digest=sha256(bill_pdf()),
    content=bill_pdf(),
    preview=None,
    brought_by="persona:11111111-1",
    at=AT,
)


@pytest.fixture
def application() -> Flask:
    app = Flask("adjuntos", static_folder=None)
    app.config["REQUEST_SECONDS"] = 2.0
    install_headers(app, production=False)
    return app


@pytest.mark.norm("N-2.6b")
@pytest.mark.parametrize(
    ("answer", "media_type", "disposition"),
    [
        (serve_document(DOCUMENT), "application/pdf", 'attachment; filename="domicilio-0123456789ab.pdf"'),
        (
            serve_document(replace(DOCUMENT, media_type="image/png", content=photo(kind="PNG"))),
            "image/png",
            'attachment; filename="domicilio-0123456789ab.png"',
        ),
        (serve_preview(photo()), "image/jpeg", "inline"),
    ],
)
def test_what_strangers_brought_is_inert(application: Flask, answer: Answer, media_type: str, disposition: str) -> None:
    route: Route[None, None] = Route(
        method="GET",
        path="/documento",
        name="documento",
        summary="x",
        subject="x",
        guard=OPEN,
        handle=lambda _call: answer,
        answer="application/octet-stream",
    )
    install_routes(application, (route,))
    served = application.test_client().get("/documento")
    assert served.data == answer.content
    assert served.headers["Content-Type"] == media_type
    assert served.headers["Content-Disposition"] == disposition
    assert served.headers["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in served.headers["Content-Security-Policy"]
    assert served.headers["Cache-Control"] == "no-store"
