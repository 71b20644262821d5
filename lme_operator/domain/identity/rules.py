"""What a card says of itself: its number, and the QR that is printed on it. Pure.

The QR is not signed and anybody can print one: what it says is a claim, checked against itself and against what was
written down, and never a proof; only the Registro Civil's answer counts. Its address is read, never followed (M42).
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from urllib.parse import parse_qsl, urlsplit

from lme_operator.core.decision import Finding
from lme_operator.core.run import InvalidRun, Run


class CardKind(StrEnum):
    """Which card the Registro Civil issued: to a Chilean, or to a foreign resident."""

    CITIZEN = "CEDULA"
    FOREIGNER = "CEDULA_EXT"


@dataclass(frozen=True, slots=True)
class CardClaim:
    """What a card's QR says of it: nothing here is proved. `number` is its document number, as normalised."""

    run: Run
    kind: CardKind
    number: str
    birth_date: date
    expires_on: date


@dataclass(frozen=True, slots=True)
class CardQr:
    """A QR as read: the claim if it could be read at all, and what is wrong with it."""

    claim: CardClaim | None
    findings: tuple[Finding, ...]


_ADDRESSES: Mapping[tuple[str, str], re.Pattern[str]] = {
    ("portal.sidiv.registrocivil.cl", "/docstatus"): re.compile(r"[0-9]{9}", re.ASCII),
    ("portal.nuevosidiv.registrocivil.cl", "/document-validity"): re.compile(r"[A-Z][0-9]{8}", re.ASCII),
}
"""Host and path of each generation of cards, with the form of its serial number."""

_FIELDS = {"RUN", "type", "serial", "mrz"}
_LONGEST = 300
_PRINTED = re.compile(r"[!-~]+", re.ASCII)
_MRZ = re.compile(r"(?P<number>[A-Z0-9<]{9})[0-9](?P<birth>[0-9]{6})[0-9](?P<expiry>[0-9]{6})[0-9]", re.ASCII)
_NUMBER = re.compile(r"[0-9]{9}|[A-Z][0-9]{8,9}", re.ASCII)
_ORNAMENT = str.maketrans("", "", " .-")

NOT_A_CARD = Finding(
    code="qr_no_es_de_cedula",
    cause="El código QR no es el de una cédula de identidad chilena.",
    norm="N-2.1a",
    remedy="Lea el código impreso en la cédula; si no se puede, escriba el número de documento a mano.",
)
INCONSISTENT_QR = Finding(
    code="qr_incoherente",
    cause="El código QR se contradice a sí mismo: sus dígitos verificadores o su número de serie no calzan.",
    norm="N-2.1a",
    remedy="Lea el código otra vez. Si vuelve a ocurrir, trate la cédula como sospechosa.",
)
QR_OF_ANOTHER = Finding(
    code="qr_de_otro_documento",
    cause="El código QR no es del RUN y del número de documento que se anotaron.",
    norm="N-2.1a",
    remedy="Revise el RUN y el número de documento con la cédula a la vista.",
)
CARD_EXPIRED = Finding(
    code="cedula_vencida",
    cause="La cédula está vencida.",
    norm="N-2.1a",
    remedy="Debe presentar una cédula vigente: se renueva en el Registro Civil.",
)
NOT_A_NUMBER = Finding(
    code="numero_documento_mal_escrito",
    cause="El número de documento no tiene la forma de los de la cédula.",
    norm="N-2.1a",
    remedy="Escriba el «Número documento» impreso en la cédula: nueve dígitos, o una letra y ocho o nueve dígitos.",
    pointer="/numero_documento",
)
RUN_AS_NUMBER = Finding(
    code="numero_documento_es_el_run",
    cause="Se escribió el RUN en lugar del número de documento.",
    norm="N-2.1a",
    remedy="Escriba el «Número documento», que es otro y está impreso aparte en la cédula.",
    pointer="/numero_documento",
)


