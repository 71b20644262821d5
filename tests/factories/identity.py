"""Documents that anybody may upload, and third parties that answer from memory."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import cache
from io import BytesIO
from typing import Any

from PIL import Image, ImageDraw

from lme_operator.core.canonical import sha256
from lme_operator.core.clock import Clock
from lme_operator.core.database import Deadline
from lme_operator.core.outside import Failure, OutsideExchange
from lme_operator.core.run import Run
from lme_operator.core.sealing import Sealer
from lme_operator.domain.identity import (
    BiometricCheck,
    CardKind,
    DocumentCheck,
    DocumentStatus,
    DocumentStore,
    FaceMatch,
    IdentityChecks,
    Inspection,
)

AT = datetime(2026, 4, 20, 14, 0, tzinfo=UTC)
CARD_NUMBER = "512345678"


@cache
def photo(text: str = "FOTO DE PRUEBA", *, size: tuple[int, int] = (640, 480), kind: str = "JPEG") -> bytes:
    """A picture (JPEG, or PNG) with `text` on it: other words, another file."""
    picture = Image.radial_gradient("L").resize(size).convert("RGB")
    ImageDraw.Draw(picture).text((20, 20), text, fill=(200, 30, 30))
    written = BytesIO()
    picture.save(written, kind)
    return written.getvalue()


@cache
def bill_pdf(text: str = "CUENTA DE LUZ - Los Aromos 123, Santiago") -> bytes:
    """A bill of one page, as a plain PDF."""
    drawn = f"BT /F1 12 Tf 60 780 Td ({text}) Tj ET".encode("latin-1")
    return pdf(
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R"
        b" /Resources << /Font << /F1 5 0 R >> >> >>",
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(drawn), drawn),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    )


def pdf(*objects: bytes, trailer: bytes = b"") -> bytes:
    """A PDF of these objects, numbered from 1; the first is its catalogue."""
    written = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n"
    places = []
    for number, content in enumerate(objects, 1):
        places.append(len(written))
        written += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    size = len(objects) + 1
    return written + (
        b"xref\n0 %d\n0000000000 65535 f \n%strailer\n<< /Size %d /Root 1 0 R %s >>\nstartxref\n%d\n%%%%EOF\n"
        % (size, table, size, trailer, len(written))
    )


def exchange(party: str, **changes: Any) -> OutsideExchange:
    """The record of a call that answered 200 with an empty object."""
    made: dict[str, Any] = {
        "party": party,
        "method": "POST",
        "url": f"https://{party}.example/",
        "request_headers": (),
        "request_digest": None,
        "started_at": AT,
        "milliseconds": 12,
        "budget_ms": 3000,
        "address": "192.0.2.80",
        "status": 200,
        "headers": (),
        "body": b"{}",
        "failure": None,
    }
    return OutsideExchange(**{**made, **changes})


def no_answer(party: str) -> OutsideExchange:
    """The record of a call that nobody answered in time."""
    return exchange(party, status=None, body=b"", failure=Failure.TIMED_OUT, milliseconds=3000)


@dataclass
class StaticCivilRegistry:
    """Says the same of every card, and keeps what it was asked: (RUN, number, kind)."""

    clock: Clock = field(default=lambda: AT, kw_only=True)
    status: DocumentStatus = DocumentStatus.IN_FORCE
    reason: str = ""
    asked: list[tuple[Run, str, CardKind]] = field(default_factory=list)

    def document_status(self, *, run: Run, number: str, kind: CardKind, deadline: Deadline) -> DocumentCheck:  # noqa: ARG002
        self.asked.append((run, number, kind))
        silent = self.status is DocumentStatus.NO_ANSWER
        told = no_answer("registro_civil") if silent else exchange("registro_civil")
        return DocumentCheck(self.status, self.reason, replace(told, started_at=self.clock()))


@dataclass
class StaticBiometrics:
    """Says the same of every pair of pictures, and counts them."""

    clock: Clock = field(default=lambda: AT, kw_only=True)
    result: FaceMatch = FaceMatch.MATCH
    score: int | None = 970
    asked: list[Run] = field(default_factory=list)

    def match_face(
        self,
        *,
        run: Run,
        document_picture: bytes,
        live_picture: bytes,
        deadline: Deadline,  # noqa: ARG002
    ) -> BiometricCheck:
        self.asked.append(run)
        silent = self.result is FaceMatch.NO_ANSWER
        told = no_answer("biometria") if silent else exchange("biometria")
        return BiometricCheck(
            result=self.result,
            reason="",
            provider="" if silent else "Biometría de prueba",
            version="" if silent else "1.0",
            request_id="" if silent else f"solicitud-{len(self.asked)}",
            score=None if silent else self.score,
            threshold=None if silent else 800,
            presentation="" if silent else "aprobada",
            reference="" if silent else f"referencia-{len(self.asked)}",
            document_digest=sha256(document_picture),
            live_digest=sha256(live_picture),
            exchange=replace(told, started_at=self.clock()),
        )


@dataclass
class CreditingInspector:
    """Takes the factory's own pictures and bills at their word: for tests of what happens after an inspection."""

    look: Callable[[bytes], Inspection] | None = None

    def inspect(self, content: bytes, *, deadline: Deadline) -> Inspection:  # noqa: ARG002
        if self.look is not None:
            return self.look(content)
        if content.startswith(b"%PDF"):
            return Inspection("application/pdf", pages=1)
        media_type = "image/png" if content.startswith(b"\x89PNG") else "image/jpeg"
        return Inspection(media_type, width=640, height=480, preview=photo("VISTA"))


def document_store(sealer: Sealer) -> DocumentStore:
    """A store that inspects without a process of its own."""
    return DocumentStore(sealer=sealer, inspector=CreditingInspector())


def identity_checks(
    *, civil_registry: StaticCivilRegistry | None = None, biometrics: StaticBiometrics | None = None
) -> IdentityChecks:
    """Checks that answer 'in force' and 'one person' unless told otherwise."""
    return IdentityChecks(
        civil_registry=civil_registry or StaticCivilRegistry(), biometrics=biometrics or StaticBiometrics()
    )
