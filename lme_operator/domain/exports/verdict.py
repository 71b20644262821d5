"""The verdict on an evidence file, offline: integrity, origin, the act itself, log.

The order is that of formats v1: container, manifests, receipts, then what the members say, so that it is judged at the
entry's instant and every byte of every member is accounted for, also those that XML signatures ignore. What is missing
shows: a version may be followed by others, and each verdict says so.
"""

from collections.abc import Callable, Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import timedelta

from lme_operator.core.periods import legal_instant
from lme_operator.domain.audit.container import (
    EMPTY,
    PDF,
    STRUCTURE,
    TOO_LARGE,
    ZIPPED_AGAIN,
    EvidenceFault,
    open_strict,
)
from lme_operator.domain.audit.evidence import check_manifests, check_receipts, manifest_name, receipt_name
from lme_operator.domain.audit.receipt import VerifiedEntry
from lme_operator.domain.audit.trust import Standing as KeyStanding
from lme_operator.domain.audit.trust import TrustFile
from lme_operator.domain.enrolment.in_person.events import ENROLLED_IN_PERSON
from lme_operator.domain.exports import consultation, enrolment, licence
from lme_operator.domain.exports.backing import back
from lme_operator.domain.exports.lines import Judged, Line, Verdict, doubt
from lme_operator.domain.exports.lone_receipt import is_receipt, open_receipt, tell_entry
from lme_operator.domain.exports.scale import Author, Known, Topic
from lme_operator.domain.issuance.events import LICENCE_ISSUED, LICENCE_RECHECKED
from lme_operator.domain.rnpi.events import CONSULTED

_AHEAD = timedelta(minutes=5)
"""How far a witness's clock may be behind ours: what it saw earlier than that was dated later than it was made."""

_NOTHING = Known(trusted=False, witnessed=False, author=Author.NOBODY)
_UNREADABLE = "ilegible: no es un archivo de evidencia de la forma conocida"
_CONTAINER_WORDS: Mapping[str, str] = {
    TOO_LARGE: "ilegible: el contenedor tiene más miembros o más bytes, en uno o en todos, que un archivo de evidencia",
    EMPTY: "ilegible: el archivo está vacío",
    PDF: "ilegible: es un PDF, no un archivo de evidencia: pida la evidencia (ZIP) a quien tiene la licencia",
    ZIPPED_AGAIN: "no es el archivo que se entregó (el contenedor se volvió a comprimir): descárguelo de nuevo",
    STRUCTURE: "ilegible o alterado: contenedor (estructura)",
}


@dataclass(frozen=True, slots=True)
class Reader:
    """What whoever verifies brings: the operator's trust file, and thumbprints of the professional's own keys, each in
    its 43 characters or its twelve words.
    """

    trust: TrustFile | None
    keys: tuple[str, ...] = ()


Members = Mapping[str, bytes]
Judge = Callable[[Members, VerifiedEntry, Reader], Judged]


def _nothing(_members: Members, _entries: Sequence[VerifiedEntry]) -> tuple[Line, ...]:
    return ()


@dataclass(frozen=True, slots=True)
class _Act:
    """A kind of act that has evidence: the members of version 1, those that the file itself names, and its judge.

    `backing`: the lines of the four parts of N-2.4b; `lacks`: what a file of so many versions still lacks.
    """

    members: frozenset[str]
    judge: Judge
    named: Callable[[Members], frozenset[str]] = lambda _members: frozenset()
    backing: Callable[[Members, Sequence[VerifiedEntry]], tuple[Line, ...]] = _nothing
    lacks: Callable[[Members, Sequence[VerifiedEntry]], tuple[Line, ...]] = _nothing


_ACTS: Mapping[str, _Act] = {
    LICENCE_ISSUED.code: _Act(
        licence.MEMBERS,
        lambda members, entry, reader: licence.judge_licence(members, entry, reader.trust, keys=reader.keys),
        licence.named_members,
        back,
        licence.lacks_second_look,
    ),
    ENROLLED_IN_PERSON.code: _Act(
        enrolment.MEMBERS,
        lambda members, entry, reader: Judged(enrolment.judge_enrolment(members, entry, reader.trust)),
        enrolment.named_papers,
    ),
    CONSULTED.code: _Act(
        consultation.MEMBERS,
        lambda members, entry, reader: Judged(consultation.judge_consultation(members, entry, reader.trust)),
    ),
}


