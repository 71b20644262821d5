"""The made-up people of the RNPI as played, each derived from the RUN alone: the same on every machine."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from pathlib import Path

from lme_operator.core.canonical import Json
from lme_operator.core.run import Run, check_digit

_GIVEN = {
    "Femenino": ("Amanda Sofía", "Catalina", "Francisca Belén", "Isidora", "Millaray", "Paulina Andrea", "Ximena"),
    "Masculino": ("Benjamín", "Cristóbal Ignacio", "Diego", "Matías Alonso", "Nicolás", "Sebastián", "Vicente José"),
}
_SURNAMES = ("Aguilera", "Bustamante", "Cárdenas", "Fuenzalida", "Huenuman", "Leiva", "Núñez", "Oyarzún", "Riquelme",
             "Sepúlveda", "Tapia", "Urrutia", "Valdebenito", "Yáñez")  # fmt: skip
_TITLES = {
    1: ("Médico Cirujano", "Médico Cirujano"),
    2: ("Cirujano Dentista", "Cirujano Dentista"),
    3: ("Matrona", "Matrona"),
}
"""Kind → name of the group (`codigo_busqueda`) and title (`cod_antecedente`)."""

_FIRST_BIRTH, _BIRTHS = date(1956, 1, 1), 14_000


@dataclass(frozen=True, slots=True)
class Person:
    """A made-up person; `maternal` None has one surname. `kind`: 1 médico, 2 dentista, 3 matrona."""

    run: Run
    given: str
    paternal: str
    maternal: str | None
    kind: int
    sex: str
    born: date


@cache
def demonstration_people() -> Mapping[int, Person]:
    """The people of the demonstration, by number."""
    rows = tomllib.loads(Path(__file__).with_name("personas.toml").read_text(encoding="utf-8"))["persona"]
    return {
        row["numero"]: Person(
            Run(row["numero"]),
            row["nombres"],
            row["apellido_paterno"],
            row.get("apellido_materno"),
            row["profesion"],
            row["sexo"],
            row["nacimiento"],
        )
        for row in rows
    }


def person_of(run: Run) -> Person:
    """The person of a RUN: of the demonstration, or derived from the number."""
    known = demonstration_people().get(run.number)
    if known is not None:
        return known
    number = run.number
    sex = "Femenino" if number % 2 else "Masculino"
    return Person(
        run=run,
        given=_GIVEN[sex][number // 2 % len(_GIVEN[sex])],
        paternal=_SURNAMES[number // 14 % len(_SURNAMES)],
        maternal=_SURNAMES[number // 196 % len(_SURNAMES)],
        kind={8: 2, 9: 3}.get(number // 2 % 10, 1),
        sex=sex,
        born=_FIRST_BIRTH + timedelta(days=number * 37 % _BIRTHS),
    )


def record_of(person: Person) -> dict[str, Json]:
    """The record of a person in the API's own form: a date form a field, 'No Informada' for what is not known."""
    group, title = _TITLES[person.kind]
    graduated = person.born + timedelta(days=9300)
    registered = graduated + timedelta(days=60)
    return {
        "nro_registro": str(100_000 + person.run.number % 800_000),
        "sexo": person.sex,
        "apellido_materno": person.maternal or "",
        "apellido_paterno": person.paternal,
        "codigo_busqueda": group,
        "dv": check_digit(person.run.number),
        "fecha_nacimiento": f"{person.born.day}-{person.born.month}-{person.born.year}",
        "fecha_registro": f"{registered.day}-{registered.month}-{registered.year}",
        "nacionalidad": "Chilena",
        "nombres": person.given,
        "rut": person.run.number,
        "universidad": "No Informada",
        "observaciones": "",
        "antecedentes": [antecedent(title, graduated)],
        "fecha_carga": "07/04/2026",
    }


def antecedent(title: str, given_on: date) -> dict[str, Json]:
    """A title among the antecedents: its dates are month first."""
    return {
        "clase_antecedente": "Título",
        "cod_antecedente": title,
        "fecha_antecedente": f"{given_on:%m/%d/%Y}",
        "fecha_registro": "No Informada",
        "nro_resolucion": "000",
        "procedencia": "Universidad de Pruebas",
        "tipo_antecedente": "T",
    }
