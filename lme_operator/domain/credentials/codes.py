"""Codes sent to a mail address or a telephone: they show that it works and that whoever answers reads it (N-2.1d).

Six digits, kept by keyed hash, bound to person, purpose, channel and address, to the epoch of their birth, and to few
minutes and few wrong answers. Sending another makes the earlier one useless. A code is no factor of authentication
(NIST SP 800-63B): it proves a contact.
"""

import hmac
import re
import secrets
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.engine import Connection

from lme_operator.core.database import Evidence, Work
from lme_operator.core.periods import SANTIAGO
from lme_operator.core.refusal import Refusal
from lme_operator.core.run import Run
from lme_operator.core.sealing import Sealer
from lme_operator.domain.credentials.activation import record_wrong_answer
from lme_operator.domain.credentials.records import contact_codes, contact_codes_answered, wrong_answers
from lme_operator.domain.credentials.refusals import CONTACT_CODE_OVER, CONTACT_CODE_WRONG, TOO_MANY_SENT
from lme_operator.domain.identity import find_epoch, locked_epoch
from lme_operator.domain.norms import Norms
from lme_operator.domain.notices import Channel, Message, Notices

MESSAGE_KIND = "codigo_de_contacto"

_DIGITS = 6
_HOUR = timedelta(hours=1)
_SHAPE = re.compile(rf"[0-9]{{{_DIGITS}}}", re.ASCII)


@dataclass(frozen=True, slots=True)
class ContactProof:
    """A contact code answered: which one, and when."""

    code_id: UUID
    at: datetime


class WrongContactCode(Refusal):
    """A guess at the code `code_id`, which `CountsWrongContactCodes` counts."""

    def __init__(self, code_id: UUID) -> None:
        super().__init__(CONTACT_CODE_WRONG)
        self.code_id = code_id


@dataclass(frozen=True, slots=True)
class CountsWrongContactCodes:
    """Evidence that also counts a wrong contact code, though the business that asked for it is rolled back.

    Pass it as `evidence` of the unit of work that calls `ContactCodes.answer`, around the evidence proper.
    """

    inner: Evidence

    def refused(self, work: Work, refusal: Refusal) -> None:
        """Count the code if it was wrong, then let `inner` record the refusal."""
        if isinstance(refusal, WrongContactCode):
            record_wrong_answer(work.connection, refusal.code_id, at=work.at)
        self.inner.refused(work, refusal)

    def turned_away(self, connection: Connection, at: datetime, refusal: Refusal) -> None:
        """Nothing was judged: only `inner` has something to say."""
        self.inner.turned_away(connection, at, refusal)


@dataclass(frozen=True, slots=True)
class _Place:
    """What a code is bound to. `kind` is the purpose up to its colon: sends are bounded for each kind."""

    run: Run
    purpose: str
    channel: Channel
    address: str = field(repr=False)

    @property
    def kind(self) -> str:
        return self.purpose.partition(":")[0]

    def key(self, sealer: Sealer) -> bytes:
        """Keyed hash of the address, without difference of case."""
        return sealer.lookup(f"{self.channel}\0{self.address.casefold()}", purpose="contacto")


