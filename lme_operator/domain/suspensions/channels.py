"""How an order reaches us: signed by an authority's machine, or confirmed at the console by a person of the authority.

What follows from an order is the same. What proves who gave it is not: a signed message is the authority's own, and an
order of the console is declared by the operator, who keeps what was confirmed and the use of the person's factor. So
what was signed is never undone by what is only declared: two founders name who declares.
"""

from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from lme_operator.core.canonical import Json, encode, format_instant, sha256, to_base64url
from lme_operator.core.database import Evidence, Lock, Work
from lme_operator.core.idempotency import IdempotentRequest
from lme_operator.core.origin import Origin
from lme_operator.core.refusal import Refusal
from lme_operator.core.run import Run
from lme_operator.core.sealing import Sealer
from lme_operator.domain import credentials as credentials_room
from lme_operator.domain.audit import EventKind
from lme_operator.domain.credentials import CountsWrongCodes, Credentials, Session, TotpUse, require_live
from lme_operator.domain.identity import lock_people
from lme_operator.domain.mandates import (
    NO_MANDATE,
    AcceptedMessage,
    Mandate,
    Role,
    lock_machine_key,
    mandate_causes,
    mandate_in_force,
    require_machine_key,
)
from lme_operator.domain.suspensions import store
from lme_operator.domain.suspensions.orders import Authority
from lme_operator.domain.suspensions.refusals import ABOUT_ONESELF, SIGNED_ORDER
from lme_operator.domain.suspensions.rules import Suspension

DECLARED = "declarada por el operador"
_PASSWORD_CAUSES = frozenset(
    {credentials_room.state.INITIAL_PASSWORD.code, credentials_room.state.EXPIRED_PASSWORD.code}
)


@dataclass(frozen=True, slots=True)
class Kept:
    """Where the proof of an order is kept, one of both, and what the log says of it."""

    message_id: UUID | None
    declared_id: UUID | None
    said: dict[str, Json]


@dataclass(frozen=True, slots=True)
class Orderer:
    """A machine that orders and how it is known: the signed message, the key of the request, where it came from."""

    message: AcceptedMessage
    request: IdempotentRequest
    origin: Origin

    @property
    def authority(self) -> Authority:
        """The authority whose machine signed."""
        return Authority.of(self.message.key)

    @property
    def received_at(self) -> datetime:
        """When the message arrived."""
        return self.message.received_at

    @property
    def who(self) -> dict[str, Json]:
        """What the log adds of a refused order: the authority says all."""
        return {}

    def locks(self, run: Run, *, create: bool = False) -> tuple[Lock, ...]:
        """Every lock of an order about `run`: the machine's key and the person."""
        return lock_machine_key(self.message.key.keyid), lock_people(run, create=create)

    def evidence(self, inner: Evidence, _kind: EventKind) -> Evidence:
        """The evidence of a refused order."""
        return inner

    def admit(self, work: Work, _sealer: Sealer, _credentials: Credentials, _kind: EventKind) -> None:
        """Look under the lock whether the key still may; raise `Refusal(firma_clave_no_vigente)`."""
        require_machine_key(work, self.message.key)

    def require_may_suspend(self, run: Run) -> None:
        """An authority may order about anybody."""

    def require_may_lift(self, suspension: Suspension) -> None:
        """What is its own an authority may lift, however it came."""

    def keep(self, _work: Work, _sealer: Sealer, _order: Json, _use: TotpUse | None) -> Kept:
        """The message is kept already."""
        return Kept(self.message.id, None, {"mensaje": to_base64url(self.message.digest)})


@dataclass(frozen=True, slots=True)
class PersonOrdering:
    """A person of an authority who orders at the console, and the code that confirms it."""

    session: Session
    mandate: Mandate
    code: str = field(repr=False)
    request: IdempotentRequest
    origin: Origin
    received_at: datetime

    @property
    def authority(self) -> Authority:
        """The authority that the person acts for."""
        return Authority.by_mandate(self.mandate)

    @property
    def who(self) -> dict[str, Json]:
        """Who ordered: the authority alone would not say it."""
        return {"ordena": self._actor, "ip": self.origin.ip}

    def locks(self, run: Run, *, create: bool = False) -> tuple[Lock, ...]:
        """Both people in one pass."""
        return (lock_people(self.session.run, run, create=create),)

    def evidence(self, inner: Evidence, kind: EventKind) -> Evidence:
        """Evidence that counts a wrong code of the person."""
        return CountsWrongCodes(inner, self.session.run, kind.code)

    def admit(self, work: Work, sealer: Sealer, credentials: Credentials, kind: EventKind) -> TotpUse:
        """Look under the locks whether the person still may; spend the code.

        Raises `Refusal`: `sesion_terminada`, `sin_mandato` and those of the code. (orden-en-consola@v1#ordenar)
        """
        require_person(work, sealer, credentials, self.session, self.mandate)
        return credentials.consume_totp(work, self.session.run, self.code, purpose=kind.code)

    def require_may_suspend(self, run: Run) -> None:
        """Raise `Refusal(orden_sobre_si_mismo)`."""
        if run == self.session.run:
            raise Refusal(ABOUT_ONESELF)

    def require_may_lift(self, suspension: Suspension) -> None:
        """Raise `Refusal`: `orden_sobre_si_mismo`, `orden_firmada_por_la_autoridad`. (orden-en-consola@v1#ordenar)"""
        self.require_may_suspend(suspension.run)
        if suspension.signed:
            raise Refusal(SIGNED_ORDER)

    def keep(self, work: Work, sealer: Sealer, order: Json, use: TotpUse | None) -> Kept:
        """Keep what was confirmed, as it was. (orden-en-consola@v1#declarar)"""
        content = encode(
            {
                "orden": order,
                "autoridad": self.mandate.authority.code if self.mandate.authority is not None else None,
                "ordena": self._actor,
                "mandato": str(self.mandate.id),
                "sesion": str(self.session.id),
                "factor": None if use is None else {"tipo": "totp", "paso": use.step},
                "confirmada_en": format_instant(work.at),
                "prueba": DECLARED,
            }
        )
        declared_id, digest = work.new_id(), sha256(content)
        store.keep_declared(
            work, sealer, declared_id, mandate_id=self.mandate.id, digest=digest, content=content, at=self.received_at
        )
        said: dict[str, Json] = {
            "canal": "consola",
            "ordena": self._actor,
            "orden": to_base64url(digest),
            "prueba": DECLARED,
        }
        return Kept(None, declared_id, said)

    @property
    def _actor(self) -> str:
        return f"persona:{self.session.run}"


def require_person(work: Work, sealer: Sealer, credentials: Credentials, session: Session, mandate: Mandate) -> None:
    """Look under the lock: the session lives, is the operator's and full, and its person acts for that authority.

    Raises `Refusal`: `sesion_terminada`, `sin_mandato`. (mandatos@v1#vigencia)
    """
    require_live(work, session)
    run = session.run
    causes = mandate_causes(work.connection, run, Role.AUTHORITY, work.at)
    held_up = credentials_room.causes(work.connection, run, work.at, credentials.norms)
    causes += tuple(found for found in held_up if found.code in _PASSWORD_CAUSES)
    found = mandate_in_force(work.connection, sealer, run, Role.AUTHORITY, work.at)
    if causes or found is None or found.id != mandate.id or not session.context.operator:
        raise Refusal(NO_MANDATE, findings=causes)
