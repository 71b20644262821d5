"""Released protocols: `protocols/<name>/v<n>.md`, each step with id, requisite, responsible and evidence (N-2.5a).

A step is a heading `### <id> · <title>` followed by the lines `Requisito:`, `Responsable:`, `Evidencia:` and, where
people and not the software fulfil it, `Cumplen: personas`.
"""

import hashlib
import re
from dataclasses import dataclass
from pathlib import Path

_STEP = re.compile(r"^### (?P<id>[a-z0-9.-]+) · (?P<title>.+)$", re.MULTILINE)
_FIELD = re.compile(r"^(Requisito|Responsable|Evidencia|Cumplen): (.+)$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a protocol; `by_people` when no code can fulfil it."""

    id: str
    title: str
    requisite: str
    responsible: str
    evidence: str
    by_people: bool


@dataclass(frozen=True, slots=True)
class Protocol:
    """A version of a protocol: its steps, and the SHA-256 (hex) of its text, fixed at release."""

    name: str
    version: str
    digest: str
    steps: tuple[Step, ...]

    def citation(self, step: str) -> str:
        """Return `name@version#step`; raise `KeyError` if there is no such step."""
        if all(step != known.id for known in self.steps):
            raise KeyError(step)
        return f"{self.name}@{self.version}#{step}"


def load_protocols(folder: Path) -> tuple[Protocol, ...]:
    """Read every `<name>/v<n>.md` under `folder`; raise `ValueError` when a step lacks one of its lines."""
    return tuple(_read(path) for path in sorted(folder.glob("*/v*.md")))


def _read(path: Path) -> Protocol:
    text = path.read_text(encoding="utf-8")
    headings = list(_STEP.finditer(text))
    ends = [heading.start() for heading in headings[1:]] + [len(text)]
    steps = []
    for heading, end in zip(headings, ends, strict=True):
        fields = {name: value.strip() for name, value in _FIELD.findall(text[heading.end() : end])}
        if not {"Requisito", "Responsable", "Evidencia"} <= set(fields):
            raise ValueError(f"{path.parent.name}/{path.name}: step {heading['id']} lacks a line")
        steps.append(
            Step(
                id=heading["id"],
                title=heading["title"].strip(),
                requisite=fields["Requisito"],
                responsible=fields["Responsable"],
                evidence=fields["Evidencia"],
                by_people=fields.get("Cumplen") == "personas",
            )
        )
    digest = hashlib.sha256(text.encode()).hexdigest()
    return Protocol(name=path.parent.name, version=path.stem, digest=digest, steps=tuple(steps))
