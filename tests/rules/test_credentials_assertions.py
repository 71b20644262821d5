"""WebAuthn assertions judged by the pure function: what a stranger can check offline."""

import hashlib
import json
from typing import Any

import cbor2
import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from lme_operator.core.canonical import from_base64url, to_base64url
from lme_operator.domain.credentials import (
    Assertion,
    AssertionRefused,
    VerifiedAssertion,
    parse_assertion,
    thumbprint_of,
    verify_assertion,
)
from tests.factories.authenticator import BE, BS, UP, UV, SoftwareAuthenticator, SoftwareKey

DIGEST = hashlib.sha256(b"documento preparado").digest()
ORIGINS = frozenset({"https://lme.example"})


def authenticator(**changes: Any) -> SoftwareAuthenticator:
    made = SoftwareAuthenticator(**{"rp_id": "lme.example", "origin": "https://lme.example", **changes})
    made.create({"challenge": "AA", "user": {"id": "AA"}})
    return made


def judge(made: SoftwareAuthenticator, credential: Any = None, *, challenge: bytes = DIGEST) -> VerifiedAssertion:
    (key,) = made.keys.values()
    assertion = parse_assertion(made.sign(DIGEST) if credential is None else credential)
    return verify_assertion(
        public_key=key.cose, assertion=assertion, challenge=challenge, rp_id="lme.example", origins=ORIGINS
    )


@pytest.mark.norm("N-2.6c")
def test_assertion_over_the_documents_digest_is_accepted() -> None:
    assert judge(authenticator()) == VerifiedAssertion(sign_count=1, backed_up=False)
    assert judge(authenticator(flags=UP | UV | BE | BS)).backed_up


@pytest.mark.norm("N-2.6c")
@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"origin": "https://otra.example"}, "origen"),
        ({"origin": "https://lme.example.otra"}, "origen"),
        ({"rp_id": "otra.example"}, "firma"),
        ({"flags": UP}, "firma"),
        ({"flags": UV}, "firma"),
        ({"flags": UP | UV | BS}, "firma"),
        ({"extra": {"crossOrigin": True}}, "origen"),
        ({"extra": {"crossOrigin": "no"}}, "origen"),
        ({"extra": {"topOrigin": "https://otra.example"}}, "origen"),
        ({"extra": {"topOrigin": ["https://lme.example"]}}, "origen"),
        ({"extra": {"origin": {}}}, "origen"),
        ({"extra": {"type": "webauthn.create"}}, "firma"),
        ({"extra": {"challenge": to_base64url(bytes(32))}}, "firma"),
        ({"extra": {"challenge": 7}}, "firma"),
    ],
)
def test_assertion_that_is_not_ours_is_refused(changes: dict[str, Any], code: str) -> None:
    with pytest.raises(AssertionRefused) as error:
        judge(authenticator(**changes))
    assert error.value.code == code


@pytest.mark.norm("N-2.6c")
def test_assertion_over_another_document_is_refused() -> None:
    with pytest.raises(AssertionRefused):
        judge(authenticator(), challenge=hashlib.sha256(b"otro").digest())


@pytest.mark.norm("N-2.6c")
def test_assertion_of_another_key_is_refused() -> None:
    made, other = authenticator(), authenticator()
    with pytest.raises(AssertionRefused):
        judge(made, other.sign(DIGEST))


@pytest.mark.norm("N-2.6c")
def test_assertion_with_any_bit_flipped_is_refused() -> None:
    made = authenticator()
    credential = made.sign(DIGEST)
    accepted = []
    for name in ("clientDataJSON", "authenticatorData", "signature"):
        data = from_base64url(credential["response"][name])
        for position in range(len(data) * 8):
            flipped = bytearray(data)
            flipped[position // 8] ^= 1 << position % 8
            bent = {**credential, "response": {**credential["response"], name: to_base64url(bytes(flipped))}}
            try:
                judge(made, bent)
            except AssertionRefused:
                continue
            accepted.append((name, position))
    assert accepted == []


def test_assertion_with_a_name_twice_in_the_client_data_is_refused() -> None:
    made = authenticator()
    (key,) = made.keys.values()
    challenge = to_base64url(DIGEST)
    text = f'{{"type":"webauthn.get","challenge":"{challenge}","origin":"https://x.y","origin":"https://lme.example"}}'
    credential = made.sign(DIGEST)
    client_data = text.encode()
    data = from_base64url(credential["response"]["authenticatorData"])
    signature = key.private.sign(data + hashlib.sha256(client_data).digest(), ec.ECDSA(hashes.SHA256()))
    credential["response"].update(clientDataJSON=to_base64url(client_data), signature=to_base64url(signature))
    with pytest.raises(AssertionRefused) as error:
        judge(made, credential)
    assert error.value.code == "forma"


@pytest.mark.parametrize(
    "bad",
    [
        None,
        [],
        "x",
        {},
        {"id": "AA"},
        {"id": "AA", "rawId": "AQ", "type": "public-key", "response": {}},
        {"response": 3},
    ],
)
def test_shapeless_assertion_is_refused(bad: Any) -> None:
    with pytest.raises(AssertionRefused) as error:
        parse_assertion(bad)
    assert error.value.code == "forma"


@pytest.mark.parametrize("value", ["A", "AA=", "A+", "ÿ", "\ud800", "A" * 5000])
def test_assertion_in_odd_base64_is_refused(value: str) -> None:
    credential = authenticator().sign(DIGEST)
    credential["response"]["signature"] = value
    with pytest.raises(AssertionRefused):
        parse_assertion(credential)


def test_assertion_renders_and_parses_to_itself() -> None:
    assertion = parse_assertion(authenticator().sign(DIGEST))
    assert isinstance(assertion, Assertion)
    assert parse_assertion(json.loads(json.dumps(assertion.render()))) == assertion


def test_thumbprint_follows_rfc_7638() -> None:
    """The EC key of RFC 7517 A.1, whose thumbprint is that of its JWK with members crv, kty, x, y in this order."""
    x = from_base64url("MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4")
    y = from_base64url("4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM")
    cose = cbor2.dumps({1: 2, 3: -7, -1: 1, -2: x, -3: y})
    assert thumbprint_of(cose) == "cn-I_WNMClehiVp51i_0VpOENW1upEerA8sEam5hn-s"


def test_key_that_is_not_p256_is_refused() -> None:
    numbers = rsa.generate_private_key(65537, 2048).public_key().public_numbers()
    p384 = SoftwareKey(b"", ec.generate_private_key(ec.SECP384R1()), b"")
    point = cbor2.loads(authenticator().keys.popitem()[1].cose)
    keys = [
        cbor2.dumps({1: 3, 3: -257, -1: numbers.n.to_bytes(256, "big"), -2: b"\x01\x00\x01"}),
        cbor2.dumps({**point, -1: 2}),
        cbor2.dumps({**point, 3: -8}),
        cbor2.dumps({**point, 99: 1}),
        cbor2.dumps({**point, -2: bytes(31)}),
        cbor2.dumps({**point, -2: bytes(32), -3: bytes(32)}),
        b"",
        b"\x04" + bytes(64),
        b"\xff",
    ]
    assertion = parse_assertion(authenticator().sign(DIGEST))
    assert p384.private.key_size == 384
    for cose in keys:
        with pytest.raises(AssertionRefused):
            verify_assertion(
                public_key=cose, assertion=assertion, challenge=DIGEST, rp_id="lme.example", origins=ORIGINS
            )
