"""Persons by RUN: the row that every act of a person locks, and its epoch; and the evidence of who a person is.

Invariants: a row exists only for who is enrolled, being enrolled, or ordered about; its RUN never changes, it is never
deleted, and its epoch only rises, by one, under the row's lock (a trigger refuses the rest). Whatever was born in an
earlier epoch (sessions, half-logins, codes, preparations) is dead: so a block or a changed factor ends them all at
once, without reaching into any room (N-2.6b, N-2.7a, N-6a).

Documents are looked into before they are kept, each under a key of its own (N-2.1a, N-2.1c). What the Registro Civil
and the biometric provider say is returned with the exchange that shows it; no answer is an answer (N-2.2a, N-2.2b).

Personal data are sealed field by field (`core.sealing`). `PLAIN_COLUMNS` is the one table of what stays plain.
"""

from lme_operator.domain.identity.admission import Defect
from lme_operator.domain.identity.checks import IdentityChecks
from lme_operator.domain.identity.documents import DocumentKind, DocumentStore
from lme_operator.domain.identity.facts import people
from lme_operator.domain.identity.locking import find_epoch, lock_people, locked_epoch, raise_epoch
from lme_operator.domain.identity.plain import PLAIN_COLUMNS
from lme_operator.domain.identity.ports import (
    BiometricCheck,
    BiometricProvider,
    CivilRegistry,
    DocumentCheck,
    DocumentStatus,
    FaceMatch,
    Inspection,
    Inspector,
)
from lme_operator.domain.identity.rules import (
    CardClaim,
    CardKind,
    CardQr,
    claim_findings,
    expiry_findings,
    read_card_qr,
)
from lme_operator.domain.identity.store import InspectedDocument, StoredDocument

__all__ = [
    "PLAIN_COLUMNS",
    "BiometricCheck",
    "BiometricProvider",
    "CardClaim",
    "CardKind",
    "CardQr",
    "CivilRegistry",
    "Defect",
    "DocumentCheck",
    "DocumentKind",
    "DocumentStatus",
    "DocumentStore",
    "FaceMatch",
    "IdentityChecks",
    "InspectedDocument",
    "Inspection",
    "Inspector",
    "StoredDocument",
    "claim_findings",
    "expiry_findings",
    "find_epoch",
    "lock_people",
    "locked_epoch",
    "people",
    "raise_epoch",
    "read_card_qr",
]
