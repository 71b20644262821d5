"""Signed requests of machines (RFC 9421, body under RFC 9530): how one is made, read and checked.

Shared by the guard, by `lme autoridad` and by the tests, so that what we ask of others is what we do ourselves. What is
covered is fixed and exact; time and nonces are judged by `domain.mandates`, with the one clock.
"""

import hmac
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

import http_sf
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey, EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import load_der_public_key
from http_message_signatures import (
    HTTPMessageSignaturesException,
    HTTPMessageSigner,
    HTTPMessageVerifier,
    HTTPSignatureAlgorithm,
    MappingKeyResolver,
    algorithms,
)

from lme_operator.core.canonical import encode, sha256, to_base64url
from lme_operator.core.decision import Finding
from lme_operator.core.refusal import Refusal, refusal
from lme_operator.domain.mandates import Claim, MachineKey, Proof

COMPONENTS = ("@method", "@authority", "@path", "@query")
CONTENT_DIGEST = "content-digest"
IDEMPOTENCY_KEY = "idempotency-key"
LABEL = "lme"
_PARAMETERS = frozenset({"created", "expires", "nonce", "keyid", "alg"})
_LATEST = 4_102_444_800  # 2100-01-01: beyond it no `created` is honest
_ALGORITHMS: Mapping[str, type[HTTPSignatureAlgorithm]] = {
    "ed25519": algorithms.ED25519,
    "ecdsa-p256-sha256": algorithms.ECDSA_P256_SHA256,
}

SIGNATURE_MISSING = refusal(
    code="firma_ausente",
    status=401,
    citation="RFC 9421",
    words="La solicitud no viene firmada.",
    remedy="Fírmela según RFC 9421, con las cabeceras Signature-Input y Signature.",
)
SIGNATURE_MALFORMED = refusal(
    code="firma_mal_formada",
    status=401,
    citation="RFC 9421",
    words="Las cabeceras de la firma no se pueden leer.",
    remedy="Envíe una firma, con igual etiqueta en ambas cabeceras y sólo con created, nonce, keyid, alg y expires.",
)
SIGNATURE_INCOMPLETE = refusal(
    code="firma_incompleta",
    status=401,
    citation="RFC 9421",
    words="La firma no cubre exactamente lo que debe cubrir.",
    remedy="Cubra @method, @authority, @path, @query, content-digest si hay cuerpo e idempotency-key si la envía.",
)
WRONG_DESTINATION = refusal(
    code="firma_para_otro_destino",
    status=401,
    citation="RFC 9421",
    words="La solicitud no está dirigida a este servidor.",
    remedy="Envíela a la dirección publicada por el operador y fírmela para esa misma dirección.",
)
DIGEST_MISMATCH = refusal(
    code="firma_cuerpo_alterado",
    status=401,
    citation="RFC 9530",
    words="Content-Digest no corresponde al cuerpo recibido.",
    remedy="Calcule «sha-256=:…:» sobre los bytes exactos que envía, sin otros algoritmos.",
)
SIGNATURE_FALSE = refusal(
    code="firma_no_valida",
    status=401,
    citation="RFC 9421",
    words="La firma no corresponde a la solicitud recibida o no es de esa llave.",
    remedy="Revise que nadie en el camino altere la solicitud y que firma con la llave que indica keyid.",
)


@dataclass(frozen=True, slots=True)
class Message:
    """A request as it is signed: `url` absolute and encoded; `headers` whatever may be covered, names in lower case."""

    method: str
    url: str
    headers: dict[str, str]
    body: bytes

    @property
    def covered(self) -> frozenset[str]:
        """What its signature must cover, no more and no less."""
        fields = {CONTENT_DIGEST} if self.body or CONTENT_DIGEST in self.headers else set()
        if IDEMPOTENCY_KEY in self.headers:
            fields.add(IDEMPOTENCY_KEY)
        return frozenset({*COMPONENTS, *fields})


@dataclass(frozen=True, slots=True)
class RequestSigner:
    """Signs a machine's own requests."""

    keyid: str
    key: Ed25519PrivateKey | EllipticCurvePrivateKey

    def sign(self, message: Message, *, created: datetime, nonce: str | None = None) -> dict[str, str]:
        """Return every header to send: those of `message` with digest and signature. Each call takes a fresh nonce."""
        headers = dict(message.headers)
        if message.body:
            headers[CONTENT_DIGEST] = content_digest(message.body)
        signed = Message(message.method, message.url, headers, message.body)
        algorithm = algorithms.ED25519 if isinstance(self.key, Ed25519PrivateKey) else algorithms.ECDSA_P256_SHA256
        signer = HTTPMessageSigner(
            signature_algorithm=algorithm,
            key_resolver=MappingKeyResolver(public_keys={}, private_keys={self.keyid: self.key}),
        )
        signer.sign(
            signed,
            key_id=self.keyid,
            created=created,
            nonce=nonce or secrets.token_urlsafe(24),
            label=LABEL,
            covered_component_ids=_in_order(signed.covered),
            use_existing_digest=bool(message.body),
        )
        return headers


@dataclass(frozen=True, slots=True)
class ReadSignature:
    """A signature as read from its headers: nothing of it is believed yet."""

    claim: Claim
    components: frozenset[str]


def content_digest(body: bytes) -> str:
    """`sha-256=:…:` of the exact bytes (RFC 9530)."""
    return http_sf.ser({"sha-256": sha256(body)})


