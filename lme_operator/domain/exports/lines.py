"""What a verdict says: a line for each question, and the worst of them in a word."""

from dataclasses import dataclass
from enum import Enum


class Overall(Enum):
    """The verdict in a word, with the exit code of `lme verificar`."""

    VALID = ("válida", 0)
    INDETERMINATE = ("indeterminada", 3)
    INVALID = ("inválida", 5)

    @property
    def word(self) -> str:
        """The word in Spanish."""
        return self.value[0]

    @property
    def exit_code(self) -> int:
        """The exit code."""
        return self.value[1]


@dataclass(frozen=True, slots=True)
class Line:
    """One question: `topic`, `answer` in words, and whether it is sound (None: it could not be told).

    `pending`: sound as far as it goes, and lacking what a third party has yet to add. It worsens no verdict, and is
    not to be shown as if nothing were lacking.
    """

    topic: str
    answer: str
    sound: bool | None
    pending: bool = False


@dataclass(frozen=True, slots=True)
class Verdict:
    """Every line, and the overall word: invalid if any line is unsound, indeterminate if any could not be told."""

    lines: tuple[Line, ...]

    @property
    def overall(self) -> Overall:
        """The worst of the lines."""
        if any(line.sound is False for line in self.lines):
            return Overall.INVALID
        if any(line.sound is None for line in self.lines):
            return Overall.INDETERMINATE
        return Overall.VALID
