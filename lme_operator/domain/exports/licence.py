"""Judge the evidence of a licence: who signed, what the operator sealed, and whether the act was allowed."""

from collections.abc import Mapping, Sequence
from datetime import timedelta

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from lme_operator.core.canonical import Json, NotCanonical, decode, format_instant
from lme_operator.core.periods import local_day
from lme_operator.domain.audit.receipt import VerifiedEntry
from lme_operator.domain.audit.trust import KeyRole, TrustFile
from lme_operator.domain.audit.trust import Standing as KeyStanding
from lme_operator.domain.exports.act import ActFault, is_version_1, judge_act
from lme_operator.domain.exports.author import BY_CODE, BY_KEY, tell_author_of_code, tell_author_of_key
from lme_operator.domain.exports.authorisation import AuthorisationFault, judge_authorisation
from lme_operator.domain.exports.lines import STRANGER, Judged, Line
from lme_operator.domain.exports.register import Registered, RegisterFault, open_register
from lme_operator.domain.exports.scale import Author, Topic
from lme_operator.domain.issuance.events import LICENCE_RECHECKED
from lme_operator.domain.issuance.evidence import (
    ANSWER,
    AUTHORISATION,
    CERTIFICATES,
    DOCUMENT,
    ENDORSEMENT,
    EXCUSE,
    PLACE,
    POWERS,
    RECHECK,
)
from lme_operator.domain.signing import DocumentSignatures, FaultKind, SignatureFault, SignatureTrust, verify_document

_SECONDS_AGO = timedelta(seconds=60)
"""However the operator sets his parameter, what excuses is of 'hace segundos': consulta-rnpi@v1#reintento."""
_OF_SIGNERS = frozenset({FaultKind.SEAL_KEY, FaultKind.CERTIFICATE})
_RECHECK = {"v", "licencia", "excepcion", "consulta", "resultado", "respondida_en", "conforme", "instante"}
MEMBERS = frozenset({DOCUMENT, CERTIFICATES, AUTHORISATION, POWERS, PLACE})


def judge_licence(
    members: Mapping[str, bytes], entry: VerifiedEntry, trust: TrustFile | None, *, keys: tuple[str, ...] = ()
) -> Judged:
    """Return the lines of the professional's signature, of its author, of the seal and of time, at the entry's instant.

    `keys`: thumbprints that the reader has from the professional himself.
    """
    try:
        certificates = _certificates(members[CERTIFICATES])
    except (ValueError, x509.InvalidVersion):
        return _only("Los certificados no se pueden leer.", sound=False)
    known = _signature_trust(certificates, entry, trust)
    try:
        signed = verify_document(members[DOCUMENT], trust=known, instant=entry.at)
    except SignatureFault as fault:
        strange = fault.kind in _OF_SIGNERS and _is_strange(certificates, trust)
        return _only(STRANGER if strange else fault.kind.words, sound=None if strange else False)
    try:
        judge_act(
            document=members[DOCUMENT],
            certificates=members[CERTIFICATES],
            powers=members[POWERS],
            origin=members[PLACE],
            signed=signed,
            entry=entry,
        )
    except ActFault as act_fault:
        return _only(str(act_fault), sound=False)
    professional = _professional(members, signed, entry, trust, keys)
    time = Line(Topic.TIME, "pendiente: sin sello de tiempo de un tercero", sound=True, pending=True)
    lines = (*professional.lines, _seal(signed, trust), _register(members, entry, trust), time)
    return Judged(lines, professional.author)


def named_members(members: Mapping[str, bytes]) -> frozenset[str]:
    """Return the members that a licence may have besides: the proof of an RNPI out of reach, where it passed so (N-4c),
    and the accredited signature that endorses its key.
    """
    excuse = {EXCUSE} if _passed_by_exception(members) else set()
    return frozenset(excuse | {ENDORSEMENT})


