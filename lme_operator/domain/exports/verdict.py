"""The verdict on an evidence file, offline: integrity, origin, the act itself, log.

The order is that of formats v1: container, manifests, receipts, then what the members say, so that it is judged at the
entry's instant and every byte of every member is accounted for, also those that XML signatures ignore.
"""

from collections.abc import Callable, Mapping, Set
from dataclasses import dataclass

from lme_operator.domain.audit.container import EvidenceFault, open_strict
from lme_operator.domain.audit.evidence import check_manifests, check_receipts, manifest_name, receipt_name
from lme_operator.domain.audit.receipt import VerifiedEntry
from lme_operator.domain.audit.trust import Standing as KeyStanding
from lme_operator.domain.audit.trust import TrustFile
from lme_operator.domain.enrolment.in_person.events import ENROLLED_IN_PERSON
from lme_operator.domain.exports import consultation, enrolment, licence
from lme_operator.domain.exports.lines import Line, Verdict
from lme_operator.domain.issuance.refusals import LICENCE_ISSUED, LICENCE_RECHECKED
from lme_operator.domain.rnpi.events import CONSULTED

Judge = Callable[[Mapping[str, bytes], VerifiedEntry, TrustFile | None], tuple[Line, ...]]


@dataclass(frozen=True, slots=True)
class _Act:
    """A kind of act that has evidence: the members of version 1, those that the file itself names, and its judge."""

    members: frozenset[str]
    judge: Judge
    named: Callable[[Mapping[str, bytes]], frozenset[str]] = lambda _members: frozenset()


_ACTS: Mapping[str, _Act] = {
    LICENCE_ISSUED.code: _Act(licence.MEMBERS, licence.judge_licence, licence.named_excuse),
    ENROLLED_IN_PERSON.code: _Act(enrolment.MEMBERS, enrolment.judge_enrolment, enrolment.named_papers),
    CONSULTED.code: _Act(consultation.MEMBERS, consultation.judge_consultation),
}


@dataclass(frozen=True, slots=True)
class _Novelty:
    """What a later version may tell: of which act, with which members (`v{n}/` before them), and its judge."""

    act: str
    members: frozenset[str]
    judge: Callable[[Mapping[str, bytes], VerifiedEntry, VerifiedEntry, TrustFile | None], Line]


_NOVELTIES: Mapping[str, _Novelty] = {
    LICENCE_RECHECKED.code: _Novelty(
        LICENCE_ISSUED.code, frozenset({"recontrol.json", "rnpi.zip"}), licence.judge_recheck
    ),
}
"""Kinds of entry that a later version may have. A licence is looked at again once, in version 2."""


def judge_evidence(file: bytes, trust: TrustFile | None) -> Verdict:
    """Judge an evidence file, whatever the act. Never raises for what the file holds: every fault is a line."""
    try:
        members = open_strict(file)
        check_manifests(members)
        entries = check_receipts(members, trust)
    except EvidenceFault as fault:
        return Verdict((Line("integridad", f"alterada: {fault.member} ({fault.kind})", sound=False),))
    first = entries[0]
    act = _ACTS.get(first.kind)
    if act is None:
        return Verdict((Line("integridad", f"no es de un acto conocido ({first.kind})", sound=False),))
    wrong = _first_version_fault(members, act)
    if wrong is not None:
        return Verdict((Line("integridad", wrong, sound=False),))
    return Verdict(
        (
            _integrity(members, entries),
            _origin(entries, trust),
            *act.judge(members, first, trust),
            *_later(members, entries, trust),
            _log(entries),
        )
    )


def _first_version_fault(members: Mapping[str, bytes], act: _Act) -> str | None:
    """Version 1 has exactly the members of its act: else there is nothing to judge."""
    missing = sorted(act.members - set(members))
    if missing:
        return f"falta {missing[0]}"
    extra = _extra(members, 1, act.members | act.named(members))
    return f"sobra {extra[0]}" if extra else None


def _integrity(members: Mapping[str, bytes], entries: tuple[VerifiedEntry, ...]) -> Line:
    """What was added later must be of a known kind, with exactly the members of that kind."""
    for version, entry in enumerate(entries[1:], start=2):
        known = _NOVELTIES.get(entry.kind)
        if (
            known is None
            or known.act != entries[0].kind
            or entry.kind in {earlier.kind for earlier in entries[1 : version - 1]}
        ):
            return Line("integridad", f"v{version}: novedad desconocida o repetida ({entry.kind})", sound=False)
        of_version = {f"v{version}/{name}" for name in known.members}
        wrong = [*sorted(of_version - set(members)), *_extra(members, version, of_version)]
        if wrong:
            return Line("integridad", f"v{version}: falta o sobra {wrong[0]}", sound=False)
    return Line("integridad", "íntegra: cada miembro coincide con su manifiesto y su recibo", sound=True)


def _later(
    members: Mapping[str, bytes], entries: tuple[VerifiedEntry, ...], trust: TrustFile | None
) -> tuple[Line, ...]:
    """The lines of what was added later; what is not known has been refused as a whole."""
    try:
        return tuple(_NOVELTIES[entry.kind].judge(members, entries[0], entry, trust) for entry in entries[1:])
    except KeyError:
        return ()


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


def _log(entries: tuple[VerifiedEntry, ...]) -> Line:
    """Where each version is in the log, and who attested that very tree: witnesses of one say nothing of another."""
    said = [f"incluida (entrada {entry.index}), {_attested(entry)}" for entry in entries]
    if len(said) > 1:
        said = [f"v{version} {words}" for version, words in enumerate(said, start=1)]
    return Line("registro", "; ".join(said), sound=True, pending=not all(entry.witnesses for entry in entries))


def _attested(entry: VerifiedEntry) -> str:
    return f"atestiguada por {', '.join(sorted(entry.witnesses))}" if entry.witnesses else "no atestiguada"
