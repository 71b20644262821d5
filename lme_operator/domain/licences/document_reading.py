"""The exact inverse of `render_document`: an official document read back into its order, for copies and for a new one.

What the renderer changes stays changed: texts in NFC, empty ones left out, instants in whole seconds, an e-mail that
the form does not admit lost, telephones in E.164 without spaces.
"""

from dataclasses import dataclass
from datetime import date, datetime

from lxml import etree

from lme_operator.core.canonical import Json, NotCanonical, decode
from lme_operator.core.periods import local_day
from lme_operator.core.run import InvalidRun, Run
from lme_operator.domain.licences.document_codes import PLACES, REST, SHIFTS
from lme_operator.domain.licences.document_schema import DocumentNotValid, OperatorIdentity, demand_valid
from lme_operator.domain.licences.order import (
    Address,
    Attention,
    Diagnosis,
    Employer,
    Issuer,
    LicenceOrder,
    PatientCertification,
    Person,
    Rest,
    RestPlace,
)
from lme_operator.domain.signing import LME, SignatureFault, read_exact

_NAMES = {"l": LME}
_SHIFTS, _PLACES, _REST = ({code: name for name, code in table.items()} for table in (SHIFTS, PLACES, REST))


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadDocument:
    """Everything that a document says. `provider_kind` is 1 public, 2 private institution, 3 the professional himself.

    `entity` is the `codigo_entidad` of who pronounces; `issued_at` is aware, in whole seconds.
    """

    order: LicenceOrder
    issuer: Issuer
    folio: str
    issued_at: datetime
    operator: OperatorIdentity
    provider_rut: Run
    provider_kind: str
    entity: int
    employer_subscribed: bool


def read_document(document: bytes) -> ReadDocument:
    """Read a prepared or signed document back; raise `DocumentNotValid` if it is not one of ours.

    Like `describe_document` it does not look at the signatures: verify them first, or read what we kept ourselves.
    """
    try:
        root = read_exact(document)
        demand_valid(root)
        return _document(root)
    except (SignatureFault, InvalidRun, NotCanonical, LookupError, TypeError, AttributeError, ValueError) as error:
        raise DocumentNotValid(str(error)) from error


def _document(root: etree._Element) -> ReadDocument:
    state = _child(root, "ZONA_0", "ZONA_01")
    zone = _child(root, "ZONA_A")
    return ReadDocument(
        order=_order(zone, employer=_child(state, "estado").get("emp_rut")),
        issuer=_issuer(_child(zone, "ZONA_A5")),
        folio=_text(state, "id_licencia"),
        issued_at=_instant(zone, "ZONA_A1", "fecha_emision"),
        operator=OperatorIdentity(
            rut=Run.parse(_text(state, "rut_operador")), code=int(_text(state, "codigo_operador"))
        ),
        provider_rut=Run.parse(_text(state, "prestador", "rut_prestador")),
        provider_kind=_text(state, "prestador", "tipo_prestador"),
        entity=int(_text(state, "codigo_entidad")),
        employer_subscribed=_yes(state, "empleador_adscrito"),
    )


def _order(zone: etree._Element, *, employer: str | None) -> LicenceOrder:
    of_act, of_patient = (_appended(signature) for signature in _children(zone, "ZONA_AF", "firma"))
    child = zone.find("l:ZONA_A2/l:hijo", _NAMES)
    case = _child(zone, "ZONA_A3")
    accident, conceived = (_optional(case, name) for name in ("fecha_accidente", "fecha_concepcion"))
    attention = of_act["atencion"]
    return LicenceOrder(
        worker=_person(_child(zone, "ZONA_A1", "trabajador")),
        child=None if child is None else _person(child),
        employer=None if employer is None else Employer(Run.parse(employer), of_act.get("empleador", {}).get("nombre")),
        kind=int(_text(case, "codigo_tipo_licencia")),
        rest_starts_on=local_day(_instant(zone, "ZONA_A1", "fecha_inicio_reposo")),
        days=int(_text(zone, "ZONA_A1", "tra_ndias")),
        rest=_rest(_child(zone, "ZONA_A4")),
        recoverable=_yes(case, "codigo_recuperabilidad"),
        disability_procedure=_yes(case, "codigo_inicio_tram_inv"),
        accident_at=None if accident is None else datetime.fromisoformat(accident),
        on_the_way=None if _optional(case, "codigo_trayecto") is None else _yes(case, "codigo_trayecto"),
        conceived_on=None if conceived is None else date.fromisoformat(conceived),
        diagnosis=_diagnosis(zone),
        attention=Attention(
            mode=attention["modalidad"],
            commune=attention["comuna"],
            establishment=attention.get("establecimiento"),
            reference=attention.get("referencia"),
            platform=attention.get("plataforma"),
        ),
        certification=PatientCertification(of_patient["modo"], of_patient["numero_documento"]),
    )


