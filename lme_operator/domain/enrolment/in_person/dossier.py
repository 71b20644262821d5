"""The dossier: what an enrolment in person rests on, as an evidence file that strangers judge (N-2.4a, N-2.5a).

Members of version 1, besides `LEAME.txt`, manifest and receipt: the case with its pieces (`expediente.json`), the
enabling (`habilitacion.json`), the receipt of the officer's accreditation, the evidence file of the answer of the RNPI,
where the enabling came from, the constancia, and each document as it was brought.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from lme_operator.core.canonical import Json, decode, encode, format_instant, to_base64url
from lme_operator.domain.enrolment.in_person.case import Case, Holding
from lme_operator.domain.enrolment.in_person.pieces import Piece
from lme_operator.domain.enrolment.in_person.rules import Limits

CASE = "v1/expediente.json"
ENABLING = "v1/habilitacion.json"
ACCREDITATION = "v1/acreditacion.json"
REGISTER = "v1/rnpi.zip"
PLACE = "v1/origen.json"
CONSTANCIA = "v1/constancia.pdf"
MEMBERS = frozenset({CASE, ENABLING, ACCREDITATION, REGISTER, PLACE, CONSTANCIA})
"""What every dossier has; its documents are named in the case."""

DECLARATION = (
    "Verifiqué la identidad de la persona enrolada y los antecedentes de este expediente, "
    "y respondo por el enrolamiento."
)
_SUFFIX = {"application/pdf": "pdf", "image/jpeg": "jpg", "image/png": "png"}

README = """\
ARCHIVO DE EVIDENCIA DE UN ENROLAMIENTO PRESENCIAL

Este archivo se comprueba sin el sistema que lo emitió, con el programa «lme» y el archivo de confianza del operador:

    lme verificar expediente.zip --confianza confianza.json

Contenido de v1:
  expediente.json    el caso: protocolos, funcionarios que lo tuvieron y cada pieza reunida
  habilitacion.json  quién habilitó, con qué factor y qué declaró
  acreditacion.json  recibo de la acreditación de ese funcionario
  rnpi.zip           archivo de evidencia de la respuesta del RNPI
  origen.json        dirección IP y dispositivo desde los que se habilitó
  constancia.pdf     la constancia entregada al profesional
  archivo-N          los documentos, tal como se trajeron
  manifiesto.json    digest SHA-256 de cada miembro
  recibo.json        prueba de que el registro del operador contiene este manifiesto

Contiene datos personales y biométricos: trátelo como confidencial.
"""


@dataclass(frozen=True, slots=True)
class Paper:
    """A document of the dossier: the member that holds it, its id in the store, its digest as its piece says."""

    member: str
    id: UUID
    digest: str


def is_paper(member: str) -> bool:
    """Whether a member is a document of the store."""
    return member.startswith("v1/archivo-")


def papers_of(pieces: Sequence[Piece]) -> tuple[Paper, ...]:
    """Name every document that the pieces in force refer to, in the order of the tasks."""
    found = [reference for piece in pieces for reference in _references(piece.content)]
    return tuple(
        Paper(f"v1/archivo-{number}.{_SUFFIX[reference['tipo']]}", UUID(reference["id"]), reference["digesto"])
        for number, reference in enumerate(found, start=1)
    )


def render_case(
    case: Case, holdings: Sequence[Holding], pieces: Sequence[Piece], superseded: Sequence[Piece], limits: Limits
) -> bytes:
    """Write `expediente.json`. Of superseded pieces only what they were, by whom and when, with their digest."""
    return encode(
        {
            "v": 1,
            "caso": str(case.id),
            "run": str(case.run),
            "contexto": case.context.code,
            "protocolos": list(case.protocols),
            "apertura": {"por": case.opened_by, "instante": format_instant(case.at), "entrada": str(case.entry_id)},
            "funcionarios": [
                {"funcionario": held.holder, "desde": format_instant(held.at), "entrada": str(held.entry_id)}
                for held in holdings
            ],
            "parametros": limits.render(),
            "piezas": [piece.render() for piece in pieces],
            "reemplazadas": [_without_content(piece) for piece in superseded],
            "archivos": _listed(papers_of(pieces)),
        }
    )


def render_enabling(*, enrolment_id: UUID, case: Case, officer: str, mandate_id: UUID, step: int, at: str) -> bytes:
    """Write `habilitacion.json`: the officer's act, at an instant in which no suspension was in force."""
    return encode(
        {
            "v": 1,
            "enrolamiento": str(enrolment_id),
            "caso": str(case.id),
            "run": str(case.run),
            "contexto": case.context.code,
            "funcionario": officer,
            "acreditacion": str(mandate_id),
            "instante": at,
            "factor": {"tipo": "totp", "paso": step},
            "suspensiones_vigentes": 0,
            "declaracion": DECLARATION,
        }
    )


def papers_in(case: bytes) -> tuple[Paper, ...]:
    """Read which documents an `expediente.json` names; raise `ValueError` when it names them otherwise."""
    try:
        listed = decode(case)["archivos"]
        papers = tuple(Paper(one["miembro"], UUID(one["id"]), one["digesto"]) for one in listed)
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError("not the case of a dossier") from error
    if listed != _listed(papers) or not all(isinstance(paper.member, str) for paper in papers):
        raise ValueError("not the case of a dossier")
    return papers


def _listed(papers: Sequence[Paper]) -> list[Json]:
    return [{"miembro": paper.member, "id": str(paper.id), "digesto": paper.digest} for paper in papers]


def _references(content: Mapping[str, Json]) -> list[Mapping[str, Json]]:
    """The documents of a piece, wherever its kind keeps them."""
    inner = content.get("autorizacion")
    single = [content.get("archivo"), inner.get("archivo") if isinstance(inner, dict) else None]
    return [reference for reference in (*single, *content.get("archivos", ())) if reference is not None]


def _without_content(piece: Piece) -> Json:
    return {
        "id": str(piece.id),
        "tarea": piece.task.value,
        "por": piece.by,
        "instante": format_instant(piece.at),
        "entrada": str(piece.entry_id),
        "digesto": to_base64url(piece.digest),
    }
