"""Rules of passwords and tries. Pure: values in, findings out.

Length and no rule of composition (OWASP ASVS 6.2.1 to 6.2.9). Renewal every six months is the norm's (N-2.3b), against
ASVS 6.2.10, which asks for none: the norm prevails.
"""

import calendar
import re
import unicodedata
from datetime import date, datetime, timedelta

from lme_operator.core.decision import Finding
from lme_operator.core.periods import first_instant, local_day
from lme_operator.core.run import Run
from lme_operator.domain.credentials.common_passwords import COMMON, SEQUENCES

SHORTEST, LONGEST, MOST_BYTES = 12, 128, 1024
NEW = "/nueva"

_WORD = re.compile(r"[^\W\d_]+")
_EDGES = re.compile(r"^[\W\d_]+|[\W\d_]+$")


def normalise_password(text: str) -> bytes | None:
    """Return the password in NFC as UTF-8, or None if it is over 1 kB or not writable: it is then never hashed."""
    if len(text) > MOST_BYTES:
        return None
    try:
        normal = unicodedata.normalize("NFC", text).encode()
    except UnicodeEncodeError:
        return None
    return normal if len(normal) <= MOST_BYTES else None


def fold(text: str) -> str:
    """Fold case, width and accents: `CONTRASEÑA` and `contrasena` become the same."""
    wide = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", text).casefold())
    return "".join(letter for letter in wide if not unicodedata.combining(letter))


def variant_key(text: str) -> str:
    """Return what two variants of one password share: case folded, digits and signs at both ends taken away.

    When little is left (under eight characters) the ends are kept: then they are the password.
    """
    folded = fold(text)
    core = _EDGES.sub("", folded)
    return core if len(core) >= 8 else folded


def password_findings(text: str, *, run: Run, names: tuple[str, ...]) -> tuple[Finding, ...]:
    """Return every reason against a new password, but its likeness to earlier ones (that needs their hashes)."""
    if normalise_password(text) is None:
        return (_TOO_LONG,)
    found = []
    length = len(unicodedata.normalize("NFC", text))
    if length < SHORTEST:
        found.append(_TOO_SHORT)
    if length > LONGEST:
        found.append(_TOO_LONG)
    folded = fold(text)
    if _holds_run(folded, run) or _holds_name(folded, names):
        found.append(_PERSONAL)
    if folded in COMMON or _EDGES.sub("", folded) in COMMON or _is_pattern(folded):
        found.append(_COMMON)
    return tuple(found)


def add_months(day: date, months: int) -> date:
    """Return the same day `months` later, or the last of that month if it has no such day."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def due_at(set_at: datetime, months: int) -> datetime:
    """Return the instant from which something set at `set_at` is overdue: the first of the day, `months` later.

    Days of America/Santiago. At that instant it is at most `months` old, never more (N-2.3b).
    """
    return first_instant(add_months(local_day(set_at), months))


def patience_until(
    failures: int, last: datetime | None, *, free: int, first_wait: timedelta, longest: timedelta
) -> datetime | None:
    """Return the instant before which no code is judged, or None: after `free` failures each doubles the wait."""
    if last is None or failures < free:
        return None
    return last + min(first_wait * (1 << min(failures - free, 20)), longest)


def _holds_run(folded: str, run: Run) -> bool:
    digits = re.sub(r"[^0-9k]", "", folded)
    return len(str(run.number)) >= 6 and str(run.number) in digits


def _holds_name(folded: str, names: tuple[str, ...]) -> bool:
    parts = (part for name in names for part in _WORD.findall(fold(name)))
    return any(part in folded for part in parts if len(part) >= 4)


def _is_pattern(folded: str) -> bool:
    """Whether it is a short unit repeated, or a run along the alphabet, the digits or a keyboard row."""
    if any(folded == (folded[:width] * len(folded))[: len(folded)] for width in range(1, 5)):
        return True
    return any(folded in sequence or folded in sequence[::-1] for sequence in SEQUENCES)


def _finding(code: str, norm: str, cause: str, remedy: str) -> Finding:
    return Finding(code=code, cause=cause, norm=norm, remedy=remedy, pointer=NEW)


_TOO_SHORT = _finding(
    "clave_corta",
    "OWASP ASVS 6.2.1",
    f"La clave nueva tiene menos de {SHORTEST} caracteres.",
    "Use una frase de varias palabras: es más segura y más fácil de recordar.",
)
_TOO_LONG = _finding(
    "clave_larga",
    "OWASP ASVS 6.2.9",
    f"La clave nueva tiene más de {LONGEST} caracteres, o caracteres que no se pueden escribir.",
    f"Use entre {SHORTEST} y {LONGEST} caracteres.",
)
_PERSONAL = _finding(
    "clave_personal",
    "OWASP ASVS 6.2.11",
    "La clave nueva contiene su RUN o su nombre.",
    "Elija palabras que no tengan que ver con usted.",
)
_COMMON = _finding(
    "clave_comun",
    "OWASP ASVS 6.2.4",
    "La clave nueva es de las más usadas o sigue un patrón sencillo, y sería de las primeras que se prueben.",
    "Elija palabras que no suelan ir juntas.",
)
REPEATED = _finding(
    "clave_repetida",
    "N-2.3b",
    "La clave nueva es igual o casi igual a una que ya usó; no basta cambiar mayúsculas ni los números del final.",
    "Elija una clave que no haya usado antes.",
)
