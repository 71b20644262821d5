"""The log's verifier: streams every entry, and names index and kind of the first fault.

It trusts nothing that the database says: leaves are parsed, the tree is computed again, and the edges that writers
stored, the keys, the sealed disclosures and the batches are compared with it. What the operator could have rewritten
altogether, only a checkpoint kept by others shows: give it every note at hand.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from lme_operator.core.canonical import NotCanonical
from lme_operator.core.sealing import Sealer
from lme_operator.domain.audit import merkle
from lme_operator.domain.audit.attempts import batch_holds, some_attempt_lost
from lme_operator.domain.audit.entry import Entry, decode_disclosures, disclosed, parse_entry
from lme_operator.domain.audit.events import ATTEMPTS_SEALED
from lme_operator.domain.audit.log import disclosures_place
from lme_operator.domain.audit.merkle import Edge
from lme_operator.domain.audit.note import Checkpoint, parse_note
from lme_operator.domain.audit.records import disclosures, entries
from lme_operator.domain.audit.trust import KeyRole, NoteRefused, Standing, TrustFile

_ROWS_AT_ONCE = 1000


@dataclass(frozen=True, slots=True)
class LogFault:
    """The first entry that nothing vouches for: its `index` and the `kind` of fault.

    Kinds: `hueco` (index missing), `duplicado` (index or id repeated), `entrada` (leaf not an entry in canonical
    form), `id` (the row says another id), `cadena` (the leaf is not the one that later entries build on), `borde`
    (the edge stored with the row was altered), `llave` (key unknown or out of its range), `divulgacion` (missing,
    or not what the digests say), `lote` (batch of attempts that is not what was sealed), `raiz` (another root than a
    checkpoint), `cola` (shorter than a checkpoint, or than its own disclosures), `intento` (an attempt that is in no
    batch), `punto_de_control` (note not
    signed as the trust file demands, or of another log).
    """

    index: int
    kind: str


@dataclass(frozen=True, slots=True)
class LogReport:
    """`size` and `root` of what was read; `fault` None if all of it holds.

    `indeterminate_from`: first index written under a key that was by then compromised, if any.
    """

    size: int
    root: bytes
    fault: LogFault | None
    indeterminate_from: int | None = None


@dataclass(frozen=True, slots=True)
class _Row:
    index: int
    id: UUID
    leaf: bytes
    edge: Edge
    key_id: str
    sealed: bytes | None


def verify_log(
    connection: Connection,
    *,
    trust: TrustFile | None = None,
    sealer: Sealer | None = None,
    checkpoints: Sequence[str] = (),
) -> LogReport:
    """Verify the whole log as this transaction sees it, in memory that does not grow with it.

    With `trust`, keys and notes are judged; with `sealer`, disclosures are opened and compared. `checkpoints` are
    notes kept elsewhere (receipts hold them too). Raises `NotCanonical` if one of those is not a note.
    """
    roots, fault = _witnessed(checkpoints, trust)
    if fault is not None:
        return LogReport(0, merkle.EMPTY_ROOT, fault)
    walk = _Walk(connection, trust, sealer, roots)
    return walk.run()


def _witnessed(notes: Sequence[str], trust: TrustFile | None) -> tuple[dict[int, set[bytes]], LogFault | None]:
    """Return the roots that the notes claim, by size, and the first note that the trust file does not admit."""
    roots: dict[int, set[bytes]] = {}
    refused: list[int] = []
    for text in notes:
        note = parse_note(text)
        checkpoint = Checkpoint.parse(note.body)
        roots.setdefault(checkpoint.size, set()).add(checkpoint.root)
        if trust is None:
            continue
        try:
            known = trust.signers(note, index=max(checkpoint.size - 1, 0)).standing is not Standing.UNKNOWN
        except NoteRefused:
            known = False
        if not known or checkpoint.origin != trust.origin or checkpoint.extensions:
            refused.append(checkpoint.size)
    fault = LogFault(max(min(refused) - 1, 0), "punto_de_control") if refused else None
    return roots, fault


class _Walk:
    """One pass over the log, from index 0."""

    def __init__(
        self,
        connection: Connection,
        trust: TrustFile | None,
        sealer: Sealer | None,
        roots: Mapping[int, set[bytes]],
    ) -> None:
        self._connection = connection
        self._keys = None if trust is None else {key.id: key for key in trust.keys_of(KeyRole.LOG)}
        self._sealer = sealer
        self._roots = roots
        self._size = 0
        self._edge: Edge = ()
        self._indeterminate: int | None = None

    def run(self) -> LogReport:
        expected = _disclosures_size(self._connection)
        repeated = _first_repeated_id(self._connection)
        fault = self._root_fault() or next(
            (fault for row in self._rows() if (fault := self._advance(row, repeated)) is not None), None
        )
        if fault is not None and fault.kind == "borde":
            fault = self._blame(fault.index)
        if fault is None:
            fault = self._tail_fault(expected)
        return LogReport(self._size, merkle.root_of(self._edge), fault, self._indeterminate)

    def _rows(self, start: int = 0) -> Iterator[_Row]:
        """Stream the rows by index, through a cursor of the server."""
        statement = (
            sa.select(
                entries.c.index, entries.c.id, entries.c.leaf, entries.c.edge, entries.c.key_id, disclosures.c.sealed
            )
            .join(disclosures, disclosures.c.index == entries.c.index, isouter=True)
            .where(entries.c.index >= start)
            .order_by(entries.c.index)
        )
        with self._connection.execute(statement, execution_options={"yield_per": _ROWS_AT_ONCE}) as rows:
            for index, id_, leaf, edge, key_id, sealed in rows:
                yield _Row(index, id_, leaf, tuple(edge), key_id, sealed)

    def _advance(self, row: _Row, repeated: int | None) -> LogFault | None:
        """Check one row against all before it, then take it in."""
        index = self._size
        if row.index != index:
            return LogFault(index, "hueco") if row.index > index else LogFault(row.index, "duplicado")
        if row.edge != self._edge:
            return LogFault(index, "borde")
        kind = "duplicado" if index == repeated else self._row_fault(row)
        if kind is not None:
            return LogFault(index, kind)
        self._edge = merkle.extend(self._edge, index, merkle.leaf_hash(row.leaf))
        self._size += 1
        return self._root_fault()

    def _row_fault(self, row: _Row) -> str | None:
        try:
            entry = parse_entry(row.leaf)
        except NotCanonical:
            return "entrada"
        if entry.id != row.id:
            return "id"
        if not self._key_counts(row):
            return "llave"
        return self._disclosure_fault(entry, row.sealed)

    def _key_counts(self, row: _Row) -> bool:
        if self._keys is None:
            return True
        key = self._keys.get(row.key_id)
        standing = Standing.OUTSIDE if key is None else key.standing(row.index)
        if standing is Standing.INDETERMINATE and self._indeterminate is None:
            self._indeterminate = row.index
        return standing is not Standing.OUTSIDE

    def _disclosure_fault(self, entry: Entry, sealed: bytes | None) -> str | None:
        """Compare the sealed values with the entry's digests: all of them, and no others."""
        if sealed is None:
            return "divulgacion"
        if self._sealer is None:
            return None
        try:
            opened = self._sealer.open(sealed, where=disclosures_place(entry.id))
            values = disclosed(entry, decode_disclosures(opened))
        except ValueError:
            return "divulgacion"
        if values.keys() != {"actor", *entry.data}:
            return "divulgacion"
        if entry.kind == ATTEMPTS_SEALED.code and not batch_holds(self._connection, entry.id, values, self._sealer):
            return "lote"
        return None

    def _root_fault(self) -> LogFault | None:
        roots = self._roots.get(self._size)
        if roots is None or roots == {merkle.root_of(self._edge)}:
            return None
        return LogFault(max(self._size - 1, 0), "raiz")

    def _blame(self, index: int) -> LogFault:
        """Tell an altered edge from an altered leaf: if later rows or checkpoints agree with the leaves, the edge was.

        Otherwise nothing vouches for the leaf before it: it is not the one that the log was built on.
        """
        if index in self._roots:
            return LogFault(index, "borde")
        edge, size = self._edge, index
        for row in self._rows(index):
            if row.index != size:
                break
            if size > index and row.edge == edge:
                return LogFault(index, "borde")
            edge = merkle.extend(edge, size, merkle.leaf_hash(row.leaf))
            size += 1
            if self._roots.get(size) == {merkle.root_of(edge)}:
                return LogFault(index, "borde")
        return LogFault(max(index - 1, 0), "cadena")

    def _tail_fault(self, disclosures_size: int) -> LogFault | None:
        """Look for what should follow and is missing, then for attempts that never entered."""
        if self._size < max(disclosures_size, max(self._roots, default=0)):
            return LogFault(self._size, "cola")
        if some_attempt_lost(self._connection):
            return LogFault(self._size, "intento")
        return None


def _disclosures_size(connection: Connection) -> int:
    """How many entries there must be, as the sealed disclosures tell."""
    last = connection.execute(sa.select(sa.func.max(disclosures.c.index))).scalar_one()
    return 0 if last is None else int(last) + 1


def _first_repeated_id(connection: Connection) -> int | None:
    """Index of the first row whose id an earlier row has: the unique index may have been dropped."""
    nth = sa.func.row_number().over(partition_by=entries.c.id, order_by=entries.c.index)
    numbered = sa.select(entries.c.index.label("at"), nth.label("nth")).subquery()
    found: int | None = connection.execute(sa.select(sa.func.min(numbered.c.at)).where(numbered.c.nth > 1)).scalar_one()
    return found
