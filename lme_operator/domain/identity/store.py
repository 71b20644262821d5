"""Queries of the room (private): documents and their keys.

All that tells anything of a document is sealed under a key of its own: once that key is destroyed nothing of it is
left, its digest neither.
"""

from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from lme_operator.core.canonical import Json, decode, encode, from_base64url, to_base64url
from lme_operator.core.database import Work
from lme_operator.core.sealing import Sealer
from lme_operator.domain.identity.records import document_keys, documents


@dataclass(frozen=True, slots=True)
class InspectedDocument:
    """An upload that was looked into and may be kept. `digest` is its SHA-256, 32 bytes; `size` in bytes.

    `width` and `height` in pixels, of pictures; `pages` of PDF; `preview` a JPEG made anew from a picture's pixels.
    """

    media_type: str
    digest: bytes
    size: int
    width: int | None
    height: int | None
    pages: int | None
    preview: bytes | None = field(repr=False)


@dataclass(frozen=True, slots=True)
class StoredDocument:
    """A document as it was brought, opened. `brought_by` is the actor who brought it, as the log names him."""

    id: UUID
    kind: str
    media_type: str
    digest: bytes
    content: bytes = field(repr=False)
    preview: bytes | None = field(repr=False)
    brought_by: str
    at: datetime


def record_document(
    work: Work, sealer: Sealer, content: bytes, inspected: InspectedDocument, *, kind: str, by: str
) -> UUID:
    """Insert the document under a new key; return its id."""
    document_id = work.new_id()
    own, wrapped = sealer.new_document_key(where=_place("key", document_id))
    details: Json = {"digest": to_base64url(inspected.digest), "tipo": inspected.media_type}
    preview = inspected.preview
    work.execute(document_keys.insert().values(id=document_id, wrapped=wrapped))
    work.execute(
        documents.insert().values(
            id=document_id,
            kind=kind,
            brought_by=by,
            details=own.seal(encode(details), where=_place("details", document_id)),
            content=own.seal(content, where=_place("content", document_id)),
            preview=None if preview is None else own.seal(preview, where=_place("preview", document_id)),
            at=work.at,
        )
    )
    return document_id


def find_document(connection: Connection, sealer: Sealer, document_id: UUID) -> StoredDocument | None:
    """Return a document, opened; None if there is none, or its key was destroyed."""
    row = connection.execute(
        sa.select(documents, document_keys.c.wrapped)
        .join(document_keys, document_keys.c.id == documents.c.id)
        .where(documents.c.id == document_id)
    ).one_or_none()
    if row is None:
        return None
    own = sealer.document(row.wrapped, where=_place("key", row.id))
    details: Json = decode(own.open(row.details, where=_place("details", row.id)))
    preview = row.preview
    return StoredDocument(
        id=row.id,
        kind=row.kind,
        media_type=details["tipo"],
        digest=from_base64url(details["digest"]),
        content=own.open(row.content, where=_place("content", row.id)),
        preview=None if preview is None else own.open(preview, where=_place("preview", row.id)),
        brought_by=row.brought_by,
        at=row.at,
    )


def _place(column: str, document_id: UUID) -> str:
    table = "document_key.wrapped" if column == "key" else f"document.{column}"
    return f"identity.{table}:{document_id}"