def normalise_document_number(text: str) -> str:
    """Return the number as the registry knows it: upper case, without the dots, spaces and dashes people write."""
    return text.strip().upper().translate(_ORNAMENT)


def document_number_findings(text: str, *, run: Run) -> tuple[Finding, ...]:
    """Say what is wrong with a document number written for the card of `run`: its form, or that it is the RUN."""
    number = normalise_document_number(text)
    if number.lstrip("0") in {str(run.number), str(run).replace("-", "")}:
        return (RUN_AS_NUMBER,)
    return () if _NUMBER.fullmatch(number) else (NOT_A_NUMBER,)


def expiry_findings(expires_on: date, *, today: date) -> tuple[Finding, ...]:
    """Say whether a card is out of date: it serves up to the day before the printed one (N-2.1a)."""
    return () if expires_on > today else (CARD_EXPIRED,)


def read_card_qr(text: str, *, today: date) -> CardQr:
    """Read the text of a card's QR, of either generation; the check digits of ICAO 9303 part 3 must be right.

    `today` tells the century of the birth and whether the card is out of date.
    """
    fields = _fields(text)
    if fields is None:
        return CardQr(None, (NOT_A_CARD,))
    zone = _MRZ.fullmatch(fields["mrz"])
    try:
        run, kind = Run.parse(fields["RUN"].upper()), CardKind(fields["type"])
    except (InvalidRun, ValueError):
        return CardQr(None, (NOT_A_CARD,))
    if zone is None or not _digits_right(fields["mrz"]) or zone["number"].rstrip("<") != fields["serial"]:
        return CardQr(None, (INCONSISTENT_QR,))
    try:
        expires_on = _day(zone["expiry"], century=2000)
        birth_date = _birth(zone["birth"], today=today)
    except ValueError:
        return CardQr(None, (INCONSISTENT_QR,))
    claim = CardClaim(run, kind, fields["serial"], birth_date, expires_on)
    return CardQr(claim, expiry_findings(expires_on, today=today))


def claim_findings(claim: CardClaim, *, run: Run, number: str) -> tuple[Finding, ...]:
    """Say whether the QR speaks of another person or card than the one written down."""
    same = (claim.run, claim.number) == (run, normalise_document_number(number))
    return () if same else (QR_OF_ANOTHER,)


def check_digit(text: str) -> str:
    """Return the check digit of ICAO 9303 part 3, 4.9: weights 7, 3, 1, modulo 10; `<` counts nothing."""
    total = sum((0 if one == "<" else int(one, 36)) * (7, 3, 1)[place % 3] for place, one in enumerate(text))
    return str(total % 10)


def _fields(text: str) -> Mapping[str, str] | None:
    """The parameters of the address, each once, none besides; None for any other address."""
    if len(text) > _LONGEST or not _PRINTED.fullmatch(text):
        return None
    try:
        address = urlsplit(text)
        pairs = parse_qsl(address.query, keep_blank_values=True, strict_parsing=True, encoding="ascii", errors="strict")
    except ValueError:
        return None
    serial = _ADDRESSES.get((address.netloc.lower(), address.path))
    fields = dict(pairs)
    plain = address.scheme == "https" and not address.fragment and "#" not in text
    if serial is None or not plain or len(pairs) != len(fields) or set(fields) != _FIELDS:
        return None
    return fields if serial.fullmatch(fields["serial"]) else None


def _digits_right(zone: str) -> bool:
    parts = (zone[0:10], zone[10:17], zone[17:24])
    return all(check_digit(part[:-1]) == part[-1] for part in parts)


def _birth(text: str, *, today: date) -> date:
    """The latest day of that year, month and day that is not to come."""
    day = _day(text, century=2000)
    return day if day <= today else _day(text, century=1900)


def _day(text: str, *, century: int) -> date:
    return date(century + int(text[:2]), int(text[2:4]), int(text[4:6]))
