"""The trust file (`confianza.json`): the keys that a verifier believes, and for which stretch of the log.

Whoever holds it checks receipts, evidence files and checkpoints alone and offline. It is canonical JSON. Ranges are
of log indices, both ends included; a signature over a tree of n leaves is judged at index n − 1.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from itertools import pairwise

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from lme_operator.core.canonical import Json, NotCanonical, decode, encode, from_base64url, to_base64url
from lme_operator.domain.audit.note import (
    COSIGNATURE,
    ED25519,
    Note,
    SignatureLine,
    cosigned_at,
    is_key_name,
    is_signed_by,
    note_key_id,
)

FILE_AT_MOST = 1 << 20
"""Bytes of a trust file."""
MAX_ACCREDITED = 64
_KEYS_AT_MOST = 128
"""Keys, and origins: each line of each receipt is compared with every key."""
_FIELDS = {"origen", "rp_id", "origenes", "claves", "acreditadas"}


class KeyRole(Enum):
    """What a key may sign: checkpoints, documents, certificates, or others' checkpoints as a witness."""

    LOG = "registro"
    SEAL = "sello"
    CA = "ca"
    WITNESS = "testigo"


class KeyEnd(Enum):
    """Why a key's range ended: `rotacion` (nothing after it counts) or `compromiso` (after it nobody can tell)."""

    ROTATION = "rotacion"
    COMPROMISE = "compromiso"


class Standing(Enum):
    """What a key's signature at an index is worth. `UNKNOWN`: the trust file does not know all who signed."""

    FIRM = "firme"
    INDETERMINATE = "indeterminada"
    OUTSIDE = "fuera de vigencia"
    UNKNOWN = "desconocida"


@dataclass(frozen=True, slots=True)
class TrustedKey:
    """A key of the trust file. `public`: 32 bytes for log and witness, the PEM certificate for seal and CA.

    `until_index` is the last index for which it counts; for a compromised key, the last that was witnessed before.
    """

    id: str
    role: KeyRole
    public: bytes
    from_index: int = 0
    until_index: int | None = None
    end: KeyEnd | None = None

    def standing(self, index: int) -> Standing:
        """Judge a signature made by this key at log index `index`, if that index is beyond doubt."""
        if index < self.from_index:
            return Standing.OUTSIDE
        if self.until_index is None or index <= self.until_index:
            return Standing.FIRM
        return Standing.INDETERMINATE if self.end is KeyEnd.COMPROMISE else Standing.OUTSIDE

    def may_attest(self, index: int) -> bool:
        """Whether, as a witness, it vouches for a checkpoint whose last leaf is `index`.

        Never once it was stolen: whoever holds it writes an early index.
        """
        return self.standing(index) is Standing.FIRM and self.end is not KeyEnd.COMPROMISE

    def render(self) -> dict[str, Json]:
        """Return the JSON object of the key."""
        raw = self.role in (KeyRole.LOG, KeyRole.WITNESS)
        value: dict[str, Json] = {
            "id": self.id,
            "rol": self.role.value,
            "publica": to_base64url(self.public) if raw else self.public.decode("ascii"),
            "desde_indice": self.from_index,
        }
        if self.until_index is not None and self.end is not None:
            value |= {"hasta_indice": self.until_index, "causa": self.end.value}
        return value


@dataclass(frozen=True, slots=True)
class Attestation:
    """That a witness saw the tree of a checkpoint: the witness's id, and when, by its own clock, to the second."""

    witness: str
    at: datetime


@dataclass(frozen=True, slots=True)
class NoteSigners:
    """Who signed a note: the log's key (None when no signer is known for the log's), its worth there, the witnesses."""

    key: TrustedKey | None
    standing: Standing
    witnesses: tuple[Attestation, ...]


class NoteRefused(ValueError):
    """A note is not signed as the trust file demands; `kind` says how."""

    def __init__(self, kind: str) -> None:
        super().__init__(kind)
        self.kind = kind


