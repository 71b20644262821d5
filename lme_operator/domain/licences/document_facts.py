"""What an official document says, read from its bytes alone: for lists, copies and verdicts.

Only a document whose signatures were verified (or one that was just prepared) is worth reading.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from lxml import etree

from lme_operator.core.canonical import Json, NotCanonical, decode
from lme_operator.core.periods import local_day
from lme_operator.core.run import InvalidRun, Run
from lme_operator.domain.licences.document_schema import DocumentNotValid, OperatorIdentity, demand_valid
from lme_operator.domain.professionals.context import PracticeContext
from lme_operator.domain.signing import LME, SignatureFault, read_exact

_NAMES = {"l": LME}
_INDIVIDUAL = "3"


@dataclass(frozen=True, slots=True)
class DocumentFacts:
    """A licence as its document states it. No diagnosis: who needs it reads the document itself.

    `rest_ends_on` is the last day of rest. Names are as on the form: given names, then surnames.
    """

    folio: str
    operator: OperatorIdentity
    context: PracticeContext
    issuer: Run
    issuer_name: str
    profession: int
    worker: Run
    worker_name: str
    kind: int
    issued_at: datetime
    rest_starts_on: date
    rest_ends_on: date
    days: int
    partial: bool
    employer: Run | None
    attention: dict[str, str]
    certification: dict[str, str]


def describe_document(document: bytes) -> DocumentFacts:
    """Read a prepared or signed document; raise `DocumentNotValid` if it is not one of ours."""
    try:
        root = read_exact(document)
        demand_valid(root)
        return _facts(root)
    except (SignatureFault, InvalidRun, NotCanonical, KeyError, ValueError) as error:
        raise DocumentNotValid(str(error)) from error


def _facts(root: etree._Element) -> DocumentFacts:
    starts_on = local_day(datetime.fromisoformat(_text(root, "ZONA_A", "ZONA_A1", "fecha_inicio_reposo")))
    days = int(_text(root, "ZONA_A", "ZONA_A1", "tra_ndias"))
    provider = ("ZONA_0", "ZONA_01", "prestador")
    individual = _text(root, *provider, "tipo_prestador") == _INDIVIDUAL
    state = root.find("l:ZONA_0/l:ZONA_01/l:estado", _NAMES)
    employer = None if state is None else state.get("emp_rut")
    of_act, of_patient = (_appended(node) for node in root.findall("l:ZONA_A/l:ZONA_AF/l:firma", _NAMES))
    return DocumentFacts(
        folio=_text(root, "ZONA_0", "ZONA_01", "id_licencia"),
        operator=OperatorIdentity(
            rut=Run.parse(_text(root, "ZONA_0", "ZONA_01", "rut_operador")),
            code=int(_text(root, "ZONA_0", "ZONA_01", "codigo_operador")),
        ),
        context=PracticeContext(None if individual else Run.parse(_text(root, *provider, "rut_prestador"))),
        issuer=Run.parse(_text(root, "ZONA_A", "ZONA_A5", "profesional", "rut")),
        issuer_name=_name(root, "ZONA_A5", "profesional"),
        profession=int(_text(root, "ZONA_A", "ZONA_A5", "codigo_tipo_profesional")),
        worker=Run.parse(_text(root, "ZONA_A", "ZONA_A1", "trabajador", "rut")),
        worker_name=_name(root, "ZONA_A1", "trabajador"),
        kind=int(_text(root, "ZONA_A", "ZONA_A3", "codigo_tipo_licencia")),
        issued_at=datetime.fromisoformat(_text(root, "ZONA_A", "ZONA_A1", "fecha_emision")),
        rest_starts_on=starts_on,
        rest_ends_on=starts_on + timedelta(days=days - 1),
        days=days,
        partial=_text(root, "ZONA_A", "ZONA_A4", "codigo_tipo_reposo") == "2",
        employer=None if employer is None else Run.parse(employer),
        attention=of_act["atencion"],
        certification=of_patient,
    )


def _text(root: etree._Element, *path: str) -> str:
    return root.findtext("/".join(f"l:{name}" for name in path), "", _NAMES)


def _name(root: etree._Element, zone: str, person: str) -> str:
    parts = (_text(root, "ZONA_A", zone, person, name) for name in ("nombres", "apellido_paterno", "apellido_materno"))
    return " ".join(part for part in parts if part)


def _appended(signature: etree._Element) -> Json:
    """The JSON that follows the words of a `descripcion`."""
    text = signature.findtext("l:descripcion", "", _NAMES)
    return decode(text[text.index("{") :].encode())
