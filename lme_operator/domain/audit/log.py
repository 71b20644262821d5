"""The log: append, receipt, checkpoint, proofs, and the batches of attempts."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.engine import Connection

from lme_operator.core.canonical import Json, decode, to_base64url
from lme_operator.core.database import Database, Deadline, Work
from lme_operator.core.refusal import Fault
from lme_operator.core.sealing import Sealer
from lme_operator.domain.audit import merkle, store
from lme_operator.domain.audit.attempts import batch_data, compose_attempt, place
from lme_operator.domain.audit.entry import Disclosure, compose, decode_disclosures, encode_disclosures, parse_entry
from lme_operator.domain.audit.events import ATTEMPTS_SEALED, EventKind
from lme_operator.domain.audit.merkle import Range
from lme_operator.domain.audit.note import Checkpoint, is_key_name, sign_checkpoint
from lme_operator.domain.audit.ports import LogSigner
from lme_operator.domain.audit.receipt import render_receipt
from lme_operator.domain.audit.store import StoredEntry

BATCH_AT_MOST = 10_000
"""Attempts in one batch entry."""

BATCH_ACTOR = "sistema:sellar_intentos"


def disclosures_place(entry_id: UUID) -> str:
    """Where an entry's disclosures are sealed: bound to the entry."""
    return f"audit.disclosure.sealed:{entry_id}"


@dataclass(frozen=True, slots=True)
class LoggedAct:
    """An entry as it stands in the log: its index, its event's code, and every value by name, `actor` among them."""

    index: int
    kind: str
    at: datetime
    values: dict[str, Json]


