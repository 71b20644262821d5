"""Judge the dossier of an enrolment in person: every requirement again, who answers for it, what the RNPI said.

The requirements are judged by the very rules that enabled (`enrolment.in_person.rules`), over the pieces as kept. The
verdict is a stranger's, offline: of the parameters and terms, which are the operator's, it shows the values.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime

from lme_operator.core.canonical import Json, NotCanonical, decode, format_instant, parse_instant, sha256, to_base64url
from lme_operator.domain.audit.entry import ACTOR
from lme_operator.domain.audit.receipt import ReceiptFault, VerifiedEntry, verify_receipt
from lme_operator.domain.audit.trust import Standing as KeyStanding
from lme_operator.domain.audit.trust import TrustFile
from lme_operator.domain.enrolment.in_person import dossier
from lme_operator.domain.enrolment.in_person.pieces import Piece, Task
from lme_operator.domain.enrolment.in_person.rules import Gathered, Limits, adjudicate
from lme_operator.domain.exports.act import is_id, is_step, is_version_1
from lme_operator.domain.exports.answers import DossierFault, judge_answers, judge_register_piece
from lme_operator.domain.exports.lines import Line, doubt
from lme_operator.domain.exports.register import RegisterFault, open_register
from lme_operator.domain.exports.scale import Topic
from lme_operator.domain.mandates.events import OFFICER_ACCREDITED

MEMBERS = dossier.MEMBERS
_CASE = {
    "v", "caso", "run", "contexto", "protocolos", "apertura", "funcionarios", "parametros", "piezas", "reemplazadas",
    "archivos",
}  # fmt: skip
_ENABLING = {
    "v", "enrolamiento", "caso", "run", "contexto", "funcionario", "acreditacion", "instante", "factor",
    "suspensiones_vigentes", "declaracion",
}  # fmt: skip
_PLACE = {"v", "ip", "dispositivo", "id_solicitud", "instante"}
_PROTOCOLS = ("enrolamiento-presencial@v1:", "enrolamiento-presencial@v2:")


def named_papers(members: Mapping[str, bytes]) -> frozenset[str]:
    """Return the members that the case itself names; none when it cannot be read, and then they are too many."""
    try:
        return frozenset(paper.member for paper in dossier.papers_in(members[dossier.CASE]))
    except ValueError:
        return frozenset()


def judge_enrolment(members: Mapping[str, bytes], entry: VerifiedEntry, trust: TrustFile | None) -> tuple[Line, ...]:
    """Return the lines of the requirements, of the officer who answers, and of the register's answer."""
    try:
        case = _read(members[dossier.CASE], _CASE, "expediente.json")
        enabling = _read(members[dossier.ENABLING], _ENABLING, "habilitacion.json")
        _judge_alike(case, enabling, _read(members[dossier.PLACE], _PLACE, "origen.json"), entry)
        pieces = _judge_pieces(case, members, entry.at)
        _judge_holders(case, pieces, enabling["funcionario"])
        gathered = _gathered(case, pieces, entry.at)
        missing = adjudicate(gathered).findings
        if not missing:
            judge_answers(pieces, opened_at=gathered.opened_at, superseded=case["reemplazadas"])
    except (ValueError, TypeError, LookupError, AttributeError, ArithmeticError) as fault:
        words = str(fault) if isinstance(fault, DossierFault) else "El expediente no tiene la forma conocida."
        return (Line(Topic.REQUIREMENTS, words, sound=False),)
    if missing:
        return (Line(Topic.REQUIREMENTS, " ".join(finding.cause for finding in missing), sound=False),)
    return (
        Line(Topic.REQUIREMENTS, _complete(gathered.limits), sound=True),
        _responsible(members, enabling, entry, trust),
        _register(members, pieces, entry, trust),
    )


def _read(member: bytes, fields: set[str], name: str) -> Mapping[str, Json]:
    try:
        value = decode(member)
    except NotCanonical as error:
        raise DossierFault(f"{name} no está en su forma exacta.") from error
    if not isinstance(value, dict) or set(value) != fields or not is_version_1(value["v"]):
        raise DossierFault(f"{name} no tiene los datos que debe tener.")
    return value


