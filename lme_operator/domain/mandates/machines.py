"""Machines' keys: whose they are, what they may do and when, and what is demanded of a message signed with one."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from lme_operator.core.refusal import Refusal, refusal
from lme_operator.core.run import Run

KINDS = ("autoridad", "auditoria", "mediador", "sistema_clinico")
SUSPENSIONS = "suspensiones"
CONSULTATIONS = "consultas"
PERMISSIONS = frozenset({SUSPENSIONS, CONSULTATIONS})
ED25519 = "ed25519"
ECDSA_P256 = "ecdsa-p256-sha256"
ALGORITHMS = (ED25519, ECDSA_P256)
"""Names of RFC 9421 §6.2.2. RSA, HMAC and `none` do not exist here."""

TOLERANCE = timedelta(seconds=60)
"""Difference of clocks accepted between a machine and us, either way (api.md, 'Machines')."""

KEY_UNKNOWN = refusal(
    code="firma_clave_desconocida",
    status=401,
    citation="RFC 9421",
    words="La llave con que firmó (keyid) no está registrada.",
    remedy="Firme con una llave registrada ante el operador, o pida registrar la suya.",
)
KEY_NOT_IN_FORCE = refusal(
    code="firma_clave_no_vigente",
    status=401,
    citation="RFC 9421",
    words="La llave con que firmó todavía no rige, venció o fue dada de baja.",
    remedy="Firme con una llave vigente de su organización.",
)
ALGORITHM_REFUSED = refusal(
    code="firma_algoritmo_no_admitido",
    status=401,
    citation="RFC 9421",
    words="El algoritmo declarado en la firma no es el de la llave registrada.",
    remedy="Firme con el algoritmo de su llave (Ed25519 o ECDSA P-256) y omita «alg» o declare ese mismo.",
)
SIGNATURE_STALE = refusal(
    code="firma_fuera_de_plazo",
    status=401,
    citation="RFC 9421",
    words="La firma se creó a más de 60 segundos de nuestra hora, o ya expiró.",
    remedy="Sincronice su reloj, firme de nuevo con otro nonce y repita con la misma Idempotency-Key.",
)
NONCE_SPENT = refusal(
    code="firma_repetida",
    status=401,
    citation="RFC 9421",
    words="Ese nonce ya se usó: un mensaje firmado vale una sola vez.",
    remedy="Firme de nuevo con otro nonce y repita con la misma Idempotency-Key.",
)
NOT_PERMITTED = refusal(
    code="organizacion_sin_permiso",
    status=403,
    citation="N-6d",
    words="Su organización no tiene permiso para esta operación.",
    remedy="Pida al operador el permiso que corresponda a sus facultades.",
)
KEY_ALREADY_REGISTERED = refusal(
    code="llave_de_maquina_ya_registrada",
    status=409,
    citation="N-2.6d",
    words="Ese identificador de llave, o esa llave pública, ya está registrado.",
    remedy="Use una llave nueva con un identificador nuevo: una llave nunca cambia de dueño.",
)
KEY_ORDER_INVALID = refusal(
    code="llave_no_admitida",
    status=422,
    citation="N-2.6d",
    words="La llave o sus datos no son admisibles.",
    remedy="Use Ed25519 o ECDSA P-256, un tipo y permisos conocidos, y una vigencia con inicio y término.",
)
SAME_APPROVER = refusal(
    code="aprobacion_de_una_sola_persona",
    status=403,
    citation="N-2.6d",
    words="Registrar o dar de baja la llave de una máquina exige la aprobación de dos personas distintas.",
    remedy="Obtenga la aprobación de una segunda persona.",
)


@dataclass(frozen=True, slots=True)
class MachineKey:
    """A registered public key: whose, what for, and [valid_from, valid_until) net of its ending.

    `compin` is the regional COMPIN's code, empty when the organisation has none; `public_key` is DER
    (SubjectPublicKeyInfo).
    """

    id: UUID
    keyid: str
    organisation: str
    organisation_name: str
    compin: str
    kind: str
    permissions: frozenset[str]
    algorithm: str
    public_key: bytes
    valid_from: datetime
    valid_until: datetime

    @property
    def owner(self) -> str:
        """`superintendencia`, or `compin:13` for a regional COMPIN: two of them are two authorities."""
        return f"{self.organisation}:{self.compin}" if self.compin else self.organisation

    @property
    def actor(self) -> str:
        """How the log names it."""
        return f"organizacion:{self.owner}"

    def in_force(self, at: datetime) -> bool:
        """Whether it may sign at instant `at`."""
        return self.valid_from <= at < self.valid_until

    def require(self, *, kind: str, permission: str) -> None:
        """Raise `Refusal(organizacion_sin_permiso)` unless the key is of that kind and holds the permission."""
        if self.kind != kind or permission not in self.permissions:
            raise Refusal(NOT_PERMITTED)


@dataclass(frozen=True, slots=True)
class MachineKeyOrder:
    """A key to register. `public_key` is DER (SubjectPublicKeyInfo), Ed25519 or ECDSA P-256."""

    keyid: str
    organisation: str
    organisation_name: str
    compin: str
    kind: str
    permissions: frozenset[str]
    public_key: bytes
    valid_from: datetime
    valid_until: datetime


@dataclass(frozen=True, slots=True)
class MachineKeyRegistered:
    """The key's id and the log entry of its registration or ending."""

    id: UUID
    entry_id: UUID


@dataclass(frozen=True, slots=True)
class Approvers:
    """The two people who answer for a key."""

    first: Run
    second: Run

    def require_two(self) -> None:
        """Raise `Refusal(aprobacion_de_una_sola_persona)` when they are one."""
        if self.first == self.second:
            raise Refusal(SAME_APPROVER)


@dataclass(frozen=True, slots=True)
class Claim:
    """What a signature says of itself (RFC 9421 §2.3), before anything is believed."""

    keyid: str
    nonce: str
    created: datetime
    expires: datetime | None
    algorithm: str | None

    def require_acceptable(self, key: MachineKey, *, at: datetime, arrived_at: datetime) -> None:
        """Raise `Refusal` unless the key is in force at `at`, the algorithm is its own, and the clocks agree."""
        if not key.in_force(at):
            raise Refusal(KEY_NOT_IN_FORCE)
        if self.algorithm not in (None, key.algorithm):
            raise Refusal(ALGORITHM_REFUSED)
        if abs(arrived_at - self.created) > TOLERANCE or (self.expires is not None and self.expires <= arrived_at):
            raise Refusal(SIGNATURE_STALE)


@dataclass(frozen=True, slots=True)
class Proof:
    """A message whose signature was verified: canonical JSON of signature base, signature, headers and body."""

    content: bytes


@dataclass(frozen=True, slots=True)
class AcceptedMessage:
    """A signed message accepted and kept: `id` and SHA-256 `digest` of its proof, who signed, when it arrived."""

    id: UUID
    digest: bytes
    key: MachineKey
    received_at: datetime
