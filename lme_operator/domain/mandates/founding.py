"""The founding: the first entries of the log name the operator, its keys, and the two people who answer for them.

Everything later rests on it: whoever reads the log from its first entry knows whose it is and who could sign. The two
founders receive there their means of access, once: with them they accredit everybody else.
"""

from collections.abc import Callable, Mapping, Sequence, Set
from dataclasses import dataclass, field
from uuid import UUID

import sqlalchemy as sa

from lme_operator.core.canonical import Json
from lme_operator.core.database import Database, Deadline, Lock, LockRank, Work
from lme_operator.core.run import Run
from lme_operator.domain.audit import EventKind, Log, TrustFile
from lme_operator.domain.credentials import (
    Credentials,
    HashedPassword,
    TotpSecret,
    new_password,
    new_totp,
    passwords,
)
from lme_operator.domain.identity import lock_people
from lme_operator.domain.mandates import people_store
from lme_operator.domain.mandates.events import FOUNDER_GIVEN_ACCESS, FOUNDER_NAMED, OPERATOR_FOUNDED
from lme_operator.domain.mandates.people import Mandate, Role

CEREMONY = "sistema:inicializar"

_FOUNDING = 0x4C4D46
"""The advisory lock of the founding, in the bigint form: two ceremonies at once make one."""
_NAMED_AT = (1, 2)
"""Where in the log the founders are named."""


class NotTheFounders(Exception):
    """The log of this operator names other founders."""


@dataclass(frozen=True, slots=True)
class Founder:
    """A person who founds the operator and answers for its keys; `telephone` in E.164."""

    run: Run
    name: str
    email: str
    telephone: str | None = None


@dataclass(frozen=True, slots=True)
class FounderAccess:
    """What a founder receives, this once: initial password and TOTP secret."""

    founder: Founder
    password: str = field(repr=False)
    totp: TotpSecret = field(repr=False)


@dataclass(frozen=True, slots=True)
class ReadyAccess:
    """Means of access of a demonstration's founder: known beforehand, the password ready to use."""

    password: str = field(repr=False)
    secret: str = field(repr=False)


HandOver = Callable[[Sequence[FounderAccess]], None]
"""Gives the founders what they receive. It runs before the commit: what could not be shown is not in force."""


def found_operator(
    database: Database,
    log: Log,
    credentials: Credentials,
    *,
    name: str,
    rut: Run,
    code: str,
    trust: TrustFile,
    founders: Sequence[Founder],
    hand_over: HandOver,
    deadline: Deadline,
    ready: Mapping[Run, ReadyAccess] | None = None,
) -> bool:
    """Write the first entries of an empty log and give the founders their access; False if that was done before.

    A log that names these founders, from when they received no access, is completed. Who has means of access already
    keeps them and is handed none. `ready` is for demonstrations, where nobody asks whom the log names. Raises
    `ValueError` unless the founders are two different people, `NotTheFounders` where the log names others.
    (N-2.4a, N-1l, registro@v1#ceremonia, mandatos@v1#fundadores)
    """
    runs = {founder.run for founder in founders}
    if len(runs) != 2 or len(founders) != 2:
        raise ValueError("an operator is founded by two people")
    given = [_make(credentials, founder, (ready or {}).get(founder.run), deadline) for founder in founders]
    ceremony = Lock(LockRank.INSTITUTION, sa.select(sa.func.pg_advisory_xact_lock(sa.cast(_FOUNDING, sa.BigInteger))))
    locks = (ceremony, lock_people(*runs, create=True))
    with database.unit_of_work(deadline=deadline, locks=locks) as work:
        if people_store.founders_named(work.connection):
            return False
        founded_before = log.size(work.connection) > 0
        if founded_before and ready is None:
            _require_named(log, work, runs)
        entries = {founder.run: work.new_id() for founder in founders}
        fresh = [pair for pair in given if _has_no_access(work, credentials, pair[0].founder)]
        for access, hashed in fresh:
            credentials.set_totp(work, access.founder.run, secret=access.totp.secret)
            credentials.set_password(work, access.founder.run, hashed, initial=ready is None)
        for founder in founders:
            _record(work, credentials, founder, entry_id=entries[founder.run])
        hand_over([access for access, _ in fresh])
        if not founded_before:
            keys: list[Json] = [dict(key.render()) for key in trust.keys]
            _append(log, work, OPERATOR_FOUNDED, {"nombre": name, "rut": str(rut), "codigo": code, "llaves": keys})
        kind = FOUNDER_GIVEN_ACCESS if founded_before else FOUNDER_NAMED
        for founder in founders:
            _append(log, work, kind, {"run": str(founder.run), "nombre": founder.name}, entries[founder.run])
    return True


def _require_named(log: Log, work: Work, runs: Set[Run]) -> None:
    """Raise `NotTheFounders` unless the first entries of the log name exactly these people."""
    size = log.size(work.connection)
    named = {log.disclosed_at(work.connection, index).get("run") for index in _NAMED_AT if index < size}
    if named != {str(run) for run in runs}:
        raise NotTheFounders


def _make(
    credentials: Credentials, founder: Founder, ready: ReadyAccess | None, deadline: Deadline
) -> tuple[FounderAccess, HashedPassword]:
    """Make the means of access of a founder, before any lock."""
    password = new_password() if ready is None else ready.password
    totp = new_totp(founder.run, issuer=credentials.relying_party.name, secret=None if ready is None else ready.secret)
    return FounderAccess(founder, password, totp), credentials.hashing.hash(password, salt=None, deadline=deadline)


def _has_no_access(work: Work, credentials: Credentials, founder: Founder) -> bool:
    """Whether the founder has no password yet; who has means of access keeps them."""
    return passwords.find_password(work.connection, credentials.sealer, founder.run) is None


def _record(work: Work, credentials: Credentials, founder: Founder, *, entry_id: UUID) -> None:
    """Write the founder's mandate."""
    mandate = Mandate(
        id=work.new_id(),
        run=founder.run,
        role=Role.FOUNDER,
        name=founder.name,
        email=founder.email,
        telephone=founder.telephone,
        since=work.at,
        until=None,
        proposed_by=CEREMONY,
        approved_by=CEREMONY,
        entry_id=entry_id,
        at=work.at,
    )
    people_store.record_mandate(work, credentials.sealer, mandate, proposal_id=None)


def _append(log: Log, work: Work, kind: EventKind, data: dict[str, Json], entry_id: UUID | None = None) -> None:
    log.append(work, kind=kind, actor=CEREMONY, data=data, entry_id=entry_id)
