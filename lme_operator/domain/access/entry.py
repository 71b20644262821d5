"""Entering with two factors, using the session, leaving."""

from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from lme_operator.core.canonical import Json
from lme_operator.core.database import Deadline, Work
from lme_operator.core.decision import Finding
from lme_operator.core.origin import Origin
from lme_operator.core.periods import local_day
from lme_operator.core.refusal import Fault, Refusal
from lme_operator.core.run import Run
from lme_operator.domain.access.base import AccessBase, EntryEvidence, actor_of, origin_of
from lme_operator.domain.access.events import ENTERED, ENTRY_REFUSED, LEFT
from lme_operator.domain.access.factors import KeyAnswer, SecondFactor, take_factor
from lme_operator.domain.access.refusals import ACCESS_CHANGED, MUST_CHANGE_PASSWORD, WRONG_CREDENTIALS
from lme_operator.domain.credentials import (
    SESSION_OVER,
    CountsWrongCodes,
    KeyOptions,
    Session,
    ceremonies,
    challenges,
    find_session,
    passwords,
    sessions,
    state,
    throttle,
)
from lme_operator.domain.credentials.refusals import CHALLENGE_OVER
from lme_operator.domain.identity import find_epoch, lock_people, locked_epoch
from lme_operator.domain.mandates import NO_MANDATE, roles_in_force
from lme_operator.domain.professionals import PracticeContext
from lme_operator.domain.rnpi import Purpose

SEEN_EVERY = timedelta(minutes=5)
CHANGE_LASTS = timedelta(minutes=15)
WARN_BEFORE = timedelta(days=15)


@dataclass(frozen=True, slots=True)
class Entered:
    """An entry that succeeded: the only copy of the token, the session, and notices in words for the person."""

    token: str = field(repr=False)
    session: Session
    notices: tuple[str, ...]

    @property
    def expires_at(self) -> datetime:
        """When the session ends at the latest."""
        return self.session.expires_at


class PasswordChangeDue(Refusal):
    """The entry stands, but its session (`entered`, stage `cambio_clave`) serves to change the password alone."""

    def __init__(self, entered: Entered, finding: Finding) -> None:
        super().__init__(MUST_CHANGE_PASSWORD, findings=(finding,))
        self.entered = entered


@dataclass(frozen=True, slots=True)
class _Proved:
    """What the password proved, before any lock: valid under the lock only if the epoch is the same."""

    password: passwords.Password
    epoch: int
    lane: throttle.Lane
    turn: throttle.SourceTurn | None


