"""What a consultation amounts to, and what it lets a person do. Pure: values in, values out.

The doubt is against us: only failures that the protocol lists as another's (consulta-rnpi@v1#imputables), while enough
hosts of our own were within reach over the same names, network and trusted certificates (consulta-rnpi@v1#testigos),
leave the exception of N-4c open. What was refused for what we sent (401, 403, 429) is ours.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from urllib.parse import urlsplit
from uuid import UUID

from lme_operator.core.canonical import Json
from lme_operator.core.outside import Failure, OutsideExchange
from lme_operator.core.run import Run
from lme_operator.domain.norms import Norms
from lme_operator.domain.rnpi.answers import Answer, Cause, LastAnswers, Purpose, Registration, Result
from lme_operator.domain.rnpi.quota import longest_wait_ms
from lme_operator.domain.rnpi.reading import (
    AnotherPerson,
    NotJson,
    NotKnown,
    is_own_not_found,
    normalise_title,
    read_registration,
)

PROTOCOL = "consulta-rnpi@v1"
WITNESS_MARK = b"lme-testigo"
"""What a control host of ours answers, whole: any page that somebody puts in between is not it."""

QUOTA_SPENT, NO_TIME = "cuota_agotada", "sin_tiempo"
"""Why the register was not asked at all."""


@dataclass(frozen=True, slots=True)
class Policy:
    """What the protocol and its parameters fix for one consultation; kept with it, so that it can be judged again.

    `foreign`: reasons that may be another's fault (`http_5xx` stands for them all); `witnesses`: control hosts within
    reach that this takes; `wait_ms`: how long the register is waited for, its name known, for this purpose: a time-out
    sooner than that says nothing of it; `titles`: `kind:title`.
    """

    foreign: tuple[str, ...]
    witnesses: int
    wait_ms: int
    titles: tuple[str, ...]

    @classmethod
    def of(cls, norms: Norms, purpose: Purpose, *, at: datetime) -> "Policy":
        """The policy in force at `at` for that purpose."""
        return cls(
            foreign=_texts(norms, "rnpi.fallas_ajenas", at),
            witnesses=norms.parameter("rnpi.testigos_minimo", at=at).number,
            wait_ms=longest_wait_ms(norms, purpose, at=at),
            titles=_texts(norms, "rnpi.titulos_habilitantes", at),
        )

    def render(self) -> dict[str, Json]:
        """Return it as JSON, in the words of evidence files."""
        return {
            "protocolo": PROTOCOL,
            "fallas_ajenas": list(self.foreign),
            "testigos_minimo": self.witnesses,
            "espera_ms": self.wait_ms,
            "titulos_habilitantes": list(self.titles),
        }

    def lists(self, reason: str) -> bool:
        """Whether `reason` may be another's fault."""
        server_error = len(reason) == len("http_5xx") and reason.startswith("http_5")
        return reason in self.foreign or (server_error and "http_5xx" in self.foreign)

    @property
    def kinds(self) -> Mapping[str, int]:
        """Titles that may issue, normalised, with their kind."""
        pairs = (one.split(":", 1) for one in self.titles)
        return {normalise_title(title): int(kind) for kind, title in pairs}


@dataclass(frozen=True, slots=True)
class Opening:
    """The consultation whose failure opened the circuit: its id, its log entry, and whose fault that was."""

    consultation_id: UUID
    entry_id: UUID
    cause: Cause
    reason: str


@dataclass(frozen=True, slots=True)
class Attempt:
    """What was done to consult about `run`: the exchange, or why none was `withheld`; who else was within reach."""

    run: Run
    exchange: OutsideExchange | None
    withheld: str | None = None
    controls: tuple[OutsideExchange, ...] = ()
    opening: Opening | None = None


@dataclass(frozen=True, slots=True)
class Classified:
    """What an attempt amounts to."""

    result: Result
    cause: Cause | None
    reason: str
    registration: Registration | None = None


def classify(attempt: Attempt, policy: Policy) -> Classified:
    """Say what an attempt amounts to (consulta-rnpi@v1#imputables)."""
    exchange = attempt.exchange
    if exchange is None:
        return _own(attempt.withheld or NO_TIME)
    if exchange.failure is Failure.CIRCUIT_OPEN:
        opened = attempt.opening
        return Classified(Result.IMPOSSIBLE, Cause.OWN if opened is None else opened.cause, _reason(exchange))
    if exchange.failure is None and exchange.status == 404 and is_own_not_found(exchange.body):
        return Classified(Result.ABSENT, None, "no_figura")
    if exchange.failure is None and exchange.status == 200:
        return _read(attempt, exchange, policy)
    return _failed(attempt, exchange, _reason(exchange), policy)


def may_be_foreign(attempt: Attempt, policy: Policy) -> bool:
    """Whether it matters who else is within reach: an attempt that failed by something that may be another's fault."""
    found = classify(attempt, policy)
    return found.result is Result.IMPOSSIBLE and policy.lists(found.reason)


def reached(controls: Sequence[OutsideExchange]) -> int:
    """How many different hosts of ours answered with their own mark: one host at two ports is one."""
    sound = (one for one in controls if one.failure is None and one.status == 200)
    return len({host_of(one.url) for one in sound if one.body.strip() == WITNESS_MARK})


def host_of(address: str) -> str:
    """Return the host of an address, as names are compared: in lower case, without the dot that may end it."""
    return (urlsplit(address).hostname or "").rstrip(".")


def opened_by(exchange: OutsideExchange) -> str | None:
    """Return the instant at which the call began that opened the circuit, as an open one says it; None otherwise."""
    if exchange.failure is not Failure.CIRCUIT_OPEN or " " not in exchange.detail:
        return None
    return exchange.detail.rsplit(" ", 1)[1]


