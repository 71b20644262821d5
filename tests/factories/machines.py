"""Synthetic machines of authorities: their keys, their signed requests, and their orders at the level of the domain."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePrivateKey, generate_private_key
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from lme_operator.core.canonical import encode
from lme_operator.core.database import Database, Deadline
from lme_operator.core.idempotency import IdempotentRequest
from lme_operator.core.origin import Origin
from lme_operator.core.run import Run
from lme_operator.core.sealing import Sealer
from lme_operator.domain.audit import Log
from lme_operator.domain.mandates import (
    PERMISSIONS,
    AcceptedMessage,
    Approvers,
    Claim,
    MachineKey,
    MachineKeyOrder,
    Mandates,
    Proof,
)
from lme_operator.domain.suspensions import (
    Lifted,
    LiftingOrder,
    Orderer,
    Received,
    ReplacementOrder,
    SuspensionOrder,
    Suspensions,
    Terms,
)
from lme_operator.entrypoints.machines.signed_requests import Message, RequestSigner
from tests.factories.people import People, norms

ORIGIN = Origin(ip="198.51.100.7", device="sistema de la autoridad", request_id="prueba")
APPROVERS = Approvers(Run(11000001), Run(11000002))
PrivateKey = Ed25519PrivateKey | EllipticCurvePrivateKey


def new_key(algorithm: str = "ed25519") -> PrivateKey:
    return Ed25519PrivateKey.generate() if algorithm == "ed25519" else generate_private_key(SECP256R1())


def public_der(key: PrivateKey) -> bytes:
    return key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


def key_order(key: PrivateKey, *, keyid: str, at: datetime, **changes: Any) -> MachineKeyOrder:
    """A key of a regional COMPIN, valid for a year from `at`."""
    values: dict[str, Any] = {
        "organisation": "compin",
        "organisation_name": "COMPIN Región Metropolitana",
        "compin": "13",
        "kind": "autoridad",
        "permissions": PERMISSIONS,
        "valid_from": at,
        "valid_until": at + timedelta(days=365),
    }
    return MachineKeyOrder(keyid=keyid, public_key=public_der(key), **{**values, **changes})


def terms(number: str = "1234/2026", **changes: Any) -> Terms:
    """A resolution that suspends for April and May of 2026."""
    values: dict[str, Any] = {
        "resolution_date": date(2026, 4, 17),
        "first_day": date(2026, 4, 20),
        "last_day": date(2026, 5, 19),
        "grounds": "Artículo 2, Ley 20.585: no entrega de antecedentes.",
    }
    return Terms(resolution_number=number, **{**values, **changes})


@dataclass
class Machine:
    """A registered machine of an authority: it orders in the domain, and signs over HTTP."""

    database: Database
    suspensions: Suspensions
    mandates: Mandates
    keyid: str
    key: PrivateKey

    @classmethod
    def register(
        cls,
        database: Database,
        log: Log,
        sealer: Sealer,
        *,
        keyid: str = "compin-13-a",
        algorithm: str = "ed25519",
        **changes: Any,
    ) -> "Machine":
        """Register a new key and return its machine; `changes` replace fields of the key's order."""
        people, key = People(database, log, sealer), new_key(algorithm)
        mandates = people.mandates
        order = key_order(key, keyid=keyid, at=database.clock() - timedelta(days=1), **changes)
        mandates.register_machine_key(order, approvers=APPROVERS, origin=ORIGIN, deadline=Deadline(10))
        suspensions = Suspensions(
            database=database, log=log, sealer=sealer, norms=norms(), credentials=people.credentials
        )
        return cls(database, suspensions, mandates, keyid, key)

    @property
    def signer(self) -> RequestSigner:
        return RequestSigner(self.keyid, self.key)

    def message(self, content: object = "orden") -> AcceptedMessage:
        """A message of this machine, let in and kept, without HTTP."""
        at = self.database.clock()

        def prove(_key: MachineKey) -> Proof:
            return Proof(encode({"orden": str(content), "firma": str(uuid4())}))

        return self.mandates.accept(
            Claim(keyid=self.keyid, nonce=uuid4().hex, created=at, expires=None, algorithm=None),
            prove=prove,
            kind="autoridad",
            permission="suspensiones",
            arrived_at=at,
            origin=ORIGIN,
            deadline=Deadline(10),
        )

    def orderer(self, key: str | None = None, body: bytes = b"{}", route: str = "suspensiones") -> Orderer:
        """This machine ordering something, with an Idempotency-Key of its own unless given."""
        message = self.message()
        request = IdempotentRequest.of(who=message.key.actor, route=route, key=key or str(uuid4()), body=body)
        return Orderer(message=message, request=request, origin=ORIGIN)

    def suspend(self, run: Run, resolution: Terms | None = None, *, by: Orderer | None = None) -> Received:
        order = SuspensionOrder(run=run, terms=resolution or terms())
        return self.suspensions.receive(order, by=by or self.orderer(), deadline=Deadline(10))

    def lift(self, suspension: UUID, *, number: str = "900/2026", day: date | None = None, **changes: Any) -> Lifted:
        order = LiftingOrder(
            resolution_number=number, reason=changes.pop("reason", "Entregó los antecedentes."), first_free_day=day
        )
        return self.suspensions.lift(
            suspension, order, by=changes.pop("by", None) or self.orderer(), deadline=Deadline(10)
        )

    def replace(self, suspension: UUID, kind: str, resolution: Terms, *, by: Orderer | None = None) -> Received:
        order = ReplacementOrder(kind=kind, terms=resolution)
        return self.suspensions.replace(suspension, order, by=by or self.orderer(), deadline=Deadline(10))

    def sign(
        self,
        method: str,
        url: str,
        *,
        body: Mapping[str, Any] | bytes | None = None,
        key: str | None = None,
        at: datetime | None = None,
        nonce: str | None = None,
    ) -> tuple[dict[str, str], bytes]:
        """The headers and body of a signed request, for any HTTP client."""
        content = b"" if body is None else body if isinstance(body, bytes) else json.dumps(body).encode()
        headers = {"content-type": "application/json"} if content else {}
        if key is not None:
            headers["idempotency-key"] = key
        message = Message(method, url, headers, content)
        created = (at or self.database.clock()).astimezone(UTC)
        return self.signer.sign(message, created=created, nonce=nonce), content
