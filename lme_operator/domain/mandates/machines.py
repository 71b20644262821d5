"""Machines' keys: whose they are, what they may do and when, and what is demanded of a message signed with one."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from lme_operator.core.refusal import Refusal
from lme_operator.core.run import Run
from lme_operator.domain.mandates.refusals import (
    ALGORITHM_REFUSED,
    KEY_NOT_IN_FORCE,
    NOT_PERMITTED,
    SAME_APPROVER,
    SIGNATURE_STALE,
)

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
