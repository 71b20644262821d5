"""The log: every operation recorded, provable and never rewritten (N-2.4a, N-2.6c).

Answers for: entries in an RFC 6962 Merkle tree, signed checkpoints (C2SP), receipts that anybody checks offline with
the trust file, evidence files, batches of attempts, and a verifier that names the first fault.

Invariants: rows are only inserted; the order of indices is the order of commits, kept by one lock taken last; an
entry holds salted digests of personal data, never the data; only committed roots are signed, so a retry renders the
same bytes. Formats are those of version 1, with vectors in `tests/assets/formats`, and never change. Evidence files
are `audit.evidence`.
"""

from lme_operator.domain.audit.entry import Disclosure, Entry, parse_entry
from lme_operator.domain.audit.events import ACT_REFUSED, ACT_TURNED_AWAY, ATTEMPTS_SEALED, EventKind, event, events
from lme_operator.domain.audit.evidence import (
    MANIFEST_DATUM,
    EvidenceFault,
    build,
    check_manifests,
    check_receipts,
    digest_of,
    manifest,
    manifest_name,
    open_strict,
    receipt_name,
)
from lme_operator.domain.audit.log import Log, LoggedAct
from lme_operator.domain.audit.note import Checkpoint, Note, note_key_id, parse_note
from lme_operator.domain.audit.ports import LogSigner
from lme_operator.domain.audit.receipt import ReceiptFault, VerifiedEntry, read_receipt, verify_receipt
from lme_operator.domain.audit.refusal_evidence import LogEvidence
from lme_operator.domain.audit.store import LOG_LOCK
from lme_operator.domain.audit.trust import Attestation, KeyEnd, KeyRole, Standing, TrustedKey, TrustFile
from lme_operator.domain.audit.verify import LogFault, LogReport, verify_log

__all__ = [
    "ACT_REFUSED",
    "ACT_TURNED_AWAY",
    "ATTEMPTS_SEALED",
    "LOG_LOCK",
    "MANIFEST_DATUM",
    "Attestation",
    "Checkpoint",
    "Disclosure",
    "Entry",
    "EventKind",
    "EvidenceFault",
    "KeyEnd",
    "KeyRole",
    "Log",
    "LogEvidence",
    "LogFault",
    "LogReport",
    "LogSigner",
    "LoggedAct",
    "Note",
    "ReceiptFault",
    "Standing",
    "TrustFile",
    "TrustedKey",
    "VerifiedEntry",
    "build",
    "check_manifests",
    "check_receipts",
    "digest_of",
    "event",
    "events",
    "manifest",
    "manifest_name",
    "note_key_id",
    "open_strict",
    "parse_entry",
    "parse_note",
    "read_receipt",
    "receipt_name",
    "verify_log",
    "verify_receipt",
]
