"""Judge whether every member tells of the same act, at the same instant, and whether that act was allowed.

A dishonest operator logs what he likes: a signature over the document says nothing of the members beside it. So each
has exactly its fields, each field its meaning, and what several say they must all say alike (N-1a, N-2.4b, N-6a).
"""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from cryptography.hazmat.primitives.serialization import Encoding

from lme_operator.core.canonical import Json, NotCanonical, decode, format_instant, parse_instant, to_base64url
from lme_operator.core.periods import local_day
from lme_operator.domain.audit.receipt import VerifiedEntry
from lme_operator.domain.licences.document import DocumentNotValid, describe_document
from lme_operator.domain.signing import DocumentSignatures
from lme_operator.domain.standing.rules import Act

_POWERS = {"v", "acto", "contexto", "epoca", "instante", "hechos", "riesgo"}
_PLACE = {"ip", "dispositivo", "lugar_declarado", "id_solicitud", "instante"}
_FACTS = (
    ("enrolamiento_vigente", "N-1a"),
    ("clave_vigente_hasta", "N-2.3b"),
    ("suspensiones_vigentes", "N-6a"),
    ("rnpi_del_dia", None),
)
"""Name and norm of each fact; the register's stands under N-4a, or under N-4c when it could not be asked."""
_RISK_NORM = "emision@v1#riesgo"


class ActFault(ValueError):
    """The members do not tell of one allowed act; the text says where, in Spanish."""


def judge_act(
    *,
    document: bytes,
    certificates: bytes,
    powers: bytes,
    origin: bytes,
    signed: DocumentSignatures,
    entry: VerifiedEntry,
) -> None:
    """Raise `ActFault` unless document, certificates, powers, origin and log entry tell of one allowed act.

    The instant of signing is the entry's: a document logged again later is another entry for the same signature.
    """
    _judge_entry(signed, entry)
    if certificates != b"".join(certificate.public_bytes(Encoding.PEM) for certificate in signed.chain):
        raise ActFault("certificados.pem no es el certificado de la firma, el del sello y el de la autoridad.")
    _judge_emission(document, signed.signing_time)
    _judge_powers(_read(powers, "facultades"), signed, entry)
    _judge_origin(_read(origin, "origen"), entry.at)


def is_version_1(value: Json) -> bool:
    """Whether a member's `v` is the integer 1 (`true` equals it in Python)."""
    return _is_count(value) and value == 1


def is_id(value: Json) -> bool:
    """Whether `value` is a UUID in its one form."""
    try:
        return isinstance(value, str) and str(UUID(value)) == value
    except ValueError:
        return False