class Entry(AccessBase):
    """Use cases of entering."""

    __slots__ = ()

    def enter(
        self,
        *,
        run: Run,
        password: str,
        second_factor: SecondFactor,
        context: PracticeContext,
        origin: Origin,
        deadline: Deadline,
    ) -> Entered:
        """Open the person's one session; every earlier one is over (N-2.6a, N-3.0b).

        In the operator's context, who proves both factors and has no mandate is told so (acceso@v2#entrada-operador).
        Raises `PasswordChangeDue` (a `Refusal` that carries the limited session), and `Refusal`:
        `credenciales_invalidas`, `demasiados_intentos`, `acceso_cambiado`, `sin_mandato`, those of the code or the key.
        """
        proved = self._prove_password(run, password, origin, deadline)
        return self._enter(run, proved, second_factor, context=context, origin=origin, deadline=deadline)

    def enter_by_key(
        self, *, run: Run, answer: KeyAnswer, context: PracticeContext, origin: Origin, deadline: Deadline
    ) -> Entered:
        """Finish an entry whose password was proved when its challenge was given (`key_entry_options`).

        The challenge is half an entry: of the epoch of its birth, of minutes, good for one; a wrong answer leaves it
        and is counted as a wrong code. Raises as `enter` does, and `Refusal(desafio_vencido)`.
        """
        sealer, limits = self.credentials.sealer, self.credentials.limits
        with self.database.reading(deadline=deadline) as connection:
            at = self.database.clock()
            begun = challenges.find_challenge(connection, run, answer.attempt, purpose="entrada", at=at)
            known = passwords.find_password(connection, sealer, run)
            lane = throttle.find_lane(connection, sealer, run, origin, at=at, limits=limits)
        if begun is None or known is None:
            raise Refusal(CHALLENGE_OVER)
        proved = _Proved(known, begun.epoch, lane, None)
        return self._enter(run, proved, answer, context=context, origin=origin, deadline=deadline)

    def find_key_entry(self, *, run: Run, attempt: UUID, deadline: Deadline) -> KeyOptions:
        """Return the options that `key_entry_options` gave; raise `Refusal(desafio_vencido)` once they are over."""
        at = self.database.clock()
        with self.database.reading(deadline=deadline) as connection:
            begun = challenges.find_challenge(connection, run, attempt, purpose="entrada", at=at)
            if begun is None:
                raise Refusal(CHALLENGE_OVER)
            return ceremonies.options_of(connection, self.credentials.relying_party, begun)

    def _enter(
        self,
        run: Run,
        proved: _Proved,
        second_factor: SecondFactor,
        *,
        context: PracticeContext,
        origin: Origin,
        deadline: Deadline,
    ) -> Entered:
        """Judge the second factor under the lock, and open the session."""
        evidence = CountsWrongCodes(EntryEvidence(self.log, run, origin), run, throttle.ENTRY)
        with self.database.unit_of_work(deadline=deadline, locks=(lock_people(run),), evidence=evidence) as work:
            if locked_epoch(work, run) != proved.epoch:
                raise Refusal(ACCESS_CHANGED)
            factor = take_factor(
                work, self.credentials, run, second_factor, counted_as=throttle.ENTRY, challenge="entrada", session=None
            )
            if context.operator and not roles_in_force(work.connection, run, work.at):
                raise Refusal(NO_MANDATE)
            due = self._change_due(proved.password, work.at)
            entered = self._open(work, run, context=context, origin=origin, due=due, password=proved.password)
            throttle.clear_lane(work.connection, proved.lane, at=work.at, limits=self.credentials.limits)
            if proved.turn is not None:
                throttle.tell_right(work.connection, proved.turn, at=work.at)
            data = {
                "actor": actor_of(run),
                "sesion": str(entered.session.id),
                "contexto": context.code,
                "etapa": entered.session.stage,
                "factor": factor,
                **origin_of(origin),
            }
            self.log.attempt(work.connection, at=work.at, kind=ENTERED, data=data)
        if due is not None:
            raise PasswordChangeDue(entered, due)
        if not context.operator:
            self._ask_register(run, deadline)
        return entered

    def _ask_register(self, run: Run, deadline: Deadline) -> None:
        """Ask the RNPI at the first entry of the day, with nothing held (N-4a, consulta-rnpi@v1#diaria).

        The entry stands whatever comes of it: without an answer `standing` forbids what it must, and asks again.
        """
        with suppress(Fault):
            self.rnpi.ensure(run=run, purpose=Purpose.ENTRY, deadline=deadline)

    def key_entry_options(self, *, run: Run, password: str, origin: Origin, deadline: Deadline) -> KeyOptions:
        """Give who proves the password a challenge for one of his keys of entry; `enter` with its answer follows.

        Raises `Refusal`: `credenciales_invalidas`, `demasiados_intentos`, `acceso_cambiado`, `sin_llave_de_entrada`.
        """
        proved = self._prove_password(run, password, origin, deadline)
        evidence = EntryEvidence(self.log, run, origin)
        with self.database.unit_of_work(deadline=deadline, locks=(lock_people(run),), evidence=evidence) as work:
            if locked_epoch(work, run) != proved.epoch:
                raise Refusal(ACCESS_CHANGED)
            if proved.turn is not None:
                throttle.tell_right(work.connection, proved.turn, at=work.at)
            party = self.credentials.relying_party
            return ceremonies.answer_options(work, party, run, purpose="entrada", session=None)

    def authenticate(self, *, token: str, deadline: Deadline) -> Session:
        """Return the live session of a token, and note its use now and then; raise `Refusal(sesion_terminada)`."""
        at = self.database.clock()
        with self.database.looking(deadline=deadline) as connection:
            session = find_session(connection, token, at)
        if session is None:
            raise Refusal(SESSION_OVER)
        if at - session.last_seen >= SEEN_EVERY:
            with self.database.unit_of_work(deadline=deadline) as work:
                sessions.record_seen(work.connection, session, at=work.at)
        return session

    def leave(self, *, session: Session, origin: Origin, deadline: Deadline) -> None:
        """End the session."""
        with self.database.unit_of_work(deadline=deadline) as work:
            sessions.end_session(work, session)
            data = {"actor": actor_of(session.run), "sesion": str(session.id), **origin_of(origin)}
            self.log.attempt(work.connection, at=work.at, kind=LEFT, data=data)

    def _prove_password(self, run: Run, password: str, origin: Origin, deadline: Deadline) -> _Proved:
        """Count the try, commit, and only then judge it; the same steps for a stranger (OWASP ASVS 6.3.8)."""
        sealer, limits = self.credentials.sealer, self.credentials.limits
        with self.database.unit_of_work(deadline=deadline) as work:
            lane = throttle.find_lane(work.connection, sealer, run, origin, at=work.at, limits=limits)
            throttle.take_turn(work.connection, lane, at=work.at, limits=limits)
            turn = throttle.take_source_turn(
                work.connection, sealer, origin, exempt=lane.usual, at=work.at, limits=limits
            )
            epoch = find_epoch(work.connection, run)
            known = passwords.find_password(work.connection, sealer, run)
        right = self.credentials.hashing.verify(known.hash if known else None, password, deadline=deadline)
        if known is None or epoch is None or not right:
            self._record_attempt(ENTRY_REFUSED, self._stranger(run, origin, known=known is not None), deadline=deadline)
            raise Refusal(WRONG_CREDENTIALS)
        return _Proved(known, epoch, lane, turn)

    def _stranger(self, run: Run, origin: Origin, *, known: bool) -> Json:
        """Say who tried: a known person by name; a stranger only by keyed hashes."""
        if known:
            return {"actor": actor_of(run), "codigo": WRONG_CREDENTIALS.code, **origin_of(origin)}
        return {
            "run": self.log.keyed(str(run), purpose="run-desconocido"),
            "ip": self.log.keyed(origin.ip, purpose="ip-desconocida"),
            "codigo": WRONG_CREDENTIALS.code,
            "id_solicitud": origin.request_id,
        }

    def _change_due(self, password: passwords.Password, at: datetime) -> Finding | None:
        if password.initial:
            return state.INITIAL_PASSWORD
        return state.EXPIRED_PASSWORD if state.is_expired(password.at, at, self.credentials.norms) else None

    def _open(
        self,
        work: Work,
        run: Run,
        *,
        context: PracticeContext,
        origin: Origin,
        due: Finding | None,
        password: passwords.Password,
    ) -> Entered:
        norms = self.credentials.norms
        longest = timedelta(hours=norms.parameter("sesion.maximo_horas", at=work.at).number)
        opened = sessions.open_session(
            work,
            self.credentials.sealer,
            run=run,
            context=context,
            stage="plena" if due is None else "cambio_clave",
            origin=origin,
            idle=timedelta(minutes=norms.parameter("sesion.inactividad_minutos", at=work.at).number),
            longest=longest if due is None else CHANGE_LASTS,
        )
        expiry = state.password_due(password.at, norms)
        soon = due is None and expiry - work.at <= WARN_BEFORE
        notice = f"Su clave vence el {local_day(expiry):%d-%m-%Y}: cámbiela antes."
        return Entered(opened.token, opened.session, (notice,) if soon else ())
