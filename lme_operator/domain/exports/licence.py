"""Judge the evidence of a licence: who signed, what the operator sealed, and whether the act was allowed."""

from collections.abc import Mapping

from cryptography import x509

from lme_operator.domain.audit import KeyRole, TrustFile, VerifiedEntry
from lme_operator.domain.audit import Standing as KeyStanding
from lme_operator.domain.exports.act import ActFault, judge_act
from lme_operator.domain.exports.authorisation import AuthorisationFault, judge_authorisation
from lme_operator.domain.exports.lines import Line
from lme_operator.domain.signing import DocumentSignatures, SignatureFault, SignatureTrust, verify_document

_DOCUMENT, _CERTIFICATES = "v1/documento.xml", "v1/certificados.pem"
_AUTHORISATION, _POWERS, _ORIGIN = "v1/autorizacion.json", "v1/facultades.json", "v1/origen.json"
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
    return _professional(members, signed, entry, trust), _seal(signed, trust), time


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
