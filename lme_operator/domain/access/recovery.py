"""A forgotten password: a code to each contact on record, and the person's own second factor (acceso@v2#olvido).

The second factor in force may be one that the officer who enrolled the person saw on his screen; so the mail alone is
not enough beside it, and whoever has a telephone on record shows that too.

Who asks learns nothing: a stranger's RUN gets the same answer after the same work, which is then undone. The codes
answer only the attempt that asked for them, so that nobody spoils another's by guessing; the second factor is judged
only after them, so that nobody who knows a RUN alone keeps its owner from using his.
"""

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import partial
from uuid import UUID

from sqlalchemy.engine import Connection

from lme_operator.core.canonical import Json
from lme_operator.core.database import Deadline, Work
from lme_operator.core.origin import Origin
from lme_operator.core.refusal import Refusal
from lme_operator.core.run import Run
from lme_operator.domain.access.base import AccessBase, Contact, actor_of, contact_of, names_of, origin_of
from lme_operator.domain.access.events import PASSWORD_RECOVERED, RECOVERY_ASKED, RECOVERY_TURNED_DOWN
from lme_operator.domain.access.refusals import ACCESS_BLOCKED, ACTIVATION_DUE, PASSWORD_UNFIT, RECOVERY_REFUSED
from lme_operator.domain.access.upkeep import PasswordChanged
from lme_operator.domain.audit import EventKind, Log
from lme_operator.domain.credentials import (
    CountsWrongCodes,
    CountsWrongContactCodes,
    EntryLimits,
    HashedPassword,
    blocks,
    passwords,
    pending_activation,
    rules,
    state,
    throttle,
)
from lme_operator.domain.credentials.refusals import CONTACT_CODE_OVER
from lme_operator.domain.identity import find_epoch, lock_people, locked_epoch
from lme_operator.domain.notices import Channel, Message

_USUAL, _OTHERS = "recuperacion_habitual", "recuperacion"
"""Kinds of purpose: what is sent to who asks from a usual place is bounded apart."""
_ANSWERS = "respuesta-de-recuperacion"
_HOUR = timedelta(hours=1)
_NOBODY = Contact("nadie@sin-destino.example", "+56900000000")
"""Who is written to for a stranger, and then it is undone; as for everybody enrolled or accredited, with a telephone.
Only a founder may have none, and then costs less work than a stranger."""

_TOLD = (ACCESS_BLOCKED, ACTIVATION_DUE, PASSWORD_UNFIT)
"""What is said only to who has shown every proof."""


@dataclass(frozen=True, slots=True)
class RecoveryBegun:
    """An attempt at recovering, the same for everybody; `attempt` is named again when answering."""

    attempt: UUID


@dataclass(frozen=True, slots=True)
class SentCodes:
    """What was read at each contact; `sms` empty for who has no telephone on record."""

    mail: str = field(repr=False)
    sms: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class _Prepared:
    """The new password, hashed before any lock; valid under it only if the epoch is the same."""

    hashed: HashedPassword
    earlier: frozenset[bytes]
    epoch: int | None
    lane: throttle.Lane
    turn: throttle.SourceTurn


