"""A decision says yes or no and every reason, never only the first."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Finding:
    """One reason against: machine `code`, the `cause` in words (Spanish), its `norm`, and the `remedy` in words."""

    code: str
    cause: str
    norm: str
    remedy: str
    pointer: str | None = None
    """JSON pointer of the field at fault, for findings about an order."""


@dataclass(frozen=True, slots=True)
class Decision:
    """Allowed when there is no finding."""

    findings: tuple[Finding, ...] = ()

    @property
    def allowed(self) -> bool:
        """Whether nothing stands against."""
        return not self.findings

    def __and__(self, other: "Decision") -> "Decision":
        return Decision(self.findings + other.findings)
