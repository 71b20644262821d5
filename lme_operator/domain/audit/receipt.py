"""The receipt (`recibo`) of an entry: what proves, offline and for ever, that the log holds it (N-2.6c).

`entrada`, `divulgaciones[]` (those that the receiver may know), `indice`, `tamano`, `raiz`, `prueba[]` and
`punto_de_control`, the signed note of the root. Hashes are base64url; inside the note, base64 as C2SP has it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from uuid import UUID

from lme_operator.core.canonical import (
    Json,
    NotCanonical,
    decode,
    encode,
    from_base64url,
    normalise,
    to_base64url,
)
from lme_operator.domain.audit.entry import Disclosure, Entry, disclosed, parse_entry
from lme_operator.domain.audit.merkle import leaf_hash, root_from_inclusion
from lme_operator.domain.audit.note import Checkpoint, Note, parse_note
from lme_operator.domain.audit.trust import Attestation, NoteRefused, Standing, TrustFile

_FIELDS = {"entrada", "divulgaciones", "indice", "tamano", "raiz", "prueba", "punto_de_control"}


class ReceiptFault(ValueError):
    """A receipt does not hold; `kind` says why, in one word."""

    def __init__(self, kind: str) -> None:
        super().__init__(kind)
        self.kind = kind


@dataclass(frozen=True, slots=True)
class VerifiedEntry:
    """An entry whose inclusion was proved.

    `disclosed` holds the values known, by name (`actor` among them); `hidden`: how many more the entry has. `key_id` is
    the log key that signed the checkpoint, None if no trust file was at hand ('origen no comprobado') or if it does not
    know that key; `standing` what its signature is worth there; `witnesses` who cosigned, and when.
    """

    id: UUID
    kind: str
    at: datetime
    norm: tuple[str, ...]
    on_account_of: UUID | None
    disclosed: Mapping[str, Json]
    hidden: int
    index: int
    size: int
    root: bytes
    origin: str
    key_id: str | None
    standing: Standing
    witnesses: tuple[Attestation, ...]


def render_receipt(
    *, entry: Json, disclosures: Sequence[Disclosure], index: int, root: bytes, proof: Sequence[bytes], note: str
) -> dict[str, Json]:
    """Compose the receipt of entry `index` in the tree that ends with it."""
    return {
        "entrada": entry,
        "divulgaciones": [disclosure.render() for disclosure in disclosures],
        "indice": index,
        "tamano": index + 1,
        "raiz": to_base64url(root),
        "prueba": [to_base64url(hash_) for hash_ in proof],
        "punto_de_control": note,
    }


def read_receipt(data: bytes) -> Json:
    """Parse the bytes of a receipt (canonical JSON); raise `ReceiptFault('no_canonico')`."""
    try:
        return decode(data)
    except NotCanonical as error:
        raise ReceiptFault("no_canonico") from error


def verify_receipt(receipt: Json, trust: TrustFile | None) -> VerifiedEntry:
    """Check a receipt, offline; raise `ReceiptFault`.

    Kinds: `no_canonico` (shape), `entrada`, `divulgacion`, `prueba` (does not lead to the root), `punto_de_control`
    (note that says another thing), `origen` (another log's), and those of `TrustFile.signers`. With `trust` None
    everything but the signatures is checked.
    """
    try:
        _check_shape(receipt)
        entry = _entry(receipt["entrada"])
        note = parse_note(receipt["punto_de_control"])
        checkpoint = Checkpoint.parse(note.body)
        root = from_base64url(receipt["raiz"])
        proof = [from_base64url(hash_) for hash_ in receipt["prueba"]]
    except NotCanonical as error:
        raise ReceiptFault("no_canonico") from error
    values = _disclosed(entry, receipt["divulgaciones"])
    index, size = receipt["indice"], receipt["tamano"]
    if root_from_inclusion(leaf=leaf_hash(entry.leaf), index=index, size=size, proof=proof) != root:
        raise ReceiptFault("prueba")
    if (checkpoint.size, checkpoint.root) != (size, root):
        raise ReceiptFault("punto_de_control")
    key_id, standing, witnesses = _judge(note, checkpoint, trust)
    return VerifiedEntry(
        id=entry.id,
        kind=entry.kind,
        at=entry.at,
        norm=entry.norm,
        on_account_of=entry.on_account_of,
        disclosed=MappingProxyType(values),
        hidden=len(entry.data) + 1 - len(values),
        index=index,
        size=size,
        root=root,
        origin=checkpoint.origin,
        key_id=key_id,
        standing=standing,
        witnesses=witnesses,
    )


def _judge(
    note: Note, checkpoint: Checkpoint, trust: TrustFile | None
) -> tuple[str | None, Standing, tuple[Attestation, ...]]:
    """Who signed, and what that is worth. An extension that this edition does not know may change what is said."""
    if trust is None:
        return None, Standing.INDETERMINATE, ()
    if checkpoint.origin != trust.origin:
        raise ReceiptFault("origen")
    try:
        signers = trust.signers(note, index=checkpoint.size - 1)
    except NoteRefused as error:
        raise ReceiptFault(error.kind) from error
    key_id = None if signers.key is None else signers.key.id
    return key_id, Standing.UNKNOWN if checkpoint.extensions else signers.standing, signers.witnesses


def _check_shape(receipt: Json) -> None:
    """Refuse a receipt that does not have exactly the fields and types of version 1."""
    if not isinstance(receipt, dict) or set(receipt) != _FIELDS or normalise(receipt) != receipt:
        raise NotCanonical("not a receipt")
    numbers = (receipt["indice"], receipt["tamano"])
    if any(isinstance(number, bool) or not isinstance(number, int) for number in numbers):
        raise NotCanonical("index and size are integers")
    if not isinstance(receipt["divulgaciones"], list) or not isinstance(receipt["prueba"], list):
        raise NotCanonical("disclosures and proof are lists")
    texts = (receipt["raiz"], receipt["punto_de_control"], *receipt["prueba"])
    if not all(isinstance(text, str) for text in texts):
        raise NotCanonical("hashes and note are texts")


def _entry(value: Json) -> Entry:
    try:
        return parse_entry(encode(value))
    except ValueError as error:
        raise ReceiptFault("entrada") from error


def _disclosed(entry: Entry, parts: Sequence[Json]) -> dict[str, Json]:
    try:
        return disclosed(entry, [Disclosure.parse(part) for part in parts])
    except ValueError as error:
        raise ReceiptFault("divulgacion") from error
