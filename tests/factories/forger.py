"""An operator who lies, with every key of his and no database: he invents entries, their neighbours and checkpoints."""

import hashlib
from collections.abc import Mapping, Sequence
from datetime import datetime

from lme_operator.core.canonical import Json, decode, encode
from lme_operator.core.ids import uuid7
from lme_operator.domain.audit import (
    MANIFEST_DATUM,
    Checkpoint,
    EventKind,
    LogSigner,
    build,
    digest_of,
    manifest,
    manifest_name,
    merkle,
    receipt_name,
)
from lme_operator.domain.audit.entry import Disclosure, compose
from lme_operator.domain.audit.note import sign_checkpoint
from lme_operator.domain.audit.receipt import render_receipt


class Forger:
    """Signs with the log's key whatever he invents; `origin` is the log's name."""

    def __init__(self, signer: LogSigner, origin: str) -> None:
        self.signer = signer
        self.origin = origin

    def receipt(
        self, *, kind: EventKind, at: datetime, actor: str, data: Mapping[str, Json], index: int
    ) -> dict[str, Json]:
        """The receipt of an entry that was never logged, in a tree of leaves that never were."""
        leaf, disclosures = compose(entry_id=uuid7(at), kind=kind, at=at, actor=actor, data=data, on_account_of=None)
        return self.around(leaf, disclosures, index=index)

    def around(self, leaf: bytes, disclosures: Sequence[Disclosure], *, index: int) -> dict[str, Json]:
        """The receipt of these bytes as entry `index`, whatever they are."""
        invented = tuple(hashlib.sha256(bytes([index % 256, row])).digest() for row in range(index.bit_count()))
        edge = merkle.extend(invented, index, merkle.leaf_hash(leaf))
        root = merkle.root_of(edge)
        return render_receipt(
            entry=decode(leaf),
            disclosures=disclosures,
            index=index,
            root=root,
            proof=merkle.last_leaf_proof(invented),
            note=sign_checkpoint(Checkpoint(self.origin, index + 1, root), self.signer),
        )

    def made_again(self, members: Mapping[str, bytes], *, version: int = 1) -> bytes:
        """The file around these members, with manifest and receipt made anew for that version.

        The entry says what the receipt in `members` says, at the same instant and index, but for the manifest.
        """
        told = decode(members[receipt_name(version)])
        listed = manifest(members, version=version)
        said = {name: value for _, name, value in told["divulgaciones"]} | {MANIFEST_DATUM: digest_of(listed)}
        return self.with_entry({**members, manifest_name(version): listed}, told, said, version=version)

    def with_entry(
        self, members: Mapping[str, bytes], told: Json, said: Mapping[str, Json], *, version: int = 1
    ) -> bytes:
        """The file with a receipt of that version which discloses `said`, of the kind and instant of `told`."""
        return build({**members, receipt_name(version): encode(self.of_told(told, said))})

    def of_told(self, told: Json, said: Mapping[str, Json]) -> dict[str, Json]:
        """A receipt which discloses `said`, of the kind, instant and index of the receipt `told`."""
        entry, data = told["entrada"], dict(said)
        actor = str(data.pop("actor"))
        return self.receipt(
            kind=EventKind(entry["tipo"], tuple(entry["norma"])),
            at=datetime.fromisoformat(entry["instante"]),
            actor=actor,
            data=data,
            index=told["indice"],
        )