def _judge_alike(
    case: Mapping[str, Json], enabling: Mapping[str, Json], place: Mapping[str, Json], entry: VerifiedEntry
) -> None:
    """Case, enabling, origin and log entry tell of one act, at one instant, allowed."""
    told = {
        "enrolamiento": enabling["enrolamiento"],
        "caso": case["caso"],
        "run": case["run"],
        "contexto": case["contexto"],
        "funcionario": enabling["funcionario"],
        "acreditacion": enabling["acreditacion"],
        "protocolos": case["protocolos"],
        "actor": enabling["funcionario"],
        "ip": place["ip"],
    }
    for name, value in told.items():
        if entry.disclosed.get(name) != value:
            raise DossierFault(f"El expediente y el registro no dicen lo mismo ({name}).")
    if any(case[name] != enabling[name] for name in ("caso", "run", "contexto")):
        raise DossierFault("La habilitación es de otro caso.")
    if not is_id(enabling["enrolamiento"]) or not is_id(case["caso"]):
        raise DossierFault("El expediente no dice de qué enrolamiento se trata.")
    _judge_forms(case, place)
    _judge_enabling(case, enabling, entry.at)
    at = format_instant(entry.at)
    if enabling["instante"] != at or place["instante"] != at:
        raise DossierFault("La habilitación es de otro instante.")


def _judge_forms(case: Mapping[str, Json], place: Mapping[str, Json]) -> None:
    """What is only declared has the form of what it is, and nothing beside it."""
    listed = (
        ([case["apertura"]], {"por", "instante", "entrada"}),
        (case["funcionarios"], {"funcionario", "desde", "entrada"}),
        (case["reemplazadas"], {"id", "tarea", "por", "instante", "entrada", "digesto"}),
    )
    exact = all(isinstance(told, list) and all(set(one) == fields for one in told) for told, fields in listed)
    texts = [text for told, _ in listed for one in told for text in one.values()]
    texts += [*case["protocolos"], *(place[name] for name in ("ip", "dispositivo", "id_solicitud"))]
    if not exact or not isinstance(case["protocolos"], list) or not all(isinstance(text, str) for text in texts):
        raise DossierFault("El expediente no tiene los datos que debe tener.")


def _judge_enabling(case: Mapping[str, Json], enabling: Mapping[str, Json], at: datetime) -> None:
    """The officer, with his own factor, declared what he must, of somebody who was not suspended."""
    if enabling["suspensiones_vigentes"] != 0 or enabling["suspensiones_vigentes"] is False:
        raise DossierFault("La habilitación muestra una suspensión vigente.")
    factor = enabling["factor"]
    exact = isinstance(factor, dict) and set(factor) == {"tipo", "paso"} and factor["tipo"] == "totp"
    if not exact or not is_step(factor["paso"], at):
        raise DossierFault("La habilitación no dice con qué factor se autorizó.")
    if enabling["declaracion"] != dossier.DECLARATION:
        raise DossierFault("El funcionario no declaró lo que debe declarar.")
    if enabling["funcionario"] == f"persona:{case['run']}":
        raise DossierFault("Nadie se enrola a sí mismo.")
    if not any(pinned.startswith(_PROTOCOLS) for pinned in case["protocolos"]):
        raise DossierFault("El expediente no sigue un protocolo conocido.")


def _judge_pieces(case: Mapping[str, Json], members: Mapping[str, bytes], at: datetime) -> Sequence[Piece]:
    """One piece a task, none later than the enabling, each with its own digest, and the papers that they name."""
    pieces = [Piece.parse(value) for value in case["piezas"]]
    if len({piece.task for piece in pieces}) != len(pieces) or any(piece.at > at for piece in pieces):
        raise DossierFault("Hay piezas repetidas, o posteriores a la habilitación.")
    papers = dossier.papers_of(pieces)
    if papers != dossier.papers_in(members[dossier.CASE]):
        raise DossierFault("Los documentos no son los que nombran las piezas.")
    for paper in papers:
        if paper.member not in members or to_base64url(sha256(members[paper.member])) != paper.digest:
            raise DossierFault(f"{paper.member} no es el documento que nombra su pieza.")
    return pieces


