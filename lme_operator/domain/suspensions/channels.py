"""How an order reaches us: signed by an authority's machine, or confirmed at the console by a person of the authority.

What follows from an order is the same. What proves who gave it is not: a signed message is the authority's own, and an
order of the console is declared by the operator, who keeps what was confirmed and the use of the person's factor.
"""

from dataclasses import dataclass
from uuid import UUID

from lme_operator.core.canonical import Json, encode, format_instant, sha256, to_base64url
from lme_operator.core.database import Evidence, Lock, Work
from lme_operator.core.refusal import Refusal
from lme_operator.core.run import Run
from lme_operator.core.sealing import Sealer
from lme_operator.domain import credentials as credentials_room
from lme_operator.domain.audit import EventKind
from lme_operator.domain.credentials import CountsWrongCodes, Credentials, Session, TotpUse, require_live
from lme_operator.domain.identity import lock_people
from lme_operator.domain.mandates import (
    NO_MANDATE,
    Mandate,
    Role,
    lock_machine_key,
    mandate_causes,
    mandate_in_force,
    require_machine_key,
)
from lme_operator.domain.suspensions import store
from lme_operator.domain.suspensions.orders import Orderer, PersonOrdering

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


def locks_of(by: Orderer | PersonOrdering, run: Run, *, create: bool = False) -> tuple[Lock, ...]:
    """Every lock of an order about a person: the machine's key and the person, or both people in one pass."""
    if isinstance(by, Orderer):
        return lock_machine_key(by.message.key.keyid), lock_people(run, create=create)
    return (lock_people(by.session.run, run, create=create),)


def evidence_of(by: Orderer | PersonOrdering, inner: Evidence, kind: EventKind) -> Evidence:
    """Evidence that counts a wrong code of the person, where a person orders."""
    return inner if isinstance(by, Orderer) else CountsWrongCodes(inner, by.session.run, kind.code)


def admit(
    work: Work, sealer: Sealer, credentials: Credentials, by: Orderer | PersonOrdering, kind: EventKind
) -> TotpUse | None:
    """Look under the locks whether who orders still may; spend the person's code.

    Raises `Refusal`: `firma_clave_no_vigente`, or `sesion_terminada`, `sin_mandato` and those of the code.
    (orden-en-consola@v1#ordenar)
    """
    if isinstance(by, Orderer):
        require_machine_key(work, by.message.key)
        return None
    require_person(work, sealer, credentials, by.session, by.mandate)
    return credentials.consume_totp(work, by.session.run, by.code, purpose=kind.code)


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


def keep(work: Work, sealer: Sealer, by: Orderer | PersonOrdering, order: Json, use: TotpUse | None) -> Kept:
    """Keep what a person confirmed; a machine's message is kept already. (orden-en-consola@v1#declarar)"""
    if isinstance(by, Orderer):
        return Kept(by.message.id, None, {"mensaje": to_base64url(by.message.digest)})
    actor = f"persona:{by.session.run}"
    content = encode(
        {
            "orden": order,
            "autoridad": by.mandate.authority.code if by.mandate.authority is not None else None,
            "ordena": actor,
            "mandato": str(by.mandate.id),
            "sesion": str(by.session.id),
            "factor": None if use is None else {"tipo": "totp", "paso": use.step},
            "confirmada_en": format_instant(work.at),
            "prueba": DECLARED,
        }
    )
    declared_id, digest = work.new_id(), sha256(content)
    store.keep_declared(
        work, sealer, declared_id, mandate_id=by.mandate.id, digest=digest, content=content, at=by.received_at
    )
    said: dict[str, Json] = {
        "canal": "consola",
        "ordena": actor,
        "orden": to_base64url(digest),
        "prueba": DECLARED,
    }
    return Kept(None, declared_id, said)
