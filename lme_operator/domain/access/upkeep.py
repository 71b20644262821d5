"""Keeping one's means of access: the password, the own block, and what stands of them."""

from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from lme_operator.core.database import Deadline, Work
from lme_operator.core.idempotency import IdempotentRequest, find_outcome, remember_outcome
from lme_operator.core.origin import Origin
from lme_operator.core.refusal import Refusal
from lme_operator.domain.access.base import AccessBase, actor_of, names_of, origin_of
from lme_operator.domain.access.events import OWN_BLOCK, PASSWORD_CHANGED, PASSWORD_DOUBTED
from lme_operator.domain.access.refusals import ACCESS_BLOCKED, CURRENT_WRONG, PASSWORD_UNFIT
from lme_operator.domain.audit import LogEvidence
from lme_operator.domain.credentials import (
    CountsWrongActivations,
    EndedSession,
    HashedPassword,
    OwnBlock,
    Session,
    SigningKey,
    blocks,
    find_ended_session,
    keys,
    passwords,
    require_activation,
    require_live,
    rules,
    state,
    throttle,
)
from lme_operator.domain.identity import lock_people
from lme_operator.domain.professionals import find_professional

_BLOCK = "bloqueo_propio"
"""Kind of outcome of an own block."""


@dataclass(frozen=True, slots=True)
class PasswordChanged:
    """A change of password: its log entry, and the instant from which the new one is overdue."""

    entry_id: UUID
    due_at: datetime


@dataclass(frozen=True, slots=True)
class AccessState:
    """What stands of a person's access. `data_recorded_at`: when his data were last given (N-3.2c)."""

    password_set_at: datetime | None
    password_due_at: datetime | None
    password_initial: bool
    totp: bool
    keys: tuple[SigningKey, ...]
    blocked: bool
    data_recorded_at: datetime | None
    data_due_at: datetime | None