def _read(attempt: Attempt, exchange: OutsideExchange, policy: Policy) -> Classified:
    try:
        found = read_registration(exchange.body, run=attempt.run, titles=policy.kinds)
    except NotJson:
        return _failed(attempt, exchange, "respuesta_ilegible", policy)
    except NotKnown:
        return _own("formato_desconocido")
    except AnotherPerson:
        return Classified(Result.INCONSISTENT, None, "otra_persona")
    if found.kind is None:
        return Classified(Result.OTHER_TITLE, None, "titulo_no_habilita", found)
    return Classified(Result.IN_FORCE, None, "inscrito", found)


def _failed(attempt: Attempt, exchange: OutsideExchange, reason: str, policy: Policy) -> Classified:
    """Whose fault a failure is: another's only if the protocol lists it and enough of our own hosts were reached.

    A time-out besides only after the whole wait, counted from when its name was known: a register that is slow but
    sound, or a name that we are slow to resolve, is none of that.
    """
    hurried = exchange.failure is Failure.TIMED_OUT and (exchange.left_ms or 0) < policy.wait_ms
    if not policy.lists(reason) or hurried or reached(attempt.controls) < policy.witnesses:
        return _own(reason)
    return Classified(Result.IMPOSSIBLE, Cause.FOREIGN, reason)


def _own(reason: str) -> Classified:
    return Classified(Result.IMPOSSIBLE, Cause.OWN, reason)


def _reason(exchange: OutsideExchange) -> str:
    """The code of a failure. A status other than 200 says more than what became of its body."""
    if exchange.status is not None and exchange.status != 200:
        return f"http_{exchange.status}"
    return "" if exchange.failure is None else exchange.failure.value


class Says(StrEnum):
    """What the last answers let a person do (N-4a to N-4c)."""

    NOTHING_AGAINST = "vigente_hoy"
    EXCEPTION = "excepcion"
    NEGATIVE = "negativa"
    NEVER_ASKED = "nunca_consultado"
    STALE = "de_otro_dia"
    OUR_FAULT = "falla_propia"
    INCONSISTENT = "inconsistente"
    LATE = "reintento_vencido"


def judge(last: LastAnswers, *, at: datetime, retry: timedelta) -> Says:
    """Say what stands at `at`; `retry` is how long a failed attempt excuses an issue.

    A negative holds until a positive, outage or not (N-4b), and so does an answer about another person; the exception
    wants that the last answer was in force and that the latest attempt is of today, recent, and failed by another's
    fault (N-4c).
    """
    latest, definitive = last.latest, last.definitive
    if definitive is not None and definitive.result is not Result.IN_FORCE:
        return Says.NEGATIVE
    if last.inconsistent is not None:
        return Says.INCONSISTENT
    if definitive is None or latest is None:
        return Says.NEVER_ASKED
    if definitive.on_day_of(at):
        return Says.NOTHING_AGAINST
    return _of_failure(latest, at=at, retry=retry)


def _of_failure(latest: Answer, *, at: datetime, retry: timedelta) -> Says:
    """What a failed attempt leaves open when the last answer, of another day, was in force."""
    if latest.result is not Result.IMPOSSIBLE or not latest.on_day_of(at):
        return Says.STALE
    if latest.cause is not Cause.FOREIGN:
        return Says.OUR_FAULT
    return Says.EXCEPTION if latest.recent(at, within=retry) else Says.LATE


def still_answers(
    last: LastAnswers, *, purpose: Purpose, at: datetime, retry: timedelta, negative_again: timedelta
) -> Answer | None:
    """Return the answer of today that makes it needless to ask again; None when the register is to be asked.

    A negative is asked again after `negative_again`, so that whoever regularised need not wait for tomorrow
    (consulta-rnpi@v1#negativa); what failed is asked again after `retry` (consulta-rnpi@v1#reintento). Enrolment
    never rests on a failure (consulta-rnpi@v1#enrolamiento).
    """
    latest, definitive = last.latest, last.definitive
    if latest is not None and latest.result is Result.INCONSISTENT:
        return latest if latest.on_day_of(at) and latest.recent(at, within=retry) else None
    if definitive is not None and definitive.on_day_of(at) and last.standing is definitive:
        held = definitive.result is Result.IN_FORCE or definitive.recent(at, within=negative_again)
        if held:
            return definitive
    if latest is None or latest.result is not Result.IMPOSSIBLE or purpose is Purpose.ENROLMENT:
        return None
    if latest.asked_at is None and latest.purpose is not purpose:  # another's quota or haste, not ours
        return None
    return latest if latest.on_day_of(at) and latest.recent(at, within=retry) else None


def repeated(last: LastAnswers, *, purpose: Purpose, at: datetime, within: timedelta) -> Answer | None:
    """Return what the call for the same purpose brought, made in the time `within` before `at` and on its day."""
    latest = last.latest
    if latest is None or latest.asked_at is None or latest.purpose is not purpose or not latest.on_day_of(at):
        return None
    fresh = timedelta(0) <= at - latest.at < within
    return latest if fresh and not _outlived(latest, last) else None


def _outlived(answer: Answer, last: LastAnswers) -> bool:
    """Whether it answered, but another answer stands against it."""
    return answer.definitive and last.standing is not None and answer.id != last.standing.id


def _texts(norms: Norms, name: str, at: datetime) -> tuple[str, ...]:
    value = norms.parameter(name, at=at).value
    if not isinstance(value, tuple):
        raise TypeError(f"{name} is not a list")
    return tuple(str(one) for one in value)
