"""How enrolment is said to officers: tasks, results, papers. States are words (never a code, never a colour alone)."""

from collections.abc import Mapping
from datetime import date

from lme_operator.core.canonical import Json
from lme_operator.domain.enrolment.in_person import Comparison, Task, TaskView
from lme_operator.domain.licences.codes import communes
from lme_operator.domain.notices import State
from lme_operator.domain.professionals import PROFESSIONS
from lme_operator.entrypoints.pages.formats import day

TITLES: Mapping[Task, str] = {
    Task.DATA: "Datos del profesional",
    Task.DOCUMENT: "Documento de identidad",
    Task.RNPI: "Inscripción en el RNPI",
    Task.ADDRESS: "Comprobante de domicilio",
    Task.MAIL: "Correo",
    Task.TELEPHONE: "Teléfono",
    Task.SHARED_CONTACT: "Contacto compartido",
    Task.IDENTITY: "Verificación de identidad",
    Task.FACTOR: "Segundo factor",
    Task.TERMS: "Condiciones del servicio",
}
CARDS = {"cedula": "Cédula de identidad chilena", "cedula_ext": "Cédula de identidad para extranjeros"}
CARD_STATES = {
    "vigente": "Vigente",
    "no_vigente": "No vigente",
    "no_coincide": "El número no es de esta persona",
    "sin_respuesta": "No respondió",
}
REGISTER_RESULTS = {
    "vigente": "Inscripción vigente, con un título que permite emitir",
    "otro_titulo": "Inscrito con un título que no permite emitir",
    "no_inscrito": "No figura inscrito",
    "inconsistente": "Respondió con los datos de otra persona",
    "imposible": "No respondió",
}
ADDRESS_PAPERS = {
    "luz": "Cuenta de luz",
    "agua": "Cuenta de agua",
    "gas": "Cuenta de gas",
    "telefono": "Cuenta de teléfono o internet",
    "gastos_comunes": "Gastos comunes",
    "cuenta_bancaria": "Estado de cuenta bancario",
    "contrato": "Contrato de arriendo",
    "certificado": "Certificado de residencia",
}
MATCHES = {
    "coincide": "Es la misma persona",
    "no_coincide": "No es la misma persona",
    "sin_datos": "No hay datos con qué comparar",
    "sin_respuesta": "El proveedor no respondió",
    "no_se_puede_determinar": "No se puede determinar",
}
DELIVERIES = {
    State.PENDING: ("Por enviar", "still"),
    State.SENDING: ("Enviándose", "info"),
    State.ACCEPTED: ("Enviado", "done"),
    State.REFUSED: ("Rechazado", "wrong"),
    State.UNKNOWN: ("No se sabe si llegó", "warn"),
    State.EXPIRED: ("Venció sin enviarse", "wrong"),
}
"""Words of a message's state, and the kind of its mark."""
MESSAGES = {
    "clave_inicial": "Clave inicial",
    "codigo_de_activacion": "Código de activación",
    "codigo_de_contacto": "Código para confirmar el contacto",
    "enrolamiento": "Aviso de su enrolamiento",
    "llave_registrada": "Aviso de llave registrada",
    "llave_retirada": "Aviso de llave retirada",
    "llave_avalada": "Aviso de llave avalada",
}
_PENDING, _DOUBTED = ("Pendiente", "still"), ("Con reparo", "warn")


def state_of(task: TaskView) -> tuple[str, str]:
    """The words of a task's state and the kind of its mark: none once it is complete."""
    if task.done:
        return "Completa", ""
    return _PENDING if task.piece is None else _DOUBTED


def commune(code: str) -> str:
    """The name of a commune; its code if it is in force no more."""
    return dict(communes()).get(code, code)


def address_line(place: Mapping[str, Json]) -> str:
    """An address in one line, from a piece's content."""
    street = " ".join(part for part in (place["calle"], place["numero"]) if part)
    flat = f"depto. {place['depto']}" if place["depto"] else None
    return ", ".join(part for part in (street, flat, commune(place["comuna"]), place["ciudad"]) if part)


def full_name(declared: Mapping[str, Json]) -> str | None:
    """The name in a piece of declared data; None without one."""
    names = (declared.get("nombres"), declared.get("apellido_paterno"), declared.get("apellido_materno"))
    return " ".join(name for name in names if name) or None


def iso_day(text: str) -> str:
    """A day of a piece as people write it."""
    return day(date.fromisoformat(text))


def comparison_rows(comparisons: tuple[Comparison, ...]) -> list[tuple[str, str | None, str | None, bool]]:
    """Label, declared, registered and whether they are the same, in words."""
    return [
        (one.label, _said(one.field, one.declared), _said(one.field, one.registered), one.equal) for one in comparisons
    ]


def telephone(number: str) -> str:
    """`+56 9 1234 5678`; numbers of elsewhere as they are."""
    if len(number) == len("+56912345678") and number.startswith("+569"):
        return f"{number[:3]} {number[3]} {number[4:8]} {number[8:]}"
    return number


def _said(field: str, value: str | None) -> str | None:
    if value is None:
        return None
    if field == "fecha_nacimiento":
        return iso_day(value)
    return PROFESSIONS.get(int(value), value) if field == "profesion" and value.isdigit() else value