@dataclass(frozen=True, slots=True)
class TrustFile:
    """The log's origin, what WebAuthn assertions must name (`rp_id`, `origins`), and the keys.

    `accredited`: the PEM certificates under which a firma electrónica avanzada may endorse a professional's key.
    """

    origin: str
    rp_id: str
    origins: tuple[str, ...]
    keys: tuple[TrustedKey, ...]
    accredited: tuple[bytes, ...] = ()

    def __post_init__(self) -> None:
        if not is_key_name(self.origin) or not self.rp_id or not self.origins:
            raise NotCanonical("trust file without origin")
        if len({key.id for key in self.keys}) != len(self.keys):
            raise NotCanonical("key id repeated")
        if len({key.public for key in self.keys} | set(self.accredited)) != len(self.keys) + len(self.accredited):
            raise NotCanonical("one key in two places: nobody is his own witness")
        log = sorted(self.keys_of(KeyRole.LOG), key=lambda key: key.from_index)
        if not log:
            raise NotCanonical("trust file without a log key")
        for earlier, later in pairwise(log):
            if earlier.until_index is None or later.from_index <= earlier.until_index:
                raise NotCanonical("ranges of log keys overlap")
        for key in self.keys:
            _check_key(key)
        if len(self.accredited) > MAX_ACCREDITED or len(set(self.accredited)) != len(self.accredited):
            raise NotCanonical("accredited certificates repeated, or too many")
        for pem in self.accredited:
            _check_certificate(pem)

    def keys_of(self, role: KeyRole) -> tuple[TrustedKey, ...]:
        """Return the keys of one role, as listed."""
        return tuple(key for key in self.keys if key.role is role)

    def key(self, key_id: str) -> TrustedKey | None:
        """Return the key of this id."""
        return next((key for key in self.keys if key.id == key_id), None)

    def signers(self, note: Note, *, index: int) -> NoteSigners:
        """Check every line of `note`, a checkpoint whose last leaf is `index`; raise `NoteRefused`.

        Refused are a broken signature (`firma_invalida`), a repeated signer (`firmante_repetido`), a key out of its
        range (`llave_fuera_de_vigencia`), and a note without exactly one signature of the log
        (`sin_firma_del_registro`). A signer who is nobody in this file is not refused: keys are added as years pass,
        and this file may be of before; its standing is `UNKNOWN`, whoever else signed.

        The index is whatever the signer wrote. So under a log key that ended in `compromiso` no index is firm by
        itself: whoever holds the key writes an early one. There a witness of sound key must have cosigned.
        """
        if len({(line.name, line.key_id) for line in note.lines}) != len(note.lines):
            raise NoteRefused("firmante_repetido")
        signers = [signer for line in note.lines if (signer := self._signer(note, line)) is not None]
        known = len(signers) == len(note.lines)
        log = [key for key, _ in signers if key.role is KeyRole.LOG]
        if len(log) > 1 or (known and not log):
            raise NoteRefused("sin_firma_del_registro")
        if any(key.standing(index) is Standing.OUTSIDE for key, _ in signers):
            raise NoteRefused("llave_fuera_de_vigencia")
        sound = [(key, at) for key, at in signers if at is not None and key.may_attest(index)]
        witnesses = tuple(Attestation(key.id, at) for key, at in sound)
        if not known or not log:
            return NoteSigners(log[0] if log else None, Standing.UNKNOWN, witnesses)
        standing = log[0].standing(index)
        if log[0].end is KeyEnd.COMPROMISE and not sound:
            standing = Standing.INDETERMINATE
        return NoteSigners(log[0], standing, witnesses)

    def witnesses_at(self, index: int) -> frozenset[str]:
        """Return the ids of the witnesses that this file names for a checkpoint whose last leaf is `index`."""
        return frozenset(key.id for key in self.keys_of(KeyRole.WITNESS) if key.may_attest(index))

    def _signer(self, note: Note, line: SignatureLine) -> tuple[TrustedKey, datetime | None] | None:
        """Whose line it is, and when a witness signed it; None for nobody's in this file. Raises `NoteRefused`."""
        for key in self.keys_of(KeyRole.LOG):
            if (line.name, line.key_id) == (self.origin, note_key_id(self.origin, key.public, algorithm=ED25519)):
                if not is_signed_by(note, line, key.public):
                    raise NoteRefused("firma_invalida")
                return key, None
        for key in self.keys_of(KeyRole.WITNESS):
            if (line.name, line.key_id) == (key.id, note_key_id(key.id, key.public, algorithm=COSIGNATURE)):
                at = cosigned_at(note, line, key.public)
                if at is None:
                    raise NoteRefused("firma_invalida")
                return key, at
        return None

    def render(self) -> bytes:
        """Write the file. Without accredited certificates it has the bytes that it always had."""
        value: Json = {
            "origen": self.origin,
            "rp_id": self.rp_id,
            "origenes": list(self.origins),
            "claves": [key.render() for key in self.keys],
        }
        if self.accredited:
            value["acreditadas"] = [pem.decode("ascii") for pem in self.accredited]
        return encode(value)

    @classmethod
    def parse(cls, data: bytes) -> "TrustFile":
        """Read the file, of 1 MiB and 128 keys at most; raise `NotCanonical` unless it is exactly of version 1."""
        if len(data) > FILE_AT_MOST:
            raise NotCanonical("trust file too large")
        value = decode(data)
        match value:
            case {"origen": str(origin), "rp_id": str(rp_id), "origenes": list(origins), "claves": list(keys)}:
                known = value.keys() <= _FIELDS and max(len(keys), len(origins)) <= _KEYS_AT_MOST
                if known and _texts(origins):
                    parsed = tuple(_parse_key(key) for key in keys)
                    return cls(origin, rp_id, tuple(origins), parsed, _parse_accredited(value))
        raise NotCanonical("not a trust file")