def lacks_second_look(members: Mapping[str, bytes], entries: Sequence[VerifiedEntry]) -> tuple[Line, ...]:
    """Who passed while the RNPI was silent is looked at again (consulta-rnpi@v1#recontrol): its absence must show."""
    if not _passed_by_exception(members) or any(entry.kind == LICENCE_RECHECKED.code for entry in entries):
        return ()
    return (Line(Topic.SECOND_LOOK, "falta el segundo control del operador: pídale la versión siguiente", sound=None),)


def _passed_by_exception(members: Mapping[str, bytes]) -> bool:
    fact = _register_fact(members.get(POWERS, b""))
    return fact is not None and fact["norma"] == "N-4c"


def judge_recheck(
    members: Mapping[str, bytes], first: VerifiedEntry, entry: VerifiedEntry, trust: TrustFile | None
) -> Line:
    """Return the line of what the register answered afterwards about a licence passed under N-4c.

    Not in force then leaves the licence for a person to judge: it was allowed when it was issued.
    """
    try:
        said = decode(members[RECHECK])
        answered = open_register(members[ANSWER], first, trust, consultation_id=said["consulta"], later=True)
        alike = set(said) == _RECHECK and is_version_1(said["v"])
        alike = alike and all(
            entry.disclosed.get(name) == said[name] for name in ("licencia", "consulta", "resultado", "conforme")
        )
        alike = alike and all(entry.disclosed.get(name) == first.disclosed.get(name) for name in ("run", "folio"))
        instants = tuple(format_instant(at) for at in (answered.entry.at, entry.at))
        alike = alike and (said["respondida_en"], said["instante"]) == instants and answered.entry.at <= entry.at
        excuse = _register_fact(members[POWERS])
        alike = alike and excuse is not None and said["excepcion"] == excuse["valor"]["consulta"]
        sound = alike and first.index < answered.entry.index < entry.index
        sound = sound and answered.says("resultado") == said["resultado"]
        sound = sound and said["conforme"] is (said["resultado"] == "vigente")
    except (RegisterFault, NotCanonical, KeyError, TypeError) as fault:
        return Line(Topic.SECOND_LOOK, f"no se sostiene ({fault})", sound=False)
    if not sound or said["licencia"] != first.disclosed.get("licencia"):
        return Line(Topic.SECOND_LOOK, "es de otra licencia, o no dice lo que dice el registro", sound=False)
    words = "el RNPI respondió después «{}»".format(said["resultado"])
    if not said["conforme"]:
        return Line(Topic.SECOND_LOOK, f"{words}; en revisión: pregunte al operador", sound=None)
    return answered.line(Topic.SECOND_LOOK, words)


def _register(members: Mapping[str, bytes], entry: VerifiedEntry, trust: TrustFile | None) -> Line:
    """What the register said that day, or the proof that it could not be asked for a cause not the operator's."""
    fact = _register_fact(members[POWERS])
    if fact is None:
        return Line(Topic.REGISTER, "las facultades no lo nombran", sound=False)
    asked = fact["valor"]["consulta"]
    if fact["norma"] != "N-4c":
        return Line(Topic.REGISTER, f"vigente ese día, según la consulta {asked}", sound=True)
    try:
        excuse = open_register(members[EXCUSE], entry, trust, consultation_id=asked)
    except (RegisterFault, KeyError) as fault:
        return Line(Topic.REGISTER, str(fault), sound=False)
    if not excuse.excuses or not _is_of_this_act(fact["valor"], excuse, entry):
        return Line(Topic.REGISTER, "la consulta que se acompaña no permite la excepción", sound=False)
    seconds = int((entry.at - excuse.entry.at).total_seconds())
    cause = f"causa ajena ({excuse.says('motivo')}) según la política que la consulta declara"
    words = f"no respondió, {seconds} s antes, por {cause}; emitida por excepción, N-4c"
    return excuse.line(Topic.REGISTER, words)


def _is_of_this_act(told: Mapping[str, Json], excuse: Registered, entry: VerifiedEntry) -> bool:
    """Whether the powers name this very failure and the answer before it, and it was the same day, seconds before."""
    before = excuse.prior
    last = None if before is None else {name: before[name] for name in ("consulta", "instante")}
    named = told["instante"] == format_instant(excuse.entry.at) and told["ultima_vigente"] == last
    recent = timedelta(0) <= entry.at - excuse.entry.at <= _SECONDS_AGO
    return named and recent and excuse.says("dia") == local_day(entry.at).isoformat()


