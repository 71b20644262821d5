"""Asks the biometric provider, and reads what it answers: the one place that knows its wire format.

Three verdicts and no answer. The doubt is never a match: a match under the provider's own threshold is 'no data', and
one without a living face before the camera is 'no match'.
"""

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from lme_operator.core.canonical import Json, sha256
from lme_operator.core.database import Deadline
from lme_operator.core.run import Run
from lme_operator.domain.identity import BiometricCheck, FaceMatch
from lme_operator.gateways.reading import NothingSaid, read_object, read_text
from lme_operator.gateways.unconfigured import Asked

PATH = "/v1/comparaciones"

_RESULTS: Mapping[str, FaceMatch] = {
    "COINCIDE": FaceMatch.MATCH,
    "NO_COINCIDE": FaceMatch.NO_MATCH,
    "SIN_DATOS": FaceMatch.NO_DATA,
}
_PRESENTATIONS = {"APROBADA": "aprobada", "RECHAZADA": "rechazada", "NO_REALIZADA": "no_realizada"}


@dataclass(frozen=True, slots=True)
class _Verdict:
    """What the provider said, as far as it said anything."""

    result: FaceMatch
    reason: str = ""
    provider: str = ""
    version: str = ""
    request_id: str = ""
    score: int | None = None
    threshold: int | None = None
    presentation: str = ""
    reference: str = ""


class BiometricsClient:
    """Asks by HTTP; `token` is the secret of the contract."""

    def __init__(self, party: Asked, *, token: str) -> None:
        self._party = party
        self._headers = (
            ("Content-Type", "application/json"),
            ("Accept", "application/json"),
            ("Authorization", f"Bearer {token}"),
        )

    def match_face(
        self, *, run: Run, document_picture: bytes, live_picture: bytes, deadline: Deadline
    ) -> BiometricCheck:
        """Compare two pictures; neither is kept in the exchange, only their digests in the check."""
        question = {
            "run": str(run),
            "documento": base64.b64encode(document_picture).decode(),
            "vivo": base64.b64encode(live_picture).decode(),
        }
        exchange = self._party.call(
            "POST", PATH, headers=self._headers, body=json.dumps(question).encode(), budget=deadline.remaining
        )
        try:
            verdict = _read(read_object(exchange))
        except NothingSaid as nothing:
            verdict = _Verdict(FaceMatch.NO_ANSWER, nothing.reason)
        return BiometricCheck(
            result=verdict.result,
            reason=verdict.reason,
            provider=verdict.provider,
            version=verdict.version,
            request_id=verdict.request_id,
            score=verdict.score,
            threshold=verdict.threshold,
            presentation=verdict.presentation,
            reference=verdict.reference,
            document_digest=sha256(document_picture),
            live_digest=sha256(live_picture),
            exchange=exchange,
        )


def _read(answer: Mapping[str, Json]) -> _Verdict:
    """Read a verdict whole; raise `NothingSaid`."""
    said = _RESULTS.get(read_text(answer, "resultado"))
    presentation = _PRESENTATIONS.get(read_text(answer, "pruebaDeVida"))
    if said is None or presentation is None:
        raise NothingSaid("respuesta_desconocida")
    score, threshold = _thousandths(answer, "puntaje"), _thousandths(answer, "umbral")
    if (score is None or threshold is None) and said is not FaceMatch.NO_DATA:
        raise NothingSaid("respuesta_ilegible")
    result, reason = _judge(said, score, threshold, presentation)
    return _Verdict(
        result=result,
        reason=reason,
        provider=read_text(answer, "proveedor"),
        version=read_text(answer, "version"),
        request_id=read_text(answer, "solicitud"),
        score=score,
        threshold=threshold,
        presentation=presentation,
        reference=read_text(answer, "referencia"),
    )


def _judge(said: FaceMatch, score: int | None, threshold: int | None, presentation: str) -> tuple[FaceMatch, str]:
    """Return the result and, when it is not what the provider said, why."""
    if said is not FaceMatch.MATCH:
        return said, ""
    if presentation == "rechazada":
        return FaceMatch.NO_MATCH, "prueba_de_vida_rechazada"
    if score is None or threshold is None or score < threshold:
        return FaceMatch.NO_DATA, "puntaje_dudoso"
    return said, ""


def _thousandths(answer: Mapping[str, Json], name: str) -> int | None:
    """A number from 0 to 1 in thousandths, rounded down; None when it is null."""
    value = answer.get(name)
    if value is None:
        return None
    try:
        number = Decimal(str(value)) if not isinstance(value, bool | str) else Decimal(-1)
    except InvalidOperation as error:
        raise NothingSaid("respuesta_ilegible") from error
    if not 0 <= number <= 1:
        raise NothingSaid("respuesta_ilegible")
    return int(number * 1000)