@dataclass(frozen=True, slots=True, kw_only=True)
class Log:
    """The operator's log. `origin` names it for ever (with 'PRUEBAS' in it outside production).

    `retired` are keys that signed earlier stretches and are kept to render those receipts again. `patience_ms` is how
    long an act waits for the log's lock before it fails, so that requests do not pile up behind a stuck one.
    """

    sealer: Sealer
    signer: LogSigner
    origin: str
    retired: tuple[LogSigner, ...] = ()
    patience_ms: int = 300

    def __post_init__(self) -> None:
        if not is_key_name(self.origin):
            raise ValueError(f"not a name for a log: {self.origin!r}")

    def append(
        self,
        work: Work,
        *,
        kind: EventKind,
        actor: str,
        data: Mapping[str, Json],
        on_account_of: UUID | None = None,
        entry_id: UUID | None = None,
    ) -> UUID:
        """Append an entry of this unit of work; return its id. Call it last, before the commit (registro@v1#anotar).

        Takes the log's lock, which is held until commit: so the order of indices is the order of commits. `actor` is
        `persona:RUN`, `organizacion:ID` or `sistema:TAREA`; values of `data` may be personal, only their salted
        digests enter the entry. If the lock does not come in `patience_ms`, or the right to insert is missing, the
        database raises and the unit of work ends as `Fault`.
        """
        entry_id = entry_id or work.new_id()
        leaf, disclosures = compose(
            entry_id=entry_id, kind=kind, at=work.at, actor=actor, data=data, on_account_of=on_account_of
        )
        sealed = self.sealer.seal(encode_disclosures(disclosures), where=disclosures_place(entry_id))
        store.append(
            work.connection,
            entry_id=entry_id,
            leaf=leaf,
            key_id=self.signer.key_id,
            sealed=sealed,
            patience_ms=min(self.patience_ms, work.deadline.milliseconds()),
        )
        return entry_id

    def receipt(self, connection: Connection, entry_id: UUID, *, disclose: Collection[str] | None = None) -> Json:
        """Render the receipt of a committed entry: always the same bytes (registro@v1#recibo).

        `disclose` names the values that the receiver may know; None is all. Raises `LookupError` for an unknown
        entry, `RuntimeError` in a transaction that has written: only committed roots are ever signed.
        """
        found = store.find_entry(connection, entry_id)
        if found is None:
            raise LookupError(f"no entry {entry_id}")
        _refuse_written(found.written)
        entry = found.entry
        known = self._open(entry_id, found.sealed)
        shown = [disclosure for disclosure in known if disclose is None or disclosure.name in disclose]
        return render_receipt(
            entry=decode(entry.leaf),
            disclosures=shown,
            index=entry.index,
            root=entry.root,
            proof=merkle.last_leaf_proof(entry.edge),
            note=self._sign(entry),
        )

    def indices(self, connection: Connection, entry_ids: Sequence[UUID]) -> dict[UUID, int]:
        """Return where each of these entries stands in the log, those that there are; nothing of them is opened."""
        return store.indices_of(connection, entry_ids)

    def disclosed(self, connection: Connection, entry_id: UUID) -> dict[str, Json]:
        """Return every value of an entry by name, `actor` among them; raise `LookupError` for an unknown entry."""
        return self.tell(connection, entry_id).values

    def tell(self, connection: Connection, entry_id: UUID) -> LoggedAct:
        """Return an entry with every value disclosed, for who may know it all; raise `LookupError`."""
        found = store.find_entry(connection, entry_id)
        if found is None:
            raise LookupError(f"no entry {entry_id}")
        entry = parse_entry(found.entry.leaf)
        values = {disclosure.name: disclosure.value for disclosure in self._open(entry_id, found.sealed)}
        return LoggedAct(found.entry.index, entry.kind, entry.at, values)

    def disclosed_at(self, connection: Connection, index: int) -> dict[str, Json]:
        """Return every value of the entry at `index`; raise `LookupError` where there is none."""
        found = store.entries_at(connection, (index,)).get(index)
        if found is None:
            raise LookupError(f"no entry at {index}")
        return self.disclosed(connection, UUID(decode(found.leaf)["id"]))

    def size(self, connection: Connection) -> int:
        """Return how many entries this transaction sees."""
        last = store.last_entry(connection)
        return 0 if last is None else last.index + 1

    def checkpoint(self, connection: Connection) -> str:
        """Return the signed note of the whole log as committed; raise `RuntimeError` as `receipt` does."""
        _refuse_written(store.has_written(connection))
        last = store.last_entry(connection)
        if last is None:
            return sign_checkpoint(Checkpoint(self.origin, 0, merkle.EMPTY_ROOT), self.signer)
        return self._sign(last)

    def inclusion(self, connection: Connection, *, index: int, size: int) -> tuple[bytes, ...]:
        """Return the inclusion proof of entry `index` in the tree of `size` entries (RFC 6962)."""
        return _prove(connection, merkle.inclusion_ranges(index, size))

    def consistency(self, connection: Connection, *, old: int, new: int) -> tuple[bytes, ...]:
        """Return the proof that the tree of `new` entries begins with that of `old` (RFC 6962)."""
        return _prove(connection, merkle.consistency_ranges(old, new))

    def attempt(self, connection: Connection, *, at: datetime, kind: EventKind, data: Mapping[str, Json]) -> None:
        """Keep an attempt, at once; it enters the log with the next batch (N-3.0b). Rate-limit before calling.

        A stranger's RUN or address goes in as `keyed(...)`, never plain.
        """
        record = compose_attempt(at=at, kind=kind, data=data)
        leaf_hash = merkle.leaf_hash(record)
        sealed = self.sealer.seal(record, where=place(leaf_hash))
        store.insert_attempt(connection, at=at, kind=kind.code, sealed=sealed, leaf_hash=leaf_hash)

    def keyed(self, value: str, *, purpose: str) -> str:
        """Return the keyed hash of a stranger's datum: it can be counted, not read back."""
        return to_base64url(self.sealer.lookup(value, purpose=purpose))

    def seal_attempts(self, database: Database, deadline: Deadline) -> UUID | None:
        """Enter the attempts waiting as one batch entry (Merkle root over them); return its id, None if there are none.

        Safe to run twice and by several at once: each attempt enters exactly one batch.
        """
        with database.unit_of_work(deadline=deadline) as work:
            if not store.try_batch_lock(work.connection):
                return None
            taken = store.take_pending_attempts(work.connection, at_most=BATCH_AT_MOST)
            if not taken:
                return None
            entry_id = work.new_id()
            store.insert_batch(work.connection, entry_id=entry_id, attempt_ids=[attempt for attempt, _ in taken])
            data = batch_data(taken)
            return self.append(work, kind=ATTEMPTS_SEALED, actor=BATCH_ACTOR, data=data, entry_id=entry_id)

    def _open(self, entry_id: UUID, sealed: bytes) -> tuple[Disclosure, ...]:
        return decode_disclosures(self.sealer.open(sealed, where=disclosures_place(entry_id)))

    def _sign(self, entry: StoredEntry) -> str:
        """Sign the root of the tree that ends with `entry`, with the key that the entry was written under."""
        for signer in (self.signer, *self.retired):
            if signer.key_id == entry.key_id:
                return sign_checkpoint(Checkpoint(self.origin, entry.index + 1, entry.root), signer)
        raise Fault("servicio_no_disponible") from LookupError(f"log key {entry.key_id} is not at hand")


def _refuse_written(written: bool) -> None:
    """A checkpoint over a root that may still roll back would be a fork signed by ourselves."""
    if written:
        raise RuntimeError("checkpoints are rendered after the commit, in a transaction that only reads")


def _prove(connection: Connection, ranges: list[Range]) -> tuple[bytes, ...]:
    """Compute the roots named, each perfect subtree from the one row that ends it."""
    parts = [part for range_ in ranges for part in merkle.perfect_subtrees(*range_)]
    rows = store.entries_at(connection, {end - 1 for _, end in parts})

    def subtree_root(start: int, end: int) -> bytes:
        row = rows[end - 1]
        return merkle.subtree_from_last(merkle.leaf_hash(row.leaf), row.edge, end - start)

    return merkle.prove(ranges, subtree_root)
