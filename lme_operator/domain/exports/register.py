"""An answer of the RNPI that another act rests on: its own evidence file, carried as a member of that act's."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from lme_operator.core.canonical import Json, decode
from lme_operator.domain.audit.container import README, EvidenceFault, open_strict
from lme_operator.domain.audit.evidence import check_manifests, check_receipts, manifest_name, receipt_name
from lme_operator.domain.audit.receipt import VerifiedEntry
from lme_operator.domain.audit.trust import Standing as KeyStanding
from lme_operator.domain.audit.trust import TrustFile
from lme_operator.domain.exports import consultation
from lme_operator.domain.exports.lines import Line, doubt
from lme_operator.domain.exports.scale import Topic
from lme_operator.domain.rnpi import evidence
from lme_operator.domain.rnpi.answers import Cause, Result
from lme_operator.domain.rnpi.events import CONSULTED

_MEMBERS = consultation.MEMBERS | {README, manifest_name(1), receipt_name(1)}


class RegisterFault(ValueError):
    """The evidence of the consultation does not hold; the text says where, in Spanish."""


@dataclass(frozen=True, slots=True)
class Registered:
    """A consultation whose evidence holds.

    `said` is its `consulta.json`; `prior` the last answer before it, None when there was none; `untold`: what about it
    could not be told, as when it is judged alone, empty when everything could.
    """

    entry: VerifiedEntry
    said: Mapping[str, Json]
    prior: Mapping[str, Json] | None
    untold: str

    def line(self, topic: Topic, words: str) -> Line:
        """Return the line that rests on it: open, and why, where something about it is."""
        return Line(topic, f"{words}; {self.untold}", sound=None) if self.untold else Line(topic, words, sound=True)

    def says(self, name: str) -> Json:
        """A value of the entry; None if it is not there."""
        return self.entry.disclosed.get(name)

    @property
    def excuses(self) -> bool:
        """Whether it leaves the exception open: another's fault, after an answer in force (N-4c)."""
        failed = (self.says("resultado"), self.says("causa")) == (Result.IMPOSSIBLE.value, Cause.FOREIGN.value)
        return failed and self.prior is not None and self.prior["resultado"] == Result.IN_FORCE.value


def open_register(
    file: bytes, act: VerifiedEntry, trust: TrustFile | None, *, consultation_id: Json, later: bool = False
) -> Registered:
    """Judge the evidence of the consultation named, about the person of `act`, in the same log and before it.

    `later`: it may come after the act, for it looks back on it. Raises `RegisterFault`.
    """
    try:
        members = open_strict(file)
        check_manifests(members)
        entry, *others = check_receipts(members, trust)
    except (EvidenceFault, ValueError) as fault:
        raise RegisterFault(f"la evidencia de la consulta no se sostiene ({fault})") from fault
    if others or entry.kind != CONSULTED.code or set(members) != _MEMBERS:
        raise RegisterFault("la evidencia no es de una consulta al RNPI")
    said = entry.disclosed
    same = (
        entry.origin == act.origin
        and (later or entry.index < act.index)
        and said.get("consulta") == consultation_id
        and said.get("run") == act.disclosed.get("run")
    )
    lines = consultation.judge_consultation(members, entry, trust)
    if not same or any(line.sound is False for line in lines):
        raise RegisterFault("la consulta no es la que nombra el acto")
    return Registered(
        entry,
        decode(members[evidence.CONSULTATION]),
        decode(members[evidence.PRIOR])["ultima_respuesta"],
        _untold(entry, lines, trust),
    )


def _untold(entry: VerifiedEntry, lines: Sequence[Line], trust: TrustFile | None) -> str:
    """What stays open about a consultation whose evidence holds."""
    if trust is None:
        return "sin archivo de confianza no se comprueba quién lo registró"
    if entry.standing is not KeyStanding.FIRM:
        return doubt(entry.standing, "su recibo lo firma una llave comprometida, y ningún testigo lo atestiguó antes")
    return "; ".join(f"{line.topic}: {line.answer}" for line in lines if line.sound is None)
