"""One's own security keys: registering them with a fresh factor, and retiring one that was lost (N-2.6a, N-2.6d)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.engine import Connection

from lme_operator.core.canonical import Json
from lme_operator.core.database import Deadline, Work
from lme_operator.core.origin import Origin
from lme_operator.core.refusal import Refusal
from lme_operator.core.run import Run
from lme_operator.domain.access.base import actor_of, names_of, origin_of
from lme_operator.domain.access.events import KEY_RETIRED
from lme_operator.domain.access.factors import SecondFactor, TotpCode, take_factor
from lme_operator.domain.access.key_notices import tell
from lme_operator.domain.access.refusals import MAY_NOT_KEEP_KEYS, MAY_NOT_SEE_PROOFS, MUST_CHANGE_PASSWORD
from lme_operator.domain.access.upkeep import Upkeep
from lme_operator.domain.audit import LogEvidence
from lme_operator.domain.credentials import (
    CountsWrongCodes,
    KeyOptions,
    OwnKey,
    Session,
    SigningKey,
    ceremonies,
    keys,
    registration,
    require_live,
    retirement,
    sessions,
)
from lme_operator.domain.credentials.events import KEY_REGISTERED
from lme_operator.domain.credentials.keys import KeyPurpose
from lme_operator.domain.credentials.letters import registered_letter, retired_letter
from lme_operator.domain.identity import lock_people, raise_epoch
from lme_operator.domain.standing import Act

_REGISTERING, _RETIRING = "registro", "retiro"
"""Purposes of the codes that these acts take."""


def adding(purposes: Sequence[KeyPurpose]) -> str:
    """Name the act of registering a key of each purpose, as a key confirms it."""
    return f"{_REGISTERING}:{','.join(purposes)}"


def retiring(key_id: UUID) -> str:
    """Name the act of retiring that key, as a key confirms it."""
    return f"{_RETIRING}:{key_id}"


@dataclass(frozen=True, slots=True)
class KeyRegistered:
    """A key registered, and the log entry whose receipt proves it."""

    key: SigningKey

    @property
    def entry_id(self) -> UUID:
        """The log entry of the registration."""
        return self.key.entry_id


class OwnKeys(Upkeep):
    """Use cases of who has entered, about keys. Each that changes any raises `Refusal`: `debe_cambiar_clave`,
    `no_puede_cambiar_llaves` with every reason, `sesion_terminada`, and what it adds."""

    __slots__ = ()

    def confirm_options(self, *, session: Session, act: str, origin: Origin, deadline: Deadline) -> KeyOptions:
        """Begin an answer with a key of entry, which is then the fresh factor of one act of this session.

        `act` is that of `adding` or `retiring`: the answer confirms no other. Raises `Refusal(sin_llave_de_entrada)`.
        """
        run = session.run
        evidence = LogEvidence(self.log, KEY_REGISTERED, actor_of(run), origin_of(origin))
        with self.database.unit_of_work(deadline=deadline, locks=(lock_people(run),), evidence=evidence) as work:
            self._require_may_keep(work, session)
            party = self.credentials.relying_party
            return ceremonies.answer_options(work, party, run, purpose="confirmacion", session=session.id, act=act)

    def register_key_options(
        self, *, session: Session, purpose: KeyPurpose, code: str, origin: Origin, deadline: Deadline
    ) -> KeyOptions:
        """Begin the registration of one key with a fresh TOTP code (`begin_keys`)."""
        (options,) = self.begin_keys(
            session=session, purposes=(purpose,), factor=TotpCode(code), origin=origin, deadline=deadline
        )
        return options

    def begin_keys(
        self,
        *,
        session: Session,
        purposes: Sequence[KeyPurpose],
        factor: SecondFactor,
        origin: Origin,
        deadline: Deadline,
    ) -> tuple[KeyOptions, ...]:
        """Begin the registration of a key of each purpose, with a fresh factor, which is spent here (N-2.6d).

        Raises `Refusal`: those of the code or of the key.
        """
        run = session.run
        data: Json = {"propositos": list(purposes), **origin_of(origin)}
        inner = LogEvidence(self.log, KEY_REGISTERED, actor_of(run), data)
        evidence = CountsWrongCodes(inner, run, _REGISTERING)
        with self.database.unit_of_work(deadline=deadline, locks=(lock_people(run),), evidence=evidence) as work:
            self._require_may_keep(work, session)
            self._take_factor(work, session, factor, purpose=_REGISTERING, act=adding(purposes))
            name, sealer, party = (
                self._name(work.connection, run),
                self.credentials.sealer,
                self.credentials.relying_party,
            )
            return tuple(
                ceremonies.registration_options(
                    work, sealer, party, run, session=session.id, purpose=purpose, name=name
                )
                for purpose in purposes
            )

    def begun_keys(self, *, session: Session, deadline: Deadline) -> tuple[KeyOptions, ...]:
        """Return again what `begin_keys` gave last in this session; nothing once it was answered or is over."""
        run, sealer, party = session.run, self.credentials.sealer, self.credentials.relying_party
        with self.database.reading(deadline=deadline) as connection:
            return ceremonies.begun_registration(
                connection,
                sealer,
                party,
                run,
                session=session.id,
                name=self._name(connection, run),
                at=self.database.clock(),
            )

    def register_key(
        self, *, session: Session, attempt: UUID, credential: Json, origin: Origin, deadline: Deadline
    ) -> KeyRegistered:
        """Keep the key that answers the challenge of `attempt`; the epoch rises and only this session lives on.

        Preparations made before it are dead. Raises `Refusal`: `desafio_vencido`, `llave_rechazada`,
        `llave_ya_registrada`. (N-2.2a, N-2.6a)
        """
        (registered,) = self._register(session, ((attempt, credential),), origin, deadline, carried=True)
        return registered

    def register_keys(
        self, *, session: Session, answers: Sequence[tuple[UUID, Json]], origin: Origin, deadline: Deadline
    ) -> tuple[KeyRegistered, ...]:
        """Keep the keys begun in one act, all or none: one rise of the epoch, a log entry a key.

        Every session is over, this one too: enter with what was registered. Raises as `register_key`, and
        `desafio_vencido` unless each challenge of that act is answered, once.
        """
        return self._register(session, answers, origin, deadline, carried=False)

    def retire_key(
        self, *, session: Session, key_id: UUID, factor: SecondFactor, origin: Origin, deadline: Deadline
    ) -> SigningKey:
        """Retire one of one's own keys with a fresh factor; the epoch rises and only this session lives on (N-2.6a).

        What the key signed before stands. Raises `Refusal`: `llave_inexistente`, `ultimo_factor`, those of the factor.
        """
        run, data = session.run, {"llave": str(key_id), "sesion": str(session.id), **origin_of(origin)}
        inner = LogEvidence(self.log, KEY_RETIRED, actor_of(run), data)
        evidence = CountsWrongCodes(inner, run, _RETIRING)
        with self.database.unit_of_work(deadline=deadline, locks=(lock_people(run),), evidence=evidence) as work:
            self._require_may_keep(work, session)
            self._take_factor(work, session, factor, purpose=_RETIRING, act=retiring(key_id))
            entry_id = work.new_id()
            key = retirement.retire_key(work, run, key_id, entry_id=entry_id)
            sessions.carry_over(work, session, epoch=raise_epoch(work, run))
            operator, where = self.credentials.relying_party.name, f"desde {origin.roughly}"
            letter = retired_letter(key, at=work.at, operator=operator, where=where)
            tell(self, work, run, letter, on_account_of=entry_id)
            told = {"run": str(run), "proposito": key.purpose, "huella": key.thumbprint, **data}
            self.log.append(work, kind=KEY_RETIRED, actor=actor_of(run), data=told, entry_id=entry_id)
            return key

    def own_keys(self, *, session: Session, deadline: Deadline) -> tuple[OwnKey, ...]:
        """Return every key that the person registered, retired ones too, the newest first."""
        with self.database.reading(deadline=deadline) as connection:
            return keys.own_keys(connection, session.run)

    def _register(
        self,
        session: Session,
        answers: Sequence[tuple[UUID, Json]],
        origin: Origin,
        deadline: Deadline,
        *,
        carried: bool,
    ) -> tuple[KeyRegistered, ...]:
        run, party = session.run, self.credentials.relying_party
        evidence = LogEvidence(self.log, KEY_REGISTERED, actor_of(run), origin_of(origin))
        with self.database.unit_of_work(deadline=deadline, locks=(lock_people(run),), evidence=evidence) as work:
            self._require_may_keep(work, session)
            registration.require_all(work, run, session=session.id, attempts=[attempt for attempt, _ in answers])
            taken = [
                registration.take_key(work, party, run, session=session.id, attempt=attempt, credential=credential)
                for attempt, credential in answers
            ]
            registered = [registration.record_key(work, run, new, entry_id=work.new_id()) for new in taken]
            epoch = raise_epoch(work, run)
            if carried:
                sessions.carry_over(work, session, epoch=epoch)
            letter = registered_letter(registered, operator=party.name, where=f"desde {origin.roughly}")
            tell(self, work, run, letter, on_account_of=registered[0].entry_id)
            for key in registered:
                data = {**key.facts(), "sesion": str(session.id), **origin_of(origin)}
                self.log.append(work, kind=KEY_REGISTERED, actor=actor_of(run), data=data, entry_id=key.entry_id)
        return tuple(KeyRegistered(key) for key in registered)

    def demand_keeping(self, *, session: Session, deadline: Deadline) -> None:
        """Raise `Refusal(no_puede_cambiar_llaves)`, before anything is typed, in a session that may change no key now.

        It only informs: each act looks again, under the lock.
        """
        with self.database.reading(deadline=deadline) as connection:
            self._judge(connection, session, self.database.clock())

    def _require_may_keep(self, work: Work, session: Session) -> None:
        """Look under the lock: the session lives, is full, and nothing stands against changing keys (N-2.7a, N-4b)."""
        require_live(work, session)
        if session.stage != "plena":
            raise Refusal(MUST_CHANGE_PASSWORD)
        self._judge(work.connection, session, work.at)

    def demand_seeing_proofs(self, connection: Connection, session: Session) -> None:
        """Raise `Refusal(no_puede_ver_pruebas_de_llaves)` in a session that may read nothing (N-2.7a, N-4b)."""
        judgement = self.standing.judge(
            connection, run=session.run, act=Act.READ_OWN, context=session.context, at=self.database.clock()
        )
        if not judgement.decision.allowed:
            raise Refusal(MAY_NOT_SEE_PROOFS, findings=judgement.decision.findings)

    def _judge(self, connection: Connection, session: Session, at: datetime) -> None:
        judgement = self.standing.judge(connection, run=session.run, act=Act.KEEP_KEYS, context=session.context, at=at)
        if not judgement.decision.allowed:
            raise Refusal(MAY_NOT_KEEP_KEYS, findings=judgement.decision.findings)

    def _name(self, connection: Connection, run: Run) -> str:
        names = names_of(connection, self.credentials.sealer, run)
        return names[0] if names else run.display

    def _take_factor(self, work: Work, session: Session, factor: SecondFactor, *, purpose: str, act: str) -> None:
        """Spend a fresh factor of an act of this session: who finds a session open does not have it (N-2.6d)."""
        take_factor(
            work,
            self.credentials,
            session.run,
            factor,
            counted_as=purpose,
            challenge="confirmacion",
            session=session.id,
            act=act,
        )
