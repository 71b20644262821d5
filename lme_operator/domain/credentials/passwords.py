"""Argon2id, and the facts of passwords. No hash is computed while a lock is held: the callers see to it."""

import threading
from dataclasses import dataclass, field
from datetime import datetime
from secrets import token_bytes
from uuid import UUID

import argon2
import sqlalchemy as sa
from argon2.exceptions import InvalidHashError, VerificationError
from argon2.low_level import Type, hash_secret_raw
from sqlalchemy.engine import Connection

from lme_operator.core.database import Deadline, Work
from lme_operator.core.refusal import Fault
from lme_operator.core.run import Run
from lme_operator.core.sealing import Sealer
from lme_operator.domain.credentials.records import passwords
from lme_operator.domain.credentials.rules import normalise_password, variant_key

_SALT = 16


@dataclass(frozen=True, slots=True)
class HashedPassword:
    """What is kept of a password: its Argon2id hash, and that of its variant key under the person's own salt."""

    hash: str = field(repr=False)
    variant: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Password:
    """The password in force. `initial` when somebody else set it (N-2.3a)."""

    id: UUID
    run: Run
    hash: str = field(repr=False)
    initial: bool
    at: datetime


class PasswordHashing:
    """Argon2id under one cost (RFC 9106, second recommended option by default), a bounded number at a time.

    Each hash takes `memory_kib`: without the bound, a flood of entries would take the machine's memory. Whoever
    cannot start before the deadline gets `Fault('servicio_no_disponible')`.
    """

    def __init__(self, *, memory_kib: int = 65536, rounds: int = 3, lanes: int = 4, at_once: int = 4) -> None:
        self._hasher = argon2.PasswordHasher(time_cost=rounds, memory_cost=memory_kib, parallelism=lanes)
        self._slots = threading.BoundedSemaphore(at_once)
        self._nobody = self._hasher.hash(token_bytes(_SALT))

    def verify(self, stored: str | None, password: str, *, deadline: Deadline) -> bool:
        """Whether `password` has the hash `stored`; None (nobody's) costs the same time and is always false."""
        normal = normalise_password(password)
        if normal is None:
            return False
        with self._slot(deadline):
            try:
                self._hasher.verify(stored or self._nobody, normal)
            except (VerificationError, InvalidHashError):
                return False
        return stored is not None

    def hash(self, password: str, *, salt: bytes | None, deadline: Deadline) -> HashedPassword:
        """Hash a new password; `salt` is that of the person's earlier variants, None for the first.

        The caller has put the password through `rules.password_findings`; one over 1 kB is a `ValueError`.
        """
        normal = normalise_password(password)
        if normal is None:
            raise ValueError("password too long to hash")
        salt = token_bytes(_SALT) if salt is None else salt
        with self._slot(deadline):
            variant = hash_secret_raw(
                secret=variant_key(password).encode(),
                salt=salt,
                time_cost=self._hasher.time_cost,
                memory_cost=self._hasher.memory_cost,
                parallelism=self._hasher.parallelism,
                hash_len=32,
                type=Type.ID,
            )
            return HashedPassword(self._hasher.hash(normal), salt + variant)

    def _slot(self, deadline: Deadline) -> "_Slot":
        return _Slot(self._slots, deadline)


class _Slot:
    """One of the hashes that may run at a time."""

    def __init__(self, slots: threading.BoundedSemaphore, deadline: Deadline) -> None:
        self._slots = slots
        self._deadline = deadline

    def __enter__(self) -> None:
        if not self._slots.acquire(timeout=self._deadline.remaining):
            raise Fault("servicio_no_disponible")

    def __exit__(self, *_: object) -> None:
        self._slots.release()


def record_password(work: Work, sealer: Sealer, run: Run, hashed: HashedPassword, *, initial: bool) -> None:
    """Write the password, which supersedes those before. The caller holds the person's lock and raises the epoch."""
    row_id = work.new_id()
    work.execute(
        passwords.insert().values(
            id=row_id,
            run=str(run),
            hash=sealer.seal(hashed.hash.encode(), where=f"credentials.password.hash:{row_id}"),
            variant=sealer.seal(hashed.variant, where=f"credentials.password.variant:{row_id}"),
            initial=initial,
            at=work.at,
        )
    )


def find_password(connection: Connection, sealer: Sealer, run: Run) -> Password | None:
    """Return the password in force; None if the person has none."""
    row = connection.execute(
        sa.select(passwords).where(passwords.c.run == str(run)).order_by(passwords.c.sequence.desc()).limit(1)
    ).one_or_none()
    if row is None:
        return None
    opened = sealer.open(row.hash, where=f"credentials.password.hash:{row.id}").decode()
    return Password(row.id, run, opened, row.initial, row.at)


def earlier_variants(connection: Connection, sealer: Sealer, run: Run) -> frozenset[bytes]:
    """Return the salted variants of every password the person has had."""
    rows = connection.execute(sa.select(passwords.c.id, passwords.c.variant).where(passwords.c.run == str(run)))
    return frozenset(sealer.open(row.variant, where=f"credentials.password.variant:{row.id}") for row in rows)


def salt_of(variants: frozenset[bytes]) -> bytes | None:
    """Return the person's salt: the same in all the variants; None if there are none."""
    return next((variant[:_SALT] for variant in variants), None)
