"""Code lists that the official document uses: communes (CUT), countries and CIE-10 categories."""

import csv
import re
import unicodedata
from functools import cache
from importlib import resources

_CIE10 = re.compile(r"(?P<category>[A-Z][0-9][0-9A-Z])(?:\.[0-9A-Z]{1,2})?")
OUTSIDE_CHILE = "99999"
"""CUT used by the official schema for an address outside the national territory."""


@cache
def _first_column(file: str) -> frozenset[str]:
    text = resources.files(__package__).joinpath("data", file).read_text(encoding="utf-8")
    rows = csv.reader(text.splitlines())
    next(rows)
    return frozenset(row[0] for row in rows)


def is_commune(code: str) -> bool:
    """Whether `code` is the CUT of a commune in force."""
    return code in _first_column("comunas.csv")


@cache
def communes() -> tuple[tuple[str, str], ...]:
    """Return the CUT and the name of every commune in force, in the order of the Spanish alphabet."""
    text = resources.files(__package__).joinpath("data", "comunas.csv").read_text(encoding="utf-8")
    rows = csv.DictReader(text.splitlines())
    return tuple(sorted(((row["id"], row["name"]) for row in rows), key=lambda row: _alphabetic(row[1])))


def is_country(code: str) -> bool:
    """Whether `code` is an ISO 3166 alpha-2 code of a country or territory."""
    return code in _first_column("paises.csv")


def is_cie10(code: str) -> bool:
    """Whether `code` has the form `M54` or `M54.5` and its three-character category exists."""
    match = _CIE10.fullmatch(code)
    return match is not None and match["category"] in _first_column("cie10_categorias.csv")


def _alphabetic(name: str) -> str:
    """Fold a name for sorting: accents do not count, and Ñ comes after N."""
    apart = name.casefold().replace("ñ", "n\uffff")
    return "".join(one for one in unicodedata.normalize("NFKD", apart) if not unicodedata.combining(one))