class Upkeep(AccessBase):
    """Use cases of who has entered."""

    __slots__ = ()

    def change_password(
        self,
        *,
        session: Session,
        current: str,
        new: str,
        activation: str | None = None,
        origin: Origin,
        deadline: Deadline,
    ) -> PasswordChanged:
        """Change the password, from a session of any stage; every session ends, this one too: enter with the new one.

        An initial password that an officer gave out demands its `activation` code. Raises `Refusal`:
        `clave_no_aceptada` (every reason, each pointing at `/nueva`), `clave_actual_incorrecta`,
        `demasiados_intentos`, `acceso_bloqueado`, `sesion_terminada`, those of the activation, pointing at
        `/codigo_activacion`. (N-2.3a, N-2.3b, acceso@v2#activacion)
        """
        hashed = self._prepare_change(session, current, new, origin, deadline)
        run, credentials = session.run, self.credentials
        data = {"sesion": str(session.id), **origin_of(origin)}
        evidence = CountsWrongActivations(LogEvidence(self.log, PASSWORD_CHANGED, actor_of(run), data))
        with self.database.unit_of_work(deadline=deadline, locks=(lock_people(run),), evidence=evidence) as work:
            self._require_open(work, session)
            require_activation(work, credentials.sealer, credentials.norms, run, activation)
            credentials.set_password(work, run, hashed, initial=False)
            entry_id = self.log.append(work, kind=PASSWORD_CHANGED, actor=actor_of(run), data=data)
            return PasswordChanged(entry_id, state.password_due(work.at, credentials.norms))

    def block_self(
        self, *, session: Session, origin: Origin, deadline: Deadline, idempotency: IdempotentRequest | None = None
    ) -> OwnBlock:
        """Block the person's own means of access, at once: no licence after the receipt, every session over.

        Open to any live session, also one for changing the password. Raises `Refusal(sesion_terminada)`. (N-2.7a)
        """
        run = session.run
        evidence = LogEvidence(self.log, OWN_BLOCK, actor_of(run), origin_of(origin))
        with self.database.unit_of_work(
            deadline=deadline,
            idempotency=idempotency,
            locks=(lock_people(run),),
            evidence=evidence,
            priority=True,
        ) as work:
            if work.replayed is not None:
                return replace(blocks.find_own_block(work.connection, work.replayed.result_id), replayed=True)
            require_live(work, session)
            block = blocks.record_own_block(work, session)
            if idempotency is not None:
                remember_outcome(work.connection, idempotency, kind=_BLOCK, result_id=block.id, at=work.at)
            data = {"bloqueo": str(block.id), "run": str(run), "sesion": str(session.id), **origin_of(origin)}
            self.log.append(work, kind=OWN_BLOCK, actor=actor_of(run), data=data, entry_id=block.entry_id)
            return block

    def find_ended_session(self, *, token: str, deadline: Deadline) -> EndedSession | None:
        """Return the session of a token that is over before its time: it is good for `find_own_block` alone."""
        with self.database.reading(deadline=deadline, priority=True) as connection:
            return find_ended_session(connection, token, self.database.clock())

    def find_own_block(
        self, *, ended: EndedSession, idempotency: IdempotentRequest, deadline: Deadline
    ) -> OwnBlock | None:
        """Return the block that this very session made with this very request, so that its answer can be given again.

        The block ended the session: whoever lost the answer has nothing else to ask with. Nothing is done anew. None
        for any other session, key or body. (N-2.4a, N-2.7a)
        """
        with self.database.reading(deadline=deadline, priority=True) as connection:
            try:
                outcome = find_outcome(connection, idempotency)
            except Refusal:
                return None
            if outcome is None or outcome.kind != _BLOCK:
                return None
            block = blocks.find_block_of(connection, outcome.result_id, ended.id)
        return None if block is None else replace(block, replayed=True)

    def state(self, *, session: Session, deadline: Deadline) -> AccessState:
        """Return what stands of the person's access; what he may do, `standing` says."""
        credentials, run = self.credentials, session.run
        with self.database.reading(deadline=deadline) as connection:
            password = passwords.find_password(connection, credentials.sealer, run)
            known = find_professional(connection, credentials.sealer, run)
            return AccessState(
                password_set_at=None if password is None else password.at,
                password_due_at=None if password is None else state.password_due(password.at, credentials.norms),
                password_initial=password is not None and password.initial,
                totp=state.has_totp(connection, run),
                keys=tuple(
                    key for purpose in keys.PURPOSES for key in credentials.signing_keys(connection, run, purpose)
                ),
                blocked=blocks.is_blocked(connection, run),
                data_recorded_at=None if known is None else known.recorded_at,
                data_due_at=None if known is None else state.data_due(known.recorded_at, credentials.norms),
            )

    def _prepare_change(
        self, session: Session, current: str, new: str, origin: Origin, deadline: Deadline
    ) -> HashedPassword:
        """Judge the new password and the current one, and hash, all before any lock."""
        run, sealer, limits = session.run, self.credentials.sealer, self.credentials.limits
        with self.database.reading(deadline=deadline) as connection:
            names = names_of(connection, sealer, run)
            known = passwords.find_password(connection, sealer, run)
            earlier = passwords.earlier_variants(connection, sealer, run)
        findings = rules.password_findings(new, run=run, names=names)
        if findings:
            raise Refusal(PASSWORD_UNFIT, findings=findings)
        with self.database.unit_of_work(deadline=deadline) as work:
            lane = throttle.find_lane(work.connection, sealer, run, origin, at=work.at, limits=limits)
            throttle.take_turn(work.connection, lane, at=work.at, limits=limits)
        hashing = self.credentials.hashing
        if not hashing.verify(known.hash if known else None, current, deadline=deadline):
            data = {"actor": actor_of(run), "sesion": str(session.id), **origin_of(origin)}
            self._record_attempt(PASSWORD_DOUBTED, data, deadline=deadline)
            raise Refusal(CURRENT_WRONG)
        hashed = hashing.hash(new, salt=passwords.salt_of(earlier), deadline=deadline)
        if hashed.variant in earlier:
            raise Refusal(PASSWORD_UNFIT, findings=(rules.REPEATED,))
        return hashed

    def _require_open(self, work: Work, session: Session) -> None:
        """Look again under the lock: the session lives, and there is no own block."""
        require_live(work, session)
        if blocks.is_blocked(work.connection, session.run):
            raise Refusal(ACCESS_BLOCKED)
