"""What an enrolment in person demands, judged over its pieces: every requirement that is missing, each with its reason.

Pure: the use case judges with it under the lock, the officer's review shows the same findings, and `lme verificar`
judges a dossier again with these very functions.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from lme_operator.core.canonical import Json, from_base64url, parse_instant
from lme_operator.core.decision import Decision, Finding
from lme_operator.core.periods import local_day
from lme_operator.domain.credentials.assertions import thumbprint_of
from lme_operator.domain.enrolment.in_person import findings as told
from lme_operator.domain.enrolment.in_person.civil import compare
from lme_operator.domain.enrolment.in_person.pieces import KEYS, OWN_KEY, OWN_TOTP, TOTP, Piece, Task

_FACTORS = (TOTP, OWN_TOTP, OWN_KEY)


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """The parameters in force when the case is judged, as the dossier shows them; `terms` is the digest of the terms.

    `document_days`: how long an answer of the Registro Civil serves. `address_days`: greatest age of a proof of
    address. `supervised_minutes`: longest time from the verification of identity to the factor.
    """

    document_days: int
    address_days: int
    supervised_minutes: int
    terms: str

    def render(self) -> Json:
        """Return them as the dossier shows them."""
        return {
            "documento_consulta_dias": self.document_days,
            "domicilio_antiguedad_dias": self.address_days,
            "sesion_presencial_minutos": self.supervised_minutes,
            "condiciones": self.terms,
        }

    @classmethod
    def parse(cls, value: Json) -> "Limits":
        """Read what `render` wrote; raise `ValueError` when it is anything else."""
        try:
            limits = cls(
                document_days=value["documento_consulta_dias"],
                address_days=value["domicilio_antiguedad_dias"],
                supervised_minutes=value["sesion_presencial_minutos"],
                terms=value["condiciones"],
            )
        except (KeyError, TypeError) as error:
            raise ValueError("not the limits of a dossier") from error
        counts = (limits.document_days, limits.address_days, limits.supervised_minutes)
        if limits.render() != value or not all(type(count) is int and count >= 0 for count in counts):
            raise ValueError("not the limits of a dossier")
        return limits


@dataclass(frozen=True, slots=True, kw_only=True)
class Gathered:
    """A case as judged at `at`: when it was opened, its pieces in force, the limits."""

    opened_at: datetime
    at: datetime
    pieces: Mapping[Task, Piece]
    limits: Limits

    def content(self, task: Task) -> Mapping[str, Json]:
        """The content of a task's piece; empty when there is none."""
        piece = self.pieces.get(task)
        return {} if piece is None else piece.content


def adjudicate(gathered: Gathered) -> Decision:
    """Judge every requirement. Raises nothing for what the contents hold: what cannot be read is missing."""
    return Decision(tuple(finding for demand in _DEMANDS for finding in demand(gathered)))


def adjudicate_task(gathered: Gathered, task: Task) -> Decision:
    """Judge the requirements of one task, for the task list."""
    demands = (demand for demand, of in _DEMANDS.items() if of is task)
    return Decision(tuple(finding for demand in demands for finding in demand(gathered)))


def _data(gathered: Gathered) -> Iterator[Finding]:
    if Task.DATA not in gathered.pieces:
        yield told.DATA_MISSING


def _document(gathered: Gathered) -> Iterator[Finding]:
    piece = gathered.pieces.get(Task.DOCUMENT)
    if piece is None:
        yield told.DOCUMENT_MISSING
        return
    if piece.content.get("clase") == "rut_provisorio":
        yield from _authorisation(gathered, piece)
        return
    status = piece.content.get("estado")
    if status == "sin_respuesta":
        yield told.DOCUMENT_UNANSWERED
    elif status == "no_coincide":
        yield told.DOCUMENT_OF_ANOTHER
    elif status != "vigente":
        yield told.DOCUMENT_NOT_IN_FORCE
    expires = _day(piece.content.get("vence_en"))
    if expires is None or expires < local_day(gathered.at):
        yield told.DOCUMENT_EXPIRED
    if gathered.at - piece.at > timedelta(days=gathered.limits.document_days):
        yield told.DOCUMENT_ASKED_LONG_AGO


def _authorisation(gathered: Gathered, piece: Piece) -> Iterator[Finding]:
    """A provisional RUT serves with the ministry's authorisation given before the case was opened (N-2.1a)."""
    authorisation = piece.content.get("autorizacion")
    if not isinstance(authorisation, dict) or not _has_document(authorisation):
        yield told.AUTHORISATION_MISSING
        return
    given = _day(authorisation.get("fecha"))
    if given is None or given > local_day(gathered.opened_at):
        yield told.AUTHORISATION_LATER
    identity = gathered.pieces.get(Task.IDENTITY)
    if identity is not None and identity.by == piece.by:
        yield told.AUTHORISATION_BY_ONE


def _register(gathered: Gathered) -> Iterator[Finding]:
    piece = gathered.pieces.get(Task.RNPI)
    if piece is None:
        yield told.REGISTER_MISSING
        return
    result = piece.content.get("resultado")
    if result != "vigente":
        yield told.REGISTER_RESULTS.get(str(result), told.REGISTER_MISSING)
        return
    answered = _instant(piece.content.get("instante"))
    if answered is None or local_day(answered) != local_day(gathered.at) or answered > gathered.at:
        yield told.REGISTER_OF_ANOTHER_DAY
    if piece.content.get("observaciones") and not piece.content.get("observaciones_revisadas"):
        yield told.REGISTER_REMARKS


def _civil_data(gathered: Gathered) -> Iterator[Finding]:
    registered = gathered.content(Task.RNPI).get("registro")
    if Task.DATA not in gathered.pieces or not isinstance(registered, dict):
        return
    different = [field.label for field in compare(gathered.content(Task.DATA), registered) if not field.equal]
    if different:
        yield told.civil_data_differ(different)