def _parse_accredited(value: dict[str, Json]) -> tuple[bytes, ...]:
    listed = value.get("acreditadas", [])
    if not isinstance(listed, list) or ("acreditadas" in value and not listed) or not _texts(listed):
        raise NotCanonical("not a list of certificates")
    return tuple(text.encode() for text in listed)


def _parse_key(value: Json) -> TrustedKey:
    required, optional = {"id", "rol", "publica", "desde_indice"}, {"hasta_indice", "causa"}
    if not isinstance(value, dict) or set(value) not in (required, required | optional):
        raise NotCanonical("not a key")
    if not _texts([value["id"], value["rol"], value["publica"]]):
        raise NotCanonical("key with wrong types")
    try:
        role = KeyRole(value["rol"])
        end = KeyEnd(value["causa"]) if "causa" in value else None
        raw = role in (KeyRole.LOG, KeyRole.WITNESS)
        public = from_base64url(value["publica"]) if raw else value["publica"].encode("ascii")
    except ValueError as error:
        raise NotCanonical("key with unknown words") from error
    until = _index(value["hasta_indice"]) if "hasta_indice" in value else None
    return TrustedKey(value["id"], role, public, _index(value["desde_indice"]), until, end)


def _check_key(key: TrustedKey) -> None:
    """Refuse a key whose range or material is not well formed."""
    if (key.until_index is None) is not (key.end is None) or key.from_index < 0:
        raise NotCanonical("key's range not well formed")
    if key.until_index is not None and key.until_index < key.from_index - 1:
        raise NotCanonical("key's range not well formed")
    if key.role in (KeyRole.LOG, KeyRole.WITNESS):
        if len(key.public) != 32 or (key.role is KeyRole.WITNESS and not is_key_name(key.id)):
            raise NotCanonical("not an Ed25519 key")
        return
    _check_certificate(key.public)


def _check_certificate(pem: bytes) -> None:
    try:
        certificate = x509.load_pem_x509_certificate(pem)
    except (ValueError, x509.InvalidVersion) as error:
        raise NotCanonical("not a certificate") from error
    if certificate.public_bytes(Encoding.PEM) != pem:
        raise NotCanonical("certificate not canonical")


def _texts(values: Iterable[Json]) -> bool:
    return all(isinstance(value, str) and value for value in values)


def _index(value: Json) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise NotCanonical("not an index")
    return value