def _judge_holders(case: Mapping[str, Json], pieces: Sequence[Piece], enabled_by: Json) -> None:
    """Each piece was gathered by who then had the case; who enabled had it last."""
    holders = [(parse_instant(held["desde"]), held["funcionario"]) for held in case["funcionarios"]]
    opened = (parse_instant(case["apertura"]["instante"]), case["apertura"]["por"])
    if not holders or holders[0] != opened or holders != sorted(holders, key=lambda held: held[0]):
        raise DossierFault("No se sabe quién tuvo el caso.")
    if holders[-1][1] != enabled_by:
        raise DossierFault("Habilitó quien no tenía el caso.")
    for piece in pieces:
        had = [officer for since, officer in holders if since <= piece.at]
        if not had or had[-1] != piece.by:
            raise DossierFault(f"La pieza «{piece.task.value}» es de quien no tenía el caso.")


def _gathered(case: Mapping[str, Json], pieces: Sequence[Piece], at: datetime) -> Gathered:
    return Gathered(
        opened_at=parse_instant(case["apertura"]["instante"]),
        at=at,
        pieces={piece.task: piece for piece in pieces},
        limits=Limits.parse(case["parametros"]),
    )


def _complete(limits: Limits) -> str:
    """What was judged again, and what stands on the operator's word."""
    terms = (
        f"{limits.document_days} días la consulta de la cédula, {limits.address_days} días el comprobante de domicilio,"
        f" {limits.supervised_minutes} minutos entre identidad y factor"
    )
    declared = f"qué respondieron terceros sobre la identidad, las condiciones y los plazos: {terms}"
    return f"cumplidos, juzgados de nuevo pieza por pieza; declarado por el operador: {declared}"


def _responsible(
    members: Mapping[str, bytes], enabling: Mapping[str, Json], entry: VerifiedEntry, trust: TrustFile | None
) -> Line:
    """The officer was accredited then, by two others, in this very log (N-1b, N-1l)."""
    try:
        accredited = verify_receipt(decode(members[dossier.ACCREDITATION]), trust)
    except (ReceiptFault, NotCanonical) as error:
        return Line(Topic.RESPONSIBLE, f"El recibo de la acreditación no se sostiene ({error}).", sound=False)
    said = accredited.disclosed
    try:
        until = None if said["hasta"] is None else parse_instant(said["hasta"])
        in_force = parse_instant(said["desde"]) <= entry.at and (until is None or entry.at < until)
    except (KeyError, TypeError, NotCanonical):
        in_force = False
    same = (
        accredited.kind == OFFICER_ACCREDITED.code
        and accredited.origin == entry.origin
        and accredited.index < entry.index
        and accredited.at <= entry.at
        and said.get("mandato") == enabling["acreditacion"]
        and f"persona:{said.get('run')}" == enabling["funcionario"]
        and _are_two_others(said.get("propone"), said.get(ACTOR), enabling["funcionario"])
    )
    if not same or not in_force:
        return Line(Topic.RESPONSIBLE, "Quien habilitó no muestra una acreditación vigente.", sound=False)
    if accredited.standing is not KeyStanding.FIRM:
        compromised = "la acreditación la firma una llave comprometida sin testigo previo"
        return Line(Topic.RESPONSIBLE, doubt(accredited.standing, compromised), sound=None)
    words = f"{enabling['funcionario'].removeprefix('persona:')}, acreditado, con su segundo factor"
    return Line(Topic.RESPONSIBLE, words, sound=None if trust is None else True)


def _are_two_others(proposed_by: Json, accredited_by: Json, officer: Json) -> bool:
    """Whether two people, neither of them the officer, proposed and accredited him (N-1b)."""
    people = {person for person in (proposed_by, accredited_by, officer) if isinstance(person, str)}
    return len(people) == 3 and all(person.startswith("persona:") for person in people)


def _register(
    members: Mapping[str, bytes], pieces: Sequence[Piece], entry: VerifiedEntry, trust: TrustFile | None
) -> Line:
    """The register's answer holds by itself, and is the one that the piece names (N-2.1b)."""
    piece = next(piece for piece in pieces if piece.task is Task.RNPI)
    try:
        answered = open_register(members[dossier.REGISTER], entry, trust, consultation_id=piece.content["consulta"])
        judge_register_piece(piece, answered, enabled_at=entry.at)
    except (RegisterFault, DossierFault) as fault:
        return Line(Topic.REGISTER, str(fault), sound=False)
    words = f"respondió «vigente» (entrada {answered.entry.index})"
    return answered.line(Topic.REGISTER, words)