def read_signature(headers: Mapping[str, str]) -> ReadSignature:
    """Read the one signature of a request; raise `Refusal` (`firma_ausente`, `firma_mal_formada`)."""
    given, signature = headers.get("signature-input", ""), headers.get("signature", "")
    if not given or not signature:
        raise Refusal(SIGNATURE_MISSING)
    inputs, signatures = _dictionary(given), _dictionary(signature)
    match list(inputs.items()), list(signatures.items()):
        case [(label, (list(components), dict(parameters)))], [(same, (bytes(), _))] if label == same:
            return ReadSignature(_claim(parameters), _components(components))
    raise Refusal(SIGNATURE_MALFORMED)


def check_coverage(message: Message, signature: ReadSignature) -> None:
    """Raise `Refusal` unless the signature covers exactly what it must, and the digest is that of the body."""
    wanted = message.covered
    findings = [
        *(
            _finding("componente_faltante", f"Falta cubrir «{name}».")
            for name in _in_order(wanted - signature.components)
        ),
        *(_finding("componente_de_mas", f"No debe cubrir «{name}».") for name in sorted(signature.components - wanted)),
    ]
    if findings:
        raise Refusal(SIGNATURE_INCOMPLETE, findings=tuple(findings))
    if CONTENT_DIGEST in wanted:
        given, right = message.headers.get(CONTENT_DIGEST, ""), content_digest(message.body)
        if not hmac.compare_digest(given.encode("utf-8"), right.encode("ascii")):
            raise Refusal(DIGEST_MISMATCH)


def prove(message: Message, key: MachineKey) -> Proof:
    """Verify the signature of `message` with `key`; return what is kept of it. Raises `Refusal(firma_no_valida)`."""
    verifier = _Verifier(
        signature_algorithm=_ALGORITHMS[key.algorithm],
        key_resolver=MappingKeyResolver(public_keys={key.keyid: _public_key(key)}, private_keys={}),
    )
    try:
        (result,) = verifier.verify(message, max_age=None, require_components=_in_order(message.covered))
    except HTTPMessageSignaturesException as error:
        raise Refusal(SIGNATURE_FALSE) from error
    base = "\n".join(f"{name}: {value}" for name, value in result.covered_components.items())
    return Proof(
        encode(
            {
                "v": 1,
                "cabeceras": message.headers,
                "base": base,
                "cuerpo": to_base64url(message.body),
            }
        )
    )


class _Verifier(HTTPMessageVerifier):
    """The library's verifier, without its own clock: `Claim.require_acceptable` judged the time already."""

    def validate_created_and_expires(self, sig_input: object, max_age: object = None) -> None:
        """Nothing here: there is one clock."""


def _dictionary(value: str) -> dict[str, Any]:
    """Parse a dictionary of RFC 9651; nothing in it may come twice."""
    try:
        parsed = http_sf.parse(value.encode("latin-1"), tltype="dictionary", on_duplicate_key=_refuse_repeated)
    except (ValueError, TypeError) as error:
        raise Refusal(SIGNATURE_MALFORMED) from error
    return dict(parsed) if isinstance(parsed, dict) else {}


def _refuse_repeated(name: str, _context: str) -> None:
    raise ValueError(f"repeated: {name}")


def _claim(parameters: Mapping[str, Any]) -> Claim:
    keyid, nonce, algorithm = (parameters.get(name) for name in ("keyid", "nonce", "alg"))
    created, expires = _instant(parameters.get("created")), _instant(parameters.get("expires"))
    if (
        not set(parameters) <= _PARAMETERS
        or created is None
        or (expires is None and "expires" in parameters)
        or not (isinstance(keyid, str) and 1 <= len(keyid) <= 100)
        or not (isinstance(nonce, str) and 16 <= len(nonce) <= 128)
        or not (algorithm is None or isinstance(algorithm, str))
    ):
        raise Refusal(SIGNATURE_MALFORMED)
    return Claim(keyid=keyid, nonce=nonce, created=created, expires=expires, algorithm=algorithm)


def _instant(value: object) -> datetime | None:
    """Read seconds since 1970; None when it is no integer of our times."""
    if type(value) is not int or not 0 <= value < _LATEST:
        return None
    return datetime.fromtimestamp(value, UTC)


def _components(items: Sequence[Any]) -> frozenset[str]:
    """The names covered; one with parameters, or twice, is another thing than the plain one and is refused."""
    names = [name for name, parameters in items if isinstance(name, str) and not parameters]
    if len(names) != len(items) or len(set(names)) != len(names):
        raise Refusal(SIGNATURE_MALFORMED)
    return frozenset(names)


def _in_order(components: frozenset[str]) -> tuple[str, ...]:
    known = (*COMPONENTS, CONTENT_DIGEST, IDEMPOTENCY_KEY)
    return tuple(name for name in known if name in components)


def _finding(code: str, cause: str) -> Finding:
    return Finding(code=code, cause=cause, norm="RFC 9421", remedy=SIGNATURE_INCOMPLETE.remedy)


def _public_key(key: MachineKey) -> Ed25519PublicKey | EllipticCurvePublicKey:
    public = load_der_public_key(key.public_key)
    if not isinstance(public, Ed25519PublicKey | EllipticCurvePublicKey):
        raise TypeError(f"key {key.keyid} is not of a kind that is registered")
    return public


def authority_of(url: str) -> str:
    """`@authority` of an address: host in lower case, and the port unless it is the scheme's own.

    Raises `ValueError` for what is no address.
    """
    parts = urlsplit(url)
    host, port = (parts.hostname or ""), parts.port
    if port is None or port == {"http": 80, "https": 443}.get(parts.scheme):
        return host
    return f"{host}:{port}"
