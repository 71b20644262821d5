"""Code lists that the official document uses: communes (CUT), countries and CIE-10 with its terms."""

import csv
import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from importlib import resources
from itertools import chain

_CIE10 = re.compile(r"(?P<category>[A-Z][0-9][0-9A-Z])(?:\.[0-9A-Z]{1,2})?")
_BEGINS = re.compile(r"[a-z][0-9]")
_FEWEST_LETTERS = 3
_MOST_LETTERS, _MOST_WORDS = 200, 8
"""As much of what is typed is looked for: whatever comes, the answer is there before the next key."""
_SELDOM = frozenset("PQVWXY")
"""Chapters that hold no reason for rest of a worker by themselves: the newborn's, malformations, external causes."""
_DRUGS = ("T36", "T50")
"""Poisonings, named after a drug: whoever types a disease does not mean them."""

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


@dataclass(frozen=True, slots=True)
class Cie10:
    """A category (`M54`) or a subcategory (`M54.5`) and its term in Spanish."""

    code: str
    term: str


def cie10_term(code: str) -> str | None:
    """Return the term of a code; None for one that the list lacks, though `is_cie10` may admit it."""
    return _terms().get(code)


def cie10(query: str, limit: int = 20) -> tuple[Cie10, ...]:
    """Search by code or words, without regard to accents; every word typed must occur in code or term.

    First the code itself, then those that it begins; then what everyday words mean (`gripe`); then terms that begin
    with what was typed, terms where each word begins a word, and the rest, the short before the long, and last of
    all what is seldom meant in a licence. Fewer
    than three letters find nothing, unless they begin a code (`M5`). A letter alone must begin a word. Of a long text
    its first different words count.
    """
    words = _words(query)
    code = "".join(words)
    by_code = _BEGINS.match(code) is not None
    if len(code) < _FEWEST_LETTERS and not by_code:
        return ()
    found = _having(_searchable(), (word if len(word) > 1 else f" {word}" for word in words))
    first = [entry for entry in _searchable() if entry.plain.startswith(code)] if by_code else []
    listed: dict[str, Cie10] = {}
    meant = [] if by_code else _meant_by(" ".join(words))
    for entry in chain(sorted(first, key=lambda one: one.plain), meant, _nearest_first(found, words)):
        listed.setdefault(entry.plain, entry.listed)
        if len(listed) == limit:
            break
    return tuple(listed.values())


@cache
def _terms() -> dict[str, str]:
    """Every code and its term, in the order of the codes."""
    listed = {}
    for file in ("cie10_categorias.csv", "cie10_subcategorias.csv"):
        text = resources.files(__package__).joinpath("data", file).read_text(encoding="utf-8")
        listed.update({row["codigo"]: row["glosa"] for row in csv.DictReader(text.splitlines())})
    return dict(sorted(listed.items()))


@dataclass(frozen=True, slots=True)
class _Searchable:
    """A code prepared for searching: `plain` the bare code, `text` ` code term`, both folded."""

    listed: Cie10
    plain: str
    text: str
    seldom: bool

    @property
    def shortness(self) -> tuple[bool, int, str]:
        """The lower the sooner it is offered, among those equally near to what was typed."""
        return self.seldom, len(self.text), self.plain


@cache
def _searchable() -> tuple[_Searchable, ...]:
    """Every code, those offered sooner first."""
    searchable = []
    for code, term in _terms().items():
        plain = code.replace(".", "").casefold()
        seldom = code[0] in _SELDOM or _DRUGS[0] <= code[:3] <= _DRUGS[1]
        searchable.append(_Searchable(Cie10(code, term), plain, f" {plain} {' '.join(_fold(term).split())}", seldom))
    return tuple(sorted(searchable, key=lambda one: one.shortness))


@cache
def _everyday() -> tuple[tuple[str, _Searchable], ...]:
    """Words of every day and the code that they mean, folded: a supposition of ours, for searching alone."""
    text = resources.files(__package__).joinpath("data", "cie10_palabras.csv").read_text(encoding="utf-8")
    by_code = {entry.listed.code: entry for entry in _searchable()}
    return tuple((_fold(row["palabra"]), by_code[row["codigo"]]) for row in csv.DictReader(text.splitlines()))


def _meant_by(phrase: str) -> list[_Searchable]:
    """What the everyday words that begin so mean, the whole word first."""
    meant = [(words, entry) for words, entry in _everyday() if words.startswith(phrase)]
    return [entry for _, entry in sorted(meant, key=lambda one: len(one[0]))]


def _words(query: str) -> list[str]:
    """The words that are looked for, each once; one that was cut through is none."""
    if len(query) > _MOST_LETTERS:
        query = query[:_MOST_LETTERS].rpartition(" ")[0]
    return list(dict.fromkeys(_fold(query).split()))[:_MOST_WORDS]


def _having(entries: Iterable[_Searchable], words: Iterable[str]) -> list[_Searchable]:
    """Those in whose text all of `words` occur."""
    found = list(entries)
    for word in words:
        found = [entry for entry in found if word in entry.text]
    return found


def _nearest_first(found: list[_Searchable], words: list[str]) -> Iterator[_Searchable]:
    """What is seldom meant last; before that, the nearer to what was typed first. Each may come more than once."""
    phrase = " ".join(words)
    beginning = [entry for entry in found if entry.text.startswith(phrase, len(entry.plain) + 2)]
    near = _having(found, [f" {word}" for word in words])
    for seldom in (False, True):
        for group in (beginning, near, found):
            yield from (entry for entry in group if entry.seldom == seldom)


def _fold(text: str) -> str:
    """Letters and figures alone, without accents or case; a point inside a code joins (`M54.5`)."""
    apart = unicodedata.normalize("NFKD", text.casefold())
    joined = re.sub(r"(?<=\w)\.(?=\w)", "", "".join(one for one in apart if not unicodedata.combining(one)))
    return re.sub(r"[^a-z0-9]+", " ", joined)


def _alphabetic(name: str) -> str:
    """Fold a name for sorting: accents do not count, and Ñ comes after N."""
    apart = name.casefold().replace("ñ", "n\uffff")
    return "".join(one for one in unicodedata.normalize("NFKD", apart) if not unicodedata.combining(one))
