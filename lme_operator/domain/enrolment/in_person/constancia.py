"""The 'constancia de enrolamiento' that the professional takes home, declared PDF/A-3a and PDF/UA-1.

enrolamiento-presencial@v2#constancia
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from importlib import resources

import typst

from lme_operator.core.periods import legal_instant
from lme_operator.core.thumbprint import to_words
from lme_operator.domain.enrolment.in_person.registered import RegisteredFactor
from lme_operator.domain.professionals import PROFESSIONS

_SOURCE = (resources.files(__package__) / "constancia.typ").read_bytes()

_NEW_ACCESS = (
    "La clave inicial se envió al correo declarado y el código de activación al teléfono declarado. Al entrar por "
    "primera vez debe cambiar la clave."
)
_OWN_ACCESS = "Conserva la clave y el segundo factor que ya usaba."


@dataclass(frozen=True, slots=True, kw_only=True)
class Constancia:
    """What it says. `steps` are titles and instants; `rut` and `run` as people read them; `test` marks test systems.

    `factors` are what was registered in front of the officer: whoever finds here a key that is not his learns of it,
    and with the whole thumbprint on paper a stranger binds a signature to its owner without believing the operator.
    `own_access`: the professional had means of access before, and keeps them.
    """

    number: str
    operator: str
    rut: str
    name: str
    run: str
    kind: int
    context: str
    officer: str
    protocol: str
    at: datetime
    steps: Sequence[tuple[str, datetime]]
    factors: Sequence[RegisteredFactor]
    own_access: bool
    test: bool


def render_constancia(constancia: Constancia) -> bytes:
    """Render the PDF; the same facts always give the same bytes."""
    rows = (
        ("Profesional", constancia.name),
        ("RUN", constancia.run),
        ("Profesión", PROFESSIONS[constancia.kind]),
        ("Ejercicio", constancia.context),
        ("Habilitado desde", legal_instant(constancia.at)),
        ("Funcionario responsable", constancia.officer),
        ("Protocolo seguido", constancia.protocol),
    )
    data = {
        "numero": constancia.number,
        "operador": constancia.operator,
        "rut": constancia.rut,
        "pruebas": "PRUEBAS – sin validez legal" if constancia.test else "",
        "filas": rows,
        "acceso": _OWN_ACCESS if constancia.own_access else _NEW_ACCESS,
        "pasos": [(title, legal_instant(at)) for title, at in constancia.steps],
        "factores": [_factor(one) for one in constancia.factors],
    }
    pdf = typst.compile(
        _SOURCE,
        format="pdf",
        ignore_system_fonts=True,
        sys_inputs={"datos": json.dumps(data, ensure_ascii=False)},
        pdf_standards=["a-3a", "ua-1"],
        timestamp=int(constancia.at.timestamp()),
    )
    if not isinstance(pdf, bytes):
        raise TypeError("one document gives one file")
    return pdf


def _factor(one: RegisteredFactor) -> dict[str, str]:
    huella = one.thumbprint or ""
    words = to_words(huella) if huella else ""
    return {"que": one.words, "cuando": legal_instant(one.at), "huella": huella, "palabras": words}