@dataclass(frozen=True, slots=True)
class ContactCodes:
    """Sends codes to contacts and takes the answers, inside the caller's transaction."""

    sealer: Sealer
    norms: Norms
    notices: Notices

    def send(
        self,
        work: Work,
        *,
        run: Run,
        purpose: str,
        channel: Channel,
        address: str,
        on_account_of: UUID | None = None,
    ) -> UUID:
        """Send a fresh code and return its id; earlier ones to the same contact for the same purpose are useless.

        `purpose` is `kind` or `kind:detail` (`enrolamiento:CASE`); a code answers for exactly one. Call it under the
        person's lock, or the bound of sends can be overrun. Raises `Refusal(demasiados_envios)` with the seconds to
        wait, and `ValueError` for what is no address of the channel. (N-2.1d)
        """
        place = _Place(run, purpose, channel, address)
        self._require_few(work, place)
        code_id, code = work.new_id(), f"{secrets.randbelow(10**_DIGITS):0{_DIGITS}}"
        minutes = self.norms.parameter("codigo_contacto.vigencia_minutos", at=work.at).number
        expires_at = work.at + timedelta(minutes=minutes)
        epoch = find_epoch(work.connection, run)
        work.execute(
            contact_codes.insert().values(
                id=code_id,
                run=str(run),
                purpose=purpose,
                channel=channel.value,
                address=place.key(self.sealer),
                code=self._keyed(code_id, code),
                epoch=-1 if epoch is None else epoch,
                at=work.at,
                expires_at=expires_at,
            )
        )
        self.notices.promise(
            work,
            run=run,
            message=_message(channel, address, code, expires_at),
            on_account_of=on_account_of,
            expires_at=expires_at,
        )
        return code_id

    def answer(self, work: Work, *, run: Run, purpose: str, channel: Channel, address: str, code: str) -> ContactProof:
        """Accept the answer to the last code sent, once, under the person's lock.

        Pass `CountsWrongContactCodes` as evidence of the unit of work, or guesses are not counted. Raises `Refusal`:
        `codigo_de_contacto_incorrecto`, `codigo_de_contacto_vencido`. (N-2.1d)
        """
        epoch = locked_epoch(work, run)
        if epoch is None:
            raise LookupError("the person is not locked")
        row = self._last(work, _Place(run, purpose, channel, address))
        tries = self.norms.parameter("codigo_contacto.intentos", at=work.at).number
        if row is None or row.epoch != epoch or work.at >= row.expires_at or row.wrong >= tries:
            raise Refusal(CONTACT_CODE_OVER)
        if not _SHAPE.fullmatch(code) or not hmac.compare_digest(self._keyed(row.id, code), row.code):
            raise WrongContactCode(row.id)
        answered = work.execute(
            insert(contact_codes_answered)
            .values(code_id=row.id, at=work.at)
            .on_conflict_do_nothing()
            .returning(contact_codes_answered.c.code_id)
        ).one_or_none()
        if answered is None:
            raise Refusal(CONTACT_CODE_OVER)
        return ContactProof(row.id, work.at)

    def _last(self, work: Work, place: _Place) -> "sa.Row[Any] | None":
        wrong = sa.select(sa.func.count()).where(wrong_answers.c.code_id == contact_codes.c.id)
        return work.execute(
            sa.select(contact_codes, wrong.correlate(contact_codes).scalar_subquery().label("wrong"))
            .where(
                contact_codes.c.run == str(place.run),
                contact_codes.c.purpose == place.purpose,
                contact_codes.c.channel == place.channel.value,
                contact_codes.c.address == place.key(self.sealer),
            )
            .order_by(contact_codes.c.sequence.desc())
            .limit(1)
        ).one_or_none()

    def _require_few(self, work: Work, place: _Place) -> None:
        """Refuse another code of this kind to a person, or to an address, that was sent enough in the last hour."""
        most = self.norms.parameter("codigo_contacto.envios_por_hora", at=work.at).number
        kind = sa.func.split_part(contact_codes.c.purpose, ":", 1) == place.kind
        channel = contact_codes.c.channel == place.channel.value
        for bound in (contact_codes.c.run == str(place.run), contact_codes.c.address == place.key(self.sealer)):
            sent = work.execute(
                sa.select(sa.func.count().label("number"), sa.func.min(contact_codes.c.at).label("oldest")).where(
                    bound, kind, channel, contact_codes.c.at > work.at - _HOUR
                )
            ).one()
            if sent.number >= most:
                left = (sent.oldest + _HOUR - work.at).total_seconds()
                raise Refusal(TOO_MANY_SENT, retry_after=max(1, int(left)))

    def _keyed(self, code_id: UUID, code: str) -> bytes:
        return self.sealer.lookup(f"{code_id}\0{code}", purpose="codigo-de-contacto")


def _message(channel: Channel, address: str, code: str, expires_at: datetime) -> Message:
    until = f"{expires_at.astimezone(SANTIAGO):%H:%M}"
    text = f"Su código es {code}. Sirve una vez, hasta las {until}. Si usted no lo pidió, no lo entregue a nadie."
    subject = "Su código de un solo uso" if channel is Channel.MAIL else None
    return Message(channel=channel, address=address, kind=MESSAGE_KIND, subject=subject, text=text)
