"""In which capacity a person acts: on his own, for one institution (N-1f), or for the operator itself (N-1l)."""

from dataclasses import dataclass

from lme_operator.core.run import Run


@dataclass(frozen=True, slots=True)
class PracticeContext:
    """`institution` None: individual practice. Each enrolment, session and licence belongs to exactly one context.

    `operator`: the operator's own people at work, who enrol others; nobody practises, or is enrolled, in it.
    """

    institution: Run | None = None
    operator: bool = False

    def __post_init__(self) -> None:
        if self.operator and self.institution is not None:
            raise ValueError("a context is of the operator or of an institution")

    @property
    def code(self) -> str:
        """Stable text form: `individual`, `institucion:76123456-0` or `operador`."""
        if self.operator:
            return "operador"
        return "individual" if self.institution is None else f"institucion:{self.institution}"

    @classmethod
    def parse(cls, code: str) -> "PracticeContext":
        """Read the form of `code`; raise `ValueError`."""
        if code == "individual":
            return cls()
        if code == "operador":
            return cls(operator=True)
        kind, _, rut = code.partition(":")
        if kind != "institucion":
            raise ValueError(f"not a practice context: {code!r}")
        return cls(Run.parse(rut))
