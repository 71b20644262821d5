"""Register and end machines' keys; let a signed message in, once."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import load_der_public_key
from sqlalchemy.engine import Connection

from lme_operator.core.canonical import format_instant, to_base64url
from lme_operator.core.database import Deadline, Work
from lme_operator.core.decision import Finding
from lme_operator.core.origin import Origin
from lme_operator.core.refusal import Refusal
from lme_operator.core.sealing import Sealer
from lme_operator.domain.audit import EventKind, Log, LogEvidence
from lme_operator.domain.mandates import store
from lme_operator.domain.mandates.accreditation import Accreditation
from lme_operator.domain.mandates.events import (
    MACHINE_KEY_ENDED,
    MACHINE_KEY_REGISTERED,
    MACHINE_MESSAGE_KEPT,
    MACHINE_TURNED_AWAY,
)
from lme_operator.domain.mandates.machines import (
    ECDSA_P256,
    ED25519,
    KINDS,
    PERMISSIONS,
    AcceptedMessage,
    Approvers,
    Claim,
    MachineKey,
    MachineKeyOrder,
    MachineKeyRegistered,
    Proof,
)
from lme_operator.domain.mandates.refusals import KEY_ALREADY_REGISTERED, KEY_ORDER_INVALID, KEY_UNKNOWN

REFUSALS_EVERY = timedelta(minutes=1)
"""One refusal of a source, by one key and for one reason, is kept in each of these windows; the rest leave no row."""

_KEYID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:-]{2,99}", re.ASCII)
_CODE = re.compile(r"[a-z0-9][a-z0-9-]{1,62}", re.ASCII)
_COMPIN = re.compile(r"(?:[a-z0-9][a-z0-9-]{0,31})?", re.ASCII)


class Mandates(Accreditation):
    """The room's use cases: `Mandates(database=…, log=…, sealer=…, credentials=…, notices=…, documents=…)`."""

    __slots__ = ()

    def register_machine_key(
        self, order: MachineKeyOrder, *, approvers: Approvers, origin: Origin, deadline: Deadline
    ) -> MachineKeyRegistered:
        """Register a machine's key under two people's approval; several of one organisation may overlap (rotation).

        Raises `Refusal` (`aprobacion_de_una_sola_persona`, `llave_no_admitida`, `llave_ya_registrada`). N-2.6d, N-6d.
        """
        with self.database.unit_of_work(
            deadline=deadline, evidence=self._approved(MACHINE_KEY_REGISTERED, approvers, order.keyid)
        ) as work:
            approvers.require_two()
            algorithm = _check(order)
            entry_id = work.new_id()
            key_id = store.record_machine_key(work, order, algorithm=algorithm, approvers=approvers, entry_id=entry_id)
            if key_id is None:
                raise Refusal(KEY_ALREADY_REGISTERED)
            self.log.append(
                work,
                kind=MACHINE_KEY_REGISTERED,
                actor=f"persona:{approvers.first}",
                entry_id=entry_id,
                data={
                    "llave": str(key_id),
                    "keyid": order.keyid,
                    "organizacion": order.organisation,
                    "nombre": order.organisation_name,
                    "compin": order.compin,
                    "tipo": order.kind,
                    "permisos": sorted(order.permissions),
                    "algoritmo": algorithm,
                    "publica": to_base64url(order.public_key),
                    "desde": format_instant(order.valid_from),
                    "hasta": format_instant(order.valid_until),
                    "aprueba": [str(approvers.first), str(approvers.second)],
                    "ip": origin.ip,
                },
            )
        return MachineKeyRegistered(key_id, entry_id)

    def end_machine_key(
        self,
        keyid: str,
        *,
        ends_at: datetime | None,
        cause: str,
        approvers: Approvers,
        origin: Origin,
        deadline: Deadline,
    ) -> MachineKeyRegistered:
        """End a key at `ends_at` (None, or a past instant: now), under two people's approval; never earlier than now.

        Raises `Refusal` (`aprobacion_de_una_sola_persona`, `firma_clave_desconocida`).
        """
        with self.database.unit_of_work(
            deadline=deadline,
            locks=[store.lock_machine_key(keyid, ending=True)],
            evidence=self._approved(MACHINE_KEY_ENDED, approvers, keyid),
        ) as work:
            approvers.require_two()
            key = store.read_machine_key(work.connection, keyid)
            if key is None:
                raise Refusal(KEY_UNKNOWN)
            instant = work.at if ends_at is None else max(ends_at, work.at)
            entry_id = work.new_id()
            store.record_machine_key_end(
                work, key, ends_at=instant, cause=cause, approvers=approvers, entry_id=entry_id
            )
            self.log.append(
                work,
                kind=MACHINE_KEY_ENDED,
                actor=f"persona:{approvers.first}",
                entry_id=entry_id,
                data={
                    "llave": str(key.id),
                    "keyid": keyid,
                    "organizacion": key.organisation,
                    "compin": key.compin,
                    "termina_en": format_instant(instant),
                    "causa": cause,
                    "aprueba": [str(approvers.first), str(approvers.second)],
                    "ip": origin.ip,
                },
            )
        return MachineKeyRegistered(key.id, entry_id)

    def accept(
        self,
        claim: Claim,
        *,
        prove: Callable[[MachineKey], Proof],
        kind: str,
        permission: str,
        arrived_at: datetime,
        origin: Origin,
        deadline: Deadline,
    ) -> AcceptedMessage:
        """Let a signed message in, once, and keep it sealed as the proof of who said what, readings too (N-2.6c).

        `prove` verifies the signature with the key that the claim names; it raises `Refusal` when it is false. Also
        raises `Refusal` (`firma_clave_desconocida`, `firma_clave_no_vigente`, `firma_algoritmo_no_admitido`,
        `firma_fuera_de_plazo`, `firma_repetida`, `organizacion_sin_permiso`); the first of each minute, source and
        reason leaves an attempt on record. RFC 9421 §3.2, §7.2.
        """
        with self.database.reading(deadline=deadline, priority=True) as connection:
            key = store.read_machine_key(connection, claim.keyid)
        turned_away = _AttemptOf(self.log, self.sealer, claim.keyid, origin, known=key is not None, proved=False)
        with self._refusing(turned_away, deadline):
            if key is None:
                raise Refusal(KEY_UNKNOWN)
            claim.require_acceptable(key, at=self.database.clock(), arrived_at=arrived_at)
            proof = prove(key)
        turned_away = replace(turned_away, proved=True)
        with self._refusing(turned_away, deadline):
            key.require(kind=kind, permission=permission)
        with self.database.unit_of_work(
            deadline=deadline, locks=[store.lock_machine_key(key.keyid)], evidence=turned_away, priority=True
        ) as work:
            store.require_machine_key(work, key)
            store.spend_nonce(work, key.keyid, claim.nonce)
            message = store.keep_message(work, self.sealer, key, proof, received_at=arrived_at)
            self.log.attempt(
                work.connection,
                at=work.at,
                kind=MACHINE_MESSAGE_KEPT,
                data={"actor": key.actor, "keyid": key.keyid, "mensaje": to_base64url(message.digest), "ip": origin.ip},
            )
            return message

    @contextmanager
    def _refusing(self, turned_away: "_AttemptOf", deadline: Deadline) -> Iterator[None]:
        """Keep a refusal in the ordinary pool: strangers take no connection from those that wait to block."""
        try:
            yield
        except Refusal:
            with self.database.unit_of_work(deadline=deadline, evidence=turned_away):
                raise

    def _approved(self, kind: EventKind, approvers: Approvers, keyid: str) -> LogEvidence:
        return LogEvidence(self.log, kind, f"persona:{approvers.first}", {"keyid": keyid})


