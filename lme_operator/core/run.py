"""The RUN (and RUT): one canonical form, so that no spelling dodges a list (threat M23).

Canonical: `12345678-5`, one to eight digits without leading zero, upper-case `K`. The check digit is módulo 11.
"""

import re
from dataclasses import dataclass

_CANONICAL = re.compile(r"[1-9][0-9]{0,7}-[0-9K]", re.ASCII)


class InvalidRun(ValueError):
    """The text is not a RUN in canonical form with its right check digit; `code` says which."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def check_digit(number: int) -> str:
    """Return the módulo-11 check digit of `number`: `0` to `9` or `K`."""
    total = 0
    for position, digit in enumerate(reversed(str(number))):
        total += int(digit) * (2 + position % 6)
    remainder = 11 - total % 11
    return {11: "0", 10: "K"}.get(remainder, str(remainder))


@dataclass(frozen=True, order=True, slots=True)
class Run:
    """A RUN, RUT or folio number: `number` without the check digit, which follows from it."""

    number: int

    @classmethod
    def parse(cls, text: str) -> "Run":
        """Read the canonical form alone; raise `InvalidRun('formato')` or `InvalidRun('digito')`."""
        if not _CANONICAL.fullmatch(text):
            raise InvalidRun("formato")
        number, digit = text.split("-")
        if check_digit(int(number)) != digit:
            raise InvalidRun("digito")
        return cls(int(number))

    def __str__(self) -> str:
        return f"{self.number}-{check_digit(self.number)}"

    @property
    def display(self) -> str:
        """As people see it: `12.345.678-5`."""
        return f"{self.number:,}".replace(",", ".") + f"-{check_digit(self.number)}"
