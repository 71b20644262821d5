"""Make `llaves.json`: a key's thumbprint in words, and the bytes that endorse it. Shares no code with the product.

The words are BIP-39: 128 bits and four of their SHA-256, eleven bits a word. Run: `python make_key_vectors.py`.
"""

import base64
import hashlib
import importlib.util
import json
import unicodedata
from pathlib import Path

HERE = Path(__file__).parent
CASES = (
    (b"uno", "12345678-5", "2026-04-20T14:00:07.123456Z"),
    (b"dos", "6-K", "2027-09-05T03:59:59.000001Z"),
)


def wordlist() -> list[str]:
    """The published Spanish list, as its file has it."""
    found = importlib.util.find_spec("mnemonic")
    assert found is not None
    assert found.submodule_search_locations is not None
    path = Path(found.submodule_search_locations[0]) / "wordlist" / "spanish.txt"
    return [unicodedata.normalize("NFC", word) for word in path.read_text("utf-8").split()]


def words_of(thumbprint: bytes) -> str:
    """Twelve words for the first half of a thumbprint."""
    half = thumbprint[:16]
    bits = f"{int.from_bytes(half, 'big'):0128b}{hashlib.sha256(half).digest()[0] >> 4:04b}"
    return " ".join(wordlist()[int(bits[start : start + 11], 2)] for start in range(0, 132, 11))


def vectors() -> list[dict[str, str]]:
    """Every case, whole."""
    made = []
    for seed, run, at in CASES:
        thumbprint = hashlib.sha256(seed).digest()
        made.append(
            {
                "huella": base64.urlsafe_b64encode(thumbprint).decode().rstrip("="),
                "palabras": words_of(thumbprint),
                "run": run,
                "instante": at,
                "avalado": (thumbprint + run.encode() + at.encode()).hex(),
            }
        )
    return made


if __name__ == "__main__":
    (HERE / "llaves.json").write_text(json.dumps(vectors(), ensure_ascii=False, indent=2) + "\n", "utf-8")