@dataclass(frozen=True, slots=True)
class _AttemptOf:
    """Keeps a refused signature as an attempt: one a minute of each source, key and reason, however many come.

    Until the signature is proved whoever sent it is a stranger, and a keyid that is not registered may hold anything:
    both go in by keyed hash (N-2.6b).
    """

    log: Log
    sealer: Sealer
    keyid: str
    origin: Origin
    known: bool
    proved: bool

    def refused(self, work: Work, refusal: Refusal) -> None:
        """Record the attempt, in the transaction whose business was rolled back."""
        self.turned_away(work.connection, work.at, refusal)

    def turned_away(self, connection: Connection, at: datetime, refusal: Refusal) -> None:
        """Record the attempt, if it is the first of its window."""
        code = refusal.kind.code
        kept = f"{self.origin.network}\0{self.keyid if self.known else ''}\0{code}"
        source = self.sealer.lookup(kept, purpose="firma-de-maquina-rechazada")
        if not store.open_refusal_window(connection, source, at, length=REFUSALS_EVERY):
            return
        keyid = self.keyid if self.known else self.log.keyed(self.keyid, purpose="llave-desconocida")
        ip = self.origin.ip if self.proved else self.log.keyed(self.origin.ip, purpose="ip-desconocida")
        self.log.attempt(connection, at=at, kind=MACHINE_TURNED_AWAY, data={"keyid": keyid, "codigo": code, "ip": ip})


def key_algorithm(public_key: bytes) -> str | None:
    """Return the RFC 9421 algorithm of a DER public key, or None when it is not one of ours."""
    try:
        key = load_der_public_key(public_key)
    except (ValueError, UnsupportedAlgorithm):
        return None
    if isinstance(key, Ed25519PublicKey):
        return ED25519
    if isinstance(key, EllipticCurvePublicKey) and isinstance(key.curve, SECP256R1):
        return ECDSA_P256
    return None


def _check(order: MachineKeyOrder) -> str:
    """Return the key's algorithm; raise `Refusal(llave_no_admitida)` with every reason."""
    algorithm = key_algorithm(order.public_key)
    faults = {
        "/keyid": not _KEYID.fullmatch(order.keyid),
        "/organizacion": not _CODE.fullmatch(order.organisation),
        "/compin": not _COMPIN.fullmatch(order.compin),
        "/tipo": order.kind not in KINDS,
        "/permisos": not order.permissions <= PERMISSIONS,
        "/publica": algorithm is None,
        "/hasta": order.valid_until <= order.valid_from,
    }
    findings = tuple(
        Finding(
            "dato_no_admitido", "Este dato de la llave no es admisible.", "N-2.6d", KEY_ORDER_INVALID.remedy, pointer
        )
        for pointer, wrong in faults.items()
        if wrong
    )
    if findings or algorithm is None:
        raise Refusal(KEY_ORDER_INVALID, findings=findings)
    return algorithm
