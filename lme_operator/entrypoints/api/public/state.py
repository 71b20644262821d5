"""Open to all: the log's checkpoint, the trust file, liveness and readiness."""

from dataclasses import dataclass
from typing import Any, Literal

from lme_operator.core.database import Database
from lme_operator.core.refusal import Fault, Refusal
from lme_operator.domain.audit import Log, TrustFile
from lme_operator.entrypoints.http.logs import log_failure
from lme_operator.entrypoints.http.refusals import NOT_READY
from lme_operator.entrypoints.http.routes import OPEN, Answer, Call, Route
from lme_operator.entrypoints.http.types import Shown

_LOG = "/auditoria/registro"


class AliveShown(Shown, title="Vivo"):
    """The process answers."""

    estado: Literal["vivo"] = "vivo"


class ReadyShown(Shown, title="Listo"):
    """Database, log and keys answer."""

    estado: Literal["listo"] = "listo"


def public_routes(log: Log, trust: TrustFile, database: Database) -> tuple[Route[Any, Any], ...]:
    """Return the routes that anybody may ask."""
    doors = _Doors(log, trust.render(), database)
    trust_file: dict[str, Any] = {
        "method": "GET",
        "summary": "El archivo de confianza: las llaves con que se comprueban recibos, firmas y evidencias.",
        "subject": "Registro",
        "guard": OPEN,
        "handle": doors.trust_file,
        "answer": "application/json",
    }
    return (
        Route(
            method="GET",
            path=f"{_LOG}/checkpoint",
            name="punto_de_control",
            summary="El punto de control firmado del registro (C2SP).",
            subject="Registro",
            guard=OPEN,
            handle=doors.checkpoint,
            answer="text/plain; charset=utf-8",
        ),
        Route(path=f"{_LOG}/confianza.json", name="confianza", **trust_file),
        Route(path="/confianza.json", name="confianza_en_la_raiz", **trust_file),
        Route(
            method="GET",
            path="/salud",
            name="salud",
            summary="El proceso responde.",
            subject="Salud",
            guard=OPEN,
            handle=doors.alive,
            answer=AliveShown,
            priority=True,
        ),
        Route(
            method="GET",
            path="/salud/lista",
            name="salud_lista",
            summary="Base de datos, registro y llaves responden.",
            subject="Salud",
            guard=OPEN,
            handle=doors.ready,
            answer=ReadyShown,
            problems=(NOT_READY,),
        ),
    )


@dataclass(frozen=True, slots=True)
class _Doors:
    log: Log
    trust: bytes
    database: Database

    def checkpoint(self, call: Call[None, None]) -> Answer:
        with self.database.reading(deadline=call.deadline) as connection:
            return Answer(self.log.checkpoint(connection).encode())

    def trust_file(self, _call: Call[None, None]) -> Answer:
        return Answer(self.trust)

    def alive(self, _call: Call[None, None]) -> Answer:
        return Answer(AliveShown())

    def ready(self, call: Call[None, None]) -> Answer:
        """Signing a checkpoint needs the three; what failed goes to our log, not to whoever asks."""
        try:
            with self.database.reading(deadline=call.deadline) as connection:
                self.log.checkpoint(connection)
        except Fault as fault:
            log_failure(fault)
            raise Refusal(NOT_READY, retry_after=2) from None
        return Answer(ReadyShown())