class Recovery(AccessBase):
    """Use cases of who has forgotten the password."""

    __slots__ = ()

    def begin_recovery(self, *, run: Run, origin: Origin, deadline: Deadline) -> RecoveryBegun:
        """Send a code to each contact on record of who has a password; nobody is told whether any was sent.

        Raises `Refusal(demasiados_intentos)`, for strangers too. (acceso@v2#olvido, OWASP ASVS 6.3.8)
        """
        lane, _ = self._take_turns(run, origin, throttle.RECOVERY, self._asking_limits(), deadline)
        evidence = _AttemptEvidence(self.log, RECOVERY_ASKED, run, origin)
        attempt = None
        try:
            with self.database.unit_of_work(deadline=deadline, locks=(lock_people(run),), evidence=evidence) as work:
                attempt = work.new_id()
                contact = self._reachable(work, run)
                for channel, address in _places(contact or _NOBODY):
                    purpose = _purpose(attempt, usual=lane.usual)
                    self.contact_codes.send(work, run=run, purpose=purpose, channel=channel, address=address)
                if contact is None:
                    raise Refusal(RECOVERY_REFUSED)
                evidence.keep(work.connection, work.at, known=True, code=None)
        except Refusal:
            if attempt is None:
                raise
        return RecoveryBegun(attempt)

    def recover(
        self,
        *,
        run: Run,
        attempt: UUID,
        sent: SentCodes,
        code: str,
        new: str,
        origin: Origin,
        deadline: Deadline,
    ) -> PasswordChanged:
        """Set a new password with the codes that were sent and the person's own TOTP `code`; every session is over.

        The person is told by the other channel. Suspended people may. Raises `Refusal`: `clave_no_aceptada` (each
        reason points at `/nueva`), `recuperacion_no_aceptada` for whatever else is wrong, `demasiados_intentos`; and
        to who has shown every proof, `acceso_bloqueado`, `primer_acceso_pendiente`. (acceso@v2#olvido)
        """
        prepared = self._prepare_recovery(run, new, origin, deadline)
        inner = CountsWrongContactCodes(_AttemptEvidence(self.log, RECOVERY_TURNED_DOWN, run, origin))
        evidence = CountsWrongCodes(inner, run, throttle.RECOVERY)
        try:
            with self.database.unit_of_work(deadline=deadline, locks=(lock_people(run),), evidence=evidence) as work:
                if prepared.epoch is None or locked_epoch(work, run) != prepared.epoch:
                    raise Refusal(RECOVERY_REFUSED)
                contact = self._reachable(work, run)
                if contact is None:
                    raise Refusal(RECOVERY_REFUSED)
                self._answer(work, run, attempt, contact, sent)
                self.credentials.consume_totp(work, run, code, purpose=throttle.RECOVERY)
                self._require_recoverable(work, run, new, prepared)
                return self._change(work, run, contact, prepared, origin)
        except Refusal as refused:
            if refused.kind in _TOLD:
                raise
            raise Refusal(RECOVERY_REFUSED) from None

    def _change(self, work: Work, run: Run, contact: Contact, prepared: _Prepared, origin: Origin) -> PasswordChanged:
        """Write the password, forget the tries, promise the notice and, last, the log entry."""
        limits, entry_id = self.credentials.limits, work.new_id()
        self.credentials.set_password(work, run, prepared.hashed, initial=False)
        throttle.clear_lane(work.connection, prepared.lane, at=work.at, limits=limits)
        throttle.tell_right(work.connection, prepared.turn, at=work.at)
        message = _changed_message(contact, operator=self.credentials.relying_party.name)
        self.notices.promise(work, run=run, message=message, on_account_of=entry_id)
        self.log.append(work, kind=PASSWORD_RECOVERED, actor=actor_of(run), data=origin_of(origin), entry_id=entry_id)
        return PasswordChanged(entry_id, state.password_due(work.at, self.credentials.norms))

    def _prepare_recovery(self, run: Run, new: str, origin: Origin, deadline: Deadline) -> _Prepared:
        """Judge what depends on nobody, count the try, and hash, all before any lock; the same for a stranger."""
        findings = rules.password_findings(new, run=run, names=())
        if findings:
            raise Refusal(PASSWORD_UNFIT, findings=findings)
        lane, turn = self._take_turns(run, origin, _ANSWERS, self.credentials.limits, deadline)
        with self.database.reading(deadline=deadline) as connection:
            epoch = find_epoch(connection, run)
            earlier = passwords.earlier_variants(connection, self.credentials.sealer, run)
        hashed = self.credentials.hashing.hash(new, salt=passwords.salt_of(earlier), deadline=deadline)
        return _Prepared(hashed, earlier, epoch, lane, turn)

    def _take_turns(
        self, run: Run, origin: Origin, purpose: str, limits: EntryLimits, deadline: Deadline
    ) -> tuple[throttle.Lane, throttle.SourceTurn]:
        sealer = self.credentials.sealer
        with self.database.unit_of_work(deadline=deadline) as work:
            at, connection = work.at, work.connection
            lane = throttle.find_lane(connection, sealer, run, origin, at=at, limits=limits, purpose=purpose)
            throttle.take_turn(connection, lane, at=at, limits=limits)
            turn = throttle.take_source_turn(
                connection, sealer, origin, exempt=lane.usual, at=at, limits=limits, purpose=purpose
            )
        return lane, turn

    def _asking_limits(self) -> EntryLimits:
        """As many askings an hour as codes may be sent: so that the bound of sends tells nobody from a stranger."""
        at = self.database.clock()
        sends = self.credentials.norms.parameter("codigo_contacto.envios_por_hora", at=at).number
        return replace(self.credentials.limits, tries=sends, window=_HOUR)

    def _reachable(self, work: Work, run: Run) -> Contact | None:
        """The contact of who has a password; None for anybody else."""
        sealer = self.credentials.sealer
        known = passwords.find_password(work.connection, sealer, run)
        contact = contact_of(work.connection, sealer, run, work.at)
        return None if known is None or locked_epoch(work, run) is None else contact

    def _answer(self, work: Work, run: Run, attempt: UUID, contact: Contact, sent: SentCodes) -> None:
        """Take the code of each contact; they were sent for one of two kinds of place."""
        given = {Channel.MAIL: sent.mail, Channel.SMS: sent.sms}
        for channel, address in _places(contact):
            code = given[channel]
            answer = partial(self.contact_codes.answer, work, run=run, channel=channel, address=address, code=code)
            try:
                answer(purpose=_purpose(attempt, usual=False))
            except Refusal as refused:
                if refused.kind is not CONTACT_CODE_OVER:
                    raise
                answer(purpose=_purpose(attempt, usual=True))

    def _require_recoverable(self, work: Work, run: Run, new: str, prepared: _Prepared) -> None:
        """What is said only after every proof."""
        if blocks.is_blocked(work.connection, run):
            raise Refusal(ACCESS_BLOCKED)
        if pending_activation(work.connection, run) is not None:
            raise Refusal(ACTIVATION_DUE)
        names = names_of(work.connection, self.credentials.sealer, run)
        findings = rules.password_findings(new, run=run, names=names)
        if prepared.hashed.variant in prepared.earlier:
            findings = (*findings, rules.REPEATED)
        if findings:
            raise Refusal(PASSWORD_UNFIT, findings=findings)


