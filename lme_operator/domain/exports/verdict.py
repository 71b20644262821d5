"""The verdict on an evidence file, offline: integrity, origin, signature, seal, time, log.

The order is that of formats v1: container, manifests, receipts, then signatures, so that these are judged at the
entry's instant and every byte of every member is accounted for, also those that XML signatures ignore.
"""

from collections.abc import Mapping, Set
from dataclasses import dataclass
from enum import Enum

from cryptography import x509

from lme_operator.domain.audit import (
    EvidenceFault,
    KeyRole,
    TrustFile,
    VerifiedEntry,
    check_manifests,
    check_receipts,
    manifest_name,
    open_strict,
    receipt_name,
)
from lme_operator.domain.audit import Standing as KeyStanding
from lme_operator.domain.exports.act import ActFault, judge_act
from lme_operator.domain.exports.authorisation import AuthorisationFault, judge_authorisation
from lme_operator.domain.issuance import LICENCE_ISSUED
from lme_operator.domain.signing import DocumentSignatures, SignatureFault, SignatureTrust, verify_document

_DOCUMENT, _CERTIFICATES = "v1/documento.xml", "v1/certificados.pem"
_AUTHORISATION, _POWERS, _ORIGIN = "v1/autorizacion.json", "v1/facultades.json", "v1/origen.json"
_MEMBERS = {_DOCUMENT, _CERTIFICATES, _AUTHORISATION, _POWERS, _ORIGIN}
_NOVELTIES: Mapping[str, frozenset[str]] = {}
"""Kinds of entry that a later version may have, and its members besides manifest and receipt. None is issued yet."""


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
    """One question: `topic`, `answer` in words, and whether it is sound (None: it could not be told).

    `pending`: sound as far as it goes, and lacking what a third party has yet to add. It worsens no verdict, and is
    not to be shown as if nothing were lacking.
    """

    topic: str
    answer: str
    sound: bool | None
    pending: bool = False


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
    wrong = _first_version_fault(members, first)
    if wrong is not None:
        return Verdict((Line("integridad", wrong, sound=False),))
    return Verdict(
        (
            _integrity(members, entries),
            _origin(entries, trust),
            *_signatures(members, first, trust),
            Line("tiempo", "pendiente: sin sello de tiempo de un tercero", sound=True, pending=True),
            _log(entries),
        )
    )


def _first_version_fault(members: Mapping[str, bytes], first: VerifiedEntry) -> str | None:
    """Version 1 is a licence issued, with exactly its members: else there is nothing to judge."""
    missing = sorted(_MEMBERS - set(members))
    if missing:
        return f"falta {missing[0]}"
    extra = _extra(members, 1, _MEMBERS)
    if extra:
        return f"sobra {extra[0]}"
    return None if first.kind == LICENCE_ISSUED.code else f"no es de una licencia emitida ({first.kind})"


def _integrity(members: Mapping[str, bytes], entries: tuple[VerifiedEntry, ...]) -> Line:
    """What was added later must be of a known kind, with exactly the members of that kind."""
    for version, entry in enumerate(entries[1:], start=2):
        known = _NOVELTIES.get(entry.kind)
        if known is None:
            return Line("integridad", f"v{version}: novedad desconocida ({entry.kind})", sound=False)
        of_version = {f"v{version}/{name}" for name in known}
        wrong = [*sorted(of_version - set(members)), *_extra(members, version, of_version)]
        if wrong:
            return Line("integridad", f"v{version}: falta o sobra {wrong[0]}", sound=False)
    return Line("integridad", "íntegra: cada miembro coincide con su manifiesto y su recibo", sound=True)


def _extra(members: Mapping[str, bytes], version: int, known: Set[str]) -> list[str]:
    """Members of the version that nobody asks for."""
    known = known | {manifest_name(version), receipt_name(version)}
    return sorted(name for name in members if name.startswith(f"v{version}/") and name not in known)


def _origin(entries: tuple[VerifiedEntry, ...], trust: TrustFile | None) -> Line:
    """Whose log it is: as firm as the least firm of the entries."""
    origin = entries[0].origin
    if trust is None:
        return Line("origen", "origen no comprobado: falta el archivo de confianza", sound=None)
    for version, entry in enumerate(entries, start=1):
        if entry.standing is not KeyStanding.FIRM:
            words = f"{origin}: la llave del registro que firma v{version} fue comprometida"
            return Line("origen", f"{words}, y ningún testigo lo atestiguó antes", sound=None)
    return Line("origen", origin, sound=True)


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
    return _professional(members, signed, entry, trust), _seal(signed, trust)


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


def _log(entries: tuple[VerifiedEntry, ...]) -> Line:
    """Where each version is in the log, and who attested that very tree: witnesses of one say nothing of another."""
    said = [f"incluida (entrada {entry.index}), {_attested(entry)}" for entry in entries]
    if len(said) > 1:
        said = [f"v{version} {words}" for version, words in enumerate(said, start=1)]
    return Line("registro", "; ".join(said), sound=True, pending=not all(entry.witnesses for entry in entries))


def _attested(entry: VerifiedEntry) -> str:
    return f"atestiguada por {', '.join(sorted(entry.witnesses))}" if entry.witnesses else "no atestiguada"
