"""What an outside party was asked and what it answered: the recorded outcome of one call, secrets already removed.

A time-out is an answer too. Gateways make these and never raise for what the other side does; rooms judge them.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from lme_operator.core.canonical import Json, format_instant, from_base64url, parse_instant, to_base64url


class Failure(Enum):
    """Why there is no whole answer. The value is what records say."""

    NAME_NOT_RESOLVED = "nombre_no_resuelto"
    REFUSED = "conexion_rechazada"
    UNREACHABLE = "sin_ruta"
    TIMED_OUT = "tiempo_agotado"
    RESET = "conexion_cortada"
    TRUNCATED = "respuesta_truncada"
    TOO_LARGE = "respuesta_demasiado_grande"
    NOT_HTTP = "respuesta_no_http"
    CERTIFICATE_EXPIRED = "certificado_vencido"
    CERTIFICATE_UNKNOWN = "certificado_no_confiable"
    CERTIFICATE_OF_ANOTHER = "certificado_de_otro_nombre"
    TLS = "tls_fallido"
    CIRCUIT_OPEN = "circuito_abierto"
    OUR_OWN = "falla_propia"


@dataclass(frozen=True, slots=True)
class OutsideExchange:
    """One call to `party`, as it may be kept and shown.

    `url` and `request_headers` have their secrets replaced by `[REDACTADO]`; `address` is the IP that was reached, None
    if none was; `milliseconds` from the start to the last byte, or to giving up; `budget_ms` the time that it was
    given; `left_ms` what was left of it once the name was known (None: it never was, or nobody was called), for what
    our own resolver takes is no wait for the other side. `status` is None when no status line came; `body` is what
    came, cut at the size that was allowed.
    """

    party: str
    method: str
    url: str
    request_headers: tuple[tuple[str, str], ...]
    request_digest: str | None
    started_at: datetime
    milliseconds: int
    budget_ms: int
    address: str | None
    status: int | None
    headers: tuple[tuple[str, str], ...]
    body: bytes
    failure: Failure | None
    detail: str = ""
    left_ms: int | None = None

    def render(self) -> Json:
        """Return the record as JSON; `cuerpo` is base64url of the bytes as they came."""
        return {
            "parte": self.party,
            "metodo": self.method,
            "url": self.url,
            "cabeceras_enviadas": [list(pair) for pair in self.request_headers],
            "digest_enviado": self.request_digest,
            "inicio": format_instant(self.started_at),
            "milisegundos": self.milliseconds,
            "presupuesto_ms": self.budget_ms,
            "restante_ms": self.left_ms,
            "direccion_ip": self.address,
            "estado_http": self.status,
            "cabeceras": [list(pair) for pair in self.headers],
            "cuerpo": to_base64url(self.body),
            "falla": None if self.failure is None else self.failure.value,
            "detalle": self.detail,
        }

    @classmethod
    def parse(cls, value: Json) -> "OutsideExchange":
        """Read what `render` wrote; raise `ValueError` unless it renders again the same."""
        try:
            exchange = cls(
                party=value["parte"],
                method=value["metodo"],
                url=value["url"],
                request_headers=tuple((name, text) for name, text in value["cabeceras_enviadas"]),
                request_digest=value["digest_enviado"],
                started_at=parse_instant(value["inicio"]),
                milliseconds=value["milisegundos"],
                budget_ms=value["presupuesto_ms"],
                address=value["direccion_ip"],
                status=value["estado_http"],
                headers=tuple((name, text) for name, text in value["cabeceras"]),
                body=from_base64url(value["cuerpo"]),
                failure=None if value["falla"] is None else Failure(value["falla"]),
                detail=value["detalle"],
                left_ms=value["restante_ms"],
            )
        except (KeyError, TypeError, AttributeError) as error:
            raise ValueError("not the record of a call") from error
        if not _has_its_types(exchange) or exchange.render() != value:
            raise ValueError("not the record of a call")
        return exchange


def _has_its_types(exchange: OutsideExchange) -> bool:
    """Whether what was read is of the types declared: JSON lets anything stand where a text should."""
    pairs = (*exchange.request_headers, *exchange.headers)
    texts = (exchange.party, exchange.method, exchange.url, exchange.detail, *(text for pair in pairs for text in pair))
    counts = (exchange.milliseconds, exchange.budget_ms)
    perhaps_texts = (exchange.request_digest, exchange.address)
    perhaps_numbers = (exchange.status, exchange.left_ms)
    return (
        all(isinstance(text, str) for text in texts)
        and all(text is None or isinstance(text, str) for text in perhaps_texts)
        and all(type(count) is int and count >= 0 for count in counts)
        and all(number is None or type(number) is int for number in perhaps_numbers)
    )
