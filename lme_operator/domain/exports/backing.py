"""The four parts that a licence's evidence must have, each by its name (N-2.4b); one missing leaves it undecided.

The clause asks for the certification of doctor and patient with date and time, the events of processing with date,
time and user, the content of the messages, and the means of later checking.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from lme_operator.core.canonical import NotCanonical, decode, parse_instant
from lme_operator.core.periods import legal_instant
from lme_operator.domain.audit.entry import ACTOR
from lme_operator.domain.audit.evidence import manifest_name, receipt_name
from lme_operator.domain.audit.receipt import VerifiedEntry
from lme_operator.domain.exports.lines import Line
from lme_operator.domain.exports.scale import Topic
from lme_operator.domain.issuance.events import LICENCE_ISSUED, LICENCE_RECHECKED
from lme_operator.domain.issuance.evidence import AUTHORISATION, CERTIFICATES, DOCUMENT, EXCUSE, PLACE, POWERS
from lme_operator.domain.licences.document_facts import describe_document
from lme_operator.domain.licences.document_schema import DocumentNotValid

Members = Mapping[str, bytes]
_MODES = {"cedula_presencial": "cédula a la vista del profesional"}
_WHAT = {LICENCE_ISSUED.code: "emitida", LICENCE_RECHECKED.code: "vista de nuevo ante el RNPI"}


@dataclass(frozen=True, slots=True)
class _Part:
    """A part: the members that carry it, and what is read there; `tell` raises for what is not to be read."""

    topic: Topic
    members: tuple[str, ...]
    tell: Callable[[Members, Sequence[VerifiedEntry]], str]


def back(members: Members, entries: Sequence[VerifiedEntry]) -> tuple[Line, ...]:
    """Return a line for each of the four parts of a licence's evidence; None where one is missing."""
    return tuple(_line(part, members, entries) for part in _PARTS)


def _line(part: _Part, members: Members, entries: Sequence[VerifiedEntry]) -> Line:
    missing = [member for member in part.members if member not in members]
    if missing:
        return Line(part.topic, f"falta {missing[0]} (N-2.4b)", sound=None)
    try:
        return Line(part.topic, part.tell(members, entries), sound=True)
    except (DocumentNotValid, NotCanonical, ArithmeticError, LookupError, TypeError, ValueError):
        return Line(part.topic, "falta, o no se puede leer (N-2.4b)", sound=None)


def _certification(members: Members, entries: Sequence[VerifiedEntry]) -> str:
    document = describe_document(members[DOCUMENT])
    how = _MODES[document.certification["modo"]]
    return f"profesional {document.issuer.display} y paciente, con su {how}, {legal_instant(entries[0].at)}"


def _events(members: Members, entries: Sequence[VerifiedEntry]) -> str:
    prepared = parse_instant(decode(members[PLACE])["preparacion"]["instante"])
    told = [f"preparada {legal_instant(prepared)} por {entries[0].disclosed[ACTOR]}"]
    told += [f"{_WHAT[entry.kind]} {legal_instant(entry.at)} por {entry.disclosed[ACTOR]}" for entry in entries]
    return "; ".join(told)


def _content(members: Members, _entries: Sequence[VerifiedEntry]) -> str:
    asked = ", y la consulta al RNPI con su respuesta o su falla" if EXCUSE in members else ""
    return f"el documento que se autorizó, completo{asked}"


def _checking(_members: Members, entries: Sequence[VerifiedEntry]) -> str:
    of = "1 versión" if len(entries) == 1 else f"{len(entries)} versiones"
    return f"certificados, manifiesto y recibo de {of}, que se comprueban sin conexión"


_PARTS = (
    _Part(Topic.CERTIFICATION, (DOCUMENT, AUTHORISATION), _certification),
    _Part(Topic.EVENTS, (PLACE, POWERS), _events),
    _Part(Topic.CONTENT, (DOCUMENT,), _content),
    _Part(Topic.CHECKING, (CERTIFICATES, manifest_name(1), receipt_name(1)), _checking),
)