@dataclass(frozen=True, slots=True)
class _Novelty:
    """What a later version may tell: of which act, with which members (`v{n}/` before them), and its judge."""

    act: str
    members: frozenset[str]
    judge: Callable[[Members, VerifiedEntry, VerifiedEntry, TrustFile | None], Line]


_NOVELTIES: Mapping[str, _Novelty] = {
    LICENCE_RECHECKED.code: _Novelty(
        LICENCE_ISSUED.code, frozenset({"recontrol.json", "rnpi.zip"}), licence.judge_recheck
    ),
}
"""Kinds of entry that a later version may have. A licence is looked at again once, in version 2."""


def judge_evidence(file: bytes, trust: TrustFile | None, *, keys: tuple[str, ...] = ()) -> Verdict:
    """Judge an evidence file, whatever the act, or a receipt by itself. Never raises: every fault is a line.

    `keys`: thumbprints of the professional's keys that the reader has from elsewhere, as the constancia tells them.
    """
    try:
        return judge_whole(file, Reader(trust, keys))
    except Exception:  # noqa: BLE001 - a stranger's file is judged, whatever it does to a library
        return _unreadable(_UNREADABLE)


def judge_whole(file: bytes, reader: Reader) -> Verdict:
    """Judge as `judge_evidence`, without its last net: tests demand that no file falls into it."""
    trust = reader.trust
    if is_receipt(file):
        return _judge_receipt(file, reader)
    try:
        members = open_strict(file)
        check_manifests(members)
        entries = check_receipts(members, trust)
    except EvidenceFault as fault:
        words = _CONTAINER_WORDS.get(fault.kind, f"alterada: {fault.member} ({fault.kind})")
        return _unreadable(words)
    act = _ACTS.get(entries[0].kind)
    if act is None:
        return _unreadable(f"no es de un acto conocido ({entries[0].kind})")
    missing = sorted(act.members - set(members))
    extra = [] if missing else _extra(members, 1, act.members | act.named(members))
    if extra:
        return _unreadable(f"sobra {extra[0]}")
    judged = Judged(()) if missing else act.judge(members, entries[0], reader)
    integrity = _integrity(members, entries)
    if missing and integrity.sound:
        integrity = Line(Topic.INTEGRITY, f"falta {missing[0]}", sound=None)
    lines = (
        integrity,
        _origin(entries, trust),
        *judged.lines,
        *_unasked(judged, reader),
        *act.lacks(members, entries),
        *(() if integrity.sound is False else _later(members, entries, trust)),
        *act.backing(members, entries),
        _version(entries, trust),
        _log(entries, trust),
    )
    return Verdict(lines, _known(entries, trust, judged.author))


def _judge_receipt(file: bytes, reader: Reader) -> Verdict:
    """Judge a receipt by itself: nothing but the entry that it proves."""
    entry = open_receipt(file, reader.trust)
    if isinstance(entry, Line):
        return Verdict((entry,), _NOTHING)
    lines = (
        *tell_entry(entry, reader.keys),
        _origin((entry,), reader.trust),
        Line(Topic.VERSION, f"es de una sola entrada; puede haber posteriores: {_whom(reader.trust)}", sound=True),
        _log((entry,), reader.trust),
    )
    return Verdict(lines, _known((entry,), reader.trust, Author.NOBODY))


def _known(entries: Sequence[VerifiedEntry], trust: TrustFile | None, author: Author) -> Known:
    """As firm as the least firm version, and as attested: what was added later may be what the verdict leans on."""
    firm = trust is not None and all(entry.standing is KeyStanding.FIRM for entry in entries)
    return Known(trusted=firm, witnessed=firm and not any(_lacking(entry, trust) for entry in entries), author=author)


def _unreadable(words: str) -> Verdict:
    return Verdict((Line(Topic.INTEGRITY, words, sound=False),), _NOTHING)


