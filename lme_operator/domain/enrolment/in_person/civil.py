"""Civil data declared and those of the RNPI, compared field by field (N-2.2a).

enrolamiento-presencial@v2#datos-civiles
"""

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass

from lme_operator.core.canonical import Json

_FIELDS = (
    ("nombres", "Nombres"),
    ("apellido_paterno", "Apellido paterno"),
    ("apellido_materno", "Apellido materno"),
    ("fecha_nacimiento", "Fecha de nacimiento"),
    ("profesion", "Profesión"),
)


@dataclass(frozen=True, slots=True)
class Comparison:
    """One field: what each side says, None where it says nothing, and whether they are the same."""

    field: str
    label: str
    declared: str | None
    registered: str | None

    @property
    def equal(self) -> bool:
        """Same but for case, accents, spaces and hyphens; nothing equals nothing."""
        return _folded(self.declared) == _folded(self.registered)


def compare(declared: Mapping[str, Json], registered: Mapping[str, Json]) -> tuple[Comparison, ...]:
    """Compare the contents of pieces `datos` and the registration in `rnpi`, field by field."""
    return tuple(
        Comparison(field, label, _text(declared.get(field)), _text(registered.get(field))) for field, label in _FIELDS
    )


def _text(value: Json) -> str | None:
    return None if value is None or value == "" else str(value)


def _folded(text: str | None) -> str:
    """Fold a name as two registers may differ in writing it. Ñ folds to N: registers of capitals drop the tilde."""
    plain = unicodedata.normalize("NFKD", text or "").casefold()
    kept = "".join(character for character in plain if not unicodedata.combining(character))
    return " ".join(kept.replace("-", " ").replace("'", " ").replace("’", " ").split())
