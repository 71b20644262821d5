"""Asks the Registro Civil about a card, and reads what it answers: the one place that knows its wire format."""

import json
from collections.abc import Mapping
from datetime import date

from lme_operator.core.canonical import Json
from lme_operator.core.database import Deadline
from lme_operator.core.outside import OutsideExchange
from lme_operator.core.periods import local_day
from lme_operator.core.run import Run
from lme_operator.domain.identity import CardKind, DocumentCheck, DocumentStatus
from lme_operator.gateways.reading import NothingSaid, read_object, read_text
from lme_operator.gateways.unconfigured import Asked

PATH = "/v1/documentos/vigencia"

_STATUSES: Mapping[str, tuple[DocumentStatus, str]] = {
    "VIGENTE": (DocumentStatus.IN_FORCE, ""),
    "NO_VIGENTE": (DocumentStatus.NOT_IN_FORCE, ""),
    "NO_EMITIDO": (DocumentStatus.NO_MATCH, "no_emitida"),
    "NO_COINCIDE": (DocumentStatus.NO_MATCH, ""),
}
_REASONS: Mapping[str, str] = {
    "VENCIDO": "vencida",
    "BLOQUEADO": "bloqueada",
    "REEMPLAZADO": "reemplazada",
    "TITULAR_FALLECIDO": "titular_fallecido",
}


class CivilRegistryClient:
    """Asks by HTTP; `token` is the secret of the agreement, when mutual TLS is not all."""

    def __init__(self, party: Asked, *, token: str) -> None:
        self._party = party
        self._headers = (
            ("Content-Type", "application/json"),
            ("Accept", "application/json"),
            ("Authorization", f"Bearer {token}"),
        )

    def document_status(self, *, run: Run, number: str, kind: CardKind, deadline: Deadline) -> DocumentCheck:
        """Ask about one card. The RUN goes in the body: an address is written down on the way."""
        question = {"run": str(run), "numeroDocumento": number, "tipoDocumento": kind.value}
        exchange = self._party.call(
            "POST", PATH, headers=self._headers, body=json.dumps(question).encode(), budget=deadline.remaining
        )
        try:
            status, reason = _read(exchange, question)
        except NothingSaid as nothing:
            status, reason = DocumentStatus.NO_ANSWER, nothing.reason
        return DocumentCheck(status, reason, exchange)


def _read(exchange: OutsideExchange, question: Mapping[str, str]) -> tuple[DocumentStatus, str]:
    """Return the status and its reason; raise `NothingSaid` for what is no answer to `question`."""
    answer = read_object(exchange)
    if any(read_text(answer, name) != asked for name, asked in question.items()):
        raise NothingSaid("respuesta_de_otro_documento")
    found = _STATUSES.get(read_text(answer, "estado"))
    if found is None:
        raise NothingSaid("respuesta_desconocida")
    status, reason = found
    if status is DocumentStatus.NOT_IN_FORCE and answer.get("motivo") is not None:
        reason = _REASONS.get(read_text(answer, "motivo"), "otro_motivo")
    if status is DocumentStatus.IN_FORCE and _expiry(answer) <= local_day(exchange.started_at):
        return DocumentStatus.NOT_IN_FORCE, "vencida"
    return status, reason


def _expiry(answer: Mapping[str, Json]) -> date:
    try:
        return date.fromisoformat(read_text(answer, "fechaVencimiento", longest=10))
    except ValueError as error:
        raise NothingSaid("respuesta_ilegible") from error