def _integrity(members: Members, entries: Sequence[VerifiedEntry]) -> Line:
    """What was added later must be of a known kind, with exactly the members of that kind."""
    for version, entry in enumerate(entries[1:], start=2):
        known = _NOVELTIES.get(entry.kind)
        if (
            known is None
            or known.act != entries[0].kind
            or entry.kind in {earlier.kind for earlier in entries[1 : version - 1]}
        ):
            return Line(Topic.INTEGRITY, f"v{version}: novedad desconocida o repetida ({entry.kind})", sound=False)
        of_version = {f"v{version}/{name}" for name in known.members}
        wrong = [*sorted(of_version - set(members)), *_extra(members, version, of_version)]
        if wrong:
            return Line(Topic.INTEGRITY, f"v{version}: falta o sobra {wrong[0]}", sound=False)
    return Line(Topic.INTEGRITY, "íntegra: cada miembro coincide con su manifiesto y su recibo", sound=True)


def _later(members: Members, entries: Sequence[VerifiedEntry], trust: TrustFile | None) -> tuple[Line, ...]:
    """The lines of what was added later, once it is known that each is of a kind that may be, and there once."""
    return tuple(_NOVELTIES[entry.kind].judge(members, entries[0], entry, trust) for entry in entries[1:])


def _extra(members: Members, version: int, known: Set[str]) -> list[str]:
    """Members of the version that nobody asks for."""
    known = known | {manifest_name(version), receipt_name(version)}
    return sorted(name for name in members if name.startswith(f"v{version}/") and name not in known)


def _origin(entries: Sequence[VerifiedEntry], trust: TrustFile | None) -> Line:
    """Whose log it is: as firm as the least firm of the entries."""
    origin = entries[0].origin
    if trust is None:
        return Line(Topic.ORIGIN, "origen no comprobado: falta el archivo de confianza", sound=None)
    for version, entry in enumerate(entries, start=1):
        if entry.standing is not KeyStanding.FIRM:
            compromised = (
                f"la llave del registro que firma v{version} fue comprometida, y ningún testigo lo atestiguó antes"
            )
            return Line(Topic.ORIGIN, f"{origin}: {doubt(entry.standing, compromised)}", sound=None)
    return Line(Topic.ORIGIN, origin, sound=True)


def _unasked(judged: Judged, reader: Reader) -> tuple[Line, ...]:
    """A key that the reader brought, where the act is of nobody who signs with one: the question stays open."""
    told = any(line.topic in (Topic.AUTHOR, Topic.SIGNATURE) for line in judged.lines)
    if not reader.keys or told:
        return ()
    return (Line(Topic.AUTHOR, "este acto no lo firma la llave de un profesional: --llave no se aplica", sound=None),)


def _version(entries: Sequence[VerifiedEntry], trust: TrustFile | None) -> Line:
    """Nothing in a file can prove that nothing came after it."""
    return Line(Topic.VERSION, f"versión {len(entries)}; puede haber posteriores: {_whom(trust)}", sound=True)


def _whom(trust: TrustFile | None) -> str:
    return f"pídalas a {'quien se la entregó' if trust is None else trust.origins[0]}"


def _log(entries: Sequence[VerifiedEntry], trust: TrustFile | None) -> Line:
    """Where each version is in the log, and who attested that very tree: witnesses of one say nothing of another."""
    said = [f"incluida (entrada {entry.index}), {_attested(entry, trust)}" for entry in entries]
    if len(said) > 1:
        said = [f"v{version} {words}" for version, words in enumerate(said, start=1)]
    early = any(seen.at < entry.at - _AHEAD for entry in entries for seen in entry.witnesses)
    if early:
        said.append("un testigo la vio antes del instante que declara")
    pending = any(_lacking(entry, trust) for entry in entries)
    return Line(Topic.LOG, "; ".join(said), sound=None if early else True, pending=pending)


def _lacking(entry: VerifiedEntry, trust: TrustFile | None) -> str:
    """Name a witness of the trust file that does not attest the entry; empty when none lacks. None named: one lacks."""
    named = frozenset() if trust is None else trust.witnesses_at(entry.size - 1)
    return next(iter(sorted(named - {seen.witness for seen in entry.witnesses})), "" if named else "un testigo")


def _attested(entry: VerifiedEntry, trust: TrustFile | None) -> str:
    """Since when it is attested, by the first who saw it; and that attestation is pending, while any lacks."""
    lacking = _lacking(entry, trust)
    if not entry.witnesses:
        return "atestación pendiente"
    since = min(seen.at for seen in entry.witnesses)
    whom = ", ".join(sorted(seen.witness for seen in entry.witnesses))
    words = f"atestiguada desde {legal_instant(since)} por {whom}"
    return f"{words}; atestación pendiente de {lacking}" if lacking else words
