"""The factor with which the professional will enter and sign, registered in front of the officer (N-2.2a).

It is an application of codes, or security keys, or both; nothing of it is his before the case is enabled.
enrolamiento-presencial@v2#factor
"""

from collections.abc import Mapping, Sequence
from functools import partial
from uuid import UUID

from sqlalchemy.engine import Connection

from lme_operator.core.canonical import Json
from lme_operator.core.database import Deadline, Work
from lme_operator.core.origin import Origin
from lme_operator.core.refusal import Refusal
from lme_operator.domain.credentials import (
    CountsWrongCodes,
    KeyOptions,
    Session,
    TotpSecret,
    ceremonies,
    challenges,
    has_access,
    new_totp,
    proves_totp,
    registration,
    throttle,
)
from lme_operator.domain.credentials.keys import PURPOSES
from lme_operator.domain.enrolment.in_person import store
from lme_operator.domain.enrolment.in_person.base import InPersonBase
from lme_operator.domain.enrolment.in_person.case import Case
from lme_operator.domain.enrolment.in_person.declared import Declared
from lme_operator.domain.enrolment.in_person.events import PIECE_GATHERED
from lme_operator.domain.enrolment.in_person.pieces import KEYS, OWN_KEY, OWN_TOTP, TOTP, Piece, Task
from lme_operator.domain.enrolment.refusals import FACTOR_NOT_OFFERED, FACTOR_NOT_PROVED, KEYS_NOT_FORESEEN

_KNOWS_KEYS = 2
"""The version of the protocol from which the factor may be a key."""


