"""The first password and its activation: what enables a person to enter travels by two channels (N-2.3a).

The password goes by one and the activation code by another; whoever reads one of them gets nowhere. The code is asked
for when the initial password is changed. It is kept by keyed hash, lives a few days and bears few wrong answers; after
that a new pair is issued.
"""

import hmac
import re
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from lme_operator.core.database import Evidence, Work
from lme_operator.core.ids import uuid7
from lme_operator.core.refusal import Refusal
from lme_operator.core.run import Run
from lme_operator.core.sealing import Sealer
from lme_operator.domain.credentials.records import activations, passwords, wrong_answers
from lme_operator.domain.credentials.refusals import ACTIVATION_MISSING, ACTIVATION_OVER, ACTIVATION_WRONG
from lme_operator.domain.identity import locked_epoch
from lme_operator.domain.norms import Norms

CODE = "/codigo_activacion"

_ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"
"""Without what is read as something else: i, l, o, 0, 1."""
_GROUPS, _GROUP = 4, 5
_DIGITS = 8
_SHAPE = re.compile(rf"[0-9]{{{_DIGITS}}}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Activation:
    """The activation that the password in force waits for. `wrong` answers so far."""

    id: UUID
    code: bytes
    expires_at: datetime
    wrong: int


class WrongActivation(Refusal):
    """A guess at the activation `activation_id`, which `CountsWrongActivations` counts."""

    def __init__(self, activation_id: UUID) -> None:
        super().__init__(ACTIVATION_WRONG, findings=(ACTIVATION_WRONG.finding(CODE),))
        self.activation_id = activation_id


@dataclass(frozen=True, slots=True)
class CountsWrongActivations:
    """Evidence that also counts a wrong activation code, though the change that came with it is rolled back."""

    inner: Evidence

    def refused(self, work: Work, refusal: Refusal) -> None:
        """Count the code if it was wrong, then let `inner` record the refusal."""
        if isinstance(refusal, WrongActivation):
            record_wrong_answer(work.connection, refusal.activation_id, at=work.at)
        self.inner.refused(work, refusal)

    def turned_away(self, connection: Connection, at: datetime, refusal: Refusal) -> None:
        """Nothing was judged: only `inner` has something to say."""
        self.inner.turned_away(connection, at, refusal)


def new_password() -> str:
    """Make an initial password of 99 random bits, in groups that can be read aloud and typed."""
    groups = ("".join(secrets.choice(_ALPHABET) for _ in range(_GROUP)) for _ in range(_GROUPS))
    return "-".join(groups)


def record_activation(work: Work, sealer: Sealer, norms: Norms, run: Run) -> str:
    """Demand an activation for the password just written, under the person's lock; return its code, shown once."""
    if locked_epoch(work, run) is None:
        raise LookupError("the person is not locked")
    row_id, code = work.new_id(), f"{secrets.randbelow(10**_DIGITS):0{_DIGITS}}"
    hours = norms.parameter("primer_acceso.vigencia_horas", at=work.at).number
    work.execute(
        activations.insert().values(
            id=row_id,
            password_id=_latest_password(run),
            code=_keyed(sealer, row_id, code),
            at=work.at,
            expires_at=work.at + timedelta(hours=hours),
        )
    )
    return code


def pending_activation(connection: Connection, run: Run) -> Activation | None:
    """Return the activation that the person's password in force waits for; None if it waits for none."""
    wrong = (
        sa.select(sa.func.count()).where(wrong_answers.c.code_id == activations.c.id).correlate(activations)
    ).scalar_subquery()
    row = connection.execute(
        sa.select(activations.c.id, activations.c.code, activations.c.expires_at, wrong.label("wrong")).where(
            activations.c.password_id == _latest_password(run)
        )
    ).one_or_none()
    return None if row is None else Activation(row.id, row.code, row.expires_at, row.wrong)


def require_activation(work: Work, sealer: Sealer, norms: Norms, run: Run, code: str | None) -> None:
    """Judge the activation code of a change of password, under the lock; nothing is asked where none is pending.

    Pass `CountsWrongActivations` as evidence, or guesses are not counted. Raises `Refusal` pointing at
    `/codigo_activacion`: `falta_codigo_activacion`, `codigo_activacion_incorrecto`, `codigo_activacion_vencido`.
    (N-2.3a, acceso@v2#activacion)
    """
    if locked_epoch(work, run) is None:
        raise LookupError("the person is not locked")
    pending = pending_activation(work.connection, run)
    if pending is None:
        return
    tries = norms.parameter("primer_acceso.intentos", at=work.at).number
    if work.at >= pending.expires_at or pending.wrong >= tries:
        raise Refusal(ACTIVATION_OVER, findings=(ACTIVATION_OVER.finding(CODE),))
    if code is None:
        raise Refusal(ACTIVATION_MISSING, findings=(ACTIVATION_MISSING.finding(CODE),))
    if not _SHAPE.fullmatch(code) or not hmac.compare_digest(_keyed(sealer, pending.id, code), pending.code):
        raise WrongActivation(pending.id)


def record_wrong_answer(connection: Connection, code_id: UUID, *, at: datetime) -> None:
    """Write one wrong answer to an activation or to a contact code."""
    connection.execute(wrong_answers.insert().values(id=uuid7(at), code_id=code_id, at=at))


def _latest_password(run: Run) -> sa.ScalarSelect[UUID]:
    latest = sa.select(passwords.c.id).where(passwords.c.run == str(run)).order_by(passwords.c.sequence.desc())
    return latest.limit(1).scalar_subquery()


def _keyed(sealer: Sealer, row_id: UUID, code: str) -> bytes:
    return sealer.lookup(f"{row_id}\0{code}", purpose="codigo-de-activacion")
