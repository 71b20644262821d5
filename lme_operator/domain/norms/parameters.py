"""Dated, cited parameters (`protocols/parametros.toml`)."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from lme_operator.core.citation import is_citation
from lme_operator.core.periods import local_day

Value = int | str | bool | tuple[str, ...] | tuple[int, ...]
_FIELDS = {"nombre", "valor", "desde", "cita", "fuente", "calidad", "activo"}


class UnknownParameter(KeyError):
    """No value of that name is in force at that date."""


@dataclass(frozen=True, slots=True)
class Parameter:
    """One value in force `since` a local day until superseded; `assumed` when no text fixes it."""

    name: str
    value: Value
    since: date
    citation: str
    source: str
    assumed: bool
    active: bool

    @property
    def number(self) -> int:
        """The value as an integer; raise `TypeError` when it is something else."""
        if not isinstance(self.value, int) or isinstance(self.value, bool):
            raise TypeError(f"{self.name} is not a number")
        return self.value


class Norms:
    """Every parameter by name, each with its history."""

    def __init__(self, parameters: tuple[Parameter, ...]) -> None:
        history: dict[str, list[Parameter]] = {}
        for parameter in sorted(parameters, key=lambda parameter: parameter.since):
            history.setdefault(parameter.name, []).append(parameter)
        self._history: Mapping[str, list[Parameter]] = history

    @classmethod
    def load(cls, folder: Path) -> "Norms":
        """Read `parametros.toml` in `folder`; raise `ValueError` on unknown or missing fields and bad citations."""
        rows = tomllib.loads((folder / "parametros.toml").read_text(encoding="utf-8"))["parametro"]
        return cls(tuple(_parse(row) for row in rows))

    def parameter(self, name: str, *, at: datetime) -> Parameter:
        """Return the parameter in force at instant `at`; raise `UnknownParameter`."""
        day = local_day(at)
        for parameter in reversed(self._history.get(name, [])):
            if parameter.since <= day:
                return parameter
        raise UnknownParameter(f"{name} at {day}")

    def all(self) -> tuple[Parameter, ...]:
        """Every value of every parameter, by name and date."""
        return tuple(parameter for name in sorted(self._history) for parameter in self._history[name])


def _parse(row: Mapping[str, object]) -> Parameter:
    if set(row) != _FIELDS:
        raise ValueError(f"parametros.toml: {row.get('nombre')}: fields must be exactly {sorted(_FIELDS)}")
    value, since, citation = row["valor"], row["desde"], str(row["cita"])
    if not isinstance(since, date) or not is_citation(citation) or row["calidad"] not in ("norma", "supuesto"):
        raise ValueError(f"parametros.toml: {row['nombre']}: bad date, citation or quality")
    if isinstance(value, list):
        value = tuple(value)
    if not isinstance(value, int | str | bool | tuple):
        raise ValueError(f"parametros.toml: {row['nombre']}: value of a kind that is not used")
    return Parameter(
        name=str(row["nombre"]),
        value=value,
        since=since,
        citation=citation,
        source=str(row["fuente"]),
        assumed=row["calidad"] == "supuesto",
        active=bool(row["activo"]),
    )
