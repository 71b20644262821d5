"""What the room needs from outside: who looks inside uploads, the Registro Civil, and who compares faces.

Nobody here raises for what the other side does: no answer is one of the answers, with the exchange that shows it.
"""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

from lme_operator.core.database import Deadline
from lme_operator.core.outside import OutsideExchange
from lme_operator.core.run import Run
from lme_operator.domain.identity.admission import Defect
from lme_operator.domain.identity.rules import CardKind


@dataclass(frozen=True, slots=True)
class Inspection:
    """What was found inside an upload. `defects` empty: it may be admitted, and the rest is known.

    `width` and `height` in pixels as shown, for pictures; `pages` for PDF; `preview` a JPEG made anew from the pixels
    alone, the only thing that may be shown in a page.
    """

    media_type: str
    width: int | None = None
    height: int | None = None
    pages: int | None = None
    preview: bytes | None = field(default=None, repr=False)
    defects: tuple[Defect, ...] = ()


class Inspector(Protocol):
    """Looks inside what strangers upload, where it can do no harm."""

    def inspect(self, content: bytes, *, deadline: Deadline) -> Inspection:
        """Look inside `content`; raise `Fault('servicio_no_disponible')` when that is not possible now."""


class DocumentStatus(StrEnum):
    """What the Registro Civil says of a card; `sin_respuesta` when it said nothing that can be relied on."""

    IN_FORCE = "vigente"
    NOT_IN_FORCE = "no_vigente"
    NO_MATCH = "no_coincide"
    NO_ANSWER = "sin_respuesta"


@dataclass(frozen=True, slots=True)
class DocumentCheck:
    """The registry's answer about one card. `reason` is a code that refines it (`vencida`, `bloqueada`, …), or ''."""

    status: DocumentStatus
    reason: str
    exchange: OutsideExchange


class CivilRegistry(Protocol):
    """The Registro Civil, asked whether a card is in force."""

    def document_status(self, *, run: Run, number: str, kind: CardKind, deadline: Deadline) -> DocumentCheck:
        """Ask about the card of `run` with that document number."""


class FaceMatch(StrEnum):
    """Whether two pictures show one person; `sin_datos` when there is nothing to conclude from."""

    MATCH = "coincide"
    NO_MATCH = "no_coincide"
    NO_DATA = "sin_datos"
    NO_ANSWER = "sin_respuesta"


@dataclass(frozen=True, slots=True)
class BiometricCheck:
    """A provider's verdict on two pictures, known by their SHA-256.

    `score` and `threshold` in thousandths, as the provider gave them; `presentation` its verdict on whether the live
    picture was of a living face (`aprobada`, `rechazada`, `no_realizada`); `reference` is by what it can be asked
    again. All None or empty when it did not answer.
    """

    result: FaceMatch
    reason: str
    provider: str
    version: str
    request_id: str
    score: int | None
    threshold: int | None
    presentation: str
    reference: str
    document_digest: bytes
    live_digest: bytes
    exchange: OutsideExchange


class BiometricProvider(Protocol):
    """Compares the face on a document with a face seen live."""

    def match_face(
        self, *, run: Run, document_picture: bytes, live_picture: bytes, deadline: Deadline
    ) -> BiometricCheck:
        """Compare the two pictures (JPEG or PNG)."""
