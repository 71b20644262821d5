"""Refusals (expected: the person can do something) and faults (ours or a third party's), in one catalogue.

Each room defines its kinds of refusal beside what raises them, with `refusal(...)`, which enters them in the
catalogue. Entrypoints render any kind; a house test proves that every one has words, remedy and a citation.
"""

from dataclasses import dataclass

from lme_operator.core.decision import Finding


@dataclass(frozen=True, slots=True)
class RefusalKind:
    """What may be refused: stable `code`, HTTP `status`, `citation`, `words` and `remedy` in Spanish (usted)."""

    code: str
    status: int
    citation: str
    words: str
    remedy: str

    def finding(self, pointer: str | None = None) -> Finding:
        """Say it as a reason, at the field that `pointer` (a JSON pointer) names."""
        return Finding(code=self.code, cause=self.words, norm=self.citation, remedy=self.remedy, pointer=pointer)


_catalogue: dict[str, RefusalKind] = {}


def refusal(*, code: str, status: int, citation: str, words: str, remedy: str) -> RefusalKind:
    """Define a kind of refusal and enter it in the catalogue; a code is defined once."""
    if code in _catalogue:
        raise ValueError(f"refusal {code!r} is already defined")
    kind = RefusalKind(code=code, status=status, citation=citation, words=words, remedy=remedy)
    _catalogue[code] = kind
    return kind


def catalogue() -> tuple[RefusalKind, ...]:
    """Every kind defined so far, by code."""
    return tuple(_catalogue[code] for code in sorted(_catalogue))


class Refusal(Exception):
    """An expected refusal; nothing of the business is stored, its evidence is.

    `findings` are all the reasons (rendered as `motivos`, or as `errores` when they point at a field);
    `retry_after` in seconds, when waiting helps.
    """

    def __init__(
        self, kind: RefusalKind, *, findings: tuple[Finding, ...] = (), retry_after: int | None = None
    ) -> None:
        super().__init__(kind.code)
        self.kind = kind
        self.findings = findings
        self.retry_after = retry_after


class Fault(Exception):
    """Something of ours or of a third party failed; the outcome may be unknown.

    `code` is stable (`servicio_no_disponible`, `resultado_desconocido`, …); entrypoints answer 503 and say to repeat
    with the same key. `outcome_unknown` when a commit was under way.
    """

    def __init__(self, code: str, *, outcome_unknown: bool = False) -> None:
        super().__init__(code)
        self.code = code
        self.outcome_unknown = outcome_unknown


IDEMPOTENCY_KEY_MISSING = refusal(
    code="falta_idempotency_key",
    status=400,
    citation="N-2.4a",
    words="Falta la cabecera Idempotency-Key, que evita ejecutar dos veces un acto con efecto legal.",
    remedy="Envíe una clave nueva por cada acto y la misma clave al reintentarlo.",
)
IDEMPOTENCY_KEY_INVALID = refusal(
    code="idempotency_key_invalida",
    status=400,
    citation="N-2.4a",
    words="La cabecera Idempotency-Key va una sola vez, con entre 1 y 255 caracteres ASCII visibles y sin comas.",
    remedy="Use, por ejemplo, un UUID.",
)
IDEMPOTENCY_KEY_REUSED = refusal(
    code="idempotency_key_reutilizada",
    status=422,
    citation="N-2.4a",
    words="Esa Idempotency-Key ya se usó con otro contenido.",
    remedy="Use una clave nueva para un acto nuevo.",
)
IDEMPOTENCY_RUNNING = refusal(
    code="solicitud_en_curso",
    status=409,
    citation="N-2.4a",
    words="La misma solicitud todavía se está ejecutando.",
    remedy="Espere un segundo y repita con la misma Idempotency-Key.",
)
PERSON_BUSY = refusal(
    code="emision_en_curso",
    status=409,
    citation="N-3.0b",
    words="Hay otra operación suya en curso.",
    remedy="Espere a que termine y repita con la misma Idempotency-Key.",
)
