"""The log's formats against fixed vectors, made by code that shares nothing with ours (RFC 6962, C2SP, formats v1)."""

import importlib.util
import json
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from lme_operator.core.canonical import encode, from_base64url, sha256, to_base64url
from lme_operator.domain.audit import (
    Checkpoint,
    Disclosure,
    EventKind,
    TrustFile,
    build,
    event,
    manifest,
    note_key_id,
    open_strict,
    parse_entry,
    parse_note,
    read_receipt,
    verify_receipt,
)
from lme_operator.domain.audit.entry import compose
from lme_operator.domain.audit.merkle import (
    consistency_ranges,
    extend,
    inclusion_ranges,
    is_consistent,
    leaf_hash,
    prove,
    root_from_inclusion,
    root_of,
)
from lme_operator.domain.audit.note import sign_checkpoint
from lme_operator.domain.audit.receipt import render_receipt

FORMATS = Path(__file__).parents[1] / "assets" / "formats"
VECTORS: dict[str, Any] = json.loads((FORMATS / "log.json").read_text("utf-8"))
TREE = VECTORS["tree"]
LEAVES = [bytes.fromhex(leaf) for leaf in TREE["leaves"]]
ROOTS = [bytes.fromhex(root) for root in TREE["roots"]]


class VectorSigner:
    """The fixed key of the vectors."""

    key_id = "registro-pruebas"

    def __init__(self) -> None:
        self._key = Ed25519PrivateKey.from_private_bytes(bytes.fromhex(VECTORS["seed"]))
        self.public = self._key.public_key().public_bytes_raw()

    def sign(self, note_body: bytes) -> bytes:
        return self._key.sign(note_body)


def subtree_root(start: int, end: int) -> bytes:
    edge: tuple[bytes, ...] = ()
    for position, leaf in enumerate(LEAVES[start:end]):
        edge = extend(edge, position, leaf_hash(leaf))
    return root_of(edge)


def test_the_vectors_are_what_their_own_script_writes() -> None:
    spec = importlib.util.spec_from_file_location("make_log_vectors", FORMATS / "make_log_vectors.py")
    assert spec is not None
    assert spec.loader is not None
    script = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(script)
    assert script.vectors() == VECTORS


@pytest.mark.parametrize("size", range(9))
def test_edge_and_root_of_each_size(size: int) -> None:
    edge: tuple[bytes, ...] = ()
    for position in range(size):
        edge = extend(edge, position, leaf_hash(LEAVES[position]))
    assert [hash_.hex() for hash_ in edge] == TREE["edges"][size]
    assert root_of(edge) == ROOTS[size]


@pytest.mark.parametrize("vector", TREE["inclusion"], ids=lambda v: f"{v['index']}-of-{v['size']}")
def test_inclusion_proof(vector: dict[str, Any]) -> None:
    index, size = vector["index"], vector["size"]
    proof = prove(inclusion_ranges(index, size), subtree_root)
    assert [hash_.hex() for hash_ in proof] == vector["proof"]
    assert root_from_inclusion(leaf=leaf_hash(LEAVES[index]), index=index, size=size, proof=proof) == ROOTS[size]


@pytest.mark.parametrize("vector", TREE["consistency"], ids=lambda v: f"{v['old']}-to-{v['new']}")
def test_consistency_proof(vector: dict[str, Any]) -> None:
    old, new = vector["old"], vector["new"]
    proof = prove(consistency_ranges(old, new), subtree_root)
    assert [hash_.hex() for hash_ in proof] == vector["proof"]
    assert is_consistent(old=old, old_root=ROOTS[old], new=new, new_root=ROOTS[new], proof=proof)


