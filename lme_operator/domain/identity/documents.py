"""The store of documents brought as evidence: cards, proofs of address, authorisations, photographs (N-2.1a, N-2.1c).

Each is looked into before anything of it is kept, and kept sealed under a key of its own: erasing it is destroying
that key. What was brought is never shown in a page: only its preview is, made anew from the pixels.
"""

from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from sqlalchemy.engine import Connection

from lme_operator.core.canonical import sha256
from lme_operator.core.database import Deadline, Work
from lme_operator.core.refusal import Refusal
from lme_operator.core.sealing import Sealer
from lme_operator.domain.identity import store
from lme_operator.domain.identity.admission import finding
from lme_operator.domain.identity.ports import Inspector
from lme_operator.domain.identity.refusals import DOCUMENT_NOT_ADMITTED, DOCUMENT_UNKNOWN
from lme_operator.domain.identity.store import InspectedDocument, StoredDocument


class DocumentKind(StrEnum):
    """What a document is brought as."""

    CARD = "cedula"
    ADDRESS = "domicilio"
    MINSAL_AUTHORISATION = "autorizacion_minsal"
    PHOTOGRAPH = "fotografia"
    DESIGNATION = "designacion"


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentStore:
    """Looks into documents, keeps them, gives them back."""

    sealer: Sealer
    inspector: Inspector

    def inspect(self, content: bytes, *, deadline: Deadline) -> InspectedDocument:
        """Look inside an upload; call it outside any transaction, it takes its time.

        Raises `Refusal(documento_no_admitido)` with every reason found, and `Fault` when nobody can look now: what was
        not looked into is not admitted.
        """
        found = self.inspector.inspect(content, deadline=deadline)
        if found.defects:
            raise Refusal(DOCUMENT_NOT_ADMITTED, findings=tuple(finding(defect) for defect in found.defects))
        return InspectedDocument(
            media_type=found.media_type,
            digest=sha256(content),
            size=len(content),
            width=found.width,
            height=found.height,
            pages=found.pages,
            preview=found.preview,
        )

    def keep(self, work: Work, content: bytes, inspected: InspectedDocument, *, kind: DocumentKind, by: str) -> UUID:
        """Keep what was inspected, brought by the actor `by` (`persona:11111111-1`); return its id.

        Raises `ValueError` when `content` is not what was inspected.
        """
        if sha256(content) != inspected.digest:
            raise ValueError("the content is not what was inspected")
        return store.record_document(work, self.sealer, content, inspected, kind=DocumentKind(kind).value, by=by)

    def read(self, connection: Connection, document_id: UUID) -> StoredDocument:
        """Return a document; raise `Refusal(documento_inexistente)` if there is none, or it was erased."""
        found = store.find_document(connection, self.sealer, document_id)
        if found is None:
            raise Refusal(DOCUMENT_UNKNOWN)
        return found
