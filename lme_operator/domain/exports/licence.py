"""Judge the evidence of a licence: who signed, what the operator sealed, and whether the act was allowed."""

from collections.abc import Mapping
from datetime import timedelta

from cryptography import x509

from lme_operator.core.canonical import Json, NotCanonical, decode, format_instant
from lme_operator.core.periods import local_day
from lme_operator.domain.audit.receipt import VerifiedEntry
from lme_operator.domain.audit.trust import KeyRole, TrustFile
from lme_operator.domain.audit.trust import Standing as KeyStanding
from lme_operator.domain.exports.act import ActFault, judge_act
from lme_operator.domain.exports.authorisation import AuthorisationFault, judge_authorisation
from lme_operator.domain.exports.lines import Line
from lme_operator.domain.exports.register import Registered, RegisterFault, open_register
from lme_operator.domain.issuance.evidence import ANSWER, EXCUSE, RECHECK
from lme_operator.domain.signing import DocumentSignatures, SignatureFault, SignatureTrust, verify_document

_DOCUMENT, _CERTIFICATES = "v1/documento.xml", "v1/certificados.pem"
_AUTHORISATION, _POWERS, _ORIGIN = "v1/autorizacion.json", "v1/facultades.json", "v1/origen.json"
_SECONDS_AGO = timedelta(seconds=60)
"""However the operator sets his parameter, what excuses is of 'hace segundos': consulta-rnpi@v1#reintento."""
MEMBERS = frozenset({_DOCUMENT, _CERTIFICATES, _AUTHORISATION, _POWERS, _ORIGIN})


def judge_licence(members: Mapping[str, bytes], entry: VerifiedEntry, trust: TrustFile | None) -> tuple[Line, ...]:
    """Return the lines of the professional's signature, of the seal and of time, judged at the entry's instant."""
    try:
        certificates = _certificates(members[_CERTIFICATES])
        signed = verify_document(
            members[_DOCUMENT], trust=_signature_trust(certificates, entry, trust), instant=entry.at
        )
    except (SignatureFault, ValueError, x509.InvalidVersion) as fault:
        words = fault.kind.words if isinstance(fault, SignatureFault) else "Los certificados no se pueden leer."
        return (Line("firma del profesional", words, sound=False),)
    try:
        judge_act(
            document=members[_DOCUMENT],
            certificates=members[_CERTIFICATES],
            powers=members[_POWERS],
            origin=members[_ORIGIN],
            signed=signed,
            entry=entry,
        )
    except ActFault as act_fault:
        return (Line("firma del profesional", str(act_fault), sound=False),)
    time = Line("tiempo", "pendiente: sin sello de tiempo de un tercero", sound=True, pending=True)
    return _professional(members, signed, entry, trust), _seal(signed, trust), _register(members, entry, trust), time


def named_excuse(members: Mapping[str, bytes]) -> frozenset[str]:
    """Return the member that the powers name: the proof of an RNPI out of reach, where the licence passed so (N-4c)."""
    fact = _register_fact(members[_POWERS])
    return frozenset({EXCUSE}) if fact is not None and fact["norma"] == "N-4c" else frozenset()


def judge_recheck(
    members: Mapping[str, bytes], first: VerifiedEntry, entry: VerifiedEntry, trust: TrustFile | None
) -> Line:
    """Return the line of what the register answered afterwards about a licence passed under N-4c.

    Not in force then leaves the licence for a person to judge: it was allowed when it was issued.
    """
    try:
        said = decode(members[RECHECK])
        answered = open_register(members[ANSWER], first, trust, consultation_id=said["consulta"], later=True)
        alike = all(
            entry.disclosed.get(name) == said[name] for name in ("licencia", "consulta", "resultado", "conforme")
        )
        sound = alike and first.index < answered.entry.index < entry.index
        sound = sound and answered.says("resultado") == said["resultado"]
        sound = sound and said["conforme"] is (said["resultado"] == "vigente")
    except (RegisterFault, NotCanonical, KeyError, TypeError) as fault:
        return Line("recontrol", f"no se sostiene ({fault})", sound=False)
    if not sound or said["licencia"] != first.disclosed.get("licencia"):
        return Line("recontrol", "es de otra licencia, o no dice lo que dice el registro", sound=False)
    words = "el RNPI respondió después «{}»".format(said["resultado"])
    return Line("recontrol", words, sound=True if said["conforme"] and answered.known else None)


def _register(members: Mapping[str, bytes], entry: VerifiedEntry, trust: TrustFile | None) -> Line:
    """What the register said that day, or the proof that it could not be asked for a cause not the operator's."""
    fact = _register_fact(members[_POWERS])
    if fact is None:
        return Line("RNPI", "las facultades no lo nombran", sound=False)
    asked = fact["valor"]["consulta"]
    if fact["norma"] != "N-4c":
        return Line("RNPI", f"vigente ese día, según la consulta {asked} (declarado por el operador)", sound=True)
    try:
        excuse = open_register(members[EXCUSE], entry, trust, consultation_id=asked)
    except (RegisterFault, KeyError) as fault:
        return Line("RNPI", str(fault), sound=False)
    if not excuse.excuses or not _is_of_this_act(fact["valor"], excuse, entry):
        return Line("RNPI", "la consulta que se acompaña no permite la excepción", sound=False)
    seconds = int((entry.at - excuse.entry.at).total_seconds())
    cause = f"causa ajena ({excuse.says('motivo')}) según la política que la consulta declara"
    words = f"no respondió, {seconds} s antes, por {cause}; emitida por excepción, N-4c"
    return Line("RNPI", words, sound=True if excuse.known else None)


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
    members: Mapping[str, bytes], signed: DocumentSignatures, entry: VerifiedEntry, trust: TrustFile | None
) -> Line:
    if trust is None:
        return Line("firma del profesional", "coherente, con certificados no comprobados", sound=None)
    try:
        judged = judge_authorisation(members[_AUTHORISATION], signed, entry, trust)
    except AuthorisationFault as fault:
        return Line("firma del profesional", str(fault), sound=False)
    if judged.kind != entry.disclosed.get("autorizacion"):
        return Line("firma del profesional", "El registro dice otra forma de autorización.", sound=False)
    if judged.standing is not KeyStanding.FIRM:
        words = "el registro de esa llave lo firma una llave comprometida, y ningún testigo lo atestiguó antes"
        return Line("firma del profesional", f"{judged.author}, pero {words}", sound=None)
    return Line("firma del profesional", f"válida, {judged.author}", sound=True)


def _seal(signed: DocumentSignatures, trust: TrustFile | None) -> Line:
    if trust is None:
        return Line("sello", "coherente, con certificado no comprobado", sound=None)
    return Line("sello", f"válido, {signed.chain[1].subject.rfc4514_string()}", sound=True)


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


def _trusted(trust: TrustFile, role: KeyRole, index: int) -> tuple[x509.Certificate, ...]:
    return tuple(
        x509.load_pem_x509_certificate(key.public)
        for key in trust.keys_of(role)
        if key.standing(index) is KeyStanding.FIRM
    )
