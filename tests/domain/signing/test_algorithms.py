"""Bare signatures, against the vectors of Project Wycheproof."""

import json
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.serialization import load_pem_public_key

from lme_operator.core.canonical import from_base64url, to_base64url
from lme_operator.domain.signing import Algorithm, thumbprint, verifies
from lme_operator.domain.signing.algorithms import P256_ORDER, with_low_s

VECTORS = Path(__file__).parents[2] / "assets" / "wycheproof"
FILES = {
    "ecdsa_secp256r1_sha256_test.json": (Algorithm.ECDSA_P256_DER, 484),
    "ecdsa_secp256r1_sha256_p1363_test.json": (Algorithm.ECDSA_P256_P1363, 262),
    "ed25519_test.json": (Algorithm.ED25519, 151),
    "rsa_signature_3072_sha256_test.json": (Algorithm.RSA_PKCS1, 259),
}


@pytest.mark.parametrize("name", FILES)
def test_wycheproof_only_valid_is_accepted(name: str) -> None:
    algorithm, expected = FILES[name]
    vectors: dict[str, Any] = json.loads((VECTORS / name).read_text(encoding="utf-8"))
    judged, wrong = 0, []
    for group in vectors["testGroups"]:
        key = load_pem_public_key(group["publicKeyPem"].encode())
        for case in group["tests"]:
            said = verifies(
                algorithm, public_key=key, signature=bytes.fromhex(case["sig"]), data=bytes.fromhex(case["msg"])
            )
            judged += 1
            if said is not (case["result"] == "valid"):
                wrong.append((case["tcId"], case["comment"], case["result"]))
    assert wrong == []
    assert judged == expected


def test_key_of_another_kind_is_refused() -> None:
    p384, small = ec.generate_private_key(ec.SECP384R1()), rsa.generate_private_key(65537, 1024)
    signature = p384.sign(b"x", ec.ECDSA(hashes.SHA256()))
    for algorithm in Algorithm:
        assert not verifies(algorithm, public_key=p384.public_key(), signature=signature, data=b"x")
        assert not verifies(algorithm, public_key=small.public_key(), signature=bytes(128), data=b"x")


def test_low_s_is_the_same_signature_once() -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    for _ in range(20):
        signature = key.sign(b"licencia", ec.ECDSA(hashes.SHA256()))
        low = with_low_s(signature)
        assert decode_dss_signature(low)[1] <= P256_ORDER // 2
        assert with_low_s(low) == low
        assert verifies(Algorithm.ECDSA_P256_DER, public_key=key.public_key(), signature=low, data=b"licencia")


def test_thumbprint_rfc7638_example() -> None:
    modulus = (
        "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3ok"
        "njhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6"
        "qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awa"
        "pJzKnqDKgw"
    )
    key = rsa.RSAPublicNumbers(65537, int.from_bytes(from_base64url(modulus), "big")).public_key()
    assert to_base64url(thumbprint(key)) == "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs"


def test_thumbprint_rfc8037_ed25519_example() -> None:
    public = ed25519.Ed25519PublicKey.from_public_bytes(from_base64url("11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"))
    assert to_base64url(thumbprint(public)) == "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k"


def test_thumbprint_of_another_curve_is_refused() -> None:
    with pytest.raises(ValueError, match="thumbprint"):
        thumbprint(ec.generate_private_key(ec.SECP384R1()).public_key())
