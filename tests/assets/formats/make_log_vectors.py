"""Writes `log.json`, the fixed vectors of the log's formats, sharing no code with the product.

Everything is computed from the texts of RFC 6962, RFC 8785, C2SP and formats v1 with the standard library alone (and
`cryptography` for Ed25519): the tree by the recursive definition, the zip by `zipfile`.

    python tests/assets/formats/make_log_vectors.py > tests/assets/formats/log.json
"""

import base64
import hashlib
import io
import json
import sys
import zipfile
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

ORIGIN = "operador.example/PRUEBAS/registro"
KEY_ID = "registro-pruebas"
SEED = bytes(range(32, 64))
CT_LEAVES = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"]
"""The leaves of Certificate Transparency's own reference tree."""


def sha(data: bytes) -> bytes:
    return hashlib.sha256(data).digest()


def b64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def b64(data: bytes) -> str:
    return base64.b64encode(data).decode()


def jcs(value: Any) -> bytes:
    """RFC 8785 for texts, integers and ASCII names, where Python's own writer agrees with it."""
    return json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode()


def tree(leaves: list[bytes]) -> bytes:
    """MTH of RFC 6962, section 2.1, as written there."""
    if not leaves:
        return sha(b"")
    if len(leaves) == 1:
        return sha(b"\x00" + leaves[0])
    k = 1
    while k * 2 < len(leaves):
        k *= 2
    return sha(b"\x01" + tree(leaves[:k]) + tree(leaves[k:]))


def path(index: int, leaves: list[bytes]) -> list[bytes]:
    """PATH of RFC 6962, section 2.1.1."""
    if len(leaves) == 1:
        return []
    k = 1
    while k * 2 < len(leaves):
        k *= 2
    if index < k:
        return [*path(index, leaves[:k]), tree(leaves[k:])]
    return [*path(index - k, leaves[k:]), tree(leaves[:k])]


def proof(old: int, leaves: list[bytes]) -> list[bytes]:
    """PROOF of RFC 6962, section 2.1.2."""

    def sub(m: int, part: list[bytes], whole: bool) -> list[bytes]:
        if m == len(part):
            return [] if whole else [tree(part)]
        k = 1
        while k * 2 < len(part):
            k *= 2
        if m <= k:
            return [*sub(m, part[:k], whole), tree(part[k:])]
        return [*sub(m - k, part[k:], False), tree(part[:k])]

    return sub(old, leaves, True)


def edge(leaves: list[bytes]) -> list[bytes]:
    """Roots of the perfect subtrees, one for each bit of the size, largest first."""
    roots, start = [], 0
    for bit in reversed(range(len(leaves).bit_length())):
        if len(leaves) >> bit & 1:
            roots.append(tree(leaves[start : start + (1 << bit)]))
            start += 1 << bit
    return roots


def note(origin: str, size: int, root: bytes) -> dict[str, str]:
    key = Ed25519PrivateKey.from_private_bytes(SEED)
    public = key.public_key().public_bytes_raw()
    key_id = sha(origin.encode() + b"\x0a\x01" + public)[:4]
    body = f"{origin}\n{size}\n{b64(root)}\n"
    line = f"— {origin} {b64(key_id + key.sign(body.encode()))}\n"
    return {"public": b64url(public), "key_id": key_id.hex(), "text": body + "\n" + line}


def entries() -> list[dict[str, Any]]:
    made = []
    for number in range(3):
        values: list[tuple[str, Any]] = [
            ("actor", "persona:11111111-1"),
            ("folio", f"{number + 1}-{'97531'[number]}"),
            ("nombre", "Ñandú O'Higgins"),
            ("dias", 30 + number),
        ]
        salted = []
        for position, (name, value) in enumerate(values):
            salt = bytes([number * 16 + position]) * 16
            salted.append((salt, name, value, b64url(sha(salt + jcs([name, value])))))
        identifier = f"019db000-0000-7000-8000-00000000000{number}"
        entry = {
            "v": 1,
            "id": identifier,
            "tipo": "licencia_emitida",
            "instante": f"2026-04-20T14:02:0{number}.123456Z",
            "nonce": b64url(bytes([number]) * 16),
            "actor": salted[0][3],
            "por_cuenta_de": None if number == 0 else "019db000-0000-7000-8000-000000000000",
            "norma": ["N-1a", "N-2.4a"],
            "datos": {name: digest for _, name, _, digest in salted[1:]},
        }
        made.append(
            {
                "disclosures": [
                    {"salt": b64url(salt), "name": name, "value": value, "digest": digest}
                    for salt, name, value, digest in salted
                ],
                "entry": entry,
                "leaf": jcs(entry).decode(),
                "leaf_hash": b64url(sha(b"\x00" + jcs(entry))),
            }
        )
    return made