def _address(gathered: Gathered) -> Iterator[Finding]:
    piece = gathered.pieces.get(Task.ADDRESS)
    if piece is None or not _has_document(piece.content):
        yield told.ADDRESS_MISSING
        return
    today, issued = local_day(gathered.at), _day(piece.content.get("fecha"))
    if issued is None or issued > today or issued < today - timedelta(days=gathered.limits.address_days):
        yield told.ADDRESS_OLD
    if piece.content.get("coincide") is not True or piece.content.get("direccion") != gathered.content(Task.DATA).get(
        "direccion"
    ):
        yield told.ADDRESS_OF_ANOTHER_PLACE


def _mail(gathered: Gathered) -> Iterator[Finding]:
    yield from _contact(gathered, Task.MAIL, told.MAIL_MISSING, told.MAIL_CHANGED)


def _telephone(gathered: Gathered) -> Iterator[Finding]:
    yield from _contact(gathered, Task.TELEPHONE, told.TELEPHONE_MISSING, told.TELEPHONE_CHANGED)


def _contact(gathered: Gathered, task: Task, missing: Finding, changed: Finding) -> Iterator[Finding]:
    piece = gathered.pieces.get(task)
    if piece is None:
        yield missing
    elif piece.content.get("direccion") != gathered.content(Task.DATA).get(task.value):
        yield changed


def _shared_contact(gathered: Gathered) -> Iterator[Finding]:
    """A decision covers the very contacts that it names."""
    decided = gathered.content(Task.SHARED_CONTACT)
    for task in (Task.MAIL, Task.TELEPHONE):
        content = gathered.content(task)
        if content.get("compartido") and decided.get(task.value) != content.get("direccion"):
            yield told.CONTACT_SHARED


def _identity(gathered: Gathered) -> Iterator[Finding]:
    """Two pictures and the provider's yes; or his 'cannot tell' and the officer's own word (N-2.2a, N-2.2b)."""
    content = gathered.content(Task.IDENTITY)
    if not content or not _are_two_pictures(content.get("archivos")):
        yield told.IDENTITY_MISSING
    elif content.get("resultado") == "no_coincide":
        yield told.IDENTITY_OF_ANOTHER
    elif content.get("resultado") != "coincide":
        yield told.IDENTITY_UNDETERMINED
    elif content.get("medio") != "biometria" and not (content.get("declaracion") and _could_not_tell(content)):
        yield told.IDENTITY_MISSING


def _could_not_tell(content: Mapping[str, Json]) -> bool:
    """Whether the provider was asked before the officer, and could not tell."""
    asked = content.get("biometria")
    return isinstance(asked, dict) and asked.get("resultado") in ("sin_datos", "sin_respuesta")


def _are_two_pictures(pictures: Json) -> bool:
    """Whether there are two documents, and not the same twice."""
    if not isinstance(pictures, list) or not all(_has_document({"archivo": picture}) for picture in pictures):
        return False
    return len(pictures) == 2 == len({picture["digesto"] for picture in pictures})


def _factor(gathered: Gathered) -> Iterator[Finding]:
    """The factor proves whose it is only if registered in the very session in which identity was verified (N-2.2a)."""
    factor, identity = gathered.pieces.get(Task.FACTOR), gathered.pieces.get(Task.IDENTITY)
    if factor is None or not _is_factor(factor.content):
        yield told.FACTOR_MISSING
        return
    if identity is None:
        return
    longest = timedelta(minutes=gathered.limits.supervised_minutes)
    same = (factor.session_id, factor.by) == (identity.session_id, identity.by)
    if not same or not identity.at <= factor.at <= identity.at + longest:
        yield told.FACTOR_OF_ANOTHER_SESSION


def _is_factor(content: Mapping[str, Json]) -> bool:
    """Whether it says what the factor is; keys alone are one to enter and one to sign, each a key that can be read."""
    keys = content.get("llaves", [])
    if not isinstance(keys, list) or not all(_is_key(key) for key in keys):
        return False
    return content.get("tipo") in _FACTORS or (
        content.get("tipo") == KEYS and sorted(key["proposito"] for key in keys) == ["entrada", "firma"]
    )


def _is_key(key: Json) -> bool:
    try:
        same: bool = thumbprint_of(from_base64url(key["llave_publica"])) == key["huella"]
    except (ValueError, TypeError, LookupError):
        return False
    return same and key.get("proposito") in ("entrada", "firma")


def _terms(gathered: Gathered) -> Iterator[Finding]:
    if gathered.content(Task.TERMS).get("digesto") != gathered.limits.terms:
        yield told.TERMS_MISSING


_DEMANDS: Mapping[Callable[[Gathered], Iterator[Finding]], Task] = {
    _data: Task.DATA,
    _document: Task.DOCUMENT,
    _register: Task.RNPI,
    _civil_data: Task.RNPI,
    _address: Task.ADDRESS,
    _mail: Task.MAIL,
    _telephone: Task.TELEPHONE,
    _shared_contact: Task.SHARED_CONTACT,
    _identity: Task.IDENTITY,
    _factor: Task.FACTOR,
    _terms: Task.TERMS,
}
"""Every requirement, in the order of the task list, and the task that cures it."""


def _has_document(content: Mapping[str, Json]) -> bool:
    document = content.get("archivo")
    return isinstance(document, dict) and bool(document.get("id")) and bool(document.get("digesto"))


def _day(value: Json) -> date | None:
    try:
        return date.fromisoformat(value)
    except (TypeError, ValueError):
        return None


def _instant(value: Json) -> datetime | None:
    try:
        return parse_instant(value)
    except (TypeError, ValueError):
        return None
