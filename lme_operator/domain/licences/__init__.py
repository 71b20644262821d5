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
    ListedLicence,
    Patient,
    create_document_key,
    document_sealer,
    document_sealers,
    evidence_entries,
    evidence_versions,
    find_licence,
    find_licence_by_code,
    licences_of_issuer,
    licences_of_worker,
    record_evidence,
    record_licence,
    worker_hash,
)

__all__ = [
    "Address",
    "EvidenceVersion",
    "Issuer",
    "Licence",
    "LicenceOrder",
    "ListedLicence",
    "Patient",
    "ReadDocument",
    "create_document_key",
    "document_sealer",
    "document_sealers",
    "evidence_entries",
    "evidence_versions",
    "find_licence",
    "find_licence_by_code",
    "licences_of_issuer",
    "licences_of_worker",
    "next_folio",
    "read_document",
    "record_evidence",
    "record_licence",
    "worker_hash",
]
