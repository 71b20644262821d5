"""What a verdict says: a line for each question, by whom it is proven, and the whole in a word."""

from dataclasses import dataclass

from lme_operator.domain.audit.trust import Standing
from lme_operator.domain.exports.scale import Author, Demand, Known, Overall, Proof, Topic, exit_code, overall, proof_of

_LONGEST = 600
_BLANK = frozenset("\u115f\u1160\u2800\u3164\uffa0")
"""Letters and signs that show nothing, and are no spaces."""

STRANGER = "firmante desconocido: pida el archivo de confianza vigente"
"""What is said of a signature by whom the trust file does not name: keys are added after a trust file was given."""


@dataclass(frozen=True, slots=True)
class Line:
    """One question: `topic`, `answer` in words, and whether it is sound (None: it could not be told).

    `pending`: sound as far as it goes, and lacking what a third party has yet to add. It worsens no verdict, and is
    not to be shown as if nothing were lacking. An answer holds printable characters alone, 600 at most, whatever the
    file says: it is shown on terminals.
    """

    topic: Topic
    answer: str
    sound: bool | None
    pending: bool = False

    def __post_init__(self) -> None:
        object.__setattr__(self, "answer", printable(self.answer))


@dataclass(frozen=True, slots=True)
class Judged:
    """What the judge of an act says: its lines, and what ties the act to its author."""

    lines: tuple[Line, ...]
    author: Author = Author.NOBODY


@dataclass(frozen=True, slots=True)
class Verdict:
    """Every line, and what is known of the file as a whole."""

    lines: tuple[Line, ...]
    known: Known

    @property
    def overall(self) -> Overall:
        """The verdict in a word."""
        return overall(soundness=frozenset(line.sound for line in self.lines), known=self.known)

    def proof(self, line: Line) -> Proof:
        """By whom a line is proven."""
        return proof_of(line.topic, sound=line.sound, known=self.known)

    def lacks(self, demand: Demand) -> str:
        """Say what a sound verdict lacks of what is demanded."""
        parts = [] if self.known.witnessed else ["que la atestigüen los testigos del archivo de confianza"]
        if demand is Demand.AUTHOR and not self.known.author.beyond_operator:
            parts.append("una prueba de su autor que no dependa del operador (--llave, o el aval de su llave)")
        return f"falta {' y '.join(parts)}" if parts else "no falta nada"

    def exit_code(self, demand: Demand = Demand.OPERATOR) -> int:
        """What `lme verificar` exits with, when that much is demanded."""
        return exit_code(self.overall, self.known, demand)


def printable(text: str) -> str:
    """Return `text` cut at 600 characters, with a mark in place of each that a terminal does not simply show."""
    cut = text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"
    return "".join(one if one.isprintable() and one not in _BLANK else "\N{REPLACEMENT CHARACTER}" for one in cut)


def doubt(standing: Standing, words: str) -> str:
    """Say why a signature that is not firm settles nothing; `words` are for a compromised key."""
    return STRANGER if standing is Standing.UNKNOWN else words
