"""In which capacity a professional acts: on his own, or for one institution (N-1f)."""

from dataclasses import dataclass

from lme_operator.core.run import Run


@dataclass(frozen=True, slots=True)
class PracticeContext:
    """`institution` None: individual practice. Each enrolment, session and licence belongs to exactly one context."""

    institution: Run | None = None

    @property
    def code(self) -> str:
        """Stable text form: `individual` or `institucion:76123456-0`."""
        return "individual" if self.institution is None else f"institucion:{self.institution}"

    @classmethod
    def parse(cls, code: str) -> "PracticeContext":
        """Read the form of `code`; raise `ValueError`."""
        if code == "individual":
            return cls()
        kind, _, rut = code.partition(":")
        if kind != "institucion":
            raise ValueError(f"not a practice context: {code!r}")
        return cls(Run.parse(rut))