def receipt(made: list[dict[str, Any]], index: int) -> dict[str, Any]:
    leaves = [entry["leaf"].encode() for entry in made[: index + 1]]
    root = tree(leaves)
    return {
        "entrada": made[index]["entry"],
        "divulgaciones": [[d["salt"], d["name"], d["value"]] for d in made[index]["disclosures"]],
        "indice": index,
        "tamano": index + 1,
        "raiz": b64url(root),
        "prueba": [b64url(hash_) for hash_ in path(index, leaves)],
        "punto_de_control": note(ORIGIN, index + 1, root)["text"],
    }


def container(members: dict[str, bytes]) -> bytes:
    """The members in order, through `zipfile`, with the attributes that it would add taken away."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as archive:
        for name, content in members.items():
            info = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            info.create_system = 0
            archive.writestr(info, content)
            info.external_attr = 0
    return out.getvalue()


def evidence() -> dict[str, Any]:
    v1 = {"v1/documento.xml": b"<lme/>", "v1/autorizacion.json": b"{}"}
    readme = {"LEAME.txt": b"Archivo de evidencia\n"}
    manifest = jcs({name: b64url(sha(content)) for name, content in {**readme, **v1}.items()})
    v1_receipt = {"v1/recibo.json": b'{"indice":0}'}
    v2 = {"v2/sello_de_tiempo.tsr": b"\x30\x00"}
    second = jcs({name: b64url(sha(content)) for name, content in {**v1_receipt, **v2}.items()})
    ordered = {
        **readme,
        "v1/autorizacion.json": v1["v1/autorizacion.json"],
        "v1/documento.xml": v1["v1/documento.xml"],
        "v1/manifiesto.json": manifest,
        **v1_receipt,
        "v2/manifiesto.json": second,
        "v2/recibo.json": b'{"indice":1}',
        **v2,
        "v10/z.json": b"{}",
    }
    return {
        "members": {name: b64url(content) for name, content in ordered.items()},
        "manifests": {"1": manifest.decode(), "2": second.decode()},
        "zip_sha256": b64url(sha(container(ordered))),
        "zip_length": len(container(ordered)),
    }


def vectors() -> dict[str, Any]:
    ct = [bytes.fromhex(leaf) for leaf in CT_LEAVES]
    made = entries()
    public = note(ORIGIN, 0, tree([]))["public"]
    trust = {
        "origen": ORIGIN,
        "rp_id": "operador.example",
        "origenes": ["https://operador.example"],
        "claves": [{"id": KEY_ID, "rol": "registro", "publica": public, "desde_indice": 0}],
    }
    return {
        "formats": 1,
        "seed": SEED.hex(),
        "origin": ORIGIN,
        "tree": {
            "leaves": CT_LEAVES,
            "roots": [tree(ct[:size]).hex() for size in range(9)],
            "edges": [[hash_.hex() for hash_ in edge(ct[:size])] for size in range(9)],
            "inclusion": [
                {"index": index, "size": size, "proof": [hash_.hex() for hash_ in path(index, ct[:size])]}
                for size in range(1, 9)
                for index in range(size)
            ],
            "consistency": [
                {"old": old, "new": new, "proof": [hash_.hex() for hash_ in proof(old, ct[:new])]}
                for new in range(1, 9)
                for old in range(1, new + 1)
            ],
        },
        "entries": made,
        "note": note(ORIGIN, 8, tree(ct)),
        "trust": jcs(trust).decode(),
        "receipts": [jcs(receipt(made, index)).decode() for index in range(3)],
        "evidence": evidence(),
    }


if __name__ == "__main__":
    sys.stdout.write(json.dumps(vectors(), ensure_ascii=False, indent=1) + "\n")
