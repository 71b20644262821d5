"""The licence: its order, its checks, the official document, the folio, and what was issued.

Invariants: a licence is one signed document, never edited; its folio is unique and carries its check digit; every
check is a pure rule with its citation (N-2.4a, N-2.4b).
"""

from lme_operator.domain.licences.document_reading import ReadDocument, read_document
from lme_operator.domain.licences.folio import next_folio
from lme_operator.domain.licences.order import Address, Issuer, LicenceOrder
from lme_operator.domain.licences.store import (
    EvidenceVersion,
    Licence,
    create_document_key,
    document_sealer,
    evidence_versions,
    find_licence,
    find_licence_by_code,
    record_evidence,
    record_licence,
)

__all__ = [
    "Address",
    "EvidenceVersion",
    "Issuer",
    "Licence",
    "LicenceOrder",
    "ReadDocument",
    "create_document_key",
    "document_sealer",
    "evidence_versions",
    "find_licence",
    "find_licence_by_code",
    "next_folio",
    "read_document",
    "record_evidence",
    "record_licence",
]
