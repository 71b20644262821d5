"""The verdict on an evidence file, offline: integrity, origin, signature, seal, time, log.

The order is that of formats v1: container, manifests, receipts, then signatures, so that these are judged at the
entry's instant and every byte of every member is accounted for, also those that XML signatures ignore.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum

from cryptography import x509

from lme_operator.core.canonical import NotCanonical, decode, to_base64url
from lme_operator.domain.audit import (
    EvidenceFault,
    KeyRole,
    TrustFile,
    VerifiedEntry,
    check_manifests,
    check_receipts,
    open_strict,
)
from lme_operator.domain.audit import Standing as KeyStanding
from lme_operator.domain.exports.authorisation import AuthorisationFault, judge_authorisation
from lme_operator.domain.issuance import LICENCE_ISSUED
from lme_operator.domain.signing import DocumentSignatures, SignatureFault, SignatureTrust, verify_document

_DOCUMENT, _CERTIFICATES = "v1/documento.xml", "v1/certificados.pem"
_AUTHORISATION, _POWERS, _ORIGIN = "v1/autorizacion.json", "v1/facultades.json", "v1/origen.json"
_MEMBERS = {_DOCUMENT, _CERTIFICATES, _AUTHORISATION, _POWERS, _ORIGIN}


class Overall(Enum):
    """The verdict in a word, with the exit code of `lme verificar`."""

    VALID = ("válida", 0)
    INDETERMINATE = ("indeterminada", 3)
    INVALID = ("inválida", 5)

    @property
    def word(self) -> str:
        """The word in Spanish."""
        return self.value[0]

    @property
    def exit_code(self) -> int:
        """The exit code."""
        return self.value[1]


@dataclass(frozen=True, slots=True)
class Line:
    """One question: `topic`, `answer` in words, and whether it is sound (None: it could not be told)."""

    topic: str
    answer: str
    sound: bool | None


@dataclass(frozen=True, slots=True)
class Verdict:
    """Every line, and the overall word: invalid if any line is unsound, indeterminate if any could not be told."""

    lines: tuple[Line, ...]

    @property
    def overall(self) -> Overall:
        """The worst of the lines."""
        if any(line.sound is False for line in self.lines):
            return Overall.INVALID
        if any(line.sound is None for line in self.lines):
            return Overall.INDETERMINATE
        return Overall.VALID


def judge_evidence(file: bytes, trust: TrustFile | None) -> Verdict:
    """Judge the evidence file of a licence. Never raises for what the file holds: every fault is a line."""
    try:
        members = open_strict(file)
        check_manifests(members)
        entries = check_receipts(members, trust)
    except EvidenceFault as fault:
        return Verdict((Line("integridad", f"alterada: {fault.member} ({fault.kind})", sound=False),))
    first = entries[0]
    missing = sorted(_MEMBERS - set(members))
    if missing or first.kind != LICENCE_ISSUED.code:
        what = f"falta {missing[0]}" if missing else f"no es de una licencia emitida ({first.kind})"
        return Verdict((Line("integridad", what, sound=False),))
    return Verdict(
        (
            Line("integridad", "íntegra: cada miembro coincide con su manifiesto y su recibo", sound=True),
            _origin(first, trust),
            *_signatures(members, first, trust),
            Line("tiempo", "pendiente: sin sello de tiempo de un tercero", sound=True),
            _log(entries),
        )
    )


def _origin(entry: VerifiedEntry, trust: TrustFile | None) -> Line:
    if trust is None:
        return Line("origen", "origen no comprobado: falta el archivo de confianza", sound=None)
    if entry.standing is KeyStanding.INDETERMINATE:
        return Line("origen", f"{entry.origin}: la llave del registro fue comprometida después", sound=None)
    return Line("origen", entry.origin, sound=True)


def _signatures(members: Mapping[str, bytes], entry: VerifiedEntry, trust: TrustFile | None) -> tuple[Line, ...]:
    """The lines of the professional's signature and of the seal, judged at the entry's instant."""
    try:
        certificates = _certificates(members[_CERTIFICATES])
        signed = verify_document(
            members[_DOCUMENT], trust=_signature_trust(certificates, entry, trust), instant=entry.at
        )
    except (SignatureFault, ValueError, x509.InvalidVersion) as fault:
        words = fault.kind.words if isinstance(fault, SignatureFault) else "Los certificados no se pueden leer."
        return (Line("firma del profesional", words, sound=False),)
    difference = _difference(members, signed, entry)
    if difference is not None:
        return (Line("firma del profesional", difference, sound=False),)
    return _professional(members, signed, entry, trust), _seal(certificates, trust)


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
    return Line("firma del profesional", f"válida, {judged.author}", sound=True)


def _seal(certificates: tuple[x509.Certificate, ...], trust: TrustFile | None) -> Line:
    if trust is None:
        return Line("sello", "coherente, con certificado no comprobado", sound=None)
    return Line("sello", f"válido, {certificates[1].subject.rfc4514_string()}", sound=True)


def _difference(members: Mapping[str, bytes], signed: DocumentSignatures, entry: VerifiedEntry) -> str | None:
    """Say where document, log entry and the other members disagree; None when they tell one story."""
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
            return f"El documento y el registro no dicen lo mismo ({name})."
    try:
        powers, origin = decode(members[_POWERS]), decode(members[_ORIGIN])
    except NotCanonical:
        return "Las facultades o el origen no están en su forma exacta."
    if not isinstance(powers, dict) or not isinstance(origin, dict) or powers.get("contexto") != signed.context:
        return "Las facultades no corresponden a esta licencia."
    return None


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


def _log(entries: tuple[VerifiedEntry, ...]) -> Line:
    witnesses = sorted({witness for entry in entries for witness in entry.witnesses})
    attested = f"atestiguada por {', '.join(witnesses)}" if witnesses else "no atestiguada"
    return Line("registro", f"incluida (entrada {entries[0].index}), {attested}", sound=True)