def is_step(value: Json, at: datetime) -> bool:
    """Whether `value` is the 30 s step of a code that served at `at`, with one of tolerance (RFC 6238)."""
    return _is_count(value) and abs(value - int(at.timestamp()) // 30) <= 1


def _judge_entry(signed: DocumentSignatures, entry: VerifiedEntry) -> None:
    """The log entry is of this document, and of the instant at which it was signed."""
    said = {
        "run": str(signed.run),
        "folio": signed.folio,
        "contexto": signed.context,
        "documento": to_base64url(signed.prepared_digest),
        "certificado": signed.certificate_serial,
        "actor": f"persona:{signed.run}",
    }
    for name, value in said.items():
        if entry.disclosed.get(name) != value:
            raise ActFault(f"El documento y el registro no dicen lo mismo ({name}).")
    for name in ("licencia", "preparacion"):
        if not is_id(entry.disclosed.get(name)):
            raise ActFault(f"El registro no dice de qué {name} se trata.")
    if signed.signing_time != entry.at:
        raise ActFault("El instante de la firma no es el del registro.")


def _judge_emission(document: bytes, signing_time: datetime) -> None:
    """The document says that it was made on the local day of its signature, and not after it."""
    try:
        made = describe_document(document).issued_at
        sound = made <= signing_time and local_day(made) == local_day(signing_time)
    except (DocumentNotValid, ArithmeticError, LookupError, TypeError) as error:
        raise ActFault("El documento no es una licencia de la forma conocida.") from error
    if not sound:
        raise ActFault("La fecha de emisión del documento no es del día de su firma, o es posterior a ella.")


def _read(member: bytes, name: str) -> Mapping[str, Json]:
    try:
        value = decode(member)
    except NotCanonical as error:
        raise ActFault(f"{name}.json no está en su forma exacta.") from error
    if not isinstance(value, dict):
        raise ActFault(f"{name}.json no tiene los datos que debe tener.")
    return value


def _judge_powers(powers: Mapping[str, Json], signed: DocumentSignatures, entry: VerifiedEntry) -> None:
    """The act was issuing, here and then, and each fact allowed it."""
    if set(powers) != _POWERS or powers["v"] != 2 or not _is_count(powers["epoca"]):
        raise ActFault("facultades.json no tiene los datos que debe tener.")
    if (powers["acto"], powers["contexto"]) != (Act.ISSUE.value, signed.context):
        raise ActFault("Las facultades son de otro acto o de otro contexto.")
    if powers["instante"] != format_instant(entry.at):
        raise ActFault("Las facultades son de otro instante.")
    risk = powers["riesgo"]
    if not isinstance(risk, dict) or set(risk) != {"decision", "norma"} or risk["norma"] != _RISK_NORM:
        raise ActFault("Las facultades no dicen la decisión de riesgo.")
    if not _is_text(risk["decision"]) or not risk["decision"] or risk["decision"] != entry.disclosed.get("riesgo"):
        raise ActFault("Las facultades y el registro no dicen la misma decisión de riesgo.")
    enrolment, password_due, suspended, register = _facts(powers["hechos"])
    if not is_id(enrolment):
        raise ActFault("Las facultades no muestran un enrolamiento vigente.")
    if not _is_instant(password_due) or parse_instant(password_due) <= entry.at:
        raise ActFault("Las facultades no muestran una clave vigente.")
    if not _is_count(suspended) or suspended != 0:
        raise ActFault("Las facultades muestran una suspensión vigente.")
    if not _register_allows(powers["hechos"][-1]["norma"], register, entry.at):
        raise ActFault("Las facultades no muestran una inscripción en el RNPI consultada ese día.")


def _register_allows(norm: Json, register: Json, at: datetime) -> bool:
    """Whether the register said 'in force' that local day; or could not be asked, after an answer in force (N-4c)."""
    if not isinstance(register, dict) or set(register) != {"consulta", "resultado", "instante", "ultima_vigente"}:
        return False
    if not is_id(register["consulta"]) or not _is_instant(register["instante"]):
        return False
    asked, last = parse_instant(register["instante"]), register["ultima_vigente"]
    if asked > at or local_day(asked) != local_day(at):
        return False
    if norm == "N-4a":
        return (register["resultado"], last) == ("vigente", None)
    excused = norm == "N-4c" and register["resultado"] == "imposible" and isinstance(last, dict)
    return (
        excused and set(last) == {"consulta", "instante"} and is_id(last["consulta"]) and _is_instant(last["instante"])
    )


def _facts(facts: Json) -> tuple[Json, ...]:
    """The values of the facts, which are exactly those that issuing rests on, each under its norm."""
    exact = isinstance(facts, list) and all(
        isinstance(fact, dict) and set(fact) == {"hecho", "norma", "valor"} for fact in facts
    )
    if not exact or len(facts) != len(_FACTS):
        raise ActFault("Las facultades no dicen los hechos en que se apoya la emisión.")
    told = zip(facts, _FACTS, strict=True)
    if not all(fact["hecho"] == name and norm in (None, fact["norma"]) for fact, (name, norm) in told):
        raise ActFault("Las facultades no dicen los hechos en que se apoya la emisión.")
    return tuple(fact["valor"] for fact in facts)


def _judge_origin(origin: Mapping[str, Json], at: datetime) -> None:
    """Where it was prepared and where it was issued from: the first no later than the second, which is the act's."""
    exact = set(origin) == {"v", "preparacion", "emision"} and is_version_1(origin["v"])
    if not exact or not _is_place(origin["preparacion"]) or not _is_place(origin["emision"]):
        raise ActFault("origen.json no tiene los datos que debe tener.")
    if origin["emision"]["instante"] != format_instant(at):
        raise ActFault("El origen es de otro instante.")
    if parse_instant(origin["preparacion"]["instante"]) > at:
        raise ActFault("La preparación es posterior a la emisión.")


def _is_place(value: Json) -> bool:
    if not isinstance(value, dict) or set(value) != _PLACE or not _is_instant(value["instante"]):
        return False
    place = value["lugar_declarado"]
    texts = (value["ip"], value["dispositivo"], value["id_solicitud"])
    return all(map(_is_text, texts)) and (place is None or _is_text(place))


def _is_text(value: Json) -> bool:
    return isinstance(value, str)


def _is_count(value: Json) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def _is_instant(value: Json) -> bool:
    try:
        return isinstance(value, str) and bool(parse_instant(value))
    except NotCanonical:
        return False
