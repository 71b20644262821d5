"""Queries of the room (private, but for those that its door publishes)."""

from datetime import datetime, timedelta
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.engine import Connection

from lme_operator.core.canonical import sha256
from lme_operator.core.database import Lock, LockRank, Work
from lme_operator.core.refusal import Refusal
from lme_operator.core.sealing import Sealer
from lme_operator.domain.mandates.machines import AcceptedMessage, Approvers, MachineKey, MachineKeyOrder, Proof
from lme_operator.domain.mandates.records import (
    machine_key_ends,
    machine_keys,
    refusal_windows,
    signed_messages,
    spent_nonces,
)
from lme_operator.domain.mandates.refusals import KEY_NOT_IN_FORCE, NONCE_SPENT


def read_machine_key(connection: Connection, keyid: str) -> MachineKey | None:
    """Return the key of that `keyid`, in force or not; its end is the earliest of those recorded."""
    ended_at = (
        sa.select(sa.func.min(machine_key_ends.c.ends_at))
        .where(machine_key_ends.c.key_id == machine_keys.c.id)
        .scalar_subquery()
    )
    row = connection.execute(
        sa.select(machine_keys, ended_at.label("ended_at")).where(machine_keys.c.keyid == keyid)
    ).one_or_none()
    if row is None:
        return None
    return MachineKey(
        id=row.id,
        keyid=row.keyid,
        organisation=row.organisation,
        organisation_name=row.organisation_name,
        compin=row.compin,
        kind=row.kind,
        permissions=frozenset(row.permissions),
        algorithm=row.algorithm,
        public_key=row.public_key,
        valid_from=row.valid_from,
        valid_until=row.valid_until if row.ended_at is None else min(row.valid_until, row.ended_at),
    )


def find_machine_key(connection: Connection, keyid: str, at: datetime) -> MachineKey | None:
    """Return the key of that `keyid` if it may sign at instant `at`."""
    key = read_machine_key(connection, keyid)
    return key if key is not None and key.in_force(at) else None


def lock_machine_key(keyid: str, *, ending: bool = False) -> Lock:
    """Lock a key's row: shared by the acts that rest on it, alone for its `ending`. So none is recorded after it."""
    statement = sa.select(machine_keys.c.id).where(machine_keys.c.keyid == keyid)
    # NO KEY UPDATE when ending: messages that point at the key do not wait.
    return Lock(LockRank.INSTITUTION, statement.with_for_update(read=not ending, key_share=ending))


def require_machine_key(work: Work, key: MachineKey) -> None:
    """Look again, under `lock_machine_key`: raise `Refusal(firma_clave_no_vigente)` unless the key is in force."""
    if find_machine_key(work.connection, key.keyid, work.at) is None:
        raise Refusal(KEY_NOT_IN_FORCE)


def open_refusal_window(connection: Connection, source: bytes, at: datetime, *, length: timedelta) -> bool:
    """Take the one row of a source and of the window of `length` that holds `at`; False when it was taken."""
    starts_at = at - (at - datetime.min.replace(tzinfo=at.tzinfo)) % length
    taken = connection.execute(
        insert(refusal_windows)
        .values(source=source, starts_at=starts_at)
        .on_conflict_do_nothing()
        .returning(refusal_windows.c.starts_at)
    ).one_or_none()
    return taken is not None


def spend_nonce(work: Work, keyid: str, nonce: str) -> None:
    """Use up a nonce of a key; raise `Refusal(firma_repetida)` when it was used before (RFC 9421 §7.2.2)."""
    spent = work.execute(
        insert(spent_nonces)
        .values(keyid=keyid, nonce=nonce, at=work.at)
        .on_conflict_do_nothing()
        .returning(spent_nonces.c.nonce)
    ).one_or_none()
    if spent is None:
        raise Refusal(NONCE_SPENT)


def keep_message(
    work: Work, sealer: Sealer, key: MachineKey, proof: Proof, *, received_at: datetime
) -> AcceptedMessage:
    """Keep a verified message, sealed: it carries the RUN and the grounds of an order."""
    message = AcceptedMessage(id=work.new_id(), digest=sha256(proof.content), key=key, received_at=received_at)
    work.execute(
        signed_messages.insert().values(
            id=message.id,
            key_id=key.id,
            digest=message.digest,
            content=sealer.seal(proof.content, where=_message_place(message.id)),
            received_at=received_at,
        )
    )
    return message


def read_message(connection: Connection, sealer: Sealer, message_id: UUID) -> Proof:
    """Return a kept message as it came."""
    content = connection.execute(
        sa.select(signed_messages.c.content).where(signed_messages.c.id == message_id)
    ).scalar_one()
    return Proof(sealer.open(content, where=_message_place(message_id)))


def record_machine_key(
    work: Work, order: MachineKeyOrder, *, algorithm: str, approvers: Approvers, entry_id: UUID
) -> UUID | None:
    """Insert a key once; return None when its keyid or its public key is taken."""
    return work.execute(
        insert(machine_keys)
        .values(
            id=work.new_id(),
            keyid=order.keyid,
            organisation=order.organisation,
            organisation_name=order.organisation_name,
            compin=order.compin,
            kind=order.kind,
            permissions=sorted(order.permissions),
            algorithm=algorithm,
            public_key=order.public_key,
            valid_from=order.valid_from,
            valid_until=order.valid_until,
            first_approver=str(approvers.first),
            second_approver=str(approvers.second),
            entry_id=entry_id,
            at=work.at,
        )
        .on_conflict_do_nothing()
        .returning(machine_keys.c.id)
    ).scalar_one_or_none()


def record_machine_key_end(
    work: Work, key: MachineKey, *, ends_at: datetime, cause: str, approvers: Approvers, entry_id: UUID
) -> None:
    """Insert the ending of a key."""
    work.execute(
        machine_key_ends.insert().values(
            id=work.new_id(),
            key_id=key.id,
            ends_at=ends_at,
            cause=cause,
            first_approver=str(approvers.first),
            second_approver=str(approvers.second),
            entry_id=entry_id,
            at=work.at,
        )
    )


def _message_place(message_id: UUID) -> str:
    return f"mandates.signed_message.content:{message_id}"
