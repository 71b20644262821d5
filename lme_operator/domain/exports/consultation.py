"""Judge the evidence of a consultation to the RNPI: what it answered, or whose fault it is that it did not.

The call as recorded is classified again by the very rules that decided (`rnpi.rules`), over the policy that the file
itself names: whoever reads it sees which failures were taken for another's, and how many witnesses were asked for.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from lme_operator.core.canonical import Json, NotCanonical, decode, format_instant, parse_instant
from lme_operator.core.outside import Failure
from lme_operator.core.periods import local_day
from lme_operator.domain.audit.receipt import ReceiptFault, VerifiedEntry, verify_receipt
from lme_operator.domain.audit.trust import Standing as KeyStanding
from lme_operator.domain.audit.trust import TrustFile
from lme_operator.domain.exports.act import is_id, is_version_1
from lme_operator.domain.exports.lines import Line, doubt
from lme_operator.domain.exports.scale import Topic
from lme_operator.domain.rnpi import evidence
from lme_operator.domain.rnpi.answers import Cause, Result
from lme_operator.domain.rnpi.events import CONSULTED
from lme_operator.domain.rnpi.rules import Attempt, Classified, Policy, classify, reached

MEMBERS = frozenset({evidence.CONSULTATION, evidence.CONTROLS, evidence.PRIOR})
_CONSULTATION = {
    "v", "consulta", "run", "proposito", "resultado", "causa", "motivo", "dia", "instante", "inscripcion",
    "intercambio", "sin_llamada", "circuito", "politica",
}  # fmt: skip
_CONTROLS = {"v", "testigos", "alcanzados"}
_ABOUT = re.compile(r"/rut/(?P<number>[0-9]{1,9})\b", re.ASCII)
_PARTY = "rnpi"
_PRIOR = {"consulta", "entrada", "resultado", "instante", "recibo"}


class ConsultationFault(ValueError):
    """The consultation does not hold; the text says where, in Spanish."""


@dataclass(frozen=True, slots=True)
class _Prior:
    """The last answer of the register before this one, proved by its receipt."""

    result: Result
    index: int
    standing: KeyStanding


def judge_consultation(members: Mapping[str, bytes], entry: VerifiedEntry, trust: TrustFile | None) -> tuple[Line, ...]:
    """Return the lines of what the register answered, and of what it let the person do."""
    try:
        said = _read(members[evidence.CONSULTATION], _CONSULTATION, "consulta.json")
        controls = _read(members[evidence.CONTROLS], _CONTROLS, "controles.json")
        _judge_alike(said, entry)
        attempt, policy = _attempt(said, controls)
        _judge_exchange(attempt, entry)
        _judge_day(said, attempt, entry)
        found = _judge_result(said, attempt, policy)
        prior = _judge_prior(members[evidence.PRIOR], said, entry, trust)
    except ConsultationFault as fault:
        return (Line(Topic.CONSULTATION, str(fault), sound=False),)
    except (ValueError, TypeError, LookupError, AttributeError, ArithmeticError):
        return (Line(Topic.CONSULTATION, "La consulta no tiene la forma conocida.", sound=False),)
    return _answer(found, attempt, policy), _opened(found, prior, trust)


def _read(member: bytes, fields: set[str], name: str) -> Mapping[str, Json]:
    try:
        value = decode(member)
    except NotCanonical as error:
        raise ConsultationFault(f"{name} no está en su forma exacta.") from error
    if not isinstance(value, dict) or set(value) != fields or not is_version_1(value["v"]):
        raise ConsultationFault(f"{name} no tiene los datos que debe tener.")
    return value


def _judge_alike(said: Mapping[str, Json], entry: VerifiedEntry) -> None:
    """File and log entry tell of one consultation, at one instant."""
    for name in ("consulta", "run", "proposito", "resultado", "causa", "motivo", "dia"):
        if name not in entry.disclosed or entry.disclosed[name] != said[name]:
            raise ConsultationFault(f"La consulta y el registro no dicen lo mismo ({name}).")
    if not is_id(said["consulta"]):
        raise ConsultationFault("No se dice de qué consulta se trata.")
    if said["instante"] != format_instant(entry.at):
        raise ConsultationFault("La consulta es de otro instante.")


def _attempt(said: Mapping[str, Json], controls: Mapping[str, Json]) -> tuple[Attempt, Policy]:
    try:
        return evidence.read_attempt(said, controls)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise ConsultationFault("La llamada, los testigos o la política no tienen la forma conocida.") from error


def _judge_exchange(attempt: Attempt, entry: VerifiedEntry) -> None:
    """The call is the one that the log names, it was about this person, and no later than its record."""
    if entry.disclosed.get("intercambio") != evidence.exchange_digest(attempt.exchange):
        raise ConsultationFault("La llamada no es la que nombra el registro.")
    told = isinstance(attempt.withheld, str) if attempt.exchange is None else attempt.withheld is None
    if not told:
        raise ConsultationFault("No se dice si se llamó o por qué no.")
    if attempt.exchange is None:
        return
    if attempt.exchange.party != _PARTY:
        raise ConsultationFault("La llamada es a otra parte.")
    asked = _ABOUT.search(attempt.exchange.url)
    if asked is not None and int(asked["number"]) != attempt.run.number:
        raise ConsultationFault("La llamada es por otra persona.")
    began = attempt.exchange.started_at
    if began > entry.at or any(not began <= control.started_at <= entry.at for control in attempt.controls):
        raise ConsultationFault("La llamada o los testigos son de otro momento.")


def _judge_day(said: Mapping[str, Json], attempt: Attempt, entry: VerifiedEntry) -> None:
    """The day is that of the call: what was asked before midnight serves no later day."""
    asked_at = entry.at if attempt.exchange is None else attempt.exchange.started_at
    if said["dia"] != local_day(asked_at).isoformat():
        raise ConsultationFault("La consulta es de otro día.")


def _judge_result(said: Mapping[str, Json], attempt: Attempt, policy: Policy) -> Classified:
    """What was said is what the rules say of the recorded call."""
    found = classify(attempt, policy)
    shown = None if found.registration is None else found.registration.render()
    cause = None if found.cause is None else found.cause.value
    if (found.result.value, cause, found.reason, shown) != tuple(
        said[name] for name in ("resultado", "causa", "motivo", "inscripcion")
    ):
        raise ConsultationFault("El resultado no es el que la regla da para esa llamada.")
    return found


def _judge_prior(
    member: bytes, said: Mapping[str, Json], entry: VerifiedEntry, trust: TrustFile | None
) -> _Prior | None:
    """The last answer before, of the same person, in this very log; None when there was none."""
    prior = _read(member, {"v", "ultima_respuesta"}, "anterior.json")["ultima_respuesta"]
    if prior is None:
        return None
    if not isinstance(prior, dict) or set(prior) != _PRIOR:
        raise ConsultationFault("anterior.json no tiene los datos que debe tener.")
    try:
        proved = verify_receipt(prior["recibo"], trust)
    except ReceiptFault as error:
        raise ConsultationFault(f"El recibo de la respuesta anterior no se sostiene ({error.kind}).") from error
    told = {"run": said["run"], "consulta": prior["consulta"], "resultado": prior["resultado"]}
    same = (
        proved.kind == CONSULTED.code
        and proved.origin == entry.origin
        and proved.index < entry.index
        and proved.at <= entry.at
        and str(proved.id) == prior["entrada"]
        and proved.at == parse_instant(prior["instante"])
        and all(proved.disclosed.get(name) == value for name, value in told.items())
    )
    if not same:
        raise ConsultationFault("La respuesta anterior no es la que prueba su recibo.")
    return _Prior(Result(prior["resultado"]), proved.index, proved.standing)


def _answer(found: Classified, attempt: Attempt, policy: Policy) -> Line:
    """What the register said, or whose fault it is that it said nothing."""
    if found.cause is None:
        return Line(Topic.ANSWER, f"{found.result.value} ({found.reason})", sound=True)
    exchange = attempt.exchange
    if exchange is not None and exchange.failure is Failure.CIRCUIT_OPEN and attempt.opening is not None:
        named = f"repite la de la consulta {attempt.opening.consultation_id}, que tiene su propia evidencia"
        return Line(Topic.ANSWER, f"imposible, causa {found.cause.value} ({found.reason}): {named}", sound=None)
    witnesses = ""
    if policy.lists(found.reason):
        witnesses = f"; respondieron {reached(attempt.controls)} testigos, se exigen {policy.witnesses}"
    return Line(Topic.ANSWER, f"imposible, causa {found.cause.value} ({found.reason}){witnesses}", sound=True)


def _opened(found: Classified, prior: _Prior | None, trust: TrustFile | None) -> Line:
    """What follows for issuing (N-4a to N-4c)."""
    before = "nunca antes" if prior is None else f"«{prior.result.value}» (entrada {prior.index})"
    if found.result is Result.IN_FORCE:
        return Line(Topic.EFFECT, "permite emitir ese día (N-4a)", sound=True)
    if found.result in (Result.ABSENT, Result.OTHER_TITLE):
        return Line(Topic.EFFECT, "restringe el acceso hasta una respuesta positiva (N-4b)", sound=True)
    excused = found.cause is Cause.FOREIGN and prior is not None and prior.result is Result.IN_FORCE
    words = "permite emitir por excepción" if excused else "no permite emitir"
    told = f"{words} (N-4c); respuesta anterior: {before}"
    if trust is None:
        return Line(Topic.EFFECT, f"{told}, sin archivo de confianza que la compruebe", sound=None)
    if prior is not None and prior.standing is not KeyStanding.FIRM:
        compromised = "su recibo lo firma una llave comprometida, y ningún testigo lo atestiguó antes"
        return Line(Topic.EFFECT, f"{told}; {doubt(prior.standing, compromised)}", sound=None)
    return Line(Topic.EFFECT, told, sound=True)