def _person(node: etree._Element) -> Person:
    return Person(
        run=Run.parse(_text(node, "rut")),
        given_names=_text(node, "nombres"),
        paternal_surname=_text(node, "apellido_paterno"),
        maternal_surname=_optional(node, "apellido_materno"),
        born_on=date.fromisoformat(_text(node, "fecha_nacimiento")),
        sex=_text(node, "sexo"),
    )


def _rest(zone: etree._Element) -> Rest:
    return Rest(
        kind=_REST[_text(zone, "codigo_tipo_reposo")],
        shifts=tuple(_SHIFTS[_text(node)] for node in _children(zone, "codigo_jornada_reposo")),
        places=tuple(
            RestPlace(
                _PLACES[_text(place, "codigo_lugar_reposo")],
                _address(_child(place, "direccion_reposo")),
                _optional(place, "justifica_domicilio"),
            )
            for place in _children(zone, "lugar_reposo")
        ),
        telephones=tuple(_telephone(node) for node in _children(zone, "telefono_reposo")),
    )


def _address(node: etree._Element) -> Address:
    return Address(
        street=_text(node, "calle"),
        number=_optional(node, "numero"),
        flat=_optional(node, "depto"),
        commune=_text(node, "comuna"),
        city=_optional(node, "ciudad"),
        country=_text(node, "pais"),
    )


def _telephone(node: etree._Element) -> str:
    return "+" + node.get("codigo_pais", "") + node.get("codigo_area", "") + _text(node, "telefono")


def _issuer(zone: etree._Element) -> Issuer:
    telephone = zone.find("l:prof_telefono", _NAMES)
    return Issuer(
        run=Run.parse(_text(zone, "profesional", "rut")),
        given_names=_text(zone, "profesional", "nombres"),
        paternal_surname=_text(zone, "profesional", "apellido_paterno"),
        maternal_surname=_optional(zone, "profesional", "apellido_materno"),
        speciality=_text(zone, "prof_especialidad"),
        kind=int(_text(zone, "codigo_tipo_profesional")),
        college_registry=_optional(zone, "prof_registro_colegio"),
        email=_optional(zone, "prof_email") or "",
        telephone="" if telephone is None else _telephone(telephone),
        address=_address(_child(zone, "prof_direccion")),
    )


def _diagnosis(zone: etree._Element) -> Diagnosis:
    clinical, codes = _child(zone, "ZONA_A6"), _child(zone, "ZONA_AC")
    return Diagnosis(
        main=_text(clinical, "diagnostico_principal"),
        cie10=_text(codes, "coddiagnostico_principal"),
        other=_optional(clinical, "diagnostico_otro"),
        other_cie10=_optional(codes, "coddiagnostico_otro"),
        clinical_notes=_optional(clinical, "antecedentes_clinicos"),
        supporting_exams=_optional(clinical, "examenes_apoyo"),
    )


def _path(names: tuple[str, ...]) -> str:
    return "/".join(f"l:{name}" for name in names) or "."


def _children(node: etree._Element, *names: str) -> list[etree._Element]:
    return node.findall(_path(names), _NAMES)


def _child(node: etree._Element, *names: str) -> etree._Element:
    return _children(node, *names)[0]


def _optional(node: etree._Element, *names: str) -> str | None:
    return node.findtext(_path(names), None, _NAMES)


def _text(node: etree._Element, *names: str) -> str:
    return _child(node, *names).text or ""


def _yes(node: etree._Element, *names: str) -> bool:
    return _text(node, *names) == "1"


def _instant(node: etree._Element, *names: str) -> datetime:
    return datetime.fromisoformat(_text(node, *names))


def _appended(signature: etree._Element) -> Json:
    """The JSON that follows the words of a `descripcion`."""
    text = _text(signature, "descripcion")
    return decode(text[text.index("{") :].encode())
