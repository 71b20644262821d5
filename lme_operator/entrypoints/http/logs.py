"""One JSON line an exchange or failure, for operations. Never personal data: routes by their template, no addresses,
no bodies, no messages of exceptions (a driver's may hold what was sent), and whatever looks like a RUN is struck out.
"""

import logging
import re
import sys
import traceback
from collections.abc import MutableMapping
from pathlib import Path
from typing import Any, TextIO

import structlog
from flask import Flask, Response, g, has_request_context, request

from lme_operator.core import clock
from lme_operator.core.canonical import Json
from lme_operator.entrypoints.http.exchange import current_exchange

_RUN = re.compile(r"(?<![0-9A-Fa-f-])(?:[0-9]{1,2}\.?[0-9]{3}\.?[0-9]{3})-?[0-9Kk](?![0-9A-Fa-f-])")
_STRUCK = "[RUN]"
_log = structlog.get_logger("lme.http")


def configure_logs(stream: TextIO | None = None, *, level: int = logging.INFO) -> None:
    """Send every log line of the process, ours and the libraries', to `stream` (stderr) as JSON without RUNs."""
    shared: list[structlog.typing.Processor] = [
        structlog.stdlib.add_logger_name,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True, key="instante"),
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[*shared, structlog.stdlib.ExtraAdder()],
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                _exception_without_words,
                strike_runs,
                structlog.processors.JSONRenderer(ensure_ascii=False),
            ],
        )
    )
    logging.basicConfig(handlers=[handler], level=level, force=True)


def install_logs(app: Flask) -> None:
    """Write one line when each exchange ends."""

    @app.after_request
    def write_line(response: Response) -> Response:
        exchange = current_exchange()
        _log.info(
            "solicitud",
            id_solicitud=exchange.id,
            metodo=_method(),
            ruta=request.url_rule.rule if request.url_rule is not None else "-",
            estado=response.status_code,
            ms=round((clock.monotonic() - exchange.started) * 1000, 1),
            **g.get("outcome", {}),
        )
        return response


def log_outcome(code: str, *, reasons: list[str]) -> None:
    """Remember for the exchange's line which problem it ended in."""
    g.outcome = {"codigo": code, "motivos": reasons} if reasons else {"codigo": code}


def log_turned_away(request_id: str, *, code: str, status: int) -> None:
    """Write the line of an exchange that the front answered itself, before any route was looked for."""
    _log.info("solicitud_no_atendida", id_solicitud=request_id, estado=status, codigo=code)


def log_failure(error: BaseException) -> None:
    """Write a failure: kinds of exception and places in the code, without their words."""
    request_id = current_exchange().id if has_request_context() else None
    _log.error("falla", id_solicitud=request_id, excepciones=_describe(error))


def strike_runs(_logger: object, _name: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Strike out whatever looks like a RUN in any text of the event."""
    for key, value in event.items():
        event[key] = _strike(value)
    return event


def _strike(value: Json) -> Json:
    if isinstance(value, str):
        return _RUN.sub(_STRUCK, value)
    if isinstance(value, list | tuple):
        return [_strike(item) for item in value]
    if isinstance(value, dict):
        return {key: _strike(item) for key, item in value.items()}
    return value


def _exception_without_words(_logger: object, _name: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    info = event.pop("exc_info", None)
    error = info[1] if isinstance(info, tuple) else info
    if isinstance(error, BaseException):
        event["excepciones"] = _describe(error)
    return event


def _describe(error: BaseException) -> list[dict[str, Any]]:
    """The chain of causes, each with its kind and its last frames."""
    described: list[dict[str, Any]] = []
    current: BaseException | None = error
    while current is not None and len(described) < 6:
        frames = traceback.extract_tb(current.__traceback__)[-8:]
        kind = type(current)
        described.append(
            {
                "tipo": f"{kind.__module__}.{kind.__qualname__}",
                "pila": [f"{Path(frame.filename).name}:{frame.lineno} {frame.name}" for frame in frames],
            }
        )
        current = current.__cause__ or (None if current.__suppress_context__ else current.__context__)
    return described


def _method() -> str:
    """The method, if it is one of the known; a stranger's invention is not copied into the log."""
    known = {"GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "CONNECT"}
    return request.method if request.method in known else "OTRO"