@pytest.mark.parametrize("vector", VECTORS["entries"], ids=["0", "1", "2"])
def test_entry_leaf_and_disclosures(vector: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    salts = [from_base64url(part["salt"]) for part in vector["disclosures"]]
    names = ["actor", "dias", "folio", "nombre"]
    by_name = dict(zip([part["name"] for part in vector["disclosures"]], salts, strict=True))
    random = from_base64url(vector["entry"]["nonce"]) + b"".join(by_name[name] for name in names)
    monkeypatch.setattr("secrets.token_bytes", lambda length: random[:length])
    values = {part["name"]: part["value"] for part in vector["disclosures"]}
    cause = vector["entry"]["por_cuenta_de"]
    leaf, disclosures = compose(
        entry_id=UUID(vector["entry"]["id"]),
        kind=EventKind(vector["entry"]["tipo"], tuple(vector["entry"]["norma"])),
        at=datetime.fromisoformat(vector["entry"]["instante"]),
        actor=values.pop("actor"),
        data=values,
        on_account_of=None if cause is None else UUID(cause),
    )
    assert leaf.decode() == vector["leaf"]
    assert to_base64url(leaf_hash(leaf)) == vector["leaf_hash"]
    digests = {part["name"]: part["digest"] for part in vector["disclosures"]}
    assert {disclosure.name: disclosure.digest for disclosure in disclosures} == digests
    assert parse_entry(leaf).data == vector["entry"]["datos"]


def test_note_text_and_key_id() -> None:
    signer = VectorSigner()
    vector = VECTORS["note"]
    assert to_base64url(signer.public) == vector["public"]
    assert note_key_id(VECTORS["origin"], signer.public).hex() == vector["key_id"]
    assert sign_checkpoint(Checkpoint(VECTORS["origin"], 8, ROOTS[8]), signer) == vector["text"]
    assert Checkpoint.parse(parse_note(vector["text"]).body) == Checkpoint(VECTORS["origin"], 8, ROOTS[8])


@pytest.mark.parametrize("index", range(3))
def test_receipt(index: int) -> None:
    text = VECTORS["receipts"][index].encode()
    trust = TrustFile.parse(VECTORS["trust"].encode())
    assert trust.render() == VECTORS["trust"].encode()
    verified = verify_receipt(read_receipt(text), trust)
    parts = VECTORS["entries"][index]["disclosures"]
    assert verified.disclosed == {part["name"]: part["value"] for part in parts}
    assert (verified.index, verified.key_id) == (index, "registro-pruebas")
    edge: tuple[bytes, ...] = ()
    for position in range(index):
        edge = extend(edge, position, leaf_hash(VECTORS["entries"][position]["leaf"].encode()))
    root = root_of(extend(edge, index, leaf_hash(VECTORS["entries"][index]["leaf"].encode())))
    rendered = render_receipt(
        entry=VECTORS["entries"][index]["entry"],
        disclosures=[Disclosure(from_base64url(part["salt"]), part["name"], part["value"]) for part in parts],
        index=index,
        root=root,
        proof=tuple(reversed(edge)),
        note=sign_checkpoint(Checkpoint(VECTORS["origin"], index + 1, root), VectorSigner()),
    )
    assert encode(rendered) == text


def test_manifests_and_container() -> None:
    vector = VECTORS["evidence"]
    members = {name: from_base64url(content) for name, content in vector["members"].items()}
    for version, text in vector["manifests"].items():
        assert manifest(members, version=int(version)) == text.encode()
    written = build(dict(reversed(members.items())))
    assert (len(written), to_base64url(sha256(written))) == (vector["zip_length"], vector["zip_sha256"])
    assert open_strict(written) == members
    assert list(open_strict(written)) == list(members)


def test_an_event_is_defined_once_and_cites_the_norm() -> None:
    event(code="suceso_de_formatos", norm=("N-2.4a",))
    for code, norm in (
        ("suceso_de_formatos", ("N-2.4a",)),
        ("Otro Suceso", ("N-2.4a",)),
        ("otro", ()),
        ("otro", ("x",)),
    ):
        with pytest.raises(ValueError, match="event"):
            event(code=code, norm=norm)
