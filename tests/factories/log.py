"""A log in memory, for tests of what anybody can check without the system."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from lme_operator.core.canonical import Json, decode, encode
from lme_operator.core.ids import uuid7
from lme_operator.domain.audit import (
    MANIFEST_DATUM,
    Checkpoint,
    EventKind,
    KeyRole,
    TrustedKey,
    TrustFile,
    build,
    digest_of,
    event,
    manifest,
    manifest_name,
    merkle,
    receipt_name,
)
from lme_operator.domain.audit.entry import compose
from lme_operator.domain.audit.note import sign_checkpoint
from lme_operator.domain.audit.receipt import render_receipt

ORIGIN = "operador.example/PRUEBAS/registro"
AT = datetime(2026, 4, 20, 14, 0, tzinfo=UTC)
PROBE = event(code="suceso_de_prueba", norm=("N-2.4a",))


class Key:
    """An Ed25519 key in memory; implements `LogSigner`."""

    def __init__(self, number: int, key_id: str | None = None) -> None:
        self._key = Ed25519PrivateKey.from_private_bytes(bytes([number]) * 32)
        self.key_id = key_id or f"llave-{number}"
        self.public = self._key.public_key().public_bytes_raw()

    def sign(self, note_body: bytes) -> bytes:
        return self._key.sign(note_body)

    def trusted(self, role: KeyRole = KeyRole.LOG) -> TrustedKey:
        return TrustedKey(self.key_id, role, self.public)


def trust_in(*keys: TrustedKey, origin: str = ORIGIN) -> TrustFile:
    return TrustFile(origin, "operador.example", ("https://operador.example",), keys)


class MemoryLog:
    """Appends entries and renders their receipts, as the log does."""

    def __init__(self, key: Key, origin: str = ORIGIN) -> None:
        self._key = key
        self._origin = origin
        self.size = 0
        self.edge: merkle.Edge = ()

    def append(self, data: Mapping[str, Json], kind: str = "licencia_emitida") -> dict[str, Json]:
        """Append an entry; return its receipt."""
        at = AT + timedelta(seconds=self.size)
        leaf, disclosures = compose(
            entry_id=uuid7(at),
            kind=EventKind(kind, ("N-1a", "N-2.4a")),
            at=at,
            actor="persona:11111111-1",
            data=data,
            on_account_of=None,
        )
        before = self.edge
        self.edge = merkle.extend(before, self.size, merkle.leaf_hash(leaf))
        self.size += 1
        root = merkle.root_of(self.edge)
        return render_receipt(
            entry=decode(leaf),
            disclosures=disclosures,
            index=self.size - 1,
            root=root,
            proof=merkle.last_leaf_proof(before),
            note=sign_checkpoint(Checkpoint(self._origin, self.size, root), self._key),
        )


def evidence_members(key: Key) -> dict[str, bytes]:
    """The members of an evidence file of two versions, with true manifests and receipts."""
    log = MemoryLog(key)
    for number in range(5):
        log.append({"numero": number})
    members = {
        "LEAME.txt": b"Archivo de evidencia\n",
        "v1/documento.xml": b"<lme><firma>x</firma></lme>",
        "v1/origen.json": encode({"ip": "192.0.2.1"}),
    }
    for version, novelty in ((1, {}), (2, {"v2/sello_de_tiempo.tsr": b"\x30\x03\x02\x01\x00"})):
        members |= novelty
        members[manifest_name(version)] = manifest(members, version=version)
        receipt = log.append({MANIFEST_DATUM: digest_of(members[manifest_name(version)])})
        members[receipt_name(version)] = encode(receipt)
    return members


def evidence_file(key: Key) -> bytes:
    return build(evidence_members(key))
