"""What each piece of a case says, in words: the whole case as an officer reviews it before answering for it."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from lme_operator.core.canonical import Json
from lme_operator.domain.enrolment.in_person import Piece, Task, TaskView
from lme_operator.domain.professionals import PROFESSIONS
from lme_operator.entrypoints.console.officer.base import CaseScreen
from lme_operator.entrypoints.console.officer.words import (
    ADDRESS_PAPERS,
    CARD_STATES,
    CARDS,
    MATCHES,
    REGISTER_RESULTS,
    TITLES,
    address_line,
    full_name,
    iso_day,
    telephone,
)

Facts = Iterator[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Section:
    """A task in the review: its title and address, its facts in words, the documents that it rests on.

    `files`: (address, what it is). `pictures`: two addresses of previews, shown side by side, or none.
    """

    view: TaskView
    title: str
    path: str
    facts: tuple[tuple[str, str, None], ...]
    files: tuple[tuple[str, str], ...]
    pictures: tuple[str, ...]


def sections_of(case: CaseScreen) -> tuple[Section, ...]:
    """Every task of the case, in the order of the list."""
    return tuple(_section(case, view) for view in case.view.tasks)


def _section(case: CaseScreen, view: TaskView) -> Section:
    piece, path = view.piece, f"{case.path}/{view.task.value}"
    facts = () if piece is None else tuple((name, words, None) for name, words in _FACTS[piece.task](piece.content))
    return Section(
        view=view,
        title=TITLES[view.task],
        path=path,
        facts=facts,
        files=tuple((f"{path}/{name}", words) for name, words in _files(piece)),
        pictures=(f"{path}/foto-documento", f"{path}/foto-persona") if _has_pictures(piece) else (),
    )


def _data(content: Mapping[str, Json]) -> Facts:
    yield "Nombre", full_name(content) or ""
    yield "Fecha de nacimiento", iso_day(content["fecha_nacimiento"])
    yield "Profesión", f"{PROFESSIONS[content['profesion']]} · {content['especialidad']}"
    if content["registro_colegio"]:
        yield "Registro del colegio", content["registro_colegio"]
    yield "Domicilio", address_line(content["direccion"])
    yield "Correo", content["correo"]
    yield "Teléfono", telephone(content["telefono"])


def _document(content: Mapping[str, Json]) -> Facts:
    if content["clase"] == "rut_provisorio":
        authorisation = content["autorizacion"]
        yield "Documento", "RUT provisorio, con autorización del Ministerio de Salud"
        yield "Autorización", f"N° {authorisation['numero']}, del {iso_day(authorisation['fecha'])}"
        return
    yield "Documento", f"{CARDS[content['clase']]} N° {content['numero']}"
    yield "Vence", iso_day(content["vence_en"])
    yield "Registro Civil", CARD_STATES[content["estado"]]


def _register(content: Mapping[str, Json]) -> Facts:
    yield "Respuesta", REGISTER_RESULTS[content["resultado"]]
    registered = content["registro"]
    if registered:
        yield "Inscripción", f"N° {registered['nro_registro']} · {', '.join(registered['titulos'])}"
    if content["observaciones"]:
        yield "Observaciones", content["observaciones"]
        yield "Por qué no impiden", content.get("observaciones_revisadas", "Nadie las ha revisado")


def _address(content: Mapping[str, Json]) -> Facts:
    paper = ADDRESS_PAPERS.get(content["clase"], content["clase"])
    yield "Comprobante", f"{paper}, de {content['emisor']}, del {iso_day(content['fecha'])}"
    yield "Dirección que respalda", address_line(content["direccion"])
    yield "¿La respalda?", "Sí" if content["coincide"] else "No"


def _mail(content: Mapping[str, Json]) -> Facts:
    yield "Confirmado", content["direccion"]


def _telephone(content: Mapping[str, Json]) -> Facts:
    yield "Confirmado", telephone(content["direccion"])


def _shared(content: Mapping[str, Json]) -> Facts:
    yield "Decisión", content["motivo"]


def _identity(content: Mapping[str, Json]) -> Facts:
    yield "Resultado", MATCHES[content["resultado"]]
    if content["medio"] == "funcionario":
        yield "Verificó", "El funcionario, que comparó el documento y la persona"
        yield "Declaración", content["declaracion"]
        return
    provider = " ".join(part for part in (content["proveedor"], content["version"]) if part)
    yield "Verificó", provider or "Proveedor biométrico"
    if content["puntaje"] is not None:
        threshold = "" if content["umbral"] is None else f", mínimo {_share(content['umbral'])}"
        yield "Puntaje", f"{_share(content['puntaje'])}{threshold}"
    if content["referencia"]:
        yield "Referencia", content["referencia"]


def _factor(content: Mapping[str, Json]) -> Facts:
    yield "Factor", _FACTORS[content["tipo"]]
    if content["tipo"] in ("totp", "totp_propio"):
        yield "Demostrado", "Sí, con un código que dio el profesional"
    for key in content.get("llaves", ()):
        kept = "respaldada por su proveedor" if key["respaldada"] else "sólo en el dispositivo"
        yield f"Llave para {_USES[key['proposito']]}", f"{key['huella'][:12]}…, {kept}"


_FACTORS = {
    "totp": "Aplicación de códigos, registrada en este caso",
    "llave": "Llaves de seguridad, registradas en este caso",
    "totp_propio": "La aplicación de códigos que ya usaba",
    "llave_propia": "La llave de seguridad que ya usaba, que respondió",
}
_USES = {"entrada": "entrar", "firma": "firmar"}


def _terms(_content: Mapping[str, Json]) -> Facts:
    yield "Aceptadas", "Sí, con el texto vigente"


_FACTS: Mapping[Task, Callable[[Mapping[str, Json]], Facts]] = {
    Task.DATA: _data,
    Task.DOCUMENT: _document,
    Task.RNPI: _register,
    Task.ADDRESS: _address,
    Task.MAIL: _mail,
    Task.TELEPHONE: _telephone,
    Task.SHARED_CONTACT: _shared,
    Task.IDENTITY: _identity,
    Task.FACTOR: _factor,
    Task.TERMS: _terms,
}


def _files(piece: Piece | None) -> Iterator[tuple[str, str]]:
    """Originals that may be downloaded, but pictures, which are shown."""
    if piece is None:
        return
    if piece.task is Task.DOCUMENT and piece.content["clase"] == "rut_provisorio":
        yield "original", "Descargar la autorización, tal como se trajo"
    elif piece.task is Task.ADDRESS:
        if piece.content["archivo"]["tipo"].startswith("image/"):
            yield "vista", "Ver el comprobante"
        yield "original", "Descargar el comprobante, tal como se trajo"


def _has_pictures(piece: Piece | None) -> bool:
    return piece is not None and piece.task is Task.IDENTITY and len(piece.content["archivos"]) == 2


def _share(thousandths: int) -> str:
    """Thousandths as people read them: `0,970`."""
    return f"{thousandths / 1000:.3f}".replace(".", ",")
