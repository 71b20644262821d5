"""TOTP (RFC 6238: SHA-1, six digits, 30 s, as every application has it). A step serves once, and steps only rise."""

import hmac
import math
import re
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

import pyotp
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from lme_operator.core.database import Work
from lme_operator.core.decision import Finding
from lme_operator.core.refusal import Refusal, RefusalKind
from lme_operator.core.run import Run
from lme_operator.core.sealing import Sealer
from lme_operator.domain.credentials.records import totp_uses, totps
from lme_operator.domain.credentials.refusals import NO_TOTP, OLD_CODE, USED_CODE, WRONG_CODE
from lme_operator.domain.identity import locked_epoch

STEP = 30
_WINDOW = 1
_REMEMBERED = 20
_CODE = re.compile(r"[0-9]{6}", re.ASCII)

WRONG_CODES: tuple[RefusalKind, ...] = (WRONG_CODE, OLD_CODE)
"""Refusals that count as a guess. A code used twice shows that its owner has it."""


@dataclass(frozen=True, slots=True)
class TotpSecret:
    """A new secret, shown once: base32 text, and the URI of its QR code."""

    secret: str = field(repr=False)
    uri: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class TotpUse:
    """A code accepted and spent: which secret, which 30 s step since 1970, for what, when."""

    totp_id: UUID
    step: int
    purpose: str
    at: datetime


def new_totp(run: Run, *, issuer: str, secret: str | None = None) -> TotpSecret:
    """Make a secret (or take the one given) for the person's application; nothing is written."""
    secret = secret or pyotp.random_base32()
    return TotpSecret(secret, pyotp.TOTP(secret).provisioning_uri(name=str(run), issuer_name=issuer))


def proves_totp(secret: str, code: str, *, at: datetime) -> int | None:
    """Return the step of a code that shows that an application has `secret`, before the secret is anybody's.

    None when it shows nothing.
    """
    try:
        return _judge(secret, code, at=at, used=-1)
    except Refusal:
        return None


def record_totp(work: Work, sealer: Sealer, run: Run, secret: str, *, proven: tuple[int, str] | None = None) -> None:
    """Write a secret, which supersedes the earlier. The caller raises the epoch.

    `proven`: the step of the code that proved it, and for what; that code is spent with it.
    """
    row_id = work.new_id()
    work.execute(
        totps.insert().values(
            id=row_id,
            run=str(run),
            secret=sealer.seal(secret.encode(), where=f"credentials.totp.secret:{row_id}"),
            at=work.at,
        )
    )
    if proven is not None:
        step, purpose = proven
        work.execute(totp_uses.insert().values(totp_id=row_id, step=step, purpose=purpose, at=work.at))


def spend_code(work: Work, sealer: Sealer, run: Run, code: str, *, purpose: str) -> TotpUse:
    """Accept `code` and spend its step, under the person's lock.

    One step of tolerance each way; the step must be above every one used. Raises `Refusal`: `codigo_incorrecto`,
    `codigo_ya_usado` (with the seconds to the next), `codigo_vencido`, `sin_totp`. (N-2.6a, RFC 6238 §5.2)
    """
    if locked_epoch(work, run) is None:
        raise LookupError("the person is not locked")
    last = sa.select(sa.func.max(totp_uses.c.step)).where(totp_uses.c.totp_id == totps.c.id).scalar_subquery()
    row = work.execute(
        sa.select(totps.c.id, totps.c.secret, sa.func.coalesce(last, -1).label("used"))
        .where(totps.c.run == str(run))
        .order_by(totps.c.sequence.desc())
        .limit(1)
    ).one_or_none()
    if row is None:
        raise Refusal(NO_TOTP)
    secret = sealer.open(row.secret, where=f"credentials.totp.secret:{row.id}").decode()
    step = _judge(secret, code, at=work.at, used=row.used)
    spent = work.execute(
        insert(totp_uses)
        .values(totp_id=row.id, step=step, purpose=purpose, at=work.at)
        .on_conflict_do_nothing()
        .returning(totp_uses.c.step)
    ).one_or_none()
    if spent is None:
        raise _used(step, work.at)
    return TotpUse(row.id, step, purpose, work.at)


def _judge(secret: str, code: str, *, at: datetime, used: int) -> int:
    """Return the step that `code` stands for and may still be spent; raise `Refusal`."""
    if not _CODE.fullmatch(code):
        raise Refusal(WRONG_CODE)
    now = int(at.timestamp()) // STEP
    machine = pyotp.HOTP(secret)
    steps = range(now + _WINDOW, max(-1, now - _REMEMBERED), -1)
    matching = [step for step in steps if hmac.compare_digest(machine.at(step), code)]
    fresh = [step for step in matching if step >= now - _WINDOW and step > used]
    if fresh:
        return min(fresh)
    if used in matching:
        raise _used(used, at)
    raise Refusal(OLD_CODE if matching else WRONG_CODE)


def _used(step: int, at: datetime) -> Refusal:
    wait = max(1, math.ceil((step + 1) * STEP - at.timestamp()))
    finding = Finding(
        code=USED_CODE.code,
        cause=f"Ese código ya se usó; el próximo en {wait} s.",
        norm=USED_CODE.citation,
        remedy=USED_CODE.remedy,
    )
    return Refusal(USED_CODE, findings=(finding,), retry_after=wait)
