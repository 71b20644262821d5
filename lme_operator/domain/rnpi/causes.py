"""The room's voice in whether a person may act, and what it says of him to whoever may know."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.engine import Connection

from lme_operator.core.canonical import Json, format_instant
from lme_operator.core.decision import Finding
from lme_operator.core.periods import SANTIAGO
from lme_operator.core.run import Run
from lme_operator.core.sealing import Sealer
from lme_operator.domain.norms import Norms
from lme_operator.domain.rnpi import rules, store
from lme_operator.domain.rnpi.answers import Answer, Consultation, LastAnswers, Result
from lme_operator.domain.rnpi.rules import Says

NOT_IN_FORCE, NOT_CONSULTED = "rnpi_no_vigente", "rnpi_sin_consulta"

_NEGATIVES = {
    Result.ABSENT: "no figura inscrito",
    Result.OTHER_TITLE: "figura con un título que no habilita para emitir licencias",
}
_WHY_NOT = {
    Says.NEVER_ASKED: "El RNPI todavía no ha confirmado su inscripción.",
    Says.STALE: "Su inscripción en el RNPI no se ha confirmado hoy.",
    Says.OUR_FAULT: "No pudimos consultar el RNPI por una falla nuestra, y sin respuesta de hoy no se puede emitir.",
    Says.INCONSISTENT: "El RNPI respondió con los datos de otra persona.",
    Says.LATE: "El RNPI no respondía en el último intento; antes de emitir hay que consultarlo de nuevo.",
}


@dataclass(frozen=True, slots=True)
class Voice:
    """What the RNPI says at an instant: `causes` against acting, and the `fact` on which an act rests."""

    causes: tuple[Finding, ...]
    fact: Json


def voice(connection: Connection, run: Run, at: datetime, norms: Norms) -> Voice:
    """Return why the RNPI stands against at `at`, if it does (N-4a to N-4c, consulta-rnpi@v1#diaria), and its fact.

    Under N-4c (the exception, consulta-rnpi@v1#excepcion) that names the failed attempt and the last answer, in force.
    """
    last = store.last_answers_about(connection, run)
    said = _says(last, at, norms)
    return Voice(_causes(said, last), _rests_on(said, last, at))


def causes(connection: Connection, run: Run, at: datetime, norms: Norms) -> tuple[Finding, ...]:
    """Return why the RNPI stands against at `at`, if it does."""
    return voice(connection, run, at, norms).causes


def _causes(said: Says, last: LastAnswers) -> tuple[Finding, ...]:
    if said in (Says.NOTHING_AGAINST, Says.EXCEPTION):
        return ()
    if said is Says.NEGATIVE and last.definitive is not None:
        return (_not_in_force(last.definitive),)
    return (
        Finding(
            code=NOT_CONSULTED,
            cause=_WHY_NOT[said],
            norm="N-4a",
            remedy="Espere un minuto e intente de nuevo: el sistema vuelve a consultar. Si sigue igual, avísenos.",
        ),
    )


def _rests_on(said: Says, last: LastAnswers, at: datetime) -> Json:
    if said is Says.EXCEPTION:
        return _fact("N-4c", last.latest, last=last.definitive)
    of_today = last.definitive if last.definitive is not None and last.definitive.on_day_of(at) else None
    return _fact("N-4a", of_today or last.latest, last=None)


def latest(connection: Connection, run: Run) -> Answer | None:
    """Return the latest consultation about a person, whatever came of it."""
    return store.last_answers_about(connection, run).latest


def of_person(connection: Connection, sealer: Sealer, run: Run, *, at_most: int = 50) -> tuple[Consultation, ...]:
    """Return the newest consultations about a person, the newest first, with what the register showed."""
    return store.of_person(connection, sealer, run, at_most=at_most)


def _says(last: LastAnswers, at: datetime, norms: Norms) -> Says:
    retry = timedelta(seconds=norms.parameter("rnpi.reintento_segundos", at=at).number)
    return rules.judge(last, at=at, retry=retry)


def _not_in_force(answer: Answer) -> Finding:
    asked = answer.at.astimezone(SANTIAGO).strftime("%d-%m-%Y a las %H:%M")
    return Finding(
        code=NOT_IN_FORCE,
        cause=f"Consultado el {asked}, el RNPI no acredita su inscripción: {_NEGATIVES[answer.result]}.",
        norm="N-4b",
        remedy=(
            "Regularice su inscripción ante la Intendencia de Prestadores de la Superintendencia de Salud e ingrese "
            "otra vez: el sistema vuelve a consultar y el impedimento cesa con la primera respuesta vigente."
        ),
    )


def _fact(norm: str, answer: Answer | None, *, last: Answer | None) -> Json:
    return {
        "hecho": "rnpi_del_dia",
        "norma": norm,
        "valor": {
            "consulta": None if answer is None else str(answer.id),
            "resultado": None if answer is None else answer.result.value,
            "instante": None if answer is None else format_instant(answer.at),
            "ultima_vigente": None if last is None else {"consulta": str(last.id), "instante": format_instant(last.at)},
        },
    }
