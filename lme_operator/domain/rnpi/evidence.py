"""The evidence file of a consultation: what it takes to judge it without the system (consulta-rnpi@v1#evidencia).

`consulta.json` is the call as recorded, its secrets removed, and what we made of it by which policy; `controles.json`
which hosts of our own were within reach at that moment; `anterior.json` what the register last answered before, with
the receipt that proves it. All is written once, in the transaction that records it.
"""

from collections.abc import Mapping, Sequence
from uuid import UUID

from lme_operator.core.canonical import Json, encode, format_instant
from lme_operator.core.outside import OutsideExchange
from lme_operator.core.run import Run
from lme_operator.domain.audit.evidence import digest_of, manifest, manifest_name
from lme_operator.domain.rnpi.answers import Answer, Cause, Consultation
from lme_operator.domain.rnpi.rules import Attempt, Opening, Policy, reached

CONSULTATION, CONTROLS, PRIOR = "v1/consulta.json", "v1/controles.json", "v1/anterior.json"
DISCLOSED_OF_PRIOR = frozenset({"run", "consulta", "resultado", "dia"})

_README = """\
ARCHIVO DE EVIDENCIA DE UNA CONSULTA AL RNPI

Este archivo se comprueba sin el sistema que lo emitió, con el programa «lme» y el archivo de confianza del operador:

    lme verificar evidencia.zip --confianza confianza.json

Contenido de v1:
  consulta.json    la llamada tal como ocurrió (sin la clave de acceso), su resultado y la regla con que se calificó
  controles.json   qué servidores de control del operador respondieron en ese mismo momento
  anterior.json    la última respuesta del RNPI antes de esta, con el recibo que la prueba
  manifiesto.json  digest SHA-256 de cada miembro
  recibo.json      prueba de que el registro del operador contiene este manifiesto

Contiene datos personales del profesional: trátela como confidencial.
"""


def members_of(
    consultation: Consultation, attempt: Attempt, policy: Policy, *, prior: Answer | None, receipt: Json
) -> tuple[Mapping[str, bytes], dict[str, Json]]:
    """Return the members but for the receipt, and the values of the log entry; `receipt` is that of `prior`."""
    members = {
        "LEAME.txt": _README.encode(),
        CONSULTATION: encode(_consultation(consultation, attempt, policy)),
        CONTROLS: encode(_controls(attempt.controls)),
        PRIOR: encode({"v": 1, "ultima_respuesta": None if prior is None else _prior(prior, receipt)}),
    }
    listed = manifest(members)
    data: dict[str, Json] = {
        **_said(consultation),
        "run": str(consultation.run),
        "consulta": str(consultation.id),
        "intercambio": exchange_digest(attempt.exchange),
        "manifiesto": digest_of(listed),
    }
    return {**members, manifest_name(1): listed}, data


def exchange_digest(exchange: OutsideExchange | None) -> str | None:
    """SHA-256 of the recorded call, base64url, as the log entry holds it; None when no call was made."""
    return None if exchange is None else digest_of(encode(exchange.render()))


def read_attempt(consultation: Json, controls: Json) -> tuple[Attempt, Policy]:
    """Read back, from the contents of `consulta.json` and `controles.json`, what was done and by which policy.

    Raises `ValueError`, `KeyError` or `TypeError` for what `members_of` did not write.
    """
    exchange, opening, policy = (consultation[name] for name in ("intercambio", "circuito", "politica"))
    attempt = Attempt(
        run=Run.parse(consultation["run"]),
        exchange=None if exchange is None else OutsideExchange.parse(exchange),
        withheld=consultation["sin_llamada"],
        controls=tuple(OutsideExchange.parse(control) for control in controls["testigos"]),
        opening=None if opening is None else _read_opening(opening),
    )
    read = Policy(
        foreign=tuple(policy["fallas_ajenas"]),
        witnesses=policy["testigos_minimo"],
        wait_ms=policy["espera_ms"],
        titles=tuple(policy["titulos_habilitantes"]),
    )
    counted = controls["alcanzados"]
    exact = isinstance(controls["testigos"], list) and type(counted) is int and counted == reached(attempt.controls)
    if not exact or read.render() != policy or not _has_its_types(read):
        raise ValueError("not what is written of a consultation")
    return attempt, read


def _has_its_types(policy: Policy) -> bool:
    counts, texts = (policy.witnesses, policy.wait_ms), (*policy.foreign, *policy.titles)
    return all(type(count) is int and count >= 0 for count in counts) and all(isinstance(text, str) for text in texts)


def _said(consultation: Consultation) -> dict[str, Json]:
    return {
        "proposito": consultation.purpose.value,
        "resultado": consultation.result.value,
        "causa": None if consultation.cause is None else consultation.cause.value,
        "motivo": consultation.reason,
        "dia": consultation.day.isoformat(),
    }


def _consultation(consultation: Consultation, attempt: Attempt, policy: Policy) -> Json:
    shown = consultation.registration
    return {
        "v": 1,
        **_said(consultation),
        "consulta": str(consultation.id),
        "run": str(consultation.run),
        "instante": format_instant(consultation.at),
        "inscripcion": None if shown is None else shown.render(),
        "intercambio": None if attempt.exchange is None else attempt.exchange.render(),
        "sin_llamada": attempt.withheld,
        "circuito": None if attempt.opening is None else _opening(attempt.opening),
        "politica": policy.render(),
    }


def _opening(opening: Opening) -> Json:
    return {
        "consulta": str(opening.consultation_id),
        "entrada": str(opening.entry_id),
        "causa": opening.cause.value,
        "motivo": opening.reason,
    }


def _read_opening(value: Json) -> Opening:
    return Opening(UUID(value["consulta"]), UUID(value["entrada"]), Cause(value["causa"]), value["motivo"])


def _controls(controls: Sequence[OutsideExchange]) -> Json:
    return {"v": 1, "testigos": [control.render() for control in controls], "alcanzados": reached(controls)}


def _prior(prior: Answer, receipt: Json) -> Json:
    return {
        "consulta": str(prior.id),
        "entrada": str(prior.entry_id),
        "resultado": prior.result.value,
        "instante": format_instant(prior.at),
        "recibo": receipt,
    }