def _register_fact(powers: bytes) -> Mapping[str, Json] | None:
    """The fact of the register, in the form that `judge_act` demands; None in any other."""
    try:
        facts = decode(powers)["hechos"]
        fact = next(fact for fact in facts if fact["hecho"] == "rnpi_del_dia")
        return fact if {"norma", "valor"} <= set(fact) and "consulta" in fact["valor"] else None
    except (NotCanonical, KeyError, TypeError, StopIteration):
        return None


def _professional(
    members: Mapping[str, bytes],
    signed: DocumentSignatures,
    entry: VerifiedEntry,
    trust: TrustFile | None,
    keys: tuple[str, ...],
) -> Judged:
    """Two lines: that the document was authorised, and by whom the author is proven."""
    if trust is None:
        return _only("coherente, con certificados no comprobados", sound=None)
    try:
        judged = judge_authorisation(members[AUTHORISATION], signed, entry, trust)
    except AuthorisationFault as fault:
        return _only(str(fault), sound=False)
    if judged.kind != entry.disclosed.get("autorizacion"):
        return _only("El registro dice otra forma de autorización.", sound=False)
    endorsement = members.get(ENDORSEMENT)
    if judged.key is None and endorsement is not None:
        return _only(f"sobra {ENDORSEMENT}: ninguna llave la firmó", sound=False)
    if judged.key is None:
        return Judged((Line(Topic.SIGNATURE, BY_CODE, sound=True), tell_author_of_code(keys)), Author.CODE)
    author, bound = tell_author_of_key(
        judged.key, keys, endorsement=endorsement, run=signed.run, at=entry.at, trust=trust
    )
    return Judged((Line(Topic.SIGNATURE, BY_KEY, sound=True), author), bound)


def _only(words: str, *, sound: bool | None) -> Judged:
    return Judged((Line(Topic.SIGNATURE, words, sound=sound),))


def _seal(signed: DocumentSignatures, trust: TrustFile | None) -> Line:
    if trust is None:
        return Line(Topic.SEAL, "coherente, con certificado no comprobado", sound=None)
    return Line(Topic.SEAL, f"válido, {signed.chain[1].subject.rfc4514_string()}", sound=True)


def _certificates(pem: bytes) -> tuple[x509.Certificate, ...]:
    certificates = tuple(x509.load_pem_x509_certificates(pem))
    if len(certificates) != 3:
        raise ValueError("certificates of professional, seal and authority, in this order")
    return certificates


def _signature_trust(
    certificates: tuple[x509.Certificate, ...], entry: VerifiedEntry, trust: TrustFile | None
) -> SignatureTrust:
    """The certificates of the trust file in force at the entry; without one, those that the file itself brings."""
    if trust is None:
        return SignatureTrust((certificates[2],), (certificates[1],))
    return SignatureTrust(_trusted(trust, KeyRole.CA, entry.index), _trusted(trust, KeyRole.SEAL, entry.index))


def _is_strange(certificates: tuple[x509.Certificate, ...], trust: TrustFile | None) -> bool:
    """Whether seal or authority is one that the trust file does not name at all, as a newer one may."""
    if trust is None:
        return False
    pems = [certificate.public_bytes(Encoding.PEM) for certificate in certificates]
    named = {role: {key.public for key in trust.keys_of(role)} for role in (KeyRole.SEAL, KeyRole.CA)}
    return pems[1] not in named[KeyRole.SEAL] or pems[2] not in named[KeyRole.CA]


def _trusted(trust: TrustFile, role: KeyRole, index: int) -> tuple[x509.Certificate, ...]:
    return tuple(
        x509.load_pem_x509_certificate(key.public)
        for key in trust.keys_of(role)
        if key.standing(index) is KeyStanding.FIRM
    )
