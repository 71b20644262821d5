"""Judge `autorizacion.json`: who authorised the document, and who says so."""

from collections.abc import Mapping
from dataclasses import dataclass

from lme_operator.core.canonical import (
    Json,
    NotCanonical,
    decode,
    format_instant,
    from_base64url,
    sha256,
    to_base64url,
)
from lme_operator.domain.audit.receipt import ReceiptFault, VerifiedEntry, verify_receipt
from lme_operator.domain.audit.trust import TrustFile
from lme_operator.domain.credentials.assertions import (
    AssertionRefused,
    parse_assertion,
    thumbprint_of,
    verify_assertion,
)
from lme_operator.domain.credentials.events import KEY_REGISTERED
from lme_operator.domain.exports.act import is_step, is_version_1
from lme_operator.domain.issuance.evidence import TOTP, WEBAUTHN
from lme_operator.domain.signing import DocumentSignatures

_COMMON = {"v", "run", "preparacion", "documento", "instante", "tipo"}


class AuthorisationFault(ValueError):
    """The authorisation does not hold; the text says why, in Spanish."""


@dataclass(frozen=True, slots=True)
class Registration:
    """The key that signed: its thumbprint (RFC 7638, base64url), and the log entry of its registration."""

    thumbprint: str
    entry: VerifiedEntry


@dataclass(frozen=True, slots=True)
class AuthorisationJudged:
    """`kind` as the log entry names it; `key` is the one whose assertion authorised, None with a code."""

    kind: str
    key: Registration | None


def judge_authorisation(
    statement: bytes, signed: DocumentSignatures, entry: VerifiedEntry, trust: TrustFile
) -> AuthorisationJudged:
    """Judge the authorisation against the signed document; raise `AuthorisationFault` (N-2.6c).

    The trust file tells for which relying party and origins an assertion counts.
    """
    if sha256(statement) != signed.authorisation_digest:
        raise AuthorisationFault("El certificado no corresponde a esta autorización.")
    try:
        value = decode(statement)
    except NotCanonical as error:
        raise AuthorisationFault("La autorización no está en su forma exacta.") from error
    if not isinstance(value, dict) or not set(value) >= _COMMON or not is_version_1(value["v"]):
        raise AuthorisationFault("La autorización no tiene los datos que debe tener.")
    if (value["documento"], value["run"]) != (to_base64url(signed.prepared_digest), str(signed.run)):
        raise AuthorisationFault("La autorización es de otro documento o de otra persona.")
    if value["preparacion"] != entry.disclosed.get("preparacion"):
        raise AuthorisationFault("La autorización es de otra preparación que la del registro.")
    if value["instante"] != format_instant(entry.at):
        raise AuthorisationFault("La autorización es de otro instante que el del registro.")
    if value["tipo"] == TOTP and set(value) == _COMMON | {"paso", "declaracion"} and signed.key_thumbprint is None:
        if not is_step(value["paso"], entry.at) or not isinstance(value["declaracion"], str):
            raise AuthorisationFault("La autorización no dice un código de ese instante.")
        return AuthorisationJudged(TOTP, None)
    if value["tipo"] == WEBAUTHN and set(value) == _COMMON | {"asercion", "llave"}:
        return AuthorisationJudged(WEBAUTHN, _judge_assertion(value, signed, entry, trust))
    raise AuthorisationFault("La autorización no es de un tipo conocido.")


def _judge_assertion(
    value: Mapping[str, Json], signed: DocumentSignatures, entry: VerifiedEntry, trust: TrustFile
) -> Registration:
    key = value["llave"]
    if not isinstance(key, dict) or set(key) != {"publica", "huella", "proposito", "registro"}:
        raise AuthorisationFault("Faltan datos de la llave de seguridad.")
    try:
        public = from_base64url(str(key["publica"]))
        thumbprint = thumbprint_of(public)
        assertion = parse_assertion(value["asercion"])
        verify_assertion(
            public_key=public,
            assertion=assertion,
            challenge=signed.prepared_digest,
            rp_id=trust.rp_id,
            origins=trust.origins,
        )
    except (NotCanonical, AssertionRefused) as error:
        raise AuthorisationFault("La llave de seguridad no firmó este documento.") from error
    if thumbprint != key["huella"] or signed.key_thumbprint != from_base64url(thumbprint):
        raise AuthorisationFault("El certificado no corresponde a esa llave de seguridad.")
    return Registration(thumbprint, _judge_registration(key, signed, entry, trust))


def _judge_registration(
    key: Mapping[str, Json], signed: DocumentSignatures, entry: VerifiedEntry, trust: TrustFile
) -> VerifiedEntry:
    """The operator wrote, in this log and before the licence, that the key is this person's for signing."""
    try:
        registered = verify_receipt(key["registro"], trust)
    except ReceiptFault as error:
        raise AuthorisationFault(f"El recibo del registro de la llave no se sostiene ({error.kind}).") from error
    said = registered.disclosed
    same = (
        registered.kind == KEY_REGISTERED.code
        and registered.origin == entry.origin
        and registered.index < entry.index
        and registered.at <= entry.at
        and said.get("run") == str(signed.run)
        and said.get("huella") == key["huella"]
        and said.get("proposito") == key["proposito"] == "firma"
    )
    if not same:
        raise AuthorisationFault("La llave de seguridad no estaba registrada antes para firmar por esta persona.")
    return registered
