"""Documents that people brought, served back: always as a download, and what is shown in a page is its preview alone.

Even a document that was looked into is a stranger's: it never gets the origin, the scripts or the guessing of a page.
"""

from lme_operator.domain.identity import StoredDocument
from lme_operator.entrypoints.http.routes import Answer

_EXTENSIONS = {"image/jpeg": "jpg", "image/png": "png", "application/pdf": "pdf"}
_INERT = {
    "Content-Security-Policy": "default-src 'none'; sandbox; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}


def serve_document(document: StoredDocument) -> Answer:
    """Answer the document as it was brought, for download; its name is ours, never whoever's."""
    name = f"{document.kind}-{document.id.hex[-12:]}.{_EXTENSIONS[document.media_type]}"
    headers = {"Content-Type": document.media_type, "Content-Disposition": f'attachment; filename="{name}"'}
    return Answer(document.content, headers={**_INERT, **headers})


def serve_preview(preview: bytes) -> Answer:
    """Answer a preview, which may be shown in a page of ours."""
    return Answer(preview, headers={**_INERT, "Content-Type": "image/jpeg", "Content-Disposition": "inline"})