class Factor(InPersonBase):
    """Use cases of the factor. Each raises `Refusal` as `_acting` says, and what it adds."""

    __slots__ = ()

    def offer_factor(self, *, session: Session, case_id: UUID, origin: Origin, deadline: Deadline) -> TotpSecret | None:
        """Make a secret for the professional's application, to show once; a code proves that he has it (N-2.2a).

        None for who has means of access already (another mandate, another context): he keeps his own factor.
        """
        with self._acting(session, case_id, PIECE_GATHERED, origin=origin, deadline=deadline) as (work, case):
            if has_access(work.connection, case.run):
                return None
            made = new_totp(case.run, issuer=self.credentials.relying_party.name)
            store.record_offer(work, self.sealer, case_id, session_id=session.id, secret=made.secret)
            return made

    def offered_factor(self, *, session: Session, case_id: UUID, deadline: Deadline) -> TotpSecret | None:
        """Return the secret offered in this very session, until a code proves it; None if there is none to prove."""
        case, pieces = self._look(session, case_id, deadline)
        with self.database.reading(deadline=deadline) as connection:
            offer = store.find_offer(connection, self.sealer, case_id)
        if offer is None or offer[1] != session.id:
            return None
        if Task.FACTOR in pieces and pieces[Task.FACTOR].content.get("ofrecido") == str(offer[0]):
            return None
        return new_totp(case.run, issuer=self.credentials.relying_party.name, secret=offer[2])

    def confirm_factor(
        self, *, session: Session, case_id: UUID, code: str, origin: Origin, deadline: Deadline
    ) -> Piece:
        """Keep that the professional has the factor, in this session (N-2.2a).

        Raises `Refusal`: `factor_no_ofrecido` (none in this session), `factor_no_demostrado`; for who has his own
        factor already, those of its code.
        """
        run = self._case_of(case_id, deadline).run
        counted = partial(CountsWrongCodes, run=run, purpose=throttle.BEFORE_ANOTHER)
        with self._acting(session, case_id, PIECE_GATHERED, origin=origin, deadline=deadline, counted=counted) as (
            work,
            case,
        ):
            if has_access(work.connection, case.run):
                use = self.credentials.consume_totp(work, case.run, code, purpose=throttle.BEFORE_ANOTHER)
                return self._record(work, case, session, Task.FACTOR, {"tipo": OWN_TOTP, "paso": use.step})
            offer = store.find_offer(work.connection, self.sealer, case_id)
            if offer is None or offer[1] != session.id:
                raise Refusal(FACTOR_NOT_OFFERED)
            step = proves_totp(offer[2], code, at=work.at)
            if step is None:
                raise Refusal(FACTOR_NOT_PROVED)
            kept = {name: value for name, value in self._beside(work, case, session).items() if name == "llaves"}
            content = {**kept, "tipo": TOTP, "ofrecido": str(offer[0]), "paso": step}
            return self._record(work, case, session, Task.FACTOR, content)

    def begin_keys(
        self, *, session: Session, case_id: UUID, origin: Origin, deadline: Deadline
    ) -> tuple[KeyOptions, ...]:
        """Begin the registration of the professional's keys, one to enter and one to sign, in this session.

        Raises `Refusal`: `llaves_no_previstas` for who has means of access already, or in a case of version 1.
        """
        with self._acting(session, case_id, PIECE_GATHERED, origin=origin, deadline=deadline) as (work, case):
            self._require_keys_foreseen(work, case)
            name = self._name(work.connection, case)
            sealer, party = self.sealer, self.credentials.relying_party
            return tuple(
                ceremonies.registration_options(
                    work, sealer, party, case.run, session=session.id, purpose=purpose, name=name
                )
                for purpose in PURPOSES
            )

    def begun_keys(self, *, session: Session, case_id: UUID, deadline: Deadline) -> tuple[KeyOptions, ...]:
        """Return again what `begin_keys` gave last in this session; nothing once it was answered or is over."""
        case, _ = self._look(session, case_id, deadline)
        with self.database.reading(deadline=deadline) as connection:
            return ceremonies.begun_registration(
                connection,
                self.sealer,
                self.credentials.relying_party,
                case.run,
                session=session.id,
                name=self._name(connection, case),
                at=self.database.clock(),
            )

    def take_keys(
        self,
        *,
        session: Session,
        case_id: UUID,
        answers: Sequence[tuple[UUID, Json]],
        origin: Origin,
        deadline: Deadline,
    ) -> Piece:
        """Keep the keys that answered, beside the application if he registered one; they are his once enabled.

        Raises `Refusal`: `desafio_vencido`, `llave_rechazada`, `llaves_no_previstas`, `factor_no_demostrado` unless
        there is one of each purpose.
        """
        with self._acting(session, case_id, PIECE_GATHERED, origin=origin, deadline=deadline) as (work, case):
            self._require_keys_foreseen(work, case)
            party = self.credentials.relying_party
            taken = [
                registration.take_key(work, party, case.run, session=session.id, attempt=attempt, credential=credential)
                for attempt, credential in answers
            ]
            if sorted(key.purpose for key in taken) != sorted(PURPOSES):
                raise Refusal(FACTOR_NOT_PROVED)
            beside = self._beside(work, case, session)
            application = beside if beside.get("tipo") == TOTP else {"tipo": KEYS}
            content = {**application, "llaves": [key.render() for key in taken]}
            return self._record(work, case, session, Task.FACTOR, content)

    def begin_own_key(self, *, session: Session, case_id: UUID, origin: Origin, deadline: Deadline) -> KeyOptions:
        """Begin the proof, by his key of entry, of who has means of access already; raise `sin_llave_de_entrada`."""
        with self._acting(session, case_id, PIECE_GATHERED, origin=origin, deadline=deadline) as (work, case):
            party = self.credentials.relying_party
            return ceremonies.answer_options(
                work, party, case.run, purpose="confirmacion", session=session.id, act=_before(case_id)
            )

    def begun_own_key(self, *, session: Session, case_id: UUID, deadline: Deadline) -> KeyOptions | None:
        """Return again what `begin_own_key` gave last in this session; None once it was answered or is over."""
        case, _ = self._look(session, case_id, deadline)
        with self.database.reading(deadline=deadline) as connection:
            begun = challenges.find_begun(
                connection, case.run, session=session.id, purposes=("confirmacion",), at=self.database.clock()
            )
            party = self.credentials.relying_party
            return ceremonies.options_of(connection, party, begun[0], act=_before(case_id)) if begun else None

    def confirm_own_key(
        self, *, session: Session, case_id: UUID, attempt: UUID, answer: Json, origin: Origin, deadline: Deadline
    ) -> Piece:
        """Keep that who has means of access already has his key; raise `Refusal` of the key."""
        run = self._case_of(case_id, deadline).run
        counted = partial(CountsWrongCodes, run=run, purpose=throttle.BEFORE_ANOTHER)
        with self._acting(session, case_id, PIECE_GATHERED, origin=origin, deadline=deadline, counted=counted) as (
            work,
            case,
        ):
            use = self.credentials.accept_answer(
                work,
                case.run,
                answer,
                attempt=attempt,
                purpose="confirmacion",
                session=session.id,
                counted_as=throttle.BEFORE_ANOTHER,
                act=_before(case_id),
            )
            content = {"tipo": OWN_KEY, "huella": use.key.thumbprint}
            return self._record(work, case, session, Task.FACTOR, content)

    def _require_keys_foreseen(self, work: Work, case: Case) -> None:
        """Who has means of access adds a key himself; a case follows the version that it pinned."""
        if _version(case) < _KNOWS_KEYS or has_access(work.connection, case.run):
            raise Refusal(KEYS_NOT_FORESEEN)

    def _beside(self, work: Work, case: Case, session: Session) -> Mapping[str, Json]:
        """What he registered before in this session, after his identity was verified: the rest joins it.

        What came before the identity, or in another session, proves nothing (N-2.2a) and is not taken along.
        """
        pieces = self._latest(work.connection, case.id)
        factor, identity = pieces.get(Task.FACTOR), pieces.get(Task.IDENTITY)
        if factor is None or identity is None or factor.session_id != session.id or factor.at < identity.at:
            return {}
        return factor.content

    def _name(self, connection: Connection, case: Case) -> str:
        """How an authenticator calls the professional."""
        declared = self._latest(connection, case.id).get(Task.DATA)
        return case.run.display if declared is None else Declared.of(declared.content).professional().full_name


def _before(case_id: UUID) -> str:
    """Name what a key confirms before the officer: that its owner takes part in this case."""
    return f"{PIECE_GATHERED.code}:{case_id}"


def _version(case: Case) -> int:
    """The version of the enrolment's protocol that the case pinned, as `enrolamiento-presencial@v2:…`."""
    pinned = next(pinned for pinned in case.protocols if pinned.startswith("enrolamiento-presencial@"))
    return int(pinned.partition("@v")[2].partition(":")[0])