@dataclass(frozen=True, slots=True)
class _AttemptEvidence:
    """A recovery is asked for by anybody: what was tried is an attempt; a stranger's RUN goes in by keyed hash."""

    log: Log
    kind: EventKind
    run: Run
    origin: Origin

    def refused(self, work: Work, refusal: Refusal) -> None:
        """Keep the refusal among the attempts."""
        known = locked_epoch(work, self.run) is not None
        self.keep(work.connection, work.at, known=known, code=refusal.kind.code)

    def turned_away(self, connection: Connection, at: datetime, refusal: Refusal) -> None:
        """Keep it too."""
        self.keep(connection, at, known=False, code=refusal.kind.code)

    def keep(self, connection: Connection, at: datetime, *, known: bool, code: str | None) -> None:
        """Write the attempt."""
        data: dict[str, Json] = {"codigo": code}
        if known:
            data |= {"actor": actor_of(self.run), **origin_of(self.origin)}
        else:
            data |= {
                "run": self.log.keyed(str(self.run), purpose="run-desconocido"),
                "ip": self.log.keyed(self.origin.ip, purpose="ip-desconocida"),
                "id_solicitud": self.origin.request_id,
            }
        self.log.attempt(connection, at=at, kind=self.kind, data=data)


def _purpose(attempt: UUID, *, usual: bool) -> str:
    return f"{_USUAL if usual else _OTHERS}:{attempt}"


def _places(contact: Contact) -> tuple[tuple[Channel, str], ...]:
    """The contacts on record that must be shown, each by its code."""
    mail = (Channel.MAIL, contact.email)
    return (mail,) if contact.telephone is None else (mail, (Channel.SMS, contact.telephone))


def _changed_message(contact: Contact, *, operator: str) -> Message:
    """News of the change, by the other channel than the code where there is one."""
    text = (
        f"{operator}: su clave fue cambiada con códigos enviados a sus contactos. Si no fue usted, bloquee su acceso y "
        "avise de inmediato."
    )
    if contact.telephone is not None:
        return Message(channel=Channel.SMS, address=contact.telephone, kind="clave_recuperada", subject=None, text=text)
    return Message(
        channel=Channel.MAIL, address=contact.email, kind="clave_recuperada", subject="Su clave fue cambiada", text=text
    )
