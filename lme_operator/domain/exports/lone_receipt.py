"""Judge a receipt by itself, as its receiver keeps it: the log holds that entry, and this is what it says (N-2.6c)."""

import json

from lme_operator.core.canonical import Json, encode
from lme_operator.core.periods import legal_instant
from lme_operator.core.thumbprint import matches
from lme_operator.domain.audit.receipt import ReceiptFault, VerifiedEntry, read_receipt, verify_receipt
from lme_operator.domain.audit.trust import TrustFile
from lme_operator.domain.exports.lines import Line
from lme_operator.domain.exports.scale import Topic

RECEIPT_AT_MOST = 1 << 20


def is_receipt(file: bytes) -> bool:
    """Whether a file is to be read as a receipt: canonical JSON, where an evidence file is a zip."""
    return file[:1] == b"{" and len(file) <= RECEIPT_AT_MOST


def open_receipt(file: bytes, trust: TrustFile | None) -> VerifiedEntry | Line:
    """Return the entry that the receipt proves, or the line that tells why it proves none."""
    try:
        return verify_receipt(read_receipt(file.rstrip(b"\r\n")), trust)
    except ReceiptFault as fault:
        if fault.kind == "no_canonico" and _is_written_again(file):
            return Line(Topic.INTEGRITY, "el recibo se guardó con otro programa: descárguelo de nuevo", sound=False)
        return Line(Topic.INTEGRITY, f"alterado: recibo ({fault.kind})", sound=False)


def tell_entry(entry: VerifiedEntry, keys: tuple[str, ...]) -> tuple[Line, ...]:
    """Return the lines of what the entry says; and whether its key is one that the reader has from elsewhere."""
    told = [f"{name}: {_shown(value)}" for name, value in sorted(entry.disclosed.items())]
    if entry.hidden:
        told.insert(0, f"datos que no muestra: {entry.hidden}")
    said = "; ".join(told)
    lines = (
        Line(Topic.INTEGRITY, "íntegro: el punto de control firmado contiene esta entrada", sound=True),
        Line(Topic.ENTRY, f"{entry.kind}, {legal_instant(entry.at)}; {said}", sound=True),
    )
    if not keys:
        return lines
    thumbprint = entry.disclosed.get("huella")
    if isinstance(thumbprint, str) and any(matches(key, thumbprint) for key in keys):
        return (*lines, Line(Topic.AUTHOR, "la llave de este recibo es la que usted indicó", sound=True))
    return (*lines, Line(Topic.AUTHOR, "este recibo no es de la llave que usted indicó", sound=None))


def _is_written_again(file: bytes) -> bool:
    """Whether it is a receipt's JSON in another form, as editors leave it."""
    try:
        return encode(json.loads(file)) != file and "punto_de_control" in json.loads(file)
    except (ValueError, TypeError, RecursionError):
        return False


def _shown(value: Json) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
