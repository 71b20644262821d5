"""A form as it is shown: what was typed, and what must be mended, each thing beside its field and all at the top."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from lme_operator.core.decision import Finding
from lme_operator.core.refusal import Refusal, RefusalKind
from lme_operator.entrypoints.http.refusals import INVALID_DATA
from lme_operator.entrypoints.pages.pages import Returned


@dataclass(frozen=True, slots=True)
class FieldError:
    """What is wrong, in words; `field` None when it is of no one field."""

    field: str | None
    words: str


@dataclass(frozen=True, slots=True)
class FormState:
    """Values and errors. A form that nobody has sent yet has its `values` from what is known, and no error."""

    values: Mapping[str, tuple[str, ...]] = field(default_factory=dict, repr=False)
    errors: tuple[FieldError, ...] = ()

    @classmethod
    def of(cls, returned: "Returned[Any]", said_at: Mapping[RefusalKind, str | None]) -> "FormState":
        """The form that came back, with every reason why."""
        refusal = returned.refusal
        place = said_at.get(refusal.kind)
        errors = tuple(_error(finding, place) for finding in refusal.findings)
        words = f"{refusal.kind.words} {refusal.kind.remedy}"
        return cls(returned.values, errors or (FieldError(place, words),))

    def value(self, name: str) -> str:
        """What stands in a field."""
        return next(iter(self.values.get(name, ())), "")

    def chosen(self, name: str, value: str) -> bool:
        """Whether `value` is among those chosen."""
        return value in self.values.get(name, ())

    def error(self, name: str) -> str | None:
        """What is wrong with a field; all of it, if there are several."""
        return " ".join(error.words for error in self.errors if error.field == name) or None


def _error(finding: Finding, place: str | None) -> FieldError:
    pointed = (finding.pointer or "").removeprefix("/").partition("/")[0]
    return FieldError(pointed or place, f"{finding.cause} {finding.remedy}".strip())


def field_wrong(name: str, words: str, *, code: str = "valor_invalido") -> Refusal:
    """The refusal of a form in which a field does not go with what stands in another."""
    finding = Finding(code=code, cause=words, norm="RFC 9457", remedy="", pointer=f"/{name}")
    return Refusal(INVALID_DATA, findings=(finding,))
